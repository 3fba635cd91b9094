"""A cycle's doors and places: found by name, counted without drift, never lowered under what is taken."""

import random
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import applications, cycles
from programs.columns import columns, employer_group
from programs.models import Application, Cycle, Program, Role, Seat
from programs.tests.make import make_cycle, make_person, make_program, make_seat, send

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture(autouse=True)
def september():
    with clock.at(datetime(2025, 9, 10, 16, tzinfo=UTC)):
        yield


@pytest.fixture
def kla():
    return make_program(admission=Program.Admission.COMMITTEE)


@pytest.fixture
def chi(kla):
    person = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(kla, person, Seat.Role.CHAIR)
    return person


def test_a_cycle_is_found_as_commands_name_it(kla):
    cycle = make_cycle(kla)
    make_cycle(make_program("nela"), slug="fall-2025")
    assert cycles.find("kla/2025-26") == cycle
    for path, words in (
        ("kla/2024-25", "There is no cycle “kla/2024-25”. These are known: kla/2025-26."),
        ("nmrt/2025-26", "There is no program “nmrt” with a cycle here."),
        ("", "There is no program “” with a cycle here."),
    ):
        with pytest.raises(LookupError, match=words):
            cycles.find(path)


def test_a_cap_is_not_lowered_under_what_is_taken_and_both_figures_are_said(kla, chi):
    cycle = make_cycle(kla, cap_mentees=5)
    for number in range(3):
        send(cycle, make_person(f"p{number}@example.org", "P", str(number)), Role.MENTEE)
    with pytest.raises(NotAllowed, match="3 have a place already, so the limit cannot be 2."):
        cycles.set_cap(cycle, Role.MENTEE, 2, by=chi)
    cycles.set_cap(cycle, Role.MENTEE, 3, by=chi)
    cycle.refresh_from_db()
    assert (cycle.cap_mentees, cycle.taken_mentees, cycle.places_left(Role.MENTEE)) == (3, 3, 0)
    assert cycle.places_left(Role.MENTOR) is None
    cycles.set_cap(cycle, Role.MENTEE, None, by=chi)
    assert Cycle.objects.get().cap_mentees is None
    assert list(Entry.objects.filter(about=f"cycle:{cycle.pk}").values_list("verb", "role")) == [
        ("cap changed", "chair"),
        ("cap changed", "chair"),
    ]


def test_the_database_itself_keeps_the_cap(kla):
    cycle = make_cycle(kla, cap_mentees=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cycle.objects.filter(pk=cycle.pk).update(taken_mentees=2)


def test_whatever_people_do_the_count_of_places_does_not_drift(kla, chi):
    """Two hundred random acts of twelve people on five places: after each, what is counted is what is there."""
    cycle, chance = make_cycle(kla, cap_mentees=5, cap_mentors=2), random.Random(7)
    crowd = [make_person(f"p{number}@example.org", "P", str(number)) for number in range(12)]
    acts = [
        lambda mine: applications.withdraw(mine, by=mine.user),
        lambda mine: applications.admit(mine, by=chi),
        lambda mine: applications.wait_list(mine, by=chi),
        lambda mine: applications.refuse(mine, by=chi, note="Not this time."),
        lambda mine: applications.reopen(mine, by=mine.user),
        lambda mine: applications.submit(mine, by=mine.user),
    ]
    full = 0
    for _step in range(200):
        person, role = chance.choice(crowd), chance.choice(Role.values)
        mine = Application.objects.filter(user=person, role=role).order_by("-pk").first()
        try:
            if mine is None or mine.state == State.WITHDRAWN:
                send(cycle, person, role)
            else:
                chance.choice(acts)(mine)
        except NotAllowed:
            full += 1
        assert cycles.drift(cycle) == {"mentor": 0, "mentee": 0}
        assert (cycle.taken_mentees <= 5, cycle.taken_mentors <= 2) == (True, True)
    assert 0 < full < 150
    assert set(Application.objects.values_list("state", flat=True)) > {State.WAITLISTED, State.WITHDRAWN}


def test_closing_by_hand_is_noted_once(kla, chi):
    cycle = make_cycle(kla)
    cycles.close_by_hand(cycle, by=chi)
    cycles.close_by_hand(cycle, by=chi)
    assert Cycle.objects.get().shut is True
    cycles.open_again(cycle, by=chi)
    assert Cycle.objects.get().shut is False
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == ["closed by hand", "opened again"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("University of Svensson", "The Univ. of Svensson"),
        ("Smith & Sons, Inc.", "smith and sons"),
        ("Bibliothèque Nord", "BIBLIOTHEQUE  NORD"),
        ("St. Mary’s Co. Public Libraries", "Saint Mary's County Public Library"),
    ],
)
def test_spellings_of_one_employer_are_joined(one, other):
    assert employer_group(one) == employer_group(other) != ""


def test_different_employers_are_not_joined():
    names = ["Larkin Public Library", "Larkin County Public Library", "Larkin University", "", "Farrow"]
    assert len({employer_group(name) for name in names}) == len(names)


def test_what_was_not_answered_leaves_the_columns_empty():
    assert columns({}) == {
        "region": "",
        "library_type": "",
        "employer": "",
        "time_zone": "",
        "years": None,
        "employer_group": "",
        "mentees_wanted": 1,
    }
