"""What the calendar owes in this app."""

from collections.abc import Iterator
from datetime import datetime

from mail.due import Due


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Nothing yet."""
    return iter(())
