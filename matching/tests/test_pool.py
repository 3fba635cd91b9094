"""Who can be matched, who comes first, what stands against a pair."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching import due, pool, proposals, runs
from matching.models import Criterion, Match
from matching.score import Veto
from matching.tests.make import MATCHING_DAY, make_accepted, make_mentee, make_mentor
from matching.tests.test_announcing import ON_THE_DAY, do_what_is_due
from matching.tests.test_runs import pairs
from members.journal import NotAllowed
from programs.models import Application, Attendance, Gate, Place, Program, Question, Role, Training


def read(cycle):
    return pool.read(cycle, cycle.today())


def by_name(cycle, found):
    """The pool's answers under first names instead of ids."""
    return {found_name(cycle, key): value for key, value in found.items()}


def found_name(cycle, key):
    return Application.objects.get(pk=key).user.first_name


def test_a_mentor_takes_as_many_as_she_offers_and_never_more_than_the_program(cycle):
    make_mentor(cycle, "Ann", mentees_wanted=3)
    make_mentor(cycle, "Mo")
    assert by_name(cycle, read(cycle).free) == {"Ann": 1, "Mo": 1}
    Program.objects.update(mentor_capacity=2)
    cycle.program.refresh_from_db()
    assert by_name(cycle, read(cycle).free) == {"Ann": 2, "Mo": 1}


@pytest.mark.requirement("R-NELA-27")
def test_a_place_held_in_another_cycle_counts(cycle, ann, bea, chi):
    before = cycle.program.cycles.create(
        slug="before", name="Before", opens_on="2024-09-01", closes_on="2024-09-30", hear_by="2024-10-15",
        announced_on="2024-10-15", begins_on="2024-10-15", ends_on="2025-10-14",
    )  # fmt: skip
    earlier = make_accepted(before, "Ann", Role.MENTOR, user=ann.user)
    Place.objects.create(
        program=cycle.program, mentor_application=earlier, mentor=ann.user, mentee=chi, slot=1, taken_at=MATCHING_DAY
    )
    assert read(cycle).mentors == ()
    with pytest.raises(NotAllowed, match="No accepted mentor has a free place"):
        runs.suggest(cycle, by=chi)


@pytest.mark.parametrize("state", ["draft", "submitted", "held", "waitlisted", "refused", "withdrawn"])
def test_only_accepted_people_are_matched(cycle, ann, bea, state):
    Application.objects.filter(pk=bea.pk).update(state=state)
    assert read(cycle).mentees == ()


def test_who_waits_since_an_earlier_cycle_comes_first(cycle, chi, ann):
    make_mentee(cycle, "New", library_type="university", goals=["build-a-skill"])
    waiting = make_mentee(cycle, "Waiting", library_type="school", goals=["publish-or-present"])
    Application.objects.filter(pk=waiting.pk).update(waiting_since=date(2025, 3, 1))
    assert by_name(cycle, read(cycle).tiers) == {"Waiting": 1, "New": 2}
    run = runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Waiting": "Ann"}
    assert run.result["by_tier"] == {"1": 1, "2": 0}
    assert {"note": "waited"} in Match.objects.get().reasons


@pytest.mark.requirement("R-NASIG-38", "R-NASIG-40")
def test_a_priority_answer_comes_first_where_the_program_says_so(cycle, ann):
    question = Question.objects.get(program=cycle.program, code="areas", role="mentee", moment="application")
    question.options = [
        {**option, "flags": ["priority"] if option["code"] == "serials" else []} for option in question.options
    ]
    question.save()
    make_mentee(cycle, "Flagged", areas=["serials"])
    waiting = make_mentee(cycle, "Waiting", areas=["cataloging-and-metadata"])
    make_mentee(cycle, "New", areas=["acquisitions"])
    Application.objects.filter(pk=waiting.pk).update(waiting_since=date(2025, 3, 1))
    assert by_name(cycle, read(cycle).tiers) == {"Flagged": 2, "Waiting": 1, "New": 2}
    Program.objects.update(priority_order="flagged")
    cycle.program.refresh_from_db()
    assert by_name(cycle, read(cycle).tiers) == {"Flagged": 1, "Waiting": 2, "New": 3}


