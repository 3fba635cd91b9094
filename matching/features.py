"""Answers become small rows of whole numbers, so that every pair's fit is one matrix product.

A criterion compares a mentee's question with a mentor's. Each kind of criterion is one function that gives a `Block`: a
row for every mentee and a row for every mentor whose product, divided by two per-person numbers, is the share (0 to 1)
of the criterion's points that the pair earns. A question that somebody left empty earns neutral half points through a
column of its own: leaving the criterion out for that pair instead would not be a matrix product, and would punish or
reward silence.

A new kind of criterion is one function here and one line in `KINDS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Value = str | int | float | Sequence[str] | None
IntArray = npt.NDArray[np.int64]

WEIGHTS: Mapping[str, int] = {"most": 6, "counts": 3, "nice": 1}
"""Points behind the three words the committee chooses from: most important, counts, nice to have."""

YEARS_OFF = 5  # a gap of years this far outside the preferred range still earns half
HOURS_SAME, HOURS_NEAR = 1, 3  # clocks this close earn everything, half


@dataclass(frozen=True)
class Person:
    """Somebody's application: `answers` are option codes or numbers; `human` is the same for one person's two."""

    id: str
    answers: Mapping[str, Value]
    human: str = ""


@dataclass(frozen=True)
class Wish:
    """What a ticked preference asks of the partner: the same, or another, answer to `question`."""

    question: str
    same: bool


WISHES: Mapping[str, Wish] = {
    "another-institution-than-mine": Wish("employer", same=False),
    "the-same-type-of-library": Wish("library_type", same=True),
    "a-different-type-of-library": Wish("library_type", same=False),
    "the-same-region": Wish("region", same=True),
    "someone-in-a-similar-position": Wish("position_type", same=True),
}


@dataclass(frozen=True)
class Criterion:
    """One thing the committee looks at, worth `points` (see `WEIGHTS`) when it fits fully.

    kind             overlap: the share of what the mentee wants that the mentor has
                     same: both gave the same single answer
                     gap: the mentor is `low` to `high` years ahead (half up to 5 years outside, but never behind)
                     near: the same region (codes), or clocks at most `low` hours apart (half up to `high`; UTC offsets)
                     wish: the share of one side's preferences that the other side meets
    mentee_question  the mentee's question; for a wish, the mentee's preferences
    mentor_question  the mentor's question; for a wish, the mentor's preferences (give exactly one of the two)
    neutral          option codes that say nothing ("undecided"): they count as not answered
    Raises ValueError when these do not go together.
    """

    kind: str
    mentee_question: str | None
    mentor_question: str | None
    points: int
    low: int | None = None
    high: int | None = None
    neutral: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of criterion: {self.kind!r}")
        given = sum(question is not None for question in (self.mentee_question, self.mentor_question))
        if given != (1 if self.kind == "wish" else 2):
            raise ValueError(f"{self.kind}: a wish names one side's question, every other kind names both")
        if self.points < 0:
            raise ValueError(f"{self.kind}: points must not be negative")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.kind}: the range ends ({self.high}) before it begins ({self.low})")


@dataclass(frozen=True, eq=False)
class Block:
    """One criterion's rows: share of pair (i, j) = mentees[i] · mentors[j] / (mentee_parts[i] × mentor_parts[j])."""

    mentees: IntArray  # n × d
    mentors: IntArray  # m × d
    mentee_parts: IntArray  # n
    mentor_parts: IntArray  # m

    def swapped(self) -> "Block":
        return Block(self.mentors, self.mentees, self.mentor_parts, self.mentee_parts)


@dataclass(frozen=True, eq=False)
class Features:
    """All criteria side by side for n mentees and m mentors; made by `features`, read by `score`."""

    criteria: tuple[Criterion, ...]
    mentees: tuple[Person, ...]
    mentors: tuple[Person, ...]
    blocks: tuple[Block, ...]
    wishes: Mapping[str, Wish]

    @property
    def of(self) -> int:
        """The points of a pair that fits fully."""
        return sum(criterion.points for criterion in self.criteria)


