"""The letters that were written, as the committee reads them: how each stands, and what became of its mails.

The copy that went to a reader's own partner is counted and named to nobody in that pair: that somebody stood on a list
(of those who have not answered, say) is not for their partner to see.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mail import mailings, stopping
from mail.models import Mailing, Message
from members.models import User
from mentoring import mail_room, own_affairs
from programs.models import Program

State = Message.State
WAITS = (State.QUEUED, State.HELD)
FAILED = (State.PARKED, State.UNCERTAIN)


@dataclass(frozen=True)
class Row:
    """One letter: how many mails it is, how many of them wait, have left, or did not arrive for all we know.

    What waits does not leave at its time while all mail of its program is `stopped`.
    """

    mailing: Mailing
    program: Program | None
    count: int
    waits: int
    left: int
    failed: int
    words: str
    stopped: bool = False

    @property
    def may_be_stopped(self) -> bool:
        return bool(self.waits) and self.mailing.stopped_at is None


def rows(found: Iterable[Mailing], reader: User, now: datetime) -> list[Row]:
    """These letters as a reader may see them, with the same few questions to the database for any number."""
    letters = list(found)
    programs = {
        program.scope: program
        for program in Program.objects.of_seat(reader, "mail.write").select_related("association")
    }
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    abouts = [mailings.about(one) for one in letters]
    seen = _seen_by(reader, Message.objects.filter(about__in=abouts))
    for about, state in seen.values_list("about", "state"):
        counts[about][state] += 1
    stopped = stopping.over(*(one.scope for one in letters))
    return [
        _row(one, programs.get(one.scope), counts[mailings.about(one)], now, one.scope in stopped) for one in letters
    ]


def mails(mailing: Mailing, reader: User) -> QuerySet[Message]:
    """A letter's mails by name, but for those to the reader's own partners."""
    return _seen_by(reader, Message.objects.filter(about=mailings.about(mailing))).order_by("to_name", "pk")


def has_partners(reader: User) -> bool:
    return own_affairs.partners(reader).exists()


def _seen_by(reader: User, found: QuerySet[Message]) -> QuerySet[Message]:
    return found.exclude(to_email__in=own_affairs.partners(reader)).defer("text", "html")


def _row(mailing: Mailing, program: Program | None, states: Counter[str], now: datetime, stopped: bool) -> Row:
    waits, failed = sum(states[state] for state in WAITS), sum(states[state] for state in FAILED)
    left = states[State.SENT] + states[State.CLAIMED]
    words = _words(mailing, program, waits, left, now, stopped)
    if failed:
        words += ", " + ngettext("%d did not arrive for sure", "%d did not arrive for sure", failed) % failed
    return Row(mailing, program, states.total(), waits, left, failed, words, stopped)


def _words(mailing: Mailing, program: Program | None, waits: int, left: int, now: datetime, stopped: bool) -> str:
    if mailing.stopped_at:
        at = mail_room.in_zone(mailing.stopped_at, program)
        return (_("stopped %(at)s; %(left)d had left") % {"at": at, "left": left}) if left else _("stopped %s") % at
    if waits:
        at = mail_room.in_zone(mailing.leaves_at, program)
        if stopped:
            return _("waits: mail is stopped; its time is %s") % at
        return _("leaves %s") % at if mailing.leaves_at > now else _("is leaving since %s") % at
    return _("left %s") % mail_room.in_zone(mailing.leaves_at, program)
