"""The mail to mentors on the list when a cycle opens."""

from mail import outbox
from mail.models import Message
from mail.outbox import Recipient
from members import clock
from members.journal import about
from programs.models import Cycle, Listing


def listing_asked(listing: Listing) -> None:
    """Are you available this time? Yes, not now, or pause: one tap, no sign-in."""
    program, user, cycle = listing.program, listing.user, listing.asked_for
    outbox.queue(
        key=asked_key(listing, cycle),
        name="listing_asked",
        kind=Message.Kind.NUDGE,
        good_until=cycle.closes_at(),
        to=Recipient(user.email, user.get_full_name()),
        sender=program.sender(),
        about=about(listing),
        now=clock.now(),
        context={
            "listing": listing,
            "cycle": cycle,
            "program": program,
            "person": user,
            "word": program.mentor_word,
            "partner_word": program.mentee_word,
            "answers": [(str(value), label) for value, label in Listing.Answer.choices],
        },
    )


def answered(*listings: Listing) -> None:
    """Nobody is asked any more who has answered, or has applied without being asked."""
    outbox.cancel(about=[about(listing) for listing in listings], name="listing_asked", now=clock.now())


def asked_key(listing: Listing, cycle: Cycle) -> str:
    """Under which key a listed mentor is asked once for a cycle."""
    return f"listing:{listing.pk}:asked:{cycle.pk}"
