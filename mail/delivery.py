"""How mail leaves: claim one row, send it, settle it; then the next.

A claim is committed before the mail is handed to the server, so two workers never hold the same mail, and a worker that
dies leaves at most the one mail it had in its hands: that becomes *uncertain* when its lease is over, never a second mail.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.utils import formataddr, parseaddr
from typing import Any
from weakref import WeakKeyDictionary

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail.message import sanitize_address
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mail import (
    addresses,
    events,
    leaving,
    links,
    nudges,
    outbox,
    provider_answers,
    server,
    stopping,
    unwanted,
    witness,
)
from mail.envelope import Mail
from mail.models import Message, Suppression
from mail.providers import PROVIDERS
from mail.server import Refused

State = Message.State
LEASE = timedelta(minutes=10)  # longer than all the server's time limits for one mail together
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 12  # with these waits: about a day and a half
UNDECIDED = (State.PARKED, State.UNCERTAIN)  # what somebody may send again or leave
_prepared: WeakKeyDictionary[Any, datetime] = WeakKeyDictionary()  # database session → the turn it is prepared for
logger = logging.getLogger(__name__)


def waiting(now: datetime) -> QuerySet[Message]:
    """Mail that may leave by this moment, in the order of its kind (codes first), then of its hour. Of what is stopped, nothing."""
    return unwanted.without(stopping.let_through(ready(now))).order_by("rank", "leaves_at", "pk")


def ready(now: datetime) -> QuerySet[Message]:
    """Mail whose hour has come, whether it is stopped or not."""
    return Message.objects.filter(state=State.QUEUED, leaves_at__lte=now)


def deliver(now: datetime, *, limit: int = 100) -> list[Message]:
    """Send what may leave by `now`, at most `limit` mails over one connection; those that were dealt with, in their new state.

    A server that cannot be reached costs nothing: the mail stays queued and leaves with the next call.
    """
    expire(now)
    unwanted.take_out(waiting(now)[:limit], now)
    return list(_deliver(now, limit))


def _deliver(now: datetime, limit: int) -> Iterator[Message]:
    """One mail after the other. That one was taken is written in the transaction that claims the next."""
    started = time.monotonic()
    line, used, sent = None, False, None
    try:
        for _number in range(limit):
            if line is None:
                line, used = server.reached(now) if waiting(now).exists() else None, False
            if line is None:
                return
            message = claim(now, now + timedelta(seconds=time.monotonic() - started) + LEASE, sent)
            sent = None
            if message is None:
                return
            try:
                left_out = send(message, line)
            except Refused as refused:
                _settle_refused(message, refused, now, at_once=used and refused.away)
                server.hang_up(line)
                line = None
            else:
                sent, first, used = message, not used, True
                if first:
                    server.is_back()
                if left_out:
                    sent = None
                    _settle_for_one(message, left_out, now)
            yield message
    finally:
        if sent is not None:
            settle(sent, State.SENT, now)
        if line is not None:
            server.hang_up(line)


def claim(now: datetime, lease_until: datetime, sent: Message | None = None) -> Message | None:
    """Take the next mail in hand, for nobody else to take; None when nothing may leave.

    Of `sent`, the mail before, it is written that the server took it.
    """
    if connection.vendor == "postgresql" and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        message = _claim_at_once(now, lease_until, sent)
        if message is not None:
            return message
    elif sent is not None:
        settle(sent, State.SENT, now)
    while True:
        with transaction.atomic(durable=True):
            rows = waiting(now)
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True)
            message = rows.first()
            if message is None:
                return None
            if message.kind == Message.Kind.NUDGE:
                message = nudges.in_turn(message, waiting(now), now)
            if message is None:  # its reader has had enough for now: the next one, and in a transaction of its own
                continue
            fields = {"state": State.CLAIMED, "lease_until": lease_until, "attempts": message.attempts + 1}
            if Message.objects.filter(pk=message.pk, state=State.QUEUED).update(**fields):
                return _with(message, fields)


def _claim_at_once(now: datetime, lease_until: datetime, sent: Message | None) -> Message | None:
    """The same in one statement, which is its own transaction; None when nothing may leave, or a nudge has to wait its turn.

    Between two mails nothing else is waited for: that is what lets a worker keep up with its mail server.
    """
    if sent is not None and (sent.secret or sent.provider_id):  # there is more to write than that it was sent
        settle(sent, State.SENT, now)
        sent = None
    fields = [field.attname for field in Message._meta.concrete_fields]
    # Inside another transaction a claim would not stand before the mail leaves: that is refused, as everywhere.
    with (
        transaction.atomic(durable=True) if connection.in_atomic_block else nullcontext(),
        connection.cursor() as cursor,
    ):
        _prepare(cursor, now, fields)
        held = (sent.pk, sent.attempts) if sent is not None else (None, None)
        cursor.execute("EXECUTE next_mail (%s, %s, %s, %s)", [lease_until, now, *held])
        row = cursor.fetchone()
    if sent is not None:
        _settled(sent, State.SENT, now)
    return Message.from_db(connection.alias, fields, row) if row else None


def _prepare(cursor, now: datetime, fields: list[str]) -> None:
    """Have the database think about that statement once for all the mails of one turn, not anew for each."""
    session = connection.connection
    if _prepared.get(session) == now:
        return
    if session in _prepared:
        cursor.execute("DEALLOCATE next_mail")
        del _prepared[session]
    which, values = waiting(now).values("pk")[:1].query.sql_with_params()
    cursor.execute(
        f"""
        PREPARE next_mail (timestamptz, timestamptz, bigint, integer) AS
        WITH settled AS (
            UPDATE mail_message SET state = '{State.SENT}', settled_at = $2, lease_until = NULL
            WHERE id = $3 AND attempts = $4 AND state IN ('{State.CLAIMED}', '{State.UNCERTAIN}')
        )
        UPDATE mail_message SET state = '{State.CLAIMED}', lease_until = $1, attempts = attempts + 1
        WHERE id = ({cursor.mogrify(which, values).decode()} FOR UPDATE SKIP LOCKED) AND kind <> '{Message.Kind.NUDGE}'
        RETURNING {", ".join(fields)}
        """
    )
    _prepared[session] = now


def send(message: Message, line) -> dict[str, Refused]:
    """Hand one mail to the server; Refused says why it did not go. Those of its two readers to whom it will not be brought."""
    try:
        mail = compose(message, line)
        line.send_messages([mail])
        taken = provider_answers.taken(mail)
        if not taken.sure:
            raise Refused(_("The mail provider did not say whether it has taken this mail."), unsure=True)
        message.provider_id = taken.number
    except AnymailError as error:
        told = provider_answers.answer(error)
        raise Refused(told.words, again=told.again, unsure=told.unsure, fails=told.fails) from error
    except OSError as error:  # smtplib's own exceptions among them
        raise server.meaning(error, server.went_whole(line)) from error
    except (ValueError, TypeError, LookupError, MessageError) as error:  # what comes of an address that is none
        raise Refused(_("This mail cannot be written: %s") % error) from error
    if refused := server.left_out(line):
        names = {
            sanitize_address(name, "utf-8"): email for email, name in zip(message.addresses(), mail.to, strict=True)
        }
        return {names[name]: said for name, said in refused.items() if name in names}
    return {email: Refused("", fails=True) for email in taken.left_out}


@transaction.atomic  # a worker that dies on its way must not leave the other reader with a mail that was "sent"
def _settle_for_one(message: Message, left_out: Mapping[str, Refused], now: datetime) -> None:
    """A mail was taken for one of its two readers only: the other's becomes a mail of its own, tried again or come back."""
    settle(message, State.SENT, now)
    for email, refused in left_out.items():
        if refused.again:
            own = addresses.alone(message, email)
            anew = {
                "state": State.QUEUED,
                "settled_at": None,
                "refusal": refused.words,
                "leaves_at": now + wait_after(1),
            }
            Message.objects.filter(pk=own.pk).update(**anew)
        else:
            said = events.Said(Message.Outcome.BOUNCED, refused.words, fails=refused.fails)
            events.tell(message, email, said, now, unattended=True)


