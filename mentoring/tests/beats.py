"""Two years of the four programs, lived day by day while beat comes and goes: several beats at once, none for forty days.

People act by the rehearsal's own acts; beats are real threads, each with a connection of its own, that are let go at the
same moment. What leaves is written down by a post office that asks nobody.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from queue import SimpleQueue

from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from evaluations.models import Receipt
from mail import leaving
from members import clock, journal
from mentoring import planner, presets, setup
from mentoring.rehearsal import committee
from mentoring.rehearsal.year import STRIDE, Year
from mentoring.tests import played
from mentorships import requests, terms
from mentorships.models import Mentorship, Request
from programs.dates import add_months

LINK = re.compile(r"https?://\S+")  # each mail has links of its own
FIRST, LAST = date(2025, 6, 1), date(2027, 6, 10)
SILENT_FROM, SILENT_DAYS = date(2026, 4, 15), 40
SILENT_TO = SILENT_FROM + timedelta(days=SILENT_DAYS)  # the first day on which beat is there again
FIVE_FROM = date(2027, 5, 12)
PAUSE_FROM, PAUSE_TO = date(2026, 2, 10), date(2026, 3, 20)


@dataclass(frozen=True)
class Arrival:
    """One mail as it arrived: on which day of the play, under which Message-ID, to whom, saying what."""

    day: date
    mail: str
    to: tuple[str, ...]
    subject: str
    text: str


class Post:
    """A post office that takes every mail and writes down what it was and on which day."""

    def __init__(self):
        self.arrivals, self._lock = [], threading.Lock()

    def take(self, mail):
        to = tuple(sorted(address.split("<")[-1].rstrip(">").lower() for address in mail.recipients()))
        one = Arrival(day_of(clock.now()), mail.extra_headers["Message-ID"], to, mail.subject, LINK.sub("", mail.body))
        with self._lock:
            self.arrivals.append(one)


POST = Post()


class Backend(BaseEmailBackend):
    """The way to it: `settings.EMAIL_BACKEND`."""

    def send_messages(self, messages):
        for mail in messages:
            POST.take(mail)
        return len(messages)


def evening(day: date) -> datetime:
    """When beat comes: late in the evening of that day in all four programs."""
    return datetime.combine(day + timedelta(days=1), time(3, 30), UTC)


def day_of(moment: datetime) -> date:
    """The day of the play at this moment: the night's beat still belongs to the day before."""
    return (moment.astimezone(UTC) - timedelta(hours=5)).date()


class Beats:
    """So many beats, each a thread that waits for a moment and then does all that is due by it."""

    def __init__(self, most: int):
        self.inboxes = [SimpleQueue() for _ in range(most)]
        self.told, self.failed = SimpleQueue(), []
        self.threads = [threading.Thread(target=self._work, args=(inbox,), daemon=True) for inbox in self.inboxes]
        for thread in self.threads:
            thread.start()

    def at(self, moment: datetime, count: int) -> set[str]:
        """`count` of them for the same moment, let go at a barrier; what they did, in the calendar's words."""
        start = threading.Barrier(count)
        for inbox in self.inboxes[:count]:
            inbox.put((moment, start))
        return set().union(*(self.told.get() for _ in range(count)))

    def close(self):
        for inbox in self.inboxes:
            inbox.put(None)
        for thread in self.threads:
            thread.join()

    def _work(self, inbox):
        quick()
        while order := inbox.get():
            moment, start = order
            done: set[str] = set()
            try:
                with clock.at(moment):
                    start.wait(60)
                    done |= {line.what for line in planner.due(moment)}
            except Exception as error:
                self.failed.append(error)
            self.told.put(done)
        connection.close()


@contextmanager
def crew(most: int = 5) -> Iterator[Beats]:
    """So many beats, sent home at the end; none of them may have failed."""
    beats = Beats(most)
    try:
        yield beats
    finally:
        beats.close()
    assert beats.failed == []


@contextmanager
def without_the_key():
    """The control: nothing in the database keeps two mails of one occasion apart."""
    table = "mail_message"
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        name = next(name for name, one in found.items() if one["unique"] and one["columns"] == ["key"])
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" UNIQUE (key)')


