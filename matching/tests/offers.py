"""A program in which mentors are asked first, on the evening of its announcement. Bea with Ann, Cal with Mo."""

from datetime import UTC, datetime, timedelta

from mail import links
from mail.models import Message
from matching import due, proposals, runs
from matching.models import Match
from matching.tests.make import make_mentee, make_mentor
from members import clock
from mentoring import presets
from programs.models import Attendance, Cycle, Training
from programs.tests.make import make_member

ANNOUNCED = datetime(2025, 10, 20, 20, tzinfo=UTC)
ASKED = ANNOUNCED + timedelta(minutes=15)
LAST_MOMENT = datetime(2025, 10, 28, 3, 59, 59, 999999, tzinfo=UTC)  # Monday, 27 October, the end of it, Eastern


def make_nela_cycle() -> Cycle:
    """The first cycle of a program with offers: announced on 20 October 2025, workshops on 4 and 18 November."""
    program = presets.load("nela").program
    return program.cycles.order_by("opens_on").first()


ALIKE = {"areas": ["cataloging-and-metadata"], "library_type": "public"}


def mentor(cycle, name="Ann", **answers):
    """A member who is accepted as a mentor and could fit anybody of these tests."""
    return _member(make_mentor(cycle, name, **{"employer": f"{name} Library", **ALIKE, **answers}))


def mentee(cycle, name="Bea", **answers):
    """The same as a mentee."""
    return _member(make_mentee(cycle, name, **{"employer": f"{name} Library", **ALIKE, **answers}))


def _member(application):
    make_member(application.program.association, application.user.email)
    return application


def announce(cycle, chi) -> dict[str, Match]:
    """Suggested, announced and asked: the offers by the mentee's first name."""
    with clock.at(ANNOUNCED):
        runs.suggest(cycle, by=chi)
        proposals.announce(cycle, by=chi)
    evening(ASKED)
    return by_mentee(cycle)


def by_mentee(cycle) -> dict[str, Match]:
    rows = Match.objects.filter(cycle=cycle, announced_at__isnull=False).select_related(
        "cycle__program__association", "mentor_application__user", "mentee_application__user"
    )
    return {match.mentee_application.user.first_name: match for match in rows.order_by("pk")}


def evening(at) -> list[tuple[str, str]]:
    """What the calendar does by a moment."""
    with clock.at(at):
        return [(one.what, one.about) for one in due.due(at)]


def mails(name, **asked) -> list[str]:
    """To whom a mail was promised, in the order of promising."""
    found = Message.objects.filter(name=name, **asked).exclude(state=Message.State.CANCELLED)
    return list(found.order_by("pk").values_list("to_email", flat=True))


def train(cycle, *applications):
    """They were at the first workshop."""
    workshop = Training.objects.filter(cycle=cycle).order_by("starts_at").first()
    for application in applications:
        Attendance.objects.create(training=workshop, user=application.user, attended_on=workshop.starts_at.date())


def link(match, purpose="offer") -> str:
    """Where the link of the newest mail to this mentor leads."""
    mail = Message.objects.filter(to_email=match.mentor_application.user.email, about=f"match:{match.pk}").first()
    return links.sign(mail, links.placeholder(purpose, match.pk)).split("example.org", 1)[-1]
