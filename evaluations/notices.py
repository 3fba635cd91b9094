"""The mails of an evaluation: at the end one to each person of a cycle, however many pairs they have."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse

from evaluations.models import Receipt
from mail import outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient
from members import clock, journal
from mentorships import several
from programs import questions

MARK = "receipt"
NEEDED = tuple(f"term__mentorship__{name}" for name in ("cycle__program__association", "mentor", "mentee"))
FIRST = {Receipt.Moment.MIDWAY: "midway", Receipt.Moment.END: "evaluation"}
AGAIN = {Receipt.Moment.MIDWAY: "midway_reminder", Receipt.Moment.END: "evaluation_reminder"}


def asked(receipts: Sequence[Receipt]) -> None:
    """Halfway, or how was it: one tap opens the form, one for each pair of this one person."""
    for some in several.chunks(receipts):
        _to_one(some, FIRST[some[0].moment], "asked", Message.Kind.ESSENTIAL)


def reminder(receipts: Sequence[Receipt], number: int, *, good_until: datetime) -> None:
    for some in several.chunks(receipts):
        _to_one(some, AGAIN[some[0].moment], f"reminder:{number}", Message.Kind.NUDGE, good_until)


def answered(receipt: Receipt) -> None:
    """Nothing asks or reminds this one person of it any more; what waits to ask about other pairs too goes without it."""
    for short in several.taken_back(MARK, receipt, receipt.user):
        rest = Receipt.objects.filter(pk__in=short.rest, answered=False).order_by("pk")
        if found := list(rest.select_related("user", *NEEDED)):
            message = short.message
            _to_one(found, message.name, short.occasion, message.kind, message.good_until, short.held)
    to, now = receipt.user.email.lower(), clock.now()
    for name in (FIRST[receipt.moment], AGAIN[receipt.moment]):
        outbox.cancel(about=_about(receipt), name=name, to=to, now=now)


def _to_one(
    receipts: Sequence[Receipt],
    name: str,
    occasion: str,
    kind: str,
    good_until: datetime | None = None,
    held: bool = False,
) -> None:
    receipt = min(receipts, key=lambda one: one.closes_on)
    mentorship, many = receipt.term.mentorship, len(receipts) > 1
    partners = [one.term.mentorship.partner_of(one.user) for one in receipts]
    outbox.queue(
        key=several.key(MARK, receipts, occasion),
        name=name,
        kind=kind,
        good_until=good_until,
        held=held,
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
            "partner": several.Several(tuple(partners)) if many else partners[0],
            "asked": list(zip(receipts, partners, strict=True)),
            "several": many,
            "count": len(questions.of(mentorship.program, receipt.moment, receipt.role)),
            "page": absolute(reverse("my") if many else mentorship.get_absolute_url()),
            "minimum": mentorship.program.report_minimum,
            "kept_until": receipt.closes_on + timedelta(days=1),
        },
    )


def _about(receipt: Receipt) -> str:
    """Midway feedback belongs to a pair that goes on: a mail that waits is taken back when the pair ends."""
    return journal.about(receipt.term.mentorship if receipt.moment == Receipt.Moment.MIDWAY else receipt)
