"""A mentor's letter of service: asked for by the mentor, signed by the chair or the deputy, checked by anybody.

It says who served from when to when, in true days, and nothing else of the pair.
"""

import secrets
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from evaluations import notices_letters as notices
from evaluations.models import ServiceLetter
from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from members.words import day as in_words
from mentorships.models import Mentorship
from programs import dates
from programs.models import Program, Seat
from programs.seats import LEAD

State = ServiceLetter.State
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read as something else
TRIES = 5


class Served(NamedTuple):
    """The first and the last day on which somebody was a mentor, up to a day; both count."""

    begins_on: date
    ends_on: date


def served(mentorship: Mentorship, today: date) -> Served:
    """The true days: from the first mentoring year's beginning to the end, or to today while it goes on."""
    first = min(term.begins_on for term in mentorship.terms.all())
    last = max(term.ends_on for term in mentorship.terms.all())
    return Served(first, min(mentorship.ended_on or last, last, today))


def may_ask_from(mentorship: Mentorship) -> date | None:
    """The first day on which the mentor may ask; None where the program writes no letters or it ended too soon for one."""
    program = mentorship.program
    if not program.service_letters:
        return None
    begins = min(term.begins_on for term in mentorship.terms.all())
    enough = dates.last_day(begins, program.letter_min_months)
    over = mentorship.ended_on if mentorship.state not in Mentorship.RUNNING else None
    return None if over and over < enough else enough


def ask(mentorship: Mentorship, *, by: User, name: str = "") -> ServiceLetter:
    """Ask for the letter, under the name that shall stand in it. Asking twice is asking once; after a no one may ask anew."""
    if by.pk != mentorship.mentor_id:
        raise NotAllowed(_("The letter is for the mentor of a pair."))
    day = may_ask_from(mentorship)
    if day is None:
        raise NotAllowed(
            _("This program writes a letter for %d months or more.") % mentorship.program.letter_min_months
            if mentorship.program.service_letters
            else _("This program writes no such letters.")
        )
    if clock.today(mentorship.program.time_zone) < day:
        raise NotAllowed(_("You can ask for your letter from %s on.") % in_words(day))
    kept = ServiceLetter.objects.filter(mentorship=mentorship)
    written = (name.strip() or by.get_full_name())[:150]
    if refused := kept.filter(state=State.REFUSED).first():
        with transaction.atomic():
            journal.move(refused, State.ASKED, by=by, asked_at=clock.now(), name_on_it=written, note="")
        return refused
    try:
        with transaction.atomic():
            letter = ServiceLetter.objects.create(
                mentorship=mentorship,
                user=by,
                asked_at=clock.now(),
                name_on_it=written,
            )
            journal.record(letter, "asked", by=by)
    except IntegrityError:
        if there := kept.first():
            return there
        raise
    return letter


def sign(letter: ServiceLetter, *, by: User) -> ServiceLetter:
    """Sign: the days, the name and a code of its own are kept for ever, and the mentor is told where the letter lies."""
    _may(letter, by)
    today = clock.today(letter.program.time_zone)
    days = served(letter.mentorship, today)
    with transaction.atomic():
        journal.move(
            letter,
            State.SIGNED,
            by=by,
            code=_new_code(),
            begins_on=days.begins_on,
            ends_on=days.ends_on,
            signed_on=today,
            signed_by=by,
            signature=_("%(name)s, for %(program)s") % {"name": by.get_full_name(), "program": letter.program},
        )
        _one_less(letter.program, today)
        notices.letter_ready(letter)
    return letter


def refuse(letter: ServiceLetter, *, by: User, note: str) -> None:
    """Not possible; the mentor reads why."""
    _settle(letter, State.REFUSED, by, note)


def revoke(letter: ServiceLetter, *, by: User, note: str) -> None:
    """Take a signed letter back: whoever checks its code reads that it no longer counts."""
    _settle(letter, State.REVOKED, by, note)


def find(code: str) -> ServiceLetter | None:
    """The letter of this code, signed or taken back, however the code is typed."""
    clean = "".join(sign for sign in code.upper() if sign.isalnum())
    if len(clean) != 8:
        return None
    rows = ServiceLetter.objects.select_related("mentorship__cycle__program__association")
    return rows.filter(code=_written(clean), state__in=[State.SIGNED, State.REVOKED]).first()


def _settle(letter: ServiceLetter, to: str, by: User, note: str) -> None:
    _may(letter, by)
    if not note.strip():
        raise NotAllowed(_("Please say why: the mentor reads it."))
    with transaction.atomic():
        journal.move(letter, to, by=by, note=note.strip())
        _one_less(letter.program, clock.today(letter.program.time_zone))
        notices.letter_not(letter)


def signers(program: Program, day: date, waiting: Iterable[ServiceLetter]) -> dict[User, int]:
    """Chair and deputy of that day, each with how many of these letters are theirs to sign."""
    seats = Seat.objects.filter(program=program, role__in=LEAD).on(day).select_related("user")
    waiting = list(waiting)
    return {seat.user: sum(seat.user_id not in one.people() for one in waiting) for seat in seats}


def _one_less(program: Program, today: date) -> None:
    """Whoever has nothing left to sign need not be told that something waits."""
    waiting = ServiceLetter.objects.filter(state=State.ASKED, mentorship__cycle__program=program)
    left = signers(program, today, waiting.select_related("mentorship"))
    notices.signed(program, [user for user, count in left.items() if not count])


def _may(letter: ServiceLetter, by: User) -> None:
    if not by.has_perm("evaluations.sign_letter", letter):
        raise NotAllowed(_("The chair or the deputy signs, and nobody a letter of a pair of their own."))


def _new_code() -> str:
    for _try in range(TRIES):
        code = _written(_drawn())
        if not ServiceLetter.objects.filter(code=code).exists():
            return code
    raise NotAllowed(_("No code was free. Please try again."))


def _drawn() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(8))


def _written(signs: str) -> str:
    return f"{signs[:4]}-{signs[4:]}"
