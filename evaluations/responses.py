"""What was answered: kept once, read by few."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from evaluations import notices
from evaluations.models import Afterwards, Receipt, Response
from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from programs import questions
from programs.models import Cycle, Question


class Already(NotAllowed):
    """This evaluation was given before; the first one stays."""


def asked(receipt: Receipt) -> list[Question]:
    """The questions of this evaluation for this side."""
    return questions.of(receipt.term.mentorship.program, receipt.moment, receipt.role)


def asked_afterwards(receipt: Receipt) -> list[Question]:
    """The second page, with the person's name; only after the end, and only if the program has one."""
    if receipt.moment != Receipt.Moment.END:
        return []
    return questions.of(receipt.term.mentorship.program, Question.Moment.AFTERWARDS, receipt.role)


def is_open(receipt: Receipt) -> bool:
    """Whether it can still be given: until the end of its last day, whatever became of the pair."""
    return not receipt.answered and clock.today(receipt.cycle.zone) <= receipt.closes_on


def answer(receipt: Receipt, answers: Mapping[str, Any], *, by: User) -> Response:
    """Keep one evaluation. Given twice, the first stays and `Already` says so.

    Anonymous: nothing ties the answers to the person, no line of the history tells when they came.
    """
    if by.pk != receipt.user_id:
        raise NotAllowed(_("This evaluation was for somebody else."))
    if not receipt.answered and not is_open(receipt):
        raise NotAllowed(_("This evaluation is closed. Write to us, a person reads it."))
    cycle = receipt.cycle
    form = asked(receipt)
    given = {question.code: answers[question.code] for question in form if answers.get(question.code) is not None}
    confidential = cycle.evaluation_mode == Cycle.EvaluationMode.CONFIDENTIAL
    with transaction.atomic():
        if not Receipt.objects.filter(pk=receipt.pk, answered=False).update(answered=True):
            raise Already(_("We have it already. Thank you."))
        receipt.answered = True
        response = Response.objects.create(
            cycle=cycle,
            role=receipt.role,
            moment=receipt.moment,
            mode=cycle.evaluation_mode,
            receipt=receipt if confidential else None,
            answers=given,
            form_version=questions.version(form),
        )
        notices.answered(receipt)
        if confidential:
            journal.record(receipt, "answered", by=by)
    return response


def answer_afterwards(receipt: Receipt, answers: Mapping[str, Any], *, by: User) -> Afterwards:
    """Keep the second page with the person; it may be changed as long as they like."""
    if by.pk != receipt.user_id:
        raise NotAllowed(_("This page was for somebody else."))
    if not receipt.answered:
        raise NotAllowed(_("The evaluation comes first."))
    form = asked_afterwards(receipt)
    given = {question.code: answers[question.code] for question in form if answers.get(question.code) is not None}
    with transaction.atomic():
        kept, made = Afterwards.objects.update_or_create(
            receipt=receipt, defaults={"answers": given, "form_version": questions.version(form)}
        )
        journal.record(receipt, "second_page" if made else "second_page_changed", by=by)
    return kept
