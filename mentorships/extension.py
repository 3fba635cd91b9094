"""One more year together? Each of the two is asked alone; two yeses make it so, and nobody learns who said what.

Forty-five days before the end both are asked, at thirty those who are silent are reminded. Two yeses begin another
term at once; in every other case both read on the last day for answering that their year ends when it was to end. A
no and a silence look the same.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mail import failures, outbox
from mail.due import Due
from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from mentorships import days
from mentorships import notices_extension as notices
from mentorships.models import Extension, Mentorship, Term
from programs import dates, owed
from programs.models import Role

ASKED_DAYS, REMINDED_DAYS, DECIDED_DAYS = 45, 30, 21
Word = Extension.Word


def ask(term: Term, *, at: datetime) -> list[Extension]:
    """Ask both, each by a mail of their own. Who was asked already is not asked again."""
    mentorship = term.mentorship
    answer_by = term.ends_on - timedelta(days=DECIDED_DAYS)
    asked = []
    with transaction.atomic():
        for role in Role:
            try:
                with transaction.atomic():
                    one = Extension.objects.create(
                        term=term, role=role, user=mentorship.person(role), asked_at=at, answer_by=answer_by
                    )
                    notices.asked(one)
            except IntegrityError:
                if not Extension.objects.filter(term=term, role=role).exists():
                    raise
                continue
            asked.append(one)
    return asked


def may_be_answered(extension: Extension) -> bool:
    """Until the last day for it, while the pair goes on and nothing is settled yet."""
    pair = extension.mentorship
    today = clock.today(pair.program.time_zone)
    return pair.state == Mentorship.State.OPEN and today <= extension.answer_by and not _next(extension.term)


def answer(extension: Extension, word: str, *, by: User, note: str = "") -> Extension:
    """Keep what one side says; it may be changed until the last day. The second yes begins the new term at once."""
    if by.pk != extension.user_id:
        raise NotAllowed(_("This question was for somebody else."))
    if word not in Word.values:
        raise NotAllowed(_("Please choose one of the answers."))
    with transaction.atomic():
        # What the pair is at this very moment: somebody may have ended it since the page was opened.
        extension.mentorship.refresh_from_db(fields=["state"], from_queryset=Mentorship.objects.select_for_update())
        if not may_be_answered(extension):
            raise NotAllowed(_("This question is closed. Write to us if something has changed."))
        extension.word, extension.note, extension.answered_at = word, note.strip(), clock.now()
        extension.save(update_fields=["word", "note", "answered_at"])
        journal.record(extension, "answered", by=by)
        outbox.cancel(about=journal.about(extension), now=clock.now())
        if _agreed(extension.term):
            _extend(extension.term)
    return extension


def decide(term: Term) -> None:
    """The last day for answering is over without two yeses: both read, in the same words, when their year ends."""
    with transaction.atomic():
        pair = Mentorship.objects.select_for_update(of=("self",)).get(pk=term.mentorship_id)
        if pair.state != Mentorship.State.OPEN or _next(term):
            raise NotAllowed(_("There is nothing left to decide."))
        for extension in term.extensions.all():
            outbox.cancel(about=journal.about(extension), now=clock.now())
        for role in Role:
            notices.result(term, to=term.mentorship.person(role), until=None)


def due(pairs: Iterable[Mentorship], at: datetime, dry: bool) -> Iterator[Due]:
    """The question, its reminder and its end, for those running pairs (with their terms) whose program knows extensions."""
    yield from failures.in_turn(_of_pair(pair, at, dry) for pair in pairs)


def _of_pair(pair: Mentorship, at: datetime, dry: bool) -> Iterator[Due]:
    program, term = pair.program, pair.term()
    if not program.extension_months or term.number > program.max_extensions:
        return
    first = term.ends_on - timedelta(days=ASKED_DAYS)
    if days.morning(first, program.time_zone) <= at:
        term.mentorship = pair
        yield from _owed(term, at, dry)


def _owed(term: Term, at: datetime, dry: bool) -> Iterator[Due]:
    zone = term.mentorship.program.time_zone
    asked = list(term.extensions.select_related("user"))
    for extension in asked:
        extension.term = term
    acts: list[tuple[str, date, partial]] = []
    decided = term.ends_on - timedelta(days=DECIDED_DAYS - 1)
    if days.morning(decided, zone) <= at:
        if asked and not notices.is_told(term):
            acts.append(("extension_result", decided, partial(decide, term)))
    elif not asked:
        acts.append(("extend", term.ends_on - timedelta(days=ASKED_DAYS), partial(ask, term, at=max(at, clock.now()))))
    else:
        day = term.ends_on - timedelta(days=REMINDED_DAYS)
        silent = [one for one in asked if not one.word] if days.morning(day, zone) <= at else []
        silent = [one for one in silent if not notices.is_reminded(one)]
        acts += [("extend_reminder", day, partial(notices.reminder, one)) for one in silent]
    about = journal.about(term.mentorship)
    yield from failures.in_turn(
        owed.line(Due(days.morning(day, zone), term.scope, what, about), partial(_if_going, term, act), dry)
        for what, day, act in acts
    )


def _if_going(term: Term, act: Callable[[], object]) -> None:
    with transaction.atomic():
        term.mentorship.still_going()
        act()


def _next(term: Term) -> bool:
    return Term.objects.filter(mentorship=term.mentorship_id, number__gt=term.number).exists()


def _agreed(term: Term) -> bool:
    words = list(Extension.objects.filter(term=term).values_list("word", flat=True))
    return len(words) == len(Role) and set(words) == {Word.YES}


def _extend(term: Term) -> Term:
    """Another term, from the day after the last. As often as the program allows, and no more."""
    program = term.mentorship.program
    if term.number > program.max_extensions:
        raise NotAllowed(_("This mentoring year has been extended as often as the program allows."))
    begins = term.ends_on + timedelta(days=1)
    ends = dates.last_day(begins, program.extension_months)
    more = Term.objects.create(mentorship=term.mentorship, number=term.number + 1, begins_on=begins, ends_on=ends)
    journal.record(term.mentorship, "extended", by=None)
    for role in Role:
        notices.result(term, to=term.mentorship.person(role), until=ends)
    return more
