"""Questions are rows: this turns them into a form, cleans what people answer, and gives it back with its labels.

An answer is kept by its question's code and by the codes of its options: a line or text as it was written, a whole
number, True or False, "2026-07" for a month, "America/New_York" for a zone, a code for one of several, a list of codes
for several. Nothing is kept for a question that was not answered.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members.fields import read_by
from programs import answer_fields
from programs.models import FormVersion, Program, Question

Kind = Question.Kind


def of(program: Program, moment: str, role: str) -> list[Question]:
    """The questions of one form as this role is asked them, in their order.

    A question for one role takes the place of the one for both under the same code. Job-search options are not
    offered where the program is not about that.
    """
    asked: dict[str, Question] = {}
    for question in program.questions.filter(moment=moment, role__in=["", role]).order_by("order", "pk"):
        if question.code not in asked or question.role:
            asked[question.code] = question
        question.options = offered(question.options, program)
    return sorted(asked.values(), key=lambda question: (question.order, question.pk))


def offered(options: Sequence[dict], program: Program) -> list[dict]:
    """The options that this program may offer."""
    return [option for option in options if program.job_search or "job_search" not in option.get("flags", ())]


def is_asked(question: Question, answers: Mapping[str, Any]) -> bool:
    """Whether a question is asked at all, seen what was answered to the others."""
    return all(_words(answers.get(code)) & set(options) for code, options in (question.shown_when or {}).items())


def _words(answer: Any) -> set[str]:
    """An answer as the codes that `shown_when` names."""
    if isinstance(answer, bool):
        return {"yes" if answer else "no"}
    if isinstance(answer, list):
        return set(answer)
    return set() if answer is None else {str(answer)}


def settle(
    questions: Sequence[Question], answers: dict[str, Any], failed: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Drop what was not asked, given the other answers, and name what needs an answer and has none."""
    kept = {code: value for code, value in answers.items() if not _is_empty(value)}
    while extra := {q.code for q in questions if q.code in kept and not is_asked(q, kept)}:
        kept = {code: value for code, value in kept.items() if code not in extra}
    missing = {
        question.code: _("This needs an answer.")
        for question in questions
        if question.required
        and question.kind != Kind.SCALE  # “No answer” is one of a scale's words
        and question.code not in kept
        and question.code not in set(failed)
        and is_asked(question, kept)
    }
    return kept, missing


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def clean(
    questions: Sequence[Question], raw: Mapping[str, Any], *, partial: bool = False
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a file (or a kept draft) says, as answers, and what is wrong by code. `partial`: nothing is needed yet.

    An option may be given by its code or its label, several in one text joined by "; ".
    """
    answers, errors = {}, {}
    for question in questions:
        if _is_empty(raw.get(question.code)):
            continue
        control = answer_fields.field_for(question)
        try:
            typed = answer_fields.from_text(question, raw[question.code])
            answers[question.code] = answer_fields.to_answer(question, control.clean(typed))
        except ValidationError as error:
            errors[question.code] = " ".join(error.messages)
    answers, missing = settle(questions, answers, errors)
    return answers, {**errors, **({} if partial else missing)}


@dataclass(frozen=True)
class FormSection:
    """A named part of a form and its fields."""

    name: str
    fields: list[forms.BoundField] = field(default_factory=list)


class AnswersForm(forms.Form):
    """The form of some questions, each with who reads it beside it. Works as any form does; crispy draws it.

    `initial` are answers as they are kept; `filled_from` says in words where they came from, if not from this very
    form; `reads` replaces "who reads this", for every question or by code.
    """

    def __init__(
        self,
        questions: Iterable[Question],
        data=None,
        initial: Mapping[str, Any] | None = None,
        *,
        reads: str | Mapping[str, str] = "",
        filled_from: str = "",
        **kwargs,
    ):
        self.questions = list(questions)
        kept = initial or {}
        shown = {q.code: answer_fields.to_initial(q, kept[q.code]) for q in self.questions if q.code in kept}
        super().__init__(data, initial={**kept, **shown}, **kwargs)
        for question in self.questions:
            control: Any = answer_fields.field_for(question)  # a field, with our own notes on it
            # What is asked only sometimes is looked at in `clean`, when the other answers are known.
            control.required = question.required and not question.shown_when
            control.asked_when = question.shown_when
            if filled_from and question.code in kept:
                control.filled_from = filled_from
            own = reads.get(question.code, "") if isinstance(reads, Mapping) else reads
            self.fields[question.code] = read_by(control, own or who_reads(question))

    @property
    def helper(self):
        from crispy_forms.helper import FormHelper

        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        return helper

    def clean(self):
        data = super().clean()
        given = {q.code: answer_fields.to_answer(q, data[q.code]) for q in self.questions if q.code in data}
        self._kept, missing = settle(self.questions, {**self._elsewhere(), **given}, self.errors)
        for code, reason in missing.items():
            self.add_error(code, reason)
        return data

    def _elsewhere(self) -> dict[str, Any]:
        """Answers given on other pages of the same form, on which a question here may depend."""
        own = {question.code for question in self.questions}
        return {code: value for code, value in self.initial.items() if code not in own}

    def answers(self) -> dict[str, Any]:
        """What was answered here, ready to be kept; None where an answer was left open or is not asked for.

        A question with an error is left out, so that what was kept before stays.
        """
        wrong = set(self.errors)
        return {q.code: self._kept.get(q.code) for q in self.questions if q.code not in wrong}

    def sections(self) -> list[FormSection]:
        """The fields by section, in the order of the sections' first questions."""
        found: dict[str, FormSection] = {}
        for question in self.questions:
            found.setdefault(question.section, FormSection(question.section)).fields.append(self[question.code])
        return list(found.values())


def who_reads(question: Question) -> str:
    """Who reads an answer, in words for the person who is asked."""
    if question.audience == Question.Audience.COMMITTEE:
        return _("the committee only.")
    partner = {"mentor": question.program.mentee_word, "mentee": question.program.mentor_word}.get(question.role)
    if not partner:
        return _("the committee; later, the person you are matched with.")
    return _("the committee; later, your %(partner)s.") % {"partner": partner}


@dataclass(frozen=True)
class Answered:
    """One answer as people read it: `text` in one line, `values` one by one."""

    code: str
    label: str
    text: str
    values: tuple[str, ...]
    section: str
    audience: str


def labelled(
    asked: FormVersion | Iterable[Question], answers: Mapping[str, Any], audience: str | None = None
) -> list[Answered]:
    """The answers under the questions they were given to, in their order. `audience` leaves only those it may read."""
    rows = asked.questions if isinstance(asked, FormVersion) else [_wording(question) for question in asked]
    found = []
    for row in rows:
        value = answers.get(row["code"])
        if _is_empty(value) or (audience is not None and row["audience"] != audience):
            continue
        values = answer_fields.in_words(row, value)
        found.append(
            Answered(row["code"], row["label"], ", ".join(values), values, row["section"], str(row["audience"]))
        )
    return found


def version(questions: Sequence[Question]) -> FormVersion:
    """The wording that answers are given to, kept once: the same wording is the same row."""
    rows = [_wording(question) for question in questions]
    canonical = json.dumps(rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    kept = FormVersion.objects.filter(hash=digest).first()
    if kept:
        return kept
    try:
        with transaction.atomic():
            return FormVersion.objects.create(hash=digest, questions=rows)
    except IntegrityError:
        return FormVersion.objects.get(hash=digest)


def _wording(question: Question) -> dict[str, Any]:
    return {
        "code": question.code,
        "kind": str(question.kind),
        "label": question.label,
        "help": question.help,
        "options": question.options,
        "required": question.required,
        "audience": str(question.audience),
        "section": question.section,
        "shown_when": question.shown_when,
    }
