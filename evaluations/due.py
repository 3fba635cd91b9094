"""What the calendar owes: the midway feedback, the evaluation on the day after the end, and reminders."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Prefetch, Q

from evaluations import anonymous, letters, notices_letters, receipts
from evaluations.models import Receipt, ServiceLetter
from mail import failures
from mail.due import Due
from mail.models import Message
from members import clock, journal
from members.models import User
from mentorships.days import MADE_UP_DAYS, morning
from mentorships.models import Mentorship, Term
from programs import owed
from programs.models import Application, Cycle, Program, Question, Role

Moment, State = Receipt.Moment, Mentorship.State
NEEDED = ("mentorship__cycle__program__association", "mentorship__mentor", "mentorship__mentee", "mentorship__liaison")
LONGEST = timedelta(days=120)  # an evaluation that was missed for so long is not made up
ZONE_SLACK = timedelta(days=1)
HALFWAY_SOONEST = timedelta(days=20)  # nobody is halfway before a month has passed


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Everything that evaluations owe by this moment; done, one transaction a row, unless `dry`."""
    yield from failures.in_turn(find(at, dry) for find in (_ask, _reminders, _closes, _letters))


def _letters(at: datetime, dry: bool) -> Iterator[Due]:
    """On Monday mornings, to those who sign, while a letter waits for them."""
    waiting = ServiceLetter.objects.filter(state=ServiceLetter.State.ASKED, asked_at__lte=at)
    if not waiting.exists():  # most weeks: asked as cheaply as can be
        return
    for program in Program.objects.filter(service_letters=True).select_related("association"):
        today = clock.day_of(at, program.time_zone)
        monday = today - timedelta(days=today.weekday())
        asked = list(
            waiting.filter(mentorship__cycle__program=program, asked_at__lte=morning(monday, program.time_zone))
        )
        signers = _signers(program, monday, asked) if asked and morning(monday, program.time_zone) <= at else {}
        told = [notices_letters.waiting_key(program, monday, user) for user in signers]
        known = set(Message.objects.filter(key__in=told).values_list("key", flat=True))
        left = {u: n for u, n in signers.items() if notices_letters.waiting_key(program, monday, u) not in known}
        for user, count in left.items():
            if not dry:
                notices_letters.letters_to_sign(program, [user], count, monday)
            yield Due(morning(monday, program.time_zone), program.scope, "letters_to_sign", journal.about(program))


def _signers(program: Program, day: date, asked: list[ServiceLetter]) -> dict[User, int]:
    """Chair and deputy of that day, each with how many of the letters are theirs to sign."""
    return {user: count for user, count in letters.signers(program, day, asked).items() if count}


def _closes(at: datetime, dry: bool) -> Iterator[Due]:
    """Anonymous answers are mixed once, after everybody's last day."""
    mode = Cycle.EvaluationMode.ANONYMOUS
    begun = Cycle.objects.filter(evaluation_mode=mode, begins_on__lte=at.date())
    for cycle in begun.order_by("pk").select_related("program"):
        yield from failures.in_turn(_close(cycle, moment, at, dry) for moment in Moment.values)


def _close(cycle: Cycle, moment: str, at: datetime, dry: bool) -> Iterator[Due]:
    today = clock.day_of(at, cycle.zone)
    if not anonymous.is_closed(cycle, moment) and anonymous.may_close(cycle, moment, today):
        line = Due(clock.start_of(today, cycle.zone), cycle.scope, "answers_mixed", journal.about(cycle))
        yield from owed.line(line, partial(anonymous.close, cycle, moment), dry)


def _terms(at: datetime) -> list[Term]:
    """Terms that go on and may be halfway, and terms that are over since not too long, those of extended pairs too."""
    going = Q(mentorship__state=State.OPEN, mentorship__cycle__program__midway_after_months__isnull=False)
    return list(
        Term.objects.filter(
            (going & Q(begins_on__lt=at.date() - HALFWAY_SOONEST))
            | Q(ends_on__lt=at.date() + ZONE_SLACK, ends_on__gt=at.date() - LONGEST)
        )
        .order_by("pk")
        .select_related("mentorship")
        # A program is read once, not once a term.
        .prefetch_related(Prefetch("mentorship__cycle", Cycle.objects.select_related("program").order_by("pk")))
    )


def _days(term: Term, at: datetime) -> Iterator[tuple[str, date]]:
    """What this term is to be asked by now: halfway, or on the day after the last day.

    Who left a pair early is asked with everybody else. A silence of the calendar is made up for, as long as anybody
    would remember.
    """
    program = term.mentorship.program
    after = term.ends_on + timedelta(days=1)
    if term.mentorship.state == State.OPEN and morning(after, program.time_zone) > at:
        day, moment = receipts.halfway(program, term), Moment.MIDWAY
    else:
        day, moment = after, Moment.END
    if day and morning(day, program.time_zone) <= at:
        last = (
            term.ends_on
            if moment == Moment.MIDWAY
            else day + timedelta(days=max(program.evaluation_days, MADE_UP_DAYS))
        )
        if clock.day_of(at, program.time_zone) <= last:
            yield moment, day


