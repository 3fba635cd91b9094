"""Which mails I get: program by program, all addresses of a person as one, and never what one's place depends on."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mail import delivery, leaving, links, outbox
from mail.models import Message, OptOut
from members.models import Entry
from programs import preferences
from programs.models import Application, Listing, Program, Role
from programs.preferences import ANNOUNCEMENT, TOPIC
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_person,
    make_program,
)

pytestmark = pytest.mark.django_db
URL, OTHER = "/my/mail/", "bea@home.example.net"
BOTH_SIDES = Program.TopicRecipients.BOTH


@pytest.fixture
def bea():
    """Bea, with a second proved address and a third that nobody has proved."""
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    EmailAddress.objects.create(user=bea, email=OTHER.title(), verified=True)
    EmailAddress.objects.create(user=bea, email="not-hers@else.example.org", verified=False)
    return bea


def take_part(user, slug="kla", **fields):
    program = make_program(slug, **{"topic_recipients": BOTH_SIDES, **fields})
    make_application(make_cycle(program), user, Role.MENTEE, Application.State.ADMITTED)
    return program


def queue(program, kind=TOPIC, email="bea@larkin.example.net", key="one"):
    return outbox.queue(
        key=key,
        name="visitor_question",
        to=outbox.Recipient(email, "Bea"),
        sender=program.sender(),
        about="",
        now=SEPTEMBER,
        kind=kind,
        context={"writer": "Sam", "text": "Is it free?", "program": program},
    )


def choices(user):
    return {(one.program.slug, str(choice.kind)): choice.left for one in preferences.of(user) for choice in one.choices}


def left():
    return sorted(OptOut.objects.values_list("email", "scope", "kind"))


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", "about", "actor"))


def test_every_program_of_theirs_offers_what_it_sends(bea):
    take_part(bea, "kla")
    take_part(bea, "nela", topic_recipients=Program.TopicRecipients.NONE)
    Listing.objects.create(program=make_program("nasig"), user=bea, since=date(2025, 9, 1))
    make_program("nmrt", topic_recipients=BOTH_SIDES)
    assert choices(bea) == {
        ("kla", "topic"): False,
        ("kla", "announcement"): False,
        ("nasig", "announcement"): False,
        ("nela", "announcement"): False,
    }


def test_who_has_left_a_program_in_which_they_are_not_can_come_back(bea):
    program = make_program("nmrt")
    leaving.leave(OTHER, program.scope, TOPIC, SEPTEMBER)
    assert choices(bea) == {("nmrt", "topic"): True, ("nmrt", "announcement"): False}
    assert choices(make_person("cal@a.example.org", "Cal", "Ferreira")) == {}


def test_leaving_holds_for_every_address_and_coming_back_too(bea):
    program = take_part(bea)
    waiting, question = queue(program), queue(program, Message.Kind.ESSENTIAL, key="question")
    preferences.leave(program, TOPIC, by=bea)
    assert left() == [(OTHER, "program:kla", "topic"), ("bea@larkin.example.net", "program:kla", "topic")]
    waiting.refresh_from_db()
    question.refresh_from_db()
    assert (waiting.state, question.state) == (Message.State.CANCELLED, Message.State.QUEUED)
    bea.email = OTHER  # mail goes to the other address from now on
    bea.save()
    assert queue(program, email=OTHER, key="two").state == Message.State.CANCELLED
    assert choices(bea)["kla", "topic"] is True
    preferences.come_back(program, TOPIC, by=bea)
    assert left() == []
    assert queue(program, email=OTHER, key="three").state == Message.State.QUEUED


def test_what_was_left_with_one_address_from_a_mail_is_had_again_with_all(bea):
    program = take_part(bea)
    leaving.leave(bea.email, program.scope, TOPIC, SEPTEMBER)
    leaving.leave("bea.from.another@else.example.org", program.scope, TOPIC, SEPTEMBER)
    assert choices(bea)["kla", "topic"] is True
    preferences.come_back(program, TOPIC, by=bea)
    assert left() == [("bea.from.another@else.example.org", "program:kla", "topic")]


def test_the_history_names_it_once_and_holds_no_address(bea):
    program = take_part(bea)
    for act in (preferences.leave, preferences.leave, preferences.come_back, preferences.come_back):
        act(program, TOPIC, by=bea)
        act(program, ANNOUNCEMENT, by=bea)
    of_program = f"program:{program.pk}", bea.pk
    assert verbs() == [
        ("left_topics", *of_program),
        ("left_announcements", *of_program),
        ("topics_again", *of_program),
        ("announcements_again", *of_program),
    ]


def test_one_press_on_the_page_leaves_and_another_comes_back(client, bea):
    take_part(bea)
    client.force_login(bea)
    page = client.get(URL).content.decode()
    assert "Our mails go to bea@larkin.example.net." in page
    assert "you get them" in page
    assert "you have left them" not in page
    answer = client.post(URL, {"program": "kla", "kind": "topic", "do": "leave"}, follow=True)
    assert answer.redirect_chain == [(URL, 302)]
    page = answer.content.decode()
    assert "KLA Mentoring sends you no more topics." in page
    assert "I would like the topics again" in page
    assert "No more announcements" in page
    client.post(URL, {"program": "kla", "kind": "topic", "do": "come_back"})
    assert left() == []


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"program": "kla", "kind": "essential", "do": "leave"},
        {"program": "kla", "kind": "nudge", "do": "leave"},
        {"program": "nmrt", "kind": "topic", "do": "leave"},
        {"program": "kla\x00", "kind": "topic"},
    ],
)
def test_what_cannot_be_left_or_is_not_theirs_is_not_there(client, bea, sent):
    take_part(bea)
    make_program("nmrt", topic_recipients=BOTH_SIDES)
    client.force_login(bea)
    assert client.post(URL, sent).status_code == 404
    assert (left(), verbs()) == ([], [])


def test_signing_in_and_a_page_of_ours_are_needed(client, bea):
    take_part(bea)
    assert client.post(URL, {"program": "kla", "kind": "topic"})["Location"] == f"/account/login/?next={URL}"
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.force_login(bea)
    assert elsewhere.post(URL, {"program": "kla", "kind": "topic", "do": "leave"}).status_code == 403
    assert left() == []


def test_who_has_no_program_reads_what_always_comes(client):
    client.force_login(make_person("sam@a.example.org", "Sam", "Stranger"))
    page = client.get(URL).content.decode()
    assert "Nothing to choose yet" in page
    assert "What always comes" in page


def test_looking_writes_nothing_and_asks_as_often_for_three_programs_as_for_one(client, bea):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(URL).status_code == 200
        return len(queries)

    client.force_login(bea)
    take_part(bea, "kla")
    take_part(make_person("cal@a.example.org", "Cal", "Ferreira"), "other")
    assert_writes_nothing(client, URL)
    one = asked()
    for slug in ("nela", "nmrt"):
        preferences.leave(take_part(bea, slug), TOPIC, by=bea)
    assert (asked(), one) == (one, one)
    assert one <= 12


def test_the_way_there_stands_on_my_mentoring_and_in_the_account(client, bea):
    take_part(bea)
    client.force_login(bea)
    for url in ("/my/", "/account/"):
        assert f'href="{URL}"' in client.get(url).content.decode()


def test_a_topic_to_somebody_who_has_left_is_never_sent(bea):
    program = take_part(bea)
    preferences.leave(program, TOPIC, by=bea)
    queue(program)
    assert delivery.deliver(SEPTEMBER) == []


def test_an_old_mail_leaves_for_the_address_that_mail_goes_to_now(client, bea):
    program = take_part(bea)
    to_the_old = queue(program)
    Message.objects.update(state=Message.State.SENT)
    bea.email = OTHER
    bea.save()
    url = reverse("leave_mail", args=[links.token(leaving.PURPOSE, 0, to_the_old)])
    assert client.post(url).status_code == 200
    assert queue(program, email=OTHER, key="two").state == Message.State.CANCELLED
    client.post(url, {"do": "come_back"})
    assert left() == []
