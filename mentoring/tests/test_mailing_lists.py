"""The lists of people that can be written to: who stands on them, for whom, under which filter."""

from datetime import UTC, date, datetime, timedelta

import pytest

from evaluations.models import Receipt
from evaluations.tests.make import AFTER, do_what_is_due, make_evaluated_kla
from matching.models import Match
from members import clock
from mentoring.tests.letters import NOW, State, apply, first_names, look, reasons, write
from mentorships.models import Mentorship
from mentorships.tests.make import make_pair
from programs.models import Listing, Role, Seat
from programs.tests.make import make_cycle, make_person, make_program, make_seat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cycle():
    return make_cycle(make_program(name="KLA Mentoring"))


@pytest.fixture
def chi(cycle):
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(cycle.program, chi, Seat.Role.CHAIR)
    return chi


def test_the_list_of_applications_keeps_its_filters(cycle, chi):
    apply(cycle, "Mo", Role.MENTOR)
    apply(cycle, "Bea", employer="Larkin Library")
    apply(cycle, "Cal", state=State.WAITLISTED, waiting_since=date(2025, 9, 5))
    apply(cycle, "Dov", state=State.DRAFT)
    for asked, names, words in (
        ({"role__exact": "mentor"}, ["Mo"], "Applications of 2025–26 · mentors"),
        ({"only": "waiting"}, ["Cal"], "Applications of 2025–26 · On the waiting list"),
        ({"only": "drafts"}, ["Dov"], "Applications of 2025–26 · Not sent yet"),
        ({"q": "larkin"}, ["Bea"], "Applications of 2025–26 · “larkin”"),
        ({"only": "alone", "role__exact": "mentee"}, ["Bea"], "Applications of 2025–26 · mentees · Without a partner"),
        ({"only": "forged", "role__exact": "x' OR 1"}, ["Bea", "Cal", "Dov", "Mo"], "Applications of 2025–26"),
    ):
        seen = look(cycle, chi, **asked)
        assert (first_names(seen.gets), seen.audience.words) == (names, words)


def test_who_has_a_partner_is_not_without_one_and_nobody_learns_it_of_themselves(cycle, chi):
    pair = make_pair(cycle.program)
    apply(cycle, "Cal")
    apply(cycle, "Chi", user=chi)
    assert first_names(look(cycle, chi, only="alone").gets) == ["Cal"]
    assert {pair.mentor, pair.mentee} <= set(look(cycle, chi).gets)


def test_pairs_are_written_to_whole_or_by_side_and_by_contact(cycle, chi):
    lee = make_person("lee@kla.example.org", "Lee", "Brandt")
    make_seat(cycle.program, lee, Seat.Role.LIAISON)
    make_pair(cycle.program, liaison=lee)
    ann, cal = make_person("ann@x.example.org", "Ann", "Z"), make_person("cal@x.example.org", "Cal", "Z")
    over = make_pair(cycle.program, ann, cal)
    Mentorship.objects.filter(pk=over.pk).update(state="ended")
    assert first_names(look(cycle, chi, "pairs").gets) == ["Mo", "Bea"]
    assert reasons(look(cycle, chi, "pairs").left_out) == {
        "Ann": "their pair has ended", "Cal": "their pair has ended",
    }  # fmt: skip
    assert first_names(look(cycle, chi, "pairs", side="mentor").gets) == ["Mo"]
    assert first_names(look(cycle, chi, "pairs", only="over", side="mentee").gets) == ["Cal"]
    by_contact = look(cycle, chi, "pairs", contact=str(lee.pk), side="mentor")
    assert (first_names(by_contact.gets), by_contact.audience.words) == (
        ["Mo"], "Pairs of 2025–26 · mentors · looked after by Lee Brandt",
    )  # fmt: skip


