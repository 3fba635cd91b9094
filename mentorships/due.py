"""What the calendar owes a pair: questions, reminders, a nudge where nobody wrote, the plan, the closing, the end."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects

from mail import failures
from mail.due import Due
from mail.models import Message
from members import clock, journal
from mentorships import check_ins, days, due_topics, extension, notices, terms
from mentorships.models import CheckIn, CheckInPlan, Mentorship, Term
from programs import owed
from programs.models import Cycle, Role

SIDES = (Role.MENTOR, Role.MENTEE)
ZONE_SLACK = timedelta(days=1)


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Everything that pairs are owed by this moment; done, one transaction a row, unless `dry`."""
    pairs = _pairs(at)
    ends = (_end(pair, dry) for pair in pairs if _last_moment(pair) <= at)
    running = [pair for pair in pairs if at < _last_moment(pair) and pair.state == Mentorship.State.OPEN]
    finders = (_questions, _write_first, _plans, due_topics.due, extension.due, _closings, _reminders)
    yield from failures.in_turn([*ends, *(find(running, at, dry) for find in finders)])


def _pairs(at: datetime) -> list[Mentorship]:
    """The pairs that are not over, with the terms and programs that every question below needs, asked for once."""
    pairs = Mentorship.objects.running().filter(introduced_at__lte=at)
    # Most days owe nothing: the program is read once, not once a pair, and people only where they are written to.
    cycles = Cycle.objects.select_related("program__association")
    numbered = Prefetch("terms", Term.objects.order_by("number"))
    return list(pairs.order_by("pk").prefetch_related(Prefetch("cycle", cycles.order_by("pk")), numbered))


def _with_people(pairs: Iterable[Mentorship]) -> None:
    """Read whom a mail may go to, for all these pairs at once."""
    prefetch_related_objects(list({pair.pk: pair for pair in pairs}.values()), "mentor", "mentee", "liaison")


def _last_moment(pair: Mentorship) -> datetime:
    return clock.end_of(pair.term().ends_on, pair.program.time_zone)


def _owed(pair: Mentorship, what: str, when: datetime, act: Callable[[], object], dry: bool) -> Iterator[Due]:
    """One line of the calendar about a going pair, and the act unless we only look ahead; none when the pair has been
    paused or ended a moment ago."""

    def act_if_going() -> None:
        with transaction.atomic():
            pair.still_going()
            act()

    return owed.line(Due(when, pair.scope, what, journal.about(pair)), act_if_going, dry)


def _end(pair: Mentorship, dry: bool) -> Iterator[Due]:
    """The mentoring year is over, whether the pair was going or paused."""
    line = Due(_last_moment(pair), pair.scope, "completed", journal.about(pair))
    return owed.line(line, partial(terms.complete, pair), dry)


