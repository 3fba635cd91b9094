"""A year played before it is lived: on people of a file, in a process and a database of its own, by the site's own verbs.

This module is what the site sees: it starts the play and reads its figures. Nothing of the site's database, mail server
or worker is touched.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class BadPeople(ValueError):
    """The files of people hold rows that cannot be used: `errors` names each with its file, line and reason."""

    def __init__(self, errors: list[str]):
        self.errors = errors
        super().__init__("\n".join(errors))


class Failed(RuntimeError):
    """The play broke off; what it said went to the standard error."""


@dataclass(frozen=True)
class Order:
    """What is to be played: starting points, a file of people for each, the day the year opens (None: its own), the seed."""

    programs: list[str]
    people: Mapping[str, Mapping[str, str]]
    opens: date | None = None
    seed: int = 1

    def only(self, name: str) -> "Order":
        """The same for one of its programs."""
        return replace(self, programs=[name], people={key: self.people[key] for key in self.people if key == name})

    def to_json(self) -> str:
        opens = self.opens.isoformat() if self.opens else None
        return json.dumps({"programs": self.programs, "people": self.people, "opens": opens, "seed": self.seed})

    @classmethod
    def from_json(cls, text: str) -> "Order":
        data = json.loads(text)
        opens = date.fromisoformat(data["opens"]) if data["opens"] else None
        return cls(data["programs"], data["people"], opens, data["seed"])


def play(order: Order, keep: Path | None = None) -> dict[str, Any]:
    """The figures of the year: {"programs": {…}, "timeline": […], "seconds": …}. Progress goes to the standard error.

    Each program is played in a process of its own, as many at a time as the machine has processors. What was played is
    thrown away, unless there is a folder to `keep` each program's database in (`<program>/year.sqlite3`).
    """
    began = time.monotonic()
    parts = {name: order.only(name) for name in order.programs}
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as thrown, ThreadPoolExecutor(os.cpu_count() or 1) as hands:
        home = keep or Path(thrown)
        playing = {
            name: hands.submit(_play_one, parts[name], home / name) for name in sorted(parts, key=_length, reverse=True)
        }
        told = [playing[name].result() for name in order.programs]
    if errors := [error for part in told for error in part.get("errors", [])]:
        raise BadPeople(errors)
    timeline = [line for part in told for line in part["timeline"]]
    return {
        "programs": {name: figures for part in told for name, figures in part["programs"].items()},
        "timeline": sorted(timeline, key=lambda line: (line["on"], line["program"], line["what"])),
        "seconds": round(time.monotonic() - began, 1),
    }


def _length(name: str) -> int:
    """How many days a starting point's cycles take together: who has most to do begins first."""
    from mentoring import presets

    cycles = presets.read(name)["cycle"]
    return (max(cycle["ends_on"] for cycle in cycles) - min(cycle["opens_on"] for cycle in cycles)).days


def _play_one(order: Order, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "mentoring.rehearsal"],
        input=order.to_json(),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=surroundings(folder),
    )
    if done.returncode:
        raise Failed(done.returncode)
    return json.loads(done.stdout)


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of the play: everything that could reach the site's own data, mail or broker points elsewhere."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
        "MODE": "development",
        "DEBUG": "0",
        "SECRET_KEY": "a rehearsal signs nothing that anybody could use",
        "SITE_URL": "http://rehearsal.example",
        "DEFAULT_FROM_EMAIL": "mentoring@rehearsal.example",
        "DATABASE_URL": f"sqlite:///{folder}/year.sqlite3",
        "REDIS_URL": "",
        "BROKER_DIR": f"{folder}/broker",
        "MAIL_WAKE": "0",
        "LOG_LEVEL": "ERROR",
    }
