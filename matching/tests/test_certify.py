"""A proof accepts the best pairs and nothing else."""

import numpy as np
import pytest

from matching.certify import Certificate, NotCertified, certify

VALUE = np.array([[2900, 2100], [2500, 2400]], dtype=np.int64)
PLACES = np.array([1, 1], dtype=np.int64)


def at(*mentors: int) -> np.ndarray:
    return np.array(mentors, dtype=np.int64)


def test_the_best_pairs_and_the_least_prices():
    proof = certify(VALUE, PLACES, at(0, 1))
    assert (proof.prices.tolist(), proof.keeps.tolist()) == ([100, 0], [2800, 2400])


def test_the_price_of_a_place_is_what_one_more_would_add():
    value = np.array([[2900], [2500], [2100]], dtype=np.int64)
    assert certify(value, np.array([2]), at(0, 0, -1)).prices.tolist() == [2100]


@pytest.mark.parametrize("pairs", [(1, 0), (0, -1), (-1, -1)])
def test_worse_pairs_are_not_certified(pairs):
    with pytest.raises(NotCertified):
        certify(VALUE, PLACES, at(*pairs))


def test_a_mentor_with_too_many_mentees_is_not_certified():
    with pytest.raises(NotCertified, match="more mentees than places"):
        certify(VALUE, PLACES, at(0, 0))


def test_a_pair_that_is_not_allowed_is_not_certified():
    with pytest.raises(NotCertified, match="not allowed"):
        certify(np.array([[0]], dtype=np.int64), np.array([1]), at(0))


def test_prices_made_up_do_not_pass():
    proof = Certificate(np.array([0, 0]), np.array([2900, 2400]))
    proof.check(VALUE, PLACES, at(0, 1))
    with pytest.raises(NotCertified):
        proof.check(VALUE, PLACES, at(1, 0))
