"""How mail leaves, and what becomes of it when the server says no, hangs up, or the worker dies."""

import smtplib
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from mail import delivery, due
from mail.models import Message
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
State = Message.State


class Server(EmailBackend):
    """A mail server that gives the answers it was told to, in order; "" takes the mail."""

    answers: list = []
    reachable = True

    def open(self):
        if not self.reachable:
            raise ConnectionRefusedError("nobody is there")

    def send_messages(self, messages):
        answer = self.answers.pop(0) if self.answers else ""
        if answer:
            raise answer
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = "mail.tests.test_delivery.Server"
    monkeypatch.setattr(Server, "answers", [])
    monkeypatch.setattr(Server, "reachable", True)
    return Server


def refusal(code, words):
    return smtplib.SMTPRecipientsRefused({"bea@larkin.example.net": (code, words)})


def test_a_mail_leaves_from_the_program_with_a_fixed_number_and_both_texts(settings):
    settings.DEFAULT_FROM_EMAIL = "Mentoring <mail@mentoring.example.org>"
    message = make_message()
    assert delivery.deliver(NOW) == [message]
    [sent] = mail.outbox
    assert (sent.from_email, sent.to, sent.reply_to) == (
        "KLA Mentoring Program <mail@mentoring.example.org>",
        ["Bea Lindqvist <bea@larkin.example.net>"],
        ["mentoring@kla.example.org"],
    )
    assert sent.message()["Message-ID"] == "<note-1@kla.example.org>"
    assert sent.message()["Auto-Submitted"] == "auto-generated"  # no "I am away" comes back to the committee
    assert (sent.body, sent.alternatives[0].content) == ("Good morning.\n", "<p>Good morning.</p>")
    message.refresh_from_db()
    assert (message.state, message.settled_at, message.lease_until, message.attempts) == (State.SENT, NOW, None, 1)


@pytest.mark.parametrize("name", ["José Ångström", 'O\'Hara, "Bob"', "李小龙", "é" * 120, "=?utf-8?q?x?=", "<script>"])
def test_names_of_every_kind_arrive_as_they_are(name):
    make_message(from_name=name, to_name=name, subject=f"For {name}")
    delivery.deliver(NOW)
    arrived = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)
    shown = "x" if name.startswith("=?") else name
    assert [arrived[header].addresses[0].display_name for header in ("From", "To")] == [shown, shown]
    assert arrived["To"].addresses[0].addr_spec == "bea@larkin.example.net"
    assert arrived["Subject"].strip().startswith("For ")


def test_an_introduction_has_both_people_in_its_address():
    make_message(also_email="mo@farrow.example.org", also_name="Mo Castellanos")
    delivery.deliver(NOW)
    assert mail.outbox[0].to == ["Bea Lindqvist <bea@larkin.example.net>", "Mo Castellanos <mo@farrow.example.org>"]


def test_a_second_call_sends_nothing_again():
    make_message()
    delivery.deliver(NOW)
    assert delivery.deliver(NOW + timedelta(days=1)) == []
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "state", [State.HELD, State.CANCELLED, State.PARKED, State.UNCERTAIN, State.CLAIMED, State.SENT]
)
def test_only_queued_mail_leaves(state):
    make_message(state=state)
    assert delivery.deliver(NOW) == []
    assert mail.outbox == []


def test_mail_waits_for_its_hour():
    make_message(leaves_at=NOW + timedelta(minutes=15))
    assert delivery.deliver(NOW) == []
    assert len(delivery.deliver(NOW + timedelta(minutes=15))) == 1


def test_a_code_leaves_before_everything_else_and_is_blanked_afterwards():
    make_message(1, leaves_at=NOW - timedelta(days=1))
    code = make_message(2, secret=True, subject="482 913 is your code", text="482 913", html="<p>482 913</p>")
    delivery.deliver(NOW)
    assert [(sent.subject, sent.body) for sent in mail.outbox][0] == ("482 913 is your code", "482 913")
    assert mail.outbox[1].body == "Good morning.\n"
    code.refresh_from_db()
    assert (code.state, code.subject, code.text, code.html) == (State.SENT, "(A code)", "", "")


def test_a_code_that_is_refused_for_good_is_blanked_too(server):
    server.answers = [refusal(550, b"no such person")]
    code = make_message(secret=True)
    delivery.deliver(NOW)
    code.refresh_from_db()
    assert (code.state, code.text, code.html) == (State.PARKED, "", "")


