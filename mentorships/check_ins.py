"""How is it going? Each side is asked once and alone, with one tap; what somebody told the committee counts the same."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed, Stale
from members.models import User
from mentorships import days, notices, notices_check_ins
from mentorships.models import CheckIn, CheckInPlan, Mentorship
from programs.models import Role

Word = CheckIn.Word


def ask(mentorship: Mentorship, planned: days.Planned, due_on: date, *, at: datetime) -> list[CheckIn]:
    """Ask both sides, each by a mail of their own; whoever was asked already is not asked again."""
    return ask_together([(mentorship, due_on, planned)], at=at)


def ask_together(questions: Sequence[tuple[Mentorship, date, days.Planned]], *, at: datetime) -> list[CheckIn]:
    """The same moment of several pairs at once: who has more than one of them gets one mail about them all."""
    with transaction.atomic():
        found = [
            _ask_one(pair, role, planned, due_on, at, clock.day_of(at, pair.program.time_zone))
            for pair, due_on, planned in questions
            for role in (Role.MENTOR, Role.MENTEE)
        ]
        asked = [check_in for check_in in found if check_in]
        for theirs in _by_person(asked):
            notices_check_ins.asked(theirs)
    return asked


def _by_person(check_ins: Iterable[CheckIn]) -> list[list[CheckIn]]:
    found: dict[tuple[int, str], list[CheckIn]] = defaultdict(list)
    for check_in in check_ins:
        found[check_in.user_id, check_in.moment].append(check_in)
    return list(found.values())


def _ask_one(
    mentorship, role: str, planned: days.Planned, due_on: date, at: datetime, asked_on: date
) -> CheckIn | None:
    """One side's question; None when that side has it already."""
    this = {"mentorship": mentorship, "user": mentorship.person(role), "due_on": due_on, "moment": planned.moment}
    try:
        with transaction.atomic():
            check_in = CheckIn.objects.create(
                **this,
                role=role,
                plan_id=planned.pk,
                asked_at=at,
                answer_by=asked_on + timedelta(days=days.ANSWER_DAYS),
            )
    except IntegrityError:
        if not CheckIn.objects.filter(**this).exists():
            raise
        return None
    return check_in


def remind(check_in: CheckIn, number: int) -> bool:
    """The first or second reminder to somebody who has not answered; False when it was sent already."""
    return bool(remind_together([check_in], number))


def remind_together(check_ins: Sequence[CheckIn], number: int) -> list[CheckIn]:
    """The same of what one person was asked about several pairs: one mail names all that are still open."""
    with transaction.atomic():
        open_ones = [
            one
            for one in check_ins
            if CheckIn.objects.filter(pk=one.pk, word="", reminders__lt=number).update(reminders=number)
        ]
        for check_in in open_ones:
            check_in.reminders = number
        if open_ones:
            notices_check_ins.reminder(open_ones, number)
    return open_ones


def may_be_answered(check_in: CheckIn, *, told: bool = False) -> bool:
    """Until its last day, while the pair goes on; what the committee was told counts as long as the pair goes on."""
    mentorship = check_in.mentorship
    if mentorship.state not in Mentorship.RUNNING:
        return False
    return told or clock.today(mentorship.program.time_zone) <= check_in.answer_by


def answer(
    check_in: CheckIn,
    word: str,
    *,
    by: User,
    note: str = "",
    answers: dict | None = None,
    told_to: User | None = None,
) -> None:
    """Keep what somebody said. They may change it until the last day; then what was said stays.

    `told_to` is the committee member who heard it by phone or mail; they note it, never about a pair of their own.
    """
    _allowed(check_in, word, by=by, told_to=told_to)
    given = {
        "word": word,
        "note": note,
        "answers": answers or {},
        "answered_at": clock.now(),
        "told_to": told_to,
    }
    with transaction.atomic():
        if not CheckIn.objects.filter(pk=check_in.pk, word=check_in.word).update(**given):
            raise Stale(_("Another answer came in a moment ago. Look again, and change it if you like."))
        for name, value in given.items():
            setattr(check_in, name, value)
        journal.record(check_in, "told" if told_to else "answered", by=by)
        notices_check_ins.settled(check_in)
        if word in (Word.YES, Word.WROTE):
            notices.settled(check_in.mentorship, "write_first")
        if word == Word.WROTE:
            _tell_the_other(check_in)


def told(mentorship: Mentorship, role: str, word: str, *, by: User, note: str = "") -> CheckIn:
    """ "They told me": what one side said by phone or mail. It answers the open question, else it stands by itself."""
    user = mentorship.person(role)
    today = clock.today(mentorship.program.time_zone)
    moment = next(moment for moment, words in CheckIn.WORDS.items() if word in words)
    own = mentorship.check_ins.filter(user=user, moment=moment)
    with transaction.atomic():
        check_in = own.filter(word="").order_by("-due_on").first() or own.filter(plan=None, due_on=today).first()
        if check_in is None:
            check_in = CheckIn.objects.create(
                mentorship=mentorship, user=user, role=role, moment=moment,
                due_on=today, asked_at=clock.now(), answer_by=today,
            )  # fmt: skip
        answer(check_in, word, by=by, note=note, told_to=by)
    return check_in


def moment_now(mentorship: Mentorship) -> str:
    """What one would ask this pair today: whether they are in touch, until they have told us so."""
    words = {check_in.word for check_in in mentorship.check_ins.all()}
    asked = {check_in.moment for check_in in mentorship.check_ins.all()}
    spoken = words - {"", Word.WROTE, Word.NOT_YET}
    later = CheckInPlan.Moment.CHECK_IN in asked
    return CheckInPlan.Moment.CHECK_IN if spoken or later else CheckInPlan.Moment.FIRST_CONTACT


def _allowed(check_in: CheckIn, word: str, *, by: User, told_to: User | None) -> None:
    if word not in CheckIn.words_for(check_in.moment):
        raise NotAllowed(_("Please choose one of the answers."))
    if told_to is not None:
        if not told_to.has_perm("mentorships.note_answer", check_in):
            raise NotAllowed(_("Only the committee notes an answer, and nobody in a pair of their own."))
    elif by.pk != check_in.user_id:
        raise NotAllowed(_("This question was for somebody else."))
    if not may_be_answered(check_in, told=told_to is not None):
        raise NotAllowed(_("This question is closed. Write to us, and we note your answer."))


def _tell_the_other(check_in: CheckIn) -> None:
    """ "I wrote, no answer": the other side learns of it at once, kindly, unless they told us that all is well."""
    mentorship = check_in.mentorship
    partner = mentorship.partner_of(check_in.user)
    theirs = mentorship.check_ins.filter(user=partner, moment=check_in.moment, due_on=check_in.due_on).first()
    if theirs is None or theirs.word not in (Word.YES, Word.WROTE):
        notices.partner_wrote(mentorship, to=partner)
