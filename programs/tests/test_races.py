"""Many at once, with real threads on PostgreSQL: the cap holds, a double click is one application, a place is one mentee's.

Each race has a control, in which the guard is taken away and the promise breaks.
"""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from mail.tests.scale import scale
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import applications, cycles, due, places, waiting
from programs.models import Application, Cycle, Place, Role
from programs.tests.make import fill_in, make_application, make_cycle, make_form, make_person, make_program

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
State = Application.State
SEPTEMBER = datetime(2025, 9, 10, 16, tzinfo=UTC)
APPLICANTS, LAST_PLACES = scale(ci=40, full=200), scale(ci=4, full=10)
POSTS, CLICKS, WAIT = (
    scale(ci=20, full=100),
    20,
    LAST_PLACES,
)  # as many wait as there are places: none is left for a newcomer
COMINGS_AND_GOINGS, HANDS, PEOPLE_EACH = 160, 8, 5
ONE_OPEN = next(rule for rule in Application._meta.constraints if rule.name.startswith("one_open_application"))
TAKEN_ONCE = next(rule for rule in Place._meta.constraints if rule.name == "a_place_is_taken_once")


@pytest.fixture(autouse=True)
def _on_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")


def at_once(acts):
    """How many act in the same moment: all, if the server has connections for them and for another run of tests."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int")
        return min(len(acts), cursor.fetchone()[0] // 2 - 10)


def all_at_once(acts):
    """Every act in a thread of its own (or, where there are more than connections, some after each other), started
    together: what each gave back or raised."""
    threads = at_once(acts)
    start, outcomes = threading.Barrier(threads), [None] * len(acts)

    def run(first):
        with clock.at(SEPTEMBER):
            connection.ensure_connection()
            start.wait()
            for number in range(first, len(acts), threads):
                try:
                    outcomes[number] = acts[number]()
                except Exception as error:
                    outcomes[number] = error
        connection.close()

    hands = [threading.Thread(target=run, args=[first]) for first in range(threads)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return outcomes


def people(count):
    return [make_person(f"p{number}@example.org", "P", str(number)) for number in range(count)]


def send_for_the_last_places():
    """Everybody presses Send in the same moment; how many ended in which state."""
    cycle = make_cycle(make_program(), cap_mentees=LAST_PLACES)
    with clock.at(SEPTEMBER):
        drafts = [fill_in(cycle, person, Role.MENTEE) for person in people(APPLICANTS)]
    outcomes = all_at_once([lambda mine=mine: applications.submit(mine, by=mine.user) for mine in drafts])
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    return cycle, Counter(Application.objects.values_list("state", flat=True))


@pytest.mark.promise("G1")
def test_many_at_once_for_the_last_places(figures):
    cycle, states = send_for_the_last_places()
    assert states == {State.ADMITTED: LAST_PLACES, State.WAITLISTED: APPLICANTS - LAST_PLACES}
    assert cycles.drift(cycle) == {"mentor": 0, "mentee": 0}
    told = {"submissions": APPLICANTS, "at_once": at_once(range(APPLICANTS)), "places": LAST_PLACES}
    figures.say("G1", "PostgreSQL", **told, **{"in": LAST_PLACES}, wait_listed=states[State.WAITLISTED], errors=0)


@pytest.mark.promise("G1")
def test_the_control_that_counts_and_then_goes_in_lets_too_many_in(monkeypatch, figures):
    def count_and_go(cycle, role, *, leaving=0):
        held = Application.objects.filter(cycle=cycle, role=role, state__in=Application.HOLDS_A_PLACE)
        return held.count() < LAST_PLACES

    monkeypatch.setattr(cycles, "take_place", count_and_go)
    monkeypatch.setattr(cycles, "lock", lambda cycle: None)
    let_in = send_for_the_last_places()[1][State.ADMITTED]
    assert let_in > LAST_PLACES
    figures.say("G1", "control, counts and then goes in", places=LAST_PLACES, **{"in": let_in})


def come_and_go(acts):
    """Many people send and take back, each at random and again and again, while the calendar offers what is free."""
    cycle = make_cycle(make_program(), cap_mentees=LAST_PLACES)
    everybody = people(HANDS * PEOPLE_EACH)

    def hand(number):
        dice, inside = random.Random(number), {}
        for _ in range(acts // HANDS):
            person = dice.choice(everybody[number::HANDS])
            if person in inside:
                applications.withdraw(inside.pop(person), by=person)
            else:
                mine = fill_in(Cycle.objects.get(pk=cycle.pk), person, Role.MENTEE)
                inside[person] = applications.submit(mine, by=person)
            if dice.random() < 0.02:
                list(due.due(SEPTEMBER))

    outcomes = all_at_once([lambda number=number: hand(number) for number in range(HANDS)])
    assert [outcome for outcome in outcomes if outcome] == []
    return cycles.drift(cycle)


@pytest.mark.promise("G1")
def test_after_many_comings_and_goings_the_count_is_right(figures):
    acts = scale(ci=COMINGS_AND_GOINGS, full=10_000)
    assert come_and_go(acts) == {"mentor": 0, "mentee": 0}
    figures.say("G1", submits_and_withdrawals=acts, drift=0)


@pytest.mark.promise("G1")
def test_the_control_that_reads_the_count_and_writes_it_back_drifts(monkeypatch, figures):
    def read_and_write(cycle, role):
        cycle.refresh_from_db()
        time.sleep(0.01)  # in which somebody else comes or goes
        Cycle.objects.filter(pk=cycle.pk).update(taken_mentees=max(0, cycle.taken_mentees - 1))

    monkeypatch.setattr(cycles, "give_back", read_and_write)
    monkeypatch.setattr(cycles, "lock", lambda cycle: None)
    drift = come_and_go(COMINGS_AND_GOINGS)["mentee"]
    assert drift != 0
    told = {"submits_and_withdrawals": COMINGS_AND_GOINGS, "drift": drift}
    figures.say("G1", "control, reads the count and writes it back", **told)


def free_places_while_many_apply():
    """All places are taken and as many people wait; in the same moment everybody in takes theirs back, newcomers press
    Send, and the calendar looks several times. What the newcomers got, who was asked in which order, and who waited."""
    program = make_program()
    cycle = make_cycle(program, cap_mentees=LAST_PLACES)
    everybody = people(LAST_PLACES + WAIT + CLICKS)
    ready = []
    for number, person in enumerate(everybody):
        with clock.at(SEPTEMBER - timedelta(days=1) + timedelta(minutes=number)):
            mine = fill_in(cycle, person, Role.MENTEE)
            ready.append(applications.submit(mine, by=person) if number < LAST_PLACES + WAIT else mine)
    inside, waiting_now, new = ready[:LAST_PLACES], ready[LAST_PLACES : LAST_PLACES + WAIT], ready[-CLICKS:]
    acts = [lambda one=one: applications.withdraw(one, by=one.user) for one in inside]
    acts += [lambda one=one: applications.submit(one, by=one.user) for one in new]
    acts += [lambda: list(due.due(SEPTEMBER)) for _ in range(3)]
    outcomes = all_at_once(acts)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    with clock.at(SEPTEMBER):
        list(due.due(SEPTEMBER))  # the next sweep
    asked = Entry.objects.filter(verb="place offered").order_by("pk").values_list("about", flat=True)
    got_in = Application.objects.filter(pk__in=[one.pk for one in new], state=State.ADMITTED).count()
    return cycle, got_in, list(asked), [f"application:{one.pk}" for one in waiting_now]


def test_freed_places_go_to_those_who_wait_while_many_apply():
    cycle, got_in, asked, waited = free_places_while_many_apply()
    assert (got_in, asked[:WAIT], len(asked)) == (0, waited, LAST_PLACES)
    assert cycles.drift(cycle) == {"mentor": 0, "mentee": 0}
    keen = Application.objects.filter(place_until__isnull=False).select_related("cycle__program__association", "user")
    outcomes = all_at_once([lambda one=one: waiting.take_offered(one, by=one.user) for one in keen for _ in range(3)])
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    cycle.refresh_from_db()
    assert (cycle.taken_mentees, cycles.drift(cycle)) == (LAST_PLACES, {"mentor": 0, "mentee": 0})


def test_the_control_without_their_claim_lets_newcomers_pass(monkeypatch):
    monkeypatch.setattr(cycles, "take_turn", cycles.take_place)
    _cycle, got_in, asked, _waited = free_places_while_many_apply()
    assert got_in > 0
    assert len(asked) < LAST_PLACES


def click_at_once():
    """One person's form, posted from many windows in the same moment; what each window was answered."""
    cycle = make_cycle(make_program())
    make_form(cycle.program)
    [bea] = people(1)
    answers = {"first_name": "Bea", "last_name": "Lindqvist", "phone": "", "library_type": "public", "employer": "L."}
    windows = [Client(raise_request_exception=False) for _ in range(POSTS)]
    for window in windows:
        window.force_login(bea)
    url = cycle.apply_url(Role.MENTEE)
    answered = all_at_once([lambda window=window: window.post(url, answers).status_code for window in windows])
    return Counter(answered), Application.objects.count()


