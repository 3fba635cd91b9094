"""One thing that the calendar owes about an application, and how the parts of `due` find and do it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Model, Q

from mail import failures, outbox
from mail.due import Due
from mail.models import Message
from members import clock
from members.journal import NotAllowed, about
from programs.models import Application, Program


@dataclass(frozen=True)
class Task:
    """One thing to do: the line that names it, and how it is done."""

    due: Due
    do: Callable[[], Any]


def task(program: Program, at: datetime, what: str, row: Model, do: Callable[[], Any]) -> Task:
    """One thing to do about one row of a program."""
    return Task(Due(at, program.scope, what, about(row)), do)


def done(tasks: Iterable[Task], moment: datetime, dry: bool) -> Iterator[Due]:
    """The lines of these tasks, each done in its own transaction unless `dry`."""
    yield from failures.in_turn(line(one.due, partial(_at, moment, one.do), dry) for one in list(tasks))


def line(due: Due, act: Callable[[], object], dry: bool) -> Iterator[Due]:
    """One line of the calendar, and the act unless we only look ahead; none when somebody was a moment faster or it is
    not to be done any more."""
    if not dry:
        try:
            with outbox.owed_since(due.at):
                act()
        except NotAllowed:
            return
    yield due


def applications(program: Program, state: str, also: Q | None = None) -> list[Application]:
    """A program's applications in a state, with their cycles and people."""
    rows = Application.objects.filter(also or Q(), cycle__program=program, state=state)
    rows = rows.select_related("cycle", "user").order_by("pk")
    for row in rows:
        row.cycle.program = program
    return list(rows)


def promised(keys: Iterable[str]) -> set[str]:
    """Which of these mails are promised already."""
    wanted = list(keys)
    return set(Message.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()


def _at(moment: datetime, act: Callable[[], object]) -> None:
    with clock.at(moment):
        act()
