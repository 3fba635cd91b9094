"""The one list of what the calendar owes. Beat, cron (`manage.py run_due`), the rehearsal and every look ahead read this list."""

from collections.abc import Iterator
from datetime import datetime

import evaluations.due
import mail.due
import matching.due
import mentorships.due
import programs.due
from mail import failures
from mail.due import Due

# In the order in which a day goes: applications decided, pairs introduced, asked, evaluated; then mail leaves.
APPS = (programs.due, matching.due, mentorships.due, evaluations.due, mail.due)


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Everything due by this moment, done unless `dry`. Running it twice, late or on several machines changes nothing more.

    What fails keeps nothing else from being done: `failures.Failed` is raised at the end.
    """
    yield from failures.in_turn(app.due(at, dry=dry) for app in APPS)
