"""People of a running cycle to whom mail does not arrive: the committee asks them for another address, and so do we, where
there is one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q

from mail.models import Suppression
from members import clock, people
from programs import notices_address
from programs.models import Application, Cycle, Program
from programs.owed import Task, promised, task


@dataclass(frozen=True)
class Unreached:
    """One person, by what they have applied for, and why their address fails."""

    application: Application
    why: Suppression


def of(cycle: Cycle) -> list[Unreached]:
    """Whom mail does not reach in a cycle, each once, who has waited longest first."""
    return _found(Q(cycle=cycle))


def _found(which: Q) -> list[Unreached]:
    failing = Suppression.objects.values("email")
    rows = Application.objects.filter(which, state__in=Application.OPEN, user__email__in=failing)
    rows = rows.select_related("user", "cycle__program__association").order_by("pk")
    by_person = {row.user_id: row for row in reversed(rows)}
    if not by_person:
        return []
    why = people.unreachable([row.user for row in by_person.values()])
    found = [Unreached(row, why[pk]) for pk, row in by_person.items() if pk in why]
    return sorted(found, key=lambda one: (one.why.since, one.application.pk))


def find(program: Program, at: datetime) -> Iterator[Task]:
    """Those to ask at another address of theirs whether the one that fails is still good, once each time it fails."""
    today = clock.day_of(at, program.time_zone)
    found = _found(Q(cycle__program=program, cycle__ends_on__gte=today))
    asked = promised(notices_address.key(one.why) for one in found)
    for one in found:
        if one.why.since > at or notices_address.key(one.why) in asked:
            continue
        if to := people.also_at(one.application.user):
            row = one.application
            yield task(program, one.why.since, "address_fails", row, partial(notices_address.asked, row, to, one.why))
