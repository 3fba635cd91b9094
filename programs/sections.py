"""An application form in short sections, as its questions name them; names come first, the agreements last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from programs.models import Question


@dataclass(frozen=True)
class Section:
    """A page of the form: its number from 1, its title, its questions."""

    number: int
    title: str
    questions: list[Question] = field(default_factory=list)

    @property
    def codes(self) -> set[str]:
        return {question.code for question in self.questions}


def split(questions: Iterable[Question]) -> list[Section]:
    """The sections in the order of their first questions; questions without one share the first."""
    titles: dict[str, list[Question]] = {}
    for question in questions:
        titles.setdefault(question.section, []).append(question)
    named = list(titles.items()) or [("", [])]
    return [Section(number, title or _("About you"), asked) for number, (title, asked) in enumerate(named, start=1)]


def holding(sections: Sequence[Section], code: str) -> Section:
    """The section in which a question stands."""
    return next(section for section in sections if code in section.codes)
