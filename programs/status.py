"""Where an application stands, said in words to the person: what is now, what comes next and by when, and whom to ask."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import clock
from members.words import day as in_words
from programs import dates, waiting
from programs.models import Application, Program

State = Application.State


@dataclass(frozen=True)
class Said:
    """The heading of the page, a sentence, and the three lines. Without `else_by` nothing is expected any more."""

    heading: str
    lede: str
    now: str
    next: str = ""
    next_by: str = ""
    else_by: str = ""
    else_to: str = ""
    else_who: str = ""


@dataclass(frozen=True)
class Pair:
    """Somebody whom this application led to, and the page of the two."""

    partner: str
    url: str


_FINDERS: list[Callable[[Application], list[Pair]]] = []


def register_pairs(find: Callable[[Application], list[Pair]]) -> None:
    """Say who knows what became of an application once people are introduced. Called in an app's `ready`."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def pairs_of(application: Application) -> list[Pair]:
    """Everybody to whom this application has led: only after the introduction, never before."""
    if application.state != State.ADMITTED:
        return []
    return [pair for find in _FINDERS for pair in find(application)]


_MORE: list[Callable[[Application, date], Said | None]] = []


def register_said(find: Callable[[Application, date], Said | None]) -> None:
    """Say who has better words for an accepted application. Called in an app's `ready`."""
    if find not in _MORE:
        _MORE.append(find)


def say_introduced() -> Said:
    """The page's words once the two are introduced: there is nothing left to wait for."""
    return Said(
        _("You have been introduced."),
        _("This application did its work. Everything of your mentoring year is on the page of the two of you."),
        _("Accepted, matched and introduced."),
    )


def say(application: Application, today: date) -> Said:
    """The page's words for an application in its state."""
    for find in _MORE if application.state == State.ADMITTED else ():
        if found := find(application, today):
            return found
    return _SAYS[State(application.state)](application, today)


def still_open(application: Application) -> bool:
    """Whether its answers can still be changed: until the close, and for as long as it is under way."""
    cycle = application.cycle
    return clock.now() <= cycle.closes_at() and application.state in (
        State.SUBMITTED,
        State.HELD,
        State.WAITLISTED,
        State.ADMITTED,
    )


def membership_address(application: Application) -> str:
    """Who is asked about a membership."""
    association = application.program.association
    return association.membership_email or association.office_email or application.program.reply_to


def _after(day: date) -> str:
    """The day after which silence is a mistake of ours."""
    return in_words(dates.working_day_on_or_after(day + timedelta(days=1)))


def _committee(program: Program) -> dict[str, str]:
    return {"else_to": program.reply_to, "else_who": program.contact_name}


def _draft(application, today):
    closes = in_words(application.cycle.closes_on)
    return Said(
        _("Your application is not sent yet."),
        _("Everything you wrote is kept. Go on whenever you like."),
        _("A draft. Nobody decides on it before you send it."),
        _("Look it over and send it."),
        closes,
        _after(application.cycle.closes_on),
        **_committee(application.program),
    )


def _submitted(application, today):
    cycle = application.cycle
    lede = _("It came after the close. The committee decides whether there is still a place.")
    return Said(
        _("We have your application."),
        lede if application.late else _("The committee reads it and decides."),
        _("Sent and complete. You need do nothing."),
        _("You hear from us whether you take part."),
        in_words(cycle.hear_by),
        _after(max(cycle.hear_by, today)),
        **_committee(application.program),
    )


def _held(application, today):
    until = application.held_until or application.cycle.closes_on
    lede = _(
        "The member list we hold does not show %(address)s yet. That is common and quickly put right: "
        "lists arrive now and then, and people have more than one address."
    )
    return Said(
        _("Your application is kept. One thing is open."),
        lede % {"address": application.user.email},
        _("Kept, with its place. Nothing you wrote is lost, and nobody moves ahead of you."),
        _("The office looks for you. Once you are found, your application goes in by itself and we write to you."),
        in_words(until),
        _after(max(until, today)),
        membership_address(application),
    )