@pytest.mark.requirement("R-NELA-19")
def test_a_requirement_looked_at_when_matching_keeps_people_out_even_by_hand(cycle, chi, ann, bea):
    Gate.objects.create(
        program=cycle.program,
        kind="experience",
        code="ten",
        role="mentor",
        stage="match",
        consequence="block",
        years=20,
    )
    run = runs.suggest(cycle, by=chi)
    assert run.result["unmatched"][0]["why"] == {"kind": "nobody", "mentors": 1, "rules": {"gate": 1}}
    with pytest.raises(NotAllowed, match="does not meet a requirement"):
        proposals.assign(cycle, bea, ann, by=chi, note="She is good.")


@pytest.mark.requirement("R-NELA-17")
def test_a_requirement_before_the_introduction_waits_until_it_is_met(cycle, chi, ann, bea):
    Program.objects.update(introduce="when_ready")
    cycle.program.refresh_from_db()
    Gate.objects.create(program=cycle.program, kind="training", code="workshop", stage="introduce", consequence="hold")
    workshop = Training.objects.create(cycle=cycle, title="Workshop", starts_at=MATCHING_DAY)
    runs.suggest(cycle, by=chi)
    proposals.announce(cycle, by=chi)
    assert do_what_is_due() == []
    for application in (ann, bea):
        Attendance.objects.create(training=workshop, user=application.user, attended_on=date(2025, 10, 9))
    assert len(list(due.due(ON_THE_DAY, dry=True))) == 1
    assert len(do_what_is_due()) == 1


def test_another_employer_is_preferred_where_the_program_says_so(cycle, ann):
    make_mentor(cycle, "Colleague", employer="Soto County Library")
    make_mentor(cycle, "Stranger", employer="Elsewhere")
    make_mentee(cycle, "Bea", employer="Soto County Library")
    found = read(cycle)
    same = {found_name(cycle, name): found.scores[0, column] for column, name in enumerate(found.mentors)}
    assert same["Colleague"] == same["Stranger"]
    Program.objects.update(other_employer="prefer")
    cycle.program.refresh_from_db()
    found = read(cycle)
    then = {found_name(cycle, name): found.scores[0, column] for column, name in enumerate(found.mentors)}
    assert then["Colleague"] < then["Stranger"]
    assert not found.vetoes.any()


def test_time_zones_are_compared_by_their_clocks_on_the_cycles_first_day(cycle):
    Criterion.objects.create(
        program=cycle.program, code="clock", label="The same hours", kind="near",
        mentee_question="time_zone", mentor_question="time_zone", weight="most",
    )  # fmt: skip
    make_mentor(cycle, "Ann", time_zone="America/Chicago")
    make_mentee(cycle, "Bea", time_zone="America/New_York")
    found = read(cycle)
    pair = found.pair(found.mentors[0], found.mentees[0])
    assert [part.apart for part in pair.parts if part.criterion.kind == "near"] == [1.0]
    assert pool.hours_from_utc("America/New_York", datetime(2025, 10, 15, 12)) == -4.0
    assert pool.hours_from_utc("Mars/Olympus", datetime(2025, 10, 15, 12)) is None


def test_everybody_is_asked_about_themselves(cycle, ann):
    make_accepted(cycle, "Ann", Role.MENTEE, user=ann.user, years=1)
    found = read(cycle)
    assert found.pair(found.mentors[0], found.mentees[0]).against == Veto.SAME_PERSON


def test_reading_the_pool_asks_as_many_queries_for_one_pair_as_for_four(cycle):
    Gate.objects.create(program=cycle.program, kind="membership", code="again", stage="match", consequence="block")
    asked = []
    for count in (1, 3):
        for number in range(count):
            make_mentor(cycle, f"Mentor {count} {number}")
            make_mentee(cycle, f"Mentee {count} {number}")
        with CaptureQueriesContext(connection) as queries:
            read(cycle)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 15
