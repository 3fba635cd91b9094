"""The month's topic leaves on its day: to mentors on theirs, to mentees on theirs, once to each person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, zip_longest
from operator import itemgetter

from django.db import transaction
from django.db.models import prefetch_related_objects

from mail import failures, outbox
from mail.due import Due
from members import clock, journal
from members.models import Entry
from mentorships import days
from mentorships import notices_topics as notices
from mentorships.models import CycleTopic, Mentorship
from programs.models import Cycle, Program, Role

BATCH = 100  # people in one transaction


def due(running: Iterable[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """The topic of the month for these going pairs, as far as they had begun on its day.

    No month is skipped and none comes twice, whenever the calendar was at work: see `_lacking`. Who is introduced after a
    topic's first day begins with the next, both sides alike; only where all are a few days late, the first topic waits
    for them, so that nobody misses the beginning.
    """
    by_cycle: dict[int, list[Mentorship]] = {}
    for pair in running:
        if pair.program.topic_recipients != Program.TopicRecipients.NONE:
            by_cycle.setdefault(pair.cycle_id, []).append(pair)
    yield from failures.in_turn(
        _to_side(planned, role, by_cycle[cycle_id], at, dry)
        for cycle_id, planned in _year(by_cycle).items()
        for role in Role
    )


def _year(by_cycle: dict[int, list[Mentorship]]) -> dict[int, list[CycleTopic]]:
    """The topics of each of these cycles that are not left out, asked for once."""
    found: dict[int, list[CycleTopic]] = {}
    if by_cycle:
        for one in CycleTopic.objects.filter(cycle__in=by_cycle, skipped=False).select_related("topic"):
            one.cycle = by_cycle[one.cycle_id][0].cycle
            found.setdefault(one.cycle_id, []).append(one)
    return found


@dataclass(frozen=True)
class Month:
    """A topic whose morning has come for one side: its key to each person, and until when it counts as in time."""

    topic: CycleTopic
    day: date
    in_time: date
    current: bool
    theirs: dict[str, list[Mentorship]]

    def is_made_up(self, today: date) -> bool:
        """Whether it leaves, if it does, only because the calendar was silent."""
        return not self.current or today > self.in_time


def _to_side(planned: list[CycleTopic], role: str, pairs: list[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """The topics that this side lacks, the oldest first."""
    zone = planned[0].cycle.program.time_zone
    today = clock.day_of(at, zone)
    months = list(_months(planned, role, pairs, at))
    promised = notices.promised_at(key for month in months for key in month.theirs)
    owed = [(month, held) for month in months for held in _lacking(month, promised, today)]
    if any(month.is_made_up(today) for month, _held in owed):
        missed = {month.topic.pk: _was_missed(month, role) for month in months if month.is_made_up(today)}
        owed = [(month, held) for month, held in owed if missed.get(month.topic.pk, True)]
    prefetch_related_objects([pair for _month, held in owed for pair in held], "mentor", "mentee")
    together = ((month, [held for _month, held in some]) for month, some in groupby(owed, key=itemgetter(0)))
    batches = [(month, some[at : at + BATCH]) for month, some in together for at in range(0, len(some), BATCH)]
    yield from failures.in_turn(_to_some(month, role, some, today, dry) for month, some in batches)


def _to_some(month: Month, role: str, some: list[list[Mentorship]], today: date, dry: bool) -> Iterator[Due]:
    """The month's topic to these people at once; where that cannot be done for one of them, to each by themselves."""
    when = days.morning(month.day, some[0][0].program.time_zone)
    try:
        with outbox.owed_since(when):
            sent = some if dry else _send(month, role, some, today)
    except Exception:
        if len(some) == 1:
            raise
        yield from failures.in_turn(_to_some(month, role, [held], today, dry) for held in some)
        return
    for held in sent:
        yield Due(when, held[0].scope, "topic", journal.about(held[0]))


