"""Look ahead at the year: what leaves by itself on which day, from the planner run dry. Nothing is written.

The planner is asked, day by day, what would be due; a line counts on the first day on which it stands there. So it
says what follows from the rows as they are. What follows from an answer, or from a question that has not been asked
yet (a reminder of it), is not in it. Where nobody is introduced yet, the program's own plan stands in, without numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations import receipts
from evaluations.models import Receipt
from mail import mailings
from mail.due import Due
from members import clock
from members import words as in_words
from mentoring import occasions, planner
from mentorships import days as pair_days
from mentorships import extension
from mentorships.models import CheckInPlan, CycleTopic, Mentorship, Term
from programs import dates
from programs.models import Cycle, Program, Question

# How a row that a line of the planner is about ("checkin:17") leads to its cycle.
CYCLE_OF = {
    "cycle": "pk",
    "application": "cycle",
    "run": "cycle",
    "match": "cycle",
    "mentorship": "cycle",
    "checkin": "mentorship__cycle",
    "request": "mentorship__cycle",
    "serviceletter": "mentorship__cycle",
    "extension": "term__mentorship__cycle",
    "receipt": "term__mentorship__cycle",
}
APPS = ("programs", "matching", "mentorships", "evaluations")


@dataclass(frozen=True)
class Line:
    """One thing of one day: what (a short name), in words, and how many people or pairs it concerns (None: not known)."""

    day: date
    what: str
    words: str
    count: int | None = None
    to: str = ""

    def __str__(self) -> str:
        return f"{self.day}  {self.words}" + (f": {self.count} {self.to}" if self.count is not None else "")


def days(cycle: Cycle, today: date) -> list[Line]:
    """Everything ahead of a cycle from today on: its dates, and what the planner would do."""
    return between(cycle, today, last_day(cycle), today)


def last_day(cycle: Cycle) -> date:
    """The day on which nothing more is ahead: the evaluations of its longest pair are over."""
    ends = Term.objects.filter(mentorship__cycle=cycle).order_by("-ends_on").values_list("ends_on", flat=True).first()
    return max(cycle.ends_on, ends or cycle.ends_on) + timedelta(days=cycle.program.evaluation_days + 1)


def between(cycle: Cycle, first: date, last: date, today: date) -> list[Line]:
    """The lines of these days, both counted; nothing is said of days that are over."""
    first = max(first, today)
    counted = list(planned(cycle, first, last, today))
    known = {(line.day, line.what): line for line in counted}
    fixed = [line for line in [*cycle_days(cycle), *pairs_plan(cycle)] if first <= line.day <= last]
    merged = []
    for line in fixed:
        if found := known.pop((line.day, line.what), None):
            line = replace(line, count=found.count, to=found.to)
        merged.append(line)
    return sorted([*merged, *known.values()], key=lambda line: (line.day, line.what))


# ------------------------------------------------------------------------------------------------------ the planner, dry


def planned(cycle: Cycle, first: date, last: date, today: date) -> Iterator[Line]:
    """What the planner would do on each of these days, were nothing else to happen meanwhile."""
    before = _owed(cycle, first - timedelta(days=1)) if first > today else set()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        owed, now = _owed(cycle, day), clock.end_of(day, cycle.zone)
        yesterday = clock.end_of(day - timedelta(days=1), cycle.zone)
        new: dict[str, set[str]] = defaultdict(set)
        going_on = {(what, about) for what, about, _at in before if _row(about)[0] == "program"}
        for what, about, at in owed - before:
            # What is due "now", whenever that is, is new on its first day only, and so is a committee's daily mail.
            if (at != now or (what, about, yesterday) not in before) and (what, about) not in going_on:
                new[what].add(about)
        for what, abouts in sorted(new.items()):
            yield Line(day, what, occasions.words(what), len(abouts), _to(abouts))
        before = owed


def _owed(cycle: Cycle, day: date) -> set[tuple[str, str, datetime]]:
    """What is due by the end of a day and concerns this cycle: what, about whom, since when."""
    at = clock.end_of(day, cycle.zone)
    with clock.at(at):
        found = [line for line in planner.due(at, dry=True) if line.scope == cycle.scope and not _by_hand(line)]
    elsewhere = _of_other_cycles(cycle, {_row(line.about) for line in found})
    return {(line.what, line.about, line.at) for line in found if _row(line.about) not in elsewhere}


def _by_hand(line: Due) -> bool:
    """Whether somebody wrote it: a letter to a list stands among what is promised, with its Stop."""
    return line.what == mailings.NAME


def _row(about: str) -> tuple[str, str]:
    """The row's table and number in "match:12:committee"."""
    kind, _colon, rest = about.partition(":")
    return kind, rest.partition(":")[0]


