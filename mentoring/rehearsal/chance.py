"""Chance by seed: the same seed, the same year. Nothing here knows of Django or of the day."""

from collections import Counter
from collections.abc import Iterable
from random import Random


def dice(seed: int, *about: object) -> Random:
    """Dice of their own for one person and occasion, so that one answer more elsewhere does not change this one."""
    return Random(":".join(map(str, (seed, *about))))


def some(seed: int, what: str, names: Iterable[str], share: float, at_least: int = 0) -> set[str]:
    """A share of these names, rounded, drawn by lot."""
    known = sorted(set(names))
    count = min(len(known), max(at_least, round(len(known) * share)))
    return set(dice(seed, what).sample(known, count))


class Lots:
    """Shares that come out over a whole year, however few people are drawn from at a time."""

    def __init__(self, seed: int):
        self.seed = seed
        self._seen: Counter[str] = Counter()
        self._drawn: Counter[str] = Counter()

    def draw(self, what: str, names: Iterable[str], share: float, most: int | None = None) -> set[str]:
        """Those of these names on whom it falls; never more than `most` in the whole year."""
        fresh = sorted(set(names))
        self._seen[what] += len(fresh)
        wanted = round(self._seen[what] * share) - self._drawn[what]
        if most is not None:
            wanted = min(wanted, most - self._drawn[what])
        found = dice(self.seed, what, self._seen[what]).sample(fresh, max(0, min(wanted, len(fresh))))
        self._drawn[what] += len(found)
        return set(found)
