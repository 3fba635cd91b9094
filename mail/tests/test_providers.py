"""Mail through a provider's own door: what is handed over, what its answers mean, and what is kept of them."""

import json
import socket
from datetime import timedelta

import pytest
import requests
from anymail.exceptions import AnymailInvalidAddress, AnymailRecipientsRefused
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from mail import delivery
from mail.models import Message, Suppression
from mail.provider_answers import Answer, answer
from mail.providers import PROVIDERS
from mail.tests import post
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
State = Message.State
TAKEN = {
    "postmark": {"To": "bea@larkin.example.net", "ErrorCode": 0, "Message": "OK", "MessageID": post.THEIRS},
    "mailgun": {"id": "<note-1@kla.example.org>", "message": "Queued. Thank you."},
    "sparkpost": {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "6557"}},
}
NUMBER = {"postmark": post.THEIRS, "mailgun": "<note-1@kla.example.org>", "sparkpost": "6557"}


class Door:
    """A provider's web door that gives the answers it was told to."""

    def __init__(self):
        self.asked, self.status, self.told, self.error = [], 200, {}, None

    def __call__(self, session, method, url, **request):
        self.asked.append((method, url, request))
        if self.error:
            raise self.error
        given = requests.Response()
        given.status_code = self.status
        given._content = self.told if isinstance(self.told, bytes) else json.dumps(self.told).encode()
        return given


@pytest.fixture
def door(monkeypatch):
    door = Door()
    monkeypatch.setattr(requests.Session, "request", lambda session, *args, **more: door(session, *args, **more))
    return door


def sent(message):
    delivery.deliver(NOW)
    message.refresh_from_db()
    return (message.state, message.refusal, message.provider_id)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_mail_leaves_with_our_number_and_the_providers_is_kept(settings, door, provider):
    post.use(settings, provider)
    door.told = TAKEN[provider]
    message = make_message(reply_to="lee@kla.example.org, mentoring@kla.example.org")
    assert sent(message) == (State.SENT, "", NUMBER[provider])
    [(method, url, request)] = door.asked
    assert (method, provider in url.lower(), request["timeout"]) == ("POST", True, 30)
    everything = json.dumps(request["data"], default=str) + json.dumps(request, default=str)
    for word in (message.message_id, "auto-generated", "lee@kla.example.org", "mentoring.example.org", "Good morning"):
        assert word in everything, word


