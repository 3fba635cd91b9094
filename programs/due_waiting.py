"""What the calendar owes to people who wait: freed places offered, a word every thirty days, the end of the waiting,
the next cycle; and that the counted places are right.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from mail.due import Due
from members import clock, journal
from members.models import Entry
from programs import cycles, waiting
from programs.models import Application, Cycle, Program
from programs.notices_waiting import over_key
from programs.owed import Task, applications, promised, task

State = Application.State
MORNING = timedelta(hours=9)
A_WORD_EVERY = timedelta(days=30)
LOOKED_BACK = timedelta(days=60)  # so long after the matches were made a missed word about it is made up for
MISCOUNTED = "places miscounted"


def people(program: Program, at: datetime) -> Iterator[Task]:
    """For each who waits the one thing that is due: a place, the next cycle, or a word about where it stands."""
    rows = applications(program, State.WAITLISTED)
    if not rows:
        return
    with clock.at(at):
        asked = _to_ask(rows)
        following = {cycle: waiting.next_cycle(cycle) for cycle in {row.cycle for row in rows if row.keep_for_next}}
    for row in asked:
        yield task(program, at, "place_free", row, partial(waiting.offer_place, row))
    today = clock.day_of(at, program.time_zone)
    others = []
    for row in rows:
        to = following.get(row.cycle)
        if row.keep_for_next and row.cycle.announced_on <= today and to and to.opens_at() <= at:
            yield task(program, to.opens_at(), "next_cycle_opens", row, partial(waiting.carry_over, row, to))
        elif row not in asked:
            others.append(row)
    if at >= clock.start_of(today, program.time_zone) + MORNING:
        yield from _words(program, others, at)


def _to_ask(rows: Sequence[Application]) -> list[Application]:
    """Whose turn it is in each cycle whose matches are not made yet."""
    sides = {(row.cycle, row.role): None for row in rows if row.cycle.today() < row.cycle.announced_on}
    return [row for cycle, role in sides for row in waiting.to_ask(cycle, role)]


def _words(program: Program, rows: Sequence[Application], at: datetime) -> Iterator[Task]:
    """Thirty days after the last word, and in the morning of the day on which the matches are made."""
    today = clock.day_of(at, program.time_zone)
    told, told_over = waiting.told_on(rows), promised(over_key(row) for row in rows)
    for row in rows:
        announced = row.cycle.announced_on
        if announced <= today and over_key(row) not in told_over:
            day, owed = announced, today <= announced + LOOKED_BACK
        else:
            day = clock.day_of(told.get(row.pk) or row.sent_at or row.started_at, program.time_zone) + A_WORD_EVERY
            owed = row.keep_for_next or today < announced
        if owed and day <= today:
            morning = clock.start_of(day, program.time_zone) + MORNING
            yield task(program, morning, "still_waiting", row, partial(waiting.tell, row))


def counted(program: Program, at: datetime) -> Iterator[Task]:
    """Each night: whether the counted places are the applications that hold one. The committee is shown when not."""
    today = clock.day_of(at, program.time_zone)
    night = clock.start_of(today, program.time_zone)
    for cycle in cycles.miscounted(Cycle.objects.filter(program=program, ends_on__gte=today).order_by("pk")):
        noted = Entry.objects.filter(about=journal.about(cycle), verb=MISCOUNTED, at__gte=night)
        if not noted.exists():
            line = Due(night, program.scope, "places_miscounted", journal.about(cycle))
            yield Task(line, partial(journal.record, cycle, MISCOUNTED))
