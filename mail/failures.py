"""What fails does not keep the rest from being done: it is logged, the others have their turn, and the end tells of it."""

import logging
from collections.abc import Iterable, Iterator

from django.utils.translation import ngettext

from mail.due import Due

logger = logging.getLogger(__name__)


class Failed(Exception):
    """Some of what was due could not be done, and all the rest was; `errors` are what stood in the way."""

    def __init__(self, errors: list[Exception]):
        self.errors = errors
        words = ngettext(
            "%(count)d thing that was due could not be done (%(first)s); the log says more. The rest was done.",
            "%(count)d things that were due could not be done (the first: %(first)s); the log says more. The rest was done.",
            len(errors),
        )
        super().__init__(words % {"count": len(errors), "first": type(errors[0]).__name__})


def in_turn(parts: Iterable[Iterator[Due]]) -> Iterator[Due]:
    """The lines of all these parts, one after the other. A part that breaks off is logged and the next one has its turn;
    `Failed` is raised when all of them had it."""
    errors: list[Exception] = []
    for part in parts:
        try:
            yield from part
        except Failed as failed:
            errors += failed.errors
        except Exception as error:
            logger.exception("something that was due could not be done; the rest goes on")
            errors.append(error)
    if errors:
        raise Failed(errors) from errors[0]
