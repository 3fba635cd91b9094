"""A topic for each month: which one a cycle's pairs get when, worked out once and then the committee's to change."""

from collections.abc import Sequence
from datetime import date, timedelta

from mentorships.models import CycleTopic, Topic
from programs.dates import SATURDAY, add_months
from programs.models import Cycle, Program


def plan(cycle: Cycle, topics: Sequence[Topic]) -> list[CycleTopic]:
    """These topics month by month over a cycle, not saved: as many as it has months, or as there are topics."""
    program = cycle.program
    if program.topic_recipients == Program.TopicRecipients.NONE:
        return []
    ahead = program.topic_recipients == Program.TopicRecipients.MENTOR_FIRST
    days = topic_days(cycle.begins_on, cycle.ends_on, program.topic_day)
    return [
        CycleTopic(
            cycle=cycle,
            topic=topic,
            number=number,
            mentor_on=last_working_day_before(day) if ahead else day,
            mentee_on=day,
        )
        for number, (topic, day) in enumerate(zip(topics, days, strict=False), start=1)
    ]


def topic_days(begins: date, ends: date, day_of_month: int) -> list[date]:
    """The same day of each month from the first to the last day of a mentoring year, both counted."""
    first = date(begins.year, begins.month, day_of_month)
    if first < begins:
        first = add_months(first, 1)
    months = (ends.year - first.year) * 12 + ends.month - first.month + 1
    return [day for day in (add_months(first, number) for number in range(months)) if day <= ends]


def last_working_day_before(day: date) -> date:
    """The Friday before a weekend, else the day before."""
    before = day - timedelta(days=1)
    return before - timedelta(days=max(0, before.weekday() - SATURDAY + 1))
