"""What the calendar owes: the midway feedback, the evaluation on the day after the end, and reminders."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from evaluations import receipts
from evaluations.models import Receipt
from mail.due import Due
from members import clock, journal
from mentorships.days import morning
from mentorships.models import Mentorship, Term
from programs.models import Question

Moment, State = Receipt.Moment, Mentorship.State
NEEDED = ("mentorship__cycle__program__association", "mentorship__mentor", "mentorship__mentee", "mentorship__liaison")
LONGEST = timedelta(days=120)  # an evaluation that was missed for so long is not made up
ZONE_SLACK = timedelta(days=1)


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Everything that evaluations owe by this moment; done, one transaction a row, unless `dry`."""
    has = _asks()
    yield from _halfway(at, has, dry)
    yield from _ends(at, has, dry)
    yield from _reminders(at, dry)


def _asks() -> set[tuple[int, str]]:
    """Which program asks anything at which moment."""
    return set(
        Question.objects.filter(moment__in=Moment.values).values_list("program_id", "moment").order_by().distinct()
    )


def _halfway(at: datetime, has: set, dry: bool) -> Iterator[Due]:
    terms = Term.objects.filter(
        mentorship__state=State.OPEN, mentorship__cycle__program__midway_after_months__isnull=False,
        begins_on__lte=at.date(), ends_on__gte=at.date() - ZONE_SLACK,
    ).select_related(*NEEDED)  # fmt: skip
    for term in terms:
        program = term.mentorship.program
        day = receipts.halfway(program, term)
        if day and (program.pk, Moment.MIDWAY) in has and morning(day, program.time_zone) <= at:
            yield from _ask_both(term, Moment.MIDWAY, day, at, dry)


def _ends(at: datetime, has: set, dry: bool) -> Iterator[Due]:
    """The day after the last day. Who left a pair early is asked with everybody else, unless another pair followed."""
    terms = Term.objects.filter(
        mentorship__state__in=[State.COMPLETED, State.ENDED],
        ends_on__lt=at.date() + ZONE_SLACK, ends_on__gt=at.date() - LONGEST,
    ).select_related(*NEEDED)  # fmt: skip
    for term in terms:
        program = term.mentorship.program
        day = term.ends_on + timedelta(days=1)
        if (program.pk, Moment.END) in has and morning(day, program.time_zone) <= at:
            in_time = clock.day_of(at, program.time_zone) <= day + timedelta(days=program.evaluation_days)
            if in_time:
                yield from _ask_both(term, Moment.END, day, at, dry)


def _ask_both(term: Term, moment: str, day: date, at: datetime, dry: bool) -> Iterator[Due]:
    asked = set(Receipt.objects.filter(term=term, moment=moment).values_list("role", flat=True))
    for role in receipts.SIDES:
        if role in asked or _followed(term, role):
            continue

        def act(role=role):
            receipts.ask(term, role, moment, at=max(at, clock.now()))

        yield from _owed(term, receipts_name(moment), morning(day, term.mentorship.program.time_zone), act, dry)


def _followed(term: Term, role: str) -> bool:
    """Whether this side of a pair that ended early has had another pair in the same cycle: that one is evaluated."""
    mentorship = term.mentorship
    if mentorship.state != State.ENDED:
        return False
    person = mentorship.person(role)
    later = Mentorship.objects.filter(cycle=mentorship.cycle, introduced_at__gt=mentorship.introduced_at)
    return later.filter(**{role: person}).exists()


def _reminders(at: datetime, dry: bool) -> Iterator[Due]:
    waiting = (
        Receipt.objects.filter(answered=False, reminders__lt=len(receipts.REMINDERS))
        .filter(closes_on__gte=at.date() - ZONE_SLACK)
        .exclude(moment=Moment.MIDWAY, term__mentorship__state__in=[State.COMPLETED, State.ENDED, State.PAUSED])
        .select_related("user", *(f"term__{name}" for name in NEEDED))
    )
    for receipt in waiting:
        zone = receipt.cycle.zone
        today = clock.day_of(at, zone)
        if morning(today, zone) > at:
            today -= timedelta(days=1)
        number = receipts.reminders_due(receipt, today)
        if number <= receipt.reminders or today > receipt.closes_on:
            continue
        when = morning(receipt.asked_on + timedelta(days=receipts.REMINDERS[number - 1]), zone)

        def act(receipt=receipt, number=number):
            receipts.remind(receipt, number)

        yield from _owed(receipt.term, f"{receipts_name(receipt.moment)}_reminder", when, act, dry)


def _owed(term: Term, what: str, when: datetime, act: Callable[[], object], dry: bool) -> Iterator[Due]:
    if not dry:
        act()
    yield Due(when, term.scope, what, journal.about(term.mentorship))


def receipts_name(moment: str) -> str:
    """The mail's name for a moment."""
    return "midway" if moment == Moment.MIDWAY else "evaluation"
