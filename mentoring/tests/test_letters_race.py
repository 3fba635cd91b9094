"""Many clicks at one moment, on PostgreSQL: one letter, and one mail to each."""

import threading
from datetime import UTC, datetime

import pytest

from mail.models import Mailing, Message
from mail.tests.at_once import at_once
from members import clock
from members.models import User
from mentoring import mailings
from mentoring.tests.letters import LETTER, apply
from programs.models import Cycle, Program, Seat
from programs.tests.make import make_cycle, make_person, make_program, make_seat

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NOW = datetime(2025, 10, 20, 18, tzinfo=UTC)
CLICKS, PEOPLE = 8, 30


def click_at_once() -> list[int]:
    """Eight clicks on Send start together: the letters that they lead to."""
    cycle = make_cycle(make_program())
    make_seat(cycle.program, make_person("chi@kla.example.org", "Chi", "Harper"), Seat.Role.CHAIR)
    for number in range(PEOPLE):
        apply(cycle, f"Bea{number}")
    found = []

    def click():
        chi = User.objects.get(email="chi@kla.example.org")
        its_cycle = Cycle.objects.select_related("program").get(pk=cycle.pk)
        with clock.at(NOW):
            found.append(mailings.write("applications", its_cycle, {}, LETTER, by=chi, seen=seen).pk)

    with clock.at(NOW):
        chi = User.objects.get(email="chi@kla.example.org")
        seen = mailings.look("applications", cycle, {}, LETTER, by=chi).who
    assert at_once(*[click] * CLICKS) == []
    return found


def test_eight_clicks_at_once_are_one_letter_with_one_mail_each():
    found = click_at_once()
    assert (len(found), len(set(found)), Mailing.objects.count()) == (CLICKS, 1, 1)
    assert (Message.objects.count(), Message.objects.values("to_email").distinct().count()) == (PEOPLE, PEOPLE)


def test_the_control_without_the_lock_writes_several_letters(monkeypatch):
    together = threading.Barrier(CLICKS)

    def unlocked(cycle):
        return Program.objects.select_related("association").get(pk=cycle.program_id)

    def all_look_before_one_writes(*args):
        together.wait(timeout=30)
        return write(*args)

    write = mailings._write
    monkeypatch.setattr(mailings, "_locked", unlocked)
    monkeypatch.setattr(mailings, "_write", all_look_before_one_writes)
    click_at_once()
    assert (Mailing.objects.count(), Message.objects.count()) == (CLICKS, CLICKS * PEOPLE)
