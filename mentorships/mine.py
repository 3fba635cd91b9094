"""What a pair gives to the page of each of the two."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from members import clock
from members.mine import Door, Line, Next, Part
from mentorships import days, topics_mine
from mentorships.check_ins import may_be_answered
from mentorships.extension import may_be_answered as may_extend
from mentorships.models import CheckIn, CheckInPlan, Extension, Mentorship
from programs import dates
from programs.models import Application, Question, Role
from programs.status import Pair


def pairs(user) -> list[Mentorship]:
    """This person's pairs, the newest first."""
    found = Mentorship.objects.filter(mentor=user) | Mentorship.objects.filter(mentee=user)
    return list(
        found.select_related("cycle__program__association", "mentor", "mentee", "liaison").prefetch_related("terms")
    )


def led_to(application: Application) -> list[Pair]:
    """The pairs that an application has led to, as its person reads of them."""
    side = "mentor_application" if application.role == Role.MENTOR else "mentee_application"
    found = Mentorship.objects.filter(**{side: application}).select_related("mentor", "mentee")
    return [Pair(str(pair.partner_of(application.user)), pair.get_absolute_url()) for pair in found]


def month_of(mentorship: Mentorship, today: date) -> tuple[int, int]:
    """Which month of how many this is: (2, 12)."""
    term = mentorship.term()
    months = max(1, dates.whole_months(term.begins_on, term.ends_on))
    if today < term.begins_on:
        return 0, months
    return min(months, dates.whole_months(term.begins_on, today) + 1), months


@dataclass(frozen=True)
class Year:
    """What a program asks its pairs, and when: looked up once for all of them."""

    plan: tuple[days.Planned, ...]
    moments: frozenset[str]


def year_of(program) -> Year:
    plan = CheckInPlan.objects.filter(program=program)
    moments = Question.objects.filter(program=program, moment__in=[Question.Moment.MIDWAY, Question.Moment.END])
    return Year(
        tuple(days.Planned(line.pk, line.moment, line.after_days, line.after_months) for line in plan),
        frozenset(moments.values_list("moment", flat=True)),
    )


def dates_of(mentorship: Mentorship, year: Year) -> list[tuple[date, str]]:
    """The days of a mentoring year that lie fixed, in words."""
    term, program = mentorship.term(), mentorship.program
    words = dict(CheckInPlan.Moment.choices)
    planned = days.planned_days(year.plan, mentorship.introduced_on(), term.begins_on)
    found = [(day, _("We ask: %s") % words[line.moment]) for day, line in planned if day <= term.ends_on]
    if program.midway_after_months and Question.Moment.MIDWAY in year.moments:
        halfway = dates.add_months(term.begins_on, program.midway_after_months)
        if halfway <= term.ends_on:
            found.append((halfway, _("Halfway: a few questions, for each of you alone")))
    found.append((term.ends_on, _("Your mentoring year ends")))
    if Question.Moment.END in year.moments:
        found.append((term.ends_on + timedelta(days=1), _("How was it? Four minutes")))
    return sorted(found)


def part(user, at: datetime, found: list[Mentorship]) -> Part:
    """What is next, ahead, past and possible for one of these pairs."""
    asked = CheckIn.objects.filter(user=user, mentorship__in=found) if found else ()
    own = {pair.pk: pair for pair in found}
    check_ins = []
    for check_in in asked:
        check_in.mentorship = own[check_in.mentorship_id]
        check_ins.append(check_in)
    return Part(
        (
            *(_question(one, user) for one in check_ins if not one.word and may_be_answered(one)),
            *_another_year(user, found),
        ),
        tuple(_ahead(found, at, user)),
        tuple(_past(found, check_ins, user)),
        tuple(_door(pair, user) for pair in found if pair.state in Mentorship.RUNNING),
    )


def _ahead(found: list[Mentorship], at: datetime, user) -> list[Line]:
    """What these pairs have before them."""
    lines, years = [], {}
    for pair in found:
        if pair.state == Mentorship.State.OPEN:
            today = clock.day_of(at, pair.program.time_zone)
            if pair.program.pk not in years:
                years[pair.program.pk] = year_of(pair.program)
            lines += [Line(day, words) for day, words in dates_of(pair, years[pair.program.pk]) if day > today]
    return lines + topics_mine.ahead(found, user)


def _past(found: list[Mentorship], asked: list[CheckIn], user) -> list[Line]:
    """What has happened: introductions, answers, ends."""
    lines = []
    for pair in found:
        partner, url = pair.partner_of(user).get_short_name(), pair.get_absolute_url()
        words = _("We introduced you and %s to each other.") % partner
        lines.append(Line(pair.introduced_on(), words, url, _("You and %s") % partner))
        if pair.state == Mentorship.State.COMPLETED:
            lines.append(Line(pair.ended_on, _("Your mentoring year with %s ended.") % partner))
        elif pair.state == Mentorship.State.ENDED:
            lines.append(Line(pair.ended_on, _("Your mentoring with %s ended before its last day.") % partner))
    for one in asked:
        if one.answered_at:
            day = clock.day_of(one.answered_at, one.mentorship.program.time_zone)
            lines.append(Line(day, _("You told us: %s.") % one.get_word_display()))
    return lines


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
            (f"{url}?answer={word}", CheckIn.Word(word).label.capitalize())
            for word in CheckIn.words_for(check_in.moment)
        ),
    )


def _another_year(user, found: list[Mentorship]) -> list[Next]:
    """Whether to go on together, where it is asked and not answered yet."""
    pairs = [pair for pair in found if pair.state == Mentorship.State.OPEN and pair.program.extension_months]
    if not pairs:
        return []
    own = {pair.pk: pair for pair in pairs}
    asked = Extension.objects.filter(user=user, word="", term__mentorship__in=pairs).select_related("term")
    lines = []
    for one in asked:
        pair = one.term.mentorship = own[one.term.mentorship_id]
        if may_extend(one):
            partner = pair.partner_of(user).get_short_name()
            url = reverse("extension", args=[one.pk])
            lines.append(
                Next(
                    by=one.answer_by,
                    kicker=_("half a minute"),
                    heading=_("One more year with %s?") % partner,
                    text=_("%s is asked the same alone, and does not see your answer.") % partner,
                    answers=tuple((f"{url}?answer={word}", word.label.capitalize()) for word in Extension.Word),
                )
            )
    return lines


def _door(pair: Mentorship, user) -> Door:
    """Where to say that something is not right."""
    return Door(
        _("Something isn’t right"),
        _("%s is told nothing unless you say so.") % pair.partner_of(user).get_short_name(),
        f"{pair.get_absolute_url()}#wrong",
    )
