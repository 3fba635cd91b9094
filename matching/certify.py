"""The proof that no better set of pairs exists.

Give every mentor's place a price, and every mentee what is left of the best pair after paying it. If what all mentees
keep plus what all places cost equals the value of the pairs, nothing can beat them: any set of pairs is worth at most
that sum (linear programming duality). The solver gives no prices, so the least ones are recovered from its pairs;
whoever distrusts the solver only needs to trust the additions and comparisons of whole numbers in `certify`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
UNMATCHED = -1


class NotCertified(ArithmeticError):
    """The pairs could not be proved best: a fault in the computation, never an answer to show."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """prices (m): what one more place with this mentor would add; keeps (r): what each mentee keeps. Both ≥ 0."""

    prices: IntArray
    keeps: IntArray

    def check(self, value: IntArray, places: IntArray, at: IntArray) -> None:
        """Raise NotCertified unless the pairs `at` (r: a mentor's column, or -1) keep all rules and reach the bound."""
        rows = np.flatnonzero(at != UNMATCHED)
        pairs = value[rows, at[rows]]
        if np.any(pairs <= 0):
            raise NotCertified("a pair that is not allowed")
        if np.any(np.bincount(at[rows], minlength=len(places)) > places):
            raise NotCertified("a mentor with more mentees than places")
        bound = int(self.keeps.sum()) + int(self.prices @ places)
        if int(pairs.sum()) != bound:
            raise NotCertified(f"the pairs are worth {int(pairs.sum())}, a better set may be worth {bound}")


def certify(value: IntArray, places: IntArray, at: IntArray) -> Certificate:
    """Prove that `at` is a best set of pairs under `value` (r × m, 0 = not allowed), or raise NotCertified."""
    prices = _least_prices(value, at)
    left = value - prices
    keeps = np.maximum(left.max(axis=1, initial=0), 0)
    certificate = Certificate(prices, keeps)
    certificate.check(value, places, at)
    return certificate


def _least_prices(value: IntArray, at: IntArray) -> IntArray:
    """The lowest prices under which nobody would rather have another mentor, found by raising them until nobody would.

    A mentor's mentees push the price of any other mentor up to what the move would gain them. The pushes of all mentees
    of one mentor are merged first, and only mentors whose own price has just moved push again.
    """
    order = np.argsort(at, kind="stable")
    order = order[np.searchsorted(at[order], 0) :]
    prices: IntArray = value[at == UNMATCHED].max(axis=0, initial=0)
    if not len(order):
        return prices
    mentors, starts = np.unique(at[order], return_index=True)
    pushes = np.maximum.reduceat(value[order] - value[order, at[order]][:, None], starts, axis=0)
    moved = np.arange(len(mentors))
    for _ in range(len(prices) + 1):
        raised = np.maximum(prices, (pushes[moved] + prices[mentors[moved], None]).max(axis=0))
        moved = np.flatnonzero(raised[mentors] > prices[mentors])
        prices = raised
        if not len(moved):
            return prices
    raise NotCertified("prices rise without end, so a better set exists")
