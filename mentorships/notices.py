"""The mails of a mentoring year. Each is promised in the transaction of the act that it tells of."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.urls import reverse

from mail import outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient, Sender
from members import clock, journal
from members.models import User
from mentorships import days, shared
from mentorships.models import CheckIn, Mentorship, NextStep, Request
from mentorships.turn_to import contact_of
from programs.models import Page, Role

# What a contact person reads the answer to. Wishes, another year and what comes after an early end are the committee's.
OF_THE_CONTACT = {
    "first_contact",
    "partner_wrote",
    "write_first",
    "plan",
    "contact_changed",
    "check_in",
    "check_in_reminder",
    "closing",
}


def sender(mentorship: Mentorship) -> Sender:
    """The program; answers go to the pair's contact person, else to the committee."""
    found = mentorship.program.sender()
    liaison = contact_of(mentorship)
    if liaison:
        return replace(found, reply_to=liaison.email, contact=liaison.get_full_name())
    return found


def recipient(user: User) -> Recipient:
    return Recipient(user.email, user.get_full_name())


def introduction(mentorship: Mentorship, at: datetime) -> None:
    """One mail to both: contact, why these two, three openers, who writes first. An answer goes to the two of them."""
    mentor, mentee = shared.known(mentorship, Role.MENTOR), shared.known(mentorship, Role.MENTEE)
    now = clock.now()
    outbox.queue(
        key=f"{journal.about(mentorship)}:introduction",
        name="introduction",
        to=recipient(mentorship.mentee),
        also=recipient(mentorship.mentor),
        reply_to=f"{mentorship.mentee.email}, {mentorship.mentor.email}",
        sender=sender(mentorship),
        about=journal.about(mentorship),
        now=now,
        leaves_at=max(at, now),
        context={
            **_about(mentorship),
            "pair": [mentee, mentor],
            "openers": shared.three_openers(mentor, mentee),
            "hello_by": mentorship.introduced_on() + timedelta(days=days.SAY_HELLO_DAYS),
            "ways": [
                (one.title, absolute(f"{mentorship.program.get_absolute_url()}#way-{one.slug}"))
                for one in mentorship.program.pages.filter(kind=Page.Kind.OPPORTUNITIES)
            ],
        },
    )


def partner_wrote(mentorship: Mentorship, *, to: User) -> None:
    """Your partner wrote to you; perhaps it went astray."""
    to_one(mentorship, to, "partner_wrote", key=f"{journal.about(mentorship)}:partner-wrote:{to.pk}")


def write_first(mentorship: Mentorship, *, to: User, should: bool) -> None:
    """Nobody has written yet: three lines to copy."""
    to_one(
        mentorship,
        to,
        "write_first",
        key=write_first_key(mentorship, to),
        kind=Message.Kind.NUDGE,
        good_until=_too_late(mentorship, days.WRITE_FIRST_DAYS),
        context={"should": should},
    )


def write_first_key(mentorship: Mentorship, to: User) -> str:
    return f"{journal.about(mentorship)}:write-first:{to.pk}"


def plan(mentorship: Mentorship, *, to: User) -> None:
    """Ten minutes: how, how often, what for. Optional, and the pair's alone."""
    to_one(
        mentorship,
        to,
        "plan",
        key=plan_key(mentorship, to),
        kind=Message.Kind.NUDGE,
        good_until=_too_late(mentorship, days.PLAN_DAYS),
    )


def settled(mentorship: Mentorship, name: str) -> None:
    """Nothing reminds the two any more of what they have done: a first word ("write_first"), a plan ("plan")."""
    outbox.cancel(about=journal.about(mentorship), name=name, now=clock.now())


def plan_key(mentorship: Mentorship, to: User) -> str:
    return f"{journal.about(mentorship)}:plan:{to.pk}"


def closing(mentorship: Mentorship, *, to: User) -> None:
    """Two weeks to go."""
    to_one(mentorship, to, "closing", key=closing_key(mentorship, to))


def closing_key(mentorship: Mentorship, to: User) -> str:
    return f"{journal.about(mentorship)}:closing:{mentorship.term().ends_on}:{to.pk}"


