"""The demo's data: three cycles of the sample program, lived through by the site's own verbs under the clock.

The first cycle is over and evaluated, in the second the pairs are in their mentoring year, the third is open. Every date
lies whole months from the starting point's own, so that the sample memberships are current on the day of the demo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from evaluations.models import Receipt
from matching import proposals
from members import clock, journal, member_list
from members.models import Entry, User
from mentoring import planner, presets, setup
from mentoring.demo import cast
from mentoring.rehearsal import acts, people
from mentoring.rehearsal.people import Person
from mentorships.models import CheckIn, Mentorship
from programs import applications
from programs.dates import add_months
from programs.models import Application, Cycle, Program, Role, Seat

NAME, LOADED = "kla", "demo_loaded"
STEP = timedelta(days=9)  # how often the calendar is asked while two years go by
APPLYING = 12  # days over which people apply
MATCHING = timedelta(days=8)  # after the close
QUIET = 5  # every fifth pair says nothing


class Interrupted(RuntimeError):
    """An earlier load did not come to its end."""


def load() -> str:
    """Make the sample data unless they are there; what was done, in a line. Raises Interrupted after half a load."""
    if Program.objects.filter(slug=NAME).exists():
        if not Entry.objects.filter(verb=LOADED).exists():
            raise Interrupted("The sample data were loaded by half only. `make clean`, then `make demo` again.")
        return "The sample data are there already; `make clean` forgets them."
    with mail_goes_nowhere():
        _live()
    journal.record(Program.objects.get(slug=NAME), LOADED)
    return f"{Application.objects.count()} applications, {Mentorship.objects.count()} pairs, three cycles."


@contextmanager
def mail_goes_nowhere() -> Iterator[None]:
    """The mails of the past are kept as sent: no file is written for them and no worker is woken."""
    before = settings.EMAIL_BACKEND, settings.MAIL_WAKE
    settings.EMAIL_BACKEND, settings.MAIL_WAKE = "django.core.mail.backends.dummy.EmailBackend", False
    try:
        yield
    finally:
        settings.EMAIL_BACKEND, settings.MAIL_WAKE = before


@dataclass
class Played:
    """One cycle, who applies in it, and the people who answer."""

    cycle: Cycle
    applicants: list[Person]
    chair: User
    dice: Random


@contextmanager
def noon(day: date) -> Iterator[None]:
    with clock.at(datetime.combine(day, time(12), ZoneInfo("America/New_York"))):
        yield


def _live() -> None:
    today = clock.today("America/New_York")
    opens = today.replace(day=1)
    first = add_months(opens, -24)
    months = presets.months_later(NAME, opens)
    with noon(first - timedelta(days=30)):
        program = presets.load(NAME, opens=first).program
        chair = _seats(program)
        sample, errors = people.read(program, None, months)
        if errors:
            raise ValueError("; ".join(errors))
        members = replace(sample.members, rows=[*sample.members.rows, *_cast_as_members(sample.members.rows[0])])
        member_list.apply(program.association, members, seen_on=first - timedelta(days=30), by=chair)
        cycles = [program.cycles.get()]
        cycles += [setup.copy_cycle(cycles[0], opens=add_months(first, years * 12), by=chair) for years in (1, 2)]
    shares = _shares(sample.applicants)
    played = [
        Played(cycle, who, chair, Random(number))
        for number, (cycle, who) in enumerate(zip(cycles, shares, strict=True))
    ]
    day = first
    while day < today:
        for year in played:
            _act(year, day)
        if not any(year.cycle.opens_on < day < year.cycle.opens_on + timedelta(days=APPLYING) for year in played):
            _evening(day)
        day = _next(day, played, today)
    with noon(today - timedelta(days=1)):
        _people_at_every_door(cycles[-1], shares[-1])


def _seats(program: Program) -> User:
    """The committee, the office, and the names that may be shown."""
    roles = {"committee": Seat.Role.COMMITTEE, "chair": Seat.Role.CHAIR, "deputy": Seat.Role.DEPUTY}
    shown = {"committee": "Pairs in the west and in Louisville", "deputy": "Pairs in the east and online", "chair": ""}
    until = add_months(clock.today("UTC").replace(month=6, day=30), 36)
    for key, role in roles.items():
        member = cast.find(key)
        user = acts.person(member.email, *member.name.split(" ", 1))
        Seat.objects.create(
            user=user,
            program=program,
            role=role,
            first_day=clock.today("UTC"),
            last_day=until,
            name_shown=True,
            does=shown[key],
        )
    acts.sit(program, "jules", "Jules", "Tran", Seat.Role.MEMBERSHIP_OFFICE)
    return User.objects.get(email=cast.find("chair").email)


def _cast_as_members(like: member_list.Line) -> list[member_list.Line]:
    """The cast's participants are on the member list, so that they come through its gate like everybody."""
    found = []
    for number, key in enumerate(("mentee", "mentor"), start=19001):
        member = cast.find(key)
        first_name, last_name = member.name.split(" ", 1)
        words = {
            "email": member.email,
            "first_name": first_name,
            "last_name": last_name,
            "member_number": f"KLA-{number}",
        }
        found.append(replace(like, **words, status="Active", valid_from=date(2015, 1, 1), valid_until=None))
    return found


