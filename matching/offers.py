"""A mentor is asked before an introduction: five answers, a clock that a question stops, two reminders, no harm done.

Whatever a mentor answers, nothing is held against them. A no gives the place back at once, so that the mentee can be
proposed to somebody else, and the mentee hears nothing of it.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from mail import outbox
from matching import announcing, notices_offer
from matching.models import Match
from members import clock, journal
from members.journal import NotAllowed, Stale
from members.models import User
from mentorships import days
from programs import listings, places

State, Answer = Match.State, Match.Answer
REMINDED_ON = (3, 6)
"""On which days of an offer the mentor is reminded; the clock's standing still does not count."""


def offer(match: Match, *, at: datetime) -> None:
    """Ask the mentor of an announced pair, once nothing can stop the announcement any more."""
    program = match.program
    if not program.mentor_confirms or match.leaves_at is None or match.leaves_at > at:
        raise NotAllowed(_("This pair is not waiting for its mentor to be asked."))
    until = clock.day_of(at, program.time_zone) + timedelta(days=program.offer_days)
    with transaction.atomic():
        journal.move(match, State.OFFERED, offered_at=at, answer_by=clock.end_of(until, program.time_zone))
        notices_offer.offer(match)


def answer(
    match: Match,
    answer: str,
    *,
    by: User,
    note: str = "",
    pause_until: date | None = None,
    told_to: User | None = None,
) -> None:
    """Keep what the mentor said: yes, one of three kinds of no, or a question, which stops the clock.

    `told_to` is the committee member who heard it by phone or mail; they note it, never about a pair of their own.
    """
    _allowed(match, answer, by=by, told_to=told_to)
    _pause_ahead(match, answer, pause_until)
    given = {"answer": answer, "answer_note": note, "answered_at": clock.now(), "told_to": told_to}
    with transaction.atomic():
        if answer == Answer.QUESTION:
            _ask(match, given, by)
        elif answer == Answer.YES:
            journal.move(match, State.ACCEPTED, by=by, stopped_at=None, reason=answer, **given)
            _answered(match)
            notices_offer.nearly_there(match)
        else:
            _decline(match, given, pause_until, by=by, to=State.DECLINED)


def take_back_yes(
    match: Match,
    *,
    by: User,
    answer: str = Answer.NOT_THIS_CYCLE,
    note: str = "",
    pause_until: date | None = None,
    told_to: User | None = None,
) -> None:
    """A mentor takes their yes back before the introduction, with the same three kinds of no."""
    _own_or_told(match, by=by, told_to=told_to)
    if answer not in Match.NO:
        raise NotAllowed(_("Please choose one of the answers."))
    if match.state != State.ACCEPTED:
        raise NotAllowed(_("There is no yes here that could be taken back."))
    _pause_ahead(match, answer, pause_until)
    given = {"answer": answer, "answer_note": note, "answered_at": clock.now(), "told_to": told_to}
    with transaction.atomic():
        _decline(match, given, pause_until, by=by, to=State.CANCELLED, verb="taken_back")


def answer_question(match: Match, *, by: User, text: str) -> None:
    """The committee answers the mentor's question, and the clock goes on by as many days as it stood."""
    if not by.has_perm("matching.answer_question", match):
        raise NotAllowed(_("Only the committee answers a mentor’s question, and nobody about a pair of their own."))
    if not text.strip():
        raise NotAllowed(_("Please write an answer; it goes to the mentor by mail."))
    if match.state != State.OFFERED or match.stopped_at is None or match.answer_by is None:
        raise NotAllowed(_("No question is open here any more."))
    zone = match.program.time_zone
    today = clock.today(zone)
    stood = today - clock.day_of(match.stopped_at, zone)
    until = max(clock.day_of(match.answer_by, zone) + stood, today + timedelta(days=1))
    with transaction.atomic():
        asked = Match.objects.filter(pk=match.pk, state=State.OFFERED, stopped_at=match.stopped_at)
        given = {"stopped_at": None, "answer": "", "answer_by": clock.end_of(until, zone)}
        _write(asked, match, given)
        journal.record(match, "question_answered", by=by)
        notices_offer.question_answered(match, text=text.strip())


def remind(match: Match, number: int) -> bool:
    """The first or the second reminder to a mentor who has not answered; False when there is nothing to remind of."""
    if match.state != State.OFFERED or match.stopped_at is not None:
        return False
    with transaction.atomic():
        return notices_offer.reminder(match, number, good_until=_next_word(match, number)) is not None


def _next_word(match: Match, number: int) -> datetime | None:
    """When the next reminder is due, else when the offer closes."""
    program = match.program
    if number < len(REMINDED_ON) and REMINDED_ON[number] < program.offer_days:
        return days.morning(reminder_day(match, number + 1), program.time_zone)
    return match.answer_by


def expire(match: Match) -> None:
    """Nobody answered in time: we go on, the place is free, and the mentor reads that no harm is done."""
    if match.stopped_at is not None or match.answer_by is None or clock.now() <= match.answer_by:
        raise NotAllowed(_("This offer is still open."))
    with transaction.atomic():
        journal.move(match, State.EXPIRED, place=None)
        _over(match)
        notices_offer.closed(match)


