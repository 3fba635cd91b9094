"""A topic for each month: which one a cycle's pairs get when, worked out once and then the committee's to change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from mentorships import notices_topics as notices
from mentorships.models import CycleTopic, Mentorship, Topic
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


def lay_out(cycle: Cycle, *, by: User) -> list[CycleTopic]:
    """Give a cycle without topics those of the program's library, month by month, for the committee to change."""
    if not by.has_perm("mentorships.add_cycletopic", cycle):
        raise NotAllowed(_("The committee plans the topics of the year."))
    if cycle.program.topic_recipients == Program.TopicRecipients.NONE:
        raise NotAllowed(_("This program sends no topics. Say under the program to whom they go, then plan them."))
    with transaction.atomic():
        Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)
        if CycleTopic.objects.filter(cycle=cycle).exists():
            raise NotAllowed(_("This cycle has its topics already. Change them one by one."))
        planned = plan(cycle, list(Topic.objects.filter(program=cycle.program)))
        if not planned:
            raise NotAllowed(_("There is no topic in the library yet. Write the first one."))
        CycleTopic.objects.bulk_create(planned)
        journal.record(cycle, "topics_planned", by=by)
    return planned


@dataclass(frozen=True)
class Year:
    """The topics of a pair's cycle as one of the two meets them: those whose day has come, and the next."""

    so_far: tuple[tuple[date, Topic], ...]
    next_on: date | None


def year_of(pair: Mentorship, role: str) -> Year | None:
    """What a pair has had to talk about, the newest first; None in a program that sends no topics."""
    return years([pair], {pair.pk: role}).get(pair.pk)


def years(pairs: Iterable[Mentorship], roles: dict[int, str]) -> dict[int, Year]:
    """The same for several pairs, each with the side from which it is looked at."""
    theirs = [pair for pair in pairs if pair.program.topic_recipients != Program.TopicRecipients.NONE]
    planned: dict[int, list[CycleTopic]] = {}
    if theirs:
        rows = CycleTopic.objects.filter(cycle__in={pair.cycle_id for pair in theirs}, skipped=False)
        for one in rows.select_related("topic"):
            planned.setdefault(one.cycle_id, []).append(one)
    return {pair.pk: _year(pair, roles[pair.pk], planned.get(pair.cycle_id, [])) for pair in theirs}


def _year(pair: Mentorship, role: str, planned: list[CycleTopic]) -> Year:
    today = clock.today(pair.program.time_zone)
    last = pair.ended_on or pair.term().ends_on
    dated = sorted(((notices.day_of(one, role), one) for one in planned), key=lambda found: (found[0], found[1].number))
    so_far = tuple((day, one.topic) for day, one in reversed(dated) if day <= min(today, last))
    going = pair.state in Mentorship.RUNNING
    return Year(so_far, next((day for day, _one in dated if going and today < day <= last), None))
