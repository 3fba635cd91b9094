"""Waking the worker: after the commit, and never at the cost of the request."""

import time
from functools import partial

import pytest
from celery import Celery
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError

from mail import leaving, outbox, tasks
from mail.models import Message
from mail.tests.make import NOW, make_message


@pytest.fixture
def woken(settings, monkeypatch):
    """How often the worker was called."""
    settings.MAIL_WAKE = True
    calls = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda **kwargs: calls.append(kwargs))
    monkeypatch.setitem(tasks._broker, "missing_since", -tasks.PATIENCE)
    return calls


def queue(key="question:1", **fields):
    """A mail with words that HTML would escape."""
    context = {"writer": "Sam O'Neil", "text": "Is it <free>?", "program": {"name": "Mentors & Co"}}
    return outbox.queue(
        key=key,
        name="visitor_question",
        to=outbox.Recipient("Chi@KLA.example.org", "Chi Harper"),
        sender=outbox.Sender("KLA Mentoring Program", "mentoring@kla.example.org", "program:kla"),
        about="program:1",
        now=NOW,
        context=context,
        **fields,
    )


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_woken_after_the_commit_and_not_before(woken):
    with transaction.atomic():
        queue()
        assert woken == []
    assert len(woken) == 1


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_acts_half_of_which_fail_the_mails_are_those_that_were_committed(woken, mailoutbox):
    for number in range(100):
        with transaction.atomic():
            queue(f"question:{number}")
            transaction.set_rollback(number % 2 == 1)
    assert (len(woken), Message.objects.count()) == (50, 50)
    tasks.deliver()
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == len(mailoutbox) == 50


@pytest.mark.django_db
def test_mail_for_later_wakes_nobody(woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        queue(leaves_at=NOW.replace(hour=13))
        queue("question:2", held=True)
    assert woken == []


def test_a_broker_that_is_away_is_asked_once_and_costs_nothing(woken, monkeypatch):
    def away(**kwargs):
        woken.append(kwargs)
        raise OperationalError("nobody is there")

    monkeypatch.setattr(tasks.deliver, "apply_async", away)
    tasks.wake()
    tasks.wake()
    assert len(woken) == 1


def _through(broker, **kwargs):
    """Call the worker as the task does, by a broker of our choice."""
    app = Celery("away", broker=broker, set_as_current=False)
    app.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "socket_connect_timeout": 1}
    app.send_task("mail.deliver", **kwargs)


def test_a_real_broker_that_is_away_does_not_hold_up_the_request(settings, monkeypatch):
    settings.MAIL_WAKE = True
    monkeypatch.setitem(tasks._broker, "missing_since", -tasks.PATIENCE)
    monkeypatch.setattr(tasks.deliver, "apply_async", partial(_through, "redis://127.0.0.1:9/0"))
    before = time.monotonic()
    tasks.wake()
    assert time.monotonic() - before < 2


@pytest.mark.django_db(transaction=True)
def test_whatever_goes_wrong_while_waking_the_mail_is_promised_and_the_page_goes_on(settings, monkeypatch):
    def broken():
        raise RuntimeError("something nobody thought of")

    monkeypatch.setattr(tasks, "wake", broken)
    queue()
    assert Message.objects.get().state == Message.State.QUEUED


def test_where_nobody_wants_a_worker_none_is_called(woken, settings):
    settings.MAIL_WAKE = False
    tasks.wake()
    assert woken == []


@pytest.mark.django_db
def test_the_sweep_delivers_whatever_waits(mailoutbox):
    make_message()
    tasks.sweep()
    tasks.sweep()
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_one_occasion_is_one_mail_and_plain_text_is_not_escaped():
    message = queue()
    assert queue() is None
    assert Message.objects.count() == 1
    assert message.to_email == "chi@kla.example.org"
    assert message.subject == "A question about Mentors & Co"
    assert "Sam O'Neil" in message.text
    assert "Is it <free>?" in message.text
    assert "Is it &lt;free&gt;?" in message.html


@pytest.mark.django_db
def test_what_was_promised_can_be_taken_back_until_it_leaves():
    make_message(1, about="mentorship:4")
    make_message(2, about="mentorship:4", state=Message.State.HELD)
    make_message(3, about="mentorship:4", state=Message.State.SENT)
    make_message(4, about="mentorship:5")
    assert outbox.cancel(about="mentorship:4", now=NOW) == 2
    states = Message.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "cancelled", "sent", "queued"]


@pytest.mark.django_db
def test_no_line_break_reaches_a_header():
    assert outbox.line("A\r\nBcc: everyone@example.org\x00") == "A Bcc: everyone@example.org"


def promise(key, **fields):
    sender = outbox.Sender("KLA Mentoring Program", "mentoring@kla.example.org", "program:kla")
    context = {"writer": "Sam", "text": "Is it free?", "program": {"name": "Mentors"}}
    made = {"name": "visitor_question", "to": outbox.Recipient("chi@kla.example.org", "Chi"), "sender": sender}
    return outbox.Promise(**{"key": key, **made, "about": "", "now": NOW, "context": context, **fields})


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 30])
def test_many_mails_are_promised_with_as_few_questions_as_one(count, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        made = outbox.queue_many([promise(f"a:{number}", kind=Message.Kind.TOPIC) for number in range(count)])
    assert [message.key for message in made] == [f"a:{number}" for number in range(count)]
    assert set(Message.objects.values_list("pk", flat=True)) == {message.pk for message in made}


@pytest.mark.django_db
def test_among_many_each_occasion_counts_once_and_who_has_left_gets_none(woken, django_capture_on_commit_callbacks):
    leaving.leave("chi@kla.example.org", "program:kla", Message.Kind.TOPIC, NOW)
    outbox.queue_many([promise("a")])
    with django_capture_on_commit_callbacks(execute=True):
        made = outbox.queue_many([promise("a"), promise("b"), promise("b"), promise("c", kind=Message.Kind.TOPIC)])
    assert [message and message.key for message in made] == [None, "b", None, "c"]
    assert list(Message.objects.order_by("key").values_list("key", "state")) == [
        ("a", "queued"),
        ("b", "queued"),
        ("c", "cancelled"),
    ]
    assert len(woken) == 1


@pytest.mark.django_db
def test_a_mail_that_cannot_be_written_is_said_and_not_taken_for_one_promised_before():
    with pytest.raises(IntegrityError):
        outbox.queue_many([promise("a", sender=outbox.Sender("KLA", "a@b.example", None))])
