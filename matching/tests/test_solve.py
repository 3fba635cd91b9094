"""The best set of pairs, against enumeration and against a general solver that is asked one wish at a time."""

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp

from matching import solve as module
from matching.certify import NotCertified
from matching.encode import NO_PAIR, Problem, TooLarge, problem
from matching.solve import solve
from matching.tests.instances import Instance, best_by_enumeration, instance


def simple(scores: list[list[int]], priority: list[int] | None = None, capacity: list[int] | None = None) -> Problem:
    """Mentees e0, e1 …, mentors m0, m1 …; tier 1 and one place each unless told."""
    n, m = len(scores), len(scores[0])
    mentees = [(f"e{row}", tier) for row, tier in enumerate(priority or [1] * n)]
    mentors = [(f"m{column}", places) for column, places in enumerate(capacity or [1] * m)]
    return problem(mentees, mentors, np.array(scores, dtype=np.int16))


@pytest.mark.parametrize("block", range(10))
def test_it_is_the_set_that_full_enumeration_finds_down_to_the_order_of_ids(block):
    for seed in range(40 * block, 40 * block + 40):
        given = instance(seed, most=7).problem()
        assert (seed, solve(given).at.tolist()) == (seed, best_by_enumeration(given)[1])


@pytest.mark.parametrize(("top", "tiers", "capacity"), [(0, 3, 1), (1, 1, 1), (2, 2, 2)])
def test_eight_by_eight_full_of_ties(top, tiers, capacity):
    chance = np.random.default_rng(top)
    scores = np.where(chance.random((8, 8)) < 0.45, chance.integers(0, top + 1, (8, 8)), NO_PAIR)
    given = simple(scores.tolist(), chance.integers(1, tiers + 1, 8).tolist(), [capacity, 1] * 4)
    assert solve(given).at.tolist() == best_by_enumeration(given)[1]


def one_wish_at_a_time(given: Problem) -> tuple[tuple[int, ...], int, int]:
    """Tier after tier, then the total, then the worst pair, each fixed before the next is asked of a general solver."""
    locked = {(mentee, mentor) for mentor, mentee in given.locked}
    cells = [tuple(cell) for cell in np.argwhere(given.vetoes == 0).tolist()]
    cells = sorted(set(cells) | locked)
    count = len(cells) + 1  # the last variable is the worst score
    rows, low, high = [], [], []

    def fix(row, least, most):
        rows.append(row)
        low.append(least)
        high.append(most)

    for side, limits in ((0, [1] * len(given.mentees)), (1, given.capacity)):
        for person, limit in enumerate(limits):
            fix([float(cell[side] == person) for cell in cells] + [0.0], 0, limit)
    for cell in locked:
        fix([float(other == cell) for other in cells] + [0.0], 1, 1)
    fits = [float(given.scores[cell]) for cell in cells]
    for place, cell in enumerate(cells):
        if cell not in locked:  # worst + 1000 × chosen <= 1000 + fit
            row = [0.0] * count
            row[place], row[-1] = 1000.0, 1.0
            fix(row, -np.inf, 1000 + fits[place])
    fix([0.0] * (count - 1) + [1.0], 0, 1000)
    wishes = [[float(given.priority[row] == tier) for row, _ in cells] + [0.0] for tier in sorted(set(given.priority))]
    found = []
    for wish in [*wishes, [*fits, 0.0], [0.0] * (count - 1) + [1.0]]:
        result = milp([-part for part in wish], constraints=LinearConstraint(rows, low, high), integrality=1)
        assert result.success, result.message
        found.append(round(-result.fun))
        fix(wish, found[-1], np.inf)
    return tuple(found[:-2]), found[-2], found[-1]


