"""What the tests of waiting share: a cycle that is full with three people who wait, and the calendar's evenings."""

from datetime import UTC, date, datetime

from members import clock
from programs import due
from programs.models import Application, Role
from programs.tests.make import make_cycle, make_member, make_person, send

SPRING = {
    "slug": "spring", "name": "Spring 2026", "opens_on": date(2026, 3, 1), "closes_on": date(2026, 3, 31),
    "hear_by": date(2026, 4, 20), "announced_on": date(2026, 4, 20), "begins_on": date(2026, 4, 20),
    "ends_on": date(2027, 4, 19),
}  # fmt: skip


def on(month, day, hour=16, year=2025):
    return clock.at(datetime(year, month, day, hour, tzinfo=UTC))


def night(month, day, year=2025):
    """What the calendar does on the evening of a day, and that doing it again does nothing."""
    at = clock.end_of(date(year, month, day), "America/New_York")
    ahead = list(due.due(at, dry=True))
    assert list(due.due(at)) == ahead
    assert list(due.due(at)) == []
    return [(line.what, line.about) for line in ahead]


def read(application):
    return Application.objects.select_related("cycle__program__association", "user").get(pk=application.pk)


def make_full(kla):
    """Two places, taken by Ann and Ben; Cal, Dot and Eve wait, in the order in which they came."""
    make_member(kla.association, *(f"{name}@larkin.example.net" for name in ("ann", "ben", "cal", "dot", "eve", "fay")))
    cycle = make_cycle(kla, cap_mentees=2)
    found = {}
    for day, name in enumerate(("ann", "ben", "cal", "dot", "eve"), start=2):
        with on(9, day):
            person = make_person(f"{name}@larkin.example.net", name.title(), "Larkin")
            found[name] = send(cycle, person, Role.MENTEE)
    return found
