"""A mentor's places: taken at the announcement, free again at the end. The row is the occupation, across cycles."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members.journal import NotAllowed
from members.models import User
from programs.models import Application, Place, Program


def capacity(mentor_application: Application) -> int:
    """How many mentees this mentor takes: their own number, never more than the program's."""
    return max(0, min(mentor_application.mentees_wanted, mentor_application.program.mentor_capacity))


def take(mentor_application: Application, mentee: User, *, at: datetime) -> Place:
    """Give this mentee the mentor's lowest free place. NotAllowed names who was first when there is none left.

    Taking it twice gives the same place. Two at once cannot have one place: the database keeps each slot unique.
    """
    program, mentor = mentor_application.program, mentor_application.user
    if mentor.pk == mentee.pk:
        raise NotAllowed(_("Nobody mentors themselves."))
    while True:
        held = list(Place.objects.filter(program=program, mentor=mentor).select_related("mentee"))
        theirs = Place.objects.filter(program=program, mentee=mentee).select_related("mentor").first()
        if theirs and theirs.mentor_id == mentor.pk:
            return theirs
        if theirs:
            raise NotAllowed(_taken_by(mentee, theirs.mentor))
        taken = {place.slot for place in held}
        free = [slot for slot in range(1, capacity(mentor_application) + 1) if slot not in taken]
        if not free or len(held) >= capacity(mentor_application):
            raise NotAllowed(_nothing_free(mentor, held))
        try:
            with transaction.atomic():
                return Place.objects.create(
                    program=program,
                    mentor_application=mentor_application,
                    mentor=mentor,
                    mentee=mentee,
                    slot=free[0],
                    taken_at=at,
                )
        except IntegrityError:
            lost = Place.objects.filter(program=program)
            if not (lost.filter(mentor=mentor, slot=free[0]).exists() or lost.filter(mentee=mentee).exists()):
                raise


def free(mentor: User, mentee: User, program: Program) -> bool:
    """Give the place back: declined, cancelled, completed or ended early. False when there was none."""
    return bool(Place.objects.filter(program=program, mentor=mentor, mentee=mentee).delete()[0])


def held_for(application: Application) -> Place | None:
    """The place that this application gives or has in its own cycle."""
    held = Place.objects.filter(program=application.program, mentor_application__cycle=application.cycle_id)
    if application.role == "mentor":
        return held.filter(mentor_application=application).first()
    return held.filter(mentee=application.user_id).first()


def _taken_by(mentee: User, mentor: User) -> str:
    return _("%(mentee)s has %(mentor)s as a mentor already.") % {"mentee": mentee, "mentor": mentor}


def _nothing_free(mentor: User, held: list[Place]) -> str:
    if not held:
        return _("%(mentor)s takes no mentee at present.") % {"mentor": mentor}
    names = ", ".join(str(place.mentee) for place in held)
    return _("%(mentor)s has no place left: %(names)s came first.") % {"mentor": mentor, "names": names}
