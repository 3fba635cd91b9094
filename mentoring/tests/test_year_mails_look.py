"""Words of mails in front of a browser: a mail is worded, looked at, sent to oneself; then the whole year."""

import os

import pytest
from django.core.cache import cache
from django.urls import reverse

from mail.models import Message, Text
from mentoring import presets
from mentoring.tests.browser import LOOKS, Visitor, chromium, executable
from programs.models import Seat
from programs.tests.make import make_person, make_seat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(executable() is None, reason="no Chromium here"),
]


@pytest.fixture(autouse=True)
def _sites_own_address(live_server, settings):
    settings.SITE_URL = live_server.url


@pytest.fixture(scope="module")
def browser(django_db_setup):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with chromium() as browser:
            yield browser


@pytest.fixture
def nmrt(transactional_db):
    cache.clear()
    program = presets.load("nmrt").program
    make_seat(program, make_person("chi@nmrt.example.org", "Chi", "Harper"), Seat.Role.CHAIR)
    return program


def picture(visitor, name):
    """Kept where somebody wants to see it: PICTURES=/some/folder."""
    folder = os.environ.get("PICTURES")
    for size, scheme in LOOKS if folder else ():
        visitor.page.set_viewport_size(size)
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.page.screenshot(path=f"{folder}/{name}-{size['width']}-{scheme}.png", full_page=True)


def test_a_mail_is_worded_and_the_year_goes_to_oneself_without_scripts(live_server, browser, nmrt):
    visitor = Visitor(browser, live_server.url, javascript=False)
    seen = Visitor(browser, live_server.url)
    own_texts, year = (reverse(f"admin:{name}", args=["nmrt"]) for name in ("own_texts", "year_mails"))
    visitor.sign_in("chi@nmrt.example.org", own_texts)
    seen.sign_in("chi@nmrt.example.org", own_texts)
    seen.look()
    picture(seen, "list")
    for who in (visitor, seen):
        who.press("Ten minutes: how and how often")
        who.press("Show its words and how they read")
        who.reads("Bea, how and how often will you and Mo talk?")
    seen.look()
    picture(seen, "words")
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
    picture(seen, "wrong")
    for who in (visitor, seen):
        who.open(year)
        who.press("Show what would leave")
        who.reads("in the order of the year")
    seen.look()
    picture(seen, "year")
    visitor.press("mails to me now")
    visitor.reads("to chi@nmrt.example.org and to nobody else")
    seen.press("mails to me now")
    seen.reads("They went to you less than a minute ago.")
    seen.look()
    picture(seen, "sent")
    assert (visitor.faults, seen.faults) == ([], [])
