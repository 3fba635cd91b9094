"""Several workers find two reminders of one person at the same moment, and there is room for one."""

import pytest
from django.core import mail
from django.db import transaction

from mail import delivery, nudges
from mail.models import Message
from mail.tests.at_once import at_once
from mail.tests.make import NOW, make_message

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
State, Kind = Message.State, Message.Kind
ROUNDS, WORKERS = 25, 4


def together(work):
    """Let every worker do the same at once; nobody may fail."""
    assert at_once(*[work] * WORKERS) == []


def claimed_at_once():
    """How many reminders of each person are in hand after so many rounds: one had left before, four wait, four claim."""
    found = []
    for _number in range(ROUNDS):
        Message.objects.all().delete()
        make_message(0, kind=Kind.NUDGE, state=State.SENT)
        for other in range(WORKERS):
            make_message(other + 1, kind=Kind.NUDGE)
        together(lambda: delivery.claim(NOW, NOW + delivery.LEASE))
        found.append(Message.objects.filter(nudges.HAVE_LEFT).count())
    return found


def test_four_workers_leave_one_person_in_peace():
    assert claimed_at_once() == [2] * ROUNDS


def test_the_control_without_the_lock_writes_three_times_and_more(monkeypatch):
    monkeypatch.setattr(nudges, "_alone_with", lambda email: None)
    assert max(claimed_at_once()) > 2


def test_many_people_at_once_get_two_each_and_no_worker_waits_for_another_for_ever():
    for person in range(20):
        for number in range(5):
            make_message(person * 10 + number, kind=Kind.NUDGE, to_email=f"reader{person}@example.org")

    def work():
        while delivery.deliver(NOW):
            continue

    together(work)
    assert len(mail.outbox) == 40
    states = Message.objects.filter(nudges.HAVE_LEFT).values_list("to_email", flat=True)
    assert sorted(states) == sorted(f"reader{person}@example.org" for person in range(20) for _ in range(2))
    waiting = set(Message.objects.filter(state=State.QUEUED).values_list("leaves_at", flat=True))
    assert waiting == {NOW + nudges.WEEK}


def test_somebody_who_answers_meanwhile_neither_waits_nor_makes_others_wait():
    """The act takes its reminders back in a transaction of its own, whatever a claim has locked."""
    from mail import outbox

    for number in range(40):
        make_message(number, kind=Kind.NUDGE, about="check_in:4", to_email=f"reader{number % 4}@example.org")

    def work():
        with transaction.atomic():
            outbox.cancel(about="check_in:4", now=NOW)
        delivery.deliver(NOW)

    together(work)
    assert not Message.objects.filter(state=State.QUEUED).exists()
