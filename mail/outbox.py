"""The only place where mail is made. A mail is queued in the transaction of the act it tells of, and leaves after its commit."""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Greatest
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from mail import addresses, texts
from mail.models import Message, OptOut, Text

_gathered: ContextVar[list[Message] | None] = ContextVar("gathered", default=None)
_owed_since: ContextVar[datetime | None] = ContextVar("owed_since", default=None)
_closed: list[Callable[[set[str]], set[str]]] = []
OF_USE_FOR = timedelta(weeks=6)  # as long as the calendar makes up for what it missed
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # would turn round what stands after them, too


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


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One mail to one person, made of `templates/mail/<name>.*`, or of `words` (subject, plain text, HTML) made already.

    `key` names occasion and person. `leaves_at` is the earliest moment (`now` by default), `good_until` the last: later
    it is taken back, never sent. `held` waits for somebody to let it go. Links in the text are placeholders, signed only at sending.
    """

    key: str
    name: str
    to: Recipient
    sender: Sender
    about: str
    now: datetime
    context: dict | None = None
    kind: str = Message.Kind.ESSENTIAL
    also: Recipient | None = None
    reply_to: str = ""
    leaves_at: datetime | None = None
    good_until: datetime | None = None
    secret: bool = False
    held: bool = False
    words: tuple[str, str, str] | None = None

    def __post_init__(self) -> None:
        if self.kind == Message.Kind.NUDGE and self.also:
            raise ValueError("A nudge is for one person: how many leave is counted by person.")
        if self.kind == Message.Kind.NUDGE and self.good_until is None:
            raise ValueError("A nudge says until when it is of use: it may have to wait for its turn.")


def queue(**promise: Any) -> Message | None:
    """Promise one mail, said as `Promise` says it; None when this occasion was already promised, and nothing changes."""
    return queue_many([Promise(**promise)])[0]


def queue_many(promises: Sequence[Promise]) -> list[Message | None]:
    """Promise many mails in one go; for each the mail, or None when this occasion was already promised.

    Who has left mail of this kind, or has closed their account, gets a row that is taken back at once.
    """
    owns = {wording: texts.own(*wording) for wording in {(one.sender.scope, one.name) for one in promises}}
    left = _left(promises)
    messages = [_made(one, owns[one.sender.scope, one.name]) for one in promises]
    closed = _with_a_closed_account(messages)
    for message in messages:
        if changed := _without_closed(message, closed, message.queued_at):
            for name, value in changed.items():
                setattr(message, name, value)
        elif (message.to_email, message.scope, message.kind) in left:
            # The occasion counts as promised: who comes back later does not get what was before.
            message.state, message.settled_at = Message.State.CANCELLED, message.queued_at
            message.refusal = _("Its reader has asked for no more mail of this kind.")
    new = _in_its_place(messages)
    if any(one.state == Message.State.QUEUED and one.leaves_at <= one.queued_at for one in new if one):
        wake_after_commit()
    if (gathered := _gathered.get()) is not None:
        gathered.extend(one for one in new if one)
    return new


@contextmanager
def gathering() -> Iterator[list[Message]]:
    """Every mail that is promised meanwhile, in its order."""
    found: list[Message] = []
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)


@contextmanager
def owed_since(moment: datetime) -> Iterator[None]:
    """What is promised inside was owed by the calendar since this moment: what leaves days later says so."""
    token = _owed_since.set(moment)
    try:
        yield
    finally:
        _owed_since.reset(token)


def ask_for_closed_accounts(find: Callable[[set[str]], set[str]]) -> None:
    """Have the floor that knows people say which of these addresses are of a closed account: nothing is sent to them."""
    _closed.append(find)


def leave_out_closed(mails: Iterable[Message], now: datetime) -> None:
    """Of what was promised before an account was closed, send nothing to it; a mail to two goes to the other one alone."""
    waiting = list(mails)
    closed = _with_a_closed_account(waiting)
    for message in waiting if closed else ():
        if changed := _without_closed(message, closed, now):
            Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(**changed)


def _with_a_closed_account(messages: Iterable[Message]) -> set[str]:
    """Those of the readers; a code opens no closed account."""
    emails = {email for one in messages if not one.secret for email in one.addresses()}
    return set().union(*(find(emails) for find in _closed)) if emails else set()


def _without_closed(message: Message, closed: set[str], at: datetime) -> dict[str, Any]:
    """What has to change of a mail so that nothing goes to a closed account; nothing where none of its readers has one."""
    people = [(message.to_email, message.to_name), (message.also_email, message.also_name)]
    open_ones = [(email, name) for email, name in people if email and email not in closed]
    if message.secret or len(open_ones) == len(message.addresses()):
        return {}
    if not open_ones:
        words = _("Its reader’s account is closed.")
        return {"state": Message.State.CANCELLED, "settled_at": at, "refusal": words}
    [(email, name)] = open_ones
    return {"to_email": email, "to_name": name, "also_email": "", "also_name": ""}


def _in_its_place(messages: list[Message]) -> list[Message | None]:
    """These mails in the outbox; what goes to an address that fails is kept back there, in the same stroke."""
    fails = addresses.failing(email for one in messages if not one.secret for email in one.addresses())
    if not fails:
        return _inserted(messages)
    with transaction.atomic():
        new = _inserted(messages)
        addresses.keep_back([one for one in new if one], fails, messages[0].queued_at)
    return new


def _left(promises: Iterable[Promise]) -> set[tuple[str, str, str]]:
    """Who of these has left which mail: (address, scope, kind)."""
    emails = {one.to.email.lower() for one in promises if one.kind in Message.MAY_BE_LEFT}
    rows = OptOut.objects.filter(email__in=emails).values_list("email", "scope", "kind")
    return set(rows) if emails else set()


def _made(one: Promise, own: Text | None) -> Message:
    """The row of a promise, not saved."""
    context = {
        **(one.context or {}),
        "may_be_left": one.kind in Message.MAY_BE_LEFT,
        "to": one.to,
        "also": one.also,
        "sender": one.sender,
        "site_url": settings.SITE_URL,
    }
    subject, text, html = one.words or worded(one.name, context, own)
    return Message(
        key=one.key,
        name=one.name,
        kind=one.kind,
        state=Message.State.HELD if one.held else Message.State.QUEUED,
        about=one.about,
        scope=one.sender.scope,
        secret=one.secret,
        rank=0 if one.secret else Message.RANKS[Message.Kind(one.kind)],
        from_name=line(one.sender.name)[:120],
        reply_to=line(one.reply_to or one.sender.reply_to),
        to_email=one.to.email.lower(),
        to_name=line(one.to.name)[:150],
        also_email=one.also.email.lower() if one.also else "",
        also_name=line(one.also.name)[:150] if one.also else "",
        subject=subject,
        text=text,
        html=html,
        message_id=make_msgid(domain=settings.SITE_URL.split("//")[-1].split(":")[0].split("/")[0]),
        queued_at=one.now,
        leaves_at=one.leaves_at or one.now,
        good_until=one.good_until,
        owed_since=_owed_since.get(),
    )


def _inserted(messages: list[Message]) -> list[Message | None]:
    """These mails in the outbox; None in place of each whose key was there before, however many ask at the same moment."""
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    made = Message.objects.filter(message_id__in=[message.message_id for message in messages])
    numbers = dict(made.values_list("message_id", "pk"))
    known = {message.key for message in messages if message.message_id not in numbers}
    if known - set(Message.objects.filter(key__in=known).values_list("key", flat=True) if known else ()):
        raise IntegrityError("A mail could not be written, and not because it was promised before.")
    for message in messages:
        message.pk, message._state.adding = numbers.get(message.message_id), False
    return [message if message.pk else None for message in messages]


def cancel(*, about: str | Iterable[str], now: datetime, name: str = "", to: str = "", key: str = "") -> int:
    """Take back every mail about this (or these) that has not left yet; how many. Where a `name`, an address or a key is
    given, only those called so, to it, or that one."""
    abouts = [about] if isinstance(about, str) else list(about)
    waiting = Message.objects.filter(addresses.WAITS | addresses.KEPT_BACK, about__in=abouts)
    if name:
        waiting = waiting.filter(name=name)
    if to:
        waiting = waiting.filter(to_email=to.lower())
    if key:
        waiting = waiting.filter(key=key)
    return waiting.update(state=Message.State.CANCELLED, settled_at=now)


def bring_back(*, about: Iterable[str], name: str, now: datetime) -> int:
    """Promise again the reminders called so that were taken back for a reason that was none; how many. What is of no use
    any more stays taken back, and what had left is not touched."""
    mistaken = Message.objects.filter(state=Message.State.CANCELLED, about__in=list(about), name=name)
    count = mistaken.filter(good_until__gt=now).update(state=Message.State.QUEUED, settled_at=None)
    if count:
        wake_after_commit()
    return count


def take_back(*, to: str, scope: str, kind: str, now: datetime) -> int:
    """Take back the mail of one kind from one program to one address that has not left yet; how many."""
    waiting = Message.objects.filter(to_email=to.lower(), scope=scope, kind=kind)
    waiting = waiting.filter(state__in=[Message.State.QUEUED, Message.State.HELD])
    return waiting.update(state=Message.State.CANCELLED, settled_at=now)


def readdress(old: str, new: str, now: datetime) -> int:
    """Have what waits for one address of a person go to another one, also what was kept back because the old one fails,
    and what they have left stay left there; how many. Codes prove the address that they were asked for."""
    old, new = old.lower(), new.lower()
    if old == new:
        return 0
    with transaction.atomic():
        for left in OptOut.objects.filter(email=old):
            known = {"email": new, "scope": left.scope, "kind": left.kind}
            OptOut.objects.get_or_create(**known, defaults={"since": left.since})
        count = _free(old, new, now)
        waits = Message.objects.filter(addresses.WAITS, secret=False)
        count += waits.filter(to_email=old).update(to_email=new) + waits.filter(also_email=old).update(also_email=new)
        addresses.keep_back(addresses.waiting_for(new), addresses.failing([new]), now)
        wake_after_commit()
    return count


def _free(old: str, new: str, now: datetime) -> int:
    """Have what was kept back for an address that fails leave for a new one, as far as it is still of use; how many.

    What is older than the calendar makes up for would come as a heap of questions that nobody asks any more.
    """
    kept = addresses.KEPT_BACK | Q(state=Message.State.PARKED, outcome__in=addresses.FAILED)
    kept_back = Message.objects.filter(kept, to_email=old, secret=False, left_at=None)
    over = kept_back.filter(Q(good_until__lt=now) | Q(leaves_at__lt=now - OF_USE_FOR))
    over.update(
        state=Message.State.CANCELLED,
        settled_at=now,
        refusal=_("Its time had passed before there was another address."),
    )
    anew = {"leaves_at": Greatest("leaves_at", Value(now)), "settled_at": None, "refusal": "", **addresses.ANEW}
    return kept_back.update(to_email=new, state=Message.State.QUEUED, **anew)


def blanked() -> dict[str, str]:
    """What is left of a mail with a code once it has left: its subject held the code, too, and lists show subjects."""
    return {"subject": _("(A code)"), "text": "", "html": ""}


def throw_away_codes(*, before: datetime, now: datetime) -> int:
    """Take back sign-in codes that were promised before a moment and never left, and blank them; how many."""
    old = Message.objects.filter(
        secret=True, state__in=[Message.State.QUEUED, Message.State.HELD], queued_at__lt=before
    )
    return old.update(state=Message.State.CANCELLED, settled_at=now, **blanked())


def render(name: str, context: dict) -> tuple[str, str, str]:
    """Subject, plain text and HTML of one mail, in the program's own words or from the mail's three files."""
    return worded(name, context, texts.own(context["sender"].scope, name) if "sender" in context else None)


def worded(name: str, context: dict, own: Text | None) -> tuple[str, str, str]:
    """The same where the program's own words, if it has any, are known already."""
    texts.tell(name, context)
    return own_words(own, context) if own else shipped(name, context)


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
    """One clean line: no line break, control or surrogate character can reach a header, and no name turns round the rest."""
    return UNSAFE.sub(" ", TURNING.sub("", text)).replace("=?", "= ?").strip()  # "=?" begins an encoded word


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
