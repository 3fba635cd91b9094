"""Rows out of a CSV file as people save it: every row that cannot be read is named, none makes the reader fall over."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

LONGEST_CELL = 20_000
# Controls but tab and line ends; the signs that turn or hide text (bidi, zero width, byte order mark inside a text).
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)
NOT_UTF8 = re.compile("[\ud800-\udfff]")
FORMULA = re.compile(r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]")

csv.field_size_limit(2**31 - 1)  # Python's own limit would stop the reading; too long a cell is named instead


@dataclass(frozen=True, order=True)
class RowError:
    """What is wrong with a row: its line in the file, the column's heading ("" for the whole row), and why."""

    line: int
    column: str
    reason: str

    def __str__(self):
        if self.column:
            return _("line %(line)s, %(column)s: %(reason)s") % vars(self)
        return _("line %(line)s: %(reason)s") % vars(self)


class Row(list):
    """The cells of one row, and the line of the file on which it begins."""

    def __init__(self, cells: Iterable[str], line: int):
        super().__init__(cells)
        self.line = line


def read_rows(source: str | Path | bytes) -> tuple[list[Row], list[RowError]]:
    """The rows of a file (its path, or its bytes), first the heading, cells trimmed, and what is wrong with them.

    UTF-8 and UTF-16 are read, with commas, semicolons or tabs; empty lines are passed over. A row with an error is
    left out, so that nothing unreadable reaches a form. OSError when there is no such file.
    """
    text = _decode(source if isinstance(source, bytes) else Path(source).read_bytes())
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows, errors, begins = [], [], 1
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                rows.append(Row((cell.strip(" \r\n\xa0") for cell in cells), begins))
            begins = lines.line_num + 1
    except csv.Error as error:
        errors.append(RowError(begins, "", _("this cannot be read as a table (%s)") % error))
    if not rows:
        return [], errors or [RowError(1, "", _("the file is empty"))]
    heading = rows[0]
    if wrong := [*_wrong_cells(heading, heading), *_doubled(heading)]:
        return [], sorted({*errors, *wrong})
    good = [heading]
    for row in rows[1:]:
        if wrong := _wrong_shape(row, heading) or _wrong_cells(row, heading):
            errors += wrong
        else:
            good.append(row)
    return good, sorted(errors)


def wrong(cell: str) -> str:
    """Why a cell's text cannot be taken, "" when it can."""
    if len(cell) > LONGEST_CELL:
        return _("this is too long (%s characters); is a quotation mark left open?") % len(cell)
    if NOT_UTF8.search(cell):
        return _("this holds letters that are not saved as UTF-8; save the file as “CSV UTF-8” and bring it again")
    if UNSEEN.search(cell):
        return _("this holds a character that cannot be seen")
    return ""


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would take this for a formula."""
    return bool(FORMULA.match(cell))


def columns(heading: Iterable[str]) -> dict[str, int]:
    """Where each column stands, its heading in small letters with underscores: "Member Number" → member_number."""
    return {re.sub(r"[\s_-]+", "_", name.strip().lower()): place for place, name in enumerate(heading)}


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    # A byte that is not UTF-8 becomes a lone surrogate: its row can be named, its neighbours stay readable.
    return data.decode("utf-8-sig", errors="surrogateescape")


def _delimiter(text: str) -> str:
    first = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _doubled(heading: Row) -> list[RowError]:
    names = [name.strip().lower() for name in heading]
    return [
        RowError(heading.line, name, _("this column is there twice"))
        for name in dict.fromkeys(names)
        if name and names.count(name) > 1 and not wrong(name)
    ]


def _wrong_shape(row: Row, heading: Row) -> list[RowError]:
    if len(row) > len(heading) and not any(row[len(heading) :]):
        del row[len(heading) :]
    if len(row) == len(heading):
        return []
    words = _("this row has %(cells)s cells, the heading %(columns)s; is a comma or a quotation mark missing?")
    return [RowError(row.line, "", words % {"cells": len(row), "columns": len(heading)})]


def _wrong_cells(row: Row, heading: Row) -> list[RowError]:
    found = ((place, wrong(cell)) for place, cell in enumerate(row))
    return [RowError(row.line, _shown(heading, place), reason) for place, reason in found if reason]


def _shown(heading: Row, place: int) -> str:
    name = heading[place]
    return _("column %s") % (place + 1) if wrong(name) else name
