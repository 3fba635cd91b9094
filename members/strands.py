"""Two strands, mentor and mentee, that come together, run side by side for a year and part: the geometry of our one picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

WIDTH, GAP = 1080, 24
APART, TOGETHER = (26, 78), (46, 58)


@dataclass(frozen=True)
class Stop:
    """A day of the year: what happens, and whether the two are already a pair then."""

    day: date
    label: str
    what: str = ""
    together: bool = False


@dataclass(frozen=True)
class Mark:
    """A stop on the picture: where it stands, and whether it is past or the next one."""

    stop: Stop
    x: int
    state: str
    together: bool

    @property
    def rect_x(self) -> int:
        return self.x - 7


@dataclass(frozen=True)
class Drawing:
    """Both lines, the stops, and where today stands (None outside of the year)."""

    upper: str
    lower: str
    marks: list[Mark] = field(default_factory=list)
    today: int | None = None
    words_x: int = 22


def draw(stops: Sequence[Stop], today: date) -> Drawing:
    """The picture of these stops, in the order of their days, as it looks today."""
    stops = sorted(stops, key=lambda stop: stop.day)
    xs = [8 + round(i * (WIDTH + GAP) / max(len(stops), 1)) for i in range(len(stops))]
    next_index = next((i for i, stop in enumerate(stops) if stop.day >= today), None)
    marks = [
        Mark(stop, x, "done" if stop.day < today else "next" if i == next_index else "", stop.together)
        for i, (stop, x) in enumerate(zip(stops, xs, strict=True))
    ]
    meet = next((mark.x for mark in marks if mark.together), None)
    before = max([mark.x for mark in marks if meet and mark.x < meet], default=8)
    last = max([mark.x for mark in marks if mark.together], default=None)
    here = _where(stops, xs, today)
    return Drawing(
        upper=_line(APART[0], TOGETHER[0], before, meet, last),
        lower=_line(APART[1], TOGETHER[1], before, meet, last),
        marks=marks,
        today=here,
        words_x=here + 30 if here is not None and here < 110 else 22,
    )


def _line(apart: int, together: int, before: int, meet: int | None, last: int | None) -> str:
    """One strand: alone until `before`, in company from `meet` to `last`, alone again at the end."""
    end = WIDTH - 2
    if meet is None or last is None:
        return f"M8 {apart}H{end}"
    bend = (before + meet) // 2
    half = (last + end) // 2
    return (
        f"M8 {apart}H{before}C{bend} {apart} {bend} {together} {meet} {together}"
        f"H{last}C{half} {together} {half} {apart} {end} {apart}"
    )


def _where(stops: Sequence[Stop], xs: Sequence[int], today: date) -> int | None:
    """Today between two stops, in proportion to the days."""
    for (one, x), (other, next_x) in pairwise(zip(stops, xs, strict=True)):
        if one.day <= today < other.day:
            return x + round((next_x - x) * (today - one.day).days / (other.day - one.day).days)
    return None
