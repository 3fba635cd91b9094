"""Many at once and killed half-way, on PostgreSQL: a place is one mentee's, an announcement is whole or not there.

Each proof has a control, in which the guard is taken away and the promise breaks.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from mail.models import Message
from mail.tests.scale import scale
from matching import proposals
from matching.announcing import Announcement
from matching.models import Match
from matching.tests.make import (
    MATCHING_DAY,
    make_accepted,
    make_committee,
    make_cycle,
    make_mentee,
    make_mentor,
    matching_evening,
)
from members import clock
from members.journal import NotAllowed
from members.models import Entry, User
from programs import places
from programs.models import Application, Place, Program, Role

TAKEN_ONCE = next(rule for rule in Place._meta.constraints if rule.name == "a_place_is_taken_once")
CYCLES = 12
PAIRS, WITHOUT = 200, 5
KILLS = scale(ci=10, full=100)


@pytest.fixture(autouse=True)
def _on_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")


def propose(cycle, mentor, mentee):
    return Match.objects.create(cycle=cycle, mentor_application=mentor, mentee_application=mentee, made_at=MATCHING_DAY)


def several_cycles():
    """Cycles of one program that all propose the same mentor to somebody, and another pair besides."""
    first = make_cycle()
    ann = make_mentor(first, "Ann").user
    found = []
    for number in range(CYCLES):
        dates = {
            name: getattr(first, name)
            for name in ("opens_on", "closes_on", "hear_by", "announced_on", "begins_on", "ends_on")
        }
        cycle = first.program.cycles.create(slug=f"c{number}", name=f"Cycle {number}", **dates)
        mentor = make_accepted(cycle, "Ann", Role.MENTOR, user=ann, years=12)
        propose(cycle, mentor, make_mentee(cycle, f"Mentee {number}"))
        propose(cycle, make_mentor(cycle, f"Other {number}"), make_mentee(cycle, f"Second {number}"))
        found.append(cycle)
    return found


def all_at_once(acts):
    """Every act in a thread of its own, started together: what each gave back or raised."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            with matching_evening():
                connection.ensure_connection()
                start.wait()
                outcomes[number] = act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def announce_at_once(cycles, by):
    """Everybody presses Announce in the same moment: what each was answered."""
    return all_at_once([lambda cycle=cycle: proposals.announce(cycle, by=by) for cycle in cycles])


def race_for_ann():
    """All cycles at once; the outcomes, and how many of Ann's proposed pairs were announced."""
    with matching_evening():
        cycles = several_cycles()
        chi = make_committee(cycles[0].program)["chi"]
    outcomes = announce_at_once(cycles, chi)
    announced = Match.objects.filter(state="announced", mentor_application__user__first_name="Ann")
    return cycles, outcomes, announced.count()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_announcements_at_once_one_gets_the_mentor_and_the_others_change_nothing():
    cycles, outcomes, anns = race_for_ann()
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert anns == 1
    assert {type(error) for error in refused} == {NotAllowed}
    assert len(refused) == CYCLES - 1
    winner = Place.objects.get(mentor__first_name="Ann").mentee
    assert {str(error) for error in refused} == {f"Ann has no place left: {winner} came first."}
    states = Counter(Match.objects.values_list("state", flat=True))
    assert states == {"announced": 2, "draft": 2 * (CYCLES - 1)}
    assert Place.objects.count() == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_constraint_gives_ann_to_several():
    with connection.schema_editor() as editor:
        editor.remove_constraint(Place, TAKEN_ONCE)
    try:
        assert race_for_ann()[2] > 1
    finally:
        Match.objects.update(place=None)
        Place.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Place, TAKEN_ONCE)