def test_postmark_is_told_what_goes_along_and_keeps_our_message_id(settings, door):
    post.use(settings, "postmark")
    door.told = TAKEN["postmark"]
    message = make_message(also_email="mo@farrow.example.org", also_name="Mo")
    delivery.deliver(NOW)
    asked = json.loads(door.asked[0][2]["data"])
    assert asked["Metadata"] == {"mail": str(message.pk), "attempt": "1", "site": "mentoring.example.org"}
    assert asked["To"] == "Bea Lindqvist <bea@larkin.example.net>, Mo <mo@farrow.example.org>"
    headers = {header["Name"]: header["Value"] for header in asked["Headers"]}
    assert headers == {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated", "X-PM-KeepID": "true"}


def test_over_plain_smtp_nothing_of_it_goes_along(settings, mailoutbox):
    settings.MAIL_PROVIDER = ""
    assert sent(make_message()) == (State.SENT, "", "")
    assert not hasattr(mailoutbox[0], "metadata")


@pytest.mark.parametrize(
    ("status", "told", "state", "words"),
    [
        (429, {"message": "Slow down"}, State.QUEUED, "429 Slow down"),
        (500, b"<html>oops</html>", State.QUEUED, "500 <html>oops</html>"),
        (503, {"Message": "Service unavailable"}, State.QUEUED, "503 Service unavailable"),
        (401, b"Forbidden", State.QUEUED, "401 Forbidden"),
        (400, {"message": "'from' parameter is not a valid address"}, State.PARKED, "400 'from' parameter is not a valid address"),
        (413, {"Message": "Too large"}, State.PARKED, "413 Too large"),
        (502, b"gateway", State.UNCERTAIN, "502 gateway"),
        (504, b"gateway", State.UNCERTAIN, "504 gateway"),
        (200, b"not json", State.UNCERTAIN, "200 not json"),
    ],
)  # fmt: skip
def test_what_a_provider_answers_in_words(settings, door, status, told, state, words):
    post.use(settings, "mailgun")
    door.status, door.told = status, told
    message = make_message()
    assert sent(message) == (state, words, "")
    assert message.leaves_at == (NOW + timedelta(minutes=5) if state == State.QUEUED else NOW)


INACTIVE = (
    "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: bea@larkin.example.net."
    " Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
)


def test_an_address_that_the_provider_will_not_write_to_is_parked_with_its_words(settings, door):
    post.use(settings, "postmark")
    door.status, door.told = 422, {"ErrorCode": 406, "Message": INACTIVE}
    message, other = make_message(), make_message(2)
    assert sent(message) == (State.PARKED, INACTIVE, "")
    other.refresh_from_db()
    assert (other.state, other.attempts, len(door.asked)) == (State.PARKED, 0, 1)
    assert list(Suppression.objects.values_list("email", "words")) == [("bea@larkin.example.net", INACTIVE)]


def test_a_provider_that_does_not_say_whether_it_has_taken_a_mail_leaves_it_uncertain(settings, door):
    post.use(settings, "postmark")
    door.status, door.told = 422, {"ErrorCode": 406, "Message": "Found something new."}
    words = "The mail provider did not say whether it has taken this mail."
    assert sent(make_message()) == (State.UNCERTAIN, words, "")


def test_of_two_readers_the_one_whom_the_provider_will_not_write_to_is_split_off(settings, door):
    post.use(settings, "postmark")
    words = (
        "Message OK, but will not deliver to these inactive addresses: bea@larkin.example.net. Inactive recipients are"
    )
    both = {"To": "bea@larkin.example.net, mo@farrow.example.org", "ErrorCode": 0, "MessageID": post.THEIRS}
    door.told = {**both, "Message": words}
    make_message(also_email="mo@farrow.example.org", also_name="Mo")
    delivery.deliver(NOW)
    found = Message.objects.order_by("pk").values_list("to_email", "also_email", "state", "outcome", "provider_id")
    assert list(found) == [
        ("mo@farrow.example.org", "", State.SENT, "", post.THEIRS),
        ("bea@larkin.example.net", "", State.SENT, "bounced", post.THEIRS),
    ]
    assert list(Suppression.objects.values_list("email", flat=True)) == ["bea@larkin.example.net"]


def unreachable():
    cause = NewConnectionError(None, "refused")
    return requests.ConnectionError(MaxRetryError(None, "/", cause))


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (unreachable(), State.QUEUED, "The mail provider could not be reached."),
        (requests.ConnectTimeout("slow"), State.QUEUED, "The mail provider could not be reached."),
        (requests.ReadTimeout("slow"), State.UNCERTAIN, "The line to the mail provider broke: ReadTimeout"),
        (requests.ConnectionError(ProtocolError("reset")), State.UNCERTAIN, "The line to the mail provider broke: ConnectionError"),
    ],
)  # fmt: skip
def test_a_line_that_breaks_makes_it_uncertain_unless_there_never_was_one(settings, door, error, state, words):
    post.use(settings, "postmark")
    door.error = error
    first, second = make_message(1), make_message(2)
    assert sent(first) == (state, words, "")
    second.refresh_from_db()
    assert second.state == state


def test_a_door_that_is_shut_costs_nothing(settings):
    """With a real socket: nobody listens there."""
    post.use(settings, "postmark")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": f"http://127.0.0.1:{port}/"}
    assert sent(make_message()) == (State.QUEUED, "The mail provider could not be reached.", "")


def test_what_anymail_itself_will_not_send_is_parked():
    assert answer(AnymailInvalidAddress("Invalid email address 'x'")) == Answer(
        "AnymailInvalidAddress: Invalid email address 'x'"
    )
    refused = Answer("All message recipients were rejected or invalid", fails=True)
    assert answer(AnymailRecipientsRefused()) == refused
