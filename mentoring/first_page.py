"""The committee's first page is the cycle in hand: each app is asked for its part, here they get their order."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import evaluations.today
import matching.today
import mentorships.today
import programs.today
from members import clock
from members.today import Task, not_put_away
from mentoring import lately, mail_room, mail_tasks, promised
from programs.models import Cycle, Program, Seat

SHOWN = 5  # lines of a block before "more"


def cycles_of(user) -> list[Cycle]:
    """The cycles that this person looks after, the one in hand first: open or running before coming before over."""
    found = list(Cycle.objects.of_seat(user, "mentoring.view_today").select_related("program__association"))

    def rank(cycle: Cycle):
        coming = cycle.today() < cycle.opens_on - timedelta(days=60)
        return (is_over(cycle), coming, -cycle.opens_on.toordinal() if not coming else cycle.opens_on.toordinal())

    return sorted(found, key=rank)


def is_over(cycle: Cycle) -> bool:
    """Whether nothing more is to be done about a cycle: its year has ended, and the evaluations are in."""
    return cycle.today() > cycle.ends_on + timedelta(days=60)


def in_hand(user, wanted: str | None) -> tuple[Cycle | None, list[Cycle]]:
    """The cycle asked for by its number, else the first; and the others."""
    cycles = cycles_of(user)
    chosen = next((cycle for cycle in cycles if str(cycle.pk) == wanted), cycles[0] if cycles else None)
    return chosen, [cycle for cycle in cycles if cycle != chosen]


def tasks(user, cycle: Cycle, others: list[Cycle]) -> list[Task]:
    """Everything that needs this person, in the cycle in hand and in the others that run beside it."""
    found: list[Task] = []
    for one in (cycle, *others):
        where = "" if one == cycle else str(one.name)
        for part in (programs.today, matching.today, mentorships.today, evaluations.today):
            found += [replace(task, where=where) for task in part.tasks(user, one, one.today())]
    found += mail_tasks.tasks(user, cycle, others)
    return not_put_away(found, user)


@dataclass(frozen=True)
class Going:
    """How the pairs of one contact person are going: how many fine, worth a look, in need of us."""

    name: str
    fine: int
    look: int
    needs: int


def going(user, cycle: Cycle) -> list[Going]:
    """How pairs are going, by contact person."""
    counts: dict[str, Counter] = {}
    for pair, how in mentorships.today.running(user, cycle, cycle.today()):
        name = str(pair.liaison) if pair.liaison else _("The committee")
        counts.setdefault(name, Counter())[how.colour] += 1
    return [Going(name, count["green"], count["amber"], count["red"]) for name, count in sorted(counts.items())]


@dataclass(frozen=True)
class Beside:
    """Another cycle in one line."""

    cycle: Cycle
    words: str


def beside(user, cycle: Cycle) -> Beside:
    """How another cycle stands: its pairs, and those that need us."""
    counts = Counter(how.colour for _pair, how in mentorships.today.running(user, cycle, cycle.today()))
    if not counts:
        return Beside(cycle, _("over") if cycle.today() > cycle.ends_on else _("no pairs yet"))
    words = ngettext("%d pair going", "%d pairs going", counts.total()) % counts.total()
    if unwell := counts["amber"] + counts["red"]:
        words += "; " + ngettext("%d worth a look", "%d worth a look", unwell) % unwell
    return Beside(cycle, words)


def dates_ahead(cycle: Cycle) -> list[dict]:
    """The next dates of the cycle, and whether they come by themselves."""
    by_itself = {"opens_on", "closes_on", "begins_on", "ends_on"}
    names = ("opens_on", "closes_on", "hear_by", "announced_on", "begins_on", "ends_on")
    days: dict = {}
    for name in names:
        days.setdefault(getattr(cycle, name), []).append(name)
    return [
        {
            "day": day,
            "what": ", ".join(str(Cycle._meta.get_field(name).verbose_name) for name in found),
            "by_itself": all(name in by_itself for name in found),
        }
        for day, found in sorted(days.items())
        if day >= cycle.today()
    ][:SHOWN]


def us(program: Program) -> list[Seat]:
    """Who holds a seat today, until when."""
    today = clock.today(program.time_zone)
    return list(Seat.objects.filter(program=program).on(today).select_related("user"))


def sentence(cycle: Cycle, todo: list[Task]) -> str:
    """The one sentence on top: where the cycle is, and whether anything is late."""
    today = cycle.today()
    if today < cycle.opens_on:
        where = _("%(name)s: applications open in %(days)s.") % {
            "name": cycle.name,
            "days": _days(cycle.opens_on - today),
        }
    elif today <= cycle.closes_on:
        where = _("%(name)s: applications close in %(days)s.") % {
            "name": cycle.name,
            "days": _days(cycle.closes_on - today),
        }
    elif today < cycle.announced_on:
        where = _("%(name)s: matches are announced in %(days)s.") % {
            "name": cycle.name,
            "days": _days(cycle.announced_on - today),
        }
    elif today <= cycle.ends_on:
        where = _("%(name)s: the mentoring year ends in %(days)s.") % {
            "name": cycle.name,
            "days": _days(cycle.ends_on - today),
        }
    else:
        where = _("%(name)s: the mentoring year is over.") % {"name": cycle.name}
    late = sum(task.late for task in todo)
    return f"{where} " + (
        ngettext("%d thing is late.", "%d things are late.", late) % late if late else _("Nothing is late.")
    )


def _days(span: timedelta) -> str:
    return ngettext("%d day", "%d days", span.days) % span.days if span.days else _("a few hours")


def build(user, cycle: Cycle, others: list[Cycle]) -> dict:
    """Everything that the first page shows, in its order. Cycles that are over are looked up, not looked after."""
    others = [other for other in others if not is_over(other)]
    todo = tasks(user, cycle, others)
    context = {
        "cycle": cycle,
        "sentence": sentence(cycle, todo),
        "stuck": mail_room.stuck(cycle.program, clock.now()),
        "may_stop_mail": user.has_perm(mail_room.MAY_STOP, cycle),
        "tasks": todo[: SHOWN * 2],
        "more_tasks": max(0, len(todo) - SHOWN * 2),
        "dates": dates_ahead(cycle),
        "us": us(cycle.program),
        "deputy_missing": cycle.program.seats.on(cycle.today()).filter(role__in=["chair", "deputy"]).count() < 2,
        "others": [beside(user, other) for other in others],
        "lately": lately.acts(user, cycle.scope, SHOWN),
        "going": going(user, cycle),
    }
    if user.has_perm("programs.view_application", cycle):
        places, mentees = matching.today.balance(cycle)
        going_on, ended = mentorships.today.line(cycle)
        halfway, evaluated = evaluations.today.line(cycle)
        context |= {
            "line": [*programs.today.line(cycle), *matching.today.line(cycle), going_on, halfway, ended, evaluated],
            "balance": {"places": places, "mentees": mentees},
            "waiting": programs.today.waiting(cycle)[:SHOWN],
            "mail": promised.lines(user, cycle, timedelta(days=7))[: SHOWN * 2],
        }
    return context