def test_a_general_solver_asked_one_wish_at_a_time_agrees():
    for seed in range(1000, 1110):
        given = instance(seed, most=9).problem()
        if not np.any(given.vetoes == 0):
            continue
        solution = solve(given)
        free = set(solution.pairs) - {(given.mentors[a], given.mentees[b]) for a, b in given.locked}
        fits = [int(given.scores[given.mentees.index(mentee), given.mentors.index(mentor)]) for mentor, mentee in free]
        ours = tuple(solution.by_tier.values()), solution.total, min(fits, default=1000)
        assert (seed, *ours) == (seed, *one_wish_at_a_time(given))


def test_the_order_of_the_input_never_matters():
    for seed in range(2000, 2100):
        drawn = instance(seed, most=9)
        pairs = solve(drawn.problem()).pairs
        assert {solve(drawn.shuffled(again).problem()).pairs for again in range(3)} == {pairs}


def test_one_more_mentee_of_the_first_tier_is_worth_more_than_every_point():
    solution = solve(simple([[1000], [0]], priority=[2, 1]))
    assert (solution.pairs, solution.by_tier, solution.unmatched) == ((("m0", "e1"),), {1: 1, 2: 0}, ("e0",))


def test_a_score_of_zero_is_a_pair_and_no_score_is_none():
    assert solve(simple([[0, -1], [-1, -1]])).pairs == (("m0", "e0"),)


def test_of_equal_totals_the_one_with_the_better_worst_pair_is_taken():
    solution = solve(simple([[900, 500], [500, 100]]))
    assert (solution.pairs, solution.total, solution.min_score) == ((("m1", "e0"), ("m0", "e1")), 1000, 500)


def test_a_locked_pair_does_not_count_as_the_worst_but_is_printed_as_such():
    given = Instance(
        [("e0", 1), ("e1", 1), ("e2", 1)],
        [("m0", 1), ("m1", 1), ("m2", 1)],
        np.array([[900, 500, 0], [500, 100, 0], [0, 0, 7]], dtype=np.int16),
        locked=(("m2", "e2"),),
    ).problem()
    solution = solve(given)
    assert solution.pairs == (("m1", "e0"), ("m0", "e1"), ("m2", "e2"))
    assert (solution.total, solution.min_score) == (1007, 7)


def test_ids_are_compared_as_text():
    given = problem([("10", 1), ("9", 1)], [("b", 1), ("B", 1)], np.zeros((2, 2), dtype=np.int16))
    assert solve(given).pairs == (("B", "10"), ("b", "9"))


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0)])
def test_nobody_on_one_side(n, m):
    given = problem([(f"e{i}", 1) for i in range(n)], [(f"m{j}", 1) for j in range(m)], np.zeros((n, m), np.int16))
    solution = solve(given)
    assert (solution.pairs, solution.total, solution.min_score, len(solution.unmatched)) == ((), 0, None, n)


def test_a_capacity_may_be_far_greater_than_anybody_needs():
    scores = [[900 - row, 10] for row in range(30)]
    solution = solve(simple(scores, capacity=[10**30, 1]))
    assert solution.total == sum(900 - row for row in range(30))


def test_tiers_may_be_any_whole_numbers():
    assert solve(simple([[5], [9]], priority=[10**30, 7])).by_tier == {7: 1, 10**30: 0}


def test_a_long_chain_of_ties_goes_to_the_first_ids():
    n = 60
    scores = [[0 if column in (row, (row + 1) % n) else NO_PAIR for column in range(n)] for row in range(n)]
    pairs = solve(simple(scores)).pairs
    assert pairs == tuple((f"m{mentee[1:]}", mentee) for mentee in sorted(f"e{row}" for row in range(n)))


def test_a_wrong_answer_of_the_assignment_solver_is_an_error(monkeypatch):
    monkeypatch.setattr(module, "linear_sum_assignment", lambda table, maximize: (np.arange(2), np.arange(2)))
    with pytest.raises(NotCertified):
        solve(simple([[1, 900], [900, 1]]))


def test_a_table_beyond_memory_is_refused(monkeypatch):
    monkeypatch.setattr(module, "LARGEST_TABLE", 8)
    with pytest.raises(TooLarge):
        solve(simple([[1] * 3] * 3))
