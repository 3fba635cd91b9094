"""A mail as a server gets it: what is one word stays on one line, whatever the site is called."""

import re

import pytest
from django.core import mail as outgoing

from mail import delivery
from mail.envelope import Mail
from mail.models import Message
from mail.tests.house import Sink
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
SITE = f"https://mentoring.{'a-long-name-of-a-library-association-' * 2}.example.org"


class Raw(Sink):
    """A mail server that keeps what it gets as it came."""

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.content)
        return "250 taken"


@pytest.fixture
def server(settings):
    sink = Raw()
    sink.controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        sink.port,
    )
    settings.SITE_URL = SITE
    yield sink
    sink.controller.stop()


def lines(raw: bytes) -> list[str]:
    return raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def test_the_address_for_leaving_and_the_message_id_are_never_folded(server):
    message = make_message(
        kind=Message.Kind.TOPIC, subject="Ä very long subject " * 9, message_id=f"<{'1' * 45}@{'b' * 45}.example.org>"
    )
    delivery.deliver(NOW)
    [raw] = server.mails
    [one_click, leave, message_id] = sorted(line for line in lines(raw) if line.startswith(("List-", "Message-ID")))
    assert re.fullmatch(
        rf"List-Unsubscribe: <{re.escape(SITE)}/mail/leave/0-{message.pk}-[0-9a-f]{{16}}\.[\w.-]+/>", leave
    )
    assert one_click == "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    assert message_id == f"Message-ID: {message.message_id}"
    assert max(len(line) for line in lines(raw) if not line.startswith(("List-Unsubscribe:", "Message-ID:"))) < 100


def test_the_control_djangos_own_mail_folds_them(server):
    plain = outgoing.EmailMultiAlternatives(
        subject="x", body="x", to=["bea@larkin.example.net"], headers={"List-Unsubscribe": f"<{SITE}/mail/leave/0-1/>"}
    )
    plain.send()
    [raw] = server.mails
    at = lines(raw).index("List-Unsubscribe: ")
    assert lines(raw)[at + 1] == f" <{SITE}/mail/leave/0-1/>"


def test_a_mail_without_such_headers_is_as_django_makes_it():
    given = {
        "subject": "x",
        "body": "x",
        "to": ["bea@larkin.example.net"],
        "headers": {"Message-ID": "<1@a.example.org>"},
    }
    ours, plain = (kind(**given).message() for kind in (Mail, outgoing.EmailMultiAlternatives))
    assert (ours["Message-ID"], ours["List-Unsubscribe"]) == (plain["Message-ID"], None)
