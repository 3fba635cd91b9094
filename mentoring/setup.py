"""What a committee sets up once a year: the next cycle as a copy of the last."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from members import journal
from mentoring import presets
from mentorships import topics
from mentorships.models import CycleTopic
from programs.dates import add_months, working_day_on_or_after
from programs.models import Cycle, Training

WORKING_DAYS = ("hear_by", "announced_on", "begins_on")
SEASONAL = "{season} {year}"


def name_of(cycle: Cycle, days: dict[str, date]) -> str:
    """What a cycle with these days is called, in the manner of another: "Fall 2026" after "Fall 2025", else "2026–27"."""
    pattern = SEASONAL if any(season in cycle.name for season in presets.SEASONS) else ""
    return presets.name_of_cycle(pattern, days["opens_on"], days["begins_on"], days["ends_on"])


@transaction.atomic
def copy_cycle(cycle: Cycle, *, opens: date, by=None) -> Cycle:
    """The next cycle: every date moved by the same whole months, the days on which people act moved to working days.

    Caps, the way of evaluating, workshops and the year's topics are copied, nobody's application is. Raises
    IntegrityError when a cycle of this name is there already.
    """
    months = (opens.year - cycle.opens_on.year) * 12 + opens.month - cycle.opens_on.month
    days = {
        name: add_months(getattr(cycle, name), months)
        for name in ("closes_on", "hear_by", "announced_on", "begins_on", "ends_on")
    }
    days |= {name: working_day_on_or_after(days[name]) for name in WORKING_DAYS}
    days["opens_on"] = opens
    name = name_of(cycle, days)
    copy = Cycle.objects.create(
        program=cycle.program,
        slug=presets.slug_of_cycle(name),
        name=name,
        **days,
        cap_mentees=cycle.cap_mentees,
        cap_mentors=cycle.cap_mentors,
        evaluation_mode=cycle.evaluation_mode,
    )
    _copy_trainings(cycle, copy, months)
    _copy_topics(cycle, copy)
    journal.record(copy, "cycle_copied", by=by)
    return copy


def _copy_trainings(cycle: Cycle, copy: Cycle, months: int) -> None:
    """The same workshops at the same hour of the program's zone. A recording belongs to the workshop it was made of."""
    zone = ZoneInfo(cycle.zone)
    for training in cycle.trainings.all():
        local = training.starts_at.astimezone(zone)
        day = working_day_on_or_after(add_months(local.date(), months))
        Training.objects.create(
            cycle=copy,
            role=training.role,
            title=training.title,
            starts_at=datetime.combine(day, local.time(), zone),
            minutes=training.minutes,
            join_url=training.join_url,
        )


def _copy_topics(cycle: Cycle, copy: Cycle) -> None:
    """The same topics in the same order on the new year's days; a month that was left out stays so."""
    before = list(CycleTopic.objects.filter(cycle=cycle).select_related("topic").order_by("number"))
    for planned in topics.plan(copy, [one.topic for one in before]):
        planned.skipped = before[planned.number - 1].skipped
        planned.save()