def _shares(applicants: list[Person]) -> list[list[Person]]:
    """Who applies in which cycle; the cast's mentor and mentee, with somebody's answers, in the one that runs."""
    mentors = [person for person in applicants if person.role == Role.MENTOR]
    mentees = [person for person in applicants if person.role == Role.MENTEE]
    mo, bea = cast.find("mentor"), cast.find("mentee")
    areas = mentees[12].answers["areas"]
    pair = [
        _as(
            mentors[12],
            mo,
            areas=[*areas, "advocacy-and-trustees"],
            years=14,
            library_type="public-rural",
            mentees_wanted=1,
        ),
        _as(mentees[12], bea, areas=areas, years=3, library_type="public-rural"),
    ]
    return [
        [*mentors[:13], *mentees[:12]],
        [*mentors[13:], *mentees[13:20], *pair],
        [*mentors[:9], *mentees[20:], *mentees[:6]],
    ]


def _as(somebody: Person, member: cast.Member, **answers) -> Person:
    first_name, last_name = member.name.split(" ", 1)
    return replace(
        somebody,
        email=member.email,
        first_name=first_name,
        last_name=last_name,
        answers={**somebody.answers, **answers},
    )


def _act(year: Played, day: date) -> None:
    """What people of one cycle do by this day: apply, match, answer."""
    cycle = year.cycle
    if day < cycle.opens_on:
        return
    with noon(day):
        for number, person in enumerate(year.applicants):
            if day == cycle.opens_on + timedelta(days=number % APPLYING):
                acts.apply(cycle, person)
        if day == cycle.closes_on + MATCHING:
            _give_the_cast_to_each_other(year)
            acts.match(cycle, year.chair)
        _answer(year, day)


def _give_the_cast_to_each_other(year: Played) -> None:
    """By hand, as a committee may: the suggestion then goes around Mo and Bea, whom the demo's page calls a pair."""
    admitted = Application.objects.filter(cycle=year.cycle, state=Application.State.ADMITTED)
    mentees = admitted.filter(user__email=cast.find("mentee").email, role=Role.MENTEE)
    mentors = admitted.filter(user__email=cast.find("mentor").email, role=Role.MENTOR)
    for mentee, mentor in zip(mentees, mentors, strict=True):
        proposals.assign(year.cycle, mentee, mentor, by=year.chair)


def _answer(year: Played, day: date) -> None:
    """Check-ins and evaluations of the last days, by those who answer at all."""
    for check_in in CheckIn.objects.filter(mentorship__cycle=year.cycle, answered_at=None, answer_by__gte=day):
        if check_in.mentorship_id % QUIET and year.dice.random() < 0.9:
            acts.answer_check_in(check_in, year.dice)
    for receipt in Receipt.objects.filter(term__mentorship__cycle=year.cycle, answered=False, closes_on__gte=day):
        if year.dice.random() < 0.7:
            acts.evaluate(receipt, year.dice)


def _evening(day: date) -> None:
    at = clock.end_of(day, "America/New_York")
    with clock.at(at):
        for _ in planner.due(at):
            pass


def _next(day: date, played: list[Played], today: date) -> date:
    """The next day that matters: the days of applying and of the announcements, else some days later."""
    keys = {day + STEP, today}
    for year in played:
        cycle = year.cycle
        keys |= {cycle.opens_on + timedelta(days=number) for number in range(APPLYING + 1)}
        keys |= {cycle.closes_on + MATCHING, cycle.announced_on, cycle.announced_on + timedelta(days=7)}
    return min(key for key in keys if key > day)


def _people_at_every_door(cycle: Cycle, share: list[Person]) -> None:
    """In the open cycle: begun and not sent, kept for membership with a number given, withdrawn; a pair that asks for help."""
    member = cast.find("applicant")
    carmen = acts.person(member.email, *member.name.split(" ", 1))
    if not Application.objects.filter(cycle=cycle, user=carmen, role=Role.MENTEE).exists():
        applications.start(cycle, carmen, Role.MENTEE)
    pair = Mentorship.objects.running().exclude(mentee__email=cast.find("mentee").email).order_by("pk").last()
    if pair:
        acts.ask_for_another(pair)
