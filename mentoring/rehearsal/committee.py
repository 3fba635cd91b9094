"""What the committee and the membership office do in a year, from their seats, by the verbs behind their buttons."""

from collections.abc import Collection

from evaluations import letters
from evaluations.models import ServiceLetter
from matching import pool, proposals, runs
from members import clock, standing
from members.models import Association, Membership, User
from mentoring.rehearsal import acts
from mentoring.rehearsal.people import Person
from mentorships import requests
from mentorships.models import Mentorship, Request
from programs import applications, training, waivers
from programs.models import Application, Cycle, Program, Seat, Training, Waiver

OFFICERS = (
    ("chi", "Chi", "Harper", Seat.Role.CHAIR),
    ("dee", "Dee", "Ruiz", Seat.Role.DEPUTY),
    ("jules", "Jules", "Tran", Seat.Role.MEMBERSHIP_OFFICE),
)
CONTACTS = (("lee", "Lee", "Castro"), ("mo", "Mo", "Abbas"), ("sam", "Sam", "Frost"))
NOT_ENOUGH = "We read every word. This time we cannot make an exception; please come back when you have the years."
ENOUGH = "What you have done outweighs the number of years."


def take_seats(program: Program) -> dict[str, User]:
    """The committee of a program, by role; contact persons where every pair has one."""
    seats = {str(role): _sit(program, who, first, last, role) for who, first, last, role in OFFICERS}
    for who, first, last in CONTACTS if program.liaisons else ():
        _sit(program, who, first, last, Seat.Role.LIAISON)
    return seats


def _sit(program: Program, who: str, first_name: str, last_name: str, role: str) -> User:
    user = acts.person(f"{who}@{program.slug}.committee.example", first_name, last_name)
    where = {"association": program.association} if role in Seat.OF_ASSOCIATION else {"program": program}
    Seat.objects.create(user=user, role=role, first_day=clock.today(program.time_zone), **where)
    return user


def say_yes(association: Association, who: Person, office: User, like: Membership | None = None) -> None:
    """The membership office has found this member under another address, or has taken a new one in."""
    standing.confirm(association, who.email, by=office, like=like, number=who.number if like else "")


def decide_exception(waiver: Waiver, granted: bool, chair: User) -> None:
    """The committee makes an exception, or makes none and says so kindly."""
    waiver = Waiver.objects.select_related("gate__program", "application__cycle__program__association").get(
        pk=waiver.pk
    )
    application, gate = waiver.application, waiver.gate
    if waiver.answer != Waiver.Answer.OPEN:
        return
    if granted:
        waivers.grant(application, gate, by=chair, reason=ENOUGH)
        return
    waivers.refuse(application, gate, by=chair, reason=NOT_ENOUGH)
    if application.state == Application.State.SUBMITTED:
        applications.refuse(application, by=chair, note=NOT_ENOUGH, reason=gate.kind)


def match(cycle: Cycle, chair: User) -> None:
    """A matching evening: the best set of pairs of those who have no partner, announced."""
    found = pool.read(cycle, cycle.today())
    if found.mentors and found.mentees and (found.vetoes == 0).any():
        runs.suggest(cycle, by=chair)
        if proposals.announcement(cycle, by=chair).pairs:
            proposals.announce(cycle, by=chair)


def note_attendance(session: Training, absent: Collection[int], deputy: User) -> None:
    """The day after a workshop: everybody was there but these."""
    there = {one.application.user_id for one in training.expected(session)} - set(absent)
    training.note(session, there, by=deputy)


def note_made_up(session: Training, deputy: User) -> None:
    """Whoever had missed the workshop has caught up with it."""
    for one in training.missing(session.cycle):
        if one.application.role in (session.role or one.application.role):
            training.mark(session, one.application.user, by=deputy, made_up=True)


def find_another(mentorship: Mentorship, chair: User) -> None:
    """The chair ends the pair without blame and, where a mentor is free, puts the mentee with the best of them."""
    mentorship = Mentorship.objects.select_related("cycle__program", "mentee_application").get(pk=mentorship.pk)
    asking = Request.objects.filter(mentorship=mentorship, kind=Request.Kind.REMATCH, state=Request.State.OPEN).first()
    if asking is None:
        return
    cycle, mentee = mentorship.cycle, str(mentorship.mentee_application_id)
    before = pool.read(cycle, cycle.today())
    free = {name for name in before.mentors if before.people[name].user_id not in mentorship.people()} - before.unmet
    if not free:
        requests.settle(asking, Request.State.REFUSED, by=chair, answer="No other mentor has a place just now.")
        return
    requests.settle(asking, Request.State.DONE, by=chair, answer="We have found somebody else for you.")
    found = pool.read(cycle, cycle.today())
    pairs = [found.pair(name, mentee) for name in sorted(free & set(found.mentors)) if mentee in found.tiers]
    best = max((pair for pair in pairs if not pair.against), key=lambda pair: pair.score, default=None)
    if best:
        proposals.assign(cycle, found.people[mentee], found.people[best.mentor], by=chair)
        proposals.announce(cycle, by=chair)


def sign_letters(program: Program, chair: User) -> None:
    """The chair signs what waits for a signature."""
    waiting = ServiceLetter.objects.filter(mentorship__cycle__program=program, state=ServiceLetter.State.ASKED)
    for letter in waiting.select_related("mentorship__cycle__program__association", "user").order_by("pk"):
        letters.sign(letter, by=chair)
