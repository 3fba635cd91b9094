"""The mails with which somebody is asked how it is going: one to each person, however many pairs they have.

A mail that asks about several pairs holds the answers for each of them. When one of these questions is answered, or one
of these pairs ends, before the mail has left, it is taken back and asks about the rest only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from mail import addresses, outbox
from mail.links import absolute
from mail.models import Message
from members import clock, journal
from members.models import User
from mentorships import days, notices
from mentorships.models import CheckIn, Mentorship

MOST_IN_ONE = 12  # what the name of a mail has room for
MARK = "check-in:"
REMINDER = "check_in_reminder"


@dataclass(frozen=True)
class Several:
    """A few people as a text names them: all at once."""

    people: tuple[User, ...]

    def get_short_name(self) -> str:
        return get_text_list([one.get_short_name() for one in self.people], _("and"))

    def get_full_name(self) -> str:
        return get_text_list([one.get_full_name() for one in self.people], _("and"))


def asked(check_ins: Sequence[CheckIn]) -> None:
    """Have you been in touch, how is it going: asked of one person about each of their pairs, answered with one tap."""
    name = "first_contact" if check_ins[0].moment == "first_contact" else "check_in"
    for some in _chunks(check_ins):
        _ask(some, name, "asked")


def reminder(check_ins: Sequence[CheckIn], number: int) -> None:
    """The same question again, of use until the next reminder is due, the last one as long as it can be answered."""
    for some in _chunks(check_ins):
        kind, good_until = Message.Kind.NUDGE, min(_until_next(one, number) for one in some)
        _ask(some, REMINDER, f"reminder:{number}", kind=kind, good_until=good_until)


def settled(check_in: CheckIn) -> None:
    """Nothing asks or reminds of this question any more; what waits to ask about other pairs as well goes without it."""
    now = clock.now()
    waits = Message.objects.filter(addresses.WAITS | addresses.KEPT_BACK, to_email=check_in.user.email.lower())
    for message in waits.filter(key__startswith=MARK, key__contains="+"):
        _mark, numbers, occasion = message.key.split(":", 2)
        pks = {int(number) for number in numbers.split("+")}
        if check_in.pk in pks and outbox.cancel(about=message.about, key=message.key, now=now):
            _ask_the_rest(pks - {check_in.pk}, message, occasion)
    outbox.cancel(about=journal.about(check_in), now=now)


def _ask_the_rest(pks: set[int], message: Message, occasion: str) -> None:
    rest = CheckIn.objects.filter(pk__in=pks, word="", mentorship__state=Mentorship.State.OPEN).order_by("pk")
    people = (
        "user",
        *(f"mentorship__{name}" for name in ("mentor", "mentee", "liaison", "cycle__program__association")),
    )
    if found := list(rest.select_related(*people)):
        held = message.state == Message.State.HELD
        _ask(found, message.name, occasion, kind=message.kind, good_until=message.good_until, held=held)


def _ask(check_ins: Sequence[CheckIn], name: str, occasion: str, **more) -> None:
    """One mail about all of these, asked of one person at one moment."""
    first, user = min(check_ins, key=lambda one: one.answer_by), check_ins[0].user
    partners = [one.mentorship.partner_of(user) for one in check_ins]
    context = {
        "check_in": first,
        "asked": list(zip(check_ins, partners, strict=True)),
        "answers": notices.short_answers(first.moment),
        "several": len(check_ins) > 1,
    }
    if len(check_ins) > 1:
        terms = [one.mentorship.term() for one in check_ins]
        more["found"] = _sender([one.mentorship for one in check_ins])
        context |= {
            "partner": Several(tuple(partners)),
            "term": max(terms, key=lambda term: term.ends_on),
            "page": absolute(reverse("my")),
        }
    numbers = "+".join(str(one.pk) for one in check_ins)
    notices.to_one(
        first.mentorship,
        user,
        name,
        key=f"{MARK}{numbers}:{occasion}",
        about=journal.about(first),
        context=context,
        **more,
    )


def _sender(pairs: Sequence[Mentorship]) -> outbox.Sender:
    """Answers go to the contact person of all of these pairs; where they have not the same one, to the committee."""
    found = [notices.sender(pair) for pair in pairs]
    return found[0] if len({one.reply_to for one in found}) == 1 else pairs[0].program.sender()


def _chunks(check_ins: Sequence[CheckIn]) -> Iterable[Sequence[CheckIn]]:
    return (check_ins[place : place + MOST_IN_ONE] for place in range(0, len(check_ins), MOST_IN_ONE))


def _until_next(check_in: CheckIn, number: int) -> datetime:
    zone = check_in.mentorship.program.time_zone
    if number < len(days.REMINDERS):
        return days.morning(clock.day_of(check_in.asked_at, zone) + timedelta(days=days.REMINDERS[number]), zone)
    return clock.end_of(check_in.answer_by, zone)
