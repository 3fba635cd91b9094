"""Mails of a made-up year to oneself: one of them as it is worded, or all of them, numbered in the order of the year.

Nobody else gets anything. What leads to pages of the made-up people leads nowhere here, and says so.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mail import links, outbox, texts
from mail.models import Message
from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from mentoring import made_up, mail_words
from programs.models import Program, Role

MAY_WORD = "programs.change_program"
SAMPLE, OF_THE_YEAR = "sample", "year_sample"
PATIENCE, AT_MOST = timedelta(minutes=10), 10
ONE_IN = timedelta(minutes=1)
ANCHOR = re.compile(r'<a\b([^>]*?)\shref="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
ADDRESS = re.compile(r"https?://[^\s<>\"“”]*[^\s<>\"“”.,;:)]")
# Whom the year is looked at as, and which sides that is.
READERS = {
    "both": (gettext_lazy("Both sides"), {str(Role.MENTEE), str(Role.MENTOR), made_up.BOTH}),
    "mentee": (gettext_lazy("Mentee only"), {str(Role.MENTEE), made_up.BOTH}),
    "mentor": (gettext_lazy("Mentor only"), {str(Role.MENTOR), made_up.BOTH}),
    "committee": (gettext_lazy("Committee and office"), {made_up.COMMITTEE}),
}


@dataclass(frozen=True)
class Numbered:
    """One mail of the year: its number among so many, to which side, and the mail as it would leave."""

    number: int
    count: int
    to: str
    mail: Message

    @property
    def subject(self) -> str:
        number = f"{self.number:0{len(str(self.count))}}"
        return f"[{number}/{self.count} · {self.to}] {self.mail.subject}"


@dataclass(frozen=True)
class Underway:
    """What became of the year's mails that somebody sent themselves last."""

    at: datetime
    count: int
    left: int
    not_delivered: int


def planned(program: Program, reader: str) -> list[Numbered]:
    """The mails of a made-up year as this reader gets them, in the order of the year. Nothing is kept, nothing leaves."""
    sides = READERS[reader][1]
    mails = [mail for mail in made_up.play(program) if made_up.side(mail) in sides]
    return [Numbered(number, len(mails), side_word(program, mail), mail) for number, mail in enumerate(mails, start=1)]


def side_word(program: Program, mail: Message) -> str:
    """To which side a mail goes, in the program's words."""
    side = made_up.side(mail)
    named = {made_up.BOTH: _("both"), made_up.COMMITTEE: _("committee")}
    return named.get(side) or program.word_for(side)


class TooSoon(NotAllowed):
    """It was done a moment ago: nothing is wrong, a little later it can be done again."""


@transaction.atomic
def send_year(program: Program, reader: str, *, by: User) -> int:
    """All of them to oneself, now; one year a minute. How many."""
    _may(program, by)
    now = clock.now()
    lately = Message.objects.filter(name=OF_THE_YEAR, about=_about(by), queued_at__gt=now - ONE_IN)
    if lately.exists():
        raise TooSoon(_("They went to you less than a minute ago. Give it a moment, then try again."))
    mails = planned(program, reader)
    key = f"{OF_THE_YEAR}:{by.pk}:{now:%Y-%m-%dT%H:%M}"  # two clicks at the same moment are one year
    promises = [
        _promise(program, one.mail, one.subject, name=OF_THE_YEAR, key=f"{key}:{one.number}", by=by, now=now)
        for one in mails
    ]
    if promises and None in outbox.queue_many(promises):
        raise TooSoon(_("They went to you less than a minute ago. Give it a moment, then try again."))
    journal.record(program, "sent_year_mails", by=by, reason=str(len(promises)))
    return len(promises)


@transaction.atomic
def send_one(program: Program, mail: texts.Mail, side: str, tried: texts.Wording | None, *, by: User) -> Message:
    """One mail to oneself as that side would read it: in a wording that is being tried, or as it stands."""
    _may(program, by)
    now = clock.now()
    if Message.objects.filter(name=SAMPLE, about=_about(by), queued_at__gt=now - PATIENCE).count() >= AT_MOST:
        raise TooSoon(_("You have sent yourself many mails just now. Wait a few minutes, then try again."))
    found = [one for one in mail_words.look(program, mail, tried).samples if made_up.side(one) == side]
    if not found:
        raise NotAllowed(_("As this program is set up, this mail is never sent."))
    subject = _("[Test · %(to)s] %(subject)s") % {"to": side_word(program, found[0]), "subject": found[0].subject}
    key = f"{SAMPLE}:{by.pk}:{mail.name}:{now:%Y-%m-%dT%H:%M:%S}"
    message = outbox.queue_many([_promise(program, found[0], subject, name=SAMPLE, key=key, by=by, now=now)])[0]
    if message is None:
        raise NotAllowed(_("This mail has just gone to you."))
    return message


def underway(program: Program, by: User) -> Underway | None:
    """How far the last year is that this person sent themselves; None when they have not, or long ago."""
    theirs = Message.objects.filter(name=OF_THE_YEAR, about=_about(by), scope=program.scope)
    last = theirs.filter(queued_at__gt=clock.now() - timedelta(days=1)).order_by("-queued_at").first()
    if last is None:
        return None
    states = theirs.filter(queued_at=last.queued_at).order_by().values_list("state").annotate(Count("pk"))
    count = Counter(dict(states))
    State = Message.State
    not_delivered = count[State.PARKED] + count[State.UNCERTAIN] + count[State.CANCELLED]
    return Underway(last.queued_at, count.total(), count[State.SENT], not_delivered)


def _may(program: Program, by: User) -> None:
    if not by.has_perm(MAY_WORD, program):
        raise NotAllowed(_("Only the program’s committee sends itself its mails."))


def _about(by: User) -> str:
    return f"user:{by.pk}"


def _promise(
    program: Program, mail: Message, subject: str, *, name: str, key: str, by: User, now: datetime
) -> outbox.Promise:
    words = (outbox.line(subject)[:200], dead_text(mail.text, program), dead_html(mail.html, program))
    return outbox.Promise(
        key=key,
        name=name,
        to=outbox.Recipient(by.email, by.get_full_name()),
        sender=program.sender(),
        about=_about(by),
        now=now,
        words=words,
    )


# ------------------------------------------------------------------------------------------------------- links that lead


def dead_text(text: str, program: Program) -> str:
    """The plain text without links to pages of made-up people; the program's own page and other sites stay."""
    return ADDRESS.sub(
        lambda url: personal() if _leads_nowhere(url[0], program) else url[0], links.mask(text, personal())
    )


def dead_html(html: str, program: Program) -> str:
    """The same for HTML: what was a link is its words, and says that it was one."""

    def anchor(found: re.Match) -> str:
        before, url, after, words = found.groups()
        if not (links.PLACEHOLDER.search(url) or _leads_nowhere(url, program)):
            return found[0]
        looks = f"{before}{after}".replace("text-decoration:underline", "text-decoration:none")
        return f"<a{looks}>{words} {escape(personal())}</a>"

    return links.mask(ANCHOR.sub(anchor, html), personal())


def personal() -> str:
    """What stands in place of a link that is for its person alone."""
    return _("(personal link)")


def _leads_nowhere(url: str, program: Program) -> bool:
    page = links.absolute(program.get_absolute_url())
    return url.startswith(f"{settings.SITE_URL}/") and not url.startswith(page)
