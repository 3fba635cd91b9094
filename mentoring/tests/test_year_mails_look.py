"""Words of mails in front of a browser: a mail is worded, looked at, sent to oneself; then the whole year."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from mail.models import Message, Text
from mentoring import presets
from mentoring.tests.browser import IN_A_BROWSER, Visitor
from programs.models import Seat
from programs.tests.make import make_person, make_seat

pytestmark = IN_A_BROWSER


@pytest.fixture
def nmrt(transactional_db):
    cache.clear()
    program = presets.load("nmrt").program
    make_seat(program, make_person("chi@nmrt.example.org", "Chi", "Harper"), Seat.Role.CHAIR)
    return program


def test_a_mail_is_worded_and_the_year_goes_to_oneself_without_scripts(live_server, browser, nmrt):
    visitor = Visitor(browser, live_server.url, javascript=False)
    seen = Visitor(browser, live_server.url)
    own_texts, year = (reverse(f"admin:{name}", args=["nmrt"]) for name in ("own_texts", "year_mails"))
    visitor.sign_in("chi@nmrt.example.org", own_texts)
    seen.sign_in("chi@nmrt.example.org", own_texts)
    seen.look()
    seen.picture("list")
    for who in (visitor, seen):
        who.press("Ten minutes: how and how often")
        who.press("Show its words and how they read")
        who.reads("Bea, how and how often will you and Mo talk?")
    seen.look()
    seen.picture("words")
    visitor.page.fill("#id_subject", "How often, {name}?")
    visitor.press("Preview")
    visitor.reads("How often, Mo?")
    visitor.press("Send this one to me")
    visitor.reads("It is leaving to chi@nmrt.example.org")
    assert list(Message.objects.filter(name="sample").values_list("subject", flat=True)) == [
        "[Test · mentee] How often, Bea?"
    ]
    assert not Text.objects.exists()
    seen.page.fill("#id_subject", "How often, {nmae}?")
    seen.press("Keep")
    seen.reads("There is no placeholder {nmae} in this mail.")
    seen.look()
    seen.picture("wrong")
    for who in (visitor, seen):
        who.open(year)
        who.press("Show what would leave")
        who.reads("in the order of the year")
    seen.look()
    seen.picture("year")
    visitor.press("mails to me now")
    visitor.reads("to chi@nmrt.example.org and to nobody else")
    seen.press("mails to me now")
    seen.reads("They went to you less than a minute ago.")
    seen.look()
    seen.picture("sent")
    assert (visitor.faults, seen.faults) == ([], [])