def _ask(at: datetime, dry: bool) -> Iterator[Due]:
    """Both sides of the terms whose day has come, less those who were asked already, have no such form or have left."""
    wanted = [(term, moment, day) for term in _terms(at) for moment, day in _days(term, at)]
    if not wanted:
        return
    has = _asks()
    found = Receipt.objects.filter(term__in=[term for term, _moment, _day in wanted])
    asked = set(found.values_list("term", "moment", "role"))
    missing = {
        term.pk for term, moment, _day in wanted for role in receipts.SIDES if (term.pk, moment, role) not in asked
    }
    # Only those who are asked today are read with their people.
    whole = Term.objects.select_related(*NEEDED).in_bulk(missing) if missing else {}
    sides = [
        (whole[term.pk], moment, day, role)
        for term, moment, day in wanted
        for role in receipts.SIDES
        if term.pk in missing and (term.mentorship.program.pk, moment) in has and (term.pk, moment, role) not in asked
    ]
    now = max(at, clock.now())
    groups: dict[tuple, list[tuple[Term, str, date, str]]] = defaultdict(list)
    for side in sides:
        term, moment, _day, role = side
        if not (_followed(term, role) or _has_left(term, role) or _is_closed(term, moment)):
            groups[_one_mail(term, moment, role)].append(side)
    yield from failures.in_turn(_question(group, now, dry) for group in groups.values())


def _one_mail(term: Term, moment: str, role: str) -> tuple:
    """What one mail is about: at the end everything of one person in a cycle, halfway one pair, which may still end."""
    pair = term.mentorship
    return (pair.cycle_id, moment, pair.person(role).pk, term.pk if moment == Moment.MIDWAY else 0)


def _question(group: list[tuple[Term, str, date, str]], now: datetime, dry: bool) -> Iterator[Due]:
    """The question to one person; a line for each of their terms."""
    (term, moment, day, _role), *others = group
    act = partial(receipts.ask_together, [(one, role) for one, _moment, _day, role in group], moment, at=now)
    for line in _owed(term, moment, moment_name(moment), day, act, dry):
        yield line
        yield from (_line(one, moment_name(moment), its_day) for one, _moment, its_day, _role in others)


def _asks() -> set[tuple[int, str]]:
    """Which program asks anything at which moment."""
    return set(
        Question.objects.filter(moment__in=Moment.values).values_list("program_id", "moment").order_by().distinct()
    )


def _is_closed(term: Term, moment: str) -> bool:
    """Whether the answers have been mixed: nobody can join them any more."""
    cycle = term.mentorship.cycle
    return cycle.evaluation_mode == Cycle.EvaluationMode.ANONYMOUS and anonymous.is_closed(cycle, moment)


def _has_left(term: Term, role: str) -> bool:
    """Whether this side has left the program since."""
    pair = term.mentorship
    application = pair.mentor_application_id if role == Role.MENTOR else pair.mentee_application_id
    return Application.objects.filter(pk=application, state=Application.State.WITHDRAWN).exists()


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
    if not waiting.exists():  # most days: asked as cheaply as can be
        return
    groups: dict[tuple, list[Receipt]] = defaultdict(list)
    for receipt in waiting:
        if number := _number(receipt, at):
            groups[number, *_one_mail(receipt.term, receipt.moment, receipt.role)].append(receipt)
    yield from failures.in_turn(_reminder(found, key[0], dry) for key, found in groups.items())


def _number(receipt: Receipt, at: datetime) -> int:
    """Which reminder is due that has not been promised; 0 for none."""
    zone = receipt.cycle.zone
    today = clock.day_of(at, zone)
    if morning(today, zone) > at:
        today -= timedelta(days=1)
    number = receipts.reminders_due(receipt, today)
    return number if number > receipt.reminders and today <= receipt.closes_on else 0


def _reminder(found: list[Receipt], number: int, dry: bool) -> Iterator[Due]:
    """One reminder to one person; a line for each of their terms."""
    first, *others = found
    what, moment = f"{moment_name(first.moment)}_reminder", first.moment
    after = timedelta(days=receipts.REMINDERS[number - 1])
    act = partial(receipts.remind_together, found, number)
    for line in _owed(first.term, moment, what, first.asked_on + after, act, dry):
        yield line
        yield from (_line(one.term, what, one.asked_on + after) for one in others)


def _owed(term: Term, moment: str, what: str, day: date, act: Callable[[], object], dry: bool) -> Iterator[Due]:
    """One line of the calendar, and the act unless we only look ahead. What is asked halfway is asked of a pair that is
    going at this very moment."""
    pair = term.mentorship

    def act_in_time() -> None:
        with transaction.atomic():
            if moment == Moment.MIDWAY:
                pair.still_going()
            act()

    return owed.line(_line(term, what, day), act_in_time, dry)


def _line(term: Term, what: str, day: date) -> Due:
    pair = term.mentorship
    return Due(morning(day, pair.program.time_zone), term.scope, what, journal.about(pair))


def moment_name(moment: str) -> str:
    """The mail's name for a moment."""
    return "midway" if moment == Moment.MIDWAY else "evaluation"
