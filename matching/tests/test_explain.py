"""Why somebody is left over and what another choice changes, against solving again with the pair forced."""

import numpy as np
import pytest

from matching.encode import NO_PAIR, BreaksARule, problem
from matching.explain import Alternative, Change, Explanation, Full, LeftOver, Nobody, Shortage, sentence
from matching.score import Veto
from matching.solve import Solution, solve
from matching.tests.instances import Instance, best_by_enumeration, instance, key


def applied(solution: Solution, choice: Alternative) -> list[int]:
    """The suggested pairs after an alternative's changes."""
    given = solution.problem
    at = solution.at.tolist()
    place = {mentor: column for column, mentor in enumerate(given.mentors)} | {None: NO_PAIR}
    for change in choice.changes:
        row = given.mentees.index(change.mentee)
        assert at[row] == place[change.before]
        at[row] = place[change.after]
    return at


def test_an_alternative_is_the_best_set_with_that_pair():
    for seed in range(3000, 3060):
        drawn = instance(seed, most=5)
        solution = solve(drawn.problem())
        given, explanation = solution.problem, Explanation(solution)
        before = key(given, solution.at.tolist())
        for mentee in given.mentees:
            for choice in explanation.alternatives(mentee):
                after = key(given, applied(solution, choice))
                forced, _ = best_by_enumeration(drawn.forcing(choice.mentor, mentee).problem())
                assert (seed, after[:2]) == (seed, forced[:2])
                assert choice.points == before[1] - after[1]
                tiers = zip(sorted(set(given.priority)), before[0], after[0], strict=True)
                assert choice.matched == {tier: was - now for tier, was, now in tiers if was != now}


def test_only_pairs_that_cannot_be_are_missing():
    for seed in range(3100, 3160):
        drawn = instance(seed, most=5)
        solution = solve(drawn.problem())
        locked = {mentee for _, mentee in drawn.locked}
        for mentee in set(solution.problem.mentees) - locked:
            possible = set()
            for mentor in solution.problem.mentors:
                try:
                    drawn.forcing(mentor, mentee).problem()
                except BreaksARule:
                    continue
                possible.add(mentor)
            assert {choice.mentor for choice in Explanation(solution).alternatives(mentee)} == possible
        for mentee in locked:
            assert Explanation(solution).alternatives(mentee) == ()


def test_who_holds_the_places_is_never_less_urgent_and_there_are_as_many_as_places():
    seen = 0
    for seed in range(3200, 3400):
        solution = solve(instance(seed, most=8).problem())
        given, explanation = solution.problem, Explanation(solution)
        tier = dict(zip(given.mentees, given.priority, strict=True))
        locked = {given.mentees[mentee] for _, mentee in given.locked}
        for mentee in solution.unmatched:
            reason = explanation.reason(mentee)
            if isinstance(reason, Nobody):
                assert not np.any(given.vetoes[given.mentees.index(mentee)] == 0)
                continue
            seen += 1
            assert len(reason.mentees) == reason.places
            assert all(tier[other] <= tier[mentee] for other in reason.mentees if other not in locked)
            assert {other for mentor, other in solution.pairs if mentor in reason.mentors} == set(reason.mentees)
    assert seen > 50


@pytest.fixture
def shortage() -> Solution:
    """Ann has one place, Mo none that fits; Bea is more urgent than Cal, Dan may be suggested to nobody."""
    return solve(
        problem(
            [("bea", 1), ("cal", 2), ("dan", 1)],
            [("ann", 1), ("mo", 2)],
            np.array([[740, NO_PAIR], [880, NO_PAIR], [NO_PAIR, 300]], dtype=np.int16),
            vetoes=np.array([[0, 0], [0, 0], [0, Veto.SAME_EMPLOYER | Veto.UNDER_MINIMUM]], dtype=np.int16),
        )
    )


def test_a_place_taken_by_somebody_more_urgent(shortage):
    changes = (Change("cal", None, "ann"), Change("bea", "ann", None))
    cheapest = Alternative("ann", "cal", 880, {1: 1, 2: -1}, -140, changes)
    reason = Explanation(shortage).reason("cal")
    assert reason == Full("cal", ("ann",), 1, ("bea",), 0, cheapest)
    assert sentence(reason, str.title, str.title) == (
        "Ann has 1 place that is taken: Bea comes first by priority or fit. "
        "Ann with Cal would cost Bea their place but add 140 points."
    )


def test_nobody_may_be_suggested(shortage):
    reason = Explanation(shortage).reason("dan")
    rules = ((Veto.NO_SCORE, 1), (Veto.SAME_EMPLOYER, 1), (Veto.UNDER_MINIMUM, 1))
    assert reason == Nobody("dan", 2, rules)
    assert sentence(reason, mentee=str.title) == (
        "None of the 2 mentors may be suggested to Dan: 1 because there is no score, "
        "1 because they have the same employer, 1 because the fit is under the minimum."
    )


def test_a_matched_mentee_has_no_reason_and_a_stranger_no_alternatives(shortage):
    with pytest.raises(KeyError):
        Explanation(shortage).reason("bea")
    with pytest.raises(KeyError):
        Explanation(shortage).alternatives("sam")


def test_mentors_left_over(shortage):
    assert Explanation(shortage).left_over() == (LeftOver("mo", 2, 0),)


def test_shortage_counts_people_and_where_one_more_mentor_would_serve_them(shortage):
    wants = {"bea": ["law"], "cal": ["law", "maps"], "dan": ["maps"]}
    offers = {"ann": ["law", "maps"], "mo": ["maps"]}
    assert Explanation(shortage).shortage(wants, offers) == (Shortage("maps", 2, 2, 1), Shortage("law", 1, 1, 1))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Instance([("cal", 1)], [], np.zeros((1, 0), np.int16)), "There is no mentor."),
        (
            Instance([("cal", 1)], [("ann", 1)], np.full((1, 1), NO_PAIR, np.int16)),
            "The only mentor may not be suggested to cal: there is no score.",
        ),
        (
            Instance([("cal", 1)], [("ann", 0), ("mo", 0)], np.zeros((1, 2), np.int16)),
            "ann and mo could be suggested, but have no place.",
        ),
        (
            Instance([("bea", 2), ("cal", 1)], [("ann", 1)], np.zeros((2, 1), np.int16), (("ann", "bea"),)),
            "ann has 1 place, kept by hand for bea.",
        ),
        (
            Instance([("bea", 2), ("cal", 1), ("dan", 1)], [("ann", 2)], np.zeros((3, 1), np.int16), (("ann", "bea"),)),
            "ann has 2 places that are all taken (1 of them by hand): bea and cal come first by priority or fit. "
            "ann with dan would cost cal their place.",
        ),
        (
            Instance([(f"e{i}", 1) for i in range(7)], [("ann", 6)], np.array([[9]] * 6 + [[8]], np.int16)),
            "ann has 6 places that are all taken: e0, e1, e2 and 3 more mentees come first by priority or fit. "
            "ann with e6 would cost e0 their place and 1 point.",
        ),
    ],
)
def test_the_reason_in_words(given, words):
    solution = solve(given.problem())
    assert [sentence(Explanation(solution).reason(mentee)) for mentee in solution.unmatched] == [words]