@dataclass(frozen=True)
class Signed:
    """Both texts of a mail with their links signed."""

    text: str
    html: str


def signed(message: Message) -> Signed:
    """A mail's texts as its reader gets them."""
    return Signed(links.sign(message, message.text), links.sign(message, message.html))


def compose(message: Message, line=None) -> Mail:
    """The mail as it goes over the wire: from the program, answers to its people, links signed, plain text and HTML."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    to = [formataddr((message.to_name, message.to_email))]
    if message.also_email:
        to.append(formataddr((message.also_name, message.also_email)))
    texts = signed(message)
    mail = Mail(
        subject=message.subject,
        body=texts.text,
        from_email=formataddr((message.from_name, address)),
        to=to,
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            **leaving.headers(message),
        },
        connection=line,
    )
    if settings.MAIL_PROVIDER:
        mail.metadata = events.metadata(message)
        mail.extra_headers |= PROVIDERS[settings.MAIL_PROVIDER].headers
    if texts.html:
        mail.attach_alternative(texts.html, "text/html")
    return mail


def settle(message: Message, to: str, now: datetime, **fields) -> bool:
    """Write what became of a claimed mail; False when its lease ran out and somebody has decided since.

    `attempts` tells this claim from a later one; a mail thought uncertain whose worker was only slow is put right.
    """
    held = Message.objects.filter(pk=message.pk, attempts=message.attempts, state__in=[State.CLAIMED, State.UNCERTAIN])
    return bool(held.update(**_settled(message, to, now, **fields)))


def _settled(message: Message, to: str, now: datetime, **fields) -> dict:
    """The columns that say what became of a mail; the mail has them from now on."""
    if to == State.SENT or to == State.PARKED:
        fields["settled_at"] = now
        if message.secret:
            fields |= outbox.blanked()
    if to == State.SENT and message.provider_id:
        fields["provider_id"] = message.provider_id
    fields |= {"state": to, "lease_until": None}
    _with(message, fields)
    return fields


def expire(now: datetime) -> int:
    """Say of mail whose worker never came back that nobody is sure it arrived; how many. What is of no use any more is
    taken back."""
    stale = Message.objects.filter(state__in=[State.QUEUED, State.HELD], good_until__lt=now)
    stale.update(state=State.CANCELLED, settled_at=now, refusal=_("Its reason had gone before it could leave."))
    lost = Message.objects.filter(state=State.CLAIMED, lease_until__lt=now)
    words = _("The worker stopped while this was leaving.")
    return lost.update(state=State.UNCERTAIN, lease_until=None, refusal=words)


def send_again(message: Message, now: datetime, to: str = "") -> bool:
    """Let a mail leave once more that could not be delivered, came back, or of which nobody is sure, on somebody's word;
    to another address of its reader (`to`), where there is one.

    It keeps its Message-ID, so that a reader's program may know it as the same mail. `attempts` is what the decision was
    made upon: False when it was tried again since, or sent again by somebody else. A blanked code is never sent again, nor
    a reminder whose reason has gone.
    """
    fields = {"state": State.QUEUED, "leaves_at": now, "settled_at": None, "refusal": "", **addresses.ANEW}
    possible = _undecided(message).filter(secret=False).exclude(good_until__lt=now)
    return bool(possible.update(**fields, to_email=to.lower() or message.to_email))


def is_over(message: Message, now: datetime) -> bool:
    """Whether a mail would come too late to be of any use."""
    return message.good_until is not None and message.good_until < now


def leave(message: Message, now: datetime) -> bool:
    """Keep a mail as it is: somebody has looked, and it is no longer asked about. Its state says the truth as before."""
    return bool(_undecided(message).filter(left_at=None).update(left_at=now))


def _undecided(message: Message) -> QuerySet[Message]:
    """This mail, as long as somebody may decide about it and it is as it was seen."""
    came_to_nothing = Q(state__in=UNDECIDED) | addresses.CAME_BACK
    return Message.objects.filter(came_to_nothing, pk=message.pk, attempts=message.attempts)


def wait_after(attempts: int) -> timedelta:
    """How long a mail rests after its nth refusal: 5 minutes, doubled each time, six hours at most."""
    return min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)


def _settle_refused(message: Message, refused: Refused, now: datetime, *, at_once: bool) -> None:
    """A line that worked and then broke says nothing about this mail: it goes over the next one, `at_once`."""
    logger.warning("mail %s (%s) was not taken: %s", message.pk, message.name, type(refused.__cause__).__name__)
    tries = message.attempts - message.attempts_before
    if refused.unsure:
        settle(message, State.UNCERTAIN, now, refusal=refused.words)
    elif refused.again and tries < MOST_ATTEMPTS:
        leaves_at = message.leaves_at if at_once else now + wait_after(tries)
        settle(message, State.QUEUED, now, refusal=refused.words, leaves_at=leaves_at)
    elif refused.fails and not refused.again and not message.also_email:
        _settle_no_such_reader(message, refused.words, now)
    else:
        settle(message, State.PARKED, now, refusal=refused.words)
    if refused.away and not at_once:
        server.is_away(refused.words, now)
    elif not refused.unsure:
        server.is_back()


@transaction.atomic
def _settle_no_such_reader(message: Message, words: str, now: datetime) -> None:
    """The mail came back at the door, and its address fails: what else waits for it is kept back untried."""
    known = {"outcome": Message.Outcome.BOUNCED, "outcome_at": now, "outcome_words": words}
    why = Suppression.Why.BOUNCED
    if settle(message, State.PARKED, now, refusal=words, **known) and addresses.suppress(
        message.to_email, why, words, now
    ):
        witness.note(message, "address_fails")


def _with(message: Message, fields: dict) -> Message:
    for name, value in fields.items():
        setattr(message, name, value)
    return message
