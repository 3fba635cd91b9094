"""What each other choice would change: the engine's answer while the desk shows its suggestion, the plain one after edits."""

import pytest

from matching import pool, proposals, runs
from matching.alternatives import Situation
from matching.explain import Change
from matching.models import Match
from matching.tests.make import make_mentee, make_mentor
from matching.tests.test_runs import pairs
from programs.models import Program


def situation(cycle):
    return Situation(pool.read(cycle, cycle.today()))


def draft_of(application):
    return Match.objects.get(mentee_application=application, state="draft")


def ids(*applications):
    return [application and str(application.pk) for application in applications]


def test_while_the_desk_shows_the_suggestion_others_move_as_the_engine_says(cycle, chi, ann, mo, bea, cal):
    runs.suggest(cycle, by=chi)
    now = situation(cycle)
    assert now.in_step
    [option] = now.options(str(bea.pk))
    assert option.mentor == str(mo.pk)
    assert {(change.mentee, change.before, change.after) for change in option.changes} == {
        tuple(ids(bea, ann, mo)),
        tuple(ids(cal, mo, ann)),
    }
    assert (option.without, option.freed) == ((), ())
    assert option.points > 0


def test_after_a_change_by_hand_whoever_fits_least_makes_room(cycle, chi, ann, mo, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.drop(draft_of(cal), by=chi)
    now = situation(cycle)
    assert not now.in_step
    costs = {option.mentor: (option.without, option.changes) for option in now.options(str(cal.pk))}
    mentor, held_by, mentee, other = ids(mo, ann, cal, bea)
    assert costs == {
        mentor: ((), (Change(mentee, None, mentor),)),
        held_by: ((other,), (Change(mentee, None, held_by), Change(other, held_by, None))),
    }
    proposals.assign(cycle, cal, ann, by=chi)
    assert pairs(cycle) == {"Cal": "Ann"}


def test_a_pair_kept_together_has_no_alternatives_and_keeps_its_place(cycle, chi, ann, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.keep(draft_of(bea), by=chi)
    now = situation(cycle)
    assert now.options(str(bea.pk)) == []
    assert now.options(str(cal.pk)) == []
    assert now.option(str(cal.pk), str(ann.pk)) is None


def test_a_soft_rule_is_told_with_what_would_change(cycle, chi):
    Program.objects.update(other_employer="never")
    cycle.program.refresh_from_db()
    colleague = make_mentor(cycle, "Ann", employer="Soto County Library")
    other = make_mentor(cycle, "Mo", employer="Elsewhere")
    bea = make_mentee(cycle, "Bea", employer="Soto County Library")
    runs.suggest(cycle, by=chi)
    now = situation(cycle)
    assert now.options(str(bea.pk)) == []
    option = now.option(str(bea.pk), str(colleague.pk))
    assert option.against.name == "SAME_EMPLOYER"
    assert [(change.before, change.after) for change in option.changes] == [(str(other.pk), str(colleague.pk))]


@pytest.mark.parametrize("edit", ["forbid", "drop"])
def test_the_desk_lives_on_after_every_edit(cycle, chi, ann, mo, bea, cal, edit):
    runs.suggest(cycle, by=chi)
    getattr(proposals, edit)(draft_of(bea), by=chi)
    now = situation(cycle)
    assert now.unmatched() == [str(bea.pk)]
    assert [left.mentor for left in now.left_over()] == [str(ann.pk)]
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == ({"Bea": "Mo", "Cal": "Ann"} if edit == "forbid" else {"Bea": "Ann", "Cal": "Mo"})


def test_somebody_who_left_is_named_and_dropped_by_the_next_suggestion(cycle, chi, ann, mo, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.keep(draft_of(bea), by=chi)
    type(bea).objects.filter(pk=bea.pk).update(state="withdrawn")
    assert [match.mentee_application for match in situation(cycle).gone()] == [bea]
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Cal": "Mo"}
