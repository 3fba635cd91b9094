"""What each other choice at the desk would change: the engine's answer while the desk shows its suggestion, and after
changes by hand the plain one (who would make room)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from matching import pool
from matching.encode import BreaksARule, TooLarge
from matching.explain import Change, Explanation, LeftOver
from matching.models import Match
from matching.pool import Pool
from matching.score import Veto
from matching.solve import Solution, solve

MOST = 200
"""Mentors looked at for one mentee."""


@dataclass(frozen=True)
class Option:
    """One mentee with one mentor instead: the fit, who moves, who loses their mentor, what the rules say against it."""

    mentor: str
    mentee: str
    score: int
    changes: tuple[Change, ...]
    points: int
    against: Veto = Veto(0)

    @property
    def without(self) -> tuple[str, ...]:
        """The mentees who had a mentor and would have none."""
        return tuple(change.mentee for change in self.changes if change.after is None and change.before is not None)

    @property
    def freed(self) -> tuple[str, ...]:
        """The mentors who would lose a mentee and get none."""
        left = Counter(change.before for change in self.changes if change.before)
        left.subtract(change.after for change in self.changes if change.after)
        return tuple(sorted(mentor for mentor, count in left.items() if count > 0))


class Situation:
    """The desk at this moment. Solves once; what several answers share is kept."""

    def __init__(self, found: Pool) -> None:
        self.pool = found
        self.at = {pool.names(match)[1]: pool.names(match)[0] for match in found.drafts}
        self.used = Counter(self.at.values())
        self._prices: dict[str, dict[str, Sequence[Change]]] = {}
        self.kept = {pool.names(match)[1] for match in found.drafts if match.kept}

    @cached_property
    def solution(self) -> Solution | None:
        """The best set around what is kept; None when a kept pair breaks a rule by now."""
        if not self.pool.mentors or not self.pool.mentees:
            return None
        try:
            return solve(self.pool.problem())
        except (BreaksARule, TooLarge):
            return None

    @cached_property
    def in_step(self) -> bool:
        """Whether the desk shows exactly the best set around what is kept."""
        return self.solution is not None and {mentee: mentor for mentor, mentee in self.solution.pairs} == self.at

    @cached_property
    def explanation(self) -> Explanation | None:
        return Explanation(self.solution) if self.solution is not None else None

    def options(self, mentee: str) -> list[Option]:
        """Every other mentor who may be suggested, what costs least first; none for a mentee who is kept with one."""
        if mentee not in self.pool.tiers or mentee in self.kept:
            return []
        row = self.pool.mentees.index(mentee)
        allowed = [
            mentor
            for column, mentor in enumerate(self.pool.mentors)
            if not self.pool.vetoes[row, column] and mentor != self.at.get(mentee)
        ]
        found = [option for mentor in allowed[:MOST] if (option := self.option(mentee, mentor))]
        return sorted(
            found, key=lambda option: (len(option.without), option.points, len(option.changes), option.mentor)
        )

    def option(self, mentee: str, mentor: str) -> Option | None:
        """This mentee with this mentor; None when every place of that mentor is kept by hand."""
        row, column = self.pool.mentees.index(mentee), self.pool.mentors.index(mentor)
        against = Veto(int(self.pool.vetoes[row, column]))
        if against & Veto.hard():
            return None
        if self.in_step and mentee not in self.kept:
            return self._best(mentee, mentor, against)
        return self._plain(mentee, mentor, against)

    def _best(self, mentee: str, mentor: str, against: Veto) -> Option | None:
        if not against:
            found = self._priced(mentee).get(mentor)
            return None if found is None else self._told(mentee, mentor, found, against)
        try:
            forced = solve(self.pool.problem([*self.pool.locked, (mentor, mentee)]))
        except BreaksARule:
            return None
        after = {other: name for name, other in forced.pairs}
        people = dict.fromkeys([mentee, *self.pool.mentees])
        moved = [
            Change(name, self.at.get(name), after.get(name)) for name in people if self.at.get(name) != after.get(name)
        ]
        return self._told(mentee, mentor, moved, against)

    def _priced(self, mentee: str) -> dict[str, Sequence[Change]]:
        assert self.explanation is not None
        if mentee not in self._prices:
            found = self.explanation.alternatives(mentee)
            self._prices[mentee] = {alternative.mentor: alternative.changes for alternative in found}
        return self._prices[mentee]

    def _plain(self, mentee: str, mentor: str, against: Veto) -> Option | None:
        """The mentor's free place, else that of the one who fits least among those not kept there."""
        changes = [Change(mentee, self.at.get(mentee), mentor)]
        if self.used[mentor] >= self.pool.free[mentor]:
            there = [name for name, held in self.at.items() if held == mentor and name not in self.kept]
            if not there:
                return None
            changes.append(Change(min(there, key=lambda name: (self.score(name, mentor), name)), mentor, None))
        return self._told(mentee, mentor, changes, against)

    def _told(self, mentee: str, mentor: str, changes: Iterable[Change], against: Veto) -> Option:
        found = tuple(changes)
        points = sum(
            self.score(change.mentee, change.before) - self.score(change.mentee, change.after) for change in found
        )
        return Option(mentor, mentee, self.score(mentee, mentor), found, points, against)

    def score(self, mentee: str, mentor: str | None) -> int:
        """The fit of a pair; 0 without a mentor, or when one of them has left the pool."""
        if mentor is None or mentor not in self.pool.mentors or mentee not in self.pool.mentees:
            return 0
        return int(self.pool.scores[self.pool.mentees.index(mentee), self.pool.mentors.index(mentor)])

    def unmatched(self) -> list[str]:
        """The mentees without a proposed mentor, who comes first on top."""
        waiting = [name for name in self.pool.mentees if name not in self.at]
        return sorted(waiting, key=lambda name: self.pool.tiers[name])

    def left_over(self) -> list[LeftOver]:
        """The mentors with places left, and how many mentees may be suggested to each."""
        return [
            LeftOver(mentor, self.pool.free[mentor] - self.used[mentor], int((self.pool.vetoes[:, column] == 0).sum()))
            for column, mentor in enumerate(self.pool.mentors)
            if self.pool.free[mentor] > self.used[mentor]
        ]

    def gone(self) -> list[Match]:
        """Proposed pairs of which somebody can no longer be matched."""
        return [match for match in self.pool.drafts if not self.pool.holds(match)]
