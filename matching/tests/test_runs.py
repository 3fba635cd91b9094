"""A suggestion: the best set of pairs under the committee's rules, with its reasons, kept so that it can be solved again."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from matching import proposals, runs
from matching.models import Match
from matching.tests.make import make_mentee, make_mentor
from members.journal import NotAllowed
from members.models import Entry


def pairs(cycle):
    """Who is proposed with whom, mentee → mentor, by first name."""
    drafts = Match.objects.filter(cycle=cycle, state="draft")
    return {
        match.mentee_application.user.first_name: match.mentor_application.user.first_name
        for match in drafts.select_related("mentor_application__user", "mentee_application__user")
    }


@pytest.mark.requirement("R-KLA-12")
def test_the_committee_gets_pairs_by_library_type_experience_and_goals(cycle, chi, ann, mo, bea, cal):
    run = runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Ann", "Cal": "Mo"}
    assert run.result["certified"] is True
    assert run.matched == 2
    match = Match.objects.get(mentee_application=bea)
    assert [reason["code"] for reason in match.reasons] == ["library_type", "years", "goals", "hours", "channels"]
    assert match.reasons[0]["shared"] == ["university"]
    assert match.reasons[1]["apart"] == 10


@pytest.mark.requirement("R-KLA-02")
def test_the_one_with_more_years_in_the_work_is_the_better_mentor(cycle, chi, bea):
    make_mentor(cycle, "New", years=1, library_type="university", goals=["build-a-skill"])
    make_mentor(cycle, "Experienced", years=10, library_type="university", goals=["build-a-skill"])
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Experienced"}


@pytest.mark.requirement("R-KLA-13")
def test_who_finds_no_free_mentor_is_left_over_with_the_reason(cycle, chi, ann, bea, cal):
    run = runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Ann"}
    [left] = run.result["unmatched"]
    assert left["mentee"] == str(cal.pk)
    assert left["why"]["kind"] == "full"
    assert left["why"]["holders"] == [str(bea.pk)]


def test_a_new_suggestion_goes_around_what_is_kept_and_never_proposes_not_these_two(cycle, chi, ann, mo, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.assign(cycle, bea, mo, by=chi)
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Mo", "Cal": "Ann"}
    proposals.forbid(Match.objects.get(mentee_application=cal, state="draft"), by=chi)
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Mo"}


def test_a_pair_that_stays_keeps_its_mark(cycle, chi, ann, bea):
    runs.suggest(cycle, by=chi)
    first = Match.objects.get()
    proposals.mark(first, "done", by=chi)
    runs.suggest(cycle, by=chi)
    assert Match.objects.get(state="draft").mark == "done"
    assert Match.objects.count() == 1


def test_the_exported_input_is_solved_again_to_the_same_pairs(cycle, chi, ann, mo, bea, cal, tmp_path):
    run = runs.suggest(cycle, by=chi)
    file = tmp_path / "run.json"
    file.write_text(json.dumps(run.input))
    done = subprocess.run(
        [sys.executable, "-m", "matching", str(file)], capture_output=True, text=True, cwd=settings.BASE_DIR, check=True
    )
    again = json.loads(done.stdout)
    assert again["pairs"] == run.result["pairs"] == [[str(ann.pk), str(bea.pk)], [str(mo.pk), str(cal.pk)]]
    assert again["total"] == run.total
    assert runs.hash_of(run.input) == run.hash


def test_the_frozen_input_holds_ids_and_figures_alone(cycle, chi, ann, bea):
    run = runs.suggest(cycle, by=chi)
    assert run.input == {
        "mentors": [{"id": str(ann.pk), "capacity": 1}],
        "mentees": [{"id": str(bea.pk), "priority": 1}],
        "scores": {str(ann.pk): {str(bea.pk): run.total}},
        "locked": [],
        "forbidden": [],
        "previous": [],
        "withdrawn": [],
    }


def test_who_has_a_mentor_is_not_matched_again(cycle, chi, ann, mo, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.announce(cycle, by=chi)
    with pytest.raises(NotAllowed, match="Every accepted mentee has a mentor"):
        runs.suggest(cycle, by=chi)
    dan = make_mentee(cycle, "Dan")
    with pytest.raises(NotAllowed, match="No accepted mentor has a free place"):
        runs.suggest(cycle, by=chi)
    make_mentor(cycle, "Nadia")
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Dan": "Nadia"}
    assert Match.objects.filter(mentee_application=dan).count() == 1


def test_nothing_to_match_is_said_and_nothing_is_written(cycle, chi):
    with pytest.raises(NotAllowed, match="Nobody has been accepted yet"):
        runs.suggest(cycle, by=chi)
    assert not Entry.objects.filter(verb="suggested").exists()


def test_only_the_committee_suggests(cycle, committee, ann, bea):
    for name in ("lee", "sam"):
        with pytest.raises(NotAllowed):
            runs.suggest(cycle, by=committee[name])
    runs.suggest(cycle, by=committee["mim"])
    assert Entry.objects.get(verb="suggested").role == "committee"
