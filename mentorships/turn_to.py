"""Whom a pair turns to today."""

from members import clock
from members.models import User
from mentorships.models import Mentorship
from programs.models import Seat


def contact_of(mentorship: Mentorship) -> User | None:
    """Their contact person, as long as that person has a committee role; None is the committee's own address.

    What somebody answers about a pair never goes to a person who has left the committee.
    """
    if mentorship.liaison_id is None:
        return None
    today = clock.today(mentorship.program.time_zone)
    seats = Seat.objects.filter(program=mentorship.cycle.program_id, user=mentorship.liaison_id).on(today)
    return mentorship.liaison if seats.exists() else None