def codes(person: Person, question: str, neutral: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The option codes a person gave, each once, sorted; () when nothing was said. Raises TypeError otherwise."""
    value = person.answers.get(question)
    if value is None:
        return ()
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, list | tuple | set | frozenset) or not all(isinstance(code, str) for code in given):
        raise TypeError(f"{question} of {person.id!r}: expected option codes, got {value!r}")
    return tuple(sorted({code for code in given if code and code not in neutral}))


def one_code(person: Person, question: str, neutral: frozenset[str] = frozenset()) -> str | None:
    """The single option code a person gave, or None. Raises TypeError for several: those need an overlap."""
    given = codes(person, question, neutral)
    if len(given) > 1:
        raise TypeError(f"{question} of {person.id!r}: expected one option code, got {given!r}")
    return given[0] if given else None


def number(person: Person, question: str) -> float | None:
    """The number a person gave (years, or hours from UTC), or None. Raises TypeError for anything else."""
    value = person.answers.get(question)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{question} of {person.id!r}: expected a number, got {value!r}")
    return value


def _ticks(answers: Sequence[Sequence[str]], column: Mapping[str, int]) -> IntArray:
    """A 0/1 row for each person over the option codes."""
    rows = np.zeros((len(answers), len(column)), dtype=np.int64)
    cells = [(row, column[code]) for row, given in enumerate(answers) for code in given]
    if cells:
        rows[tuple(np.array(cells).T)] = 1
    return rows


def _columns(*sides: Sequence[Sequence[str]]) -> dict[str, int]:
    seen = {code for side in sides for given in side for code in given}
    return {code: column for column, code in enumerate(sorted(seen))}


def _flags(answers: Sequence[object]) -> IntArray:
    """1 for each person who said nothing."""
    return np.array([given is None or given == () for given in answers], dtype=np.int64)


def _neutral(block: Block, mentee_silent: IntArray, mentor_silent: IntArray) -> Block:
    """Give half points wherever either side was silent, through two more columns."""
    parts = block.mentee_parts
    return Block(
        np.column_stack([2 * block.mentees, mentee_silent * parts, (1 - mentee_silent) * parts]),
        np.column_stack([block.mentors, block.mentor_parts, mentor_silent * block.mentor_parts]),
        2 * parts,
        block.mentor_parts,
    )


def _ones(people: Sequence[object]) -> IntArray:
    return np.ones(len(people), dtype=np.int64)


def _shared(wants: Sequence[tuple[str, ...]], has: Sequence[tuple[str, ...]]) -> Block:
    column = _columns(wants, has)
    wanted = np.array([max(1, len(given)) for given in wants], dtype=np.int64)
    block = Block(_ticks(wants, column), _ticks(has, column), wanted, _ones(has))
    return _neutral(block, _flags(wants), _flags(has))


def _questions(criterion: Criterion) -> tuple[str, str]:
    """The mentee's and the mentor's question of a kind that needs both, which `Criterion` has checked."""
    return criterion.mentee_question or "", criterion.mentor_question or ""


def _overlap(
    criterion: Criterion, mentees: Sequence[Person], mentors: Sequence[Person], _: Mapping[str, Wish]
) -> Block:
    asks, has = _questions(criterion)
    wants = [codes(person, asks, criterion.neutral) for person in mentees]
    return _shared(wants, [codes(person, has, criterion.neutral) for person in mentors])


def _same(criterion: Criterion, mentees: Sequence[Person], mentors: Sequence[Person], _: Mapping[str, Wish]) -> Block:
    asks, has = _questions(criterion)
    for question, people in ((asks, mentees), (has, mentors)):
        for person in people:
            one_code(person, question, criterion.neutral)
    return _overlap(criterion, mentees, mentors, _)


def _graded(
    asked: Sequence[float | None], offered: Sequence[float | None], grade: Callable[[float, float], int]
) -> Block:
    """Any rule on two numbers: a column for each number a mentee gave; each mentor's earns 0, 1 or 2 halves there."""
    column = {value: index for index, value in enumerate(sorted({value for value in asked if value is not None}))}
    mentees = np.zeros((len(asked), len(column)), dtype=np.int64)
    for row, value in enumerate(asked):
        if value is not None:
            mentees[row, column[value]] = 1
    grades = {other: [grade(value, other) for value in column] for other in set(offered) if other is not None}
    nothing = [0] * len(column)
    mentors = np.array([nothing if other is None else grades[other] for other in offered], dtype=np.int64)
    block = Block(mentees, mentors.reshape(len(offered), len(column)), _ones(asked), 2 * _ones(offered))
    return _neutral(block, _flags(asked), _flags(offered))


def _gap(criterion: Criterion, mentees: Sequence[Person], mentors: Sequence[Person], _: Mapping[str, Wish]) -> Block:
    asks, has = _questions(criterion)
    low = 0 if criterion.low is None else criterion.low
    high = float("inf") if criterion.high is None else criterion.high

    def grade(mentee: float, mentor: float) -> int:
        gap = mentor - mentee
        if low <= gap <= high:
            return 2
        return int(gap > 0 and low - YEARS_OFF <= gap <= high + YEARS_OFF)

    years = [number(person, asks) for person in mentees]
    return _graded(years, [number(person, has) for person in mentors], grade)


def hours_apart(one: float, other: float) -> float:
    """How far two clocks are apart, round the world: UTC+13 and UTC-10 are one hour apart."""
    apart = abs(one - other) % 24
    return min(apart, 24 - apart)


def _near(criterion: Criterion, mentees: Sequence[Person], mentors: Sequence[Person], _: Mapping[str, Wish]) -> Block:
    asks, has = _questions(criterion)
    given = [person.answers.get(asks) for person in mentees]
    given += [person.answers.get(has) for person in mentors]
    if not any(isinstance(value, int | float) for value in given):
        return _same(criterion, mentees, mentors, _)
    full = HOURS_SAME if criterion.low is None else criterion.low
    half = max(full, HOURS_NEAR) if criterion.high is None else criterion.high

    def grade(mentee: float, mentor: float) -> int:
        apart = hours_apart(mentee, mentor)
        return 2 if apart <= full else int(apart <= half)

    offsets = [number(person, asks) for person in mentees]
    return _graded(offsets, [number(person, has) for person in mentors], grade)


def _one_wish(
    wish: Wish, asks: IntArray, holders: Sequence[Person], partners: Sequence[Person]
) -> tuple[IntArray, IntArray]:
    """Halves earned by one preference: 2 when met, 1 when either side did not say, 0 when not met or not asked."""
    own = [() if (code := one_code(person, wish.question)) is None else (code,) for person in holders]
    theirs = [() if (code := one_code(person, wish.question)) is None else (code,) for person in partners]
    column = _columns(own, theirs)
    silent, partner_silent = _flags(own), _flags(theirs)
    equal = _ticks(own, column) * (2 if wish.same else -2)
    base = (1 - silent) * (0 if wish.same else 2)
    holder_rows = np.column_stack([equal, base, silent, 1 - silent]) * asks[:, None]
    partner_rows = np.column_stack([_ticks(theirs, column), 1 - partner_silent, _ones(theirs), partner_silent])
    return holder_rows, partner_rows


def _wish(
    criterion: Criterion, mentees: Sequence[Person], mentors: Sequence[Person], wishes: Mapping[str, Wish]
) -> Block:
    by_mentee = criterion.mentee_question is not None
    question = criterion.mentee_question or criterion.mentor_question or ""
    holders, partners = (mentees, mentors) if by_mentee else (mentors, mentees)
    ticked = [tuple(code for code in codes(person, question) if code in wishes) for person in holders]
    holder_rows, partner_rows = [np.zeros((len(holders), 0), np.int64)], [np.zeros((len(partners), 0), np.int64)]
    for code, wish in wishes.items():
        asks = np.array([code in given for given in ticked], dtype=np.int64)
        rows, partner = _one_wish(wish, asks, holders, partners)
        holder_rows.append(rows)
        partner_rows.append(partner)
    count = np.array([max(1, len(given)) for given in ticked], dtype=np.int64)
    block = Block(np.hstack(holder_rows), np.hstack(partner_rows), 2 * count, _ones(partners))
    block = _neutral(block, _flags(ticked), 0 * _ones(partners))
    return block if by_mentee else block.swapped()


KINDS: Mapping[str, Callable[[Criterion, Sequence[Person], Sequence[Person], Mapping[str, Wish]], Block]] = {
    "overlap": _overlap,
    "same": _same,
    "gap": _gap,
    "near": _near,
    "wish": _wish,
}


def features(
    criteria: Sequence[Criterion],
    mentees: Sequence[Person],
    mentors: Sequence[Person],
    wishes: Mapping[str, Wish] = WISHES,
) -> Features:
    """Read everybody's answers once. Raises TypeError naming question and person for an answer of the wrong shape."""
    blocks = tuple(KINDS[criterion.kind](criterion, mentees, mentors, wishes) for criterion in criteria)
    return Features(tuple(criteria), tuple(mentees), tuple(mentors), blocks, wishes)
