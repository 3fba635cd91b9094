"""How mail leaves: claim one row, send it, settle it; then the next. Only this module and the outbox write `Message.state`.

A claim is committed before the mail is handed to the server, so two workers never hold the same mail, and a worker that
dies leaves at most the one mail it had in its hands: that becomes *uncertain* when its lease is over, never a second mail.
"""

import logging
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.utils import formataddr, parseaddr

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mail import addresses, events, leaving, links, nudges, provider_answers, stopping
from mail.envelope import Mail
from mail.models import Message
from mail.providers import PROVIDERS

State = Message.State
LEASE = timedelta(minutes=10)  # longer than all the server's time limits for one mail together
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 12  # with these waits: about a day and a half
UNDECIDED = (State.PARKED, State.UNCERTAIN)  # what somebody may send again or leave
logger = logging.getLogger(__name__)


class Refused(Exception):
    """The server did not take a mail; `again` when it may be offered once more, `unsure` when it may have left after all."""

    def __init__(self, words: str, *, again: bool = False, unsure: bool = False):
        self.words, self.again, self.unsure = words[:1000], again, unsure
        super().__init__(words)


def waiting(now: datetime) -> QuerySet[Message]:
    """Mail that may leave by this moment, in the order of its kind (codes first), then of its hour. Of what is stopped, nothing."""
    return stopping.let_through(ready(now)).order_by("rank", "leaves_at", "pk")


def ready(now: datetime) -> QuerySet[Message]:
    """Mail whose hour has come, whether it is stopped or not."""
    return Message.objects.filter(state=State.QUEUED, leaves_at__lte=now)


def deliver(now: datetime, *, limit: int = 100) -> list[Message]:
    """Send what may leave by `now`, at most `limit` mails over one connection; those that were dealt with, in their new state.

    A server that cannot be reached costs nothing: the mail stays queued and leaves with the next call.
    """
    expire(now)
    return list(_deliver(now, limit))


def _deliver(now: datetime, limit: int) -> Iterator[Message]:
    started, server = time.monotonic(), None
    try:
        for _ in range(limit):
            if server is None and not waiting(now).exists():
                return
            server = server or _open()
            if server is None:
                return
            message = claim(now, now + timedelta(seconds=time.monotonic() - started) + LEASE)
            if message is None:
                return
            try:
                left_out = send(message, server)
            except Refused as refused:
                _settle_refused(message, refused, now)
                _close(server)
                server = None
            else:
                settle(message, State.SENT, now)
                events.left_out(message, left_out, now)
            yield message
    finally:
        if server is not None:
            _close(server)


def claim(now: datetime, lease_until: datetime) -> Message | None:
    """Take the next mail in hand, for nobody else to take; None when nothing may leave."""
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


def send(message: Message, server) -> tuple[str, ...]:
    """Hand one mail to the server; Refused says why it did not go. Those of its two readers to whom a provider will not send it."""
    try:
        mail = compose(message, server)
        server.send_messages([mail])
        taken = provider_answers.taken(mail)
        if not taken.sure:
            raise Refused("The mail provider did not say whether it has taken this mail.", unsure=True)
        message.provider_id = taken.number
    except AnymailError as error:
        told = provider_answers.answer(error)
        raise Refused(told.words, again=told.again, unsure=told.unsure) from error
    except smtplib.SMTPRecipientsRefused as error:
        answers = list(error.recipients.values())
        raise Refused(_words(answers), again=all(400 <= code < 500 for code, _ in answers)) from error
    except smtplib.SMTPResponseException as error:
        raise Refused(_words([(error.smtp_code, error.smtp_error)]), again=400 <= error.smtp_code < 500) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(str(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        # The connection broke in the middle: nobody here knows whether the server had taken the mail.
        raise Refused(f"{type(error).__name__}: {error}", unsure=True) from error
    except (ValueError, LookupError, MessageError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    return taken.left_out


@dataclass(frozen=True)
class Signed:
    """Both texts of a mail with their links signed."""

    text: str
    html: str


def signed(message: Message) -> Signed:
    """A mail's texts as its reader gets them."""
    return Signed(links.sign(message, message.text), links.sign(message, message.html))


def compose(message: Message, server=None) -> Mail:
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
        connection=server,
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
    if to == State.SENT or to == State.PARKED:
        fields["settled_at"] = now
        if message.secret:
            fields |= {"text": "", "html": ""}
    if to == State.SENT and message.provider_id:
        fields["provider_id"] = message.provider_id
    fields |= {"state": to, "lease_until": None}
    _with(message, fields)
    return bool(held.update(**fields))


def expire(now: datetime) -> int:
    """Say of mail whose worker never came back that nobody is sure it arrived; how many. What is of no use any more is
    taken back."""
    stale = Message.objects.filter(state__in=[State.QUEUED, State.HELD], good_until__lt=now)
    stale.update(state=State.CANCELLED, settled_at=now, refusal=_("Its reason had gone before it could leave."))
    lost = Message.objects.filter(state=State.CLAIMED, lease_until__lt=now)
    return lost.update(state=State.UNCERTAIN, lease_until=None, refusal="The worker stopped while this was leaving.")


def send_again(message: Message, now: datetime, to: str = "") -> bool:
    """Let a mail leave once more that could not be delivered, came back, or of which nobody is sure, on somebody's word;
    to another address of its reader (`to`), where there is one.

    It keeps its Message-ID, so that a reader's program may know it as the same mail. `attempts` is what the decision was
    made upon: False when it was tried again since, or sent again by somebody else. A blanked code is never sent again.
    """
    fields = {"state": State.QUEUED, "leaves_at": now, "settled_at": None, "refusal": "", **addresses.ANEW}
    return bool(_undecided(message).filter(secret=False).update(**fields, to_email=to.lower() or message.to_email))


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


def _settle_refused(message: Message, refused: Refused, now: datetime) -> None:
    logger.warning("mail %s (%s) was not taken: %s", message.pk, message.name, type(refused.__cause__).__name__)
    tries = message.attempts - message.attempts_before
    if refused.unsure:
        settle(message, State.UNCERTAIN, now, refusal=refused.words)
    elif refused.again and tries < MOST_ATTEMPTS:
        settle(message, State.QUEUED, now, refusal=refused.words, leaves_at=now + wait_after(tries))
    else:
        settle(message, State.PARKED, now, refusal=refused.words)


def _open():
    """A connection to the mail server, None (and a line in the log) when there is none to be had."""
    server = get_connection()
    try:
        server.open()
    except (smtplib.SMTPException, OSError) as error:
        logger.warning("the mail server cannot be reached: %s", error)
        return None
    return server


def _close(server) -> None:
    try:
        server.close()
    except (smtplib.SMTPException, OSError) as error:
        logger.info("the mail server hung up first: %s", error)


def _words(answers) -> str:
    return "; ".join(
        f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}" for code, words in answers
    )


def _with(message: Message, fields: dict) -> Message:
    for name, value in fields.items():
        setattr(message, name, value)
    return message
