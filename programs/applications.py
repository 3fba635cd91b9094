"""An application as its person (or the committee on their behalf) begins, fills in, sends, changes and withdraws it.

The committee's and the calendar's verbs stand in `decisions`, agreements in `agreements`; all are named here too.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mail import outbox
from members import clock, journal
from members.journal import NotAllowed, about
from members.models import User
from members.words import day as in_words
from members.words import last_minute
from programs import cycles, dates, notices, notices_listing, places, questions
from programs.agreements import agree, on_behalf
from programs.columns import columns
from programs.decisions import (
    admit,
    admit_by_itself,
    carry,
    expire,
    holding,
    in_the_way,
    read_again,
    refuse,
    release,
    wait_list,
)
from programs.facts import facts, facts_of
from programs.models import Application, Cycle, Gate, Listing, Question, Role

__all__ = [
    "admit",
    "agree",
    "answers_to_start_from",
    "carry",
    "claim",
    "expire",
    "facts",
    "facts_of",
    "keep_for_next",
    "refuse",
    "release",
    "reopen",
    "save",
    "start",
    "submit",
    "wait_list",
    "withdraw",
]

State, Consequence = Application.State, Gate.Consequence
CAN_CHANGE = (State.SUBMITTED, State.HELD, State.WAITLISTED, State.ADMITTED)


def start(cycle: Cycle, user: User, role: str, *, by: User | None = None, at: datetime | None = None) -> Application:
    """Begin an application; who has an open one in this cycle and role gets that one back."""
    at = at or clock.now()
    theirs = Application.objects.filter(cycle=cycle, user=user, role=role)
    if kept := theirs.open().first():
        return _known(kept, cycle, user)
    _doors(cycle, at)
    application = Application(cycle=cycle, user=user, role=role, started_at=at)
    if by is not None:
        on_behalf(application, by)
    try:
        with transaction.atomic():
            application.save(force_insert=True)
            journal.record(application, "started", by=by or user)
            if role == Role.MENTOR:  # who offers again by themselves need not be asked
                notices_listing.answered(*Listing.objects.filter(program=cycle.program_id, user=user))
    except IntegrityError:
        kept = theirs.open().first()  # a second click was a moment faster
        if kept is None:
            raise
        return _known(kept, cycle, user)
    return application


def save(application: Application, answers: Mapping[str, Any], *, by: User) -> Application:
    """Keep these answers beside those given before (None takes one away): a draft any time, a sent one until the close.

    A draft may be unfinished. What is sent stays complete, and its person gets a copy of the change.
    """
    on_behalf(application, by)
    with transaction.atomic():
        read_again(application)
        draft = application.state == State.DRAFT
        if not draft:
            _may_change(application)
        asked = _asked(application)
        kept, errors = questions.clean(asked, {**application.answers, **answers}, partial=draft)
        if errors:
            raise NotAllowed(_named(asked, errors))
        if kept == application.answers:
            return application
        application.answers = kept
        changed = ["answers"]
        if not draft:
            changed += _fill_columns(application, asked)
        application.save(update_fields=changed)
        if not draft:
            entry = journal.record(application, "changed", by=by)
            notices.application_changed(application, entry)
    return application


def submit(application: Application, *, by: User, on_paper: date | None = None) -> Application:
    """Send an application. It is accepted by itself where the program does so, kept for a membership that is not found
    yet, put on the waiting list when the cycle is full, and left to the committee when it comes late.

    NotAllowed names everything that is missing. Sending it twice is sending it once. `on_paper` is the day on which the
    committee had it signed: then it counts as sent, whatever day it is brought in.
    """
    on_behalf(application, by)
    with transaction.atomic():
        read_again(application)
        if application.state in CAN_CHANGE:
            return application
        cycle, at = application.cycle, clock.now()
        if on_paper is None:
            _doors(cycle, at)
        else:
            at = min(at, clock.end_of(on_paper, cycle.zone))
        asked = _asked(application)
        found = in_the_way(application, cycle.today())
        if missing := _missing(application, asked, found):
            raise NotAllowed(missing)
        application.sent_at, application.late = at, at > cycle.closes_at()
        application.save(update_fields=["sent_at", "late", *_fill_columns(application, asked)])
        notices.draft_sent(application)
        _goes_to(application, holding(found), by)
    return application


def withdraw(application: Application, *, by: User, note: str = "") -> Application:
    """Take an application back; nothing more is mailed about it. Not while its person is in a pair of this cycle."""
    on_behalf(application, by)
    with transaction.atomic():
        read_again(application)
        if places.held_for(application):
            # Without a name: they may not have been introduced yet, and a Stop would still help.
            raise NotAllowed(
                _("Somebody counts on you already. Tell us that you have to leave; we take care of the rest.")
            )
        held = application.state in Application.HOLDS_A_PLACE
        journal.move(application, State.WITHDRAWN, by=by, withdrawal=note.strip(), decided_at=clock.now())
        if held:
            cycles.give_back(application.cycle, application.role)
        outbox.cancel(about=about(application), now=clock.now())
        notices.application_withdrawn(application)
    return application


def reopen(application: Application, *, by: User) -> Application:
    """After "not this time", make it a draft again: until the close."""
    on_behalf(application, by)
    with transaction.atomic():
        read_again(application)
        _doors(application.cycle, clock.now())
        if clock.now() > application.cycle.closes_at():
            raise NotAllowed(_("Applications closed on %s.") % in_words(application.cycle.closes_on))
        others = Application.objects.filter(cycle=application.cycle, user=application.user, role=application.role)
        if others.open().exists():
            raise NotAllowed(_("We have an application of yours already."))
        journal.move(application, State.DRAFT, by=by, verb="reopened", sent_at=None, decided_at=None, held_until=None)
    return application


def claim(application: Application, *, email: str = "", number: str = "", by: User) -> Application:
    """ "I am a member under this address or number." It proves nothing: it is a question to the membership office."""
    on_behalf(application, by)
    with transaction.atomic():
        read_again(application)
        if application.state not in (State.DRAFT, State.HELD):
            raise NotAllowed(_("Nothing is open about your membership."))
        application.claimed_email, application.claimed_number = email.strip().lower(), number.strip()
        application.claim_vouched = False
        application.save(update_fields=["claimed_email", "claimed_number", "claim_vouched"])
        journal.record(application, "claimed", by=by)
    return application


def keep_for_next(application: Application, wish: bool, *, by: User) -> Application:
    """Somebody who waits says whether to be kept for the next cycle."""
    on_behalf(application, by)
    with transaction.atomic():
        read_again(application)
        if application.state != State.WAITLISTED:
            raise NotAllowed(_("Only an application on the waiting list can be kept for the next cycle."))
        application.keep_for_next = wish
        application.save(update_fields=["keep_for_next"])
        journal.record(application, "keep for next" if wish else "not for next", by=by)
    return application


def answers_to_start_from(user: User, cycle: Cycle, role: str) -> tuple[dict[str, Any], str]:
    """What this person has told the program before, as far as the new form asks the same; and where it is from.

    The same role's last answers are all taken over; from the other role only what both are asked alike.
    """
    rows = Application.objects.filter(user=user, cycle__program=cycle.program_id, sent_at__isnull=False)
    earlier = rows.exclude(cycle=cycle, role=role).select_related("cycle").order_by("-sent_at")
    before = next((row for row in earlier if row.role == role), None) or next(iter(earlier), None)
    if before is None:
        return {}, ""
    asked = questions.of(cycle.program, Question.Moment.APPLICATION, role)
    shared = [question for question in asked if before.role == role or not question.role]
    answers, errors = questions.clean(shared, before.answers, partial=True)
    program = cycle.program
    words = _("Filled in from your application as a %(word)s, %(cycle)s. The old one stays as it was.")
    return answers, words % {"word": program.word_for(before.role), "cycle": before.cycle.name}


def _known(application: Application, cycle: Cycle, user: User) -> Application:
    application.cycle, application.user = cycle, user
    return application


def _doors(cycle: Cycle, at: datetime) -> None:
    """Nobody applies before the opening, when the committee has closed by hand, or once matches are announced."""
    if cycle.shut:
        raise NotAllowed(_("The committee has closed applications for %s.") % cycle.name)
    if at < cycle.opens_at():
        raise NotAllowed(_("Applications open on %s.") % in_words(cycle.opens_on))
    if at >= cycle.announced_at():
        raise NotAllowed(_("Applications for %s are over; the matches are announced.") % cycle.name)


def _may_change(application: Application) -> None:
    cycle, program = application.cycle, application.program
    if application.state not in CAN_CHANGE:
        raise NotAllowed(_("This application is not under way any more, so its answers stay as they are."))
    if clock.now() > cycle.closes_at():
        closed = last_minute(cycle.closes_on, program.time_zone, program.zone_word)
        raise NotAllowed(_("Answers could be changed until %s.") % closed)


def _asked(application: Application) -> list[Question]:
    return questions.of(application.program, Question.Moment.APPLICATION, application.role)


def _named(asked: list[Question], errors: Mapping[str, str]) -> list[str]:
    labels = {question.code: question.label for question in asked}
    return [
        _("“%(question)s” %(reason)s") % {"question": labels[c], "reason": errors[c]} for c in labels if c in errors
    ]


def _missing(application: Application, asked: list[Question], found: list) -> list[str]:
    """Everything that keeps an application from being sent at all, in words."""
    errors = questions.clean(asked, application.answers)[1]
    missing = _named(asked, errors)
    exceptions = any(finding.consequence == Consequence.EXCEPTION for finding in found)
    known = facts(application, application.cycle.today()) if exceptions else None
    for finding in found:
        asked_for = known and finding.consequence == Consequence.EXCEPTION and finding.code in known.asked
        if finding.kind == Gate.Kind.AGREEMENT or finding.consequence == Consequence.BLOCK:
            missing.append(finding.reason)
        elif known and finding.consequence == Consequence.EXCEPTION and not asked_for:
            hint = "" if finding.code in known.refused else _("You may ask for an exception.")
            missing.append(f"{finding.reason} {hint}".strip())
    return missing


def _fill_columns(application: Application, asked: list[Question]) -> list[str]:
    """Copy what lists filter by, and keep the wording that was answered; the names of what was written."""
    copied = {**columns(application.answers), "form_version": questions.version(asked)}
    for name, value in copied.items():
        setattr(application, name, value)
    return list(copied)


def _goes_to(application: Application, holding: list, by: User) -> None:
    """Waiting list, kept, or in: with the mail that says so."""
    today = application.cycle.today()
    if not cycles.take_turn(application.cycle, application.role):
        since = application.waiting_since or today
        journal.move(application, State.WAITLISTED, by=by, reason="full", waiting_since=since)
        notices.waiting_list(application)
    elif holding and not application.late:
        until = dates.hold_until(today, application.program.hold_days)
        journal.move(application, State.HELD, by=by, reason=holding[0].kind, held_until=until)
        notices.checking_membership(application)
    else:
        journal.move(application, State.SUBMITTED, by=by)
        admit_by_itself(application)
        if application.late:
            notices.late_application(application)
        else:
            notices.application_received(application)
