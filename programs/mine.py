"""What applications give to a participant's own page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from members import clock
from members.mine import Door, Line, Next, Part
from programs import status, waiting
from programs.models import Application, Cycle, Role

State = Application.State
WAITS = (State.SUBMITTED, State.HELD, State.WAITLISTED, State.ADMITTED)


def applications(user) -> list[Application]:
    """This person's applications, the newest first."""
    rows = Application.objects.filter(user=user).select_related("cycle__program__association")
    return list(rows.order_by("-started_at", "-pk"))


def part(user, at: datetime, found: list[Application]) -> Part:
    """What is next, ahead, past and possible for somebody with these applications."""
    return Part(tuple(_next(found, at)), tuple(_ahead(found, at)), tuple(_past(found)), tuple(_doors(user, found, at)))


def _ahead(applications: list[Application], at: datetime) -> list[Line]:
    """By when one hears, as long as it lies ahead."""
    found = []
    for one in applications:
        today = clock.day_of(at, one.cycle.zone)
        if one.state in WAITS and one.cycle.hear_by >= today:
            words = _("By this day you hear from us about your application as a %s")
            found.append(Line(one.cycle.hear_by, words % _word(one), one.get_absolute_url(), _("Where it stands")))
    return found


def _past(applications: list[Application]) -> list[Line]:
    """What was sent and decided."""
    words = {
        State.ADMITTED: _("You were accepted as a %s."),
        State.REFUSED: _("You could not take part as a %s this time."),
        State.WITHDRAWN: _("You withdrew your application as a %s."),
    }
    found = []
    for one in applications:
        zone = one.cycle.zone
        if one.sent_at:
            sent = _("You sent your application as a %s.") % _word(one)
            found.append(Line(clock.day_of(one.sent_at, zone), sent, one.get_absolute_url(), _("Read it")))
        if one.decided_at and one.state in words:
            found.append(Line(clock.day_of(one.decided_at, zone), words[one.state] % _word(one)))
    return found


def _next(applications: list[Application], at: datetime) -> list[Next]:
    """Drafts that can still be sent, applications that wait for a membership, a place that is kept for them."""
    found = []
    for one in applications:
        today = clock.day_of(at, one.cycle.zone)
        said = status.say(one, today) if one.state in (State.DRAFT, State.HELD) else None
        if one.state == State.DRAFT and one.cycle.closes_on >= today:
            url = one.cycle.apply_url(one.role)
            found.append(
                Next(one.cycle.closes_on, _("eight minutes"), said.heading, said.lede, url, _("Go on writing"))
            )
        elif one.state == State.HELD and one.held_until:
            url = one.get_absolute_url()
            found.append(
                Next(one.held_until, _("one thing is open"), said.heading, said.lede, url, _("See what helps"))
            )
        elif waiting.has_offer(one, today):
            said, url = status.say(one, today), reverse("application_waiting", args=[one.pk])
            found.append(Next(one.place_until, _("one tap"), said.heading, said.lede, url, _("Take it, or let it go")))
    return found


def _doors(user, applications: list[Application], at: datetime) -> list[Door]:
    """Applying, where one has not applied in this role yet and applications are open."""
    has = {(one.cycle_id, one.role) for one in applications if one.state in Application.OPEN}
    found = []
    for cycle in Cycle.objects.visible_to(user).filter(shut=False).select_related("program"):
        if not cycle.is_open(at):
            continue
        both = any((cycle.pk, role) in has for role in Role.values)
        for role in Role.values:
            if (cycle.pk, role) not in has:
                word = cycle.program.word_for(role)
                title = _("Be a %s too") if both else _("Apply as a %s")
                note = _("Many people are both. Your shared answers are filled in already.") if both else str(cycle)
                found.append(Door(title % word, note, cycle.apply_url(role)))
    return found


def _word(application: Application) -> str:
    return application.program.word_for(application.role)
