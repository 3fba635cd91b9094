"""A mentor's places: one mentee each, the mentor's own number at most, and who was first is named."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from members.journal import NotAllowed
from programs import places
from programs.models import Application, Place, Role
from programs.tests.make import make_application, make_cycle, make_person, make_program

pytestmark = pytest.mark.django_db
AT = datetime(2025, 10, 8, 18, tzinfo=UTC)


@pytest.fixture
def cycle():
    return make_cycle(make_program())


@pytest.fixture
def people():
    return [
        make_person(f"{first.lower()}@example.org", first, last)
        for first, last in (("Ann", "Brandt"), ("Bea", "Lindqvist"), ("Cal", "Okafor"), ("Mo", "Castellanos"))
    ]


def offer(cycle, user, **fields):
    return make_application(cycle, user, Role.MENTOR, Application.State.ADMITTED, **fields)


@pytest.mark.requirement("R-KLA-02", "R-NELA-27", "R-NMRT-03")
def test_a_mentor_has_one_mentee_and_the_second_reads_who_was_first(cycle, people):
    ann, bea, cal, _mo = people
    anns = offer(cycle, ann)
    place = places.take(anns, bea, at=AT)
    assert (place.slot, place.mentee, place.taken_at) == (1, bea, AT)
    with pytest.raises(NotAllowed, match="Ann Brandt has no place left: Bea Lindqvist came first."):
        places.take(anns, cal, at=AT)


def test_taking_the_same_place_twice_is_taking_it_once(cycle, people):
    ann, bea, *_others = people
    anns = offer(cycle, ann)
    assert places.take(anns, bea, at=AT) == places.take(anns, bea, at=AT)
    assert Place.objects.count() == 1


def test_a_mentee_has_one_mentor(cycle, people):
    ann, bea, _cal, mo = people
    places.take(offer(cycle, ann), bea, at=AT)
    with pytest.raises(NotAllowed, match="Bea Lindqvist has Ann Brandt as a mentor already."):
        places.take(offer(cycle, mo), bea, at=AT)


@pytest.mark.parametrize(("wanted", "most", "capacity"), [(1, 3, 1), (2, 3, 2), (5, 3, 3), (0, 3, 0), (2, 1, 1)])
def test_a_mentor_takes_as_many_as_they_want_and_the_program_allows(cycle, people, wanted, most, capacity):
    cycle.program.mentor_capacity = most
    assert places.capacity(offer(cycle, people[0], mentees_wanted=wanted)) == capacity


def test_who_wants_nobody_now_is_given_nobody(cycle, people):
    ann, bea, *_others = people
    with pytest.raises(NotAllowed, match="Ann Brandt takes no mentee at present."):
        places.take(offer(cycle, ann, mentees_wanted=0), bea, at=AT)


def test_a_free_place_is_the_lowest(cycle, people):
    ann, bea, cal, mo = people
    cycle.program.mentor_capacity = 2
    anns = offer(cycle, ann, mentees_wanted=2)
    places.take(anns, bea, at=AT)
    assert places.take(anns, cal, at=AT).slot == 2
    assert places.free(ann, bea, cycle.program) is True
    assert places.free(ann, bea, cycle.program) is False
    assert places.take(anns, mo, at=AT).slot == 1


@pytest.mark.requirement("R-NELA-27")
def test_a_place_of_last_years_cycle_still_counts(cycle, people):
    ann, bea, cal, _mo = people
    places.take(offer(cycle, ann), bea, at=AT)
    later = make_cycle(
        cycle.program,
        slug="2026-27",
        opens_on=date(2026, 9, 1),
        closes_on=date(2026, 9, 30),
        announced_on=date(2026, 10, 10),
        begins_on=date(2026, 10, 15),
        ends_on=date(2027, 10, 14),
    )
    anns = offer(later, ann)
    with pytest.raises(NotAllowed, match="Bea Lindqvist came first"):
        places.take(anns, cal, at=AT)
    beas = make_application(later, bea, Role.MENTEE, Application.State.SUBMITTED)
    assert places.held_for(anns) is None  # of this cycle it holds none: it may be withdrawn
    assert places.held_for(beas) is None


def test_another_program_has_places_of_its_own(cycle, people):
    ann, bea, cal, _mo = people
    places.take(offer(cycle, ann), bea, at=AT)
    assert places.take(offer(make_cycle(make_program("nela")), ann), cal, at=AT).slot == 1


def test_nobody_mentors_themselves(cycle, people):
    with pytest.raises(NotAllowed, match="Nobody mentors themselves"):
        places.take(offer(cycle, people[0]), people[0], at=AT)


@pytest.mark.requirement("R-NELA-27")
def test_the_database_itself_keeps_a_place_to_one(cycle, people):
    ann, bea, cal, _mo = people
    place = places.take(offer(cycle, ann), bea, at=AT)
    for changed in (
        {"mentee": cal},
        {"mentee": bea, "slot": 2},
        {"mentee": ann, "slot": 3},
        {"mentee": cal, "slot": 0},
    ):
        row = Place(program=cycle.program, mentor_application=place.mentor_application, mentor=ann, taken_at=AT, slot=1)
        for name, value in changed.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)
