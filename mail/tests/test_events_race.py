"""A provider that tells the same thing many times at once, with real threads on PostgreSQL: it counts once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from mail import delivery, events
from mail.events import Said
from mail.models import Message, Suppression
from mail.tests.at_once import at_once
from mail.tests.make import NOW, make_message

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
MO, AT_ONCE = "mo@farrow.example.org", 6
BACK = Said(Message.Outcome.BOUNCED, "550 no such person", fails=True)


def told_at_once(rounds=8):
    """One side of a mail to two comes back, told by six at once; again and again until something goes wrong."""
    errors = []
    for number in range(rounds):
        message = make_message(
            number, state=Message.State.UNCERTAIN, attempts=1, also_email=f"{number}{MO}", also_name="Mo"
        )
        tell = [lambda one=message: events.tell(one, one.also_email, BACK, NOW)] * AT_ONCE
        errors += at_once(*tell)
        if errors:
            break
    return errors


def test_the_same_event_told_by_six_at_once_counts_once():
    assert told_at_once() == []
    assert sorted(Message.objects.values_list("state", "outcome")) == [("parked", "bounced")] * 8 + [("sent", "")] * 8
    assert Suppression.objects.count() == 8


def test_the_control_without_the_lock_splits_a_mail_twice(monkeypatch):
    monkeypatch.setattr(type(Message.objects), "select_for_update", lambda manager, **how: manager.get_queryset())
    assert any(isinstance(error, IntegrityError) for error in told_at_once(rounds=30))


def test_an_event_that_comes_while_the_worker_settles_ends_in_sent_and_delivered():
    """Both at once, in whatever order: neither takes back what the other wrote."""
    for number in range(20):
        make_message(number, state=Message.State.CLAIMED, attempts=1, lease_until=NOW + timedelta(minutes=10))
        held = Message.objects.get(key=f"note:{number}")
        seen = Message.objects.get(pk=held.pk)
        errors = at_once(
            lambda one=held: delivery.settle(one, Message.State.SENT, NOW),
            lambda one=seen: events.tell(one, one.to_email, Said(Message.Outcome.DELIVERED), NOW, "theirs"),
        )
        assert errors == []
    found = Message.objects.values_list("state", "outcome", "provider_id", "settled_at").order_by().distinct()
    assert list(found) == [("sent", "delivered", "theirs", NOW)]
