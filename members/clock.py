"""The one clock. The rehearsal and the tests set it; nothing else in the project asks the machine for the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

FIRST_YEAR, LAST_YEAR = 1900, 2199
_SET: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """This moment (aware, UTC), or the moment that was set."""
    return _SET.get() or timezone.now()


def today(zone: str) -> date:
    """The calendar day in this IANA zone."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Everything inside happens at this aware moment."""
    if moment.tzinfo is None:
        raise ValueError("The clock needs a moment with a zone.")
    token = _SET.set(moment)
    try:
        yield
    finally:
        _SET.reset(token)


def start_of(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def end_of(day: date, zone: str) -> datetime:
    """The last moment of a day in a zone: what "until Tuesday" means."""
    # Counted in UTC: where clocks are put back at midnight, the wall shows the last hour of the day twice.
    last = start_of(day + timedelta(days=1), zone).astimezone(UTC) - timedelta(microseconds=1)
    return last.astimezone(ZoneInfo(zone))


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day that a moment falls on in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def read_day(text: str) -> date:
    """A day written like 2025-09-01, in a year that somebody can mean; ValueError for everything else."""
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(text)
    return day
