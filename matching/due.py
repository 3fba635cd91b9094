"""What the calendar owes in this app: mentors are asked and reminded, offers close, and pairs are introduced."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from mail import failures
from mail.due import Due
from mail.models import Message
from matching import announcing, notices, notices_offer, offers
from matching.models import Match
from members import clock, journal
from mentorships import days
from programs import owed
from programs.models import Application, Cycle, Role

State = Match.State
EVENING = time(17)
"""When the committee reads of a day's many answers, in the program's zone."""
LATE = timedelta(days=3)
"""An evening that was missed for so long is not made up; the answers stand on the committee's pages."""


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Ask, remind and let go of mentors; introduce every pair whose hold is over, whose day has come and whose
    requirements are met. One transaction each."""
    rows = Match.objects.filter(state__in=[State.ANNOUNCED, State.OFFERED, State.ACCEPTED], leaves_at__lte=at)
    parts = []
    if rows.exists():  # on most days there is nobody: asked as cheaply as can be
        related = ("cycle__program__association", "mentor_application__user", "mentee_application__user")
        waiting = list(rows.select_related(*related).order_by("cycle_id", "pk"))
        parts = [find(waiting, at, dry) for find in (_offers, _over, _reminders, _introductions)]
    yield from failures.in_turn([*parts, _digests(at, dry), _not_matched(at, dry)])


def _owed(match: Match, what: str, when: datetime, act: Callable[[], object], dry: bool) -> Iterator[Due]:
    """One line of the calendar about a match, and the act unless we only look ahead."""
    return owed.line(Due(when, match.scope, what, journal.about(match)), act, dry)


def _offers(waiting: list[Match], at: datetime, dry: bool) -> Iterator[Due]:
    """The mentor is asked as soon as nothing can stop the announcement any more."""
    yield from failures.in_turn(
        _owed(match, "offer", match.leaves_at, partial(offers.offer, match, at=at), dry)
        for match in waiting
        if match.state == State.ANNOUNCED and match.program.mentor_confirms and match.leaves_at
    )


def _over(waiting: list[Match], at: datetime, dry: bool) -> Iterator[Due]:
    """Offers that nobody has answered in time."""
    open_offers = (match for match in waiting if match.state == State.OFFERED and match.stopped_at is None)
    yield from failures.in_turn(
        _owed(match, "offer_closed", match.answer_by, partial(offers.expire, match), dry)
        for match in open_offers
        if match.answer_by and match.answer_by < at
    )


def _reminders(waiting: list[Match], at: datetime, dry: bool) -> Iterator[Due]:
    """Day 3 and day 6 of an offer without an answer, in the morning; of two that were missed only the last leaves."""
    found = []
    for match in waiting:
        if match.state != State.OFFERED or match.answer_by is None or match.answer_by < at:
            continue
        number = offers.reminder_due(match, _day_reached(at, match.program.time_zone))
        if number:
            found.append((match, number))
    keys = [notices_offer.reminder_key(match, number) for match, number in found]
    promised = set(Message.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    yield from failures.in_turn(
        _owed(match, "offer_reminder", _reminded_at(match, number), partial(offers.remind, match, number), dry)
        for (match, number), key in zip(found, keys, strict=True)
        if key not in promised
    )


def _reminded_at(match: Match, number: int) -> datetime:
    return days.morning(offers.reminder_day(match, number), match.program.time_zone)


def _day_reached(at: datetime, zone: str) -> date:
    """The last day whose morning has come."""
    day = clock.day_of(at, zone)
    return day if days.morning(day, zone) <= at else day - timedelta(days=1)


def _introductions(waiting: list[Match], at: datetime, dry: bool) -> Iterator[Due]:
    """Announced pairs whose mentor need not be asked, and those whose mentor has said yes."""
    yield from failures.in_turn(_introduction(match, at, dry) for match in waiting)


def _introduction(match: Match, at: datetime, dry: bool) -> Iterator[Due]:
    moment = announcing.introduced_at(match)
    if moment is not None and moment <= at and not announcing.not_ready(match, at):
        yield from _owed(match, "introduction", moment, partial(announcing.introduce, match, at=at), dry)


def _digests(at: datetime, dry: bool) -> Iterator[Due]:
    """In the evening, what mentors answered since the last one and was not told to the committee at once."""
    late = Match.objects.filter(answered_at__gt=at - LATE, answered_at__lte=at)
    late = late.exclude(answer=Match.Answer.QUESTION).exclude(state=State.EXPIRED)
    if not late.exists():
        return
    answered = list(
        late.select_related(
            "cycle__program__association", "mentor_application__user", "mentee_application__user"
        ).order_by("cycle_id", "answered_at", "pk")
    )
    if not answered:
        return
    about = [f"{journal.about(match)}:committee" for match in answered]
    told = set(Message.objects.filter(name="offer_answered", about__in=about).values_list("about", "queued_at"))
    evenings: dict[tuple[int, date], list[Match]] = defaultdict(list)
    for match in answered:
        mine = f"{journal.about(match)}:committee"
        if not any(row == mine and queued >= match.answered_at for row, queued in told):
            evenings[match.cycle_id, _evening_of(match)].append(match)
    for (_cycle, day), matches in evenings.items():
        when = datetime.combine(day, EVENING, ZoneInfo(matches[0].program.time_zone))
        key = notices_offer.digest_key(matches[0].cycle, day)
        if when <= at and not Message.objects.filter(key=key).exists():
            yield from _owed(matches[0], "offer_answered", when, partial(notices_offer.digest, matches, day), dry)


def _evening_of(match: Match) -> date:
    """On which day's evening an answer is told, when it was not told at once."""
    zone = ZoneInfo(match.program.time_zone)
    local = match.answered_at.astimezone(zone)
    return local.date() + timedelta(days=local.time() > EVENING)


