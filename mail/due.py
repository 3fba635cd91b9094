"""What the clock owes: every app yields the same kind of line, so that one planner can do, count or show them all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mail import delivery, nudges


@dataclass(frozen=True)
class Due:
    """One thing that is due: when, in which program (scope), what in words, about whom ("application:17")."""

    at: datetime
    scope: str
    what: str
    about: str


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Mail that may leave by this moment, sent unless `dry`: without any broker, the planner alone delivers."""
    if dry:
        for message in nudges.in_time(nudges.with_room(delivery.waiting(at), at)):
            yield Due(message.leaves_at, message.scope, message.name, message.about)
        return
    while batch := delivery.deliver(at):
        for message in batch:
            yield Due(message.leaves_at, message.scope, message.name, message.about)
