"""Figures that give nobody away: fixed breakdowns, a minimum, and rare answers joined with their neighbour. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

ROLES = ("mentor", "mentee")
RARE = 2  # an answer that only so many gave is joined with its neighbour
COUNTED = ("one", "several", "scale", "number", "yes")


@dataclass(frozen=True)
class Asked:
    """One question of a form: its code, its kind, its wording and the answers it offers, in their order.

    A number's answers are bands, with codes like "7-8".
    """

    code: str
    kind: str
    label: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Bar:
    """One answer, or several joined, and how many people gave it."""

    label: str
    count: int


@dataclass(frozen=True)
class Cell:
    """One group of people and what they answered: `people` gave answers, `answered` of them to this question."""

    role: str
    people: int
    answered: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Breakdown:
    """One question by role. Questions that the two sides are asked in other words stand apart."""

    code: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Figures:
    """Who was asked and has answered, by role, and the breakdowns, or why there are none."""

    asked: Mapping[str, int]
    answered: Mapping[str, int]
    minimum: int
    breakdowns: tuple[Breakdown, ...] = ()
    withheld: tuple[str, ...] = field(default=())

    @property
    def rate(self) -> float | None:
        """The share of those asked who answered; None while nobody was asked."""
        asked = sum(self.asked.values())
        return sum(self.answered.values()) / asked if asked else None


def count(
    forms: Mapping[str, Sequence[Asked]],
    answers: Mapping[str, Sequence[Mapping]],
    asked: Mapping[str, int],
    minimum: int,
) -> Figures:
    """The figures of one moment: `forms` and `answers` by role, `asked` how many were asked.

    One role under the minimum, and everything is withheld: nothing is left to subtract from. A role of which nobody
    was asked is no cell.
    """
    answered = {role: len(answers.get(role, ())) for role in ROLES}
    asked = {role: asked.get(role, 0) for role in ROLES}
    few = tuple(role for role in ROLES if asked[role] and answered[role] < minimum)
    if few or not any(asked.values()):
        return Figures(asked, answered, minimum, (), few or ROLES)
    found: dict[tuple[str, str], list[Cell]] = {}
    for role in ROLES:
        for question in forms.get(role, ()):
            if question.kind in COUNTED and asked[role]:
                found.setdefault((question.code, question.label), []).append(_cell(role, question, answers[role]))
    breakdowns = [
        Breakdown(code, label, tuple(cells))
        for (code, label), cells in found.items()
        if all(cell.answered >= minimum for cell in cells)
    ]
    return Figures(asked, answered, minimum, tuple(breakdowns))


def _cell(role: str, question: Asked, answers: Sequence[Mapping]) -> Cell:
    given: dict[str, set[int]] = {code: set() for code, _label in question.options}
    for person, each in enumerate(answers):
        for code in _codes(question, each.get(question.code)):
            given.setdefault(code, set()).add(person)
    labels = dict(question.options)
    groups = [((labels[code],), people) for code, people in given.items() if code in labels]
    answered = len(set().union(*given.values())) if given else 0
    joined = join(groups)
    whole = len(joined) == 1 < len(groups)
    bars = tuple(Bar(_("all answers joined") if whole else _names(names), len(people)) for names, people in joined)
    return Cell(role, len(answers), answered, bars)


def join(groups: Iterable[tuple[tuple[str, ...], set[int]]]) -> list[tuple[tuple[str, ...], set[int]]]:
    """Join every group of one or two people with its neighbour (the smaller one, then the later one) until none is left."""
    groups = list(groups)
    while len(groups) > 1:
        rare = next((i for i, (_names, people) in enumerate(groups) if 0 < len(people) <= RARE), None)
        if rare is None:
            break
        beside = [i for i in (rare + 1, rare - 1) if 0 <= i < len(groups)]
        other = min(beside, key=lambda i: len(groups[i][1]))
        first, second = sorted((rare, other))
        joined = (groups[first][0] + groups[second][0], groups[first][1] | groups[second][1])
        groups[first : second + 1] = [joined]
    return groups


def bands(low: int, high: int) -> list[tuple[int, int]]:
    """A range of numbers in three bands; nought to ten as it is usual: 0 to 6, 7 and 8, 9 and 10."""
    if (low, high) == (0, 10):
        return [(0, 6), (7, 8), (9, 10)]
    step = max(1, -(-(high - low + 1) // 3))
    return [(first, min(first + step - 1, high)) for first in range(low, high + 1, step)]


def _names(names: Sequence[str]) -> str:
    """One answer, two side by side, or a row of them by its ends."""
    return " / ".join(names) if len(names) < 3 else f"{names[0]} – {names[-1]}"


def _codes(question: Asked, value) -> list[str]:
    """An answer as the options that were chosen, a number as its band, a yes as "yes"."""
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, int):
        ends = [tuple(int(end) for end in code.split("-")) for code, _label in question.options]
        return [f"{low}-{high}" for low, high in ends if low <= value <= high]
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
