"""The mails of an evaluation."""

from datetime import timedelta

from evaluations.models import Receipt
from mail import outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient
from members import clock, journal
from mentorships.notices import sender
from programs import questions

FIRST = {Receipt.Moment.MIDWAY: "midway", Receipt.Moment.END: "evaluation"}
AGAIN = {Receipt.Moment.MIDWAY: "midway_reminder", Receipt.Moment.END: "evaluation_reminder"}


def asked(receipt: Receipt) -> None:
    """Halfway, or how was it: one tap opens the form."""
    _to_one(receipt, FIRST[receipt.moment], f"receipt:{receipt.pk}:asked", Message.Kind.ESSENTIAL)


def reminder(receipt: Receipt, number: int) -> None:
    _to_one(receipt, AGAIN[receipt.moment], f"receipt:{receipt.pk}:reminder:{number}", Message.Kind.NUDGE)


def _to_one(receipt: Receipt, name: str, key: str, kind: str) -> None:
    mentorship = receipt.term.mentorship
    outbox.queue(
        key=key,
        name=name,
        kind=kind,
        to=Recipient(receipt.user.email, receipt.user.get_full_name()),
        sender=sender(mentorship),
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
