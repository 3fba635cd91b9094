"""The month's topic leaves on its day: to mentors on theirs, to mentees on theirs, once to each person."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import prefetch_related_objects

from mail.due import Due
from members import clock, journal
from mentorships import days
from mentorships import notices_topics as notices
from mentorships.models import CycleTopic, Mentorship
from programs.models import Program, Role


def due(running: Iterable[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """The topic of the month for these going pairs, as far as they had begun on its day.

    A night that was missed heals for two weeks. Who is introduced after its first day begins with the next topic, both
    sides alike; only where all are a few days late, the first topic waits for them, so that nobody misses the beginning.
    """
    by_cycle: dict[int, list[Mentorship]] = {}
    for pair in running:
        if pair.program.topic_recipients != Program.TopicRecipients.NONE:
            by_cycle.setdefault(pair.cycle_id, []).append(pair)
    for cycle_id, planned in _year(by_cycle).items():
        for role in Role:
            yield from _to_side(planned, role, by_cycle[cycle_id], at, dry)


def _year(by_cycle: dict[int, list[Mentorship]]) -> dict[int, list[CycleTopic]]:
    """The topics of each of these cycles that are not left out, asked for once."""
    found: dict[int, list[CycleTopic]] = {}
    if by_cycle:
        for one in CycleTopic.objects.filter(cycle__in=by_cycle, skipped=False).select_related("topic"):
            one.cycle = by_cycle[one.cycle_id][0].cycle
            found.setdefault(one.cycle_id, []).append(one)
    return found


def _to_side(planned: list[CycleTopic], role: str, pairs: list[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """The newest topic whose morning has come for this side. One that was missed is not made up after the next."""
    zone = planned[0].cycle.program.time_zone
    come = [one for one in planned if days.morning(notices.day_of(one, role), zone) <= at]
    if not come:
        return
    current = max(come, key=lambda one: (notices.day_of(one, role), one.number))
    day, today = notices.day_of(current, role), clock.day_of(at, zone)
    if today > day + timedelta(days=days.LATE_DAYS):
        return
    in_time = [pair for pair in pairs if pair.introduced_on() <= current.mentor_on]
    if not in_time and current.number == min(one.number for one in planned):
        in_time = pairs
    theirs: dict[int, list[Mentorship]] = {}
    for pair in in_time:
        theirs.setdefault(pair.mentor_id if role == Role.MENTOR else pair.mentee_id, []).append(pair)
    keys = {notices.topic_key(current, role, person): held for person, held in theirs.items()}
    done = notices.promised(keys)
    owed = [held for key, held in keys.items() if key not in done]
    prefetch_related_objects([pair for held in owed for pair in held], "mentor", "mentee")
    for held in owed:
        late = today > max(day, *(pair.introduced_on() for pair in held)) + timedelta(days=1)
        if dry or _send(current, role, held, late):
            yield Due(days.morning(day, zone), held[0].scope, "topic", journal.about(held[0]))


def _send(cycle_topic: CycleTopic, role: str, pairs: list[Mentorship], late: bool) -> bool:
    """Promise it, for those of the pairs that are going at this very moment; False when none is, or another was faster."""
    with transaction.atomic():
        going = Mentorship.objects.select_for_update(of=("self",)).filter(
            pk__in=[pair.pk for pair in pairs], state=Mentorship.State.OPEN
        )
        still = set(going.values_list("pk", flat=True))
        found = [pair for pair in pairs if pair.pk in still]
        return bool(found) and notices.topic(cycle_topic, role, found, late=late)
