"""What a pair gives to the page of each of the two."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from members import clock
from members.mine import Door, Line, Next
from mentorships import check_ins, days
from mentorships.models import CheckIn, CheckInPlan, Mentorship
from programs import dates
from programs.models import Question


def pairs(user) -> list[Mentorship]:
    """This person's pairs, the newest first."""
    found = Mentorship.objects.filter(mentor=user) | Mentorship.objects.filter(mentee=user)
    return list(
        found.select_related("cycle__program__association", "mentor", "mentee", "liaison").prefetch_related("terms")
    )


def month_of(mentorship: Mentorship, today: date) -> tuple[int, int]:
    """Which month of how many this is: (2, 12)."""
    term = mentorship.term()
    months = max(1, dates.whole_months(term.begins_on, term.ends_on))
    if today < term.begins_on:
        return 0, months
    return min(months, dates.whole_months(term.begins_on, today) + 1), months


def dates_of(mentorship: Mentorship) -> list[tuple[date, str]]:
    """The days of a mentoring year that lie fixed, in words."""
    term, program = mentorship.term(), mentorship.program
    plan = [
        days.Planned(line.pk, line.moment, line.after_days, line.after_months)
        for line in CheckInPlan.objects.filter(program=program)
    ]
    words = dict(CheckInPlan.Moment.choices)
    planned = days.planned_days(plan, mentorship.introduced_on(), term.begins_on)
    found = [(day, _("We ask: %s") % words[line.moment]) for day, line in planned if day <= term.ends_on]
    if program.midway_after_months and _asks(program, Question.Moment.MIDWAY):
        halfway = dates.add_months(term.begins_on, program.midway_after_months)
        if halfway <= term.ends_on:
            found.append((halfway, _("Halfway: a few questions, for each of you alone")))
    found.append((term.ends_on, _("Your mentoring year ends")))
    if _asks(program, Question.Moment.END):
        found.append((term.ends_on + timedelta(days=1), _("How was it? Four minutes")))
    return sorted(found)


def _asks(program, moment: str) -> bool:
    return program.questions.filter(moment=moment).exists()


def ahead(user, at: datetime) -> list[Line]:
    """What this person's pairs have before them, and answers that may still be given."""
    found = []
    for pair in pairs(user):
        if pair.state == Mentorship.State.OPEN:
            today = clock.day_of(at, pair.program.time_zone)
            found += [Line(day, words) for day, words in dates_of(pair) if day > today]
    return found


def past(user, at: datetime) -> list[Line]:
    """What has happened: introductions, answers, ends."""
    found = []
    for pair in pairs(user):
        partner, url = pair.partner_of(user).get_short_name(), pair.get_absolute_url()
        words = _("We introduced you and %s to each other.") % partner
        found.append(Line(pair.introduced_on(), words, url, _("You and %s") % partner))
        if pair.state == Mentorship.State.COMPLETED:
            found.append(Line(pair.ended_on, _("Your mentoring year with %s ended.") % partner))
        elif pair.state == Mentorship.State.ENDED:
            found.append(Line(pair.ended_on, _("Your mentoring with %s ended before its last day.") % partner))
    answered = CheckIn.objects.filter(user=user, answered_at__isnull=False).select_related("mentorship__cycle__program")
    for check_in in answered:
        day = clock.day_of(check_in.answered_at, check_in.mentorship.program.time_zone)
        found.append(Line(day, _("You told us: %s.") % check_in.get_word_display()))
    return found


def next(user, at: datetime) -> list[Next]:
    """Questions that wait for this person's answer."""
    waiting = CheckIn.objects.filter(user=user, word="", mentorship__state__in=Mentorship.RUNNING)
    waiting = waiting.select_related("mentorship__cycle__program", "mentorship__mentor", "mentorship__mentee")
    return [_question(one, user) for one in waiting if check_ins.may_be_answered(one)]


def _question(check_in: CheckIn, user) -> Next:
    partner = check_in.mentorship.partner_of(user).get_short_name()
    url = reverse("check_in", args=[check_in.mentorship_id, check_in.pk])
    heading = (
        _("Have you and %s been in touch?") if check_in.moment == "first_contact" else _("How is it going with %s?")
    )
    return Next(
        by=check_in.answer_by,
        kicker=_("half a minute"),
        heading=heading % partner,
        text=_("Your answer goes to the committee. %s does not see it.") % partner,
        answers=tuple(
            (f"{url}?answer={word}", CheckIn.Word(word).label.capitalize()) for word in CheckIn.WORDS[check_in.moment]
        ),
    )


def doors(user, at: datetime) -> list[Door]:
    """Where to say that something is not right."""
    return [
        Door(
            _("Something isn’t right"),
            _("%s is told nothing unless you say so.") % pair.partner_of(user).get_short_name(),
            f"{pair.get_absolute_url()}#wrong",
        )
        for pair in pairs(user)
        if pair.state in Mentorship.RUNNING
    ]
