"""What the committee does at the desk: keep, not these two, give, exchange, undo; and nobody about a pair of their own."""

import pytest

from matching import proposals, runs
from matching.models import Match
from matching.tests.make import make_accepted, make_mentee, make_mentor
from matching.tests.test_runs import pairs
from members.journal import NotAllowed, Stale
from members.models import Entry
from mentorships.models import Mentorship
from programs.models import Program, Role


def draft_of(application):
    return Match.objects.get(mentee_application=application, state="draft")


def test_kept_together_and_let_go(cycle, chi, ann, bea):
    runs.suggest(cycle, by=chi)
    match = proposals.keep(draft_of(bea), by=chi)
    assert match.kept
    proposals.let_go(match, by=chi)
    assert not draft_of(bea).kept
    assert list(Entry.objects.filter(about=f"match:{match.pk}").values_list("verb", flat=True)) == ["let_go", "keep"]


def test_not_these_two_says_why_and_takes_them_apart(cycle, chi, ann, mo, bea):
    runs.suggest(cycle, by=chi)
    match = draft_of(bea)
    proposals.forbid(match, by=chi, note="They share a landlord.")
    match.refresh_from_db()
    assert (match.state, match.apart, match.note) == ("dropped", True, "They share a landlord.")
    with pytest.raises(NotAllowed, match="not these two: the committee or the mentor said so"):
        proposals.assign(cycle, bea, ann, by=chi)


def test_giving_a_mentor_by_hand_moves_who_has_to_move(cycle, chi, ann, mo, bea, cal):
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Ann", "Cal": "Mo"}
    match = proposals.assign(cycle, bea, mo, by=chi)
    assert pairs(cycle) == {"Bea": "Mo", "Cal": "Ann"}
    assert match.kept
    assert match.mentor_application == mo


def test_giving_the_only_mentor_costs_the_other_mentee_her_place(cycle, chi, ann, bea, cal):
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Ann"}
    proposals.assign(cycle, cal, ann, by=chi)
    assert pairs(cycle) == {"Cal": "Ann"}


