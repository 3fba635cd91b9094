"""How matching is told to people: fits, reasons, what a change would cost. The only place with thresholds in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching.models import Criterion
from matching.score import Veto
from programs.models import Question, Role

VERY_GOOD, GOOD = 650, 450
"""Points of 1000 from which a fit is called very good, and good; under that it is fair."""

YEARS = "years"  # the question whose answer is a number of years, also kept as a column of an application


@dataclass(frozen=True)
class Fit:
    """A fit as people read it: three bars and a word."""

    level: int
    word: str


def fit(score: int) -> Fit:
    """Very good, good or fair."""
    if score >= VERY_GOOD:
        return Fit(3, _("Very good fit"))
    return Fit(2, _("Good fit")) if score >= GOOD else Fit(1, _("Fair fit"))


def a_fit(score: int) -> str:
    """The same inside a sentence: "a very good fit"."""
    if score >= VERY_GOOD:
        return _("a very good fit")
    return _("a good fit") if score >= GOOD else _("a fair fit")


@dataclass(frozen=True)
class Why:
    """What speaks for a pair and what does not, in a few words each; the rows behind it for whoever asks for points."""

    speaks_for: tuple[str, ...]
    does_not: tuple[str, ...]
    rows: tuple[tuple[str, float, int], ...]

    @property
    def short(self) -> str:
        """One line: what speaks for it, then what does not."""
        return " · ".join((*self.speaks_for[:3], *self.does_not[: max(1, 3 - len(self.speaks_for))]))


class Wording:
    """Puts stored reasons into words with the labels of a program's questions."""

    def __init__(self, criteria: Iterable[Criterion], questions: Iterable[Question]) -> None:
        self.criteria = {row.code: row for row in criteria}
        self.questions = {(question.code, question.role): question for question in questions}

    def question(self, code: str, role: str) -> Question | None:
        return self.questions.get((code, role)) or self.questions.get((code, ""))

    def labels(self, row: Criterion, codes: Sequence[str]) -> list[str]:
        """The options' labels in small letters, as they stand inside a line."""
        found: dict[str, str] = {}
        for code, role in ((row.mentor_question, Role.MENTOR), (row.mentee_question, Role.MENTEE)):
            if question := self.question(code, role):
                found |= {option["code"]: option["label"] for option in question.options}
        return [_small(found.get(code, code)) for code in codes]

    def why(self, reasons: Sequence[dict[str, Any]], *, shown_to_both: bool = False) -> Why:
        """What stands in a match's `reasons`. `shown_to_both` leaves out what only the committee reads."""
        plus: list[str] = []
        minus: list[str] = []
        rows: list[tuple[str, float, int]] = []
        for reason in sorted(reasons, key=lambda reason: -reason.get("of", 0)):
            if "note" in reason:
                if not shown_to_both:
                    plus += [note for note in [GOOD_NOTES.get(reason["note"])] if note]
                    minus += [note for note in [OTHER_NOTES.get(reason["note"])] if note]
                continue
            row = self.criteria.get(reason["code"])
            if row is None:
                continue
            rows.append((row.label, reason["points"], reason["of"]))
            if shown_to_both and not self._both_may_read(row):
                continue
            good, bad = self._line(row, reason)
            plus += good
            minus += bad
        return Why(tuple(str(line) for line in plus), tuple(str(line) for line in minus), tuple(rows))

    def _both_may_read(self, row: Criterion) -> bool:
        asked = [
            question
            for question in (
                self.question(row.mentee_question, Role.MENTEE),
                self.question(row.mentor_question, Role.MENTOR),
            )
            if question
        ]
        return row.kind != Criterion.Kind.WISH and all(
            question.audience == Question.Audience.PARTNER for question in asked
        )

    def _line(self, row: Criterion, reason: dict[str, Any]) -> tuple[list[str], list[str]]:
        """(speaks for it, does not) for one thing that we look at."""
        if not reason["answered"]:
            return [], []
        shared, lacks = self.labels(row, reason["shared"]), self.labels(row, reason["lacks"])
        if reason["apart"] is not None:
            return self._measured(row, reason)
        if row.kind == Criterion.Kind.WISH:
            return (
                [_("wished for and so: %s") % ", ".join(shared)] if shared else [],
                [_("wished for, but not so: %s") % ", ".join(lacks)] if lacks else [],
            )
        if shared:
            whole = _several(row, self)
            text = ", ".join(shared) if whole else _("both: %s") % ", ".join(shared)
            missing = [_("nobody for %s") % ", ".join(lacks)] if lacks and len(lacks) > len(shared) else []
            return [text], missing
        return [], [_("not so: %s") % _small(row.label)] if lacks else []

    def _measured(self, row: Criterion, reason: dict[str, Any]) -> tuple[list[str], list[str]]:
        """The same for a difference: of years, of clocks, of hours."""
        apart, good = round(reason["apart"]), reason["points"] * 2 > reason["of"]
        if row.kind == Criterion.Kind.GAP and row.mentee_question == YEARS:
            text = ngettext("%d year ahead", "%d years ahead", abs(apart)) % abs(apart)
            if apart < 0:
                text = ngettext("%d year behind", "%d years behind", -apart) % -apart
            if apart == 0:
                text = _("as many years in the work")
        elif row.kind == Criterion.Kind.NEAR and _is_zone(row, self):
            text = ngettext("%d hour time difference", "%d hours time difference", apart) % apart
            if apart == 0:
                text = _("same time zone")
        else:
            text = _small(row.label) if good else _("not quite: %s") % _small(row.label)
        return ([text], []) if good else ([], [text])


