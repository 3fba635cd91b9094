"""What comes in at mail's own doors, where nobody is signed in, stands in the history too: the floor that keeps it says how."""

from collections.abc import Callable

from mail.models import Message

_WRITERS: list[Callable[[Message, str], object]] = []


def register(write: Callable[[Message, str], object]) -> None:
    """Say how a line of the history is written. Called in an app's `ready`."""
    _WRITERS.append(write)


def note(message: Message, verb: str) -> None:
    """Have it written, in the transaction of the act, what was done by way of a mail. A line holds no address and no words."""
    for write in _WRITERS:
        write(message, verb)
