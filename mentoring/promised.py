"""Mail that is promised for the days ahead, a line for what leaves together: when, what, how many; one to look at; Stop."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Max, Min, Value, When
from django.db.models.functions import TruncHour
from django.urls import reverse

from mail import mailings, stopping
from mail.models import Mailing, Message
from matching import announcing
from matching import notices as of_matching
from members import clock
from members.models import User
from mentoring import own_affairs
from programs.models import Cycle

HELD_TOGETHER = (of_matching.NOT_MATCHED, of_matching.RESERVE)


@dataclass(frozen=True)
class Line:
    """Mails of one kind in one hour, or one letter to a list.

    `look` is the address of one of them, `all` that of the whole; `stops` the
    letter that this reader may take back, `stop_page` the page on which an announcement is. While
    mail is stopped it `waits`, whatever its hour.
    """

    at: datetime
    name: str
    subject: str
    count: int
    held: bool
    all: str
    look: str
    stops: int | None = None
    stop_page: str = ""
    waits: bool = False


def lines(reader: User, cycle: Cycle, ahead: timedelta) -> list[Line]:
    """What is promised for the time ahead, the first first. What is the reader's own affair is in no line and no count."""
    waiting = Message.objects.filter(
        own_affairs.readable(reader),
        scope=cycle.scope,
        state__in=["queued", "held"],
        leaves_at__lte=clock.now() + ahead,
    )
    of_letter = Case(When(name=mailings.NAME, then=F("about")), default=Value(""))
    found = list(
        waiting.values("name", "state", letter=of_letter, hour=TruncHour("leaves_at"))
        .annotate(count=Count("pk"), one=Min("pk"), first=Min("leaves_at"), words=Max("subject"))
        .order_by("hour", "first", "name")
    )
    letters = {mailings.about(one): one for one in _letters(found)}
    held = any(row["name"] in HELD_TOGETHER for row in found) and bool(announcing.held(cycle))
    lines = [
        _letter(row, letters[row["letter"]], reader) if row["letter"] in letters else _line(row, cycle, reader, held)
        for row in found
    ]
    waits = bool(lines) and bool(stopping.over(cycle.scope))
    return [replace(line, waits=waits) for line in lines]


def _letters(found: list[dict]) -> list[Mailing]:
    numbers = {row["letter"].rpartition(":")[2] for row in found if row["letter"]}
    return list(Mailing.objects.filter(pk__in=numbers)) if numbers else []


def _letter(row: dict, letter: Mailing, reader: User) -> Line:
    may = reader.has_perm("mail.write", letter)
    page = reverse("admin:letter", args=[letter.pk]) if may else _list(row)
    stops = letter.pk if may else None
    return Line(letter.leaves_at, row["name"], letter.subject, row["count"], False, page, _look(row), stops)


def _line(row: dict, cycle: Cycle, reader: User, held: bool) -> Line:
    stop_page = ""
    if held and row["name"] in HELD_TOGETHER and reader.has_perm("matching.announce", cycle):
        stop_page = reverse("admin:matching_announce", args=[cycle.pk])
    kept = row["state"] == Message.State.HELD
    return Line(row["hour"], row["name"], row["words"], row["count"], kept, _list(row), _look(row), None, stop_page)


def _list(row: dict) -> str:
    return f"{reverse('admin:mail_message_changelist')}?name={row['name']}&state__exact={row['state']}"


def _look(row: dict) -> str:
    return reverse("admin:mail_message_change", args=[row["one"]])
