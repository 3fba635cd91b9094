"""The mails of an evaluation: at the end one to each person of a cycle, however many pairs they have."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse

from evaluations.models import Receipt
from mail import addresses, outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient
from members import clock, journal
from mentorships.notices_check_ins import Several
from programs import questions

MARK = "receipt:"
NEEDED = tuple(f"term__mentorship__{name}" for name in ("cycle__program__association", "mentor", "mentee"))
FIRST = {Receipt.Moment.MIDWAY: "midway", Receipt.Moment.END: "evaluation"}
AGAIN = {Receipt.Moment.MIDWAY: "midway_reminder", Receipt.Moment.END: "evaluation_reminder"}


def asked(receipts: Sequence[Receipt]) -> None:
    """Halfway, or how was it: one tap opens the form, one for each pair of this one person."""
    _to_one(receipts, FIRST[receipts[0].moment], "asked", Message.Kind.ESSENTIAL)


def reminder(receipts: Sequence[Receipt], number: int, *, good_until: datetime) -> None:
    _to_one(receipts, AGAIN[receipts[0].moment], f"reminder:{number}", Message.Kind.NUDGE, good_until)


def answered(receipt: Receipt) -> None:
    """Nothing asks or reminds this one person of it any more; what waits to ask about other pairs too goes without it."""
    names, now = (FIRST[receipt.moment], AGAIN[receipt.moment]), clock.now()
    to = receipt.user.email.lower()
    waits = Message.objects.filter(addresses.WAITS | addresses.KEPT_BACK, to_email=to, name__in=names)
    for message in waits.filter(key__startswith=MARK, key__contains="+"):
        _mark, numbers, occasion = message.key.split(":", 2)
        pks = {int(number) for number in numbers.split("+")}
        if receipt.pk in pks and outbox.cancel(about=message.about, key=message.key, now=now):
            rest = Receipt.objects.filter(pk__in=pks - {receipt.pk}, answered=False).order_by("pk")
            if found := list(rest.select_related("user", *NEEDED)):
                held = message.state == Message.State.HELD
                _to_one(found, message.name, occasion, message.kind, message.good_until, held)
    for name in names:
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
    mentorship, several = receipt.term.mentorship, len(receipts) > 1
    partners = [one.term.mentorship.partner_of(one.user) for one in receipts]
    outbox.queue(
        key=f"{MARK}{'+'.join(str(one.pk) for one in receipts)}:{occasion}",
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
            "partner": Several(tuple(partners)) if several else partners[0],
            "asked": list(zip(receipts, partners, strict=True)),
            "several": several,
            "count": len(questions.of(mentorship.program, receipt.moment, receipt.role)),
            "page": absolute(reverse("my") if several else mentorship.get_absolute_url()),
            "minimum": mentorship.program.report_minimum,
            "kept_until": receipt.closes_on + timedelta(days=1),
        },
    )


def _about(receipt: Receipt) -> str:
    """Midway feedback belongs to a pair that goes on: a mail that waits is taken back when the pair ends."""
    return journal.about(receipt.term.mentorship if receipt.moment == Receipt.Moment.MIDWAY else receipt)
