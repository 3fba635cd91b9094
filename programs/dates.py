"""Days of a program's year, counted as people count them. Values in, values out: no clock, no rows."""

import calendar
from datetime import date, timedelta

SATURDAY = 5
MADE_UP_DAYS = 45  # so long a silence of the calendar is made up for: what was due leaves late


def add_months(day: date, months: int) -> date:
    """The same day so many months later (or earlier), or the month's last day where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day(begins: date, months: int) -> date:
    """The last day of so many months that begin on a day, both counted: 15 October and 12 months give 14 October."""
    after = add_months(begins, months)
    return after - timedelta(days=1) if after.day == begins.day else after


def term(anchor: str, term_months: int, cycle_begins: date, cycle_ends: date, introduced_on: date) -> tuple[date, date]:
    """First and last day of a pair's mentoring year, both counted.

    With the cycle: all end together, who is introduced later has less. Otherwise each pair has its full months.
    """
    if anchor == "cycle":
        return max(cycle_begins, introduced_on), cycle_ends
    return introduced_on, last_day(introduced_on, term_months)


def whole_months(begins: date, ends: date) -> int:
    """How many full months lie between two days, both counted."""
    months = max(0, (ends.year - begins.year) * 12 + ends.month - begins.month + 1)
    while months and last_day(begins, months) > ends:
        months -= 1
    return months


def working_day_on_or_after(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else 0)


def hold_until(sent_on: date, hold_days: int) -> date:
    """The last day on which an application is kept for its membership."""
    return sent_on + timedelta(days=hold_days)


def membership_reminders(sent_on: date, held_until: date) -> list[date]:
    """When a kept applicant is reminded: after four days, and on the day before the last."""
    last_but_one = held_until - timedelta(days=1)
    return sorted({day for day in (sent_on + timedelta(days=4), last_but_one) if sent_on < day <= last_but_one})


def draft_reminders(closes_on: date) -> list[date]:
    """When somebody with an unsent application is reminded: a week and a day before the close."""
    return [closes_on - timedelta(days=7), closes_on - timedelta(days=1)]


def latest(days: list[date], today: date) -> int:
    """Which of these days has come last, counted from one; 0 for none yet. A missed day is not made up after the next."""
    return sum(day <= today for day in sorted(days))