def test_every_place_kept_by_hand_is_said(cycle, chi, ann, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.keep(draft_of(bea), by=chi)
    with pytest.raises(NotAllowed, match="Every place of Ann is kept"):
        proposals.assign(cycle, cal, ann, by=chi)
    assert pairs(cycle) == {"Bea": "Ann"}


def test_colleagues_are_not_suggested_but_may_be_kept_with_a_reason(cycle, chi):
    Program.objects.update(other_employer="never")
    cycle.refresh_from_db()
    ann = make_mentor(cycle, "Ann", employer="Soto County Library")
    bea = make_mentee(cycle, "Bea", employer="Soto County Library")
    run = runs.suggest(cycle, by=chi)
    assert run.result["unmatched"][0]["why"] == {"kind": "nobody", "mentors": 1, "rules": {"same_employer": 1}}
    with pytest.raises(NotAllowed, match="same employer"):
        proposals.assign(cycle, bea, ann, by=chi)
    proposals.assign(cycle, bea, ann, by=chi, note="They asked for each other.")
    assert pairs(cycle) == {"Bea": "Ann"}
    run = runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Ann"}
    assert run.input["locked"] == [[str(ann.pk), str(bea.pk)]]


def test_nobody_mentors_themselves(cycle, chi, ann):
    both = make_accepted(cycle, "Ann", Role.MENTEE, user=ann.user, years=2)
    run = runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {}
    assert run.result["unmatched"][0]["why"]["rules"] == {"same_person": 1}
    with pytest.raises(NotAllowed, match="the same person"):
        proposals.assign(cycle, both, ann, by=chi, note="Why not?")


def test_a_pair_that_parted_as_no_fit_is_never_one_again(cycle, chi, ann, bea):
    Mentorship.objects.create(
        cycle=cycle, mentor_application=ann, mentee_application=bea, mentor=ann.user, mentee=bea.user,
        introduced_at="2025-09-06T12:00Z", state="ended", end_reason="fit",
    )  # fmt: skip
    run = runs.suggest(cycle, by=chi)
    assert run.result["unmatched"][0]["why"]["rules"] == {"not_again": 1}
    with pytest.raises(NotAllowed, match="parted"):
        proposals.assign(cycle, bea, ann, by=chi, note="Try again.")


def test_two_pairs_exchange_their_mentors(cycle, chi, ann, mo, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.swap(draft_of(bea), draft_of(cal), by=chi)
    assert pairs(cycle) == {"Bea": "Mo", "Cal": "Ann"}


@pytest.mark.parametrize("edit", ["keep", "forbid", "drop", "assign", "swap"])
def test_undo_brings_the_desk_back(cycle, chi, ann, mo, bea, cal, edit):
    runs.suggest(cycle, by=chi)
    before = sorted(Match.objects.filter(state="draft").values_list("mentor_application", "mentee_application", "kept"))
    if edit == "assign":
        proposals.assign(cycle, bea, mo, by=chi)
    elif edit == "swap":
        proposals.swap(draft_of(bea), draft_of(cal), by=chi)
    else:
        getattr(proposals, edit)(draft_of(bea), by=chi)
    after = sorted(Match.objects.filter(state="draft").values_list("mentor_application", "mentee_application", "kept"))
    assert after != before
    assert proposals.undo(cycle, by=chi).verb == edit
    again = sorted(Match.objects.filter(state="draft").values_list("mentor_application", "mentee_application", "kept"))
    assert again == before
    assert not Match.objects.filter(apart=True).exists()
    with pytest.raises(NotAllowed, match="nothing to undo"):
        proposals.undo(cycle, by=chi)


def test_undo_loses_nothing_of_a_colleague(cycle, committee, ann, mo, bea, cal):
    chi, dee = committee["chi"], committee["dee"]
    runs.suggest(cycle, by=chi)
    proposals.keep(draft_of(bea), by=chi)
    proposals.mark(draft_of(bea), "discuss", by=dee)
    with pytest.raises(Stale, match="changed the same people since"):
        proposals.undo(cycle, by=chi)
    assert (draft_of(bea).kept, draft_of(bea).mark) == (True, "discuss")


def test_two_editors_the_second_reads_that_somebody_was_faster(cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["chi"])
    seen_by_chi, seen_by_dee = draft_of(bea), draft_of(bea)
    proposals.keep(seen_by_chi, by=committee["chi"])
    with pytest.raises(Stale, match="a moment faster"):
        proposals.forbid(seen_by_dee, by=committee["dee"])
    assert draft_of(bea).kept


def test_a_choice_made_on_an_old_page_is_stale(cycle, committee, ann, mo, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    seen = runs.fingerprint(cycle)
    proposals.keep(draft_of(cal), by=committee["dee"])
    with pytest.raises(Stale, match="Look at what it would change now"):
        proposals.assign(cycle, bea, mo, by=committee["chi"], seen=seen)
    assert pairs(cycle) == {"Bea": "Ann", "Cal": "Mo"}


@pytest.mark.parametrize("verb", ["keep", "let_go", "forbid", "drop", "confirm"])
def test_nobody_decides_about_a_pair_of_their_own(cycle, committee, bea, verb):
    chi = committee["chi"]
    make_mentor(cycle, "Chi", user=chi)
    runs.suggest(cycle, by=chi)
    with pytest.raises(NotAllowed, match="a pair of your own"):
        getattr(proposals, verb)(draft_of(bea), by=chi)
    with pytest.raises(NotAllowed, match="a pair of your own"):
        proposals.mark(draft_of(bea), "done", by=chi)
    getattr(proposals, verb)(draft_of(bea), by=committee["dee"])


def test_nobody_moves_their_own_mentee_by_giving_her_mentor_to_another(cycle, committee, bea, cal):
    chi = committee["chi"]
    mine = make_mentor(cycle, "Chi", user=chi, library_type="university", goals=["build-a-skill"])
    other = make_mentor(cycle, "Ann")
    runs.suggest(cycle, by=chi)
    assert pairs(cycle) == {"Bea": "Chi", "Cal": "Ann"}
    with pytest.raises(NotAllowed, match="a pair of your own"):
        proposals.assign(cycle, bea, other, by=chi)
    with pytest.raises(NotAllowed, match="a pair of your own"):
        proposals.swap(draft_of(cal), draft_of(bea), by=chi)
    assert mine.user == chi


def test_only_the_committee_edits(cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["mim"])
    for name in ("lee", "sam"):
        with pytest.raises(NotAllowed, match="Only the committee"):
            proposals.keep(draft_of(bea), by=committee[name])
    proposals.keep(draft_of(bea), by=committee["mim"])


def test_no_mark_but_those_there_are(cycle, chi, ann, bea):
    runs.suggest(cycle, by=chi)
    with pytest.raises(NotAllowed, match="no such mark"):
        proposals.mark(draft_of(bea), "maybe", by=chi)
