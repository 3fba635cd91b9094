"""A made-up pair and the mails of its year, made by the very code that makes them for real people, and forgotten at once.

Everything happens in one transaction that is always rolled back: no row stays, and no mail can leave.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from evaluations import receipts
from evaluations.models import Receipt
from mail.models import Message
from members import clock
from members.models import User
from mentorships import notices as of_pairs
from mentorships import terms
from mentorships.models import CheckIn, CheckInPlan, Mentorship
from programs import notices as of_applications
from programs import questions
from programs.models import Application, Cycle, Program, Question, Role

DOMAIN = "made-up.example.org"


class _Forget(Exception):
    """Raised at the end, so that nothing of it is kept."""


def play(program: Program) -> list[Message]:
    """The mails of a made-up year of this program's newest cycle, in the order of the year; none without a cycle."""
    cycle = program.cycles.order_by("-opens_on").first()
    if cycle is None:
        return []
    found: list[Message] = []
    try:
        with transaction.atomic():
            _year(cycle)
            found = list(Message.objects.filter(to_email__endswith=f"@{DOMAIN}").order_by("pk"))
            raise _Forget
    except _Forget:
        return found


def _year(cycle: Cycle) -> None:
    mentor, mentee = _person("Mo", "Castellanos"), _person("Bea", "Lindqvist")
    with clock.at(_noon(cycle, cycle.opens_on)):
        mentors, mentees = _application(cycle, mentor, Role.MENTOR), _application(cycle, mentee, Role.MENTEE)
        for tell in (of_applications.application_received, of_applications.accepted):
            for application in (mentees, mentors):
                tell(application)
        other = _application(cycle, _person("Cal", "Ferreira"), Role.MENTEE)
        other.waiting_since, other.refusal = cycle.opens_on, "…"
        of_applications.waiting_list(other)
        of_applications.not_this_time(other)
    begins = _noon(cycle, cycle.begins_on)
    with clock.at(begins):
        pair = terms.begin(mentor_application=mentors, mentee_application=mentees, at=begins)
    term = pair.term()
    for plan in CheckInPlan.objects.filter(program=cycle.program).order_by("after_months", "after_days"):
        if not CheckIn.objects.filter(mentorship=pair, moment=plan.moment).exists():
            _check_in(
                pair, plan, cycle.begins_on + timedelta(days=30 * (plan.after_months or 0) + (plan.after_days or 0))
            )
    with clock.at(_noon(cycle, cycle.begins_on + timedelta(days=21))):
        for user in (mentee, mentor):
            of_pairs.plan(pair, to=user)
    if cycle.program.midway_after_months:
        _evaluation(pair, Receipt.Moment.MIDWAY, term.begins_on + (term.ends_on - term.begins_on) / 2)
    with clock.at(_noon(cycle, term.ends_on - timedelta(days=14))):
        for user in (mentee, mentor):
            of_pairs.closing(pair, to=user)
    _evaluation(pair, Receipt.Moment.END, term.ends_on + timedelta(days=1))


def _check_in(pair: Mentorship, plan: CheckInPlan, day: date) -> None:
    with clock.at(_noon(pair.cycle, day)):
        for user in (pair.mentee, pair.mentor):
            row = CheckIn.objects.create(
                mentorship=pair,
                user=user,
                role=pair.role_of(user),
                plan=plan,
                moment=plan.moment,
                due_on=day,
                asked_at=clock.now(),
                answer_by=day + timedelta(days=14),
            )
            of_pairs.check_in(row)


def _evaluation(pair: Mentorship, moment: str, day: date) -> None:
    asked = Question.objects.filter(program=pair.program, moment=moment)
    with clock.at(_noon(pair.cycle, day)):
        for role in (Role.MENTEE, Role.MENTOR):
            if asked.filter(role__in=("", role)).exists():
                receipts.ask(pair.term(), role, moment, at=clock.now())


def _application(cycle: Cycle, user: User, role: str) -> Application:
    """An admitted application with the first answer to every question that offers some."""
    answers: dict = {}
    for question in questions.of(cycle.program, Question.Moment.APPLICATION, role):
        if question.options and question.kind in (Question.Kind.ONE, Question.Kind.SEVERAL):
            code = question.options[0]["code"]
            answers[question.code] = [code] if question.kind == Question.Kind.SEVERAL else code
    now = clock.now()
    made = {"answers": answers, "started_at": now, "sent_at": now, "decided_at": now}
    return Application.objects.create(cycle=cycle, user=user, role=role, state=Application.State.ADMITTED, **made)


def _person(first: str, last: str) -> User:
    return User.objects.create_user(
        f"{first.lower()}@{DOMAIN}", first_name=first, last_name=last, joined_at=clock.now()
    )


def _noon(cycle: Cycle, day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo(cycle.zone))
