"""Why somebody is left over, what each other choice would change, and where one more mentor would help.

Everything here follows from a certified `Solution`. Forcing a pair costs what the pair itself loses at the certified
prices, plus the cheapest way to pass mentees on from mentor to mentor until the place that the forced mentee left is
taken: one shortest path in a graph with a node for every mentor and one for "without a mentor". One search towards a
node serves every mentee who is there.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matching.certify import UNMATCHED
from matching.score import Veto
from matching.solve import Solution

IntArray = npt.NDArray[np.int64]
Name = Callable[[str], str]

NEVER = 2**60  # a distance no path has: sums of two still fit

BECAUSE = {
    Veto.GATE: "a requirement is not met",
    Veto.SAME_PERSON: "it is the same person",
    Veto.NO_PLACE: "there is no place",
    Veto.NOT_AGAIN: "they are not to be together again",
    Veto.NO_SCORE: "there is no score",
    Veto.FORBIDDEN: "the pair is forbidden",
    Veto.SAME_EMPLOYER: "they have the same employer",
    Veto.UNDER_MINIMUM: "the fit is under the minimum",
    Veto.STEPPED_ASIDE: "somebody stepped aside",
}


@dataclass(frozen=True)
class Change:
    """A mentee who would have another mentor, or none (None)."""

    mentee: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Alternative:
    """What it takes to give `mentee` this mentor: the best set of pairs with this one, against the suggested set.

    score    of the pair itself
    matched  tier → mentees of that tier fewer who have a mentor (negative: more); only tiers that change
    points   total score lost (negative: gained)
    changes  who moves; made together they turn the suggested pairs into that best set
    """

    mentor: str
    mentee: str
    score: int
    matched: Mapping[int, int]
    points: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Nobody:
    """No mentor may be suggested to `mentee`: how many mentors each rule rules out (one pair may break several
    rules)."""

    mentee: str
    mentors: int
    rules: tuple[tuple[Veto, int], ...]


@dataclass(frozen=True)
class Full:
    """Mentors may be suggested to `mentee`, but all their places are taken by people who come first.

    mentors   who could make room, also by passing a mentee on; `places` they have together
    mentees   who holds those places, all in a tier at least as urgent or together worth more
    locked    how many of `mentees` are kept together with their mentor by hand
    cheapest  the pair with `mentee` that would cost least; None when every place is kept by hand or there is none at
    all
    """

    mentee: str
    mentors: tuple[str, ...]
    places: int
    mentees: tuple[str, ...]
    locked: int
    cheapest: Alternative | None


@dataclass(frozen=True)
class LeftOver:
    """A mentor with places left: how many, and how many mentees may be suggested (all of them have somebody)."""

    mentor: str
    places: int
    mentees: int


@dataclass(frozen=True)
class Shortage:
    """An area, a library type, a region: how many people without a mentor want it, and who offers it.

    short  of the `mentors` who offer it, those of whom one more like them would serve one more person
    """

    option: str
    waiting: int
    mentors: int
    short: int


class Explanation:
    """Answers about one solution; what several answers share is worked out once."""

    def __init__(self, solution: Solution) -> None:
        self.solution = solution
        self.problem = solution.problem
        self.encoded = solution.encoded
        self.nobody = len(self.problem.mentors)
        held = solution.at[self.encoded.rows]
        self._node = np.where(held == UNMATCHED, self.nobody, held)
        self._row = {self.problem.mentees[row]: place for place, row in enumerate(self.encoded.rows.tolist())}
        self._spare = self.encoded.places - np.bincount(self._node, minlength=self.nobody + 1)[: self.nobody]
        self._trees: dict[int, tuple[IntArray, IntArray]] = {}

    def alternatives(self, mentee: str) -> tuple[Alternative, ...]:
        """What forcing each pair of this mentee would change, by mentor: those who may be suggested and have a place.

        Places kept by hand are not there to have, and a mentee who is kept together with a mentor has no alternatives.
        Raises KeyError for an unknown mentee.
        """
        if mentee not in self.problem.mentees:
            raise KeyError(f"no mentee {mentee!r}")
        if (row := self._row.get(mentee)) is None:
            return ()
        return tuple(self._forced(row, mentor) for mentor in np.flatnonzero(self.encoded.value[row]).tolist())

    def reason(self, mentee: str) -> Nobody | Full:
        """Why this mentee has no mentor. Raises KeyError for anybody else."""
        row = self._row.get(mentee)
        if row is None or self._node[row] != self.nobody:
            raise KeyError(f"{mentee!r} is not without a mentor")
        vetoes = self.problem.vetoes[self.encoded.rows[row]]
        if np.any(vetoes == 0):
            return self._full(row)
        counts = tuple((veto, int(np.count_nonzero(vetoes & veto))) for veto in Veto)
        return Nobody(mentee, self.nobody, tuple((veto, count) for veto, count in counts if count))

    def left_over(self) -> tuple[LeftOver, ...]:
        """The mentors with places left, by id."""
        free = self.problem.vetoes == 0
        used = np.bincount(self.solution.at[self.solution.at != UNMATCHED], minlength=self.nobody)
        left = [total - taken for total, taken in zip(self.problem.capacity, used.tolist(), strict=True)]
        return tuple(
            LeftOver(name, left[mentor], int(np.count_nonzero(free[:, mentor])))
            for mentor, name in enumerate(self.problem.mentors)
            if left[mentor] > 0
        )

    def shortage(
        self, wants: Mapping[str, Collection[str]], offers: Mapping[str, Collection[str]]
    ) -> tuple[Shortage, ...]:
        """What the people without a mentor want, most wanted first, from one question's option codes.

        wants: mentee id → codes; offers: mentor id → codes. Somebody who is absent said nothing.
        """
        waiting = [set(wants.get(mentee, ())) for mentee in self.solution.unmatched]
        options = sorted(set().union(*waiting))
        serves = (self.solution.certificate.prices >= self.encoded.step).tolist()
        found = []
        for option in options:
            having = [mentor for mentor, name in enumerate(self.problem.mentors) if option in offers.get(name, ())]
            people = sum(option in wanted for wanted in waiting)
            found.append(Shortage(option, people, len(having), sum(serves[mentor] for mentor in having)))
        return tuple(sorted(found, key=lambda shortage: -shortage.waiting))

    @cached_property
    def _lost(self) -> IntArray:
        """r × m: what each pair loses at the certified prices; a pair that is not allowed counts as "both without"."""
        certificate = self.solution.certificate
        return certificate.keeps[:, None] + certificate.prices - self.encoded.value

    @cached_property
    def _steps(self) -> IntArray:
        """(m + 1) × (m + 1): the least loss of passing one mentee, or one empty place, from node to node."""
        steps = np.full((self.nobody + 1, self.nobody + 1), NEVER, dtype=np.int64)
        order = np.argsort(self._node, kind="stable")
        if len(order):
            nodes, starts = np.unique(self._node[order], return_index=True)
            lost = np.column_stack([self._lost, self.solution.certificate.keeps])
            steps[nodes] = np.minimum.reduceat(lost[order], starts, axis=0)
        steps[:-1, -1][self._spare > 0] = 0
        steps[-1, :-1] = np.minimum(steps[-1, :-1], self.solution.certificate.prices)
        return steps

    def _tree(self, goal: int) -> tuple[IntArray, IntArray]:
        """From every node: the least loss until `goal` is reached, and the next node on that way (Dijkstra,
        backwards)."""
        if goal in self._trees:
            return self._trees[goal]
        back = np.ascontiguousarray(self._steps.T)
        distance = np.full(self.nobody + 1, NEVER, dtype=np.int64)
        following = np.full(self.nobody + 1, goal, dtype=np.int64)
        open_distance = distance.copy()
        distance[goal] = open_distance[goal] = 0
        while True:
            node = int(open_distance.argmin())
            if open_distance[node] >= NEVER:
                self._trees[goal] = distance, following
                return distance, following
            open_distance[node] = NEVER
            through = back[node] + distance[node]
            better = through < distance
            distance[better] = open_distance[better] = through[better]
            following[better] = node

    def _forced(self, row: int, mentor: int) -> Alternative:
        """Walk the cheapest way from the mentor to the place that the mentee leaves, and add up what happens."""
        goal = int(self._node[row])
        following = self._tree(goal)[1]
        moves = [] if mentor == goal else [(row, goal, mentor)]
        node = mentor
        while node != goal:
            onward = int(following[node])
            if (mover := self._mover(node, onward)) is not None:
                real = onward == self.nobody or self.encoded.value[mover, onward] > 0
                moves.append((mover, node, onward if real else self.nobody))
            node = onward
        return self._alternative(row, mentor, moves)

    def _mover(self, node: int, onward: int) -> int | None:
        """Who moves at least loss; None when an empty place does."""
        empty_moves = (
            self._spare[node] > 0
            if onward == self.nobody and node != self.nobody
            else node == self.nobody and self._steps[node, onward] == self.solution.certificate.prices[onward]
        )
        if empty_moves:
            return None
        rows = np.flatnonzero(self._node == node)
        losses = self.solution.certificate.keeps[rows] if onward == self.nobody else self._lost[rows, onward]
        return int(rows[losses.argmin()])

    def _alternative(self, row: int, mentor: int, moves: list[tuple[int, int, int]]) -> Alternative:
        matched: dict[int, int] = {}
        points = 0
        changes = []
        for mover, before, after in moves:
            person = int(self.encoded.rows[mover])
            tier = self.problem.priority[person]
            matched[tier] = matched.get(tier, 0) + (after == self.nobody) - (before == self.nobody)
            points += self._score(person, before) - self._score(person, after)
            changes.append(Change(self.problem.mentees[person], self._mentor(before), self._mentor(after)))
        person = int(self.encoded.rows[row])
        return Alternative(
            self.problem.mentors[mentor],
            self.problem.mentees[person],
            self._score(person, mentor),
            {tier: count for tier, count in sorted(matched.items()) if count},
            points,
            tuple(changes),
        )

    def _mentor(self, node: int) -> str | None:
        return None if node == self.nobody else self.problem.mentors[node]

    def _score(self, person: int, node: int) -> int:
        return 0 if node == self.nobody else int(self.problem.scores[person, node])

    def _full(self, row: int) -> Full:
        """Follow every allowed pair from the mentee, and from whoever holds a place found on the way."""
        free = self.problem.vetoes[self.encoded.rows] == 0
        found = np.append(free[row], False)  # the last node is "without a mentor", which holds nobody's place
        seen = np.zeros(len(free), dtype=np.bool_)
        while (holders := found[self._node] & ~seen).any():
            seen |= holders
            found[:-1] |= free[holders].any(axis=0)
        mentors = np.flatnonzero(found).tolist()
        locked = [mentee for mentor, mentee in self.problem.locked if found[mentor]]
        mentees = sorted([*self.encoded.rows[seen].tolist(), *locked])
        allowed = np.flatnonzero(self.encoded.value[row])
        costs = self._lost[row, allowed] + self._tree(self.nobody)[0][allowed]
        return Full(
            self.problem.mentees[int(self.encoded.rows[row])],
            tuple(self.problem.mentors[mentor] for mentor in mentors),
            sum(self.problem.capacity[mentor] for mentor in mentors),
            tuple(self.problem.mentees[mentee] for mentee in mentees),
            len(locked),
            self._forced(row, int(allowed[costs.argmin()])) if len(allowed) else None,
        )


def sentence(reason: Nobody | Full, mentor: Name = str, mentee: Name = str) -> str:
    """The reason in a plain sentence or two. `mentor` and `mentee` turn an id into the name to print."""
    if isinstance(reason, Nobody):
        if not reason.mentors:
            return "There is no mentor."
        if reason.mentors == 1:
            rules = " and ".join(BECAUSE[veto] for veto, _ in reason.rules)
            return f"The only mentor may not be suggested to {mentee(reason.mentee)}: {rules}."
        rules = ", ".join(f"{count} because {BECAUSE[veto]}" for veto, count in reason.rules)
        return f"None of the {reason.mentors} mentors may be suggested to {mentee(reason.mentee)}: {rules}."
    who = _list([mentor(name) for name in reason.mentors], "mentor")
    have = "has" if len(reason.mentors) == 1 else "have"
    if not reason.places:
        return f"{who} could be suggested, but {have} no place."
    holders = _list([mentee(name) for name in reason.mentees], "mentee")
    if reason.locked == len(reason.mentees):
        return f"{who} {have} {_count(reason.places, 'place')}, kept by hand for {holders}."
    taken = "is taken" if reason.places == 1 else "are all taken"
    kept = f" ({reason.locked} of them by hand)" if reason.locked else ""
    first = "comes" if len(reason.mentees) == 1 else "come"
    text = f"{who} {have} {_count(reason.places, 'place')} that {taken}{kept}: "
    text += f"{holders} {first} first by priority or fit."
    return f"{text} {_cost(reason.cheapest, mentor, mentee)}" if reason.cheapest else text


def _cost(choice: Alternative, mentor: Name, mentee: Name) -> str:
    """What the cheapest way in would cost: the others' places and the points."""
    losers = [mentee(change.mentee) for change in choice.changes if change.after is None]
    points = _count(abs(choice.points), "point")
    more = {1: f" and {points}", 0: "", -1: f" but add {points}"}[(choice.points > 0) - (choice.points < 0)]
    place = "their place" if len(losers) == 1 else "their places"
    return f"{mentor(choice.mentor)} with {mentee(choice.mentee)} would cost {_list(losers, 'mentee')} {place}{more}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _list(names: list[str], noun: str) -> str:
    """At most three names in full, then how many more."""
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {_count(len(names) - 3, f'more {noun}')}"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