def _waitlisted(application, today):
    cycle = application.cycle
    if application.place_until and application.place_until >= today:
        return _place_kept(application)
    if today >= cycle.announced_on:
        return _waited(application)
    since = application.waiting_since or today
    days = (today - since).days
    now = _("On the waiting list since %(day)s.") % {"day": in_words(since)}
    age = ngettext("That is %d day.", "That is %d days.", days) % days if days else ""
    return Said(
        _("You are on the waiting list."),
        _waiting_reason(application),
        f"{now} {age}".strip(),
        _("When a place becomes free, we write to you at once. By this day you hear either way."),
        in_words(cycle.hear_by),
        _after(max(cycle.hear_by, today)),
        **_committee(application.program),
    )


def _place_kept(application):
    until = application.place_until
    return Said(
        _("A place is free for you."),
        _("It is kept for you until %(day)s. Then it goes to whoever waits next.") % {"day": in_words(until)},
        _("On the waiting list, and a place is kept for you."),
        _("Say whether you take it. One tap is enough."),
        in_words(until),
        _after(until),
        **_committee(application.program),
    )


def _waited(application):
    """The matches are made, and no place came free."""
    since = _("Your waiting counts since %(day)s.") % {"day": in_words(application.waiting_since)}
    if application.keep_for_next:
        return Said(
            _("Your application is kept for the next round."),
            _("The day it opens we write to you, and one tap sends your application again."),
            since,
        )
    return Said(
        _("No place came free this time."),
        _("Nothing is wrong with your application. Would you like us to keep it for the next round?"),
        since,
    )


def _waiting_reason(application):
    word = application.program.word_for(application.role)
    if application.cycle.cap(application.role) and application.decided_at is None:
        full = _("More people applied as a %(word)s than there are places this time. Nothing is wrong with yours.")
        return full % {"word": word}
    return _("The committee keeps your application ready. Nothing is wrong with it.")


def _admitted(application, today):
    cycle = application.cycle
    if waiting.not_matched(application):
        return _not_matched(application)
    other = application.program.mentee_word if application.role == "mentor" else application.program.mentor_word
    return Said(
        _("You're in."),
        _("Your application is accepted. Now the committee looks for the right two people."),
        _("Accepted. You need do nothing."),
        _("We look for your %(other)s, and write to you either way.") % {"other": other},
        in_words(cycle.told_on),
        _after(max(cycle.told_on, today)),
        **_committee(application.program),
    )


def _not_matched(application):
    other = application.program.mentee_word if application.role == "mentor" else application.program.mentor_word
    return Said(
        _("There is no match for you yet."),
        _("That says nothing about you or what you wrote. Stay in reserve, or be kept for the next round."),
        _("Accepted. When a %(other)s turns up who fits, we look at those who wait first.") % {"other": other},
    )


def _refused(application, today):
    return Said(
        _("It does not work out this time."),
        _("This says nothing about your work. Here is what we told you:"),
        _("Not taking part in this round."),
    )


def _expired(application, today):
    return Said(
        _("We no longer keep this application."),
        _("Your membership was not found in time, so your place went to somebody else."),
        _("Not kept any longer."),
    )


def _withdrawn(application, today):
    return Said(_("You have withdrawn this application."), _("Nothing more comes of it."), _("Withdrawn."))


def _carried(application, today):
    return Said(
        _("Your application is kept for the next round."),
        _("You need not write it again: we ask you for one tap when the next round opens."),
        _("Kept for the next round."),
    )


_SAYS = {
    State.DRAFT: _draft,
    State.SUBMITTED: _submitted,
    State.HELD: _held,
    State.WAITLISTED: _waitlisted,
    State.ADMITTED: _admitted,
    State.REFUSED: _refused,
    State.EXPIRED: _expired,
    State.WITHDRAWN: _withdrawn,
    State.CARRIED: _carried,
}
