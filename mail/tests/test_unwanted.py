"""What is promised at the very moment at which its reader leaves, fails or goes: it is asked once more before it leaves."""

import pytest
from django.core import mail

from mail import delivery, outbox
from mail.models import Message, OptOut, Suppression
from mail.tests.make import NOW, make_message
from mail.tests.test_addresses import queue

pytestmark = pytest.mark.django_db
State, Kind = Message.State, Message.Kind
BEA, MO = "bea@larkin.example.net", "mo@farrow.example.org"
LEFT = "Its reader has asked for no more mail of this kind."
CAME_BACK = "Mail to this address came back: “550 gone”"
CLOSED = "Its reader’s account is closed."


def rows():
    found = Message.objects.order_by("pk").values_list("key", "to_email", "to_name", "also_email", "state", "refusal")
    return [(*row[:4], State(row[4]), row[5]) for row in found]


def left(**more):
    OptOut.objects.create(email=BEA, scope="program:kla", kind=Kind.TOPIC, since=NOW, **more)


def fails(email=BEA):
    Suppression.objects.create(email=email, why=Suppression.Why.BOUNCED, words="550 gone", since=NOW)


@pytest.fixture
def closed(monkeypatch):
    """Whose accounts are closed."""
    emails = set()
    monkeypatch.setattr(outbox, "_closed", [lambda asked: asked & emails])
    return emails


def test_a_topic_promised_while_its_reader_left_is_given_out_to_nobody_and_taken_back():
    """The two transactions did not see each other: the mail waits, and so does the row that says it was left."""
    make_message(1, kind=Kind.TOPIC)
    for number, other in enumerate(({"scope": "program:nela"}, {"kind": Kind.ESSENTIAL}, {"to_email": MO}), 2):
        make_message(number, **{"kind": Kind.TOPIC, **other})
    left()
    assert [one.key for one in delivery.waiting(NOW)] == ["note:3", "note:2", "note:4"]
    delivery.deliver(NOW)
    assert [(row[0], *row[4:]) for row in rows()] == [
        ("note:1", State.CANCELLED, LEFT),
        ("note:2", State.SENT, ""),
        ("note:3", State.SENT, ""),
        ("note:4", State.SENT, ""),
    ]


def test_what_is_promised_while_its_address_fails_is_given_out_to_nobody_and_kept_back():
    make_message(1)
    make_message(2, secret=True)
    make_message(3, to_email=MO, also_email=BEA, to_name="Mo", also_name="Bea")
    make_message(4, to_email=MO)
    fails()
    assert [one.key for one in delivery.waiting(NOW)] == ["note:2", "note:4"]
    delivery.deliver(NOW)
    assert [(row[0], row[1], *row[3:]) for row in rows()] == [
        ("note:1", BEA, "", State.PARKED, CAME_BACK),
        ("note:2", BEA, "", State.SENT, ""),
        ("note:3", MO, "", State.SENT, ""),
        ("note:4", MO, "", State.SENT, ""),
        ("note:3:alone", BEA, "", State.PARKED, CAME_BACK),
    ]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(("gone", "who"), [(BEA, (MO, "Mo")), (MO, (BEA, "Bea"))])
def test_a_mail_to_two_goes_to_the_one_whose_account_is_open(closed, before, gone, who):
    if before:
        closed.add(gone)
    queue(also=MO)
    closed.add(gone)
    delivery.deliver(NOW)
    assert rows() == [("note:1", *who, "", State.SENT, "")]
    assert [sent.to for sent in mail.outbox] == [[f"{who[1]} <{who[0]}>"]]


@pytest.mark.parametrize("before", [True, False])
def test_nothing_is_sent_to_an_account_that_is_closed_but_codes_say_the_same_to_everybody(closed, before):
    if before:
        closed |= {BEA, MO}
    queue(also=MO)
    queue("note:2")
    queue("note:3", secret=True)
    closed |= {BEA, MO}
    delivery.deliver(NOW)
    assert [(row[0], *row[4:]) for row in rows()] == [
        ("note:1", State.CANCELLED, CLOSED),
        ("note:2", State.CANCELLED, CLOSED),
        ("note:3", State.SENT, ""),
    ]
