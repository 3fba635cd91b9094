"""Addresses that fail: what is promised to them is kept, what may be missed is not, and nobody else loses anything."""

from datetime import timedelta

import pytest
from django.core import mail

from mail import addresses, delivery, outbox
from mail.models import Message, OptOut, Suppression
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
State, Kind = Message.State, Message.Kind
BEA, MO = "bea@larkin.example.net", "mo@farrow.example.org"
CAME_BACK = "Mail to this address came back: “550 no such person”"


def fail(email=BEA):
    return addresses.suppress(email, Suppression.Why.BOUNCED, "550 no such person", NOW)


def promise(key="note:1", to=BEA, also="", **more):
    return outbox.Promise(
        key=key,
        name="visitor_question",
        to=outbox.Recipient(to, "Bea"),
        also=outbox.Recipient(also, "Mo") if also else None,
        sender=outbox.Sender("KLA Mentoring Program", "mentoring@kla.example.org", "program:kla"),
        about="mentorship:4",
        now=NOW,
        context={"writer": "Sam", "text": "Is it free?", "program": {"name": "KLA Mentoring Program"}},
        **more,
    )


def queue(*args, **more):
    return outbox.queue_many([promise(*args, **more)])[0]


def rows():
    found = Message.objects.order_by("pk").values_list("key", "to_email", "also_email", "state", "refusal")
    return [(key, to, also, State(state), refusal) for key, to, also, state, refusal in found]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (Kind.ESSENTIAL, State.PARKED),
        (Kind.NUDGE, State.PARKED),
        (Kind.TOPIC, State.CANCELLED),
        (Kind.ANNOUNCEMENT, State.CANCELLED),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_what_is_promised_to_an_address_that_fails_is_kept_back_and_what_may_be_missed_is_taken_back(
    kind, state, before
):
    if before:
        fail()
    queue(kind=kind, good_until=NOW + timedelta(days=3) if kind == Kind.NUDGE else None)
    if not before:
        fail()
    assert rows() == [("note:1", BEA, "", state, CAME_BACK)]
    delivery.deliver(NOW + timedelta(days=1))
    assert mail.outbox == []


def test_an_address_is_one_whatever_its_case():
    fail("Bea@Larkin.example.net")
    queue(to="BEA@larkin.example.net")
    assert [row[3] for row in rows()] == [State.PARKED]
    assert fail(BEA.upper()) is False


def test_a_code_goes_all_the_same():
    fail()
    outbox.queue_many([promise(secret=True), promise("note:3")])
    make_message(2, secret=True)
    delivery.deliver(NOW)
    assert [(row[0], row[3]) for row in rows()] == [
        ("note:1", State.SENT), ("note:3", State.PARKED), ("note:2", State.SENT),
    ]  # fmt: skip


def test_other_mail_and_mail_that_has_left_stay_as_they_are():
    make_message(1, to_email=MO)
    make_message(2, state=State.SENT)
    make_message(3, state=State.UNCERTAIN)
    make_message(4, state=State.CLAIMED)
    fail()
    assert [row[3] for row in rows()] == [State.QUEUED, State.SENT, State.UNCERTAIN, State.CLAIMED]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(("failing", "working"), [(BEA, MO), (MO, BEA)])
def test_of_a_mail_to_two_the_one_who_can_be_reached_gets_it(before, failing, working):
    if before:
        fail(failing)
    queue(also=MO)
    if not before:
        fail(failing)
    assert rows() == [
        ("note:1", working, "", State.QUEUED, ""),
        ("note:1:alone", failing, "", State.PARKED, CAME_BACK),
    ]
    delivery.deliver(NOW)
    assert [sent.to for sent in mail.outbox] == [["Bea <bea@larkin.example.net>" if working == BEA else f"Mo <{MO}>"]]
    assert queue(also=MO) is None  # the occasion was promised


def test_of_a_mail_to_two_who_both_cannot_be_reached_nothing_is_lost():
    fail(BEA)
    fail(MO)
    queue(also=MO)
    assert rows() == [
        ("note:1", MO, "", State.PARKED, CAME_BACK),
        ("note:1:alone", BEA, "", State.PARKED, CAME_BACK),
    ]


def test_what_was_kept_back_leaves_once_when_it_is_sent_again_and_not_by_itself():
    fail()
    message = queue()
    assert addresses.lift(BEA) is True
    assert addresses.lift(BEA) is False
    delivery.deliver(NOW)
    assert mail.outbox == []
    assert delivery.send_again(message, NOW) is True
    delivery.deliver(NOW)
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [message.message_id]