def _not_matched(at: datetime, dry: bool) -> Iterator[Due]:
    """The day by which accepted mentees were to hear: who has nobody yet reads so, and not that somebody was asked."""
    near = at.date() - timedelta(days=60)
    cycles = Cycle.objects.filter(program__mentor_confirms=True, announced_on__range=(near, at.date()))
    for cycle in cycles.select_related("program__association"):
        when = days.morning(cycle.told_on, cycle.zone)
        if when <= at <= when + timedelta(days=days.MADE_UP_DAYS):
            mails = notices.for_announcement(cycle, _without(cycle), [])
            if mails and at > when + LATE:
                mails = _missed(cycle, mails, when)
            yield from failures.in_turn(
                owed.line(
                    Due(when, cycle.scope, mail.name, mail.about),
                    partial(notices.promise, [mail], leaves_at=clock.now()),
                    dry,
                )
                for mail in mails
            )


def _missed(cycle: Cycle, mails: list[notices.Mail], when: datetime) -> list[notices.Mail]:
    """Days later: those who had been accepted by then, if the calendar was silent and told nobody of this cycle in time."""
    everybody = Application.objects.filter(cycle=cycle).values_list("pk", flat=True)
    told = Message.objects.filter(
        name=notices.NOT_MATCHED, about__in=[f"application:{pk}" for pk in everybody], queued_at__lte=when + LATE
    )
    if told.exists():
        return []
    return [mail for mail in mails if (mail.application.decided_at or mail.application.started_at) <= when]


def _without(cycle: Cycle) -> list[Application]:
    """Accepted mentees to whom no mentor has said yes, once pairs of this cycle were announced at all."""
    if not Match.objects.filter(cycle=cycle, announced_at__isnull=False).exists():
        return []
    agreed = Match.objects.filter(cycle=cycle, state__in=[State.ACCEPTED, State.INTRODUCED])
    rows = Application.objects.filter(cycle=cycle, role=Role.MENTEE, state=Application.State.ADMITTED)
    return list(
        rows.exclude(pk__in=agreed.values("mentee_application")).select_related("user", "cycle__program__association")
    )
