"""The only place where mail is made. A mail is queued in the transaction of the act it tells of, and leaves after its commit."""

import re
import textwrap
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from mail import texts
from mail.models import Message, OptOut, Text

UNSAFE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Sender:
    """In whose name a mail leaves: shown name, human address for answers, postal line, scope ("program:kla")."""

    name: str
    reply_to: str
    scope: str
    postal: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Recipient:
    """One person at one address."""

    email: str
    name: str = ""


def queue(
    *,
    key: str,
    name: str,
    to: Recipient,
    sender: Sender,
    about: str,
    now: datetime,
    context: dict | None = None,
    kind: str = Message.Kind.ESSENTIAL,
    also: Recipient | None = None,
    reply_to: str = "",
    leaves_at: datetime | None = None,
    secret: bool = False,
    held: bool = False,
) -> Message | None:
    """Promise one mail (`templates/mail/<name>.*`) to one person; None when this occasion was already promised.

    `key` names occasion and person; a second call with it changes nothing. `leaves_at` is the earliest moment (now
    by default), `held` waits for somebody to let it go. Who has left
    mail of this kind gets a row that is taken back at once. Links in the text are placeholders, signed only at sending.
    """
    left = (
        kind in Message.MAY_BE_LEFT
        and OptOut.objects.filter(email=to.email.lower(), scope=sender.scope, kind=kind).exists()
    )
    context = {
        **(context or {}),
        "may_be_left": kind in Message.MAY_BE_LEFT,
        "to": to,
        "also": also,
        "sender": sender,
        "site_url": settings.SITE_URL,
    }
    subject, text, html = render(name, context)
    message = Message(
        key=key,
        name=name,
        kind=kind,
        state=Message.State.HELD if held else Message.State.QUEUED,
        about=about,
        scope=sender.scope,
        secret=secret,
        rank=0 if secret else Message.RANKS[kind],
        from_name=line(sender.name)[:120],
        reply_to=line(reply_to or sender.reply_to),
        to_email=to.email.lower(),
        to_name=line(to.name)[:150],
        also_email=also.email.lower() if also else "",
        also_name=line(also.name)[:150] if also else "",
        subject=subject,
        text=text,
        html=html,
        message_id=make_msgid(domain=settings.SITE_URL.split("//")[-1].split(":")[0].split("/")[0]),
        queued_at=now,
        leaves_at=leaves_at or now,
    )
    if left:  # the occasion counts as promised: who comes back later does not get what was before
        message.state, message.settled_at = Message.State.CANCELLED, now
        message.refusal = _("Its reader has asked for no more mail of this kind.")
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        if Message.objects.filter(key=key).exists():
            return None
        raise
    if message.state == Message.State.QUEUED and message.leaves_at <= now:
        wake_after_commit()
    return message


def cancel(*, about: str, now: datetime, name: str = "") -> int:
    """Take back every mail about this (only those called `name`, where one is given) that has not left yet; how many."""
    waiting = Message.objects.filter(about=about, state__in=[Message.State.QUEUED, Message.State.HELD])
    if name:
        waiting = waiting.filter(name=name)
    return waiting.update(state=Message.State.CANCELLED, settled_at=now)


def take_back(*, to: str, scope: str, kind: str, now: datetime) -> int:
    """Take back the mail of one kind from one program to one address that has not left yet; how many."""
    waiting = Message.objects.filter(to_email=to.lower(), scope=scope, kind=kind)
    waiting = waiting.filter(state__in=[Message.State.QUEUED, Message.State.HELD])
    return waiting.update(state=Message.State.CANCELLED, settled_at=now)


def throw_away_codes(*, before: datetime, now: datetime) -> int:
    """Take back sign-in codes that were promised before a moment and never left, and blank them; how many."""
    old = Message.objects.filter(
        secret=True, state__in=[Message.State.QUEUED, Message.State.HELD], queued_at__lt=before
    )
    return old.update(state=Message.State.CANCELLED, settled_at=now, text="", html="")


def render(name: str, context: dict) -> tuple[str, str, str]:
    """Subject, plain text and HTML of one mail, in the program's own words or from the mail's three files."""
    texts.tell(name, context)
    if "sender" in context and (own := texts.own(context["sender"].scope, name)):
        return own_words(own, context)
    return shipped(name, context)


def own_words(own: Text, context: dict) -> tuple[str, str, str]:
    """The same in a program's own words."""
    subject, text, html = texts.render(own, context)
    return line(subject)[:200], wrap(text), html


def shipped(name: str, context: dict) -> tuple[str, str, str]:
    """The same as the product words it."""
    subject = line(_plain(f"mail/{name}.subject.txt", context))[:200]
    context = {**context, "subject": subject}
    return subject, wrap(_plain(f"mail/{name}.txt", context)), render_to_string(f"mail/{name}.html", context)


def _plain(template_name: str, context: dict) -> str:
    """Plain text is no HTML: nothing in it is escaped (O'Hara stays O'Hara)."""
    return Engine.get_default().get_template(template_name).render(Context(context, autoescape=False))


def line(text: str) -> str:
    """One clean line: no line break, control or surrogate character can reach a header."""
    return UNSAFE.sub(" ", text).strip()


def wrap(text: str, width: int = 70) -> str:
    """Plain text as a person would type it: long lines folded, never inside an address, at most one empty line running."""
    lines = []
    for raw in text.strip().splitlines():
        folded = textwrap.wrap(raw.rstrip(), width, break_long_words=False, break_on_hyphens=False) or [""]
        lines += folded
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def wake_after_commit() -> None:
    """Have the worker told, once this transaction stands, that mail may leave."""
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    from mail import tasks

    tasks.wake()
