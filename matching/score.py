"""How well each mentee and mentor fit, from 0 to 1000, why, and which pairs are never suggested.

The fit of all pairs is one matrix product of the rows made by `features`. The rows are whole numbers, so the product is
exact and the only rounding is the last step: the same answers give the same scores on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from matching.features import Criterion, Features, Person, Wish, codes, hours_apart, number, one_code

ScoreArray = npt.NDArray[np.int16]
VetoArray = npt.NDArray[np.int16]

EXACT_IN_FLOAT32 = 2**24
EXACT_IN_FLOAT64 = 2**53


class Veto(IntFlag):
    """Why a pair is not suggested. The first six are never overruled; the others may be kept together with a reason."""

    GATE = 1  # a requirement is not met
    SAME_PERSON = 2
    NO_PLACE = 4
    NOT_AGAIN = 8  # one of them asked, when they parted, not to be together again
    NO_SCORE = 16  # the pair was not given a score
    FORBIDDEN = 32  # "not these two"
    SAME_EMPLOYER = 64
    UNDER_MINIMUM = 128
    STEPPED_ASIDE = 256

    @classmethod
    def hard(cls) -> "Veto":
        return cls.GATE | cls.SAME_PERSON | cls.NO_PLACE | cls.NOT_AGAIN | cls.NO_SCORE | cls.FORBIDDEN

    @classmethod
    def soft(cls) -> "Veto":
        return cls.SAME_EMPLOYER | cls.UNDER_MINIMUM | cls.STEPPED_ASIDE


@dataclass(frozen=True)
class Part:
    """What one criterion adds to a pair's fit: `points` out of `of`.

    answered  False when somebody left the question empty: the points are then the neutral half
    shared    option codes both have, or the preferences that are met
    lacks     what the mentee wants and the mentor does not have, or the preferences that are not met
    apart     gap: years the mentor is ahead (negative: behind); near: hours between the clocks; else None
    """

    criterion: Criterion
    points: Fraction
    of: int
    answered: bool
    shared: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    apart: float | None = None


def scores(features: Features) -> ScoreArray:
    """The fit of every pair: n mentees × m mentors, whole numbers 0..1000, halves rounded up.

    Without any criterion everybody fits everybody by a neutral 500. Raises OverflowError when points are so fine that
    the product would no longer be exact.
    """
    n, m = len(features.mentees), len(features.mentors)
    if not features.of:
        return np.full((n, m), 500, dtype=np.int16)
    mentee_parts = np.lcm.reduce([block.mentee_parts for block in features.blocks])
    mentor_parts = np.lcm.reduce([block.mentor_parts for block in features.blocks])
    left = np.hstack(
        [
            block.mentees * (criterion.points * (mentee_parts // block.mentee_parts))[:, None]
            for criterion, block in zip(features.criteria, features.blocks, strict=True)
        ]
    )
    right = np.hstack([block.mentors * (mentor_parts // block.mentor_parts)[:, None] for block in features.blocks])
    total = _exact_product(left, right)
    # Both sides of the division are whole numbers under 2^53, so it yields a half only where the true quotient is one,
    # and floor(x + 0.5) rounds exactly.
    total *= 1000
    total /= np.multiply.outer((mentee_parts * features.of).astype(np.float64), mentor_parts.astype(np.float64))
    total += 0.5
    return np.floor(total, out=total).astype(np.int16)


def _exact_product(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """left · rightᵀ in the narrowest floating-point type in which no partial sum is ever rounded."""
    if not left.size or not right.size:
        return np.zeros((len(left), len(right)))
    largest = int(np.abs(left).sum(axis=1).max()) * int(np.abs(right).max())
    if largest < EXACT_IN_FLOAT32:
        return (left.astype(np.float32) @ right.T.astype(np.float32)).astype(np.float64)
    if largest * 1000 < EXACT_IN_FLOAT64:
        product: npt.NDArray[np.float64] = left.astype(np.float64) @ right.T.astype(np.float64)
        return product
    raise OverflowError(f"points too fine to add up exactly: a sum may reach {largest}")


def parts(features: Features, mentee: int, mentor: int) -> tuple[Part, ...]:
    """Why a pair fits: one part for each criterion, in the criteria's order, from the very rows that `scores`
    multiplied.

    1000 × (sum of points) / `features.of` is the pair's score before rounding. `mentee` and `mentor` are positions.
    """
    return tuple(
        _part(features, position, features.mentees[mentee], features.mentors[mentor], mentee, mentor)
        for position in range(len(features.criteria))
    )


def _part(features: Features, position: int, mentee: Person, mentor: Person, i: int, j: int) -> Part:
    criterion, block = features.criteria[position], features.blocks[position]
    share = Fraction(int(block.mentees[i] @ block.mentors[j]), int(block.mentee_parts[i] * block.mentor_parts[j]))
    points = share * criterion.points
    if criterion.kind == "wish":
        met, unmet, asked = _wishes(features, criterion, mentee, mentor)
        return Part(criterion, points, criterion.points, asked, met, unmet)
    asks, has = criterion.mentee_question or "", criterion.mentor_question or ""
    figures = any(isinstance(value, int | float) for value in (mentee.answers.get(asks), mentor.answers.get(has)))
    if criterion.kind == "gap" or figures:
        one, other = number(mentee, asks), number(mentor, has)
        if one is None or other is None:
            return Part(criterion, points, criterion.points, False)
        apart = other - one if criterion.kind == "gap" else hours_apart(one, other)
        return Part(criterion, points, criterion.points, True, apart=apart)
    wants, offers = codes(mentee, asks, criterion.neutral), codes(mentor, has, criterion.neutral)
    return Part(
        criterion,
        points,
        criterion.points,
        bool(wants and offers),
        tuple(code for code in wants if code in offers),
        tuple(code for code in wants if offers and code not in offers),
    )


def _wishes(
    features: Features, criterion: Criterion, mentee: Person, mentor: Person
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Ticked preferences that are met, those that are not (what nobody said is neither), and whether any is ticked."""
    question = criterion.mentee_question or criterion.mentor_question or ""
    holder = mentee if criterion.mentee_question is not None else mentor
    ticked = [code for code in codes(holder, question) if code in features.wishes]

    def kept(wish: Wish) -> bool | None:
        one, other = one_code(mentee, wish.question), one_code(mentor, wish.question)
        return None if one is None or other is None else (one == other) is wish.same

    found = {code: kept(features.wishes[code]) for code in ticked}
    met = tuple(code for code in ticked if found[code] is True)
    return met, tuple(code for code in ticked if found[code] is False), bool(ticked)


