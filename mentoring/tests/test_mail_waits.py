"""While mail is stopped no page says that it leaves: the letter, the letters, the week, the first page, the mail list, a test mail."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from mail import stopping
from mail.models import Message, Stop
from members import clock
from mentoring import letter_book, mailings, promised
from mentoring.tests.letters import LETTER, NOW, apply
from mentoring.tests.make import sits
from programs.tests.make import make_cycle, make_program

pytestmark = pytest.mark.django_db
ITS_TIME = "Monday, 20 October, 14:15 Eastern"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cycle():
    return make_cycle(make_program(name="KLA Mentoring"))


@pytest.fixture
def chi(cycle, client):
    return sits(client, cycle.program, "chair")


@pytest.fixture
def letter(cycle, chi):
    for name in ("Bea", "Cal"):
        apply(cycle, name)
    return mailings.write("applications", cycle, {}, LETTER, by=chi)


def text_of(response):
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(words).replace("\xa0", " ").split())


@pytest.mark.parametrize(("scope", "waits"), [("program:kla", True), ("", True), ("program:other", False)])
def test_whatever_holds_it_back_every_page_says_that_it_waits(client, cycle, letter, chi, scope, waits):
    stopping.stop(scope, now=NOW)
    page = text_of(client.get(reverse("admin:letter", args=[letter.pk])))
    assert (f"2 mails. Its time is {ITS_TIME}; it waits until mail is started again." in page) == waits
    assert (f"2 mails held until {ITS_TIME}, 15 minutes from now" in page) != waits
    assert ("it leaves by itself" in page, "Of the 15 minutes" in page) == (not waits, not waits)
    words = {True: f"waits: mail is stopped; its time is {ITS_TIME}", False: f"leaves {ITS_TIME}"}[waits]
    assert [row.words.replace("\xa0", " ") for row in letter_book.rows([letter], chi, NOW)] == [words]
    assert words in text_of(client.get(reverse("admin:letters")))
    assert [line.waits for line in promised.lines(chi, cycle, timedelta(days=7))] == [waits]
    for url in (reverse("admin:index"), reverse("admin:year_ahead", args=[cycle.pk]) + "?month=week"):
        assert ("Mon, 20 October, 14:15 waits: mail is stopped" in text_of(client.get(url))) == waits
    listed = text_of(client.get(reverse("admin:mail_message_changelist")))
    assert listed.count("waits: mail is stopped") == (2 if waits else 0)
    one = text_of(client.get(reverse("admin:mail_message_change", args=[Message.objects.first().pk])))
    assert ("State: waits: mail is stopped" in one) == waits


def test_a_code_leaves_all_the_same_and_so_it_is_not_said_to_wait(client, cycle, letter):
    stopping.stop(cycle.scope, now=NOW)
    Message.objects.update(secret=True)
    assert "waits: mail is stopped" not in text_of(client.get(reverse("admin:mail_message_changelist")))


def test_after_starting_again_one_reads_what_leaves_and_not_the_question_whether_to_stop(client, cycle, chi):
    stopping.stop(cycle.scope, now=NOW)
    started = client.post(reverse("admin:mail_stop", args=[cycle.program.slug]), {"do": "start"})
    assert (started.status_code, started.url) == (302, reverse("admin:mail_message_changelist"))
    assert "Mail leaves again." in text_of(client.get(started.url))
    assert not Stop.objects.exists()


SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "Mail goes to files on this machine; nobody gets it."
WAITS = "Mail is stopped: the test mail to chair@x.example.org waits and leaves once mail is started again."


@pytest.mark.parametrize(
    ("backend", "stopped", "said"),
    [
        (SMTP, False, ("success", "A test mail is leaving to chair@x.example.org.")),
        (SMTP, True, ("warning", WAITS)),
        ("django.core.mail.backends.filebased.EmailBackend", False, ("warning", FILES)),
        ("django.core.mail.backends.filebased.EmailBackend", True, ("warning", f"{WAITS} {FILES}")),
    ],
)
def test_a_test_mail_that_nobody_gets_now_is_no_success(client, cycle, chi, settings, backend, stopped, said):
    settings.EMAIL_BACKEND = backend
    if stopped:
        stopping.stop(cycle.scope, now=NOW)
    page = client.post(reverse("admin:sender"), {"do": "test"}, follow=True)
    [message] = page.context["messages"]
    words = said[1].replace("chair@x.example.org", chi.email)
    assert (message.level_tag, message.message[: len(words)]) == (said[0], words)
