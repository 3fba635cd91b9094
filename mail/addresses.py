"""Addresses that fail: mail to them came back, or was reported as unwanted. Nothing is sent there any more but sign-in codes.

What is promised to such an address is not lost: it is kept back as "could not be delivered", says why, and is sent again
once there is another address or this one works. What may be missed (topics, announcements) is taken back instead.

A mail to two people of whom one cannot be reached becomes two mails: the other one gets it, as it was promised.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from mail.models import Message, Suppression

State = Message.State
WAITS = Q(state__in=[State.QUEUED, State.HELD])
# Parked without having been tried since it was promised or sent again: nothing but its address is in its way.
KEPT_BACK = Q(state=State.PARKED, attempts=F("attempts_before"))
FAILED = (Message.Outcome.BOUNCED, Message.Outcome.COMPLAINED)
CAME_BACK = Q(state=State.SENT, outcome__in=FAILED)
# What is forgotten of a mail that is sent again: what became of it belongs to the attempts before.
ANEW = {
    "attempts_before": F("attempts"),
    "left_at": None,
    "lease_until": None,
    "provider_id": "",
    "outcome": "",
    "outcome_at": None,
    "outcome_words": "",
}
ALONE = ":alone"  # the end of the key of a mail that was part of one to two people


def failing(emails: Iterable[str]) -> dict[str, Suppression]:
    """Those of these addresses that fail, and why."""
    asked = {email.lower() for email in emails if email}
    return {row.email: row for row in Suppression.objects.filter(email__in=asked)} if asked else {}


def suppress(email: str, why: str, words: str, now: datetime) -> bool:
    """Send nothing more to this address, and keep back what waits for it; False when it was known to fail."""
    given = {"why": why, "words": words[:1000], "since": now}
    with transaction.atomic():
        row, new = Suppression.objects.get_or_create(email=email.lower(), defaults=given)
        if new:
            keep_back(waiting_for(email), {row.email: row}, now)
    return new


def lift(email: str) -> bool:
    """Mail may go to this address again; False when nothing was in its way. What was kept back waits for somebody's word."""
    return bool(Suppression.objects.filter(email=email.lower()).delete()[0])


def waiting_for(email: str) -> list[Message]:
    """What has not left yet for an address, alone or beside another one, taken in hand; codes are not counted."""
    email = email.lower()
    rows = Message.objects.filter(WAITS, Q(to_email=email) | Q(also_email=email), secret=False)
    return list(rows.select_for_update().order_by("pk"))


def keep_back(mails: Iterable[Message], fails: dict[str, Suppression], now: datetime) -> None:
    """Of these mails, keep back what waits for an address that fails. Codes go: their reader may have mended it."""
    for message in mails if fails else ():
        for email in message.addresses():
            if email in fails and message.state in (State.QUEUED, State.HELD) and not message.secret:
                _set_aside(alone(message, email), fails[email], now)


def alone(message: Message, email: str) -> Message:
    """The mail as it is for one of its readers: itself if there is one reader, else a mail of their own, split off.

    The other reader keeps the mail that was promised, with its key and number.
    """
    if not message.also_email:
        return message
    first = message.to_email == email
    to = {"to_email": message.also_email, "to_name": message.also_name} if first else {}
    own = Message.objects.get(pk=message.pk)
    own.pk, own.key, own.message_id = None, f"{own.key[:190]}{ALONE}", own.message_id.replace("<", "<alone.", 1)[-120:]
    if not first:
        own.to_email, own.to_name = own.also_email, own.also_name
    own.also_email = own.also_name = ""
    own.save(force_insert=True)
    _write(message, **to, also_email="", also_name="")
    return own


def why(row: Suppression) -> str:
    """Why an address fails, in words."""
    if row.why == Suppression.Why.COMPLAINED:
        return _("Mail to this address was reported as unwanted.")
    if row.words:
        return _("Mail to this address came back: “%s”") % row.words
    return _("Mail to this address came back.")


def _set_aside(message: Message, row: Suppression, now: datetime) -> None:
    """Take back what may be missed, keep back the rest."""
    missed = message.kind in Message.MAY_BE_LEFT
    state = State.CANCELLED if missed else State.PARKED
    _write(message, state=state, settled_at=now, refusal=why(row), attempts_before=message.attempts)


def _write(message: Message, **fields) -> None:
    Message.objects.filter(pk=message.pk).update(**fields)
    for name, value in fields.items():
        setattr(message, name, value)
