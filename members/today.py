"""The parts of the committee's first page. Each app gives its own; the roof puts them in their order."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from members.models import Dismissal


@dataclass(frozen=True)
class Task:
    """One thing that needs a person: since how many days, what in a sentence, and the one action that settles it."""

    key: str
    age: int
    head: str
    text: str
    action: str
    url: str
    late: bool = False
    where: str = ""  # the cycle, when it is not the one in hand


@dataclass(frozen=True)
class Stage:
    """One stage of the line from the first answer to the last: how many mentors and mentees have come so far.

    None where a side has no such stage; `urls` lead to the people behind the two figures.
    """

    label: str
    note: str
    mentors: int | None
    mentees: int | None
    urls: tuple[str, str] = ("", "")
    reached: bool = True


def not_put_away(tasks: Iterable[Task], user: AbstractBaseUser) -> list[Task]:
    """The tasks that this person has not put away, what is late and oldest first."""
    away = set(Dismissal.objects.filter(user=user).values_list("task", flat=True))
    return sorted(
        (task for task in tasks if task.key not in away), key=lambda task: (not task.late, -task.age, task.key)
    )
