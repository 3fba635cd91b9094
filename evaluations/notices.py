"""The mails of an evaluation."""

from datetime import datetime, timedelta

from evaluations.models import Receipt
from mail import outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient
from members import clock, journal
from programs import questions

FIRST = {Receipt.Moment.MIDWAY: "midway", Receipt.Moment.END: "evaluation"}
AGAIN = {Receipt.Moment.MIDWAY: "midway_reminder", Receipt.Moment.END: "evaluation_reminder"}


def asked(receipt: Receipt) -> None:
    """Halfway, or how was it: one tap opens the form."""
    _to_one(receipt, FIRST[receipt.moment], f"receipt:{receipt.pk}:asked", Message.Kind.ESSENTIAL)


def reminder(receipt: Receipt, number: int, *, good_until: datetime) -> None:
    key = f"receipt:{receipt.pk}:reminder:{number}"
    _to_one(receipt, AGAIN[receipt.moment], key, Message.Kind.NUDGE, good_until)


def answered(receipt: Receipt) -> None:
    """Nothing asks or reminds this one person any more."""
    for name in (FIRST[receipt.moment], AGAIN[receipt.moment]):
        outbox.cancel(about=_about(receipt), name=name, to=receipt.user.email, now=clock.now())


def _to_one(receipt: Receipt, name: str, key: str, kind: str, good_until: datetime | None = None) -> None:
    mentorship = receipt.term.mentorship
    outbox.queue(
        key=key,
        name=name,
        kind=kind,
        good_until=good_until,
        to=Recipient(receipt.user.email, receipt.user.get_full_name()),
        sender=mentorship.program.sender(),  # no contact person reads what is answered here
        about=_about(receipt),
        now=clock.now(),
        context={
            "receipt": receipt,
            "program": mentorship.program,
            "cycle": mentorship.cycle,
            "mentorship": mentorship,
            "term": receipt.term,
            "person": receipt.user,
            "partner": mentorship.partner_of(receipt.user),
            "count": len(questions.of(mentorship.program, receipt.moment, receipt.role)),
            "page": absolute(mentorship.get_absolute_url()),
            "minimum": mentorship.program.report_minimum,
            "kept_until": receipt.closes_on + timedelta(days=1),
        },
    )


def _about(receipt: Receipt) -> str:
    """Midway feedback belongs to a pair that goes on: a mail that waits is taken back when the pair ends."""
    return journal.about(receipt.term.mentorship if receipt.moment == Receipt.Moment.MIDWAY else receipt)