GOOD_NOTES = {"former": gettext_lazy("were a pair before"), "waited": gettext_lazy("waits since an earlier cycle")}
OTHER_NOTES = {"employer": gettext_lazy("same employer"), "each_other": gettext_lazy("would mentor each other")}


def _several(row: Criterion, wording: Wording) -> bool:
    question = wording.question(row.mentee_question, Role.MENTEE)
    return question is not None and question.kind == Question.Kind.SEVERAL


def _is_zone(row: Criterion, wording: Wording) -> bool:
    question = wording.question(row.mentee_question, Role.MENTEE)
    return question is None or question.kind == Question.Kind.ZONE


def _small(text: str) -> str:
    """A label inside a line: a capital first letter goes, unless the word is an abbreviation or a lone name."""
    return text[:1].lower() + text[1:] if len(text) > 1 and text[1:2].islower() else text


AGAINST = {
    Veto.GATE: gettext_lazy("one of them does not meet a requirement"),
    Veto.SAME_PERSON: gettext_lazy("they are the same person"),
    Veto.NO_PLACE: gettext_lazy("there is no place left"),
    Veto.NOT_AGAIN: gettext_lazy("they parted as not the right fit"),
    Veto.NO_SCORE: gettext_lazy("the pair is not allowed"),
    Veto.FORBIDDEN: gettext_lazy("the committee said: not these two"),
    Veto.SAME_EMPLOYER: gettext_lazy("both work for the same employer"),
    Veto.UNDER_MINIMUM: gettext_lazy("they fit too little"),
    Veto.STEPPED_ASIDE: gettext_lazy("somebody of the committee has stepped aside from them"),
}


def against(found: Veto) -> list[str]:
    """What stands against a pair, a line for each rule."""
    return [str(words) for veto, words in AGAINST.items() if found & veto]


def people(names: Iterable[str]) -> str:
    """ "Ann, Bea and Cal"."""
    return get_text_list(list(names), _("and"))


def nobody_to_match(found) -> str:
    """Why there is nothing to suggest."""
    if not found.people:
        return _("Nobody has been accepted yet. As soon as there are mentors and mentees, a suggestion takes a second.")
    if not found.mentees:
        return _("Every accepted mentee has a mentor. There is nobody left to match.")
    return _("No accepted mentor has a free place. Ask for one more mentor, then suggest again.")


def refusal(found, refused) -> str:
    """Why a pair that is kept together cannot be, by name."""
    return _("%(mentor)s with %(mentee)s cannot stay kept together: %(why)s.") % {
        "mentor": found.people[refused.mentor],
        "mentee": found.people[refused.mentee],
        "why": refused.why,
    }


def for_both(why: Why) -> str:
    """What speaks for a pair, in one sentence for the two of them; empty when nothing of it is theirs to read."""
    if not why.speaks_for:
        return ""
    return _("What speaks for you two: %s.") % "; ".join(why.speaks_for[:4])