def two_cycles_want_ann(announcing=2, taking=48):
    """Ann takes two mentees. In the same moment two overlapping cycles announce a pair of hers, and for many others
    in both a place with her is taken: what each was answered."""
    with matching_evening():
        cycles = several_cycles()[:announcing]
        Program.objects.update(mentor_capacity=2)
        chi = make_committee(cycles[0].program)["chi"]
        anns = [Application.objects.get(cycle=cycle, user__first_name="Ann") for cycle in cycles]
        Application.objects.filter(user__first_name="Ann").update(mentees_wanted=2)
        for cycle, ann in zip(cycles, anns, strict=True):
            Match.objects.filter(cycle=cycle).exclude(mentor_application=ann).delete()
            ann.refresh_from_db()
        people = [
            User(email=f"t{number}@sample.example.org", first_name=f"T{number}", last_name="X")
            for number in range(taking)
        ]
        people = User.objects.bulk_create(people)
    acts = [lambda cycle=cycle: proposals.announce(cycle, by=chi) for cycle in cycles]
    acts += [
        lambda one=one, ann=anns[number % 2]: places.take(ann, one, at=MATCHING_DAY)
        for number, one in enumerate(people)
    ]
    random.Random(27).shuffle(acts)
    return all_at_once(acts)


@pytest.mark.race
@pytest.mark.promise("G3")
@pytest.mark.requirement("R-NELA-27")
@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_want_a_mentor_of_two_from_two_cycles_two_get_her_and_the_others_read_who_was_first(figures):
    outcomes = two_cycles_want_ann()
    taken = Place.objects.select_related("mentee").order_by("slot")
    assert [place.slot for place in taken] == [1, 2]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert ({type(error) for error in refused}, len(refused)) == ({NotAllowed}, 48)
    first, second = (str(place.mentee) for place in taken)
    assert {frozenset(str(error).removeprefix("Ann has no place left: ").removesuffix(" came first.").split(", "))
            for error in refused} == {frozenset([first, second])}  # fmt: skip
    announced = Match.objects.filter(state="announced")
    assert announced.count() == len([one for one in outcomes if not isinstance(one, Place | Exception)])
    assert {match.mentee_application.user_id for match in announced} <= {place.mentee_id for place in taken}
    figures.say("G3", at_once=50, places=2, taken=2, read_who_was_first=48)


@pytest.mark.race
@pytest.mark.promise("G3")
@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_constraint_gives_her_more_than_two_from_two_cycles(figures):
    with connection.schema_editor() as editor:
        editor.remove_constraint(Place, TAKEN_ONCE)
    try:
        two_cycles_want_ann()
        taken = Place.objects.count()
        assert taken > 2
        figures.say("G3", "control, without the constraint", at_once=50, places=2, taken=taken)
    finally:
        Match.objects.update(place=None)
        Place.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Place, TAKEN_ONCE)


@pytest.mark.race
@pytest.mark.requirement("R-NELA-27")
@pytest.mark.django_db(transaction=True)
def test_cycles_that_want_the_same_two_mentors_in_another_order_never_wait_for_each_other():
    with matching_evening():
        cycles = several_cycles()
        chi = make_committee(cycles[0].program)["chi"]
        mo = make_mentor(cycles[0], "Mo").user
        for number, cycle in enumerate(cycles):
            mos = Application.objects.filter(cycle=cycle, user=mo).first()
            mos = mos or make_accepted(cycle, "Mo", Role.MENTOR, user=mo, years=12)
            first = "A" if number % 2 else "Z"  # before or after the mentee of Ann's pair
            propose(cycle, mos, make_mentee(cycle, f"{first} of {number}"))
    outcomes = announce_at_once(cycles, chi)
    assert Counter(type(outcome) for outcome in outcomes) == {Announcement: 1, NotAllowed: CYCLES - 1}
    assert Counter(Match.objects.filter(state="announced").values_list("cycle", flat=True)).most_common()[0][1] == 3


def large_cycle():
    """A cycle with two hundred proposed pairs and a few mentees without a mentor."""
    cycle = make_cycle()
    chi = make_committee(cycle.program)["chi"]
    count = PAIRS + WITHOUT
    people = User.objects.bulk_create(
        [User(email=f"p{n}@sample.example.org", first_name=f"P{n}") for n in range(PAIRS + count)]
    )
    about = {"cycle": cycle, "state": "admitted", "started_at": MATCHING_DAY, "sent_at": MATCHING_DAY}
    mentors = [Application(user=user, role=Role.MENTOR, **about) for user in people[:PAIRS]]
    mentees = [Application(user=user, role=Role.MENTEE, **about) for user in people[PAIRS:]]
    mentors, mentees = Application.objects.bulk_create(mentors), Application.objects.bulk_create(mentees)
    Match.objects.bulk_create(
        Match(cycle=cycle, mentor_application=one, mentee_application=other, made_at=MATCHING_DAY)
        for one, other in zip(mentors, mentees, strict=False)
    )
    return cycle, chi