def _of_other_cycles(cycle: Cycle, rows: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these rows that belong to another cycle; what belongs to the program stays."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for kind, number in rows:
        if kind in CYCLE_OF and number.isdecimal():
            numbers[kind].add(number)
    found = set()
    for kind, wanted in numbers.items():
        model = next(apps.get_model(app, kind) for app in APPS if kind in apps.all_models[app])
        own = model._base_manager.filter(**{"pk__in": wanted, CYCLE_OF[kind]: cycle.pk}).values_list("pk", flat=True)
        found |= {(kind, number) for number in wanted - {str(pk) for pk in own}}
    return found


def _to(abouts: set[str]) -> str:
    """Whom so many lines concern, in words."""
    kinds = {about.partition(":")[0] for about in abouts}
    if kinds <= {"mentorship", "match", "extension"}:
        return ngettext("pair", "pairs", len(abouts))
    if kinds <= {"application", "checkin", "receipt"}:
        return ngettext("person", "people", len(abouts))
    return ngettext("time", "times", len(abouts))


# ------------------------------------------------------------------------------------------------------- what is fixed


def cycle_days(cycle: Cycle) -> list[Line]:
    """The cycle's own dates, its workshops and its topics."""
    found: dict[date, list[str]] = defaultdict(list)
    for field in cycle._meta.concrete_fields:
        if type(field) is models.DateField:
            found[getattr(cycle, field.name)].append(str(field.verbose_name))
    lines = [Line(day, "date", _first_large(", ".join(names))) for day, names in found.items()]
    for training in cycle.trainings.all():
        hour = in_words.moment(training.starts_at, cycle.zone, cycle.program.zone_word).rpartition(", ")[2]
        said = _("Workshop “%(title)s”, %(hour)s") % {"title": training.title, "hour": hour}
        lines.append(Line(clock.day_of(training.starts_at, cycle.zone), "workshop", said))
    for one in CycleTopic.objects.filter(cycle=cycle, skipped=False).select_related("topic"):
        named = {"number": one.number, "title": one.topic.title}
        sides = {one.mentor_on: _("Topic %(number)d, “%(title)s”, to mentors")}
        sides |= {one.mentee_on: _("Topic %(number)d, “%(title)s”, to mentees")}
        if one.mentor_on == one.mentee_on:
            sides = {one.mentor_on: _("Topic %(number)d, “%(title)s”")}
        lines += [Line(day, "topic", side % named) for day, side in sides.items()]
    return lines


def pairs_plan(cycle: Cycle) -> list[Line]:
    """What all pairs of a cycle will be asked when, as long as none is introduced and if all are on one day."""
    if not all_together(cycle.program) or Mentorship.objects.filter(cycle=cycle).exists():
        return []
    met = cycle.announced_on
    begins, ends = dates.term(cycle.program.term_anchor, cycle.program.term_months, cycle.begins_on, cycle.ends_on, met)
    return [Line(day, what, occasions.words(what)) for day, what in sorted(_plan(cycle.program, met, begins, ends))]


def all_together(program: Program) -> bool:
    """Whether every pair is introduced on the same day: nobody is asked before, nobody waited for."""
    return program.introduce == Program.Introduce.TOGETHER and not program.mentor_confirms


def _plan(program: Program, met: date, begins: date, ends: date) -> Iterator[tuple[date, str]]:
    yield met, "introduction"
    for line in CheckInPlan.objects.filter(program=program):
        day = pair_days.Planned(line.pk, line.moment, line.after_days, line.after_months).day(met, begins)
        if day <= ends:
            yield day, line.moment
    yield met + timedelta(days=pair_days.PLAN_DAYS), "plan"
    asked = set(Question.objects.filter(program=program).values_list("moment", flat=True))
    halfway = receipts.halfway(program, Term(begins_on=begins, ends_on=ends))
    if halfway and Receipt.Moment.MIDWAY in asked:
        yield halfway, "midway"
    if program.extension_months and program.max_extensions:
        yield ends - timedelta(days=extension.ASKED_DAYS), "extend"
    yield ends - timedelta(days=pair_days.CLOSING_DAYS), "closing"
    if Receipt.Moment.END in asked:
        yield ends + timedelta(days=1), "evaluation"


def after_introduction(program: Program) -> list[str]:
    """Where each pair is introduced on a day of its own: what it is asked when, counted from that day."""
    if all_together(program):
        return []
    found = []
    for line in CheckInPlan.objects.filter(program=program):
        if line.after_days is not None:
            when = ngettext("after %d day", "after %d days", line.after_days) % line.after_days
        else:
            months = line.after_months or 0
            when = ngettext("after %d month", "after %d months", months) % months
        found.append(
            (
                line.after_days or (line.after_months or 0) * 30,
                f"{_first_large(when)}: {occasions.words(line.moment)}",
            )
        )
    return [words for _days, words in sorted(found)]


def cannot_know() -> str:
    """What a look ahead leaves out, said to people."""
    return _(
        "Counted as things stand now. Reminders of questions that are still to be asked, and whatever follows from an "
        "answer, are not in it: nobody knows yet who will answer."
    )


def _first_large(words: str) -> str:
    return words[:1].upper() + words[1:]
