"""A pair's time together: it begins with the introduction, and is completed at its last day or ends before."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mail import outbox
from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from mentorships import contacts, next_steps, notices, notices_check_ins
from mentorships.models import Extension, Mentorship, Request, Term
from programs import dates, places
from programs.models import Application


def begin(
    *,
    mentor_application: Application,
    mentee_application: Application,
    at: datetime,
    why: str = "",
    liaison: User | None = None,
    by: User | None = None,
) -> Mentorship:
    """Two people become a pair: their mentoring year is set, and one mail introduces them to each other."""
    cycle = mentee_application.cycle
    program = cycle.program
    introduced_on = clock.day_of(at, program.time_zone)
    begins, ends = dates.term(program.term_anchor, program.term_months, cycle.begins_on, cycle.ends_on, introduced_on)
    if ends < begins:
        raise NotAllowed(_("The mentoring year of this cycle is over."))
    with transaction.atomic():
        mentorship = _made(
            cycle=cycle,
            mentor_application=mentor_application,
            mentee_application=mentee_application,
            mentor=mentor_application.user,
            mentee=mentee_application.user,
            liaison=liaison
            or contacts.for_new(program, mentor_application.user, mentee_application.user, introduced_on),
            introduced_at=at,
            why=why,
        )
        Term.objects.create(mentorship=mentorship, number=1, begins_on=begins, ends_on=ends)
        journal.record(mentorship, "begun", by=by)
        notices.introduction(mentorship, at)
    return mentorship


def _made(**fields) -> Mentorship:
    """The new pair; NotAllowed when this mentee has been introduced to somebody already."""
    try:
        with transaction.atomic():
            return Mentorship.objects.create(**fields)
    except IntegrityError:
        running = Mentorship.objects.running().filter(mentee_application=fields["mentee_application"])
        if not running.exists():
            raise
        raise NotAllowed(_("%s has been introduced to a partner already.") % fields["mentee"])


def complete(mentorship: Mentorship, *, by: User | None = None) -> None:
    """The mentoring year has reached its last day."""
    with transaction.atomic():
        journal.move(mentorship, Mentorship.State.COMPLETED, by=by, ended_on=mentorship.term().ends_on)
        _over(mentorship)


def end_early(
    mentorship: Mentorship,
    *,
    by: User | None,
    reason: str,
    note: str = "",
    words: Mapping[int, str] | None = None,
    leaving: User | None = None,
    asks: bool = True,
) -> None:
    """The pair ends before its last day, and nobody is at fault: both are told, the mentee can be matched again.

    `note` is a line that both read; `words` are for one of them alone (by the person's number). Who is `leaving` the
    program hears of it by the mail about their application. Each of the others is asked what they would like now,
    unless (not `asks`) the introduction itself was an error.
    """
    if by is not None and not by.has_perm("mentorships.change_course", mentorship):
        raise NotAllowed(_("Only the chair or the deputy ends a pair, and nobody a pair of their own."))
    if reason not in Mentorship.EndReason.values:
        raise NotAllowed(_("Please say why, from the list."))
    today = clock.today(mentorship.program.time_zone)
    with transaction.atomic():
        journal.move(mentorship, Mentorship.State.ENDED, by=by, reason=reason, ended_on=today, end_reason=reason)
        _over(mentorship)
        told = [user for user in (mentorship.mentor, mentorship.mentee) if user != leaving]
        steps = {user.pk: next_steps.ask(mentorship, user) for user in told if asks}
        notices.ended_early(mentorship, told, note=note, words=words or {}, steps=steps)


def _over(mentorship: Mentorship) -> None:
    """The place is free, nothing more is asked, and no mail to the two that still waits will leave."""
    now = clock.now()
    places.free(mentorship.mentor, mentorship.mentee, mentorship.program)
    outbox.cancel(about=journal.about(mentorship), now=now)
    for check_in in mentorship.check_ins.filter(word="").select_related("user"):
        notices_check_ins.settled(check_in)
    for extension in Extension.objects.filter(term__mentorship=mentorship):
        outbox.cancel(about=journal.about(extension), now=now)
    for request in mentorship.requests.filter(state=Request.State.OPEN):
        journal.move(request, Request.State.DONE, settled_at=now)
