"""Days and moments as people say them: with the weekday, the zone in words, and no line break inside a date."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import formats

from members import clock

LONG = "l, j\u00a0F"
SHORT = "D, j\u00a0F"
YEAR = " Y"


def day(value: date, *, this_year: int | None = None, short: bool = False) -> str:
    """ "Tuesday, 30 September"; the year is added when it is not this one."""
    this_year = this_year or clock.now().year
    return formats.date_format(value, (SHORT if short else LONG) + ("" if value.year == this_year else YEAR))


def moment(value: datetime, zone: str, zone_word: str, *, this_year: int | None = None, short: bool = False) -> str:
    """ "Tuesday, 30 September, 23:59 Eastern": the day and the time in a zone that is named in words."""
    local = value.astimezone(ZoneInfo(zone))
    time = f"{local:%H:%M}\u00a0{zone_word}" if zone_word else f"{local:%H:%M}"
    return f"{day(local.date(), this_year=this_year, short=short)}, {time}"


def last_minute(value: date, zone: str, zone_word: str, *, this_year: int | None = None, short: bool = False) -> str:
    """What "until this day" means, to the minute."""
    return moment(clock.end_of(value, zone), zone, zone_word, this_year=this_year, short=short)


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """What a browser says of itself, as a person would: "Firefox, Windows"."""
    known = (next((name for sign, name in names if sign in user_agent), "") for names in (BROWSERS, MACHINES))
    return ", ".join(filter(None, known)) or user_agent[:60]
