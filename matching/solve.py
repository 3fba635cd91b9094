"""The best set of pairs, proved, and always the same one.

An assignment solver finds one best set, `certify` proves it and prices every place. The prices also tell which other
sets are just as good: exactly those that only use pairs which lose nothing at these prices. Among them the best worst
pair is chosen, and then, mentee by mentee, the first mentor by id. Both only need to know whether a mentee can move
while everything else stays as good, which is a breadth-first search over mentors (`Exchange`).
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.certify import UNMATCHED, Certificate, certify
from matching.encode import Encoded, Pair, Problem, TooLarge, encode

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

LARGEST_TABLE = 10**8
"""Cells of mentees × places that are solved as one table (0.8 GB)."""


@dataclass(frozen=True, eq=False)
class Solution:
    """The pairs, and what they are worth. Every figure counts the locked pairs too.

    at           n: each mentee's mentor (a position in `problem.mentors`), or -1
    certificate  the proof, for the mentees of `encoded.rows`
    """

    problem: Problem
    encoded: Encoded
    certificate: Certificate
    at: IntArray

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """(mentor, mentee) ids, sorted by mentee."""
        return tuple((self.problem.mentors[mentor], self.problem.mentees[row]) for row, mentor in self._matched())

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The ids of the mentees without a mentor, sorted."""
        return tuple(self.problem.mentees[row] for row in np.flatnonzero(self.at == UNMATCHED))

    @property
    def by_tier(self) -> dict[int, int]:
        """How many mentees of each tier have a mentor; every tier is there, the first one first."""
        found = Counter(self.problem.priority[row] for row, _ in self._matched())
        return {tier: found[tier] for tier in sorted(set(self.problem.priority))}

    @property
    def total(self) -> int:
        return sum(self._scores())

    @property
    def min_score(self) -> int | None:
        """The score of the worst pair; None without pairs."""
        return min(self._scores(), default=None)

    def _matched(self) -> list[tuple[int, int]]:
        return [(row, mentor) for row, mentor in enumerate(self.at.tolist()) if mentor != UNMATCHED]

    def _scores(self) -> list[int]:
        return [int(self.problem.scores[pair]) for pair in self._matched()]


def solve(problem: Problem) -> Solution:
    """The best set of pairs: most mentees tier by tier, then the greatest total score, then the best worst pair, then
    the ids.

    Raises NotCertified when the result cannot be proved best (a fault, never "no match"), TooLarge when it does not
    fit.
    """
    encoded = encode(problem)
    value, places = encoded.value, encoded.places
    first = _assign(value, places)
    certificate = certify(value, places, first)
    best = _first_among_equals(problem.scores[encoded.rows], encoded, certificate, first)
    certificate.check(value, places, best)
    at = np.full(len(problem.mentees), UNMATCHED, dtype=np.int64)
    at[encoded.rows] = best
    for mentor, mentee in problem.locked:
        at[mentee] = mentor
    return Solution(problem, encoded, certificate, at)


