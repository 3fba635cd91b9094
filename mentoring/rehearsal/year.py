"""One program's year: people act at their hours through the site's own verbs and forms, the calendar does the rest.

What people do follows the seed alone. Whom the member list does not show in good standing, but who has a member's name
and number, asks the membership office, which says yes within a week; of the others two thirds join within two weeks. A
few pairs fall silent, one pair in fifteen asks for another partner, two thirds answer an evaluation.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.db.models import Model

from evaluations.models import Receipt
from members import clock, member_list, standing
from members.models import Membership, User
from mentoring import planner, presets
from mentoring.rehearsal import acts, chance, people
from mentoring.rehearsal.people import Cast, Person
from mentorships.models import CheckIn, Mentorship
from programs.models import Cycle, Program, Seat

BEFORE = 14  # days between bringing in the member list and the opening
MATCHING = 7  # days between the committee's matching evening and the announcement
AFTERWARDS = 16  # days after the evaluation has closed: nothing may happen any more
JOIN, SILENT, OTHER_PARTNER, EVALUATE, CHECK_IN = 2 / 3, 1 / 12, 1 / 15, 2 / 3, 5 / 6


class Year:
    """A program, its people, and what they mean to do on which day."""

    def __init__(self, program: Program, seed: int, chair: User, office: User):
        self.program, self.seed, self.chair, self.office = program, seed, chair, office
        self.cycle: Cycle = program.cycles.get()
        self.name = program.slug
        self.cast = Cast(member_list.Found([], []), [])
        self.agenda: dict[date, list[tuple[int, int, Callable[[], object]]]] = defaultdict(list)
        self.moved = 0  # months that this year opens later than the starting point's own
        self.silent: set[int] = set()
        self._tickets = count()
        self._seen: dict[type[Model], int] = defaultdict(int)

    @classmethod
    def set_up(cls, name: str, opens: date | None, seed: int) -> "Year":
        """The starting point's program with a committee, some weeks before it opens."""
        with clock.at(datetime(2020, 1, 1, 12, tzinfo=ZoneInfo("UTC"))):
            program = presets.load(name, opens=opens).program
            chair = acts.sit(program, "chi", "Chi", "Harper", Seat.Role.CHAIR)
            acts.sit(program, "dee", "Dee", "Ruiz", Seat.Role.DEPUTY)
            office = acts.sit(program, "jules", "Jules", "Tran", Seat.Role.MEMBERSHIP_OFFICE)
            year = cls(program, seed, chair, office)
        year.moved = presets.months_later(name, opens)
        return year

    def bring_in(self, files: Mapping[str, str] | None) -> list[str]:
        """Read who takes part; what is wrong with the files, in words."""
        self.cast, errors = people.read(self.program, files, self.moved)
        if not errors:
            self.plan(self.first_day, 9, self.open)
        return errors

    @property
    def first_day(self) -> date:
        return self.cycle.opens_on - timedelta(days=BEFORE)

    @property
    def last_day(self) -> date:
        return self.cycle.ends_on + timedelta(days=self.program.evaluation_days + AFTERWARDS)

    def plan(self, day: date, hour: int, act: Callable, *args: object) -> None:
        """Somebody means to do this on that day."""
        heapq.heappush(self.agenda[day], (hour, next(self._tickets), lambda: act(*args)))

    def acts_of(self, day: date) -> Iterator[None]:
        """What people do on this day, hour by hour."""
        while self.agenda[day]:
            hour, _, act = heapq.heappop(self.agenda[day])
            with clock.at(datetime.combine(day, time(hour), ZoneInfo(self.cycle.zone))):
                act()
            yield
        del self.agenda[day]

    def open(self) -> None:
        """The member list comes in; everybody chooses a day to apply, the committee its evening."""
        member_list.apply(self.program.association, self.cast.members, seen_on=self.cycle.today(), by=self.chair)
        days = (self.cycle.closes_on - self.cycle.opens_on).days
        applying = {}
        for person in self.cast.applicants:
            dice = chance.dice(self.seed, "applies", person.role, person.email)
            applying[person.role, person.email] = self.cycle.opens_on + timedelta(days=dice.randint(0, days))
            self.plan(applying[person.role, person.email], dice.randint(8, 20), acts.apply, self.cycle, person)
        self._seek_membership(applying)
        self.plan(self.cycle.announced_on - timedelta(days=MATCHING), 18, acts.match, self.cycle, self.chair)

    def _seek_membership(self, applying: dict[tuple[str, str], date]) -> None:
        """Who is not in good standing on the day of applying goes to the office, joins, or stays away."""
        association = self.program.association
        first: dict[str, tuple[Person, date]] = {}
        for person in sorted(self.cast.applicants, key=lambda person: applying[person.role, person.email]):
            day = applying[person.role, person.email]
            if person.email not in first and not standing.of([person.email], association, day).good:
                first[person.email] = person, day
        rows = {email: _member_like(person, association, day) for email, (person, day) in first.items()}
        joining = chance.some(self.seed, "joins", (email for email in first if not rows[email]), JOIN)
        for email, (person, day) in first.items():
            dice = chance.dice(self.seed, "office", email)
            if row := rows[email]:
                self.plan(day, 21, acts.claim, self.cycle, person)
                self.plan(
                    day + timedelta(days=dice.randint(1, 6)), 10, acts.say_yes, association, person, self.office, row
                )
            elif email in joining:
                self.plan(day + timedelta(days=dice.randint(2, 13)), 10, acts.say_yes, association, person, self.office)

    def look_round(self, day: date) -> None:
        """After the calendar has acted: whoever was introduced or asked something makes up their mind."""
        if day < self.cycle.announced_on:
            return
        self._make_up_minds(day, self._new(Mentorship, "mentee", cycle=self.cycle))
        for check_in in self._new(CheckIn, "user", mentorship__cycle=self.cycle):
            dice = chance.dice(self.seed, check_in.moment, check_in.due_on, check_in.user.email, check_in.role)
            if check_in.mentorship_id not in self.silent and dice.random() < CHECK_IN:
                self.plan(_after(day, dice, 1, 8), dice.randint(8, 20), acts.answer_check_in, check_in, dice)
        asked = self._new(Receipt, "user", term__mentorship__cycle=self.cycle)
        receipts = {f"{receipt.user.email} {receipt.role}": receipt for receipt in asked}
        for who in sorted(chance.some(self.seed, f"evaluates {day}", receipts, EVALUATE)):
            dice = chance.dice(self.seed, "evaluates", day, who)
            self.plan(_after(day, dice, 1, 18), dice.randint(8, 20), acts.evaluate, receipts[who], dice)

    def _make_up_minds(self, day: date, pairs: list[Mentorship]) -> None:
        """A few of those introduced together will be silent, one in fifteen will ask for another partner."""
        fresh = {pair.mentee.email: pair for pair in pairs}
        silent = chance.some(self.seed, f"silent {day}", fresh, SILENT, at_least=int(len(fresh) > 3))
        self.silent |= {fresh[email].pk for email in silent}
        for email in sorted(chance.some(self.seed, f"other partner {day}", set(fresh) - silent, OTHER_PARTNER)):
            dice = chance.dice(self.seed, "other partner", email)
            asked = _after(day, dice, 70, 120)
            self.plan(asked, 20, acts.ask_for_another, fresh[email])
            self.plan(_after(asked, dice, 2, 5), 19, acts.find_another, fresh[email], self.chair)

    def _new(self, model: type[Model], who: str, **where: object) -> list:
        """Rows made since the last look, with the person they are about."""
        fresh = model._default_manager.filter(pk__gt=self._seen[model], **where)
        if not fresh.exists():
            return []
        rows = list(fresh.select_related(who).order_by("pk"))
        self._seen[model] = rows[-1].pk
        return rows


def live(day: date, years: list[Year]) -> None:
    """One day: what people do, then, in the evening of each program's zone, what the calendar owes."""
    for year in years:
        for _ in year.acts_of(day):
            pass
    for zone in sorted({year.cycle.zone for year in years}):
        at = clock.end_of(day, zone)
        with clock.at(at):
            for _ in planner.due(at):
                pass
    for year in years:
        year.look_round(day)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _after(day: date, dice, least: int, most: int) -> date:
    return day + timedelta(days=dice.randint(least, most))


def _member_like(person: Person, association, day: date) -> Membership | None:
    """The good row that has this person's name and number under another address."""
    if not person.number:
        return None
    rows = Membership.objects.on(day).filter(
        association=association,
        member_number=person.number,
        first_name__iexact=person.first_name,
        last_name__iexact=person.last_name,
        status__in=association.good_statuses,
    )
    return rows.first()
