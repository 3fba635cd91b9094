"""The page of promises says what a run proved, what it did not, and never more."""

from types import SimpleNamespace

import pytest
from django.conf import settings

from mail.tests.scale import FULL, Figures, scale
from mentoring.tests.promises import PROMISES, page


def make_report(promise, outcome="passed", node="mail/tests/test_worker.py::test_it", *figures):
    properties = [("promise", promise)]
    said = Figures(properties)
    for what, numbers in figures:
        said.say(promise, what, **numbers)
    return SimpleNamespace(nodeid=node, outcome=outcome, user_properties=properties)


def told(promise, reports):
    """What the page says under one promise."""
    lines = list(page(reports))
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{promise:4}")) + 1
    end = next((number for number in range(start, len(lines)) if lines[number][0] == "G"), len(lines))
    return [line.strip() for line in lines[start:end]]


def test_every_promise_has_its_line_and_every_file_named_is_there():
    assert list(PROMISES) == [f"G{number}" for number in range(1, 22)]
    assert [line[:4].strip() for line in list(page([]))[1:] if line[0] == "G"] == list(PROMISES)
    files = [name for promise in PROMISES.values() for name in promise.plain]
    assert [name for name in files if not (settings.BASE_DIR / name).is_file()] == []


def test_what_was_proved_is_told_with_its_figures():
    report = make_report("G5", "passed", "a::b", ("", {"mails": 10_000, "lost": 0}), ("without claims", {"twice": 17}))
    assert told("G5", [report]) == [
        "proved here by 1 test",
        "mails 10,000, lost 0",
        "without claims: twice 17",
    ]


def test_what_the_plain_suite_proves_as_well_is_named():
    assert told("G21", [make_report("G21")]) == [
        "proved here by 1 test",
        "also in the plain suite: mentoring/tests/test_hold_mail.py",
    ]


def test_what_failed_is_told_as_broken_and_its_figures_are_not():
    good, bad = make_report("G4", "passed", "a::b"), make_report("G4", "failed", "a::c", ("", {"kills": 100}))
    assert told("G4", [good, bad]) == ["BROKEN: a::c"]


def test_what_was_left_out_is_no_proof():
    assert told("G4", [make_report("G4", "skipped", "a::b")]) == ["left out here: a::b", "no proof of it ran here"]


@pytest.mark.parametrize("promise", ["G14", "G16", "G20"])
def test_what_nothing_proves_yet_is_said(promise):
    assert told(promise, []) == ["not proved yet: all of it"]


def test_what_is_proved_in_part_is_said_with_what_is_not():
    assert told("G10", []) == [
        "in the plain suite in part: mentoring/tests/test_own_affairs.py",
        "not proved yet: each verb tried by the person concerned",
    ]


def test_a_proof_is_small_unless_it_is_wanted_in_full():
    assert scale(ci=5, full=50) == (50 if FULL else 5)