def ended_early(
    mentorship: Mentorship,
    told: Iterable[User],
    *,
    note: str,
    words: Mapping[int, str],
    steps: Mapping[int, NextStep],
) -> None:
    """It has ended, and it is nobody's fault: to each alone, with the question what they would like now."""
    today = clock.today(mentorship.program.time_zone)
    remain = (mentorship.term().ends_on - today).days
    enough = remain >= mentorship.program.rematch_min_days
    answers = [(str(word), str(word.label)) for word in NextStep.Word if enough or word != NextStep.Word.NEW]
    for user in told:
        to_one(
            mentorship,
            user,
            "ended_early",
            key=f"{journal.about(mentorship)}:ended-early:{user.pk}",
            about=f"{journal.about(mentorship)}:end",
            context={
                "note": note,
                "words": words.get(user.pk, ""),
                "time_for_another": enough,
                "step": steps.get(user.pk),
                "answers": answers,
            },
        )


def message_received(request: Request) -> None:
    """We have it, a person reads it, by then you hear."""
    to_one(
        request.mentorship,
        request.user,
        "message_received",
        key=f"{journal.about(request)}:received",
        about=journal.about(request),
        context={"request": request, "hear_by": _in_days(request.mentorship, 3)},
    )


def request_answered(request: Request) -> None:
    to_one(
        request.mentorship,
        request.user,
        "request_answered",
        key=f"{journal.about(request)}:answered",
        about=journal.about(request),
        context={"request": request},
    )


def request_for_committee(request: Request) -> None:
    """Something waits for the committee: a link and no more, so that no name and no word lies in a shared mailbox."""
    program = request.mentorship.program
    link = reverse("admin:mentorships_request_change", args=[request.pk])
    outbox.queue(
        key=f"{journal.about(request)}:for-committee",
        name="request_for_committee",
        to=Recipient(program.reply_to, program.contact_name),
        sender=program.sender(),
        about=journal.about(request),
        now=clock.now(),
        context={"program": program, "answer_by": _in_days(request.mentorship, 3), "link": absolute(link)},
    )


def to_one(
    mentorship: Mentorship,
    user: User,
    name: str,
    *,
    key: str,
    about: str = "",
    kind: str = Message.Kind.ESSENTIAL,
    good_until: datetime | None = None,
    context: dict | None = None,
    found: Sender | None = None,
    held: bool = False,
) -> None:
    """One mail to one side of a pair, with what every such mail tells of the two."""
    partner = mentorship.partner_of(user)
    found = found or (sender(mentorship) if name in OF_THE_CONTACT else mentorship.program.sender())
    committee = mentorship.program.reply_to
    outbox.queue(
        key=key,
        name=name,
        kind=kind,
        good_until=good_until,
        held=held,
        to=recipient(user),
        sender=found,
        # What somebody writes to their contact person is not lost while that person is away.
        reply_to=found.reply_to if found.reply_to == committee else f"{found.reply_to}, {committee}",
        about=about or journal.about(mentorship),
        now=clock.now(),
        context={
            **_about(mentorship),
            "person": user,
            "role": mentorship.role_of(user),
            "partner": partner,
            "partner_word": mentorship.program.word_for(mentorship.role_of(partner)),
            **(context or {}),
        },
    )


def _about(mentorship: Mentorship) -> dict:
    return {
        "mentorship": mentorship,
        "program": mentorship.program,
        "term": mentorship.term(),
        "page": absolute(mentorship.get_absolute_url()),
    }


def short_answers(moment: str) -> list[tuple[str, str]]:
    """The one-tap answers of a question, in the words of its mail."""
    return [(str(word), str(CheckIn.Word(word).label)) for word in CheckIn.words_for(moment)]


def _too_late(mentorship: Mentorship, after: int) -> datetime:
    """From when on a word that was due so many days after the introduction would be odd."""
    day = mentorship.introduced_on() + timedelta(days=after + days.LATE_DAYS)
    return clock.end_of(day, mentorship.program.time_zone)


def _in_days(mentorship: Mentorship, count: int):
    return clock.today(mentorship.program.time_zone) + timedelta(days=count)
