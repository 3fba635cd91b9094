"""Somebody presses the button for the year's mails several times at the same moment: one year goes to them."""

from itertools import count

import pytest

from mail.models import Message
from mail.tests.at_once import at_once
from mail.tests.make import NOW
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentoring import presets, samples
from programs.models import Seat
from programs.tests.make import make_person, make_seat

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PRESSES = 6


def pressed_at_once():
    """How many mails left and how many presses were told to wait; the committee's mails of a year are two here."""
    program = presets.load("kla").program
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.CHAIR)
    told = []

    def press():
        try:
            with clock.at(NOW):
                samples.send_year(program, "committee", by=chi)
        except NotAllowed as refused:
            told.append(str(refused.reasons[0]))

    assert at_once(*[press] * PRESSES) == []
    assert all("less than a minute ago" in words for words in told)
    sent = Message.objects.filter(name=samples.OF_THE_YEAR).count()
    return sent, len(told), Entry.objects.filter(verb="sent_year_mails").count()


def test_six_presses_at_once_are_one_year():
    assert pressed_at_once() == (2, PRESSES - 1, 1)


def test_the_control_keys_that_tell_the_presses_apart_send_more(monkeypatch):
    made, numbers = samples._promise, count()
    monkeypatch.setattr(
        samples, "_promise", lambda *rest, key, **more: made(*rest, key=f"{key}:{next(numbers)}", **more)
    )
    sent, _told, years = pressed_at_once()
    assert (sent > 2, years > 1) == (True, True)