class Announcer:
    """Announces in a process of its own, on this test's database."""

    def __init__(self, cycle, by, folder, *how):
        self.others = self._connected()  # what earlier tests have left open is none of ours
        known = connection.settings_dict
        login = f"{known['USER']}:{known['PASSWORD']}" if known["PASSWORD"] else known["USER"]
        database = f"postgres://{login}@{known['HOST']}:{known['PORT'] or 5432}/{known['NAME']}"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "matching.tests.announcer",
                str(cycle.pk),
                str(by.pk),
                MATCHING_DAY.isoformat(),
                *how,
            ],
            env={**os.environ, "DATABASE_URL": database, "VAR_DIR": str(folder)},
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"
        self.began = time.monotonic()

    def finish(self):
        """How long it took."""
        assert self.process.stdout.readline() == "done\n"
        self.process.wait()
        return time.monotonic() - self.began

    def kill_after(self, seconds):
        time.sleep(max(0, self.began + seconds - time.monotonic()))
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._until_the_server_noticed()

    def _until_the_server_noticed(self):
        for _ in range(100):
            if self._connected() <= self.others:
                return
            time.sleep(0.05)
        raise AssertionError("the killed process still has its connection")

    @staticmethod
    def _connected():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            return {pid for (pid,) in cursor.fetchall()}


def whole():
    """(announced pairs, places, promised mails): what an announcement leaves behind."""
    return (
        Match.objects.filter(state="announced").count(),
        Place.objects.count(),
        Message.objects.filter(state="queued").count(),
    )


def put_back():
    """Everything as before the announcement, without asking any verb."""
    Match.objects.update(state="draft", place=None, leaves_at=None, announced_at=None)
    Place.objects.all().delete()
    Message.objects.all().delete()


@pytest.mark.kill
@pytest.mark.promise("G4")
@pytest.mark.django_db(transaction=True)
def test_an_announcement_killed_at_any_point_is_whole_or_not_there(tmp_path, figures):
    with matching_evening():
        cycle, chi = large_cycle()
    took = Announcer(cycle, chi, tmp_path).finish()
    assert whole() == (PAIRS, PAIRS, WITHOUT)
    with clock.at(MATCHING_DAY + timedelta(minutes=1)):
        assert proposals.stop(cycle, by=chi) == PAIRS
    assert whole() == (0, 0, 0)
    seen = Counter()
    for _ in range(KILLS):
        noted = Entry.objects.count()
        Announcer(cycle, chi, tmp_path).kill_after(random.uniform(0, 1.05 * took))
        seen[whole()] += 1
        assert Entry.objects.count() - noted == whole()[0]
        put_back()
    assert set(seen) <= {(0, 0, 0), (PAIRS, PAIRS, WITHOUT)}
    assert seen.total() == KILLS
    figures.say("G4", pairs=PAIRS, kills=KILLS, whole=seen[PAIRS, PAIRS, WITHOUT], not_there=seen[0, 0, 0], halves=0)


@pytest.mark.kill
@pytest.mark.promise("G4")
@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_transaction_leaves_a_half_announcement(tmp_path, figures):
    with matching_evening():
        cycle, chi = large_cycle()
    took = Announcer(cycle, chi, tmp_path, "unguarded").finish()
    put_back()
    halves = []
    for share in (0.5, 0.6, 0.7, 0.4, 0.3, 0.8):
        Announcer(cycle, chi, tmp_path, "unguarded").kill_after(share * took)
        halves.append(whole()[0])
        put_back()
        if 0 < halves[-1] < PAIRS:
            break
    assert any(0 < announced < PAIRS for announced in halves)
    figures.say("G4", "control, without the transaction", kills=len(halves), pairs=PAIRS, announced=halves[-1])
