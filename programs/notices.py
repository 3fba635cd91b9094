"""The mails about applications: one function a mail, queued in the transaction of what it tells of."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mail import links, outbox
from mail.models import Message
from mail.outbox import Recipient
from members import clock
from members.journal import about
from members.models import Entry
from programs import dates, facts, gates, questions
from programs.models import Application, Gate, Program, Question, Waiver


def application_received(application: Application) -> None:
    """We have it: a copy, what is now, what comes next and by when. Says so when it was accepted by itself."""
    answers, to_join = _copy(application), _to_join(application)
    _send(application, "application_received", "received", verb="submitted", answers=answers, to_join=to_join)


def late_application(application: Application) -> None:
    """It came after the close; the committee decides."""
    _send(application, "late_application", "late", verb="submitted", answers=_copy(application))


def checking_membership(application: Application) -> None:
    """The member list does not show this person yet: kept until a day, and what one can do."""
    office = application.program.association.membership_email
    answers = _copy(application)
    _send(application, "checking_membership", "checking_membership", verb="held", reply_to=office, answers=answers)


def membership_reminder(kept: list[Application], which: int, *, last: bool = False) -> None:
    """One step left for what one person has sent; `last` on the day before the place goes to somebody else.

    It is of use until the day of the last reminder, and that one as long as the place is kept.
    """
    application = kept[0]
    zone, until = application.cycle.zone, application.held_until or application.cycle.today()
    good_until = clock.end_of(until, zone) if last else clock.start_of(until - timedelta(days=1), zone)
    office = application.program.association.membership_email
    key = f"{about(application)}:membership_reminder:{which}"
    word = _(" and as a ").join(one.program.word_for(one.role) for one in kept)
    _nudge(key, application, "membership_reminder", good_until, reply_to=office, last=last, word=word)


def told_at_start(application: Application, gate: Gate, reason: str) -> None:
    """The mentoring year begins and a requirement is not met: the person is told, nothing stops."""
    office = application.program.association.membership_email
    key = start_key(application.pk, gate.code)
    _queue(key, application, "membership_reminder", reply_to=office, at_start=True, reason=reason)


def start_key(application: int, code: str) -> str:
    """Under which key somebody is told once about a requirement at the start."""
    return f"application:{application}:start:{code}"


def joined_key(program: Program, day: date) -> str:
    """Under which key the membership office is asked on a day."""
    return f"program:{program.slug}:who_has_joined:{day.isoformat()}"


def membership_found(application: Application) -> None:
    """The membership is found and the application is in."""
    _send(application, "membership_found", "membership_found", verb="submitted")


def application_changed(application: Application, entry: Entry) -> None:
    """A copy of the answers as they are now."""
    key = f"{about(application)}:changed:{entry.pk}"
    _queue(key, application, "application_changed", answers=_copy(application))


def application_withdrawn(application: Application) -> None:
    """It is withdrawn, and how to come back."""
    may_come_back = clock.now() <= application.cycle.closes_at() and not application.cycle.shut
    _send(application, "application_withdrawn", "withdrawn", may_come_back=may_come_back)


def accepted(application: Application) -> None:
    """The committee has said yes."""
    _send(application, "accepted", "accepted", verb="admitted")


def not_this_time(application: Application) -> None:
    """The committee's answer in its own words, and what is possible."""
    may_write_again = clock.now() <= application.cycle.closes_at()
    _send(application, "not_this_time", "refused", note=application.refusal, may_write_again=may_write_again)


def not_kept(application: Application) -> None:
    """The membership was not found in time."""
    may_write_again = clock.now() <= application.cycle.closes_at()
    _send(application, "not_this_time", "expired", expired=True, may_write_again=may_write_again)


def waiting_list(application: Application) -> None:
    """On the waiting list: why, since when, and by when they hear."""
    cap = application.cycle.cap(application.role)
    _send(application, "waiting_list", "waiting_list", verb="waitlisted", full=cap is not None)


def exception_answered(waiver: Waiver) -> None:
    """The answer to a request for an exception, with its reason."""
    application = waiver.application
    granted = waiver.answer == Waiver.Answer.GRANTED
    key = f"{about(application)}:exception:{waiver.gate.code}"
    _queue(key, application, "exception_answered", granted=granted, gate=waiver.gate, reason=waiver.reason)


def draft_waiting(application: Application, which: int) -> None:
    """Not sent yet, and the close comes nearer. What was brought in for somebody leads to their own page for it."""
    brought_in = application.claim_vouched
    apply = links.absolute(application.cycle.apply_url(application.role))
    link = links.placeholder("agree", application.pk) if brought_in else apply
    key, last, cycle = f"{about(application)}:draft_waiting:{which}", which > 1, application.cycle
    days = dates.draft_reminders(cycle.closes_on)
    good_until = cycle.closes_at() if last else clock.start_of(days[which], cycle.zone)
    _nudge(key, application, "draft_waiting", good_until, link=link, last=last, brought_in=brought_in)


