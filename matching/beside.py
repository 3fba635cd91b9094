"""Two applications side by side: the same question in one line, what both said marked."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from programs import answer_fields
from programs.models import Application, Question, Role

SHORT = {
    "employer": _("Works at"),
    "job_title": _("As"),
    "position_type": _("Position"),
    "library_type": _("Library"),
    "region": _("Where"),
    "time_zone": _("Time zone"),
    "years": _("Years"),
    "career_stage": _("On the way"),
    "areas": _("Areas"),
    "goals": _("Goals"),
    "channels": _("How"),
    "cadence": _("How often"),
    "hours": _("Hours"),
    "prefers": _("Wishes"),
    "about": _("In their words"),
    "wish": _("Hopes for"),
}
"""Questions that every program asks, in a word; any other stands with its own."""
SAID_ELSEWHERE = {"mentees_wanted"}


@dataclass(frozen=True)
class Said:
    """One answer, or one of several; `shared` when both gave it."""

    text: str
    shared: bool
    quoted: bool


@dataclass(frozen=True)
class Line:
    """One question with what each of the two said."""

    label: str
    mentee: tuple[Said, ...]
    mentor: tuple[Said, ...]


def lines(questions: Iterable[Question], mentee: Application, mentor: Application | None) -> list[Line]:
    """Every question that one of them answered, in the order in which they are asked."""
    asked: dict[str, dict[str, Question]] = {}
    for question in questions:
        if question.code in SAID_ELSEWHERE:
            continue
        for role in [question.role] if question.role else [Role.MENTEE, Role.MENTOR]:
            asked.setdefault(question.code, {})[role] = question
    found = []
    for code, by_role in asked.items():
        one, other = mentee.answers.get(code), mentor.answers.get(code) if mentor else None
        both = _codes(one) & _codes(other)
        said = _said(by_role.get(Role.MENTEE), one, both), _said(by_role.get(Role.MENTOR), other, both)
        if said[0] or said[1]:
            question = by_role.get(Role.MENTEE) or by_role[Role.MENTOR]
            found.append(Line(str(SHORT.get(code, question.label)), *said))
    return found


def _codes(answer: object) -> set[str]:
    if isinstance(answer, list):
        return {str(code) for code in answer}
    return {answer} if isinstance(answer, str) and answer else set()


def _said(question: Question | None, answer: object, both: set[str]) -> tuple[Said, ...]:
    if question is None or answer in (None, "", []):
        return ()
    quoted = question.kind == Question.Kind.TEXT
    parts = answer if isinstance(answer, list) else [answer]
    row = {"kind": str(question.kind), "options": question.options}
    marked = question.kind not in (Question.Kind.TEXT, Question.Kind.LINE, Question.Kind.NUMBER)
    return tuple(
        Said(
            ", ".join(answer_fields.in_words(row, [part] if isinstance(answer, list) else part)),
            marked and part in both,
            quoted,
        )
        for part in parts
    )
