"""Who takes part: read from files as a committee has them, every bad row named before anything is played."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from members import csv_rows, member_list
from members.csv_rows import RowError
from mentoring import presets
from programs import questions
from programs.dates import add_months
from programs.models import Program, Question, Role

WHO = ("email", "first_name", "last_name")


@dataclass(frozen=True)
class Person:
    """One row of the mentors' or the mentees' file, understood."""

    role: str
    email: str
    first_name: str
    last_name: str
    number: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cast:
    """Everybody in a program's year: the member list as it is brought in, and the applicants."""

    members: member_list.Found
    applicants: list[Person]


def read(program: Program, files: Mapping[str, str] | None, months: int) -> tuple[Cast, list[str]]:
    """The people of these files, or the starting point's own, whose memberships move along by `months`."""
    paths = {kind: Path(path) for kind, path in (files or presets.people(program.slug)).items()}
    errors = []
    rows, wrong = csv_rows.read_rows(paths["roster"])
    found = member_list.read(program.association, rows) if rows else member_list.Found([], [])
    errors += [f"{paths['roster'].name}: {error}" for error in sorted([*wrong, *found.errors])]
    applicants = []
    for role, kind in ((Role.MENTOR, "mentors"), (Role.MENTEE, "mentees")):
        people, wrong = _applicants(program, role, paths[kind])
        applicants += people
        errors += [f"{paths[kind].name}: {error}" for error in sorted(wrong)]
    if not files and months:
        found = replace(found, rows=[_moved(line, months) for line in found.rows])
    return Cast(found, applicants), errors


def _moved(line: member_list.Line, months: int) -> member_list.Line:
    until = add_months(line.valid_until, months) if line.valid_until else None
    return replace(line, valid_from=add_months(line.valid_from, months), valid_until=until)


def _applicants(program: Program, role: str, path: Path) -> tuple[list[Person], list[RowError]]:
    rows, errors = csv_rows.read_rows(path)
    if not rows:
        return [], errors
    asked = questions.of(program, Question.Moment.APPLICATION, role)
    places = csv_rows.columns(rows[0])
    known = {*WHO, "member_number", *(question.code for question in asked)}
    errors += [RowError(1, name, _("this column is missing")) for name in WHO if name not in places]
    errors += [RowError(1, name, _("this program's form has no such question")) for name in places if name not in known]
    if len(rows) == 1:
        errors.append(RowError(1, "", _("there is no row under the heading")))
    if errors and any(error.line == 1 for error in errors):
        return [], errors
    people: dict[str, Person] = {}
    for row in rows[1:]:
        cells = {name: row[place].strip() for name, place in places.items()}
        person, wrong = _person(role, asked, cells, row.line, people)
        errors += wrong
        if person:
            people[person.email] = person
    return list(people.values()), errors


def _person(
    role: str, asked: list[Question], cells: dict[str, str], line: int, before: Mapping[str, Person]
) -> tuple[Person | None, list[RowError]]:
    email = cells["email"].lower()
    wrong = [RowError(line, name, _("this is needed")) for name in WHO if not cells[name]]
    try:
        validate_email(email or "nobody@example.org")
    except ValidationError:
        wrong.append(RowError(line, "email", _("“%s” is not an e-mail address") % email[:80]))
    if email in before:
        wrong.append(RowError(line, "email", _("%s has an earlier row already") % email))
    given = {question.code: cells[question.code] for question in asked if question.code in cells}
    answers, reasons = questions.clean(asked, given)
    wrong += [RowError(line, code, reason) for code, reason in reasons.items()]
    if wrong:
        return None, wrong
    return Person(role, email, cells["first_name"], cells["last_name"], cells.get("member_number", ""), answers), []
