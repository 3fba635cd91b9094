"""When a mentoring year's questions and mails are due. Values in, values out: no clock, no rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from programs import dates

ANSWER_DAYS = 14  # a check-in can be answered, and its answer changed, for two weeks
REMINDERS = (5, 10)  # days after a check-in was asked
SAY_HELLO_DAYS = 8  # the introduction asks for a first word by then
WRITE_FIRST_DAYS = 10  # nobody has written: whoever may is encouraged
PLAN_DAYS = 19  # the third week: how, how often, what for
CLOSING_DAYS = 14  # before the end
MADE_UP_DAYS = dates.MADE_UP_DAYS  # a topic, a question, an evaluation that a silent calendar missed leaves late
LATE_DAYS = 14  # a nudge that was missed for so long is not made up


@dataclass(frozen=True)
class Planned:
    """One line of a program's check-in plan: so many days after the introduction, or months into the year."""

    pk: int
    moment: str
    after_days: int | None = None
    after_months: int | None = None

    def day(self, introduced_on: date, begins_on: date) -> date:
        if self.after_days is not None:
            return introduced_on + timedelta(days=self.after_days)
        return dates.add_months(begins_on, self.after_months or 0)


def planned_days(plan: Iterable[Planned], introduced_on: date, begins_on: date) -> list[tuple[date, Planned]]:
    """The days on which a pair is asked, in their order."""
    return sorted(((line.day(introduced_on, begins_on), line) for line in plan), key=lambda found: found[0])


def to_ask(
    plan: Iterable[Planned], introduced_on: date, begins_on: date, ends_on: date, today: date, asked: set[date]
) -> tuple[date, Planned] | None:
    """The question whose day has come and which was not asked yet.

    A missed one is not made up after the next, nor after so long that nobody would know what it is about.
    """
    come = [found for found in planned_days(plan, introduced_on, begins_on) if found[0] <= min(today, ends_on)]
    if not come or come[-1][0] in asked or today > min(ends_on, come[-1][0] + timedelta(days=MADE_UP_DAYS)):
        return None
    return come[-1]


def reminders_due(asked_on: date, today: date) -> int:
    """How many reminders of a check-in should have left by today."""
    return sum(asked_on + timedelta(days=days) <= today for days in REMINDERS)


def morning(day: date, zone: str) -> datetime:
    """Nine in the morning: nobody is written to at midnight."""
    return datetime.combine(day, time(9), ZoneInfo(zone))


def may_write_first(first_contact: str) -> dict[str, bool]:
    """Who is encouraged when nobody has written: side → whether the first word was theirs to write (else they may)."""
    if first_contact == "mentor":
        return {"mentor": True, "mentee": False}
    if first_contact == "mentee":
        return {"mentee": True}
    return {"mentor": False, "mentee": False}
