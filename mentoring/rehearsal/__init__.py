"""A year played before it is lived: on people of a file, in a process and a database of its own, by the site's own verbs.

This module is what the site sees: it starts the play and reads its figures. Nothing of the site's database, mail server
or worker is touched.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
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

    def to_json(self) -> str:
        opens = self.opens.isoformat() if self.opens else None
        return json.dumps({"programs": self.programs, "people": self.people, "opens": opens, "seed": self.seed})

    @classmethod
    def from_json(cls, text: str) -> "Order":
        data = json.loads(text)
        opens = date.fromisoformat(data["opens"]) if data["opens"] else None
        return cls(data["programs"], data["people"], opens, data["seed"])


def play(order: Order) -> dict[str, Any]:
    """The figures of the year: {"programs": {…}, "timeline": […], "seconds": …}. Progress goes to the standard error."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "mentoring.rehearsal"],
            input=order.to_json(),
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=_surroundings(folder),
        )
    if done.returncode:
        raise Failed(done.returncode)
    told = json.loads(done.stdout)
    if "errors" in told:
        raise BadPeople(told["errors"])
    return told


def _surroundings(folder: str) -> dict[str, str]:
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
