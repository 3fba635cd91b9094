"""Leaving topics and announcements: one press of a person, nothing of a scanner, and never what one's place depends on."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from mail import delivery, leaving, links, outbox
from mail.models import Message, OptOut
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
Kind, State = Message.Kind, Message.State
BEA, KLA = "bea@larkin.example.net", "program:kla"


def queue(key, kind=Kind.TOPIC, email=BEA, scope=KLA):
    sender = outbox.Sender("KLA Mentoring", "mentoring@kla.example.org", scope)
    context = {"writer": "Sam", "text": "Is it free?", "program": {"name": "KLA Mentoring"}}
    to = outbox.Recipient(email, "Bea Lindqvist")
    return outbox.queue(
        key=key, name="visitor_question", to=to, sender=sender, about="", now=NOW, kind=kind, context=context
    )


def address(message):
    return reverse("leave_mail", args=[links.token(leaving.PURPOSE, 0, message)])


def left():
    return list(OptOut.objects.values_list("email", "scope", "kind"))


@pytest.mark.parametrize("kind", Kind.values)
def test_the_header_and_the_line_stand_in_what_may_be_left_and_nowhere_else(kind):
    queue("one", kind)
    delivery.deliver(NOW)
    [sent] = mail.outbox
    named = {name for name in sent.extra_headers if name.startswith("List-")}
    may = kind in ("topic", "announcement")
    assert named == ({"List-Unsubscribe", "List-Unsubscribe-Post"} if may else set())
    assert ("No more mail of this kind" in sent.body) is may
    assert ("No more mail of this kind" in sent.alternatives[0].content) is may
    if may:
        url = sent.extra_headers["List-Unsubscribe"].strip("<>")
        assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "/mail/leave/0-" in sent.body
        path = "/" + url.split("/", 3)[3]
        assert Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert left() == [(BEA, KLA, kind)]


def test_500_looks_change_nothing_and_one_press_without_a_cookie_does():
    message = make_message(kind=Kind.TOPIC)
    client = Client(enforce_csrf_checks=True)
    for number in range(500):
        look = client.head if number % 5 == 0 else client.get
        assert look(address(message)).status_code == 200
    assert left() == []
    assert client.options(address(message)).status_code == 405
    page = client.post(address(message)).content.decode()
    assert left() == [(BEA, KLA, "topic")]
    assert "No more monthly topics" in page
    client.post(address(message))
    assert left() == [(BEA, KLA, "topic")]
    client.post(address(message), {"do": "come_back"})
    assert left() == []


def test_what_waits_is_taken_back_what_comes_later_is_not_made_to_leave_and_all_else_goes_on():
    waiting, other = queue("topic:1"), queue("topic:2", email="cal@a.example.org")
    question, elsewhere = queue("check-in", Kind.ESSENTIAL), queue("topic:3", scope="program:other")
    leaving.leave(BEA.upper(), KLA, Kind.TOPIC, NOW)
    later = queue("topic:4")
    assert (later.state, later.refusal) == (State.CANCELLED, "Its reader has asked for no more mail of this kind.")
    assert queue("topic:4") is None
    delivery.deliver(NOW)
    states = dict(Message.objects.values_list("pk", "state"))
    assert {pk for pk, state in states.items() if state == State.SENT} == {other.pk, question.pk, elsewhere.pk}
    assert {pk for pk, state in states.items() if state == State.CANCELLED} == {waiting.pk, later.pk}
    leaving.come_back(BEA, KLA, Kind.TOPIC)
    assert queue("topic:5").state == State.QUEUED


@pytest.mark.parametrize("kind", [Kind.ESSENTIAL, Kind.NUDGE])
def test_what_ones_place_depends_on_cannot_be_left(kind, client):
    with pytest.raises(ValueError, match="cannot be left"):
        leaving.leave(BEA, KLA, kind, NOW)
    assert client.post(address(make_message(kind=kind))).status_code == 404
    assert left() == []


def test_a_forged_link_or_one_for_something_else_says_so_and_changes_nothing(client):
    message = make_message(kind=Kind.TOPIC)
    for token in ("0-1.x.y", links.token("check-in", 0, message), links.token(leaving.PURPOSE, 0, message)[:-1]):
        answer = client.post(reverse("leave_mail", args=[token]))
        assert answer.status_code == 404
        assert "We do not know this link" in answer.content.decode()
    assert left() == []
