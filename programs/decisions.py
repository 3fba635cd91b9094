"""What the committee and the calendar decide about an application. Each is one transaction: check, move, tell.

`by` is the person who decides, None when the rules do by themselves.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from mail import outbox
from members import clock, journal
from members.journal import NotAllowed, about
from members.models import User
from programs import cycles, gates, notices, places
from programs.facts import facts, gates_of
from programs.models import Application, Cycle, Gate, Program

State = Application.State
OWN_COLUMNS = [
    field.attname for field in Application._meta.concrete_fields if not (field.is_relation or field.primary_key)
]


def read_again(application: Application) -> None:
    """What the database says of this application now; the row stays ours until the transaction ends."""
    application.refresh_from_db(fields=OWN_COLUMNS, from_queryset=Application.objects.select_for_update())


def decides(application: Application, by: User | None) -> None:
    """Only a seat that decides on applications does, and nobody on their own."""
    if by is None or by.has_perm("programs.decide_application", application):
        return
    if by.pk in application.people():
        raise NotAllowed(_("This is your own application: somebody else on the committee decides."))
    raise NotAllowed(_("Only the program's committee decides on applications."))


def in_the_way(application: Application, day: date) -> list[gates.Finding]:
    """The requirements of the apply stage that keep this application from being sent or accepted.

    What somebody agreed to when they sent it stays agreed, though the wording has changed since.
    """
    asked = gates_of(application.program, application.role)
    found = gates.unmet(facts(application, day), asked, Gate.Stage.APPLY)
    sent = application.state != State.DRAFT
    return [
        finding
        for finding in found
        if finding.consequence != Gate.Consequence.TELL and not (sent and finding.kind == Gate.Kind.AGREEMENT)
    ]


def holding(found: Iterable[gates.Finding]) -> list[gates.Finding]:
    """Those for which an application that is sent is kept."""
    return [
        finding
        for finding in found
        if finding.consequence == Gate.Consequence.HOLD and finding.kind != Gate.Kind.AGREEMENT
    ]


def holds(application: Application, day: date) -> list[gates.Finding]:
    """What this application is kept for."""
    return holding(in_the_way(application, day))


def admit(application: Application, *, by: User | None = None) -> Application:
    """Let an applicant into the cycle; every requirement of applying must be met or waived.

    One from the waiting list takes a place of the cap again, if there is one.
    """
    with transaction.atomic():
        read_again(application)
        decides(application, by)
        if found := in_the_way(application, application.cycle.today()):
            raise NotAllowed(found)
        if application.state == State.WAITLISTED:
            _take_place_again(application)
        journal.move(application, State.ADMITTED, by=by, decided_at=clock.now(), place_until=None)
        if by is not None:
            notices.accepted(application)
    return application


def admit_by_itself(application: Application) -> None:
    """Where the program accepts by itself, do so when nothing is open; a late one always waits for the committee."""
    automatic = application.program.admission == Program.Admission.AUTOMATIC
    if automatic and not application.late and not in_the_way(application, application.cycle.today()):
        admit(application)


def wait_list(application: Application, *, by: User | None, reason: str = "") -> Application:
    """Put an application on the waiting list; its place goes to somebody else, its waiting time begins or goes on.

    It waits for the committee from now on: a place that becomes free is offered to it by them, not by the calendar.
    """
    with transaction.atomic():
        read_again(application)
        decides(application, by)
        _not_in_a_pair(application)
        held = application.state in Application.HOLDS_A_PLACE
        since = application.waiting_since or application.cycle.today()
        decided = {"waiting_since": since, "decided_at": clock.now()}
        journal.move(application, State.WAITLISTED, by=by, reason=reason, **decided)
        if held:
            cycles.give_back(application.cycle, application.role)
        outbox.cancel(about=about(application), now=clock.now())
        notices.waiting_list(application)
    return application


def refuse(application: Application, *, by: User, note: str, reason: str = "") -> Application:
    """Not this time: `note` is what the applicant is told, in the committee's words, `reason` a short code."""
    if not note.strip():
        raise NotAllowed(_("Please tell the applicant why, in a sentence or two."))
    with transaction.atomic():
        read_again(application)
        decides(application, by)
        held = application.state in Application.HOLDS_A_PLACE
        journal.move(application, State.REFUSED, by=by, reason=reason, refusal=note.strip(), decided_at=clock.now())
        if held:
            cycles.give_back(application.cycle, application.role)
        outbox.cancel(about=about(application), now=clock.now())
        notices.not_this_time(application)
    return application


