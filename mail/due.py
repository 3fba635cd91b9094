"""What the clock owes: every app yields the same kind of line, so that one planner can do, count or show them all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Due:
    """One thing that is due: when, in which program (scope), what in words, about whom ("application:17")."""

    at: datetime
    scope: str
    what: str
    about: str


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Nothing yet."""
    return iter(())
