"""One row that fails keeps no other from its turn; the end tells of all that failed."""

from datetime import UTC, datetime

import pytest

from mail.due import Due
from mail.failures import Failed, in_turn

NOW = datetime(2025, 10, 15, 12, tzinfo=UTC)


def line(number):
    return Due(NOW, "program:kla", "note", f"application:{number}")


def part(*numbers, breaks=None):
    for number in numbers:
        yield line(number)
    if breaks:
        raise breaks


def told(parts):
    """The lines that came, and what stood in the way."""
    found, errors = [], []
    try:
        for one in in_turn(parts):
            found.append(one.about.removeprefix("application:"))
    except Failed as failed:
        errors = [str(error) for error in failed.errors]
    return found, errors


def test_all_in_their_order():
    assert told([part(1, 2), part(), part(3)]) == (["1", "2", "3"], [])


def test_a_part_that_breaks_off_keeps_no_other_from_its_turn(caplog):
    assert told([part(1, breaks=ValueError("a")), part(2, breaks=KeyError("b")), part(3)]) == (
        ["1", "2", "3"],
        ["a", "'b'"],
    )
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_parts_of_parts_are_told_of_once(caplog):
    inner = in_turn([part(1, breaks=ValueError("a")), part(2)])
    assert told([inner, part(3)]) == (["1", "2", "3"], ["a"])
    assert len(caplog.records) == 1


def test_the_end_says_in_one_line_how_many_and_what_the_first_was():
    with pytest.raises(Failed) as caught:
        list(in_turn([part(breaks=ValueError("Bea's answers"))]))
    assert str(caught.value) == (
        "1 thing that was due could not be done (ValueError); the log says more. The rest was done."
    )


def test_who_stops_listening_stops_it():
    lines = in_turn([part(1, 2), part(3)])
    next(lines)
    lines.close()
    assert list(lines) == []
