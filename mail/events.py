"""What became of a mail after it had left: a provider's event, or a person's word that it came back.

An event is tied to its mail by the number that went along with it, so also when the worker died before it could note the
provider's own. It may come twice, late or out of order: only what is worse than what is known changes anything.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anymail.signals import EventType, RejectReason
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from mail import addresses, leaving, outbox, witness
from mail.models import Message, Suppression
from mail.providers import PROVIDERS

State, Outcome = Message.State, Message.Outcome
IN_DOUBT = (State.CLAIMED, State.UNCERTAIN)
WORSE = {"": 0, Outcome.DELIVERED: 1, Outcome.BOUNCED: 2, Outcome.COMPLAINED: 3}
NOT_FOR_GOOD = {"SoftBounce", "Transient", "DnsError", "VirusNotification"}  # Postmark's names
FOR_GOOD = {"10", "30"}  # SparkPost's classes: no such reader
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What the other side said of a mail: what became of it ("" for words alone), and whether the address fails for good."""

    outcome: str
    words: str = ""
    fails: bool = False


def view_of(name: str) -> Any:
    """What reads and checks the events of the provider that this site sends with; None for any other name."""
    provider = PROVIDERS.get(name) if name == settings.MAIL_PROVIDER else None
    return import_string(provider.view)() if provider else None


def understood(event: Any) -> Said | None:
    """What an event says of its mail; None for those that say nothing (opened, put off, on its way)."""
    words = " ".join(outbox.line(str(event.mta_response or event.description or "")).split())[:1000]
    if event.event_type == EventType.DELIVERED:
        return Said(Outcome.DELIVERED)
    if event.event_type == EventType.COMPLAINED:
        return Said(Outcome.COMPLAINED, words, fails=True)
    if event.event_type == EventType.BOUNCED:
        return Said(Outcome.BOUNCED, words, fails=True) if _for_good(event) else Said("", words)
    if event.event_type in (EventType.REJECTED, EventType.FAILED):
        # The provider itself did not send it; it says of the address only what it knows from before.
        if event.reject_reason == RejectReason.SPAM:
            return Said(Outcome.COMPLAINED, words, fails=True)
        return Said(Outcome.BOUNCED, words, fails=event.reject_reason in (RejectReason.BOUNCED, RejectReason.INVALID))
    return None


def happened(event: Any, now: datetime) -> bool:
    """Write what an event says to its mail; False when it says nothing, or nothing of ours."""
    said = understood(event)
    if said is None:
        return False
    message, email = _meant(event)
    if message is None:
        logger.info("an event (%s) of the mail provider is about no mail of this site", event.event_type)
        return False
    return tell(message, email, said, now, provider_id=_number(event), unattended=True)


def tell(
    message: Message, email: str, said: Said, now: datetime, provider_id: str = "", *, unattended: bool = False
) -> bool:
    """Write what became of a mail at one of its addresses, and what follows from it; False when that was known.

    Of what comes in `unattended` nobody else keeps a line in the history.
    """
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        if not _is_news(row, email, said):
            return False
        if said.outcome in addresses.FAILED and row.also_email:
            own = addresses.alone(row, email)
            other_has_it = row.outcome == Outcome.DELIVERED or row.outcome_words == row.to_email
            _write(row, Said(Outcome.DELIVERED if other_has_it else ""), now, provider_id)
            row = own
        elif said.outcome == Outcome.DELIVERED and row.also_email:
            said = _of_both(row, email)
        _write(row, said, now, provider_id)
        if said.fails:
            why = Suppression.Why.COMPLAINED if said.outcome == Outcome.COMPLAINED else Suppression.Why.BOUNCED
            if addresses.suppress(email, why, said.words, now) and unattended:
                witness.note(row, "address_fails")
        if said.outcome == Outcome.COMPLAINED:
            for kind in Message.MAY_BE_LEFT:
                leaving.leave(email, row.scope, kind, now)
    return True


