"""What the calendar owes to listed mentors: on the morning on which a cycle opens, the question whether they are available."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from members import clock
from programs import listings, notices_listing
from programs.models import Cycle, Program
from programs.owed import Task, promised, task

MORNING = timedelta(hours=9)


def find(program: Program, at: datetime) -> Iterator[Task]:
    """Those to ask while applications are open; who becomes free meanwhile is asked then."""
    if not program.mentor_listing:
        return
    today = clock.day_of(at, program.time_zone)
    open_now = Cycle.objects.filter(program=program, shut=False, opens_on__lte=today, closes_on__gte=today)
    for cycle in open_now.order_by("opens_on"):
        cycle.program = program
        opens = clock.start_of(cycle.opens_on, program.time_zone) + MORNING
        if at < opens:
            continue
        rows = listings.to_ask(cycle, today)
        asked = promised(notices_listing.asked_key(row, cycle) for row in rows)
        for row in rows:
            if notices_listing.asked_key(row, cycle) not in asked:
                yield task(program, opens, "listing_asked", row, partial(listings.ask, row, cycle))