def draft_sent(*drafts: Application) -> None:
    """Nothing reminds of a draft that was sent, or that cannot be sent any more."""
    outbox.cancel(about=[about(draft) for draft in drafts], name="draft_waiting", now=clock.now())


def draft_open_again(*drafts: Application) -> None:
    """These can be sent after all: what reminded of them does so again."""
    outbox.bring_back(about=[about(draft) for draft in drafts], name="draft_waiting", now=clock.now())


def agreement_needed(application: Application) -> None:
    """Brought in by the committee: its person is asked to agree and to send it, by a link for them alone."""
    link = links.placeholder("agree", application.pk)
    context = {"answers": _copy(application), "in_time": clock.now() <= application.cycle.closes_at()}
    _queue(f"{about(application)}:agreement_needed", application, "agreement_needed", link=link, **context)


def who_has_joined(program: Program, people: list[Application], day: date, leaves_at: datetime) -> None:
    """To the membership office, on days when somebody waits for its yes."""
    office = program.association.membership_email or program.association.office_email
    by_person = {application.user_id: application for application in reversed(people)}
    outbox.queue(
        key=joined_key(program, day),
        name="who_has_joined",
        to=Recipient(office, program.association.name),
        sender=program.sender(),
        about=program.scope,
        now=clock.now(),
        leaves_at=leaves_at,
        context={
            "program": program,
            "people": sorted(by_person.values(), key=lambda one: (one.held_until or day, one.pk)),
            "link": links.absolute(reverse("admin:programs_is_this_a_member")),
        },
    )


def to_applicant(key: str, application: Application, name: str, **context: Any) -> None:
    """One more mail about an application, told of in a module of its own."""
    _queue(key, application, name, **context)


def _send(
    application: Application, name: str, occasion: str, *, verb: str = "", reply_to: str = "", **context: Any
) -> None:
    """A mail about something that may happen to an application again: the second time has a key of its own."""
    times = Entry.objects.filter(about=about(application), verb=verb or occasion).count()
    key = f"{about(application)}:{occasion}" + (f":{times}" if times > 1 else "")
    _queue(key, application, name, reply_to=reply_to, **context)


def _nudge(key: str, application: Application, name: str, good_until: datetime, **context: Any) -> None:
    """A reminder: it may have to wait for its turn, and is taken back when its reason has gone."""
    _queue(key, application, name, kind=Message.Kind.NUDGE, good_until=good_until, **context)


def _queue(
    key: str,
    application: Application,
    name: str,
    *,
    kind: str = Message.Kind.ESSENTIAL,
    good_until: datetime | None = None,
    reply_to: str = "",
    link: str = "",
    **context: Any,
) -> None:
    cycle, program, user = application.cycle, application.program, application.user
    outbox.queue(
        key=key,
        name=name,
        kind=kind,
        good_until=good_until,
        to=Recipient(user.email, user.get_full_name()),
        sender=program.sender(),
        about=about(application),
        now=clock.now(),
        reply_to=reply_to,
        context={
            "application": application,
            "cycle": cycle,
            "program": program,
            "association": program.association,
            "person": user,
            "word": program.word_for(application.role),
            "partner_word": program.mentee_word if application.role == "mentor" else program.mentor_word,
            "link": link or links.absolute(application.get_absolute_url()),
            "program_link": links.absolute(program.get_absolute_url()),
            "after": _after(application),
            **context,
        },
    )


def _after(application: Application) -> dict[str, date]:
    """The working days after which silence is a mistake of ours."""
    cycle = application.cycle
    days = {"announced": cycle.told_on, "hear": cycle.hear_by, "held": application.held_until or cycle.hear_by}
    today = cycle.today()
    return {name: dates.working_day_on_or_after(max(day, today) + timedelta(days=1)) for name, day in days.items()}


def _copy(application: Application) -> list[questions.Answered]:
    """The answers as they were given, for the person's own copy."""
    asked = application.form_version or questions.of(application.program, Question.Moment.APPLICATION, application.role)
    return questions.labelled(asked, application.answers)


def _to_join(application: Application) -> str:
    """For somebody who is no member yet where that is looked at only when the mentoring year begins: what is asked."""
    asked = [
        gate
        for gate in facts.gates_of(application.program, application.role)
        if (gate.kind, gate.stage) == (Gate.Kind.MEMBERSHIP, Gate.Stage.START)
    ]
    missing = asked and gates.unmet(facts.facts(application, application.cycle.today()), asked, Gate.Stage.START)
    return (asked[0].text or missing[0].reason) if missing else ""
