"""Lists of people to whom the committee may write. Each app gives the lists that it keeps; the roof knows them by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from members.models import User


@dataclass(frozen=True)
class Listed:
    """Somebody on a list; `gone` says why nothing is sent to them although they stand there ("has withdrawn")."""

    user: User
    gone: str = ""


@dataclass(frozen=True)
class Audience:
    """A list as it was chosen: in words, who stands on it now, and the sentence that says why they get a letter.

    `participants` says that their place in the program may depend on what they are told. `query` is the choice as the
    list's own address writes it, `back` that address. `note` is said beside the list.
    """

    words: str
    people: Sequence[Listed]
    why: str
    participants: bool = False
    note: str = ""
    back: str = ""
    query: str = ""


@dataclass(frozen=True)
class ListOfPeople:
    """A list that can be written to: the right to see it, and how it is chosen for a reader, a cycle and a filter.

    `choose` raises LookupError when there is no such list in that cycle.
    """

    right: str
    choose: Callable[[User, Any, Mapping[str, str]], Audience]


def in_words(*parts: str) -> str:
    """What a list was narrowed to, in one line: "Pairs of 2025–26 · mentors · Needs us"."""
    return " · ".join(part for part in parts if part)
