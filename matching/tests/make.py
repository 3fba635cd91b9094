"""What a test of matching needs: a program set up like KLA's, accepted people with answers, the committee."""

from datetime import UTC, date, datetime

from members import clock
from members.models import User
from mentoring import presets
from programs.models import Application, Cycle, Program, Role, Seat
from programs.tests.make import make_answers, make_person, make_seat

MATCHING_DAY = datetime(2025, 10, 8, 19, tzinfo=UTC)


def matching_evening():
    """The clock on the evening on which the committee matches: a week before the introductions."""
    return clock.at(MATCHING_DAY)


def make_cycle() -> Cycle:
    """KLA's first cycle: open in September 2025, introduced on Wednesday 15 October."""
    program = Program.objects.filter(slug="kla").first() or presets.load("kla", opens=date(2025, 9, 1)).program
    return program.cycles.get()


def make_committee(program: Program) -> dict[str, User]:
    """Chi is the chair, Dee her deputy, Mim a member of the committee, Lee a contact person, Sam nobody here."""
    seats = {"chi": Seat.Role.CHAIR, "dee": Seat.Role.DEPUTY, "mim": Seat.Role.COMMITTEE, "lee": Seat.Role.LIAISON}
    people = {name: make_person(f"{name}@kla.example.org", name.title(), "Harper") for name in [*seats, "sam"]}
    for name, role in seats.items():
        make_seat(program, people[name], role)
    return people


def make_accepted(cycle: Cycle, name: str, role: Role, user: User | None = None, **answers) -> Application:
    """Somebody who is in: `answers` on top of the least that the form asks for; columns are filled from them."""
    user = user or make_person(f"{name.lower().replace(' ', '.')}@sample.example.org", *f"{name} ".split(" ", 1))
    wanted = answers.pop("mentees_wanted", 1)
    given = make_answers(cycle.program, role, **answers)
    return Application.objects.create(
        cycle=cycle,
        user=user,
        role=role,
        state=Application.State.ADMITTED,
        answers=given,
        started_at=datetime(2025, 9, 5, tzinfo=UTC),
        sent_at=datetime(2025, 9, 5, tzinfo=UTC),
        years=given.get("years"),
        library_type=given.get("library_type", ""),
        region=given.get("region") or "",
        employer=given.get("employer") or "",
        employer_group=(given.get("employer") or "").casefold(),
        time_zone=given.get("time_zone", ""),
        mentees_wanted=wanted,
    )


def make_mentor(cycle: Cycle, name: str = "Ann", **answers) -> Application:
    return make_accepted(cycle, name, Role.MENTOR, **{"years": 12, **answers})


def make_mentee(cycle: Cycle, name: str = "Bea", **answers) -> Application:
    return make_accepted(cycle, name, Role.MENTEE, **{"years": 2, **answers})
