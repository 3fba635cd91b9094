"""What the calendar owes about applications: memberships looked up, reminders, kept applications let go, the start.

Everything that is due by a moment is done, also when nights were missed; done already is seen from states and mails.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.db.models import Q

from mail import failures
from mail.due import Due
from members import clock
from programs import dates, decisions, due_listings, due_training, due_waiting, gates, notices, unreachable
from programs.facts import facts_of
from programs.models import Application, Gate, Program
from programs.owed import Task, applications, done, promised, task

State = Application.State
OFFICE_HOUR = timedelta(hours=7)
JOINS_LATE = timedelta(days=14)  # who is accepted so soon after the start of a year is looked at like the others
LOOKED_BACK = timedelta(days=dates.MADE_UP_DAYS)


def due(at: datetime | date, *, dry: bool = False) -> Iterator[Due]:
    """Everything due by this moment (the end of a day in each program's zone for a plain date), done unless `dry`."""
    # Most nights owe nothing to anybody: one question tells which states there are, and so what is worth a look.
    there = set(
        Application.objects.filter(state__in=[state for _find, state in FINDERS])
        .order_by()
        .values_list("cycle__program", "state")
        .distinct()
    )
    parts = []
    for program in Program.objects.select_related("association").order_by("pk"):
        moment = at if isinstance(at, datetime) else clock.end_of(at, program.time_zone)
        finders = [find for find, state in FINDERS if (program.pk, state) in there]
        for find in (*finders, due_waiting.counted, due_listings.find, unreachable.find):
            parts.append(done(find(program, moment), moment, dry))
    yield from failures.in_turn(parts)


def _memberships(program: Program, at: datetime) -> Iterator[Task]:
    """Kept applications: in when the membership is found, let go when the time is over, else reminded."""
    today = clock.day_of(at, program.time_zone)
    kept = applications(program, State.HELD)
    found = _found(program, kept, today)
    reminded = promised(f"application:{row.pk}:membership_reminder:{n}" for row in kept for n in (1, 2))
    # Who is kept as a mentor and as a mentee is one person with one membership: one reminder names both.
    together: dict[tuple[int, date | None], list[Application]] = defaultdict(list)
    for row in kept:
        together[row.user_id, row.held_until].append(row)
    for row in kept:
        until = row.held_until or today
        if row.pk in found:
            yield task(program, at, "membership_found", row, partial(decisions.release, row))
        elif today > until:
            over = clock.start_of(until + timedelta(days=1), program.time_zone)
            yield task(program, over, "not_this_time", row, partial(decisions.expire, row))
        elif row == together[row.user_id, row.held_until][0]:
            yield from _reminder(program, together[row.user_id, row.held_until], today, reminded)


def _reminder(program: Program, rows: list[Application], today: date, reminded: set[str]) -> Iterator[Task]:
    """The latest reminder that is due and has not been sent; a missed one is not made up after the next."""
    row = rows[0]
    sent_on = clock.day_of(row.sent_at or row.started_at, program.time_zone)
    until = row.held_until or today
    # What came on paper was sent before it was typed in and kept: its days count from then.
    days = dates.membership_reminders(max(sent_on, until - timedelta(days=program.hold_days)), until)
    which = dates.latest(days, today)
    if not which or f"application:{row.pk}:membership_reminder:{which}" in reminded:
        return
    day, last = days[which - 1], days[which - 1] == until - timedelta(days=1)
    yield task(
        program,
        clock.start_of(day, program.time_zone),
        "membership_reminder",
        row,
        partial(notices.membership_reminder, rows, which, last=last),
    )


def _found(program: Program, kept: list[Application], today: date) -> set[int]:
    """Whose requirements for being kept are met by now, or were on the last day that counts."""
    if not kept:
        return set()
    asked = list(program.gates.all())
    by_day: dict[date, list[Application]] = defaultdict(list)
    for row in kept:
        by_day[min(today, row.held_until or today)].append(row)
    # One look for today, one for each last day that is past: those few are let go the same night.
    known = {pk: facts for day, rows in by_day.items() for pk, facts in facts_of(rows, day).items()}
    return {pk for pk, facts in known.items() if not decisions.holding(gates.unmet(facts, asked, Gate.Stage.APPLY))}


def _drafts(program: Program, at: datetime) -> Iterator[Task]:
    """Unsent applications, a week and a day before the close."""
    today = clock.day_of(at, program.time_zone)
    drafts = [
        row
        for row in applications(program, State.DRAFT)
        if row.cycle.is_open(at) and today >= dates.draft_reminders(row.cycle.closes_on)[0]
    ]
    sent = promised(f"application:{row.pk}:draft_waiting:{n}" for row in drafts for n in (1, 2))
    for row in drafts:
        days = dates.draft_reminders(row.cycle.closes_on)
        which = dates.latest(days, today)
        begun = clock.day_of(row.started_at, program.time_zone)
        if begun < days[which - 1] and f"application:{row.pk}:draft_waiting:{which}" not in sent:
            day = clock.start_of(days[which - 1], program.time_zone)
            yield task(program, day, "draft_waiting", row, partial(notices.draft_waiting, row, which))


def _start(program: Program, at: datetime) -> Iterator[Task]:
    """Requirements that are looked at when the mentoring year begins: who did not meet one that day is told, once."""
    today = clock.day_of(at, program.time_zone)
    begun = Q(cycle__begins_on__range=(today - LOOKED_BACK, today))
    by_day: dict[date, list[Application]] = defaultdict(list)
    for row in applications(program, State.ADMITTED, begun):
        accepted = clock.day_of(row.decided_at or row.sent_at or row.started_at, program.time_zone)
        if accepted <= row.cycle.begins_on + JOINS_LATE:
            by_day[row.cycle.begins_on].append(row)
    asked = [gate for gate in program.gates.all() if gate.stage == Gate.Stage.START] if by_day else []
    if not asked:
        return
    by_code = {gate.code: gate for gate in asked}
    for day, rows in by_day.items():
        known = facts_of(rows, day)
        told = promised(notices.start_key(row.pk, code) for row in rows for code in by_code)
        for row in rows:
            for finding in gates.unmet(known[row.pk], asked, Gate.Stage.START):
                if notices.start_key(row.pk, finding.code) not in told:
                    begins = clock.start_of(day, program.time_zone)
                    gate, reason = by_code[finding.code], finding.reason
                    yield task(
                        program,
                        begins,
                        "membership_reminder",
                        row,
                        partial(notices.told_at_start, row, gate, reason),
                    )


def _who_has_joined(program: Program, at: datetime) -> Iterator[Task]:
    """In the morning, to the membership office, when somebody waits for its yes."""
    today = clock.day_of(at, program.time_zone)
    morning = clock.start_of(today, program.time_zone) + OFFICE_HOUR
    office = program.association.membership_email or program.association.office_email
    if at < morning or not office:
        return
    kept = applications(program, State.HELD)
    if not kept or promised([notices.joined_key(program, today)]):
        return
    found = _found(program, kept, today)
    waiting = [row for row in kept if row.pk not in found and today <= (row.held_until or today)]
    if waiting:
        line = Due(morning, program.scope, "who_has_joined", program.scope)
        yield Task(line, partial(notices.who_has_joined, program, waiting, today, morning))


# What is looked for, and the state without which there is nothing to find.
FINDERS = (
    (_memberships, State.HELD),
    (_drafts, State.DRAFT),
    (_start, State.ADMITTED),
    (due_waiting.people, State.WAITLISTED),
    (due_training.find, State.ADMITTED),
    # Counted last: who was found a moment ago is not asked about.
    (_who_has_joined, State.HELD),
)
