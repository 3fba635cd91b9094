"""The people whom a visitor of the demo can sign in as, program by program."""

from collections.abc import Iterator
from dataclasses import dataclass

from mentorships import health
from mentorships.models import Mentorship
from programs.models import Program, Seat, Waiver

CHAIR, DEPUTY, COMMITTEE, LIAISON = Seat.Role.CHAIR, Seat.Role.DEPUTY, Seat.Role.COMMITTEE, Seat.Role.LIAISON


@dataclass(frozen=True)
class Member:
    """One of the cast: how they are found, who they are, in which program, and where signing in leads."""

    key: str
    name: str
    email: str
    what: str
    program: str
    starts_at: str = "/my/"
    seat: str = ""

    @property
    def first_and_last(self) -> tuple[str, str]:
        first, last = self.name.split(" ", 1)
        return first, last


def _seat(program: str, seat: str, name: str, what: str) -> Member:
    email = f"{name.lower().replace(' ', '.')}@{program}.example.org"
    return Member(f"{program}-{seat}", name, email, what, program, "/admin/", seat)


COMMITTEES = (
    _seat("nela", CHAIR, "Noor Whitfield", "chair: applications come in until the doors close"),
    _seat("nela", DEPUTY, "Emil Hartley", "deputy: decides where the chair may not"),
    _seat("nmrt", CHAIR, "Rosa Lindgren", "chair: the doors are closed, it is time to match"),
    _seat("nmrt", DEPUTY, "Amir Castell", "deputy: decides where the chair may not"),
    _seat("nmrt", LIAISON, "Greta Holm", "liaison: will look after pairs"),
    _seat("kla", CHAIR, "Lee Abara", "chair: a pair is silent, another asks for help"),
    _seat("kla", DEPUTY, "Joaquin Petrov", "deputy: decides where the chair may not"),
    _seat("kla", COMMITTEE, "Wren Halloran", "committee: reads applications, looks after pairs"),
    _seat("nasig", CHAIR, "Ines Okoro", "chair: reads the report of a finished year"),
    _seat("nasig", DEPUTY, "Paul Brandt", "deputy: decides where the chair may not"),
)
APPLICANT = Member(
    "nela-applicant", "Carmen Delgado", "carmen.delgado@nela.example.org", "applicant: has begun to apply", "nela"
)


def members() -> list[Member]:
    """Everybody, in the order of the demo's page: the open program first, the finished one last."""
    found = [APPLICANT, *_of_the_samples(), *COMMITTEES]
    order = {"nela": 0, "nmrt": 1, "kla": 2, "nasig": 3}
    return sorted(found, key=lambda member: (order[member.program], bool(member.seat)))


def by_program() -> list[tuple[Program, list[Member]]]:
    """The programs that are there, each with its people."""
    programs = Program.objects.in_bulk(field_name="slug")
    found: dict[Program, list[Member]] = {}
    for member in members():
        if member.program in programs:
            found.setdefault(programs[member.program], []).append(member)
    return list(found.items())


def find(key: str) -> Member | None:
    return next((member for member in members() if member.key == key), None)


def _of_the_samples() -> Iterator[Member]:
    """Of the sample people those whose story is worth seeing: an exception, a pair in its year, one that has ended."""
    if waiver := Waiver.objects.filter(gate__program__slug="nmrt").select_related("application__user").first():
        user, what = waiver.application.user, "mentor: asked for an exception to the five years"
        yield Member("nmrt-mentor", user.get_full_name(), user.email, what, "nmrt")
    pairs = Mentorship.objects.select_related("mentor", "mentee", "cycle__program").order_by("pk")
    running = pairs.filter(cycle__program__slug="kla", state=Mentorship.State.OPEN)
    if pair := next((pair for pair in running if health.of(pair.facts(), pair.cycle.today()).colour == "green"), None):
        yield from _both(pair, "in a mentoring year with %s")
    if pair := pairs.filter(cycle__program__slug="nasig", state=Mentorship.State.COMPLETED).first():
        yield from _both(pair, "the year with %s is over and evaluated")


def _both(pair: Mentorship, what: str) -> Iterator[Member]:
    slug = pair.cycle.program.slug
    for role, user, partner in (("mentee", pair.mentee, pair.mentor), ("mentor", pair.mentor, pair.mentee)):
        words = f"{role}: {what % partner.get_short_name()}"
        yield Member(f"{slug}-{role}", user.get_full_name(), user.email, words, slug)