def _questions(running: list[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """First contact and check-ins, as the program's plan says."""
    plans: dict[int, list[days.Planned]] = {}
    programs = {pair.cycle.program_id for pair in running}
    lines = CheckInPlan.objects.filter(program__in=programs).order_by("after_days", "after_months")
    for line in lines if programs else ():
        planned = days.Planned(line.pk, line.moment, line.after_days, line.after_months)
        plans.setdefault(line.program_id, []).append(planned)
    asked = _asked_on(running)
    found = []
    for pair in running:
        term, today = pair.term(), _day_reached(at, pair.program.time_zone)
        plan = plans.get(pair.cycle.program_id, [])
        question = days.to_ask(plan, pair.introduced_on(), term.begins_on, term.ends_on, today, asked[pair.pk])
        if question:
            found.append((pair, *question))
    _with_people(pair for pair, _day, _planned in found)
    now = max(at, clock.now())
    groups = together(found, lambda one: one[0], lambda one: one[2].moment)
    yield from failures.in_turn(_question(group, now, dry) for group in groups)


def _question(group: list[tuple[Mentorship, date, days.Planned]], now: datetime, dry: bool) -> Iterator[Due]:
    """The question of pairs that share somebody, in one transaction: nobody is asked by two mails on one day."""
    lines = [Due(_morning(pair, day), pair.scope, planned.moment, journal.about(pair)) for pair, day, planned in group]
    act = partial(check_ins.ask_together, group, at=now)
    yield from _owed_together([pair for pair, _day, _planned in group], lines, act, dry)


def _owed_together(pairs: list[Mentorship], lines: list[Due], act: Callable[[], object], dry: bool) -> Iterator[Due]:
    """The lines of several pairs that are served by one act; none when one of them was paused or ended a moment ago:
    the others come with the next look."""

    def act_if_going() -> None:
        with transaction.atomic():
            for pair in pairs:
                pair.still_going()
            act()

    for _first in owed.line(lines[0], act_if_going, dry):
        yield from lines


def together(found: Iterable[Any], pair_of: Callable[[Any], Mentorship], what: Callable[[Any], object]) -> list[list]:
    """These, put together where their pairs share somebody in one program and it is the same that is asked; in order."""
    groups: list[tuple[object, set[int], list]] = []
    for one in found:
        pair = pair_of(one)
        occasion, people = (pair.program.pk, what(one)), set(pair.people())
        same = [group for group in groups if group[0] == occasion and group[1] & people]
        merged = [other for group in same for other in group[2]] + [one]
        groups = [group for group in groups if group not in same]
        groups.append((occasion, people.union(*(group[1] for group in same)), merged))
    return [merged for _occasion, _people, merged in groups]


def _asked_on(running: list[Mentorship]) -> dict[int, set[date]]:
    """The days of the plan on which each pair was asked already."""
    found: dict[int, set[date]] = defaultdict(set)
    asked = CheckIn.objects.filter(mentorship__in=[pair.pk for pair in running], plan__isnull=False)
    for pair, day in asked.order_by().values_list("mentorship", "due_on").distinct() if running else ():
        found[pair].add(day)
    return found


def _reminders(running: list[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """Five and ten days after a question that has had no answer."""
    by_pk, found = {pair.pk: pair for pair in running}, []
    unanswered = CheckIn.objects.filter(
        mentorship__in=by_pk, word="", reminders__lt=len(days.REMINDERS), answer_by__gte=at.date() - ZONE_SLACK
    )
    for check_in in unanswered.order_by("mentorship", "due_on", "pk") if by_pk else ():
        pair = check_in.mentorship = by_pk[check_in.mentorship_id]
        zone = pair.program.time_zone
        today, asked_on = _day_reached(at, zone), clock.day_of(check_in.asked_at, zone)
        number = days.reminders_due(asked_on, today)
        if number > check_in.reminders and today <= check_in.answer_by:
            found.append((check_in, number, asked_on + timedelta(days=days.REMINDERS[number - 1])))
    _with_people(check_in.mentorship for check_in, _number, _day in found)
    for check_in, _number, _day in found:
        check_in.user = check_in.mentorship.person(check_in.role)
    theirs: dict[tuple, list[tuple[CheckIn, int, date]]] = defaultdict(list)
    for one in found:
        check_in, number, _day = one
        theirs[check_in.user_id, check_in.mentorship.program.pk, check_in.moment, number].append(one)
    yield from failures.in_turn(_reminder(group, dry) for group in theirs.values())


def _reminder(group: list[tuple[CheckIn, int, date]], dry: bool) -> Iterator[Due]:
    """One mail to one person about everything of one kind that they have not answered."""
    what, number = "check_in_reminder", group[0][1]
    pairs = [check_in.mentorship for check_in, _number, _day in group]
    days_of = [day for _check_in, _number, day in group]
    lines = [
        Due(_morning(pair, day), pair.scope, what, journal.about(pair))
        for pair, day in zip(pairs, days_of, strict=True)
    ]
    act = partial(check_ins.remind_together, [check_in for check_in, _number, _day in group], number)
    yield from _owed_together(pairs, lines, act, dry)


def _write_first(running: list[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """Ten days on, and nobody has said that they wrote or spoke."""
    in_time = list(_in_time(running, at, lambda pair: pair.introduced_on() + timedelta(days=days.WRITE_FIRST_DAYS)))
    wrote = CheckIn.objects.filter(mentorship__in=[pair.pk for pair in in_time], word__in=["yes", "wrote"])
    heard_of = set(wrote.values_list("mentorship", flat=True)) if in_time else set()
    quiet, found = [pair for pair in in_time if pair.pk not in heard_of], []
    _with_people(quiet)
    for pair in quiet:
        for role, should in days.may_write_first(pair.program.first_contact).items():
            found.append((pair, pair.person(role), should))
    promised = _promised(notices.write_first_key(pair, person) for pair, person, _should in found)
    after = timedelta(days=days.WRITE_FIRST_DAYS)
    yield from failures.in_turn(
        _owed(
            pair,
            "write_first",
            _morning(pair, pair.introduced_on() + after),
            partial(notices.write_first, pair, to=person, should=should),
            dry,
        )
        for pair, person, should in found
        if notices.write_first_key(pair, person) not in promised
    )


def _plans(running: list[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """The third week: how and how often, while the pair has not settled it."""
    without = [pair for pair in running if not (pair.channel or pair.rhythm or pair.replies or pair.hours)]
    yield from _to_both(without, at, dry, "plan", days.PLAN_DAYS, notices.plan_key, notices.plan)


def _closings(running: list[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """Two weeks before the end; a very short time together has no such mail."""
    long = [pair for pair in running if (pair.term().ends_on - pair.introduced_on()).days > 2 * days.CLOSING_DAYS]
    yield from _to_both(long, at, dry, "closing", -days.CLOSING_DAYS, notices.closing_key, notices.closing)


def _to_both(pairs, at: datetime, dry: bool, what: str, offset: int, key, notice) -> Iterator[Due]:
    """One mail to each side, so many days after the introduction or (below nought) before the end."""

    def day_of(pair: Mentorship) -> date:
        return (pair.introduced_on() if offset > 0 else pair.term().ends_on) + timedelta(days=offset)

    in_time = list(_in_time(pairs, at, day_of))
    _with_people(in_time)
    found = [(pair, pair.person(role)) for pair in in_time for role in SIDES]
    promised = _promised(key(pair, person) for pair, person in found)
    yield from failures.in_turn(
        _owed(pair, what, _morning(pair, day_of(pair)), partial(notice, pair, to=person), dry)
        for pair, person in found
        if key(pair, person) not in promised
    )


def _in_time(pairs: list[Mentorship], at: datetime, day_of: Callable[[Mentorship], date]) -> Iterator[Mentorship]:
    """Those whose day has come, and not so long ago that a word would be odd."""
    for pair in pairs:
        today = _day_reached(at, pair.program.time_zone)
        if day_of(pair) <= today <= day_of(pair) + timedelta(days=days.LATE_DAYS):
            yield pair


def _morning(pair: Mentorship, day: date) -> datetime:
    return days.morning(day, pair.program.time_zone)


def _day_reached(at: datetime, zone: str) -> date:
    """The last day whose morning (nine o'clock) has come."""
    day = clock.day_of(at, zone)
    return day if days.morning(day, zone) <= at else day - timedelta(days=1)


def _promised(keys) -> set[str]:
    """Which of these mails were promised already."""
    keys = list(keys)
    return set(Message.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