def _months(planned: list[CycleTopic], role: str, pairs: list[Mentorship], at: datetime) -> Iterator[Month]:
    """The topics whose morning has come, as far back as a silent calendar is made up for."""
    zone = planned[0].cycle.program.time_zone
    today = clock.day_of(at, zone)
    in_order = sorted(planned, key=lambda one: (notices.day_of(one, role), one.number))
    come = [one for one in in_order if days.morning(notices.day_of(one, role), zone) <= at]
    for one, following in zip_longest(come, come[1:]):
        day = notices.day_of(one, role)
        if today > day + timedelta(days=days.MADE_UP_DAYS):
            continue
        in_time = day + timedelta(days=days.LATE_DAYS)
        begun = [pair for pair in pairs if pair.introduced_on() <= one.mentor_on]
        first, fresh = one.number == min(other.number for other in planned), not following and today <= in_time
        if first and not begun and (fresh or _nobody_had_begun(one)):
            begun = [pair for pair in pairs if pair.introduced_on() <= in_time]
        theirs: dict[str, list[Mentorship]] = {}
        for pair in begun:
            person = pair.mentor_id if role == Role.MENTOR else pair.mentee_id
            theirs.setdefault(notices.topic_key(one, role, person), []).append(pair)
        if following:
            in_time = min(in_time, notices.day_of(following, role) - timedelta(days=1))
        yield Month(one, day, in_time, following is None, theirs)


def _nobody_had_begun(first: CycleTopic) -> bool:
    """Whether all pairs of a cycle, those that are over included, were introduced after the first topic's day."""
    by = clock.end_of(first.mentor_on, first.cycle.zone)
    return not Mentorship.objects.filter(cycle=first.cycle_id, introduced_at__lte=by).exists()


def _lacking(month: Month, promised: dict[str, datetime], today: date) -> list[list[Mentorship]]:
    """The pairs of each person who is owed a month's topic.

    For a fortnight whoever has not got the newest one is. Later, and once the next has come, only if nobody had it in
    time: then it was the calendar that was silent, not this pair that was paused, and all get what they missed.
    """
    zone = month.topic.cycle.program.time_zone
    if month.is_made_up(today):
        in_time = clock.end_of(month.in_time, zone)
        if any(promised.get(key, in_time) < in_time for key in month.theirs):
            return []
    return [held for key, held in month.theirs.items() if key not in promised]


def _was_missed(month: Month, role: str) -> bool:
    """Whether the calendar was silent: nobody on this side of the cycle, in whatever pair, had it in time."""
    cycle = month.topic.cycle
    in_time = clock.end_of(month.in_time, cycle.zone)
    return month.day >= _planned_since(cycle) and not notices.had_by(month.topic, role, in_time)


def _planned_since(cycle: Cycle) -> date:
    """Since when this cycle has its topics: what a committee plans for a day that is over was missed by nobody."""
    about = [journal.about(cycle), journal.about(cycle.program)]
    planned = Entry.objects.filter(about__in=about, verb__in=["topics_planned", "cycle_copied", "set_up"])
    last = planned.order_by("-at").values_list("at", flat=True).first()
    return clock.day_of(last, cycle.zone) if last else date.min


def _send(month: Month, role: str, some: list[list[Mentorship]], today: date) -> list[list[Mentorship]]:
    """Promise it, for those of the pairs that are going at this very moment, in one transaction; those whom it goes to."""
    with transaction.atomic():
        going = Mentorship.objects.select_for_update(of=("self",)).filter(
            pk__in=[pair.pk for held in some for pair in held], state=Mentorship.State.OPEN
        )
        still = set(going.order_by("pk").values_list("pk", flat=True))
        found = [kept for held in some if (kept := [pair for pair in held if pair.pk in still])]
        made = outbox.queue_many(
            [notices.topic(month.topic, role, held, late=_is_late(month, held, today)) for held in found]
        )
    return [held for held, message in zip(found, made, strict=True) if message]


def _is_late(month: Month, held: list[Mentorship], today: date) -> bool:
    return today > max(month.day, *(pair.introduced_on() for pair in held)) + timedelta(days=1)