def test_a_refusal_for_now_is_tried_again_later_and_later(server):
    message = make_message()
    waits = []
    now = NOW
    for _ in range(3):
        server.answers = [refusal(451, b"try again later")]
        delivery.deliver(now)
        message.refresh_from_db()
        assert (message.state, message.refusal) == (State.QUEUED, "451 try again later")
        waits.append(message.leaves_at - now)
        now = message.leaves_at
    assert waits == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    delivery.deliver(now)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 4)
    assert len(mail.outbox) == 1


def test_a_mail_that_is_put_off_for_too_long_is_parked(server):
    server.answers = [refusal(451, b"still no")]
    message = make_message(attempts=delivery.MOST_ATTEMPTS - 1)
    delivery.deliver(NOW)
    message.refresh_from_db()
    assert message.state == State.PARKED


def test_a_refusal_for_good_is_parked_with_the_servers_words(server):
    server.answers = [refusal(550, b"no such person here")]
    message = make_message()
    delivery.deliver(NOW)
    message.refresh_from_db()
    assert (message.state, message.refusal, message.settled_at) == (State.PARKED, "550 no such person here", NOW)


def test_one_of_two_people_refused_for_now_counts_with_the_harder_word(server):
    both = {"bea@larkin.example.net": (451, b"later"), "mo@farrow.example.org": (550, b"never")}
    server.answers = [smtplib.SMTPRecipientsRefused(both)]
    message = make_message(also_email="mo@farrow.example.org")
    delivery.deliver(NOW)
    message.refresh_from_db()
    assert (message.state, message.refusal) == (State.PARKED, "451 later; 550 never")


@pytest.mark.parametrize("answer", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("too slow")])
def test_a_line_that_breaks_while_a_mail_leaves_makes_it_uncertain_and_never_doubled(server, answer):
    server.answers = [answer]
    first, second = make_message(1), make_message(2)
    delivery.deliver(NOW)
    delivery.deliver(NOW + timedelta(days=1))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.UNCERTAIN, State.SENT)
    assert len(mail.outbox) == 1


def test_a_server_that_is_away_costs_a_mail_nothing(server):
    server.reachable = False
    message = make_message()
    assert delivery.deliver(NOW) == []
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 0)


def test_a_mail_that_cannot_be_written_does_not_stop_the_next():
    poisoned = make_message(1, subject="two\nlines")
    make_message(2)
    delivery.deliver(NOW)
    poisoned.refresh_from_db()
    assert poisoned.state == State.PARKED
    assert len(mail.outbox) == 1


def test_a_worker_that_never_came_back_leaves_a_mail_of_which_nobody_is_sure():
    message = make_message()
    delivery.claim(NOW, NOW + delivery.LEASE)
    assert delivery.deliver(NOW + delivery.LEASE) == []
    delivery.deliver(NOW + delivery.LEASE + timedelta(seconds=1))
    message.refresh_from_db()
    assert message.state == State.UNCERTAIN
    assert mail.outbox == []


def test_a_worker_that_was_only_slow_puts_right_what_was_thought_uncertain():
    claimed = make_message()
    claimed = delivery.claim(NOW, NOW + delivery.LEASE)
    delivery.expire(NOW + 2 * delivery.LEASE)
    assert delivery.settle(claimed, State.SENT, NOW) is True
    claimed.refresh_from_db()
    assert claimed.state == State.SENT


def test_a_slow_worker_does_not_overrule_a_later_decision():
    make_message()
    claimed = delivery.claim(NOW, NOW + delivery.LEASE)
    Message.objects.update(state=State.QUEUED, attempts=2)
    assert delivery.settle(claimed, State.SENT, NOW) is False


def test_the_number_of_mails_of_one_call_has_a_limit():
    for number in range(3):
        make_message(number)
    assert len(delivery.deliver(NOW, limit=2)) == 2
    assert len(delivery.deliver(NOW, limit=2)) == 1


def test_the_planner_alone_delivers_and_a_look_ahead_sends_nothing():
    message = make_message()
    line = due.Due(NOW, "program:kla", "note", "application:1")
    assert list(due.due(NOW, dry=True)) == [line]
    message.refresh_from_db()
    assert message.state == State.QUEUED
    assert list(due.due(NOW)) == [line]
    assert list(due.due(NOW)) == []
    assert len(mail.outbox) == 1


