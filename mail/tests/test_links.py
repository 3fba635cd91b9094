"""Links in mails: signed at sending only, for one purpose, one row and one address."""

import pytest
import time_machine
from django.core import mail
from django.template import Context, Template

from mail import delivery, leaving, links, outbox
from mail.models import Message
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def purposes(monkeypatch, settings):
    settings.SITE_URL = "https://mentoring.example.org"
    settings.ROOT_URLCONF = "mail.tests.test_links"
    monkeypatch.setattr(links, "_URL_NAMES", {"check-in": "check_in_answer", "agree": "agree"})


def page(request, token):
    raise NotImplementedError


def urls():
    from django.urls import path

    return [path("check-in/<str:token>/", page, name="check_in_answer"), path("agree/<str:token>/", page, name="agree")]


urlpatterns = urls()


def sent_link(placeholder):
    """Send a mail that holds this placeholder; the link as it left."""
    make_message(text=f"Here: {placeholder}\n", html=f'<a href="{placeholder}">Here</a>')
    delivery.deliver(NOW)
    return mail.outbox[-1].body.removeprefix("Here: ").strip()


def test_a_stored_mail_is_no_master_key_and_a_sent_one_opens_its_page():
    placeholder = links.placeholder("check-in", 17, "answer=fine")
    assert placeholder == "[[link:check-in:17?answer=fine]]"
    url = sent_link(placeholder)
    stored = Message.objects.get()
    assert placeholder in stored.text
    assert placeholder in stored.html
    path, query = url.removeprefix("https://mentoring.example.org/check-in/").split("/?")
    assert query == "answer=fine"
    assert links.read(path, "check-in") == links.Link(17, "bea@larkin.example.net", stored.pk)
    assert url in mail.outbox[0].alternatives[0].content


def test_a_link_names_nobody():
    assert "bea" not in sent_link(links.placeholder("check-in", 17))


def test_a_link_is_good_for_its_purpose_alone():
    token = sent_link(links.placeholder("check-in", 17)).split("/")[-2]
    assert links.read(token, "check-in") is not None
    assert links.read(token, "agree") is None


@pytest.mark.parametrize("token", ["", "17-1", "17-1.x.y", "ä", "1" * 5000, "\x00", "[[link:check-in:17]]"])
def test_a_forged_or_mangled_link_is_none(token):
    assert links.read(token, "check-in") is None


def test_a_link_of_last_year_is_too_old():
    with time_machine.travel("2025-10-15"):
        token = sent_link(links.placeholder("check-in", 17)).split("/")[-2]
    with time_machine.travel("2026-09-15"):
        assert links.read(token, "check-in") is not None
    with time_machine.travel("2026-10-16"):
        assert links.read(token, "check-in") is None


NEW = "bea@home.example.org"


def left_before_it_was_sent_again(new, alike, monkeypatch):
    """A link that has left, in a mail that was then sent again to another address of its reader."""
    monkeypatch.setattr(leaving, "_OTHERS", [lambda email: alike])
    token = sent_link(links.placeholder("check-in", 17)).split("/")[-2]
    Message.objects.update(state=Message.State.SENT, outcome=Message.Outcome.BOUNCED)
    assert delivery.send_again(Message.objects.get(), NOW, to=new) is True
    return token


def test_a_copy_in_a_mailbox_that_is_no_longer_its_readers_opens_nothing(monkeypatch):
    token = left_before_it_was_sent_again(NEW, [NEW], monkeypatch)
    assert links.read(token, "check-in") is None
    assert links.why_not(token, "check-in") == (links.Why.OVER, "program:kla")
    delivery.deliver(NOW)
    again = mail.outbox[-1].body.removeprefix("Here: ").strip().split("/")[-2]
    assert links.read(again, "check-in") == links.Link(17, NEW, Message.objects.get().pk)


def test_a_copy_at_an_address_that_is_still_its_readers_opens_as_what_it_is(monkeypatch):
    token = left_before_it_was_sent_again(NEW, [NEW, "bea@larkin.example.net"], monkeypatch)
    assert links.read(token, "check-in") == links.Link(17, "bea@larkin.example.net", Message.objects.get().pk)


def test_what_waits_is_signed_for_the_address_that_it_goes_to_in_the_end():
    make_message(text=links.placeholder("check-in", 17), html="")
    outbox.readdress("bea@larkin.example.net", NEW, NOW)
    delivery.deliver(NOW)
    token = mail.outbox[-1].body.strip().split("/")[-2]
    assert links.read(token, "check-in") == links.Link(17, NEW, Message.objects.get().pk)


@pytest.mark.parametrize(("before", "opens"), [(0, True), (1, False)])
def test_a_link_from_before_addresses_were_signed_is_good_unless_the_mail_was_sent_again(before, opens):
    message = make_message(state=Message.State.SENT, attempts=1, attempts_before=before)
    token = links._signer("check-in").sign(f"17-{message.pk}")
    assert (links.read(token, "check-in") is not None) is opens


def test_a_mail_to_two_people_holds_no_personal_link():
    placeholder = links.placeholder("check-in", 17)
    make_message(text=placeholder, html="", also_email="mo@farrow.example.org")
    delivery.deliver(NOW)
    assert mail.outbox[0].body.strip() == "https://mentoring.example.org/"


def test_a_purpose_that_nobody_registered_is_refused_when_written_and_left_alone_when_sent():
    with pytest.raises(LookupError):
        links.placeholder("nowhere", 17)
    assert sent_link("[[link:nowhere:17]]") == "[[link:nowhere:17]]"


def test_the_template_tag_writes_the_placeholder_also_into_html():
    source = '{% load mail_links %}<a href="{% mail_link "check-in" 17 "answer=fine&on=1" %}">'
    assert Template(source).render(Context()) == '<a href="[[link:check-in:17?answer=fine&amp;on=1]]">'
    assert "?answer=fine&amp;on=1" in links.sign(make_message(), Template(source).render(Context()))


def test_a_plain_link_has_the_sites_own_host():
    assert links.absolute("/my/") == "https://mentoring.example.org/my/"


def test_a_reader_who_is_not_the_addressee_sees_no_link():
    assert links.mask("go to [[link:check-in:17?answer=fine]] now", "(personal link)") == "go to (personal link) now"
