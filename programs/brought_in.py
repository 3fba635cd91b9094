"""Applications that the committee brings in from a file: read every row, name every bad one, then all or nothing.

An application that is brought in is a draft: it waits for its person's agreements, and they get one mail with a link to
accept and send. When they have signed on paper, the committee says so and on which day, and the application is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from members import clock, csv_rows, journal, people
from members.csv_rows import RowError
from members.journal import NotAllowed
from members.models import User
from programs import agreements, applications, gates, notices, questions, waivers
from programs.facts import facts, gates_of
from programs.models import Application, Cycle, Gate, Question

ABOUT_THE_PERSON = {"first_name": 75, "last_name": 75, "member_number": 40}


@dataclass(frozen=True)
class Person:
    """One row of the file, understood."""

    line: int
    email: str
    first_name: str
    last_name: str
    member_number: str
    answers: dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What a file holds: its good rows, and what is wrong with the others."""

    people: list[Person]
    errors: list[RowError]


@dataclass
class Brought:
    """What a file brought: new applications, sent ones among them by their state, and people who were here already."""

    new: int = 0
    sent: int = 0
    here: int = 0
    errors: list[RowError] = field(default_factory=list)


def read(cycle: Cycle, role: str, rows: Sequence[Sequence[str]]) -> Found:
    """Understand the rows of a file, first its heading; nothing is written."""
    asked = questions.of(cycle.program, Question.Moment.APPLICATION, role)
    if len(rows) < 2:
        return Found([], [RowError(1, "", _("there is no row under the heading"))])
    places = csv_rows.columns(rows[0])
    if wrong_heading := _heading(places, asked):
        return Found([], wrong_heading)
    found: list[Person] = []
    errors: list[RowError] = []
    lines: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        line = getattr(row, "line", number)
        person, wrong = _person({name: row[place] for name, place in places.items()}, line, asked)
        if person.email and person.email in lines:
            words = _("this address is on line %d already") % lines[person.email]
            wrong.append(RowError(line, "email", words))
        lines.setdefault(person.email, line)
        errors += wrong
        found.append(person)
    return Found(found, sorted(errors))


def _heading(places: Mapping[str, int], asked: Sequence[Question]) -> list[RowError]:
    codes = {question.code for question in asked}
    errors = [RowError(1, name, _("this column is missing")) for name in ("email",) if name not in places]
    errors += [
        RowError(1, question.code, _("this column is missing; the form needs an answer to it"))
        for question in asked
        if question.required and not question.shown_when and question.code not in places
    ]
    unknown = [name for name in places if name not in {"email", *ABOUT_THE_PERSON, *codes}]
    return errors + [RowError(1, name or "?", _("this form has no question with this code")) for name in unknown]


def _person(cells: Mapping[str, str], line: int, asked: Sequence[Question]) -> tuple[Person, list[RowError]]:
    email = cells["email"].strip().lower()
    wrong = []
    try:
        validate_email(email)
        if len(email) > 254:
            raise ValidationError("")
    except ValidationError:
        wrong.append(RowError(line, "email", _("“%s” is not an address") % email[:80]))
    for name, longest in ABOUT_THE_PERSON.items():
        if len(cells.get(name, "")) > longest:
            wrong.append(RowError(line, name, _("at most %d characters") % longest))
    answers, errors = questions.clean(asked, cells)
    wrong += [RowError(line, code, reason) for code, reason in errors.items()]
    own = {name: cells.get(name, "").strip() for name in ABOUT_THE_PERSON}
    return Person(line, email, answers=answers, **own), wrong


def apply(
    cycle: Cycle, role: str, found: Found, *, by: User | None = None, accepted_on: date | None = None, dry: bool = False
) -> Brought:
    """Write what was read, all or nothing. With `accepted_on`, everybody signed on paper that day, and `by` notes it.

    Who has an application in this cycle already is left alone, but for a draft that can now be sent.
    """
    brought = Brought()
    with transaction.atomic():
        for person in found.people:
            try:
                with transaction.atomic():
                    _bring(cycle, role, person, by, accepted_on, brought)
            except NotAllowed as refused:
                brought.errors += [RowError(person.line, "", str(reason)) for reason in refused.reasons]
        if dry or brought.errors:
            transaction.set_rollback(True)
    return brought


def _bring(
    cycle: Cycle, role: str, person: Person, by: User | None, accepted_on: date | None, brought: Brought
) -> None:
    user = people.behind(person.email) or User.objects.create_user(
        person.email, first_name=person.first_name, last_name=person.last_name, joined_at=clock.now()
    )
    here = Application.objects.filter(cycle=cycle, user=user, role=role).order_by("-pk").first()
    application = here or _draft(cycle, role, user, person, by)
    application.cycle, application.user = cycle, user
    if here:
        brought.here += 1
    else:
        brought.new += 1
    if accepted_on and by and application.state == Application.State.DRAFT:
        _sign(application, by, accepted_on)
        brought.sent += 1
    elif not here:
        notices.agreement_needed(application)


def _draft(cycle: Cycle, role: str, user: User, person: Person, by: User | None) -> Application:
    """The draft; the address it came under is vouched for by the committee, as docs/decisions tells."""
    application = Application.objects.create(
        cycle=cycle,
        user=user,
        role=role,
        answers=person.answers,
        started_at=clock.now(),
        claimed_email=person.email,
        claimed_number=person.member_number,
        claim_vouched=True,
    )
    journal.record(application, "brought in", by=by)
    return application


def _sign(application: Application, by: User, day: date) -> None:
    """What was agreed and asked for on paper, then Send."""
    agreements.agree(application, by=by, accepted_on=day, on_paper=True)
    asked = {gate.code: gate for gate in gates_of(application.program, application.role)}
    open_now = gates.unmet(facts(application, application.cycle.today()), asked.values(), Gate.Stage.APPLY)
    for finding in open_now:
        if finding.consequence == Gate.Consequence.EXCEPTION:
            why = _("The application came in on paper.")
            waivers.ask(application, asked[finding.code], by=by, why=why)
    applications.submit(application, by=by, on_paper=day)
