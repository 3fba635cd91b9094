"""Who is asked for an evaluation, when, and who is reminded."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from evaluations import notices
from evaluations.models import Receipt
from members import clock
from mentorships.days import morning
from mentorships.models import Term
from programs import dates
from programs.models import Program, Role

REMINDERS = (7, 14)  # days after it was asked
HALFWAY_LEAST = timedelta(days=28)  # so close to the end, the evaluation itself asks


def ask(term: Term, role: str, moment: str, *, at: datetime) -> Receipt | None:
    """Ask one side of one term, once; None when they were asked already."""
    return next(iter(ask_together([(term, role)], moment, at=at)), None)


def ask_together(sides: Sequence[tuple[Term, str]], moment: str, *, at: datetime) -> list[Receipt]:
    """Ask one person about these terms by one mail; those about which they were asked already are left out."""
    with transaction.atomic():
        asked = [receipt for term, role in sides if (receipt := _made(term, role, moment, at))]
        if asked:
            notices.asked(asked)
    return asked


def _made(term: Term, role: str, moment: str, at: datetime) -> Receipt | None:
    mentorship = term.mentorship
    program = mentorship.program
    asked_on = clock.day_of(at, program.time_zone)
    try:
        with transaction.atomic():
            return Receipt.objects.create(
                term=term,
                user=mentorship.person(role),
                role=role,
                moment=moment,
                asked_on=asked_on,
                closes_on=asked_on + timedelta(days=program.evaluation_days),
            )
    except IntegrityError:
        if not Receipt.objects.filter(term=term, role=role, moment=moment).exists():
            raise
        return None


def remind(receipt: Receipt, number: int) -> bool:
    """Remind somebody who has not answered; False when they have, or were reminded already."""
    return bool(remind_together([receipt], number))


def remind_together(receipts: Sequence[Receipt], number: int) -> list[Receipt]:
    """Remind one person by one mail of all of these that they have not answered."""
    with transaction.atomic():
        waiting = Receipt.objects.filter(answered=False, reminders__lt=number)
        found = [receipt for receipt in receipts if waiting.filter(pk=receipt.pk).update(reminders=number)]
        if found:
            notices.reminder(found, number, good_until=min(_next_word(receipt, number) for receipt in found))
    return found


def _next_word(receipt: Receipt, number: int) -> datetime:
    """When the next reminder is due, else the last moment for an answer."""
    zone = receipt.cycle.zone
    if number < len(REMINDERS):
        day = receipt.asked_on + timedelta(days=REMINDERS[number])
        if day < receipt.closes_on:
            return morning(day, zone)
    return clock.end_of(receipt.closes_on, zone)


def halfway(program: Program, term: Term) -> date | None:
    """The day of the midway feedback; None where the program has none or the term is too short for it."""
    if not program.midway_after_months:
        return None
    day = dates.add_months(term.begins_on, program.midway_after_months)
    return day if day <= term.ends_on - HALFWAY_LEAST else None


def reminders_due(receipt: Receipt, today: date) -> int:
    """How many reminders should have left by today; none on or after the last day."""
    return sum(
        receipt.asked_on + timedelta(days=days) <= today for days in REMINDERS
        if receipt.asked_on + timedelta(days=days) < receipt.closes_on
    )  # fmt: skip


SIDES = (Role.MENTOR, Role.MENTEE)
