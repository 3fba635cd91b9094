"""Leaving mail in front of a browser: the page behind the link, the choices, and a link that opens nothing."""

import json
from collections import Counter

import pytest
from django.core.cache import cache
from django.urls import reverse

from mail import leaving, links
from mail.models import Message, OptOut
from mail.tests import scanner
from mail.tests.make import make_message
from mail.tests.scale import scale
from members import clock
from mentoring.tests import stages
from mentoring.tests.browser import IN_A_BROWSER, Visitor
from mentoring.tests.test_mailed_links import PAGES, path_of
from programs.models import Application, Program, Role
from programs.tests.make import make_application, make_cycle, make_person, make_program

pytestmark = IN_A_BROWSER
BROWSER_LOOKS = scale(ci=16, full=200)


@pytest.fixture
def bea(transactional_db):
    cache.clear()
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    for slug, topics in (("kla", "both"), ("nela", "none")):
        program = make_program(slug, topic_recipients=Program.TopicRecipients(topics))
        make_application(make_cycle(program), bea, Role.MENTEE, Application.State.ADMITTED)
    return bea


def link(message, purpose=leaving.PURPOSE, pk=0):
    return reverse(links.pages()[purpose], args=[links.token(purpose, pk, message)])


@pytest.mark.parametrize(("kind", "words"), [("topic", "monthly topics"), ("announcement", "announcements")])
def test_leaving_by_the_link_without_scripts_and_coming_back(live_server, browser, bea, kind, words):
    message = make_message(kind=kind)
    visitor = Visitor(browser, live_server.url, javascript=False)
    visitor.open(link(message))
    visitor.reads(f"No more {words}?")
    seen = Visitor(browser, live_server.url)
    seen.open(link(message))
    seen.look()
    visitor.press("Send me no more")
    visitor.reads("What your place depends on still comes")
    assert list(OptOut.objects.values_list("email", "scope", "kind")) == [(bea.email, "program:kla", kind)]
    seen.open(link(message))
    seen.look()
    visitor.press("I would like them again")
    visitor.reads("You get them again")
    assert (OptOut.objects.count(), visitor.faults, seen.faults) == (0, [], [])


def test_ones_choices_program_by_program(live_server, browser, bea):
    visitor = Visitor(browser, live_server.url)
    visitor.sign_in(bea.email, "/account/")
    visitor.press("Which mails I get")
    visitor.reads("What always comes")
    visitor.look()
    visitor.press("No more topics")
    visitor.reads("KLA Mentoring sends you no more topics.")
    assert list(OptOut.objects.values_list("email", "scope", "kind")) == [(bea.email, "program:kla", "topic")]
    visitor.look()
    visitor.press("I would like the topics again")
    visitor.reads("You get the topics of KLA Mentoring again.")
    assert (OptOut.objects.count(), visitor.faults) == (0, [])


def test_links_that_open_nothing(live_server, browser, bea):
    visitor = Visitor(browser, live_server.url)
    message = make_message(kind=Message.Kind.TOPIC)
    for url in (link(message, "check-in", 10**9), reverse("check_in_answer", args=["forged"])):
        visitor.open(url)
        visitor.reads("Still stuck?")
        visitor.look()
    # The browser itself remarks that the answer was 404.
    assert [fault for fault in visitor.faults if "404" not in fault] == []


WEBMAIL = """<!doctype html><title>Webmail</title>{links}<script type="speculationrules">{rules}</script>"""
LINK = """<link rel="prefetch" href="{url}"><link rel="preload" as="fetch" href="{url}"><img src="{url}" alt="">
<iframe src="{url}"></iframe><a id="a{number}" href="{url}">a link</a>"""
ASKS = """async urls => { for (const url of urls) for (const method of ["GET", "HEAD"]) {
  try { await fetch(url, {method, mode: "no-cors", credentials: "include"}) } catch (error) { /* refused: looked all the same */ }
} }"""


@pytest.mark.promise("G18")
def test_a_browser_that_opens_every_link_runs_its_scripts_and_waits_changes_nothing(
    live_server, browser, transactional_db, monkeypatch, figures
):
    """What a scanner with a real browser does: open, scroll, point at every button, prefetch; and press none."""
    world = stages.make_world()
    monkeypatch.setattr(clock, "now", lambda: stages.NOW)
    paths = [path_of(page, world) for page in PAGES if page not in ("workshops_by_link", "leave_mail")]
    paths = [path_of("leave_mail", world)] * (BROWSER_LOOKS - len(paths)) + paths
    visitor, before, asked = Visitor(browser, live_server.url), scanner.tables(), Counter()
    for path in paths:
        visitor.open(path)
        visitor.page.wait_for_load_state("networkidle")
        for button in visitor.page.locator("main button:visible").all():
            button.hover(force=True)
            button.focus()
        visitor.page.mouse.wheel(0, 4000)
    urls = [f"{live_server.url}{path}" for path in dict.fromkeys(paths)]
    rules = json.dumps({"prefetch": [{"urls": urls}], "prerender": [{"urls": urls}]})
    page = WEBMAIL.format(links="".join(LINK.format(url=u, number=n) for n, u in enumerate(urls)), rules=rules)
    mailbox = browser.new_context().new_page()
    mailbox.on("request", lambda request: asked.update([request.url]))
    mailbox.set_content(page, wait_until="networkidle")
    mailbox.evaluate(ASKS, urls)
    assert scanner.traces(before) == []
    assert min(asked[url] for url in urls) >= 4  # by the page's own tags, and by a GET and a HEAD of its script
    figures.say("G18", "a browser with scripts", looks=len(paths) + asked.total(), changed=0)

    visitor.open(path_of("leave_mail", world))
    visitor.press("Send me no more topics")
    visitor.reads("What your place depends on still comes")
    assert scanner.traces(before) == ["mail_optout", "members_entry"]
    assert list(OptOut.objects.values_list("scope", "kind")) == [(world.home.program.scope, "topic")]
