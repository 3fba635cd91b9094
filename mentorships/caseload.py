"""The contact persons of a cycle as the committee looks at them: how many pairs each has, and what has waited for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from members.clock import day_of
from members.models import User
from mentorships import contacts, health, overview
from mentorships.models import Mentorship, Request
from programs.models import Cycle, Seat

AGEING_DAYS = 7
"""A request that waits longer than this belongs in other hands."""


@dataclass
class Load:
    """One contact person, or nobody: their pairs of the cycle, how these go, and the oldest request that waits."""

    who: User | None
    until: date | None = None
    seated: bool = False
    elsewhere: int = 0
    pairs: list[Mentorship] = field(default_factory=list)
    fine: int = 0
    look: int = 0
    needs: int = 0
    waiting: int = 0
    oldest: int = 0

    @property
    def ageing(self) -> bool:
        return self.oldest > AGEING_DAYS

    @property
    def may_hand_on(self) -> bool:
        return bool(self.who and self.pairs)


def loads(user: User, cycle: Cycle, today: date) -> list[Load]:
    """Everybody who looks after pairs of this cycle or might, the fullest first; last the pairs that nobody has."""
    seats = Seat.objects.filter(program=cycle.program_id, role=Seat.Role.LIAISON).on(today).select_related("user")
    found = {seat.user_id: Load(seat.user, seat.last_day, seated=True) for seat in seats}
    seated = {person.pk for person in contacts.on_committee(cycle.program, today)}
    for pair in overview.seen_by(user, cycle).filter(state__in=Mentorship.RUNNING):
        whose = found.setdefault(pair.liaison_id, Load(pair.liaison, seated=pair.liaison_id in seated))
        _add(whose, pair, today)
    total = contacts.caseload(cycle.program)
    for pk, load in found.items():
        load.elsewhere = max(0, total[pk] - len(load.pairs)) if pk else 0
    return sorted(found.values(), key=lambda load: (load.who is None, -len(load.pairs), str(load.who)))


def _add(load: Load, pair: Mentorship, today: date) -> None:
    """Count one more pair."""
    load.pairs.append(pair)
    colour = health.of(pair.facts(), today).colour
    load.fine += colour == health.GREEN
    load.look += colour == health.AMBER
    load.needs += colour == health.RED
    ages = list(_ages(pair.requests.all(), pair, today))
    load.waiting += len(ages)
    load.oldest = max([load.oldest, *ages])


def _ages(requests: Iterable[Request], pair: Mentorship, today: date) -> Iterable[int]:
    for one in requests:
        if one.state == Request.State.OPEN:
            yield (today - day_of(one.made_at, pair.program.time_zone)).days