def test_a_pair_of_ones_own_is_on_the_list_of_everybody_and_on_none_that_says_how_it_goes(cycle, chi):
    mia = make_person("mia@x.example.org", "Mia", "Z")
    make_pair(cycle.program)
    make_pair(cycle.program, chi, mia)
    everybody = look(cycle, chi, "pairs")
    assert sorted(first_names(everybody.gets)) == ["Bea", "Chi", "Mia", "Mo"]
    assert everybody.audience.note == "Your own pair is on this list, too: the letter goes to everybody."
    assert first_names(look(cycle, chi, "pairs", only="green").gets) == ["Mo", "Bea"]
    assert look(cycle, chi, "pairs", only="green").audience.note == ""


def test_offers_without_an_answer_are_a_list_but_ones_own(cycle, chi):
    mentors = [apply(cycle, name, Role.MENTOR) for name in ("Ann", "Mo", "Kay")]
    mentees = [apply(cycle, "Bea"), apply(cycle, "Cal"), apply(cycle, "Chi", user=chi)]
    for mentor, mentee in zip(mentors, mentees, strict=True):
        Match.objects.create(
            cycle=cycle, mentor_application=mentor, mentee_application=mentee, state="offered", made_at=NOW,
            offered_at=NOW, answer_by=NOW + timedelta(days=7),
            stopped_at=NOW if mentor.user.first_name == "Mo" else None,
        )  # fmt: skip
    seen = look(cycle, chi, "offers")
    assert first_names(seen.gets) == ["Ann"]
    assert reasons(seen.left_out) == {"Mo": "has asked a question, and waits for your answer"}


def test_who_has_not_answered_is_a_list_only_where_answers_are_confidential_and_never_of_ones_own_pair():
    program = make_evaluated_kla(evaluation_days=21)
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.CHAIR)
    pair = make_pair(program)
    make_pair(program, chi, make_person("mia@x.example.org", "Mia", "Z"))
    do_what_is_due(AFTER)
    Receipt.objects.filter(user=pair.mentor).update(answered=True)
    with clock.at(datetime(2026, 10, 16, 18, tzinfo=UTC)):
        assert first_names(look(pair.cycle, chi, "not-answered", moment="end").gets) == ["Bea"]
        for forged in ({}, {"moment": "application"}):
            with pytest.raises(LookupError):
                look(pair.cycle, chi, "not-answered", **forged)
        pair.cycle.evaluation_mode = "anonymous"
        with pytest.raises(LookupError):
            look(pair.cycle, chi, "not-answered", moment="end")


def test_the_waiting_list_the_listed_mentors_and_us(cycle, chi):
    apply(cycle, "Wes", state=State.WAITLISTED, waiting_since=date(2025, 9, 5))
    for name, fields in (("Ann", {}), ("Pia", {"paused_until": date(2026, 1, 1)}), ("Gil", {"available": False})):
        person = make_person(f"{name.lower()}@x.example.org", name, "Sample")
        Listing.objects.create(program=cycle.program, user=person, since=date(2025, 1, 1), **fields)
    gone = make_person("old@x.example.org", "Old", "Chair")
    make_seat(cycle.program, gone, Seat.Role.CHAIR, last_day=date(2024, 6, 30))
    assert first_names(look(cycle, chi, "waiting").gets) == ["Wes"]
    listed = look(cycle, chi, "listed")
    assert first_names(listed.gets) == ["Ann"]
    assert reasons(listed.left_out) == {
        "Gil": "has left the list",
        "Pia": "wants to be left in peace until Thursday, 1\xa0January 2026",
    }
    assert first_names(look(cycle, chi, "us").gets) == ["Chi"]


@pytest.mark.parametrize("count", [1, 3])
def test_looking_asks_the_same_questions_for_one_and_for_three(cycle, chi, count, django_assert_num_queries):
    for number in range(count):
        apply(cycle, f"Bea{number}")
    write(cycle, chi)
    with django_assert_num_queries(7):
        look(cycle, chi)
