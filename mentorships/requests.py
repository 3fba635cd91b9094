"""What one of a pair asks of the committee. The partner learns nothing of it unless the person says so."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from mentorships import notices, terms
from mentorships.models import Mentorship, Request
from programs import applications

Kind, State = Request.Kind, Request.State
ENDS_THE_PAIR = (Kind.REMATCH, Kind.LEAVE)


def ask(mentorship: Mentorship, kind: str, *, by: User, note: str = "", reason: str = "") -> Request:
    """Hand a wish to the committee. Asking twice is asking once: the open one is found again."""
    if by.pk not in mentorship.people():
        raise NotAllowed(_("Only the two of a pair ask for this."))
    if mentorship.state not in Mentorship.RUNNING:
        raise NotAllowed(_("This mentoring year is over. Write to us instead."))
    try:
        with transaction.atomic():
            request = Request.objects.create(
                mentorship=mentorship, user=by, kind=kind, note=note, reason=reason, made_at=clock.now()
            )
            journal.record(request, "asked", by=by, reason=str(kind))
            notices.message_received(request)
            notices.request_for_committee(request)
    except IntegrityError:
        open_one = Request.objects.filter(mentorship=mentorship, user=by, kind=kind, state=State.OPEN).first()
        if open_one is None:
            raise
        return open_one
    return request


def take_back(request: Request, *, by: User) -> None:
    """The person has thought better of it, or it has solved itself."""
    if by.pk != request.user_id:
        raise NotAllowed(_("Only the person who asked takes it back."))
    journal.move(request, State.TAKEN_BACK, by=by, settled_at=clock.now())


def settle(request: Request, to: str, *, by: User, answer: str = "") -> None:
    """The committee's answer. Done for "another partner" and "leave" ends the pair, with no fault on either side."""
    ends = to == State.DONE and request.kind in ENDS_THE_PAIR
    right = "mentorships.change_course" if ends else "mentorships.view_request"
    if by.pk in request.people() or not by.has_perm(right, request):
        raise NotAllowed(
            _("Somebody else of the committee settles this; ending a pair is the chair's or the deputy's.")
        )
    if to == State.REFUSED and not answer.strip():
        raise NotAllowed(_("Please say why it is not possible: the person reads it."))
    with transaction.atomic():
        journal.move(request, to, by=by, answer=answer, settled_at=clock.now())
        if not ends:
            notices.request_answered(request)
            return
        _end(request, by=by, answer=answer)


def _end(request: Request, *, by: User, answer: str) -> None:
    """The pair ends; who asked to leave leaves the program too."""
    mentorship = request.mentorship
    leaves = request.kind == Kind.LEAVE
    terms.end_early(
        mentorship,
        by=by,
        reason=request.reason or Mentorship.EndReason.OTHER,
        words={request.user_id: answer},
        leaving=request.user if leaves else None,
    )
    if leaves:
        application = mentorship.application_of(mentorship.role_of(request.user))
        applications.withdraw(application, by=by)
        if answer.strip():
            notices.request_answered(request)
