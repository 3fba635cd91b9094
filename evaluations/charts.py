"""A breakdown as bars: numbers for SVG attributes, and the table that says the same. Pure."""

from dataclasses import dataclass

from evaluations.figures import Bar, Breakdown

WIDTH, LEFT, HEIGHT, STEP = 720, 250, 14, 24
LONGEST_LABEL = 38


@dataclass(frozen=True)
class Drawn:
    """One bar at its place."""

    label: str
    count: int
    y: int
    text_y: int
    width: int
    end: int


@dataclass(frozen=True)
class Group:
    """The bars of one role."""

    role: str
    people: int
    answered: int
    head_y: int
    drawn: tuple[Drawn, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Chart:
    """A question with its groups of bars."""

    key: str
    label: str
    height: int
    groups: tuple[Group, ...]


def chart(breakdown: Breakdown, key: str) -> Chart:
    """Where each bar stands; the longest one over all groups fills the width."""
    most = max((bar.count for cell in breakdown.cells for bar in cell.bars), default=0) or 1
    groups, y = [], 0
    for cell in breakdown.cells:
        head_y, drawn = y + 14, []
        y += STEP
        for bar in cell.bars:
            width = round((WIDTH - LEFT - 60) * bar.count / most)
            drawn.append(Drawn(_short(bar.label), bar.count, y, y + 12, width, LEFT + width + 8))
            y += STEP
        groups.append(Group(cell.role, cell.people, cell.answered, head_y, tuple(drawn), cell.bars))
    return Chart(key, breakdown.label, y, tuple(groups))


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"
