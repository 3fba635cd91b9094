"""What a committee sets up once a year: the next cycle as a copy of the last."""

from datetime import date

from django.db import transaction

from members import journal
from programs.dates import add_months, working_day_on_or_after
from programs.models import Cycle

WORKING_DAYS = ("hear_by", "announced_on", "begins_on")


def name_of(begins: date, ends: date) -> str:
    """What a cycle is called: "2025–26", or "2025" when it stays in one year."""
    return f"{begins.year}–{ends.year % 100:02}" if ends.year > begins.year else str(begins.year)


@transaction.atomic
def copy_cycle(cycle: Cycle, *, opens: date, by=None) -> Cycle:
    """The next cycle: every date moved by the same whole months, the days on which people act moved to working days.

    Caps and the way of evaluating are copied, nobody's application is. Raises IntegrityError when a cycle of this
    name is there already.
    """
    months = (opens.year - cycle.opens_on.year) * 12 + opens.month - cycle.opens_on.month
    days = {
        name: add_months(getattr(cycle, name), months)
        for name in ("closes_on", "hear_by", "announced_on", "begins_on", "ends_on")
    }
    days |= {name: working_day_on_or_after(days[name]) for name in WORKING_DAYS}
    name = name_of(days["begins_on"], days["ends_on"])
    copy = Cycle.objects.create(
        program=cycle.program,
        slug=name.replace("–", "-"),
        name=name,
        opens_on=opens,
        **days,
        cap_mentees=cycle.cap_mentees,
        cap_mentors=cycle.cap_mentors,
        evaluation_mode=cycle.evaluation_mode,
    )
    journal.record(copy, "cycle_copied", by=by)
    return copy
