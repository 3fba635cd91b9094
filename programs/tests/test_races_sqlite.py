"""The same race for the last places with real processes on an SQLite file, as a small server runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from programs.tests.race_on_sqlite import EACH, LAST_PLACES, PROCESSES

pytestmark = [pytest.mark.race, pytest.mark.promise("G1")]
ROOT = Path(__file__).resolve().parents[2]


def race(tmp_path, *how):
    command = [sys.executable, "-m", "programs.tests.race_on_sqlite", str(tmp_path / "race.sqlite3"), *how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_processes_at_once_for_the_last_places(tmp_path, figures):
    waiting = PROCESSES * EACH - LAST_PLACES
    assert race(tmp_path) == {
        "states": {"admitted": LAST_PLACES, "waitlisted": waiting},
        "taken": LAST_PLACES,
        "errors": [],
    }
    told = {"submissions": PROCESSES * EACH, "processes": PROCESSES, "places": LAST_PLACES, "in": LAST_PLACES}
    figures.say("G1", "SQLite file", **told, wait_listed=waiting, errors=0)


def test_the_control_without_the_lock_at_the_beginning_loses_some(tmp_path, figures):
    errors = race(tmp_path, "deferred")["errors"]
    assert "database is locked" in errors
    figures.say("G1", "control, SQLite without the lock at the beginning", errors=len(errors))
