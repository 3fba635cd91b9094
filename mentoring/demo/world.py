"""The demo's data: four programs at four points of their year, lived through by the site's own verbs under the clock.

One is open, one is closed and ready to be matched, in one the pairs are in the middle of their year, one is over and
evaluated. The people are the samples of the starting points, and do what they do in a rehearsal.
"""

import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from mail.models import Message
from members import clock, journal
from members.models import Entry, User
from mentoring import planner, presets, setup
from mentoring.demo import cast
from mentoring.rehearsal import acts
from mentoring.rehearsal.year import Year
from mentorships import topics
from mentorships.models import CycleTopic, Mentorship
from programs import applications
from programs.models import Application, Cycle, Program, Role, Seat

LOADED, SEED = "demo_loaded", 7
EASTERN = "America/New_York"
# Where each program stands today: so many days after one of the days of its first cycle.
STAGES = {
    "nasig": ("ends_on", 32),
    "kla": ("begins_on", 165),
    "nmrt": ("closes_on", 5),
    "nela": ("opens_on", 12),
}
MOST = 24  # people of one role in one cycle
STEP = 7  # every how many days the calendar is asked while a year goes by: a missed night heals
WEEK = timedelta(days=7)
DAYS = ("opens_on", "closes_on", "hear_by", "announced_on", "begins_on", "ends_on")


class Interrupted(RuntimeError):
    """An earlier load did not come to its end."""


def load() -> str:
    """Make the sample data unless they are there; what was done, in a line. Raises Interrupted after half a load."""
    if Program.objects.filter(slug__in=STAGES).exists():
        if not Entry.objects.filter(verb=LOADED).exists():
            raise Interrupted("The sample data were loaded by half only. `make clean`, then `make demo` again.")
        return "The sample data are there already; `make clean` forgets them."
    with mail_goes_nowhere():
        _live()
    journal.record(Program.objects.get(slug="kla"), LOADED)
    return f"Four programs, {Application.objects.count()} applications, {Mentorship.objects.count()} pairs."


@contextmanager
def mail_goes_nowhere() -> Iterator[None]:
    """The mails of the past are kept as sent: no file is written for them and no worker is woken."""
    before = settings.EMAIL_BACKEND, settings.MAIL_WAKE
    settings.EMAIL_BACKEND, settings.MAIL_WAKE = "django.core.mail.backends.dummy.EmailBackend", False
    try:
        yield
    finally:
        settings.EMAIL_BACKEND, settings.MAIL_WAKE = before


@contextmanager
def noon(day: date) -> Iterator[None]:
    with clock.at(datetime.combine(day, time(12), ZoneInfo(EASTERN))):
        yield


def _live() -> None:
    """All four at once, day by day, from the first day of the oldest until yesterday."""
    today = clock.today(EASTERN)
    years = [_set_up(name, *stage, today) for name, stage in STAGES.items()]
    asked = {year.rounds[0].cycle.announced_on + timedelta(days=late) for year in years for late in (0, 1)}
    for days in CycleTopic.objects.values_list("mentor_on", "mentee_on"):
        asked |= set(days)  # a topic that comes days later says so to its reader
    day, yesterday = min(year.first_day for year in years), today - timedelta(days=1)
    # What the site refuses is part of the play and nothing to read here.
    with contextlib.redirect_stderr(io.StringIO()):
        while day < today:
            for year in years:
                year.act(day)
            if day in asked or day.toordinal() % STEP == 0:
                _evening(day, years)
            day += timedelta(days=1)
    with noon(yesterday):
        _people_at_every_door()
    _evening(yesterday, years)
    Message.objects.update(owed_since=None)  # whole weeks at a time is this play's own pace, no lateness


def _evening(day: date, years: list[Year]) -> None:
    at = clock.end_of(day, EASTERN)
    with clock.at(at):
        done = defaultdict(set)
        for line in planner.due(at):
            done[line.scope].add(line.what)
        for year in years:
            if year.first_day <= day:
                year.minds.look_round(day, done[year.program.scope])


def _set_up(name: str, of: str, after: int, today: date) -> Year:
    """A program whose first cycle lies so that today is so many days after one of its days; its people know their parts."""
    with clock.at(datetime(2020, 1, 1, 12, tzinfo=ZoneInfo("UTC"))):
        program = presets.load(name).program
        stands = getattr(program.cycles.earliest("opens_on"), of) + timedelta(days=after)
        span = weeks_until(stands, today)
        for cycle in program.cycles.order_by("-opens_on" if span > timedelta() else "opens_on"):
            move(cycle, span)
        year = Year(program, SEED, _seats(program, today + timedelta(days=400)))
    year.moved = round(span.days / 30.4)
    if errors := year.bring_in(None):
        raise ValueError("; ".join(errors))
    for one in year.rounds:
        one.applicants = [who for role in Role for who in [who for who in one.applicants if who.role == role][:MOST]]
    return year


def weeks_until(day: date, today: date) -> timedelta:
    """How far a day must be moved by whole weeks to come next to today."""
    return round((today - day) / WEEK) * WEEK


def move(cycle: Cycle, span: timedelta) -> None:
    """The cycle so many weeks earlier or later: weekdays stay, its name and its topics follow its days."""
    for name in DAYS:
        setattr(cycle, name, getattr(cycle, name) + span)
    cycle.name = setup.name_of(cycle, {name: getattr(cycle, name) for name in DAYS})
    cycle.slug = presets.slug_of_cycle(cycle.name)
    cycle.save()
    for training in cycle.trainings.all():
        training.starts_at += span
        training.save()
    planned = [one.topic for one in CycleTopic.objects.filter(cycle=cycle).select_related("topic")]
    CycleTopic.objects.filter(cycle=cycle).delete()
    CycleTopic.objects.bulk_create(topics.plan(cycle, planned))


def _seats(program: Program, until: date) -> dict[str, User]:
    """The committee and the membership office; the chair's and the deputy's names may be shown."""
    found = {}
    for member in [member for member in cast.COMMITTEES if member.program == program.slug]:
        user = found[member.seat] = acts.person(member.email, *member.first_and_last)
        shown = member.seat != Seat.Role.LIAISON
        Seat.objects.create(
            user=user, program=program, role=member.seat, first_day=_now(program), last_day=until, name_shown=shown
        )
    office = acts.person(f"jules.tran@{program.slug}.example.org", "Jules", "Tran")
    role = Seat.Role.MEMBERSHIP_OFFICE
    Seat.objects.create(user=office, association=program.association, role=role, first_day=_now(program))
    return {**found, role: office}


def _now(program: Program) -> date:
    return clock.today(program.time_zone)


def _people_at_every_door() -> None:
    """In the open cycle one is begun and not sent; where pairs are in their year, one asks for help."""
    carmen = acts.person(cast.APPLICANT.email, *cast.APPLICANT.first_and_last)
    cycle = Cycle.objects.filter(program__slug=cast.APPLICANT.program).earliest("opens_on")
    applications.start(cycle, carmen, Role.MENTEE)
    running = Mentorship.objects.running().filter(cycle__program__slug="kla")
    if pair := running.order_by("pk").last():
        acts.ask_for_another(pair)
