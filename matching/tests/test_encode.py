"""The committee's wish as numbers, and locked pairs that cannot be."""

import numpy as np
import pytest

from matching.encode import BreaksARule, Refusal, TooLarge, encode, problem
from matching.score import Veto

MENTEES = [("e2", 9), ("e1", 4)]
MENTORS = [("m2", 1), ("m1", 5)]
FIT = np.array([[22, 12], [21, 11]], dtype=np.int16)


def test_people_are_sorted_and_tiers_closed_up():
    given = problem(MENTEES, MENTORS, FIT)
    assert (given.mentees, given.mentors, given.scores.tolist()) == (("e1", "e2"), ("m1", "m2"), [[11, 21], [12, 22]])
    encoded = encode(given)
    assert (encoded.step, encoded.places.tolist()) == (2001, [2, 1])
    assert encoded.value.tolist() == [[2 * 2001 + 11, 2 * 2001 + 21], [2001 + 12, 2001 + 22]]


def test_locked_pairs_take_their_place_and_leave():
    encoded = encode(problem(MENTEES, MENTORS, FIT, locked=[("m2", "e1")]))
    assert (encoded.rows.tolist(), encoded.places.tolist(), encoded.value.tolist()) == ([1], [1, 0], [[1001 + 12, 0]])


@pytest.mark.parametrize("veto", Veto)
def test_any_veto_keeps_a_pair_from_being_suggested(veto):
    bits = np.array([[veto, 0], [0, 0]], dtype=np.int16)
    assert encode(problem(MENTEES, MENTORS, FIT, bits)).value[1].tolist() == [2001 + 12, 0]


@pytest.mark.parametrize("veto", Veto)
def test_only_a_soft_veto_lets_a_pair_be_kept_together(veto):
    bits = np.array([[veto, 0], [0, 0]], dtype=np.int16)
    if veto in Veto.soft():
        assert problem(MENTEES, MENTORS, FIT, bits, locked=[("m2", "e2")]).locked == ((1, 1),)
    else:
        with pytest.raises(BreaksARule, match="m2 with e2"):
            problem(MENTEES, MENTORS, FIT, bits, locked=[("m2", "e2")])


def test_every_reason_against_every_locked_pair_is_told_in_the_order_of_mentees():
    with pytest.raises(BreaksARule) as told:
        problem(MENTEES, MENTORS, FIT, locked=[("m2", "e2"), ("m2", "e1"), ("m1", "e1")], forbidden=[("m1", "e1")])
    twice, over = "the mentee is locked 2 times", "2 locked pairs for a capacity of 1"
    assert told.value.refusals == (
        Refusal("m1", "e1", "the pair is forbidden"),
        Refusal("m1", "e1", twice),
        Refusal("m2", "e1", over),
        Refusal("m2", "e1", twice),
        Refusal("m2", "e2", over),
    )


def test_an_id_that_stands_twice_or_nowhere():
    with pytest.raises(ValueError, match="twice"):
        problem([("e1", 1), ("e1", 1)], MENTORS, FIT)
    with pytest.raises(KeyError):
        problem(MENTEES, MENTORS, FIT, locked=[("m9", "e1")])


def test_sums_that_would_not_be_exact_are_refused():
    count = 30_000
    given = problem([(f"e{i}", i + 1) for i in range(count)], [("m", count)], np.zeros((count, 1), dtype=np.int16))
    with pytest.raises(TooLarge):
        encode(given)
