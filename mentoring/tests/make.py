"""Plain functions with which a rule of a guideline is told from outside: people apply, the committee matches, nights pass."""

from contextlib import suppress
from datetime import UTC, date, datetime

from django.db.models import Q

from mail.models import Message
from matching import proposals, runs
from matching.models import Match
from members import clock
from members.journal import NotAllowed
from members.models import Membership, User
from mentoring import planner
from mentorships.models import Mentorship
from programs.models import Application, Cycle, Program, Seat
from programs.tests.make import make_member, make_person, make_seat, send


def make_chair(program: Program, name: str = "Chi") -> User:
    """The chair, who belongs to no pair."""
    return make_seat(program, make_person(f"{name.lower()}@office.example.org", name, "Harper"), Seat.Role.CHAIR).user


def sits(client, program: Program, role: str) -> User:
    """Chi, who holds this seat, or looks after the site, signs in."""
    email = f"{role}-{program.slug}@kla.example.org"
    person = make_person(email, "Chi", "Harper", is_superuser=role == "site_admin")
    if role in Seat.Role.values:
        make_seat(program, person, role)
    client.force_login(person, backend="members.backends.SignInBackend")
    return person


def text_of(response) -> str:
    """A page in one line."""
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def on(year: int, month: int, day: int, hour: int = 17):
    """The clock at this hour (UTC) of a day."""
    return clock.at(datetime(year, month, day, hour, tzinfo=UTC))


def evening(program: Program, *day: int) -> None:
    """What the whole calendar does by the end of a day."""
    at = clock.end_of(date(*day), program.time_zone)
    with clock.at(at):
        list(planner.due(at))


def who(name: str) -> User:
    """Somebody by first name; the same person each time."""
    email = f"{name.lower()}@sample.example.org"
    return User.objects.filter(email=email).first() or make_person(email, name, "Sample")


def applies(cycle: Cycle, name: str, role: str, *, member: bool = True, **answers) -> Application:
    """Somebody fills in the form, agrees to everything and sends it; on the member list unless said otherwise."""
    if member and not Membership.objects.filter(email=who(name).email).exists():
        make_member(cycle.program.association, who(name).email)
    return send(cycle, who(name), role, **answers)


def suggested(cycle: Cycle, by: User) -> set[tuple[str, str]]:
    """A new suggestion: (mentor, mentee) by first names; empty when nobody can be matched."""
    with suppress(NotAllowed):
        runs.suggest(cycle, by=by)
    rows = Match.objects.filter(cycle=cycle, state=Match.State.DRAFT)
    names = rows.values_list("mentor_application__user__first_name", "mentee_application__user__first_name")
    return set(names)


def announced(cycle: Cycle, by: User) -> None:
    """Suggested and announced as it stands."""
    runs.suggest(cycle, by=by)
    proposals.announce(cycle, by=by)


def pair_of(name: str) -> Mentorship:
    """The newest pair in which somebody is the mentor or the mentee."""
    pairs = Mentorship.objects.filter(mentor=who(name)) | Mentorship.objects.filter(mentee=who(name))
    return pairs.order_by("pk").last()


def state_of(application: Application) -> str:
    application.refresh_from_db()
    return application.state


def mails(name: str) -> list[str]:
    """To whom a mail of this kind was promised, by first name."""
    found = Message.objects.filter(name=name).exclude(state=Message.State.CANCELLED).order_by("pk")
    return [mail.to_email.split("@")[0].title() for mail in found]


def told(name: str, person: str) -> str:
    """The newest mail of a kind to somebody, in one line of text."""
    theirs = Q(to_email=who(person).email) | Q(also_email=who(person).email)
    mail = Message.objects.filter(theirs, name=name).order_by("pk").last()
    return " ".join(mail.text.split())


def seen(client, person: User, url: str) -> str:
    """A page as this person reads it, in one line."""
    client.force_login(person)
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return " ".join(response.content.decode().split())