def vetoes(
    mentees: Sequence[Person],
    mentors: Sequence[Person],
    fit: ScoreArray | None = None,
    minimum: int = 0,
    employer_question: str | None = None,
) -> VetoArray:
    """The reasons that follow from the answers alone, as `Veto` bits, n mentees × m mentors; add the others with `|`.

    Same person: equal `human`. Same employer: equal answers to `employer_question`, which holds the employer's group
    (the committee joins spellings once), never a spelling. Under the minimum: a `fit` below `minimum`.
    """
    found = np.zeros((len(mentees), len(mentors)), dtype=np.int16)
    same = _equal([person.human for person in mentees], [person.human for person in mentors])
    found[same] |= Veto.SAME_PERSON
    if employer_question is not None:
        groups = [[one_code(person, employer_question) or "" for person in side] for side in (mentees, mentors)]
        found[_equal(*groups)] |= Veto.SAME_EMPLOYER
    if fit is not None and minimum > 0:
        found[fit < minimum] |= Veto.UNDER_MINIMUM
    return found


def _equal(ones: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which pairs carry the same name, an empty name never: compared as numbers, since n × m strings are slow."""
    known = {name: index for index, name in enumerate(dict.fromkeys([*ones, *others]))}
    left = np.array([known[name] if name else -1 for name in ones], dtype=np.int32)
    right = np.array([known[name] if name else -2 for name in others], dtype=np.int32)
    same: npt.NDArray[np.bool_] = left[:, None] == right[None, :]
    return same
