"""Every rule of the four guidelines is listed, and every one that software must keep has a test."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mentoring.management.commands import requirements

COUNTS = {"NELA": 41, "NMRT": 45, "NASIG": 53, "KLA": 48}

RULES = """id,kind,rule
R-NELA-01,C D,A page of its own
R-NELA-02,R,"Asked first, always"
"""


def make_project(folder: Path, tests: str) -> Path:
    """A folder with two rules and one file of tests."""
    for name, text in (("docs/requirements.csv", RULES), ("programs/tests/test_page.py", tests)):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    return folder


def test_the_trace_has_its_187_rules_and_no_test_names_another():
    found = requirements.traced()  # KeyError for an id that is not there
    wanted = [f"R-{name}-{number:02}" for name, count in COUNTS.items() for number in range(1, count + 1)]
    assert (list(found), len(found)) == (wanted, 187)
    assert {kind for one in found.values() for kind in one.kinds} == set("DRSEBPCAX")
    assert all(re.match(r"\S.{10,}", one.rule) for one in found.values())


def test_a_rule_is_found_with_the_tests_that_carry_its_id(tmp_path):
    marks = """
import pytest
pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R-NELA-01")]
@pytest.mark.requirement("R-NELA-02", "R-NELA-01")
def test_asked(): ...
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.requirement("R-NELA-02"))])
def test_each(x): ...
"""
    found = requirements.traced(make_project(tmp_path, marks))
    here = "programs/tests/test_page.py"
    assert {one.id: one.tests for one in found.values()} == {
        "R-NELA-01": [f"{here}::test_asked", here],
        "R-NELA-02": [f"{here}::test_asked", f"{here}::test_each"],
    }


def test_an_id_that_no_guideline_has_is_an_error(tmp_path):
    project = make_project(tmp_path, "import pytest\n@pytest.mark.requirement('R-NELA-99')\ndef test_x(): ...\n")
    with pytest.raises(KeyError, match="R-NELA-99"):
        requirements.traced(project)


def test_a_binding_rule_without_a_test_ends_with_an_error_that_names_it(tmp_path, monkeypatch):
    found = requirements.traced(make_project(tmp_path, ""))
    monkeypatch.setattr(requirements, "traced", lambda: found)
    out = StringIO()
    with pytest.raises(CommandError, match="R-NELA-02$"):
        call_command("requirements", stdout=out)
    assert out.getvalue().splitlines()[2:] == [
        "",
        "2 rules, 2 without a test",
        "R-NELA-01  A page of its own",
        "R-NELA-02  Asked first, always",
    ]


def test_every_rule_that_software_must_keep_has_a_test():
    without = [one.id for one in requirements.traced().values() if not one.tests and requirements.BINDING in one.kinds]
    assert without == []
