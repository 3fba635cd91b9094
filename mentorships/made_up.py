"""A made-up pair's mentoring year, as far as the program's rows ask for it; taken back by `mentoring.made_up`."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from mail import outbox
from members import clock
from mentorships import (
    check_ins,
    days,
    extension,
    notices,
    notices_contacts,
    notices_extension,
    notices_topics,
    terms,
)
from mentorships.models import (
    CheckInPlan,
    CycleTopic,
    Extension,
    Mentorship,
    NextStep,
    Request,
    Term,
)
from programs.dates import last_day
from programs.made_up import Two, person
from programs.models import Gate, Program, Role, Seat


def mails(two: Two, why: str) -> Mentorship:
    """The pair from its introduction to two weeks before its end: each mail on the day on which it would leave."""
    pair = _introduced(two, why)
    term = pair.term()
    _first_weeks(two, pair)
    _questions(two, pair, term)
    _topics(two, pair)
    _wishes(two, pair, term)
    if two.program.extension_months and two.program.max_extensions:
        _another_year(two, pair, term)
    with clock.at(two.morning(term.ends_on - timedelta(days=days.CLOSING_DAYS))):
        for user in (pair.mentee, pair.mentor):
            notices.closing(pair, to=user)
    return pair


def _introduced(two: Two, why: str) -> Mentorship:
    """Introduced as soon as nothing is missing; where every pair has a contact person, to a made-up one."""
    at = two.morning(max(two.cycle.told_on, *_after_workshops(two)))
    with clock.at(at):
        lee = None
        if two.program.liaisons:
            lee = person("Lee", "Brandt")
            seat = {"user": lee, "program": two.program, "role": Seat.Role.LIAISON}
            Seat.objects.create(**seat, first_day=two.cycle.opens_on)
        return terms.begin(mentor_application=two.mentor, mentee_application=two.mentee, at=at, why=why, liaison=lee)


def _after_workshops(two: Two) -> list[date]:
    """The day after the last workshop that stands before an introduction."""
    asked = Gate.objects.filter(program=two.program, kind=Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE)
    starts = two.cycle.trainings.values_list("starts_at", flat=True) if asked.exists() else []
    return [two.cycle.announced_on, *(clock.day_of(at, two.cycle.zone) + timedelta(days=1) for at in starts)]


def _first_weeks(two: Two, pair: Mentorship) -> None:
    met = pair.introduced_on()
    with clock.at(two.morning(met + timedelta(days=days.WRITE_FIRST_DAYS))):
        for role, should in days.may_write_first(two.program.first_contact).items():
            notices.write_first(pair, to=pair.person(role), should=should)
    with clock.at(two.morning(met + timedelta(days=days.PLAN_DAYS))):
        for user in (pair.mentee, pair.mentor):
            notices.plan(pair, to=user)
    if pair.liaison_id:
        with clock.at(two.morning(met + timedelta(days=60))):
            notices_contacts.contact_changed(pair, number=1)


def _questions(two: Two, pair: Mentorship, term: Term) -> None:
    """First contact and check-ins of the program's plan; after the first of each kind, what follows from no answer."""
    lines = CheckInPlan.objects.filter(program=two.program)
    plan = [days.Planned(line.pk, line.moment, line.after_days, line.after_months) for line in lines]
    reminded = False
    for day, planned in days.planned_days(plan, pair.introduced_on(), term.begins_on):
        if day > term.ends_on:
            continue
        with clock.at(two.morning(day)):
            asked = check_ins.ask(pair, planned, day, at=clock.now())
            if planned.moment == CheckInPlan.Moment.FIRST_CONTACT:
                with clock.at(two.morning(day + timedelta(days=1))):
                    for user in (pair.mentee, pair.mentor):
                        notices.partner_wrote(pair, to=user)
        if not reminded:
            reminded = True
            with clock.at(two.morning(day + timedelta(days=days.REMINDERS[0]))):
                for one in asked:
                    check_ins.remind(one, 1)


def _topics(two: Two, pair: Mentorship) -> None:
    if two.program.topic_recipients == Program.TopicRecipients.NONE:
        return
    for one in CycleTopic.objects.filter(cycle=two.cycle, skipped=False).select_related("topic").order_by("number"):
        one.cycle = two.cycle
        for role in Role:
            with clock.at(two.morning(notices_topics.day_of(one, role))):
                outbox.queue_many([notices_topics.topic(one, role, [pair])])


def _wishes(two: Two, pair: Mentorship, term: Term) -> None:
    """Halfway each asks the committee for something and is answered; then the pair ends early."""
    half = two.morning(term.begins_on + (term.ends_on - term.begins_on) / 2)
    steps = {}
    for user in (pair.mentee, pair.mentor):
        with clock.at(half):
            wish = {"mentorship": pair, "user": user, "kind": Request.Kind.HELP}
            request = Request.objects.create(**wish, made_at=half)
            notices.message_received(request)
            if user == pair.mentee:
                notices.request_for_committee(request)
            of_role = {"user": user, "role": pair.role_of(user)}
            steps[user.pk] = NextStep.objects.create(mentorship=pair, **of_role, asked_at=half)
        with clock.at(half + timedelta(days=2)):
            request.state, request.answer = Request.State.DONE, _("(the committee’s answer)")
            notices.request_answered(request)
    with clock.at(half + timedelta(days=3)):
        notices.ended_early(
            pair, (pair.mentee, pair.mentor), note=_("(a word of the committee)"), words={}, steps=steps
        )


def _another_year(two: Two, pair: Mentorship, term: Term) -> None:
    """Asked, reminded, and told the result."""
    with clock.at(two.morning(term.ends_on - timedelta(days=extension.ASKED_DAYS))):
        asked: list[Extension] = extension.ask(term, at=clock.now())
    with clock.at(two.morning(term.ends_on - timedelta(days=extension.REMINDED_DAYS))):
        for one in asked:
            notices_extension.reminder(one)
    with clock.at(two.morning(term.ends_on - timedelta(days=extension.DECIDED_DAYS))):
        until = last_day(term.ends_on, two.program.extension_months)
        for user in (pair.mentee, pair.mentor):
            notices_extension.result(term, to=user, until=until)
