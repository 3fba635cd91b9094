"""What an offer gives to the pages of the two: the mentor's own question, and honest, neutral words for both."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching import missing
from matching.models import Match
from matching.notices import HEAR_AGAIN
from matching.notices_offer import ANSWER_WITHIN
from members import clock
from members.mine import Line, Next, Part
from members.words import day as in_words
from programs.models import Application, Role
from programs.status import Said

State, Answer = Match.State, Match.Answer


def part(user, at: datetime) -> Part:
    """The offers that this person has to answer or has answered as a mentor."""
    found = Match.objects.offered_to(user).select_related("cycle__program", "mentee_application__user")
    rows = list(found.order_by("-offered_at", "-pk")[:10])
    return Part(
        next=tuple(
            _next(match) for match in rows if match.state in (State.OFFERED, State.EXPIRED) and _asks(match, at)
        ),
        past=tuple(line for match in rows for line in _past(match)),
    )


def _asks(match: Match, at: datetime) -> bool:
    """Whether the page of this offer still waits for something."""
    if match.state == State.OFFERED:
        return match.stopped_at is None
    return not match.answer and clock.day_of(at, match.program.time_zone) <= _still_in_until(match)


def _still_in_until(match: Match) -> date:
    """So long it stands on the page that somebody may say that they are still in."""
    return clock.day_of(match.answer_by, match.program.time_zone) + HEAR_AGAIN


def _next(match: Match) -> Next:
    program, name = match.program, match.mentee_application.user.get_short_name()
    url = reverse("offer", args=[match.pk])
    if match.state == State.EXPIRED:
        text = _("We had not heard from you in time, and no harm is done. One tap, and we think of you again.")
        return Next(
            _still_in_until(match),
            _("one tap"),
            _("Are you still in for %s?") % match.cycle.name,
            text,
            url,
            _("Yes, I am still in"),
        )
    until = clock.day_of(match.answer_by, program.time_zone)
    text = _("Who it is, why the two of you, and five answers. All of them are good ones.")
    return Next(until, _("two minutes"), _("Would you mentor %s?") % name, text, url, _("Look, and answer"))


def _past(match: Match) -> list[Line]:
    """When one was asked, and what one said."""
    zone, name = match.program.time_zone, match.mentee_application.user.get_short_name()
    url = reverse("offer", args=[match.pk])
    found = [
        Line(clock.day_of(match.offered_at, zone), _("We asked whether you would mentor %s.") % name, url, _("Look"))
    ]
    if match.answered_at and match.answer and match.state != State.EXPIRED:
        said = _("You told us: %s.") % match.get_answer_display()
        found.append(Line(clock.day_of(match.answered_at, zone), said))
    return found


def said(application: Application, today: date) -> Said | None:
    """Where an accepted application stands once mentors are asked; None where nothing else is to be said.

    A mentee reads the same words while somebody is asked, after a no and before another is asked: no trace of a no.
    """
    program = application.program
    if not program.mentor_confirms or application.state != Application.State.ADMITTED:
        return None
    match = _agreed(application)
    if match is not None:
        return _nearly_there(application, match)
    if application.role == Role.MENTOR:
        return _asked(application)
    return _looking(application, today)


def _agreed(application: Application) -> Match | None:
    """The pair that the mentor has said yes to and that is not introduced yet."""
    side = "mentor_application" if application.role == Role.MENTOR else "mentee_application"
    rows = Match.objects.filter(**{side: application}, state=State.ACCEPTED)
    return rows.select_related("mentor_application__user", "mentee_application__user").first()


def _nearly_there(application: Application, match: Match) -> Said:
    match.cycle = match.mentor_application.cycle = match.mentee_application.cycle = application.cycle
    open_points = missing.of(match, clock.now())
    own = open_points.by[application.pk]
    program, contact = application.program, {"else_to": application.program.reply_to}
    contact["else_who"] = program.contact_name
    now = _("You have a place, and there is somebody for you. One mail will introduce the two of you.")
    if own:
        by = max(point.by for point in own)
        return Said(
            _("Nearly there."),
            _("One thing is still missing from you; then everything else happens by itself."),
            now,
            " ".join(point.text for point in own),
            in_words(by),
            in_words(by + timedelta(days=1)),
            **contact,
        )
    day = open_points.introduced_on or match.cycle.today() + missing.SOON
    return Said(
        _("Nearly there."),
        _("From you nothing is missing. You need do nothing."),
        now,
        _("We introduce you as soon as everything is ready."),
        in_words(day),
        in_words(day + timedelta(days=1)),
        **contact,
    )


def _asked(application: Application) -> Said | None:
    """A mentor with an open offer."""
    rows = Match.objects.filter(mentor_application=application, state=State.OFFERED)
    match = rows.select_related("mentee_application__user").order_by("answer_by").first()
    if match is None:
        return None
    program = application.program
    until = in_words(clock.day_of(match.answer_by, program.time_zone))
    count = rows.count()
    heading = ngettext("We have a match for you.", "We have %(count)d matches for you.", count) % {"count": count}
    lede = _("Would you mentor %s? You find everything on a page of its own, under My mentoring and in our mail.")
    lede %= match.mentee_application.user.get_short_name()
    if match.stopped_at:
        answer_by = clock.day_of(match.stopped_at, program.time_zone) + ANSWER_WITHIN
        return Said(
            heading,
            lede,
            _("We have your question, and your time to answer stands still."),
            _("We answer by mail; then your time goes on."),
            in_words(answer_by),
            in_words(answer_by + timedelta(days=1)),
            program.reply_to,
            program.contact_name,
        )
    return Said(
        heading,
        lede,
        _("We wait for your answer. All five are good ones."),
        _("If we hear nothing, we go on without you this time, and no harm is done."),
        until,
        until,
        program.reply_to,
        program.contact_name,
    )


def _looking(application: Application, today: date) -> Said | None:
    """A mentee after the announcement: mentors are being asked, whoever and however many."""
    cycle, program = application.cycle, application.program
    if today <= cycle.announced_on:
        return None
    rounds = max(1, -((cycle.announced_on - today) // HEAR_AGAIN))
    day = cycle.announced_on + rounds * HEAR_AGAIN
    return Said(
        _("You’re in, and we are asking mentors."),
        _("Nobody is introduced before a %s has said yes, and sometimes we ask more than one. That takes a few weeks.")
        % program.mentor_word,
        _("Accepted. You need do nothing."),
        _("As soon as somebody has said yes, we write to you. By this day you hear either way."),
        in_words(day),
        in_words(day + timedelta(days=1)),
        program.reply_to,
        program.contact_name,
    )
