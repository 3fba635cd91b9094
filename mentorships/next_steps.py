"""After an early end: each of the two is asked, alone, what they would like now. No answer leaves everything open."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from mentorships.models import Mentorship, NextStep
from programs import applications, waiting
from programs.models import Application, Place

Word = NextStep.Word


def ask(mentorship: Mentorship, user: User) -> NextStep:
    """The question, put with the mail that tells of the end."""
    return NextStep.objects.create(
        mentorship=mentorship, user=user, role=mentorship.role_of(user), asked_at=clock.now()
    )


def words_for(step: NextStep, today: date) -> list[str]:
    """What can be answered: another partner now only while enough of the year is left for one."""
    remain = (step.mentorship.term().ends_on - today).days
    enough = remain >= step.mentorship.program.rematch_min_days
    return [str(word) for word in Word if enough or word != Word.NEW]


def may_be_answered(step: NextStep) -> bool:
    """While the application still stands as it stood, and nobody else has been found meanwhile."""
    application = step.mentorship.application_of(step.role)
    today = clock.today(step.mentorship.program.time_zone)
    return (
        application.state == Application.State.ADMITTED
        and today <= step.mentorship.term().ends_on
        and not _has_a_place(step)
    )


def answer(step: NextStep, word: str, *, by: User) -> NextStep:
    """Keep what somebody wishes and do it: look for another, wait for the next cycle, or leave the program."""
    if by.pk != step.user_id:
        raise NotAllowed(_("This question was for somebody else."))
    with transaction.atomic():
        step = NextStep.objects.select_for_update(of=("self",)).get(pk=step.pk)
        if not may_be_answered(step):
            raise NotAllowed(_("This is settled already. Write to us if you want something else."))
        if word not in words_for(step, clock.today(step.mentorship.program.time_zone)):
            raise NotAllowed(_("Please choose one of the answers."))
        step.word, step.answered_at = word, clock.now()
        step.save(update_fields=["word", "answered_at"])
        journal.record(step, "answered", by=by, reason=word)
        application = step.mentorship.application_of(step.role)
        if word == Word.NEXT_CYCLE:
            waiting.keep(application, by=by)
        elif word == Word.LEAVE:
            applications.withdraw(application, by=by)
    return step


def wanting(cycle_id: int) -> list[NextStep]:
    """Mentees of a cycle who would like another partner now and have none yet, the longest waiting first."""
    rows = NextStep.objects.filter(mentorship__cycle=cycle_id, word=Word.NEW, role="mentee")
    rows = rows.filter(mentorship__mentee_application__state=Application.State.ADMITTED)
    found = rows.select_related("user", "mentorship__cycle__program").order_by("answered_at")
    placed = set(Place.objects.filter(mentee__in=[row.user_id for row in found]).values_list("mentee_id", "program_id"))
    return [row for row in found if (row.user_id, row.mentorship.cycle.program_id) not in placed]


def _has_a_place(step: NextStep) -> bool:
    program = step.mentorship.program
    side = {"mentee": step.user_id} if step.role == "mentee" else {"mentor": step.user_id}
    return Place.objects.filter(program=program, **side).exists()
