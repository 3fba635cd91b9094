"""The mail that says who on the committee looks after a pair from now on."""

from mail import outbox
from members import clock, journal
from mentorships.models import Mentorship
from mentorships.notices import to_one


def contact_changed(mentorship: Mentorship, *, number: int) -> None:
    """To each of the two: name and address of the new contact. One that has not left yet is replaced by this one."""
    about = journal.about(mentorship)
    outbox.cancel(about=about, name="contact_changed", now=clock.now())
    for user in (mentorship.mentor, mentorship.mentee):
        key = f"{about}:contact:{number}:{user.pk}"
        to_one(mentorship, user, "contact_changed", key=key, context={"liaison": mentorship.liaison})
