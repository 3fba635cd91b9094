"""Two made-up people in a cycle, and every mail about applications that the program's rows can send them.

Made by the very functions that make them for real people. Whoever calls this takes everything back afterwards
(`mentoring.made_up`): nothing here may touch a row that was there before.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import Entry
from members.models import User
from programs import (
    due_training,
    notices,
    notices_listing,
    notices_training,
    notices_waiting,
    questions,
    training,
)
from programs.models import Application, Cycle, Gate, Listing, Program, Question, Role, Waiver

DOMAIN = "made-up.example.org"
State = Application.State


@dataclass(frozen=True)
class Two:
    """A made-up mentee and a made-up mentor, both accepted in one cycle."""

    mentee: Application
    mentor: Application

    @property
    def cycle(self) -> Cycle:
        return self.mentee.cycle

    @property
    def program(self) -> Program:
        return self.cycle.program

    @property
    def both(self) -> tuple[Application, Application]:
        return self.mentee, self.mentor

    def morning(self, day: date) -> datetime:
        """Nine in the morning of a day, where the program lives."""
        return datetime.combine(day, time(9), ZoneInfo(self.cycle.zone))


def two(cycle: Cycle) -> Two:
    """The two of them, who gave the first answer wherever there was a choice."""
    with clock.at(clock.start_of(cycle.opens_on, cycle.zone)):
        mentee, mentor = person("Bea", "Lindqvist"), person("Mo", "Castellanos")
        return Two(_application(cycle, mentee, Role.MENTEE), _application(cycle, mentor, Role.MENTOR))


def person(first: str, last: str) -> User:
    """Somebody made up; no mail reaches the address."""
    return User.objects.create_user(
        f"{first.lower()}@{DOMAIN}", first_name=first, last_name=last, joined_at=clock.now()
    )


def _application(cycle: Cycle, user: User, role: str) -> Application:
    answers: dict = {}
    for question in questions.of(cycle.program, Question.Moment.APPLICATION, role):
        if question.options and question.kind in (Question.Kind.ONE, Question.Kind.SEVERAL):
            code = question.options[0]["code"]
            answers[question.code] = [code] if question.kind == Question.Kind.SEVERAL else code
        elif question.kind == Question.Kind.TEXT:
            answers[question.code] = _("(a few sentences in their own words)")
    now = clock.now()
    made = {"answers": answers, "started_at": now, "sent_at": now, "decided_at": now, "state": State.ADMITTED}
    return Application.objects.create(cycle=cycle, user=user, role=role, **made)


def mails(pair: Two) -> None:
    """Every mail about an application that this program can send, each at the time of the year when it may come."""
    cycle = pair.cycle
    for day, tell in (
        (cycle.opens_on, _before),
        (cycle.opens_on + timedelta(days=1), _sent),
        (cycle.closes_on, _decided),
        (cycle.hear_by, _waits),
    ):
        with clock.at(pair.morning(day)):
            tell(pair)
    _memberships(pair)
    _workshops(pair)


def _before(pair: Two) -> None:
    """What somebody hears who has not sent anything yet."""
    cycle, program = pair.cycle, pair.program
    if program.mentor_listing:
        listed = {"program": program, "user": pair.mentor.user, "since": cycle.opens_on, "asked_for": cycle}
        notices_listing.listing_asked(Listing.objects.create(**listed))
    for one in pair.both:
        notices_waiting.next_cycle_opens(_as(one, State.DRAFT))
        if _gates(pair, one, kind=Gate.Kind.AGREEMENT, stage=Gate.Stage.APPLY):
            notices.agreement_needed(_as(one, State.DRAFT))
    with clock.at(pair.morning(cycle.closes_on - timedelta(days=7))):
        for one in pair.both:
            notices.draft_waiting(_as(one, State.DRAFT), 1)


def _sent(pair: Two) -> None:
    for one in pair.both:
        sent = _as(one, State.SUBMITTED if pair.program.admission == Program.Admission.COMMITTEE else State.ADMITTED)
        notices.application_received(sent)
        notices.application_changed(sent, Entry(pk=0))
        notices.application_withdrawn(_as(one, State.WITHDRAWN))


def _decided(pair: Two) -> None:
    for one in pair.both:
        with clock.at(pair.morning(pair.cycle.closes_on + timedelta(days=1))):
            notices.late_application(_as(one, State.SUBMITTED, late=True))
        for gate in _gates(pair, one, consequence=Gate.Consequence.EXCEPTION):
            reason = _("(the committee’s reason)")
            notices.exception_answered(Waiver(gate=gate, application=one, answer=Waiver.Answer.GRANTED, reason=reason))
        notices.accepted(one)
        notices.not_this_time(_as(one, State.REFUSED, refusal=_("(the committee’s reason)")))


def _waits(pair: Two) -> None:
    """Someone for whom there was no place, then one."""
    since = pair.cycle.closes_on
    offered = Entry(pk=0)
    for one in pair.both:
        waiting = _as(one, State.WAITLISTED, waiting_since=since)
        with clock.at(pair.morning(since)):
            notices.waiting_list(waiting)
        with clock.at(pair.morning(since + timedelta(days=2))):
            until = pair.cycle.today() + timedelta(days=3)
            notices_waiting.place_free(_as(one, State.WAITLISTED, place_until=until), offered, missing=[])
        notices_waiting.still_waiting(waiting, over=False, before=2, following=None)


def _memberships(pair: Two) -> None:
    """Where membership is asked for: kept, reminded, found; or looked at when the mentoring year begins."""
    sent = pair.morning(pair.cycle.opens_on + timedelta(days=1))
    until = pair.cycle.opens_on + timedelta(days=1 + pair.program.hold_days)
    asked = {one: _gates(pair, one, kind=Gate.Kind.MEMBERSHIP) for one in pair.both}
    kept = [one for one in pair.both if any(gate.consequence == Gate.Consequence.HOLD for gate in asked[one])]
    steps: tuple[tuple[int, Callable[[Application], None]], ...] = (
        (0, notices.checking_membership),
        (4, lambda one: notices.membership_reminder([one], 1)),
        (8, notices.membership_found),
    )
    for after, tell in steps:
        with clock.at(sent + timedelta(days=after)):
            for one in kept:
                tell(_as(one, State.ADMITTED if after == 8 else State.HELD, held_until=until))
    association = pair.program.association
    if kept and (association.membership_email or association.office_email):
        with clock.at(sent + timedelta(days=1)):
            held = [_as(one, State.HELD, held_until=until) for one in kept]
            notices.who_has_joined(pair.program, held, pair.cycle.today(), clock.now())
    with clock.at(pair.morning(pair.cycle.begins_on)):
        for one in pair.both:
            for gate in asked[one]:
                if gate.stage == Gate.Stage.START:
                    notices.told_at_start(one, gate, _("(what is missing)"))


def _workshops(pair: Two) -> None:
    """Invitation, reminder, and how to catch up where the workshop is required."""
    people = {found.application.pk: found for found in training.people(pair.both)}
    for one in pair.both:
        found = people[one.pk]
        for session in found.sessions[:1]:
            day = clock.day_of(session.starts_at, pair.cycle.zone)
            planned = [("workshop_invitation", -14, 0), ("workshop_reminder", -7, 1)]
            planned += [("workshop_missed", 1, 1)] if found.missing else []
            for name, after, number in planned:
                at = pair.morning(day + timedelta(days=after))
                key = f"{journal.about(one)}:{name}:made-up"
                with clock.at(at):
                    tell = getattr(notices_training, name)
                    tell(found, due_training.Mail(at, name, key, session, number))


def _as(application: Application, state: str, **more) -> Application:
    """The application as it would be in another state; nothing is written."""
    found = copy(application)
    for name, value in {"state": state, **more}.items():
        setattr(found, name, value)
    return found


def _gates(pair: Two, one: Application, **of) -> list[Gate]:
    """The program's requirements of this kind for this side."""
    return list(Gate.objects.filter(program=pair.program, role__in=["", one.role], **of))
