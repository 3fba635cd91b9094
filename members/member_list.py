"""Bringing in a member list: read every row, name every bad one, and only then write, all or nothing.

A list never rewrites the past. What has changed since the last list closes the row that stood the day before and opens
another; an address that is not on a list stays as it was until its last day.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from members import csv_rows, journal, standing
from members.clock import FIRST_YEAR, LAST_YEAR
from members.csv_rows import RowError
from members.models import Association, Membership, User

NEEDED = ("email", "status", "valid_from")
WORDS = {"first_name": 75, "last_name": 75, "member_number": 40, "kind": 40, "status": 40}
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One row of the list, understood."""

    email: str
    status: str
    valid_from: date
    valid_until: date | None = None
    first_name: str = ""
    last_name: str = ""
    member_number: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Found:
    """What a list holds: its good rows, and what is wrong with the others."""

    rows: list[Line]
    errors: list[RowError]


@dataclass(frozen=True)
class Applied:
    """What a list brought: addresses seen for the first time, changed, and as they were."""

    new: int = 0
    changed: int = 0
    same: int = 0


def read(association: Association, rows: Iterable[list[str]]) -> Found:
    """Understand a list given as rows, first its heading; nothing is written."""
    rows = list(rows)
    if not rows:
        return Found([], [RowError(1, "", _("the file is empty"))])
    places = csv_rows.columns(rows[0])
    if missing := [name for name in NEEDED if name not in places]:
        return Found([], [RowError(1, name, _("this column is missing")) for name in missing])
    if len(rows) == 1:
        return Found([], [RowError(1, "", _("there is no row under the heading"))])
    reader, good, errors = _Reader(association, places), [], []
    for number, row in enumerate(rows[1:], start=2):
        line, wrong = reader.read(row, getattr(row, "line", number))
        errors += wrong
        if line and not wrong:
            good.append(line)
    return Found(good, errors)


def read_file(association: Association, source: str | Path | bytes) -> Found:
    """Understand a list as a file (its path, or its bytes); OSError when there is no such file."""
    rows, errors = csv_rows.read_rows(source)
    if len(rows) < 2 and errors:
        return Found([], errors)
    found = read(association, rows)
    return Found(found.rows, sorted([*errors, *found.errors]))


@transaction.atomic
def apply(association: Association, found: Found, *, seen_on: date, by: User | None = None) -> Applied:
    """Write a list that was read without an error; the same list again changes nothing."""
    if found.errors:
        raise journal.NotAllowed([str(error) for error in found.errors])
    Association.objects.select_for_update().get(pk=association.pk)
    known: dict[str, list[Membership]] = {}
    for row in Membership.objects.filter(association=association).order_by("email", "valid_from"):
        known.setdefault(row.email, []).append(row)
    fresh, same, changed = [], [], 0
    for line in found.rows:
        rows = known.get(line.email, [])
        said = _membership(association, line, seen_on)
        if not rows:
            fresh.append(said)
        elif _says_nothing_new(rows, line, seen_on):
            same.append(rows[-1].pk)
        else:
            standing.follow(rows, said, seen_on)
            changed += 1
    Membership.objects.bulk_create(fresh, batch_size=500)
    _mark_seen(same, seen_on)
    if fresh or changed:
        journal.record(association, "member list imported", by=by)
    return Applied(len(fresh), changed, len(same))


