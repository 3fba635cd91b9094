"""Leaving topics and announcements: one press of a person, nothing of a scanner, and never what one's place depends on."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from mail import delivery, leaving, links, outbox
from mail.models import Message, OptOut
from mail.tests import scanner
from mail.tests.make import NOW, make_message
from mail.tests.scale import scale
from members.models import Entry

pytestmark = pytest.mark.django_db
Kind, State = Message.Kind, Message.State
BEA, KLA = "bea@larkin.example.net", "program:kla"
LOOKS = scale(ci=500, full=2_000)


@pytest.fixture(autouse=True)
def _bea_has_this_address(monkeypatch):
    monkeypatch.setattr(leaving, "_OTHERS", [lambda email: [BEA] if email.lower() == BEA else []])


def queue(key, kind=Kind.TOPIC, email=BEA, scope=KLA):
    sender = outbox.Sender("KLA Mentoring", "mentoring@kla.example.org", scope)
    return outbox.queue(
        key=key,
        name="visitor_question",
        to=outbox.Recipient(email, "Bea Lindqvist"),
        sender=sender,
        about="",
        now=NOW,
        kind=kind,
        good_until=NOW + timedelta(days=7) if kind == Kind.NUDGE else None,
        context={"writer": "Sam", "text": "Is it free?", "program": {"name": "KLA Mentoring"}},
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


@pytest.mark.promise("G18")
def test_500_looks_change_nothing_and_one_press_without_a_cookie_does(figures):
    message = make_message(kind=Kind.TOPIC, state=State.SENT)
    client = Client(enforce_csrf_checks=True)
    assert scanner.traces_of_looking([address(message)], LOOKS) == []
    assert client.options(address(message)).status_code == 405
    before = scanner.tables()
    page = client.post(address(message), {"List-Unsubscribe": "One-Click"}).content.decode()
    assert left() == [(BEA, KLA, "topic")]
    assert "No more monthly topics" in page
    assert scanner.traces(before) == ["mail_optout", "members_entry"]
    after = scanner.tables()
    client.post(address(message))
    assert scanner.traces(after) == []
    client.post(address(message), {"do": "come_back"})
    assert left() == []
    figures.say("G18", looks=LOOKS, changed=0, presses=1, left=1)


@pytest.mark.promise("G18")
@pytest.mark.parametrize(
    ("acts", "table"),
    [
        (lambda message: leaving.leave(message.to_email, KLA, Kind.TOPIC, NOW), "mail_optout"),
        (lambda message: Message.objects.filter(pk=message.pk).update(left_at=NOW), "mail_message"),
    ],
    ids=["a row more", "a row changed"],
)
def test_the_control_a_page_that_acts_when_looked_at_leaves_a_trace(monkeypatch, figures, acts, table):
    message = make_message(kind=Kind.TOPIC, state=State.SENT)

    def acts_at_once(token, purpose):
        acts(message)
        return links.Link(0, message.to_email, message.pk)

    monkeypatch.setattr(links, "read", acts_at_once)
    changed = scanner.traces_of_looking([address(message)], 1)
    assert changed == [table]
    figures.say("G18", "a page that acts when looked at", looks=1, changed=len(changed))


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


def test_leaving_by_the_link_stands_in_the_history_once_and_names_nobody(client):
    message = make_message(kind=Kind.TOPIC, state=State.SENT)
    for do in ("", "leave", "come_back", "come_back"):
        client.post(address(message), {"do": do})
    lines = list(Entry.objects.order_by("pk").values_list("actor", "verb", "about", "scope", "reason"))
    assert lines == [
        (None, "left_by_link", f"message:{message.pk}", KLA, ""),
        (None, "came_back_by_link", f"message:{message.pk}", KLA, ""),
    ]


def test_an_old_mail_to_an_address_that_is_nobodys_any_more_says_so_and_leaves_nothing(client):
    message = make_message(kind=Kind.TOPIC, state=State.SENT, to_email="bea@old.example.net")
    for method in (client.get, client.post):
        answer = method(address(message))
        assert answer.status_code == 404
        assert "the mail’s address is no longer on the account" in answer.content.decode()
    assert left() == []


def test_a_forged_link_or_one_for_something_else_says_so_and_changes_nothing(client):
    message = make_message(kind=Kind.TOPIC)
    for token in ("0-1.x.y", links.token("check-in", 0, message), links.token(leaving.PURPOSE, 0, message)[:-1]):
        answer = client.post(reverse("leave_mail", args=[token]))
        assert answer.status_code == 404
        assert "We do not know this link" in answer.content.decode()
    assert left() == []