def _is_news(row: Message, email: str, said: Said) -> bool:
    """Whether this is worse, or more, than what is known."""
    if email not in row.addresses():
        return False
    if not said.outcome:
        if row.also_email and row.outcome_words in row.addresses():
            return False
        return not row.outcome and (row.outcome_words != said.words or _in_doubt(row))
    if row.also_email and row.outcome_words == email and said.outcome == Outcome.DELIVERED:
        return False
    return WORSE[said.outcome] > WORSE[row.outcome]


def _in_doubt(row: Message) -> bool:
    """Whether nobody knew yet that the provider had taken it: also what was put off, and waits for another try."""
    return row.state in IN_DOUBT or (row.state == State.QUEUED and row.attempts > row.attempts_before)


def _of_both(row: Message, email: str) -> Said:
    """A mail to two is delivered when both have it; until then its words are the address of the one who has."""
    other = row.also_email if row.to_email == email else row.to_email
    return Said(Outcome.DELIVERED) if row.outcome_words == other else Said("", email)


def _write(row: Message, said: Said, now: datetime, provider_id: str) -> None:
    """What an event says, and the end of a doubt: whatever a provider tells of a mail, it had taken it."""
    fields: dict[str, Any] = {"outcome": said.outcome, "outcome_words": said.words}
    fields["outcome_at"] = now if said.outcome else None
    if provider_id and not row.provider_id:
        fields["provider_id"] = provider_id
    if _in_doubt(row):
        came_back = said.outcome == Outcome.BOUNCED
        fields |= {"state": State.PARKED if came_back else State.SENT, "refusal": said.words if came_back else ""}
        fields |= {"settled_at": now, "lease_until": None}
        if row.secret:
            fields |= outbox.blanked()
    Message.objects.filter(pk=row.pk).update(**fields)


def _meant(event: Any) -> tuple[Message | None, str]:
    """The mail that an event is about, and the address: by our own number, else by the provider's, else by the Message-ID."""
    email = str(event.recipient or "").lower()
    rows = _candidates(event)
    for row in rows:
        if email in row.addresses():
            return row, email
        if not email and len(rows) == 1 and not row.also_email:
            return row, row.to_email
    return None, ""


def _candidates(event: Any) -> list[Message]:
    ours = event.metadata if isinstance(event.metadata, dict) else {}
    number, attempt = str(ours.get("mail", "")), str(ours.get("attempt", ""))
    if _is_number(number) and _is_number(attempt):
        # Another site may send through the same account; and what became of an attempt is over once it was sent again.
        if ours.get("site") != site():
            return []
        row = Message.objects.filter(pk=int(number), attempts_before__lt=int(attempt)).first()
        return [row, *Message.objects.filter(key=f"{row.key[:190]}{addresses.ALONE}")] if row else []
    name = _number(event)
    if not name:
        return []
    return list(Message.objects.filter(Q(provider_id=name) | Q(message_id=name)).order_by("pk")[:2])


def _number(event: Any) -> str:
    """How the provider names the mail, without what no database takes."""
    return outbox.line(str(event.message_id or ""))[:255]


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _for_good(event: Any) -> bool:
    """Whether a mail that came back will come back again: each provider says it in its own way."""
    told = event.esp_event if isinstance(event.esp_event, dict) else {}
    if "Type" in told:  # Postmark
        return bool(told.get("Inactive")) or told["Type"] not in NOT_FOR_GOOD
    if isinstance(
        told.get("event-data"), dict
    ):  # Mailgun: what comes back for good and is no "bounce" is a server long away
        return told["event-data"].get("reason") in ("bounce", "suppress-bounce")
    if isinstance(told.get("msys"), dict):  # SparkPost
        return any(str(one.get("bounce_class")) in FOR_GOOD for one in told["msys"].values())
    return event.reject_reason in (RejectReason.BOUNCED, RejectReason.INVALID)


def metadata(message: Message) -> dict[str, str]:
    """What goes along with a mail, so that what is told of it afterwards finds its row."""
    return {"mail": str(message.pk), "attempt": str(message.attempts), "site": site()}


def site() -> str:
    """Which site this is to a provider that several send through."""
    return settings.SITE_URL.split("//")[-1][:80]