def _assign(value: IntArray, places: IntArray) -> IntArray:
    """One best set of pairs: the mentor's column of every row, or -1.

    A mentor with several places is several columns. A mentor may have far more places than anybody needs, so everybody
    starts with a few and whoever uses them all gets twice as many, until nobody is held back.
    """
    at = np.full(len(value), UNMATCHED, dtype=np.int64)
    limit = np.minimum(places, np.count_nonzero(value, axis=0))
    if not limit.any():
        return at
    columns = np.minimum(limit, max(4, 2 * len(value) // len(limit)))
    weights = value.astype(np.float64)
    while True:
        slots = np.repeat(np.arange(len(limit)), columns)
        if len(value) * len(slots) > LARGEST_TABLE:
            raise TooLarge(f"{len(value)} mentees and {len(slots)} places make too large a table")
        rows, chosen = _best_cells(weights[:, slots])
        mentors = slots[chosen]
        real = value[rows, mentors] > 0
        at[:] = UNMATCHED
        at[rows[real]] = mentors[real]
        used = np.bincount(mentors[real], minlength=len(limit))
        held_back = (used == columns) & (columns < limit)
        if not held_back.any():
            return at
        columns = np.where(held_back, np.minimum(limit, 2 * columns), columns)


def _best_cells(table: FloatArray) -> tuple[IntArray, IntArray]:
    """Rows and columns of cells with the greatest sum, at most one in a line.

    A few places short is the slowest case. Lines for "no place" make the table square; then everybody is assigned, each
    mentee's best value can be taken off beforehand, and the solver is two to three times as fast.
    """
    mentees, slots = table.shape
    if not slots < mentees <= slots * 4 / 3:
        rows, columns = linear_sum_assignment(table, maximize=True)
        return rows, columns
    square = np.zeros((mentees, mentees))
    square[:slots] = table.T
    square -= square.max(axis=0)
    columns, rows = linear_sum_assignment(square, maximize=True)
    return rows[columns < slots], columns[columns < slots]


def _first_among_equals(
    scores: npt.NDArray[np.int16], encoded: Encoded, certificate: Certificate, at: IntArray
) -> IntArray:
    """Of all best sets, the one with the best worst pair, and of those the first by ids."""
    left = encoded.value - certificate.prices
    tight = (left == certificate.keeps[:, None]) & (encoded.value > 0)
    usable = _usable(tight, encoded.places, certificate, at)
    at, threshold = _best_worst(usable, scores, encoded.places, certificate, at)
    usable[:, :-1] &= scores >= threshold
    exchange = Exchange(usable, encoded.places, certificate.prices, at)
    for row in exchange.undecided():
        earlier = (1 << exchange.at[row]) - 1
        exchange.move(row, exchange.choices[row] & earlier)
        exchange.fixed |= 1 << row
    return exchange.pairs()


def _usable(tight: BoolArray, places: IntArray, certificate: Certificate, at: IntArray) -> BoolArray:
    """Which pairs stand in at least one best set, r × (m + 1); the last column is "without a mentor".

    A pair that loses nothing is in some best set if it is in this one, or if the move to it can be paid back by a
    circle of moves: if both ends lie in one strongly connected part of the graph of moves between mentors.
    """
    nobody = len(places)
    node = np.where(at == UNMATCHED, nobody, at)
    free = np.column_stack([tight, certificate.keeps == 0])
    rows, to = np.nonzero(free)
    spare = np.flatnonzero(places > np.bincount(at[at != UNMATCHED], minlength=nobody))
    costless = np.flatnonzero(certificate.prices == 0)
    source = np.concatenate([node[rows], spare, np.full(len(costless), nobody)])
    target = np.concatenate([to, np.full(len(spare), nobody), costless])
    graph = csr_array((np.ones(len(source)), (source, target)), shape=(nobody + 1, nobody + 1))
    _, part = connected_components(graph, directed=True, connection="strong")
    usable: BoolArray = free & (part[node][:, None] == part[None, :])
    usable[np.arange(len(at)), node] = True
    return usable


def _best_worst(
    usable: BoolArray, scores: npt.NDArray[np.int16], places: IntArray, certificate: Certificate, at: IntArray
) -> tuple[IntArray, int]:
    """Raise the worst score as far as some best set allows: (a set that reaches it, the score)."""
    fit = np.where(usable[:, :-1], scores, -1)
    matched = np.flatnonzero(at != UNMATCHED)
    worst = int(fit[matched, at[matched]].min(initial=2**15 - 1))
    always = ~usable[:, -1]
    ceiling = int(fit[always].max(axis=1, initial=-1).min(initial=2**15 - 1))
    steps = np.unique(fit[(fit > worst) & (fit <= ceiling)]).tolist()
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        above = usable.copy()
        above[:, :-1] &= fit >= steps[middle]
        exchange = Exchange(above, places, certificate.prices, at)
        if exchange.leave_unusable():
            at, low = exchange.pairs(), middle + 1
        else:
            high = middle
    return at, steps[low - 1] if low else worst


class Exchange:
    """A best set of pairs that turns into any other best set, one mentee's wish at a time.

    The mentees at each mentor, and those with nobody, stand at a node. A mentee may move to a node where `usable` says
    that nothing is lost; whoever arrives at a full mentor pushes another mentee on, until somebody takes the place that
    the first one left. A mentor whose price is 0 may be left with an empty place, which moves like a mentee. Sets of
    mentees are the bits of whole numbers: a search costs the same whether there are few ties or only ties.
    """

    def __init__(self, usable: BoolArray, places: IntArray, prices: IntArray, at: IntArray) -> None:
        self.nobody = len(places)
        self.at = [self.nobody if mentor == UNMATCHED else mentor for mentor in at.tolist()]
        self.choices = _bits(usable)
        self.into = _bits(usable.T)
        self.members = [0] * (self.nobody + 1)
        for row, node in enumerate(self.at):
            self.members[node] |= 1 << row
        self.costless = prices == 0
        self.spare = [total - held.bit_count() for total, held in zip(places.tolist(), self.members, strict=False)]
        self.everybody = (1 << len(at)) - 1
        self.fixed = 0
        self.closed = 0

    def undecided(self) -> list[int]:
        """The mentees with a choice, in order; all others are fixed where they are."""
        rows = [row for row, nodes in enumerate(self.choices) if nodes & (nodes - 1)]
        self.fixed = self.everybody
        for row in rows:
            self.fixed &= ~(1 << row)
        return rows

    def pairs(self) -> IntArray:
        """Each mentee's mentor, or -1."""
        return np.array([UNMATCHED if node == self.nobody else node for node in self.at], dtype=np.int64)

    def leave_unusable(self) -> bool:
        """Move everybody out of a pair that is not usable; False when somebody cannot."""
        rows = [row for row, node in enumerate(self.at) if not self.choices[row] >> node & 1]
        return all(self.choices[row] >> self.at[row] & 1 or self.move(row, self.choices[row]) for row in rows)

    def move(self, row: int, wanted: int) -> bool:
        """Move a mentee to the first wanted node (bits) that leaves everything as good; False when none does."""
        wanted &= ~self.closed
        while wanted and not self._makes_room(_lowest(wanted)):
            self.closed |= wanted & -wanted
            wanted &= wanted - 1
        if not wanted:
            return False
        start = self.at[row]
        steps = self._towards(start, _lowest(wanted))
        while wanted:
            node = _lowest(wanted)
            if node in steps:
                self._shift(row, node)
                self._push_on(node, start, steps)
                return True
            wanted &= wanted - 1
        return False

    def _makes_room(self, node: int) -> bool:
        """A mentor with only fixed mentees and no empty place never will again."""
        return node == self.nobody or self.spare[node] > 0 or bool(self.members[node] & ~self.fixed)

    def _towards(self, goal: int, first_choice: int) -> dict[int, tuple[int, int]]:
        """For every node that can pass a mentee on to `goal`: (who moves, or -1 for an empty place; the next node)."""
        steps: dict[int, tuple[int, int]] = {goal: (UNMATCHED, goal)}
        unseen = self.everybody & ~self.fixed & ~self.members[goal]
        queue = [goal]
        for node in queue:
            if node == self.nobody:
                found = [mentor for mentor, count in enumerate(self.spare) if count > 0 and mentor not in steps]
            else:
                found = [self.nobody] if self.costless[node] and self.nobody not in steps else []
            for other in found:
                steps[other] = (UNMATCHED, node)
                unseen &= ~self.members[other]
                queue.append(other)
            movers = self.into[node] & unseen
            if quickest := movers & self.members[first_choice]:
                steps[first_choice] = (quickest.bit_length() - 1, node)
                break
            while movers:
                mover = movers.bit_length() - 1
                other = self.at[mover]
                steps[other] = (mover, node)
                unseen &= ~self.members[other]
                movers &= unseen
                queue.append(other)
            if first_choice in steps:
                break
        return steps

    def _push_on(self, node: int, goal: int, steps: dict[int, tuple[int, int]]) -> None:
        while node != goal:
            mover, following = steps[node]
            if mover != UNMATCHED:
                self._shift(mover, following)
            elif node != self.nobody:
                self.spare[node] -= 1
            else:
                self.spare[following] += 1
            node = following

    def _shift(self, row: int, node: int) -> None:
        bit = 1 << row
        self.members[self.at[row]] ^= bit
        self.members[node] ^= bit
        self.at[row] = node


def _bits(table: BoolArray) -> list[int]:
    """Each line of a table of yes and no as the bits of one whole number, the first column lowest."""
    packed = np.packbits(table, axis=1, bitorder="little")
    return [int.from_bytes(line.tobytes(), "little") for line in packed]


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
