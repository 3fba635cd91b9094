"""The chair is also a mentor: what her mentee tells the committee reaches the deputy, never her, not even as a subject."""

import pytest
from django.urls import reverse

from mail.models import Message
from mentorships import requests
from mentorships.models import Request
from mentorships.tests.make import make_kla, make_pair, on
from programs.models import Seat
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db
MAILS = "admin:mail_message_changelist"


@pytest.fixture
def asked():
    """Chi, the chair, mentors Bea, who asks for another mentor."""
    program = make_kla()
    chi, dee = make_person("chi@kla.example.org", "Chi", "Harper"), make_person("dee@kla.example.org", "Dee", "Ruiz")
    make_seat(program, chi, Seat.Role.CHAIR)
    make_seat(program, dee, Seat.Role.DEPUTY)
    pair = make_pair(program, mentor=chi)
    with on(2025, 12, 1):
        requests.ask(pair, Request.Kind.REMATCH, by=pair.mentee, note="We talk past each other.")
    return chi, dee, Message.objects.get(name="message_received")


@pytest.mark.requirement("R-KLA-42")
def test_the_partner_with_a_seat_does_not_find_the_mail_that_tells_of_it(client, asked):
    chi, _dee, message = asked
    client.force_login(chi)
    assert message.subject not in client.get(reverse(MAILS)).content.decode()
    assert client.get(reverse("admin:mail_message_change", args=[message.pk])).status_code in (302, 404)


def test_her_deputy_does(client, asked):
    _chi, dee, message = asked
    client.force_login(dee)
    assert message.subject in client.get(reverse(MAILS)).content.decode()
