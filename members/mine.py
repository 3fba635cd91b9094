"""The parts of a participant's own page. Each app gives its own; the roof puts them in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Line:
    """One day of somebody's year: what has happened or will, and a link with its words where there is one."""

    day: date
    text: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class Next:
    """The next thing that somebody may do: until when, what, and one way on or several answers of equal weight."""

    by: date
    kicker: str
    heading: str
    text: str
    url: str = ""
    action: str = ""
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Door:
    """Something else that is possible."""

    title: str
    note: str
    url: str


@dataclass(frozen=True)
class Part:
    """What one app knows of somebody's year, looked up once."""

    next: tuple[Next, ...] = ()
    ahead: tuple[Line, ...] = ()
    past: tuple[Line, ...] = ()
    doors: tuple[Door, ...] = ()


def first(found: Iterable[Next]) -> Next | None:
    """What comes first: the nearest last day."""
    return min(found, key=lambda one: one.by, default=None)