def test_what_ends_the_reason_of_a_mail_takes_back_what_was_kept_back_too():
    make_message(3, about="mentorship:4", attempts=2)  # put off twice by its server, and waiting when the address fails
    fail()
    queue()
    make_message(2, about="mentorship:4", state=State.PARKED, attempts=1)  # tried and refused: that stays to be seen
    assert outbox.cancel(about="mentorship:4", now=NOW) == 2
    assert [row[3] for row in rows()] == [State.CANCELLED, State.CANCELLED, State.PARKED]


# ----------------------------------------------------------------------------------------------------- a new address

NEW = "bea@home.example.org"


def test_a_change_of_address_carries_along_what_waits_and_what_was_kept_back():
    make_message(1, leaves_at=NOW + timedelta(days=2))
    make_message(2, state=State.HELD)
    make_message(3, to_email=MO, also_email=BEA)
    make_message(4, state=State.PARKED, attempts=1, refusal="550 full")
    make_message(5, state=State.PARKED, attempts=1, outcome="bounced", outcome_words="550 gone", provider_id="x")
    make_message(6, state=State.SENT)
    make_message(7, secret=True)
    make_message(8, state=State.PARKED)
    make_message(9, state=State.PARKED, left_at=NOW)
    later = NOW + timedelta(hours=1)
    assert outbox.readdress(BEA.upper(), NEW, later) == 5
    found = Message.objects.order_by("pk").values_list("to_email", "also_email", "state", "outcome", "leaves_at")
    assert list(found) == [
        (NEW, "", State.QUEUED, "", NOW + timedelta(days=2)),
        (NEW, "", State.HELD, "", NOW),
        (MO, NEW, State.QUEUED, "", NOW),
        (BEA, "", State.PARKED, "", NOW),  # the server had a reason of its own
        (NEW, "", State.QUEUED, "", later),
        (BEA, "", State.SENT, "", NOW),
        (BEA, "", State.QUEUED, "", NOW),  # a code proves the address that it was asked for
        (NEW, "", State.QUEUED, "", later),
        (BEA, "", State.PARKED, "", NOW),  # somebody has looked and left it
    ]


def test_a_new_address_brings_no_heap_of_questions_of_which_nobody_thinks_any_more():
    weeks = timedelta(weeks=1)
    make_message(1, state=State.PARKED, leaves_at=NOW - 6 * weeks)
    make_message(2, state=State.PARKED, leaves_at=NOW - 6 * weeks - timedelta(seconds=1))
    make_message(3, state=State.PARKED, kind=Kind.NUDGE, good_until=NOW - timedelta(seconds=1))
    make_message(4, state=State.PARKED, kind=Kind.NUDGE, good_until=NOW)
    make_message(5, state=State.PARKED, attempts=1, outcome="bounced", leaves_at=NOW - 50 * weeks)
    make_message(
        6, state=State.PARKED, queued_at=NOW - 20 * weeks, leaves_at=NOW + weeks
    )  # promised early for a day ahead
    assert outbox.readdress(BEA, NEW, NOW) == 3
    over = "Its time had passed before there was another address."
    assert rows() == [
        ("note:1", NEW, "", State.QUEUED, ""),
        ("note:2", BEA, "", State.CANCELLED, over),
        ("note:3", BEA, "", State.CANCELLED, over),
        ("note:4", NEW, "", State.QUEUED, ""),
        ("note:5", BEA, "", State.CANCELLED, over),
        ("note:6", NEW, "", State.QUEUED, ""),
    ]


def test_what_was_left_stays_left_at_the_new_address():
    OptOut.objects.create(email=BEA, scope="program:kla", kind=Kind.TOPIC, since=NOW)
    OptOut.objects.create(email=BEA, scope="program:nela", kind=Kind.TOPIC, since=NOW)
    OptOut.objects.create(email=NEW, scope="program:nela", kind=Kind.TOPIC, since=NOW - timedelta(days=9))
    outbox.readdress(BEA, NEW, NOW)
    outbox.readdress(BEA, NEW, NOW)
    assert sorted(OptOut.objects.filter(email=NEW).values_list("scope", "since")) == [
        ("program:kla", NOW),
        ("program:nela", NOW - timedelta(days=9)),
    ]


def test_a_new_address_that_fails_too_keeps_it_back():
    fail(NEW)
    make_message(1)
    outbox.readdress(BEA, NEW, NOW)
    assert [(row[1], row[3]) for row in rows()] == [(NEW, State.PARKED)]


def test_the_same_address_again_changes_nothing():
    fail()
    queue()
    assert outbox.readdress(BEA, BEA.title(), NOW) == 0
    assert [row[3] for row in rows()] == [State.PARKED]
