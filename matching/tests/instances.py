"""Small random problems full of ties, and the slow, plain way to solve them."""

import random
from dataclasses import dataclass, replace

import numpy as np

from matching.encode import NO_PAIR, Pair, Problem, problem
from matching.score import ScoreArray

Key = tuple[tuple[int, ...], int, int, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Instance:
    mentees: list[tuple[str, int]]
    mentors: list[tuple[str, int]]
    scores: ScoreArray
    locked: tuple[Pair, ...] = ()
    forbidden: tuple[Pair, ...] = ()

    def problem(self) -> Problem:
        return problem(self.mentees, self.mentors, self.scores, locked=self.locked, forbidden=self.forbidden)

    def forcing(self, mentor: str, mentee: str) -> "Instance":
        return replace(self, locked=(*self.locked, (mentor, mentee)))

    def shuffled(self, seed: int) -> "Instance":
        chance = random.Random(seed)
        rows = chance.sample(range(len(self.mentees)), len(self.mentees))
        columns = chance.sample(range(len(self.mentors)), len(self.mentors))
        return Instance(
            [self.mentees[row] for row in rows],
            [self.mentors[column] for column in columns],
            self.scores[np.ix_(rows, columns)],
            tuple(chance.sample(self.locked, len(self.locked))),
            tuple(chance.sample(self.forbidden, len(self.forbidden))),
        )


def instance(seed: int, most: int) -> Instance:
    """Up to `most` people a side: capacities 0 to 3, tiers with gaps, ties, some pairs locked or forbidden."""
    chance = random.Random(seed)
    n, m = chance.randint(0, most), chance.randint(0, most)
    tiers = chance.choice([[1], [1, 2], [1, 4, 9]])
    top = chance.choice([0, 1, 3, 1000])
    density = chance.choice([0.3, 0.6, 1.0])
    mentees = [(f"e{row}", chance.choice(tiers)) for row in range(n)]
    mentors = [(f"m{column}", chance.choice([0, 1, 1, 2, 3])) for column in range(m)]
    cells = [[chance.randint(0, top) if chance.random() < density else NO_PAIR for _ in range(m)] for _ in range(n)]
    scores = np.array(cells, dtype=np.int16).reshape(n, m)
    left = dict(mentors)
    locked, forbidden = [], []
    for row, column in np.argwhere(scores >= 0).tolist():
        pair = (f"m{column}", f"e{row}")
        if chance.random() < 0.04 and left[pair[0]] and pair[1] not in {mentee for _, mentee in locked}:
            left[pair[0]] -= 1
            locked.append(pair)
        elif chance.random() < 0.05:
            forbidden.append(pair)
    return Instance(mentees, mentors, scores, tuple(locked), tuple(forbidden))


def key(given: Problem, at: list[int]) -> Key:
    """What the committee wants of a set of pairs, greatest first: tiers, total, worst pair, then the ids' order."""
    tiers = sorted(set(given.priority))
    locked = {mentee for _, mentee in given.locked}
    fits = {row: int(given.scores[row, mentor]) for row, mentor in enumerate(at) if mentor != NO_PAIR}
    counts = tuple(sum(given.priority[row] == tier for row in fits) for tier in tiers)
    worst = min((fit for row, fit in fits.items() if row not in locked), default=0)
    order = tuple(-(len(given.mentors) if mentor == NO_PAIR else mentor) for mentor in at)
    return counts, sum(fits.values()), worst, order


def best_by_enumeration(given: Problem) -> tuple[Key, list[int]]:
    """Try every set of pairs, but those that cannot reach the tiers of the best one found so far."""
    n, m = len(given.mentees), len(given.mentors)
    locked = {mentee: mentor for mentor, mentee in given.locked}
    tiers = sorted(set(given.priority))
    left = list(given.capacity)
    at = [NO_PAIR] * n
    best: list[tuple[Key, list[int]]] = []

    def hope(row: int) -> tuple[int, ...]:
        ahead = [given.priority[other] for other in range(n) if other >= row or at[other] != NO_PAIR]
        return tuple(ahead.count(tier) for tier in tiers)

    def visit(row: int) -> None:
        if best and hope(row) < best[0][0][0]:
            return
        if row == n:
            found = key(given, at)
            if not best or found > best[0][0]:
                best[:] = [(found, at.copy())]
            return
        free = [mentor for mentor in range(m) if not given.vetoes[row, mentor]]
        for mentor in [locked[row]] if row in locked else [*free, NO_PAIR]:
            if mentor != NO_PAIR and not left[mentor]:
                continue
            at[row] = mentor
            if mentor != NO_PAIR:
                left[mentor] -= 1
            visit(row + 1)
            if mentor != NO_PAIR:
                left[mentor] += 1
        at[row] = NO_PAIR

    visit(0)
    return best[0]
