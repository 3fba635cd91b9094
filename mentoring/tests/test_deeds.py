"""The history speaks in words: every verb that the code notes has some, and times are told in the program's zone."""

import ast
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import reverse

from mail.models import Message
from matching.models import Edit
from members import clock, journal
from mentoring import deeds
from mentoring.site import OURS
from mentoring.tests.make import sits
from programs import preferences
from programs.models import Waiver
from programs.tests.make import make_program

ROOT = Path(__file__).parents[2]
# Where a verb is put together while the program runs: what it can be.
MADE = {
    "programs/preferences.py": [*preferences.LEFT.values(), *preferences.HAD_AGAIN.values()],
    "programs/waivers.py": [f"exception {answer}" for answer in Waiver.Answer.values],
    "matching/proposals.py": [*Edit.Verb.values, "undone"],
    "matching/offers.py": ["taken_back"],
}


def noted():
    """Every verb in the code, with the places where one is not to be read there."""
    found, unread = set(), set()
    for path in sorted(path for room in sorted({*OURS, "mentoring"}) for path in (ROOT / room).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if "/tests/" in name or "/migrations/" in name:
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Dict):  # what is handed on to `move` together
                found |= {
                    value.value for key, value in zip(call.keys, call.values, strict=True) if _is_verb(key, value)
                }
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("journal.record", "journal.move"):
                for given in _verbs(call):
                    verbs = _read(given, name)
                    found |= verbs
                    unread |= set() if verbs else {name}
    return found, unread


def _is_verb(key, value):
    return isinstance(key, ast.Constant) and key.value == "verb" and isinstance(value, ast.Constant)


def _verbs(call):
    if ast.unparse(call.func) == "journal.record":
        return call.args[1:2]
    return [keyword.value for keyword in call.keywords if keyword.arg == "verb"]


def _read(given, name):
    if isinstance(given, ast.IfExp):
        return _read(given.body, name) | _read(given.orelse, name)
    if isinstance(given, ast.Constant):
        return {given.value}
    if isinstance(given, ast.Name):
        value = getattr(import_module(name.removesuffix(".py").replace("/", ".")), given.id, None)
        return {value} if isinstance(value, str) else set()
    return set()


def test_every_verb_in_the_code_has_words():
    found, unread = noted()
    assert unread == set(MADE)
    found |= {verb for verbs in MADE.values() for verb in verbs}
    for model in apps.get_models():
        if model._meta.app_label in OURS and hasattr(model, "MOVES") and model is not Message:
            found |= {str(to) for moves in model.MOVES.values() for to in moves}
    assert {str(verb) for verb in found} == set(deeds.WORDS)


@pytest.mark.django_db
def test_the_history_is_told_in_words_and_in_the_programs_zone(client):
    kla = make_program(name="KLA Mentoring", time_zone="America/New_York", zone_word="Eastern")
    chi = sits(client, kla, "chair")
    with clock.at(datetime(2025, 10, 15, 2, tzinfo=UTC)):
        journal.record(kla, "worded_mail_back", by=chi, reason="check_in")
        journal.record(kla, "changed", by=chi, reason="opens_on,closes_on")
    for url in (reverse("admin:members_entry_changelist"), reverse("admin:programs_program_history", args=[kla.pk])):
        text = client.get(url).content.decode().replace("\xa0", " ")
        assert "took a mail’s original wording again" in text
        assert ("How is it going?" in text, "opens on, closes on" in text) == (True, True)
        assert ("check_in" in text, "opens_on" in text) == (False, False)
        assert "Tuesday, 14 October" in text
        assert "22:00 Eastern" in text
        assert "UTC" not in text
