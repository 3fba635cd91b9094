"""What became of mail, in front of a browser: the committee's pages, the partner's, one's own, each looked at."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse

from mail import addresses
from mail.models import Message, Suppression
from mail.tests.make import make_message
from members import clock
from mentoring.tests.browser import IN_A_BROWSER, Visitor
from mentorships.tests.make import make_kla, make_pair
from programs.tests.make import make_cycle, make_person, make_seat

pytestmark = IN_A_BROWSER
BEA, NEW = "bea@larkin.example.net", "bea@home.example.org"
WORDS = "smtp;550 5.1.1 <bea@larkin.example.net>: Recipient address rejected: User unknown in virtual mailbox table"
State, Outcome = Message.State, Message.Outcome


@pytest.fixture
def pair(transactional_db):
    cache.clear()
    today, days = clock.today("America/New_York"), timedelta(days=1)
    kla = make_kla()
    make_seat(kla, make_person("chi@kla.example.org", "Chi", "Harper"), "chair")
    begun = {"hear_by": today - 20 * days, "announced_on": today - 20 * days, "begins_on": today - 20 * days}
    dates = {"opens_on": today - 80 * days, "closes_on": today - 40 * days, **begun, "ends_on": today + 345 * days}
    pair = make_pair(kla, cycle=make_cycle(kla, **dates), introduced=clock.now() - 20 * days)
    Message.objects.all().delete()
    return pair


def page_of(message):
    return reverse("admin:mail_message_change", args=[message.pk])


def test_the_committee_from_the_task_to_the_mail_that_is_sent_again(live_server, browser, pair):
    now = clock.now()
    back = make_message(1, state=State.SENT, attempts=1, settled_at=now, outcome="bounced", outcome_words=WORDS)
    make_message(2, state=State.SENT, settled_at=now, outcome=Outcome.DELIVERED, subject="Bea, meet Mo")
    unwanted = make_message(3, state=State.SENT, settled_at=now, outcome=Outcome.COMPLAINED, kind=Message.Kind.TOPIC)
    sent = make_message(4, state=State.SENT, settled_at=now, also_email="mo@farrow.example.org", also_name="Mo")
    waits = make_message(5)
    addresses.suppress(BEA, Suppression.Why.BOUNCED, WORDS, now)
    chi = Visitor(browser, live_server.url)
    chi.sign_in("chi@kla.example.org", "/admin/")
    chi.reads("Mail to Bea Lindqvist comes back.")
    chi.look()
    chi.open(page_of(unwanted))
    chi.reads("This mail was reported as unwanted")
    chi.look()
    chi.picture("unwanted")
    chi.open("/admin/")
    chi.press("What they got")
    chi.look()
    for message in (back, waits):
        chi.open(page_of(message))
        chi.reads("cannot be sent there again")
        chi.look()
    chi.open(page_of(sent))
    chi.page.get_by_text("It came back from Mo").click()
    chi.look()
    chi.press("Mail to this address comes back")
    chi.reads("Nothing more goes to this address but sign-in codes.")
    EmailAddress.objects.create(user=pair.mentee, email=NEW, verified=True).set_as_primary()
    chi.open(page_of(back))
    chi.reads(f"Sent again, it goes to {NEW}.")
    chi.look()
    chi.press("Send again")
    chi.reads("It leaves once more")
    assert Message.objects.get(pk=back.pk).to_email == NEW
    chi.open(page_of(waits))
    chi.press("It works again")
    chi.reads("Mail goes to this address again.")
    assert chi.faults == []


def test_the_pair_and_its_page_for_the_committee(live_server, browser, pair):
    addresses.suppress(BEA, Suppression.Why.BOUNCED, WORDS, clock.now())
    EmailAddress.objects.create(user=pair.mentee, email=NEW, verified=True)
    chi = Visitor(browser, live_server.url, javascript=False)
    chi.sign_in("chi@kla.example.org", reverse("admin:mentorships_pair", args=[pair.pk]))
    chi.reads("has not arrived since")
    mo = Visitor(browser, live_server.url)
    mo.sign_in("mo@farrow.example.org", pair.get_absolute_url())
    mo.reads("Mail to Bea may not arrive at the moment.")
    bea = Visitor(browser, live_server.url)
    bea.sign_in(NEW, pair.get_absolute_url())
    bea.reads("Our mail to you does not arrive.")
    for visitor in (mo, bea):
        visitor.look()
    seen = Visitor(browser, live_server.url)
    seen.sign_in("chi@kla.example.org", reverse("admin:mentorships_pair", args=[pair.pk]))
    seen.look()
    bea.press("My addresses")
    bea.reads("but mail to it comes back")
    bea.look()
    bea.press("Send our mails here")
    bea.open(pair.get_absolute_url())
    assert bea.page.get_by_text("Our mail to you does not arrive.").count() == 0
    assert [visitor.faults for visitor in (chi, mo, bea, seen)] == [[], [], [], []]
