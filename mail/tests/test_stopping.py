"""Stop all mail: nothing of a program leaves but sign-in codes, nothing is lost, and afterwards each mail leaves once."""

from datetime import timedelta

import pytest
from django.core import mail

from mail import delivery, due, outbox, stopping, tasks
from mail.models import Message, Stop
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
State = Message.State
LATER = NOW + timedelta(hours=3)


def subjects():
    return [sent.subject for sent in mail.outbox]


def test_while_a_program_is_stopped_only_its_codes_and_the_others_mail_leave():
    make_message(1, subject="ours")
    make_message(2, subject="theirs", scope="program:nela")
    make_message(3, subject="our code", secret=True)
    make_message(4, subject="the site's code", secret=True, scope="site")
    assert stopping.stop("program:kla", now=NOW) is True
    delivery.deliver(LATER)
    assert sorted(subjects()) == ["our code", "the site's code", "theirs"]
    assert Message.objects.get(subject="ours").state == State.QUEUED


def test_started_again_what_waited_leaves_once_in_the_order_of_its_hour():
    make_message(2, subject="second", leaves_at=NOW + timedelta(minutes=1))
    make_message(1, subject="first")
    stopping.stop("program:kla", now=NOW)
    assert delivery.deliver(LATER) == []
    assert stopping.start("program:kla", now=LATER) is True
    for _ in range(2):
        delivery.deliver(LATER)
    assert subjects() == ["first", "second"]


def test_what_lost_its_reason_meanwhile_is_not_sent():
    make_message(1, kind=Message.Kind.NUDGE, about="check_in:4", subject="A reminder")
    make_message(2, subject="A word")
    stopping.stop("program:kla", now=NOW)
    outbox.cancel(about="check_in:4", now=LATER)
    stopping.start("program:kla", now=LATER)
    delivery.deliver(LATER)
    assert subjects() == ["A word"]


def test_stopping_twice_keeps_the_first_word_and_starting_twice_starts_once():
    assert stopping.stop("program:kla", now=NOW, by=7, by_name="Chi Harper", reason="A wrong date") is True
    assert stopping.stop("program:kla", now=LATER, by=8, by_name="Dee") is False
    [stop] = stopping.standing()
    assert (stop.since, stop.by, stop.by_name, stop.reason) == (NOW, 7, "Chi Harper", "A wrong date")
    assert stopping.start("program:kla", now=LATER) is True
    assert stopping.start("program:kla", now=LATER) is False
    assert stopping.standing() == []


def test_a_mail_that_a_worker_holds_when_it_is_stopped_is_settled_as_ever():
    make_message()
    claimed = delivery.claim(NOW, NOW + delivery.LEASE)
    stopping.stop("program:kla", now=NOW)
    assert delivery.settle(claimed, State.SENT, NOW) is True


def test_a_stop_of_the_whole_site_holds_everything_but_codes_asked_for_since():
    make_message(1, scope="program:nela")
    make_message(2, secret=True, scope="site", subject="old code")
    stopping.stop(stopping.WHOLE_SITE, now=NOW + timedelta(minutes=1))
    make_message(3, secret=True, scope="site", subject="new code", queued_at=LATER)
    make_message(4, queued_at=LATER)
    delivery.deliver(LATER)
    assert subjects() == ["new code"]


def test_a_look_ahead_at_a_stopped_program_shows_nothing_that_would_leave():
    make_message()
    stopping.stop("program:kla", now=NOW)
    assert list(due.due(LATER, dry=True)) == []


def test_the_end_of_a_hold_throws_expired_codes_away_and_wakes_the_worker(
    monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks, "wake", lambda: woken.append(True))
    old = make_message(1, secret=True, text="482 913", html="482 913")
    word = make_message(2)
    stopping.stop(stopping.WHOLE_SITE, now=NOW + timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        stopping.start(stopping.WHOLE_SITE, now=LATER)
    old.refresh_from_db()
    word.refresh_from_db()
    assert (old.state, old.text, old.html) == (State.CANCELLED, "", "")
    assert word.state == State.QUEUED
    assert woken == [True]


def test_what_leaves_first_is_counted_with_its_oldest():
    make_message(1, leaves_at=NOW - timedelta(hours=2))
    make_message(2)
    make_message(3, name="check_in", leaves_at=NOW - timedelta(hours=5))
    make_message(4, leaves_at=LATER)
    make_message(5, scope="program:nela")
    make_message(6, secret=True)
    assert stopping.backlog("program:kla", NOW) == stopping.Backlog(
        3, NOW - timedelta(hours=5), [("check_in", 1), ("note", 2)]
    )
    assert stopping.backlog("program:kla", NOW - timedelta(days=1)) == stopping.Backlog(0, None, [])


@pytest.mark.parametrize("count", [1, 3])
def test_asking_whether_a_mail_may_leave_is_one_question(count, django_assert_num_queries):
    for number in range(count):
        make_message(number)
    Stop.objects.create(scope="program:nela", since=NOW)
    with django_assert_num_queries(1):
        assert len(delivery.waiting(NOW)) == count