class _Reader:
    """Reads rows one after another and remembers which addresses it has seen."""

    def __init__(self, association: Association, places: dict[str, int]):
        self.places = places
        self.statuses = [*association.good_statuses, *association.pending_statuses, *association.other_statuses]
        self.seen: dict[str, int] = {}

    def read(self, row: list[str], line: int) -> tuple[Line | None, list[RowError]]:
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in self.places.items()}
        reasons = {name: self._wrong_words(cells.get(name, ""), longest) for name, longest in WORDS.items()}
        reasons["email"] = self._wrong_address(cells["email"].lower(), line)
        reasons["status"] = reasons["status"] or self._wrong_status(cells["status"])
        begins, reasons["valid_from"] = _day(cells["valid_from"], needed=True)
        ends, reasons["valid_until"] = _day(cells.get("valid_until", ""))
        if begins and ends and ends < begins:
            reasons["valid_until"] = _("the last day (%(ends)s) is before the first (%(begins)s)") % {
                "ends": ends.isoformat(),
                "begins": begins.isoformat(),
            }
        errors = [RowError(line, name, reasons[name]) for name in self.places if reasons.get(name)]
        if errors or begins is None:
            return None, errors
        words = {name: cells.get(name, "") for name in WORDS}
        return Line(email=cells["email"].lower(), valid_from=begins, valid_until=ends, **words), []

    def _wrong_address(self, email: str, line: int) -> str:
        if not email:
            return _("an address is needed")
        if wrong := csv_rows.wrong(email):
            return wrong
        try:
            validate_email(email)
        except ValidationError:
            return _("“%s” is not an e-mail address") % email[:80]
        if len(email) > 254 or not email.isascii() or csv_rows.is_formula(email):
            return _("this address cannot be used")
        if email in self.seen:
            return _("%(email)s is on this list already, in line %(line)s") % {"email": email, "line": self.seen[email]}
        self.seen[email] = line
        return ""

    def _wrong_words(self, words: str, longest: int) -> str:
        if wrong := csv_rows.wrong(words):
            return wrong
        if len(words) > longest:
            return _("this is too long (%(length)s characters, %(longest)s fit)") % {
                "length": len(words),
                "longest": longest,
            }
        if csv_rows.is_formula(words):
            return _("“%s” begins like a formula") % words
        return _("this holds a line break or a tab") if re.search(r"[\n\r\t]", words) else ""

    def _wrong_status(self, status: str) -> str:
        if not status:
            return _("a status is needed")
        if status in self.statuses:
            return ""
        return _("“%(status)s” is not known; this list's statuses are %(known)s") % {
            "status": status,
            "known": ", ".join(self.statuses) or "–",
        }


def _day(cell: str, needed: bool = False) -> tuple[date | None, str]:
    if not cell:
        return None, _("a first day is needed") if needed else ""
    if wrong := csv_rows.wrong(cell):
        return None, wrong
    try:
        day = date.fromisoformat(cell) if ISO_DAY.fullmatch(cell) else None
    except ValueError:
        day = None
    if day is None:
        return None, _("“%s” is not a day written like 2025-09-01") % cell[:40]
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None, _("%(day)s is not a likely day (years %(first)s to %(last)s)") % {
            "day": cell,
            "first": FIRST_YEAR,
            "last": LAST_YEAR,
        }
    return day, ""


def _membership(association: Association, line: Line, seen_on: date) -> Membership:
    return Membership(association=association, seen_on=seen_on, source=Membership.Source.LIST, **vars(line))


def _says_nothing_new(rows: list[Membership], line: Line, seen_on: date) -> bool:
    """Whether a list repeats what it said before; the office's yes in between stands until the list says something else."""
    last = rows[-1]
    over = last.valid_until is not None and last.valid_until < seen_on and line.valid_from <= last.valid_until
    if over and _over(line, seen_on):
        return True  # over then and over now: the past is not rewritten
    listed = [row for row in rows if row.source == Membership.Source.LIST]
    if not listed:
        return False
    before = listed[-1]
    begins = standing.first_free_day(rows[: rows.index(before)], line)
    cut_short = before is not last  # by the office's yes: its last day is not what the list said
    return (
        all(getattr(before, name) == getattr(line, name) for name in WORDS)
        and (begins <= before.valid_from <= seen_on or begins == before.valid_from)
        and (cut_short or before.valid_until == line.valid_until)
    )


def _over(line: Line | Membership, day: date) -> bool:
    return line.valid_until is not None and line.valid_until < day


def _mark_seen(pks: list[int], seen_on: date) -> None:
    for start in range(0, len(pks), 500):
        Membership.objects.filter(pk__in=pks[start : start + 500]).exclude(seen_on=seen_on).update(seen_on=seen_on)
