"""Chance by seed: the same seed, the same year. Nothing here knows of Django or of the day."""

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
