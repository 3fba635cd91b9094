"""A letter to a list of people: one text with placeholders, one mail for each. Who is on the list is known to the floors above."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mail import addresses, outbox, texts
from mail.models import Mailing, Message, OptOut
from mail.outbox import Promise, Recipient, Sender

NAME = "mailing"
LONGEST_SUBJECT = 150
MAIL = texts.Mail(NAME, _("A letter to a list of people"))


@dataclass(frozen=True)
class Letter:
    """What is written: subject and text in Markdown, both with placeholders; whether its readers' place depends on it."""

    subject: str
    text: str
    essential: bool = False

    @classmethod
    def of(cls, subject: str, text: str, essential: bool = False) -> "Letter":
        """The letter as it is kept: a subject of one line, the line ends of every machine alike."""
        return cls(outbox.line(subject), re.sub(r"\r\n?", "\n", text).strip(), essential)

    @property
    def kind(self) -> str:
        return str(Message.Kind.ESSENTIAL if self.essential else Message.Kind.ANNOUNCEMENT)


def wrong(letter: Letter) -> dict[str, list[str]]:
    """What keeps a letter from leaving, by the field it stands in; empty when it is fine."""
    found = texts.wrong(MAIL, letter.subject, "", letter.text)
    if len(letter.subject) > LONGEST_SUBJECT:
        words = _("A subject of more than %d characters is cut off by mail programs. Please shorten it.")
        found.setdefault("subject", []).append(words % LONGEST_SUBJECT)
    return {"text" if field == "body" else field: reasons for field, reasons in found.items()}


def context(letter: Letter, first_name: str, sender: Sender, why: str) -> dict:
    """What the mail's templates need for one reader; `why` is the sentence that says why one gets it."""
    values = {"name": first_name, "program": sender.name, "address": sender.reply_to}
    marked = {code: texts.MARKED.sub(r"\\\1", value) for code, value in values.items()}
    return {
        "headline": texts.fill(letter.subject, values),
        "words": texts.fill(letter.text, values),
        "marked_words": texts.fill(letter.text, marked),
        "why": why,
    }


def promise(mailing: Mailing, letter: Letter, person: int, to: Recipient, made_of: dict, sender: Sender) -> Promise:
    """One person's mail of a letter; promised twice it is one."""
    return Promise(
        key=f"{about(mailing)}:{person}",
        name=NAME,
        to=to,
        sender=sender,
        about=about(mailing),
        now=mailing.at,
        context=made_of,
        kind=letter.kind,
        leaves_at=mailing.leaves_at,
    )


def about(mailing: Mailing) -> str:
    """How mails and the history name a letter: "mailing:17"."""
    return f"mailing:{mailing.pk}"


def waiting(mailing: Mailing) -> int:
    """How many mails of a letter have not left yet and can be taken back."""
    rows = Message.objects.filter(about=about(mailing), state__in=[Message.State.QUEUED, Message.State.HELD])
    return rows.count()


@dataclass(frozen=True)
class Before:
    """One mail of this very letter that was promised before: how it stands, and to which list it was written."""

    state: str
    to_whom: str


def written_before(scope: str, letter: Letter) -> dict[int, list[Before]]:
    """Who was promised this very letter before, by their number; what was taken back is not counted."""
    same = Mailing.objects.filter(scope=scope, subject=letter.subject, text=letter.text)
    lists = {about(mailing): mailing.to_whom for mailing in same}
    rows = Message.objects.filter(about__in=lists).exclude(state=Message.State.CANCELLED)
    found: dict[int, list[Before]] = {}
    for key, state in rows.values_list("key", "state"):
        letter_name, _colon, person = key.rpartition(":")
        found.setdefault(int(person), []).append(Before(state, lists[letter_name]))
    return found


def failing(emails: Iterable[str]) -> dict[str, str]:
    """Those of these addresses to which nothing is sent any more, and why in words."""
    return {email: str(row.get_why_display()) for email, row in addresses.failing(emails).items()}


def left(emails: Iterable[str], scope: str, kind: str) -> set[str]:
    """Those of these addresses that want no more mail of this kind from this program."""
    return set(OptOut.objects.filter(email__in=list(emails), scope=scope, kind=kind).values_list("email", flat=True))


def stop(mailing: Mailing, now: datetime) -> int:
    """Take back what has not left of a letter; how many mails. The letter says since when it is stopped."""
    count = outbox.cancel(about=about(mailing), now=now)
    if count:
        Mailing.objects.filter(pk=mailing.pk).update(stopped_at=now)
        mailing.stopped_at = now
    return count