def test_every_move_of_delivery_is_one_of_the_ledgers_moves():
    assert {State.SENT, State.QUEUED, State.PARKED, State.UNCERTAIN} == Message.MOVES[State.CLAIMED]
    assert {State.QUEUED, State.SENT, State.PARKED} == Message.MOVES[State.UNCERTAIN]
    assert {State.QUEUED, State.CANCELLED} == Message.MOVES[State.PARKED]
    assert {State.QUEUED} == Message.MOVES[State.SENT]
    assert {State.SENT, State.PARKED} < Message.MOVES[State.QUEUED]  # what a provider's event ends


@pytest.mark.parametrize("state", [State.PARKED, State.UNCERTAIN])
def test_what_may_not_have_arrived_is_sent_again_on_purpose_as_the_same_mail_and_once(state):
    message = make_message(state=state, attempts=1, settled_at=NOW, refusal="550 no such person")
    assert delivery.send_again(message, NOW) is True
    assert delivery.send_again(message, NOW) is False  # the second click
    delivery.deliver(NOW)
    assert delivery.send_again(message, NOW) is False  # and a late one
    delivery.deliver(NOW)
    assert [sent.message()["Message-ID"] for sent in mail.outbox] == ["<note-1@kla.example.org>"]
    message.refresh_from_db()
    assert (message.state, message.attempts, message.refusal) == (State.SENT, 2, "")


def test_a_second_click_after_it_was_refused_once_more_sends_nothing(server):
    server.answers = [refusal(550, b"no such person"), refusal(550, b"no such person")]
    message = make_message()
    delivery.deliver(NOW)
    message.refresh_from_db()
    assert delivery.send_again(message, NOW) is True
    delivery.deliver(NOW)
    assert delivery.send_again(message, NOW) is False  # decided upon what was seen before
    message.refresh_from_db()
    assert delivery.send_again(message, NOW) is True


def test_a_mail_that_is_sent_again_has_all_its_tries_anew(server):
    message = make_message(state=State.PARKED, attempts=delivery.MOST_ATTEMPTS)
    delivery.send_again(message, NOW)
    server.answers = [refusal(451, b"not now")]
    delivery.deliver(NOW)
    message.refresh_from_db()
    assert (message.state, message.leaves_at) == (State.QUEUED, NOW + delivery.FIRST_WAIT)


@pytest.mark.parametrize("state", [State.QUEUED, State.CLAIMED, State.SENT, State.HELD, State.CANCELLED])
def test_nothing_else_is_sent_again_or_left(state):
    message = make_message(state=state)
    assert (delivery.send_again(message, NOW), delivery.leave(message, NOW)) == (False, False)
    message.refresh_from_db()
    assert (message.state, message.left_at) == (state, None)


def test_a_code_is_never_sent_again():
    assert delivery.send_again(make_message(state=State.PARKED, secret=True, text="", html=""), NOW) is False


def test_a_worker_that_was_slow_does_not_settle_what_was_sent_again():
    make_message()
    slow = delivery.claim(NOW, NOW + delivery.LEASE)
    delivery.expire(NOW + 2 * delivery.LEASE)
    seen = Message.objects.get()
    delivery.send_again(seen, NOW)
    assert delivery.settle(slow, State.SENT, NOW) is False
    assert Message.objects.get().state == State.QUEUED


def test_what_is_left_stays_what_it_is_and_a_slow_worker_still_puts_it_right():
    make_message()
    slow = delivery.claim(NOW, NOW + delivery.LEASE)
    delivery.expire(NOW + 2 * delivery.LEASE)
    seen = Message.objects.get()
    assert (delivery.leave(seen, NOW), delivery.leave(seen, NOW)) == (True, False)
    assert Message.objects.get().state == State.UNCERTAIN
    delivery.settle(slow, State.SENT, NOW)
    assert Message.objects.get().state == State.SENT


@pytest.mark.parametrize(("good_until", "again"), [(NOW - timedelta(seconds=1), False), (NOW, True), (None, True)])
def test_a_reminder_whose_reason_has_gone_is_not_sent_again(good_until, again):
    message = make_message(state=State.PARKED, attempts=1, good_until=good_until)
    assert delivery.is_over(message, NOW) is not again
    assert delivery.send_again(message, NOW) is again
    message.refresh_from_db()
    assert message.state == (State.QUEUED if again else State.PARKED)
