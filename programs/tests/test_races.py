"""Many at once, with real threads on PostgreSQL: the cap holds, a double click is one application, a place is one mentee's.

Each race has a control, in which the guard is taken away and the promise breaks.
"""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import applications, cycles, due, places, waiting
from programs.models import Application, Place, Role
from programs.tests.make import fill_in, make_application, make_cycle, make_form, make_person, make_program

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
State = Application.State
SEPTEMBER = datetime(2025, 9, 10, 16, tzinfo=UTC)
APPLICANTS, LAST_PLACES, CLICKS, WAIT = 40, 4, 20, 4  # as many wait as there are places: none is left for a newcomer
ONE_OPEN = next(rule for rule in Application._meta.constraints if rule.name.startswith("one_open_application"))
TAKEN_ONCE = next(rule for rule in Place._meta.constraints if rule.name == "a_place_is_taken_once")


@pytest.fixture(autouse=True)
def _on_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")


def all_at_once(acts):
    """Every act in a thread of its own, started together: what each gave back or raised."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            with clock.at(SEPTEMBER):
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


def test_forty_at_once_for_the_last_four_places():
    cycle, states = send_for_the_last_places()
    assert states == {State.ADMITTED: LAST_PLACES, State.WAITLISTED: APPLICANTS - LAST_PLACES}
    assert cycles.drift(cycle) == {"mentor": 0, "mentee": 0}


def test_the_control_that_counts_and_then_goes_in_lets_too_many_in(monkeypatch):
    def count_and_go(cycle, role, *, leaving=0):
        held = Application.objects.filter(cycle=cycle, role=role, state__in=Application.HOLDS_A_PLACE)
        return held.count() < LAST_PLACES

    monkeypatch.setattr(cycles, "take_place", count_and_go)
    monkeypatch.setattr(cycles, "lock", lambda cycle: None)
    assert send_for_the_last_places()[1][State.ADMITTED] > LAST_PLACES


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
    windows = [Client(raise_request_exception=False) for _ in range(CLICKS)]
    for window in windows:
        window.force_login(bea)
    url = cycle.apply_url(Role.MENTEE)
    answered = all_at_once([lambda window=window: window.post(url, answers).status_code for window in windows])
    return Counter(answered), Application.objects.count()


def test_twenty_clicks_are_one_application_and_no_error_page():
    assert click_at_once() == ({302: CLICKS}, 1)
    assert Entry.objects.filter(verb="started").count() == 1


def test_the_control_without_the_constraint_has_several():
    with connection.schema_editor() as editor:
        editor.remove_constraint(Application, ONE_OPEN)
    try:
        assert click_at_once()[1] > 1
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
