"""Mail that is stopped in front of a browser: the letter that waits, the days ahead, the mail list, the history, a refusal, the demo."""

import pytest
from django.urls import reverse

from mail import mailings as mails
from mail import stopping
from members import clock, journal
from mentoring import mailings
from mentoring.tests.browser import IN_A_BROWSER, Visitor
from mentoring.tests.letters import apply
from programs.models import Seat
from programs.tests.make import make_cycle, make_person, make_program, make_seat

pytestmark = IN_A_BROWSER
CHI = "chi@kla.example.org"


@pytest.fixture
def letter(transactional_db):
    cycle = make_cycle(make_program(name="KLA Mentoring"))
    chi = make_person(CHI, "Chi", "Harper")
    make_seat(cycle.program, chi, Seat.Role.COMMITTEE)
    apply(cycle, "Bea")
    found = mailings.write("applications", cycle, {}, mails.Letter.of("The room is another one", "Words."), by=chi)
    journal.record(cycle.program, "worded_mail_back", by=chi, reason="check_in")
    stopping.stop(cycle.scope, now=clock.now(), by=chi.pk, by_name=str(chi))
    return found


@pytest.mark.parametrize("demo", [False, True])
def test_what_waits_says_so_at_every_width(live_server, browser, letter, settings, demo):
    chi = Visitor(browser, live_server.url)
    chi.sign_in(CHI, reverse("admin:index"))
    if demo:
        settings.ROOT_URLCONF, settings.DEMO = "mentoring.demo.urls", True
    pages = {
        "today": (reverse("admin:index"), "waits: mail is stopped"),
        "letter": (reverse("admin:letter", args=[letter.pk]), "it waits until mail is started again"),
        "letters": (reverse("admin:letters"), "waits: mail is stopped"),
        "ahead": (reverse("admin:year_ahead", args=[letter.of_list.split("/")[0]]), "waits: mail is stopped"),
        "list": (reverse("admin:mail_message_changelist"), "waits: mail is stopped"),
        "history": (reverse("admin:members_entry_changelist"), "took a mail’s original wording again"),
    }
    for name, (url, words) in pages.items():
        if demo and name != "list":
            continue
        chi.open(url)
        chi.reads(words)
        chi.look()
        chi.picture(f"demo-{name}" if demo else name)
    assert chi.faults == []