def release(application: Application, *, by: User | None = None) -> Application:
    """The membership is found: the kept application goes in, and is accepted by itself where the program does so.

    The day of joining counts: who was a member on the last day it was kept is in time, though the list came later.
    """
    with transaction.atomic():
        read_again(application)
        if application.state != State.HELD:
            raise NotAllowed(_("This application is not kept for a membership."))
        if found := holds(application, last_day_that_counts(application)):
            raise NotAllowed(found)
        journal.move(application, State.SUBMITTED, by=by, reason="membership found")
        outbox.cancel(about=about(application), now=clock.now())
        admit_by_itself(application)
        notices.membership_found(application)
    return application


def last_day_that_counts(application: Application) -> date:
    """Today, while the application is kept; afterwards the last day on which it was."""
    today = application.cycle.today()
    return min(today, application.held_until or today)


def expire(application: Application) -> Application:
    """The time for the membership is over: the place goes to somebody else."""
    with transaction.atomic():
        read_again(application)
        if application.state == State.HELD and application.cycle.today() <= (application.held_until or date.max):
            raise NotAllowed(_("This application is still kept."))
        journal.move(application, State.EXPIRED)
        cycles.give_back(application.cycle, application.role)
        outbox.cancel(about=about(application), now=clock.now())
        notices.not_kept(application)
    return application


def carry(application: Application, to: Cycle, *, by: User | None) -> Application:
    """Keep somebody who waits for a later cycle: a draft there with their answers, waiting since the same day."""
    with transaction.atomic():
        read_again(application)
        decides(application, by)
        if to.program_id != application.cycle.program_id or to.opens_on <= application.cycle.opens_on:
            raise NotAllowed(_("An application is kept for a later cycle of its own program."))
        journal.move(application, State.CARRIED, by=by)
        new = _there(application, to)
        journal.record(new, "carried", by=by)
    return new


def _there(application: Application, to: Cycle) -> Application:
    """Its application in the later cycle: the one begun there meanwhile, which takes the waiting time over, or a draft."""
    theirs = Application.objects.filter(cycle=to, user=application.user, role=application.role)
    begun = theirs.open().select_related("cycle__program__association", "user").first()
    if begun is None:
        return Application.objects.create(
            cycle=to,
            user=application.user,
            role=application.role,
            answers=application.answers,
            started_at=clock.now(),
            waiting_since=application.waiting_since,
            carried_from=application,
        )
    begun.waiting_since = min(filter(None, (begun.waiting_since, application.waiting_since)), default=None)
    begun.carried_from = begun.carried_from or application
    begun.save(update_fields=["waiting_since", "carried_from"])
    return begun


def _take_place_again(application: Application) -> None:
    """A place of the cap for somebody who waits; not one that is kept for somebody else."""
    cycle, role = application.cycle, application.role
    cycles.lock(cycle)
    kept = cycles.promised(cycle, role, but=application)
    if cycles.take_place(cycle, role, leaving=kept):
        return
    cycle.refresh_from_db(fields=["taken_mentors", "taken_mentees"])
    if kept and cycle.places_left(role):
        words = _(
            "The free places are kept for %(n)d of those who wait, who have been asked. Look again in a few days."
        )
        raise NotAllowed(words % {"n": kept})
    raise NotAllowed(_full(application))


def _not_in_a_pair(application: Application) -> None:
    place = places.held_for(application)
    if place:
        partner = place.mentee if application.role == "mentor" else place.mentor
        words = _("%(partner)s is matched with this person. End that first; then the application is free again.")
        raise NotAllowed(words % {"partner": partner})


def _full(application: Application) -> str:
    cycle, role = application.cycle, application.role
    words = _("All places are taken (%(taken)d of %(cap)d). Raise the limit or wait until one is free.")
    return words % {"cap": cycle.cap(role), "taken": cycle.taken(role)}
