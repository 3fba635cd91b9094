"""The mails about letters: it is ready, it is not possible, some wait to be signed."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.urls import reverse

from evaluations.models import ServiceLetter
from mail import outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient
from members import clock, journal
from members.models import User
from mentorships.days import morning
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
            good_until=morning(monday + timedelta(days=7), program.time_zone),
            to=Recipient(user.email, user.get_full_name()),
            sender=program.sender(),
            about=_to_sign(program),
            now=clock.now(),
            context={
                "program": program,
                "person": user,
                "count": count,
                "link": absolute(reverse("admin:evaluations_serviceletter_changelist")),
            },
        )


def signed(program: Program, signers: Iterable[User]) -> None:
    """Whoever has no letter left to sign is not told of one."""
    for user in signers:
        outbox.cancel(about=_to_sign(program), name="letters_to_sign", to=user.email, now=clock.now())


def _to_sign(program: Program) -> str:
    return f"program:{program.pk}"


def _to_mentor(letter: ServiceLetter, name: str) -> None:
    pair = letter.mentorship
    outbox.queue(
        key=f"{journal.about(letter)}:{name}:{letter.state}:{letter.asked_at:%Y%m%d%H%M%S}",
        name=name,
        to=Recipient(letter.user.email, letter.user.get_full_name()),
        sender=pair.program.sender(),
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
