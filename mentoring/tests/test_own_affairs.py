"""The chair is also a mentor: what her mentee tells the committee reaches the deputy, never her, not even as a subject."""

import pytest
from django.urls import reverse

from mail.models import Message
from members.models import Entry
from mentorships import plans, requests
from mentorships.models import Mentorship, Request
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


def test_nor_does_she_read_in_the_history_or_on_the_first_page_that_something_was_asked(client, asked):
    chi, dee, _message = asked
    line = Entry.objects.get(verb="asked")
    seen = {}
    for who in (chi, dee):
        client.force_login(who)
        with on(2025, 12, 2):
            listed = client.get(reverse("admin:members_entry_changelist")).context["cl"].result_list
            first_page = client.get(reverse("admin:index")).context["lately"]
            status = client.get(reverse("admin:members_entry_change", args=[line.pk])).status_code
        seen[who] = (line in listed, "Bea" in " ".join(act.words for act in first_page), status)
    assert seen == {chi: (False, False, 404), dee: (True, True, 200)}


def test_nor_the_words_for_her_partner_when_the_pair_is_ended(client, asked):
    chi, dee, _message = asked
    with on(2025, 12, 3):
        requests.settle(Request.objects.get(), Request.State.DONE, by=dee, answer="We look for somebody calmer.")
    told = Message.objects.get(name="ended_early", to_email="bea@larkin.example.net")
    url, words = reverse("admin:mail_message_change", args=[told.pk]), "somebody calmer"
    client.force_login(chi)
    assert client.get(url).status_code == 404
    client.force_login(dee)
    assert words in client.get(url).content.decode()


def test_nor_in_the_history_of_her_own_pair(client, asked):
    chi, dee, _message = asked
    pair = Mentorship.objects.get()
    with on(2025, 12, 3):
        plans.save(pair, {"rhythm": "monthly"}, [], by=pair.mentee)
    seen = {}
    for who in (chi, dee):
        client.force_login(who)
        lines = client.get(reverse("admin:mentorships_mentorship_history", args=[pair.pk])).context["lines"]
        seen[who] = "plan_changed" in [entry.verb for entry, _name in lines]
    assert seen == {chi: False, dee: True}
