"""Three ways to begin a first conversation, from what the two have told each other. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

SAME = ("areas", "goals")  # questions in which an answer that both gave opens a conversation


@dataclass(frozen=True)
class Side:
    """One of the two: the name they go by, and their shared answers in words, by question."""

    name: str
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)


def openers(mentor: Side, mentee: Side) -> list[str]:
    """Always three: what both named, what the mentee hopes for, and one that always works."""
    found = []
    both = _both(mentor, mentee)
    if both:
        found.append(_("You both named “%(what)s”. %(mentor)s, how did you come to it?") % {
            "what": both, "mentor": mentor.name,
        })  # fmt: skip
    hope = next((goal for goal in mentee.answers.get("goals", ()) if goal != both), "")
    if hope:
        found.append(_("%(mentee)s hopes for this: “%(what)s”. What would a first small step look like?") % {
            "mentee": mentee.name, "what": hope,
        })  # fmt: skip
    found += [
        _("What do you know now about your work that no course told you?"),
        _("%(mentor)s, what was the most useful thing anybody told you at the beginning?") % {"mentor": mentor.name},
        _("%(mentee)s, what would make you glad in a year that you took part?") % {"mentee": mentee.name},
    ]
    return found[:3]


def _both(mentor: Side, mentee: Side) -> str:
    """The first thing that both named, in the mentee's order."""
    for code in SAME:
        for answer in mentee.answers.get(code, ()):
            if answer in mentor.answers.get(code, ()):
                return answer
    return ""
