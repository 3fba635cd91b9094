"""The committee's wish as one whole number for each pair, so that the best set of pairs is the one with the greatest
sum.

First as many mentees of the first tier as possible, then of the second, and so on; then the best total fit. A mentee of
tier t is worth `B(t) = (T − t + 1) · M` plus the score, with `M = 1000 · K + 1` and K the greatest possible number of
pairs. Steps of M are enough, powers are not needed: the sets of mentees who can be served together are the independent
sets of a matroid, so the set that is best for tier 1 is at the same time best for tiers 1 and 2 together, and so on;
any other set loses at least M while all scores together can gain at most 1000 · K.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.score import EXACT_IN_FLOAT64, ScoreArray, Veto, VetoArray

IntArray = npt.NDArray[np.int64]
Pair = tuple[str, str]
"""A mentor's id and a mentee's id, in this order everywhere."""

NO_PAIR = -1
BEST_SCORE = 1000

LOCK_REFUSED = {
    Veto.NO_SCORE: "the pair has no score, so it is not allowed",
    Veto.FORBIDDEN: "the pair is forbidden",
    Veto.GATE: "a requirement is not met",
    Veto.SAME_PERSON: "mentor and mentee are the same person",
    Veto.NO_PLACE: "there is no place",
    Veto.NOT_AGAIN: "they are not to be together again",
}


@dataclass(frozen=True)
class Refusal:
    """A pair that was to be kept together and cannot be, and why."""

    mentor: str
    mentee: str
    why: str

    def sentence(self) -> str:
        return f"{self.mentor} with {self.mentee} cannot be locked: {self.why}"


class BreaksARule(ValueError):
    """Pairs that were to be kept together break a rule; `refusals` names every one of them."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(refusal.sentence() for refusal in self.refusals))


class TooLarge(ValueError):
    """More people, places or tiers than can be computed exactly in memory."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be decided, people sorted by id, so that the order in which they were given never matters.

    Made by `problem`. `scores` and `vetoes` are n mentees × m mentors; a score of -1 means none was given; `locked`
    holds (mentor, mentee) positions, sorted by mentee.
    """

    mentees: tuple[str, ...]
    mentors: tuple[str, ...]
    priority: tuple[int, ...]
    capacity: tuple[int, ...]
    scores: ScoreArray
    vetoes: VetoArray
    locked: tuple[tuple[int, int], ...]


def problem(
    mentees: Sequence[tuple[str, int]],
    mentors: Sequence[tuple[str, int]],
    scores: ScoreArray,
    vetoes: VetoArray | None = None,
    locked: Iterable[Pair] = (),
    forbidden: Iterable[Pair] = (),
) -> Problem:
    """Check and sort what the committee decided.

    mentees    (id, priority): 1 is served first, gaps between the numbers mean nothing
    mentors    (id, capacity): how many mentees at most, 0 or more
    scores     n × m in the order given, 0..1000, or -1 for a pair without a score
    vetoes     n × m `Veto` bits in the order given; any bit keeps a pair from being suggested
    locked     pairs kept together; a soft veto does not stand in their way, anything else does
    forbidden  pairs the committee does not want
    Raises BreaksARule with every locked pair that cannot be, KeyError for an id that is not there, ValueError for an id
    that is there twice.
    """
    mentee_at, mentee_order = _order([name for name, _ in mentees])
    mentor_at, mentor_order = _order([name for name, _ in mentors])
    cells = np.ix_(mentee_order, mentor_order)
    fit = scores[cells]
    bits = np.zeros_like(fit) if vetoes is None else vetoes[cells].astype(np.int16)
    bits[fit < 0] |= Veto.NO_SCORE
    for mentor, mentee in forbidden:
        bits[mentee_at[mentee], mentor_at[mentor]] |= Veto.FORBIDDEN
    found = Problem(
        tuple(mentees[row][0] for row in mentee_order),
        tuple(mentors[row][0] for row in mentor_order),
        tuple(mentees[row][1] for row in mentee_order),
        tuple(mentors[row][1] for row in mentor_order),
        fit,
        bits,
        tuple(sorted(((mentor_at[a], mentee_at[b]) for a, b in locked), key=lambda pair: pair[::-1])),
    )
    if refusals := _refusals(found):
        raise BreaksARule(refusals)
    return found


def _order(names: Sequence[str]) -> tuple[dict[str, int], list[int]]:
    order = sorted(range(len(names)), key=names.__getitem__)
    position = {names[row]: place for place, row in enumerate(order)}
    if len(position) < len(names):
        raise ValueError("an id stands twice")
    return position, order


def _refusals(given: Problem) -> list[Refusal]:
    """Every reason against every locked pair, in the pairs' order."""
    per_mentee = Counter(mentee for _, mentee in given.locked)
    per_mentor = Counter(mentor for mentor, _ in set(given.locked))
    found = []
    for mentor, mentee in sorted(set(given.locked), key=lambda pair: pair[::-1]):
        bits = int(given.vetoes[mentee, mentor])
        why = [words for veto, words in LOCK_REFUSED.items() if bits & veto]
        if per_mentor[mentor] > given.capacity[mentor]:
            locked = "1 locked pair" if per_mentor[mentor] == 1 else f"{per_mentor[mentor]} locked pairs"
            why.append(f"{locked} for a capacity of {given.capacity[mentor]}")
        if per_mentee[mentee] > 1:
            why.append(f"the mentee is locked {per_mentee[mentee]} times")
        found += [Refusal(given.mentors[mentor], given.mentees[mentee], words) for words in why]
    return found


@dataclass(frozen=True, eq=False)
class Encoded:
    """The problem without its locked pairs, as numbers.

    rows    positions (in `Problem.mentees`) of the r mentees who are not locked
    places  m: the places a mentor has left, at most r
    value   r × m whole numbers; 0 = not allowed, everything else is at least `step`
    worth   r: what a place for this mentee is worth before the score, a multiple of `step`
    step    M: more than all scores together
    """

    rows: IntArray
    places: IntArray
    value: IntArray
    worth: IntArray
    step: int


def encode(given: Problem) -> Encoded:
    """Take the locked pairs out and turn the rest into numbers.

    Raises TooLarge when the greatest possible sum would not be exact in double precision, which is what the solver adds
    in.
    """
    taken = Counter(mentor for mentor, _ in given.locked)
    locked = {mentee for _, mentee in given.locked}
    rows = np.array([row for row in range(len(given.mentees)) if row not in locked], dtype=np.int64)
    left = [min(capacity - taken[mentor], len(rows)) for mentor, capacity in enumerate(given.capacity)]
    places = np.array(left, dtype=np.int64)
    most = min(len(rows), sum(left))
    step = BEST_SCORE * most + 1
    tiers = sorted({given.priority[row] for row in rows}, reverse=True)
    rank = {tier: place for place, tier in enumerate(tiers, start=1)}
    ranks = [rank[given.priority[row]] for row in rows]
    if sum(sorted(ranks, reverse=True)[:most]) * step + BEST_SCORE * most >= EXACT_IN_FLOAT64:
        raise TooLarge(f"{len(rows)} mentees, {sum(left)} places and {len(tiers)} tiers are too many to add up exactly")
    worth = np.array(ranks, dtype=np.int64) * step
    fit = given.scores[rows]
    allowed = (given.vetoes[rows] == 0) & (places > 0)
    return Encoded(rows, places, np.where(allowed, worth[:, None] + fit, 0), worth, step)
