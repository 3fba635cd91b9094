"""One program's year: people act at their hours through the site's own verbs and forms, the calendar does the rest.

What people do follows the seed alone; `minds` says who does what, `acts` and `committee` how.
"""

import heapq
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.db.models import Max

from members import clock
from members.journal import NotAllowed
from members.models import User
from mentoring import planner, presets
from mentoring.rehearsal import chance, committee, minds, people
from mentoring.rehearsal.people import Cast, Person
from mentorships.models import Term
from programs.models import Cycle, Program, Seat

BEFORE = 14  # days between bringing in the member list and the opening
STRIDE = timedelta(days=4)  # shorter than anything that is owed stays owed, outside the busy weeks
SETTLED = timedelta(days=28)  # after the matches, the beginning and the last workshop
AFTERWARDS = 16  # days after the evaluation has closed: nothing may happen any more


@dataclass
class Round:
    """One cycle and those who apply in it for the first time."""

    cycle: Cycle
    applicants: list[Person] = field(default_factory=list)

    def is_busy(self, first: date, last: date) -> bool:
        """Whether people apply, are matched, meet at workshops or begin in these days: then every day counts, for some
        reminders make sense on one day only."""
        cycle = self.cycle
        workshops = [clock.day_of(session.starts_at, cycle.zone) for session in cycle.trainings.all()]
        over = max([cycle.announced_on, cycle.begins_on, *workshops]) + SETTLED
        return first <= over and last >= cycle.opens_on - timedelta(days=1)


class Year:
    """A program, its people, and what they mean to do on which day."""

    def __init__(self, program: Program, seed: int, seats: Mapping[str, User]):
        self.program, self.seed, self.name = program, seed, program.slug
        self.chair, self.deputy = seats[Seat.Role.CHAIR], seats[Seat.Role.DEPUTY]
        self.office = seats[Seat.Role.MEMBERSHIP_OFFICE]
        cycles = program.cycles.select_related("program__association").prefetch_related("trainings")
        self.rounds = [Round(cycle) for cycle in cycles.order_by("opens_on")]
        self.cast: Cast | None = None
        self.moved = 0  # months that this year opens later than the starting point's own
        self.minds = minds.Minds(self)
        self.agenda: dict[date, list[tuple[int, int, Callable[[], object]]]] = defaultdict(list)
        self._tickets = count()
        self._idle, self._looked = False, date.min

    @classmethod
    def set_up(cls, name: str, opens: date | None, seed: int) -> "Year":
        """The starting point's program with a committee, some weeks before it opens."""
        with clock.at(datetime(2020, 1, 1, 12, tzinfo=ZoneInfo("UTC"))):
            program = presets.load(name, opens=opens).program
            year = cls(program, seed, committee.take_seats(program))
        year.moved = presets.months_later(name, opens)
        return year

    def bring_in(self, files: Mapping[str, str] | None) -> list[str]:
        """Read who takes part, each in one of the cycles by lot; what is wrong with the files, in words."""
        self.cast, errors = people.read(self.program, files, self.moved)
        if errors:
            return errors
        rest = {person.email for person in self.cast.applicants}
        for left, one in enumerate(self.rounds):
            share = 1 / (len(self.rounds) - left)
            theirs = chance.some(self.seed, f"comes in round {left + 1}", rest, share)
            one.applicants = [person for person in self.cast.applicants if person.email in theirs]
            rest -= theirs
        self.plan(self.first_day, 9, self.minds.begin)
        return []

    @property
    def zone(self) -> str:
        return self.program.time_zone

    @property
    def first_day(self) -> date:
        return self.rounds[0].cycle.opens_on - timedelta(days=BEFORE)

    @property
    def last_day(self) -> date:
        """When the last pair's last evaluation is over, as far as one can see now."""
        terms = Term.objects.filter(mentorship__cycle__program=self.program)
        ends = [one.cycle.ends_on for one in self.rounds] + [terms.aggregate(last=Max("ends_on"))["last"]]
        return max(filter(None, ends)) + timedelta(days=self.program.evaluation_days + AFTERWARDS)

    def plan(self, day: date, hour: int, act: Callable, *args: object) -> None:
        """Somebody means to do this on that day."""
        heapq.heappush(self.agenda[day], (hour, next(self._tickets), lambda: act(*args)))

    def live(self, day: date) -> None:
        """One day: what people do hour by hour, then in the evening what the calendar owes, then second thoughts."""
        acted = self.act(day)
        evening = clock.end_of(day, self.zone)
        with clock.at(evening):
            done = {line.what for line in planner.due(evening)}
            if acted or done:
                self.minds.look_round(day, done)
        self._idle = not (acted or done)

    def next_day(self, day: date) -> date:
        """The next day to live. Over days on which nobody means to act and nothing is owed, one may step: what is owed
        stays owed for some days, so an evening without anything speaks for the few before it.
        """
        following, ahead = day + timedelta(days=1), day + STRIDE
        if not self._idle or day < self._looked or any(one.is_busy(day, ahead) for one in self.rounds):
            return following
        meant = [other for other in self.agenda if day < other <= ahead and self.agenda[other]]
        last = min([ahead, *(other - timedelta(days=1) for other in meant)])
        if last <= following:
            return following
        evening = clock.end_of(last, self.zone)
        with clock.at(evening):
            owed = any(True for _ in planner.due(evening, dry=True))
        self._looked = last
        return following if owed else last + timedelta(days=1)

    def act(self, day: date) -> bool:
        """What people mean to do on this day, hour by hour; whether there was anything."""
        acted = bool(self.agenda[day])
        while self.agenda[day]:
            hour, _, act = heapq.heappop(self.agenda[day])
            with clock.at(datetime.combine(day, time(hour), ZoneInfo(self.zone))):
                self._try(day, act)
        del self.agenda[day]
        return acted

    def _try(self, day: date, act: Callable[[], object]) -> None:
        """The site may refuse what somebody tries: that is said, and the year goes on."""
        try:
            act()
        except NotAllowed as refused:
            print(f"{day} {self.name}: {refused}", file=sys.stderr, flush=True)


def days(year: Year) -> Iterator[date]:
    """The days to live from the first to the last, which moves when pairs are given another year."""
    day, last = year.first_day, year.last_day
    while day <= last:
        yield day
        day = year.next_day(day)
        if day > last:
            last = year.last_day