def still_in(match: Match, *, by: User) -> None:
    """A mentor whose offer has closed says that they are still there: they can be suggested again."""
    if by.pk != match.mentor_application.user_id:
        raise NotAllowed(_("This question was for somebody else."))
    if match.state != State.EXPIRED:
        raise NotAllowed(_("There is nothing to say here any more. Thank you all the same."))
    with transaction.atomic():
        closed = Match.objects.filter(pk=match.pk, state=State.EXPIRED, answer="")
        if closed.update(answer=Answer.YES, answered_at=clock.now()):
            journal.record(match, "still_in", by=by)
    match.answer = Answer.YES


def cancel(match: Match, *, by: User, note: str = "") -> None:
    """Give a pair up before its introduction; a mentor who was asked reads that the question is closed."""
    asked = match.state in (State.OFFERED, State.ACCEPTED)
    with transaction.atomic():
        announcing.cancel(match, by=by, note=note)
        if asked:
            _take_mails_back(match)
            notices_offer.closed(match, called_off=True)


def may_be_answered(match: Match) -> bool:
    """Until the calendar has closed it: a late yes that comes first still counts."""
    return match.state == State.OFFERED


def reminder_due(match: Match, today: date) -> int:
    """Which reminder (1, 2) an open offer is due on a day; 0 for none. It moves with the last day to answer."""
    if match.answer_by is None or match.stopped_at is not None:
        return 0
    program = match.program
    begun = clock.day_of(match.answer_by, program.time_zone) - timedelta(days=program.offer_days)
    return sum(begun + timedelta(days=day) <= today for day in REMINDED_ON if day < program.offer_days)


def reminder_day(match: Match, number: int) -> date:
    """On which day a reminder is due."""
    program = match.program
    assert match.answer_by is not None
    return clock.day_of(match.answer_by, program.time_zone) - timedelta(
        days=program.offer_days - REMINDED_ON[number - 1]
    )


def _own_or_told(match: Match, *, by: User, told_to: User | None) -> None:
    if told_to is not None:
        if not told_to.has_perm("matching.note_answer", match):
            raise NotAllowed(_("Only the committee notes an answer, and nobody about a pair of their own."))
    elif by.pk != match.mentor_application.user_id:
        raise NotAllowed(_("This question was for somebody else."))


def _allowed(match: Match, answer: str, *, by: User, told_to: User | None) -> None:
    _own_or_told(match, by=by, told_to=told_to)
    if answer not in Answer.values:
        raise NotAllowed(_("Please choose one of the answers."))
    if not may_be_answered(match):
        raise NotAllowed(_("This question is closed. Write to us if anything has changed."))


def _pause_ahead(match: Match, answer: str, until: date | None) -> None:
    """A pause needs a day that lies ahead, and not for ever."""
    today = clock.today(match.program.time_zone)
    if answer == Answer.PAUSE and (until is None or not today < until <= today + listings.LONGEST_PAUSE):
        raise NotAllowed(_("Until when? Please choose a day between tomorrow and three years from now."))


def _ask(match: Match, given: dict, by: User) -> None:
    """The mentor asks something first: the clock stands still until the committee has answered."""
    if not given["answer_note"].strip():
        raise NotAllowed(_("Please write your question, so that we can answer it."))
    if match.stopped_at is not None:
        raise NotAllowed(_("We have your question already and answer it as soon as we can."))
    still = Match.objects.filter(pk=match.pk, state=State.OFFERED, stopped_at=None)
    _write(still, match, {**given, "stopped_at": clock.now()})
    outbox.cancel(about=journal.about(match), name="offer_reminder", now=clock.now())
    journal.record(match, "question_asked", by=by)
    notices_offer.question(match)


def _decline(match: Match, given: dict, until: date | None, *, by: User, to: str, verb: str = "") -> None:
    """A no: the place is free, the mentee can be proposed anew, and the mentor is left in peace as they wish."""
    until = until if given["answer"] == Answer.PAUSE else None
    given |= {"stopped_at": None, "place": None, "paused_until": until}
    journal.move(match, to, by=by, verb=verb, reason=given["answer"], **given)
    _over(match)
    mentor = match.mentor_application.user
    listing = match.program.listings.filter(user=mentor, available=True).first() if until else None
    if listing is not None:
        listings.pause(listing, until, by=by)
    notices_offer.answered(match)


def _answered(match: Match) -> None:
    """A yes: no reminder leaves any more, and the committee reads it."""
    _take_mails_back(match)
    notices_offer.answered(match)


def _over(match: Match) -> None:
    """The mentor's place is free, and nothing that still waits to leave about this offer will."""
    places.free(match.mentor_application.user, match.mentee_application.user, match.program)
    _take_mails_back(match)


def _take_mails_back(match: Match) -> None:
    outbox.cancel(about=journal.about(match), now=clock.now())


def _write(rows, match: Match, given: dict) -> None:
    """What is written without a change of state, if the row is still as it was read; else Stale."""
    if not rows.update(**given):
        raise Stale(_("Somebody else was a moment faster. Nothing of yours was lost; look again and decide anew."))
    for name, value in given.items():
        setattr(match, name, value)
