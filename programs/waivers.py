"""Exceptions to a requirement: asked for by the applicant, granted or not by those who may, always with a reason."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import journal
from members.journal import NotAllowed
from members.models import User
from programs import decisions, notices, training
from programs.agreements import on_behalf
from programs.models import Application, Gate, Waiver

Answer, State = Waiver.Answer, Application.State
RIGHTS = {
    Gate.Kind.EXPERIENCE: "programs.waive_experience",
    Gate.Kind.TRAINING: "programs.waive_training",
    Gate.Kind.MEMBERSHIP: "programs.waive_membership",
}


def ask(application: Application, gate: Gate, *, by: User, why: str) -> Waiver:
    """Ask for an exception, with a sentence that says why. Asking twice is asking once."""
    on_behalf(application, by)
    if gate.program_id != application.program.pk or gate.consequence != Gate.Consequence.EXCEPTION:
        raise NotAllowed(_("No exception can be asked for here."))
    if not why.strip():
        raise NotAllowed(_("Please say in a sentence or two why the committee should make an exception."))
    with transaction.atomic():
        return _row(application, gate, by, asked=why.strip())


def grant(application: Application, gate: Gate, *, by: User, reason: str) -> Waiver:
    """Make an exception. The application goes on by itself when nothing else is open."""
    with transaction.atomic():
        waiver = _decide(application, gate, by, Answer.GRANTED, reason)
        notices.exception_answered(waiver)
        if gate.kind == Gate.Kind.TRAINING:
            training.caught_up(application.cycle, [application.user_id])
        if application.state == State.HELD and not decisions.holds(application, application.cycle.today()):
            decisions.release(application, by=by)
        elif application.state == State.SUBMITTED:
            decisions.admit_by_itself(application)
    return waiver


def refuse(application: Application, gate: Gate, *, by: User, reason: str) -> Waiver:
    """Make no exception; the applicant reads the reason."""
    with transaction.atomic():
        waiver = _decide(application, gate, by, Answer.REFUSED, reason)
        notices.exception_answered(waiver)
    return waiver


def _decide(application: Application, gate: Gate, by: User, answer: str, reason: str) -> Waiver:
    right = RIGHTS.get(Gate.Kind(gate.kind))
    if right is None:
        raise NotAllowed(_("There is no exception to an agreement."))
    if not by.has_perm(right, application):
        raise NotAllowed(_("This exception is not yours to make."))
    if not reason.strip():
        raise NotAllowed(_("Please give the reason: the applicant reads it, and so does the next committee."))
    decisions.read_again(application)
    waiver = _row(application, gate, by)
    if waiver.answer != Answer.OPEN:
        raise NotAllowed(_("This exception is decided already."))
    waiver.answer, waiver.reason, waiver.decided_on = answer, reason.strip(), application.cycle.today()
    waiver.save(update_fields=["answer", "reason", "decided_on"])
    journal.record(waiver, f"exception {answer}", by=by)
    return waiver


def _row(application: Application, gate: Gate, by: User, asked: str = "") -> Waiver:
    """The one row for this requirement and application, made now if it was not asked for before."""
    kept = Waiver.objects.select_for_update().filter(gate=gate, application=application)
    if waiver := kept.first():
        return waiver
    try:
        with transaction.atomic():
            waiver = Waiver.objects.create(gate=gate, application=application, asked=asked)
            journal.record(waiver, "exception asked for", by=by)
            return waiver
    except IntegrityError:
        if waiver := kept.first():
            return waiver
        raise