@pytest.mark.promise("G2")
def test_many_clicks_are_one_application_and_no_error_page(figures):
    assert click_at_once() == ({302: POSTS}, 1)
    assert Entry.objects.filter(verb="started").count() == 1
    figures.say("G2", posts=POSTS, at_once=at_once(range(POSTS)), rows=1, error_pages=0)


@pytest.mark.promise("G2")
def test_the_control_without_the_constraint_has_several(figures):
    with connection.schema_editor() as editor:
        editor.remove_constraint(Application, ONE_OPEN)
    try:
        rows = click_at_once()[1]
        assert rows > 1
        figures.say("G2", "control, without the constraint", posts=POSTS, rows=rows)
    finally:
        Application.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Application, ONE_OPEN)


def take_at_once(mentees):
    """Many want the same mentor's places in the same moment: who got one, and what the others read."""
    program = make_program(mentor_capacity=2)
    cycle = make_cycle(program)
    ann = make_person("ann@brandt.example.org", "Ann", "Brandt")
    anns = make_application(cycle, ann, Role.MENTOR, State.ADMITTED, mentees_wanted=2)
    return all_at_once([lambda one=one: places.take(anns, one, at=SEPTEMBER) for one in mentees])


def test_a_mentor_with_two_places_gets_two_mentees_and_the_others_read_who_was_first():
    outcomes = take_at_once(people(CLICKS))
    taken = [outcome for outcome in outcomes if isinstance(outcome, Place)]
    assert sorted(place.slot for place in taken) == [1, 2]
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Place)]
    assert {type(error) for error in refused} == {NotAllowed}
    names = {str(place.mentee) for place in taken}
    assert all(set(str(error).split(": ")[1].removesuffix(" came first.").split(", ")) == names for error in refused)


def test_the_control_without_the_constraint_gives_her_more_than_two():
    with connection.schema_editor() as editor:
        editor.remove_constraint(Place, TAKEN_ONCE)
    try:
        assert len([outcome for outcome in take_at_once(people(CLICKS)) if isinstance(outcome, Place)]) > 2
    finally:
        Place.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Place, TAKEN_ONCE)
