"""At most two nudges a person and week: the rest wait for their turn, or are taken back when their reason has gone."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mail import delivery, due, heartbeat, leaving, nudges, outbox, stopping
from mail.models import Message
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
State, Kind = Message.State, Message.Kind
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def nudge(number, **fields):
    return make_message(number, kind=Kind.NUDGE, subject=f"reminder {number}", **fields)


def left():
    return [sent.subject for sent in mail.outbox]


def queued():
    return dict(Message.objects.filter(state=State.QUEUED).order_by("pk").values_list("subject", "leaves_at"))


def test_two_leave_and_the_third_waits_until_a_week_after_the_first():
    nudge(1)
    delivery.deliver(NOW)
    for number in (2, 3):
        nudge(number, leaves_at=NOW + DAY)
    delivery.deliver(NOW + DAY)
    assert (left(), queued()) == (["reminder 1", "reminder 2"], {"reminder 3": NOW + WEEK})
    delivery.deliver(NOW + WEEK - timedelta(seconds=1))
    assert left() == ["reminder 1", "reminder 2"]
    delivery.deliver(NOW + WEEK)
    assert (left(), queued()) == (["reminder 1", "reminder 2", "reminder 3"], {})


def test_a_person_is_one_letter_box_whichever_programs_write_and_however_they_spell_it():
    for number, scope in enumerate(["program:kla", "program:nela", "program:kla"]):
        sender = outbox.Sender("A program", "us@example.org", scope)
        to = outbox.Recipient("Bea@Larkin.example.NET" if number else "bea@larkin.example.net", "Bea")
        outbox.queue(
            key=f"n:{number}", name="visitor_question", to=to, sender=sender, about="", now=NOW, kind=Kind.NUDGE, good_until=NOW + DAY,
            context={"writer": "Sam", "text": "?", "program": {"name": "KLA"}},
        )  # fmt: skip
    assert len(delivery.deliver(NOW)) == 2


def test_all_addresses_of_a_person_are_one_also_after_a_change(monkeypatch):
    both = {"bea@larkin.example.net", "bea@home.example.org"}
    monkeypatch.setattr(leaving, "_OTHERS", [lambda email: both if email in both else set()])
    nudge(1)
    nudge(2, to_email="bea@home.example.org")
    nudge(3, to_email="bea@home.example.org")
    delivery.deliver(NOW)
    assert (left(), queued()) == (["reminder 1", "reminder 2"], {"reminder 3": NOW + WEEK})


def test_others_and_other_mail_do_not_wait_with_it():
    for number in range(3):
        nudge(number)
    make_message(7, kind=Kind.NUDGE, to_email="cal@example.org", subject="to Cal")
    make_message(8, kind=Kind.TOPIC, subject="a topic")
    make_message(9, subject="essential")
    delivery.deliver(NOW)
    assert left() == ["essential", "reminder 0", "reminder 1", "to Cal", "a topic"]


def test_the_most_urgent_leaves_first_and_what_has_no_end_last():
    nudge(1)
    nudge(2, good_until=NOW + 20 * DAY)
    nudge(3, good_until=NOW + 10 * DAY)
    nudge(4, good_until=NOW + 15 * DAY)
    delivery.deliver(NOW)
    delivery.deliver(NOW + WEEK)
    assert left() == ["reminder 3", "reminder 4", "reminder 2", "reminder 1"]


@pytest.mark.parametrize(
    ("state", "goes"), [(State.CLAIMED, 0), (State.UNCERTAIN, 0), (State.SENT, 0), (State.PARKED, 1), (State.HELD, 1)]
)
def test_what_is_leaving_or_may_have_arrived_counts(state, goes):
    for number in range(2):
        nudge(number, state=state, lease_until=NOW + DAY)
    nudge(5)
    assert len(delivery.deliver(NOW)) == goes


def test_the_week_counts_from_the_moment_it_left_and_not_from_when_it_was_to_leave():
    stopping.stop("program:kla", now=NOW)
    for number in range(3):
        nudge(number)
    delivery.deliver(NOW + 10 * DAY)
    stopping.start("program:kla", now=NOW + 10 * DAY)
    delivery.deliver(NOW + 10 * DAY)
    assert (len(left()), queued()) == (2, {"reminder 2": NOW + 17 * DAY})


def test_one_that_waits_is_taken_back_with_its_reason():
    for number in range(3):
        nudge(number)
    delivery.deliver(NOW)
    outbox.cancel(about="application:2", now=NOW + DAY)
    delivery.deliver(NOW + 8 * DAY)
    assert left() == ["reminder 0", "reminder 1"]


def test_one_that_could_not_leave_in_time_is_taken_back_and_says_why():
    for number in range(2):
        nudge(number)
    delivery.deliver(NOW)
    late = nudge(3, good_until=NOW + 3 * DAY)
    delivery.deliver(NOW + 3 * DAY)
    late.refresh_from_db()
    assert late.state == State.QUEUED
    delivery.deliver(NOW + 3 * DAY + timedelta(seconds=1))
    late.refresh_from_db()
    assert (late.state, late.settled_at, late.refusal) == (
        State.CANCELLED,
        NOW + 3 * DAY + timedelta(seconds=1),
        "Its reason had gone before it could leave.",
    )
    delivery.deliver(NOW + 30 * DAY)
    assert left() == ["reminder 0", "reminder 1"]


@pytest.mark.parametrize("tried", [True, False])
def test_one_that_waits_for_its_turn_is_neither_late_nor_due(tried):
    for number in range(2):
        nudge(number, state=State.SENT)
    nudge(3)
    later = NOW + timedelta(hours=2)
    if tried:
        delivery.deliver(NOW)
    assert heartbeat.look(later).waiting is None
    assert stopping.backlog("program:kla", later) == stopping.Backlog(0, None, [])
    assert list(due.due(later, dry=True)) == []
    assert [line.about for line in due.due(NOW + WEEK, dry=True)] == ["application:3"]


def test_a_look_ahead_does_not_promise_what_will_be_taken_back():
    for number in range(2):
        nudge(number, state=State.SENT)
    nudge(3, good_until=NOW + DAY)
    delivery.deliver(NOW)
    assert list(due.due(NOW + WEEK, dry=True)) == []


def test_a_thousand_that_wait_cost_the_next_mail_one_look():
    for number in range(2):
        nudge(number, state=State.SENT)
    Message.objects.bulk_create(
        Message(key=f"w:{n}", kind=Kind.NUDGE, rank=2, name="note", scope="program:kla", to_email="bea@larkin.example.net",
                subject="one more", message_id=f"<w{n}>", queued_at=NOW, leaves_at=NOW)
        for n in range(1000)
    )  # fmt: skip
    make_message(8, kind=Kind.TOPIC, subject="a topic")
    with CaptureQueriesContext(connection) as first:
        assert delivery.claim(NOW, NOW + DAY).subject == "a topic"
    with CaptureQueriesContext(connection) as second:
        assert delivery.claim(NOW, NOW + DAY) is None
    assert (len(first) < 18, len(second) < 8) == (True, True)


def test_sent_again_by_hand_it_waits_for_its_turn_too():
    parked = nudge(1, state=State.PARKED)
    for number in (2, 3):
        nudge(number, state=State.SENT)
    delivery.send_again(parked, NOW)
    assert delivery.deliver(NOW) == []
    assert len(delivery.deliver(NOW + WEEK)) == 1


@pytest.mark.parametrize("more", [{}, {"good_until": NOW + DAY, "also": outbox.Recipient("b@example.org")}])
def test_a_nudge_is_for_one_person_and_says_until_when_it_is_of_use(more):
    sender = outbox.Sender("A program", "us@example.org", "program:kla")
    with pytest.raises(ValueError):
        outbox.queue(
            key="n", name="visitor_question", to=outbox.Recipient("a@example.org"), sender=sender, about="", now=NOW,
            kind=Kind.NUDGE, **more,
        )  # fmt: skip


def test_room_opens_a_week_after_the_last_but_one():
    assert nudges.room_from(["bea@larkin.example.net"], NOW) == NOW
    for days in (1, 3, 9):
        nudge(days, state=State.SENT, leaves_at=NOW - days * DAY)
    assert nudges.room_from(["bea@larkin.example.net", "bea@home.example.org"], NOW) == NOW + 4 * DAY
    assert nudges.room_from(["cal@example.org"], NOW) == NOW
