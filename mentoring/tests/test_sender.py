"""The page about the sender: who reads it, what it asks, the test mail, the warning while nobody gets mail."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.urls import reverse
from dns import resolver

from mail import delivery
from mail.models import Message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentoring import sender
from programs.models import Seat
from programs.tests.make import assert_writes_nothing, make_cycle, make_person, make_program, make_seat

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 10, 15, 16, tzinfo=UTC)
FILES = "Mail goes to files on this machine; nobody gets it."
SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
MAY = ["chair", "deputy", "office", "site_admin"]
MAY_NOT = ["liaison", "committee", "membership_office"]


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def kla():
    return make_program(name="KLA Mentoring")


@pytest.fixture
def sit(kla, client):
    def sit(role):
        person = make_person(f"{role}@kla.example.org", "Chi", "Harper", is_superuser=role == "site_admin")
        if role in Seat.Role.values:
            make_seat(kla, person, role)
        client.force_login(person, backend="members.backends.SignInBackend")
        return person

    return sit


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """No test reaches the internet: every name that is asked for is noted and not there."""
    names = []

    def resolve(self, name, kind, **kwargs):
        names.append(name)
        if name == "kla.example.org":
            return [SimpleNamespace(strings=[b"v=spf1 +all"])]
        raise resolver.NXDOMAIN

    monkeypatch.setattr(resolver.Resolver, "resolve", resolve)
    return names


def page():
    return reverse("admin:sender")


def text_of(response):
    return " ".join(response.content.decode().replace("\xa0", " ").split())


@pytest.mark.parametrize("role", MAY)
def test_the_page_says_how_mail_leaves_writes_nothing_and_looks_nothing_up(sit, client, settings, asked, role):
    sit(role)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "smtp.sendgrid.net"
    settings.DEFAULT_FROM_EMAIL = "Mentoring <mail@kla.example.org>"
    text = text_of(assert_writes_nothing(client, page()))
    assert "<dd>mail@kla.example.org</dd>" in text
    assert "<dd>smtp.sendgrid.net</dd>" in text
    assert asked == []


@pytest.mark.parametrize("role", MAY_NOT)
def test_nobody_else_opens_it_or_sees_a_way_to_it(sit, client, kla, role):
    person = sit(role)
    assert [client.get(page()).status_code, client.post(page(), {"do": "test"}).status_code] == [403, 403]
    assert page() not in text_of(client.get(reverse("admin:set_up")))
    with pytest.raises(NotAllowed):
        sender.send_test(kla, by=person)
    assert not Message.objects.exists()


def test_set_up_and_the_mail_list_lead_to_it(sit, client):
    sit("chair")
    for name in ("admin:set_up", "admin:mail_message_changelist"):
        assert f'href="{page()}"' in text_of(client.get(reverse(name)))


def test_looking_it_up_shows_what_is_wrong_with_the_lines_to_add(sit, client, settings, asked):
    sit("chair")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "smtp.sendgrid.net"
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_DKIM_SELECTORS = "mail@kla.example.org", ["ours"]
    text = text_of(client.post(page(), {"do": "look"}))
    assert "it ends in +all" in text
    assert "<code>v=spf1 include:sendgrid.net ~all</code>" in text
    assert "<code>_dmarc.kla.example.org</code>" in text
    assert asked == [
        "kla.example.org", "ours._domainkey.kla.example.org", "_dmarc.kla.example.org", "_dmarc.example.org",
    ]  # fmt: skip
    assert not Message.objects.exists()
    assert "No mail server is set yet" not in text
    settings.EMAIL_BACKEND = FILE_BACKEND
    text = text_of(client.post(page(), {"do": "look"}))
    assert "No mail server is set yet, so the line for SPF cannot name it." in text


def test_a_name_that_only_this_machine_knows_is_nothing_to_look_up(sit, client, settings, asked):
    sit("chair")
    settings.DEFAULT_FROM_EMAIL = "mentoring@localhost"
    text = text_of(client.post(page(), {"do": "look"}))
    assert "There is nothing to look up yet: “localhost” is a name that only this machine knows." in text
    assert asked == []


def test_a_machine_without_a_name_server_says_so_in_words(sit, client, settings, monkeypatch):
    sit("chair")
    settings.DEFAULT_FROM_EMAIL = "mail@kla.example.org"
    made = resolver.Resolver.__init__

    def init(self, filename="/etc/resolv.conf", configure=True):
        if configure:
            raise resolver.NoResolverConfiguration
        made(self, configure=False)

    def resolve(self, name, kind, **kwargs):
        raise resolver.NoNameservers

    monkeypatch.setattr(resolver.Resolver, "__init__", init)
    monkeypatch.setattr(resolver.Resolver, "resolve", resolve)
    assert text_of(client.post(page(), {"do": "look"})).count("nobody answered") == 3


# ------------------------------------------------------------------------------------------------------------ the test mail


@pytest.mark.parametrize("role", MAY)
def test_a_test_mail_goes_to_oneself_and_stands_in_the_history(sit, client, kla, settings, role):
    person = sit(role)
    client.post(page(), {"do": "test", "to": "somebody@else.example"})
    [message] = Message.objects.all()
    assert (message.to_email, message.also_email, message.kind, message.scope, message.reply_to) == (
        person.email, "", Message.Kind.ESSENTIAL, kla.scope, kla.reply_to,
    )  # fmt: skip
    assert list(Entry.objects.values_list("verb", "about", "actor", "role")) == [
        ("sent_test_mail", f"program:{kla.pk}", person.pk, role)
    ]
    delivery.deliver(NOW)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([f"Chi Harper <{person.email}>"], "Test mail of KLA Mentoring")
    assert "You get this because you asked for a test mail." in sent.body


def test_a_second_one_within_a_minute_is_refused_in_words(sit, client):
    sit("chair")
    counts = []
    for seconds in (30, 31, 89, 90, 91):  # over the turn of a minute too
        with clock.at(NOW + timedelta(seconds=seconds)):
            text = text_of(client.post(page(), {"do": "test"}, follow=True))
            counts.append((Message.objects.count(), "less than a minute ago" in text))
    assert counts == [(1, False), (1, True), (1, True), (2, False), (2, True)]
    assert Entry.objects.count() == 2


def test_without_any_program_it_says_why_there_is_none(sit):
    with pytest.raises(NotAllowed, match="there is none yet"):
        sender.send_test(None, by=sit("office"))
    assert not Message.objects.exists()


# -------------------------------------------------------------------------------------------------------------- the warning


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (FILE_BACKEND, FILES),
        ("django.core.mail.backends.console.EmailBackend", "Mail goes to this machine’s screen; nobody gets it."),
        ("django.core.mail.backends.dummy.EmailBackend", "Mail goes nowhere; nobody gets it."),
        ("django.core.mail.backends.locmem.EmailBackend", "Mail goes nowhere; nobody gets it."),
        (SMTP, ""),
        ("anymail.backends.postmark.EmailBackend", ""),
    ],
)
def test_while_nobody_gets_mail_the_first_page_the_mail_list_and_the_check_say_so(
    sit, client, kla, settings, backend, words
):
    sit("committee")
    make_cycle(kla)
    settings.EMAIL_BACKEND = backend
    assert [warning.msg for warning in sender.somebody_gets_it()] == ([words] if words else [])
    for name in ("admin:index", "admin:mail_message_changelist"):
        text = text_of(client.get(reverse(name)))
        assert ("nobody gets it" in text) == bool(words)
        assert words in text
        assert page() not in text  # a way there is only for those who may go


def test_the_demo_says_it_calmly(sit, client, kla, settings):
    sit("chair")
    make_cycle(kla)
    settings.EMAIL_BACKEND, settings.DEMO = FILE_BACKEND, True
    text = text_of(client.get(reverse("admin:index")))
    assert "This is the demo: no mail reaches anybody." in text
    assert FILES not in text


def test_a_provider_of_anymail_is_the_way_out(settings):
    settings.EMAIL_BACKEND, settings.DEFAULT_FROM_EMAIL = "anymail.backends.postmark.EmailBackend", "X <a@B.Example>"
    assert sender.way() == sender.Way("a@B.Example", "b.example", "postmark", "")
