"""The mails about letters: it is ready, it is not possible, some wait to be signed."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from evaluations.models import ServiceLetter
from mail import outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient
from members import clock, journal
from members.models import User
from mentorships.notices import sender
from programs.models import Program


def letter_ready(letter: ServiceLetter) -> None:
    """Signed: here it lies, and this is how somebody checks it."""
    _to_mentor(letter, "letter_ready")


def letter_not(letter: ServiceLetter) -> None:
    """Not possible, or taken back, with the reason."""
    _to_mentor(letter, "letter_not")


def waiting_key(program: Program, monday: date, user: User) -> str:
    return f"letters-to-sign:{program.pk}:{monday}:{user.pk}"


def letters_to_sign(program: Program, signers: Iterable[User], count: int, monday: date) -> None:
    """Once a week, to those who sign, while somebody waits."""
    for user in signers:
        outbox.queue(
            key=waiting_key(program, monday, user),
            name="letters_to_sign",
            kind=Message.Kind.NUDGE,
            to=Recipient(user.email, user.get_full_name()),
            sender=program.sender(),
            about=f"program:{program.pk}",
            now=clock.now(),
            context={
                "program": program,
                "person": user,
                "count": count,
                "link": absolute(reverse("admin:evaluations_serviceletter_changelist")),
            },
        )


def _to_mentor(letter: ServiceLetter, name: str) -> None:
    pair = letter.mentorship
    outbox.queue(
        key=f"{journal.about(letter)}:{name}:{letter.state}:{letter.asked_at:%Y%m%d%H%M%S}",
        name=name,
        to=Recipient(letter.user.email, letter.user.get_full_name()),
        sender=sender(pair),
        about=journal.about(letter),
        now=clock.now(),
        context={
            "letter": letter,
            "program": pair.program,
            "person": letter.user,
            "pdf": absolute(reverse("letter_pdf", args=[letter.pk])),
            "check": absolute(reverse("letter_check", args=[letter.code])) if letter.code else "",
        },
    )
