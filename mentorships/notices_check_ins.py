"""The mails with which somebody is asked how it is going: one to each person, however many pairs they have.

A mail that asks about several pairs holds the answers for each of them. When one of these questions is answered, or one
of these pairs ends, before the mail has left, it is taken back and asks about the rest only.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse

from mail import outbox
from mail.links import absolute
from mail.models import Message
from members import clock, journal
from mentorships import days, notices, several
from mentorships.models import CheckIn, Mentorship

MARK = "check-in"
REMINDER = "check_in_reminder"
PEOPLE = (
    "user",
    *(f"mentorship__{name}" for name in ("mentor", "mentee", "liaison", "cycle__program__association")),
)


def asked(check_ins: Sequence[CheckIn]) -> None:
    """Have you been in touch, how is it going: asked of one person about each of their pairs, answered with one tap."""
    name = "first_contact" if check_ins[0].moment == "first_contact" else "check_in"
    for some in several.chunks(check_ins):
        _ask(some, name, "asked")


def reminder(check_ins: Sequence[CheckIn], number: int) -> None:
    """The same question again, of use until the next reminder is due, the last one as long as it can be answered."""
    for some in several.chunks(check_ins):
        kind, good_until = Message.Kind.NUDGE, min(_until_next(one, number) for one in some)
        _ask(some, REMINDER, f"reminder:{number}", kind=kind, good_until=good_until)


def settled(check_in: CheckIn) -> None:
    """Nothing asks or reminds of this question any more; what waits to ask about other pairs as well goes without it."""
    for short in several.taken_back(MARK, check_in, check_in.user):
        rest = CheckIn.objects.filter(pk__in=short.rest, word="", mentorship__state=Mentorship.State.OPEN)
        if found := list(rest.select_related(*PEOPLE).order_by("pk")):
            message = short.message
            more = {"kind": message.kind, "good_until": message.good_until, "held": short.held}
            _ask(found, message.name, short.occasion, **more)
    outbox.cancel(about=journal.about(check_in), now=clock.now())


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
            "partner": several.Several(tuple(partners)),
            "term": max(terms, key=lambda term: term.ends_on),
            "page": absolute(reverse("my")),
        }
    notices.to_one(
        first.mentorship,
        user,
        name,
        key=several.key(MARK, check_ins, occasion),
        about=journal.about(first),
        context=context,
        **more,
    )


def _sender(pairs: Sequence[Mentorship]) -> outbox.Sender:
    """Answers go to the contact person of all of these pairs; where they have not the same one, to the committee."""
    found = [notices.sender(pair) for pair in pairs]
    return found[0] if len({one.reply_to for one in found}) == 1 else pairs[0].program.sender()


def _until_next(check_in: CheckIn, number: int) -> datetime:
    zone = check_in.mentorship.program.time_zone
    if number < len(days.REMINDERS):
        return days.morning(clock.day_of(check_in.asked_at, zone) + timedelta(days=days.REMINDERS[number]), zone)
    return clock.end_of(check_in.answer_by, zone)
