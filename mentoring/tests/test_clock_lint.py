"""There is one clock: nothing but members/clock.py asks the machine for the time, or a rehearsed year would leak into today."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("mail", "members", "programs", "matching", "mentorships", "evaluations", "mentoring")
# The clock itself; and the worker's task on the ground floor, which lives in no rehearsed year.
MAY_ASK = {"members/clock.py", "mail/tasks.py"}
ASKS = {
    ("timezone", "now"), ("timezone", "localdate"), ("timezone", "localtime"), ("date", "today"), ("datetime", "today"),
    ("datetime", "now"), ("datetime", "utcnow"), ("time", "time"), ("functions", "Now"),
}  # fmt: skip
FIELDS = {"auto_now", "auto_now_add"}


def sources():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts):
                yield path


def offences(source: str) -> list[str]:
    """Every place in a source that asks the machine for the time."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and (_last(node.value), node.attr) in ASKS:
            found.append(f"{node.lineno}: {_last(node.value)}.{node.attr}")
        elif isinstance(node, ast.ImportFrom) and node.module == "django.utils.timezone":
            found.append(f"{node.lineno}: from django.utils.timezone import …")
        elif isinstance(node, ast.ImportFrom) and node.module == "django.db.models.functions":
            found += [f"{node.lineno}: Now" for name in node.names if name.name == "Now"]
        elif isinstance(node, ast.keyword) and node.arg in FIELDS:
            found.append(f"{node.value.lineno}: {node.arg}")
    return found


def _last(node) -> str:
    """The name before the dot: "datetime" in datetime.now and in dt.datetime.now."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_nothing_but_the_clock_asks_for_the_time():
    found = {str(path.relative_to(ROOT)): offences(path.read_text()) for path in sources()}
    assert {name: lines for name, lines in found.items() if lines and name not in MAY_ASK} == {}


@pytest.mark.parametrize(
    "source",
    [
        "timezone.now()",
        "date.today()",
        "datetime.now(UTC)",
        "dt.datetime.now()",
        "datetime.date.today()",
        "at = models.DateTimeField(auto_now=True)",
        "at = models.DateTimeField(default=timezone.now)",
        "from django.utils.timezone import now",
        "from django.db.models.functions import Now",
    ],
)
def test_the_lint_bites(source):
    assert len(offences(source)) == 1


@pytest.mark.parametrize(
    "source", ["clock.now()", "clock.today(zone)", "time.monotonic()", "datetime.combine(day, time.min)"]
)
def test_the_lint_leaves_the_clock_alone(source):
    assert offences(source) == []