def quick():
    """This connection need not wait for the disk: no machine dies in this test."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO off")


def people(name: str, mentors: int, mentees: int) -> dict:
    """The first so many of the sample people, members for as long as the play lasts."""
    files = played.files(name)
    found = {"mentors": files["mentors"][:mentors], "mentees": files["mentees"][:mentees]}
    emails = {row["email"] for rows in found.values() for row in rows}
    roster = [row for row in files["roster"] if row["email"] in emails] or files["roster"][:1]
    found["roster"] = [{**row, "valid_until": row["valid_until"] and "2028-12-31"} for row in roster]
    return found


def set_up(name: str, folder, mentors: int, mentees: int) -> Year:
    """A program with its people and the cycles of two years."""
    with clock.at(datetime(2025, 5, 1, 12, tzinfo=UTC)):
        program = presets.load(name).program
        seats = committee.take_seats(program)
        if program.cycles.count() == 1:
            cycle = program.cycles.get()
            setup.copy_cycle(cycle, opens=add_months(cycle.opens_on, 12))
    year = Year(program, 1, seats)
    if errors := year.bring_in(played.written(folder / name, people(name, mentors, mentees))):
        raise ValueError(errors)
    return year


@dataclass
class Play:
    """The four programs together, day by day."""

    years: dict[str, Year]
    beats: Beats
    usual: int = 1  # so many at once
    every: int = 1  # on every so manieth evening
    first: date = FIRST
    last: date = LAST
    five_from: date = FIVE_FROM
    lived: list[date] = field(default_factory=list)
    meant: dict[date, list] = field(default_factory=lambda: defaultdict(list))
    departed: dict[str, date] = field(default_factory=dict)
    closed: dict[str, date] = field(default_factory=dict)
    answered: dict[int, date] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def run(self):
        quick()
        day, looked = self.first, date.min
        while day <= self.last:
            acted = self._act(day)
            if acted:  # no row tells when an evaluation was answered
                for pk in (
                    Receipt.objects.filter(answered=True).exclude(pk__in=self.answered).values_list("pk", flat=True)
                ):
                    self.answered[pk] = day
            count, done = self._count(day), set()
            if count:
                done = self.beats.at(evening(day), count)
                self.lived.append(day)
                with clock.at(evening(day)):
                    for year in self.years.values() if acted or done else ():
                        year.minds.look_round(day, done)
            idle = count and not (acted or done)
            day, looked = self._next(day, looked) if idle else (day + timedelta(days=1), looked)

    def _count(self, day: date) -> int:
        """How many beats come on this evening."""
        if SILENT_FROM <= day < SILENT_TO:
            return 0
        if day == SILENT_TO or day >= self.five_from:
            return 5
        last = day == SILENT_FROM - timedelta(days=1)
        return self.usual if last or day.toordinal() % self.every == 0 else 0

    def _act(self, day: date) -> bool:
        acted = False
        for act in self.meant.pop(day, []):
            with clock.at(datetime.combine(day, time(16), UTC)):
                act(day)
            acted = True
        return any([year.act(day) for year in self.years.values()]) or acted

    def _next(self, day: date, looked: date) -> tuple[date, date]:
        """The next day to live: days on which nobody means to act and nothing is owed are stepped over."""
        following, ahead = day + timedelta(days=1), day + STRIDE
        rounds = [one for year in self.years.values() for one in year.rounds]
        if day < looked or any(one.is_busy(day, ahead) for one in rounds):
            return following, looked
        agendas = [self.meant, *(year.agenda for year in self.years.values())]
        stops = [other for agenda in agendas for other in list(agenda) if day < other <= ahead and agenda[other]]
        stops += [other for other in (SILENT_FROM, SILENT_TO, self.five_from) if day < other <= ahead]
        last = min([ahead, *(other - timedelta(days=1) for other in stops)])
        if last <= following:
            return following, looked
        with clock.at(evening(last)):
            owed = any(True for _ in planner.due(evening(last), dry=True))
        return (following, last) if owed else (last + timedelta(days=1), last)

    # ------------------------------------------------------------------------------------------- what befalls some pairs

    def befall(self):
        """Ends before the silence and in it, pauses, somebody who leaves the program, their topics, or has no account."""
        plan = [
            (date(2026, 3, 10), self._end, "kla"),
            (SILENT_FROM + timedelta(days=9), self._end, "nmrt"),
            (date(2026, 2, 6), self._leave_program, "kla"),
            (PAUSE_FROM, self._pause_and_go_on, "nasig"),
            (SILENT_FROM + timedelta(days=3), self._pause, "nmrt"),
            (date(2026, 11, 20), self._leave_program, "nmrt"),
            (date(2025, 12, 15), self._leave_topics, "nasig"),
            (date(2026, 1, 20), self._close_account, "nasig"),
        ]
        for day, act, name in plan:
            self.meant[day].append(lambda day, act=act, name=name: act(name, day))

    def _pair(self, name: str) -> Mentorship:
        """A going pair of a program to which nothing has happened yet."""
        going = Mentorship.objects.filter(cycle__program__slug=name, state=Mentorship.State.OPEN)
        for pair in going.order_by("pk").select_related("mentor", "mentee", "cycle__program"):
            if not any(str(pair.pk) == what.rpartition(":")[2] for what in self.made):
                return pair
        raise LookupError(f"{name} has no pair left for a misfortune")

    def _note(self, what: str, pair: Mentorship) -> Mentorship:
        self.made.append(f"{what}:{pair.pk}")
        return pair

    def _end(self, name, day):
        terms.end_early(self._note("ended", self._pair(name)), by=None, reason=Mentorship.EndReason.TIME)

    def _pause(self, name, day):
        journal.move(self._note("paused", self._pair(name)), Mentorship.State.PAUSED)

    def _pause_and_go_on(self, name, day):
        pair = self._note("paused", self._pair(name))
        journal.move(pair, Mentorship.State.PAUSED)
        self.meant[PAUSE_TO].append(lambda day: journal.move(pair, Mentorship.State.OPEN))

    def _leave_program(self, name, day):
        pair = self._note("left", self._pair(name))
        asked = requests.ask(pair, Request.Kind.LEAVE, by=pair.mentee)
        requests.settle(asked, Request.State.DONE, by=self.years[name].chair)
        self.departed[pair.mentee.email] = day

    def _leave_topics(self, name, day):
        pair = self._note("no topics", self._pair(name))
        leaving.leave(pair.mentee.email, pair.program.scope, "topic", clock.now())

    def _close_account(self, name, day):
        pair = self._note("closed", self._pair(name))
        pair.mentor.is_active = False
        pair.mentor.save(update_fields=["is_active"])
        self.closed[pair.mentor.email] = day
