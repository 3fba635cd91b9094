"""One pair's year clicked through in a real browser: two people apply, the committee matches, they meet, they answer.

The browser lives in the real today, so the cycle lies around it; what the calendar does later is done by asking the
planner with a later moment.
"""

from datetime import date, timedelta

import pytest

from matching.models import Match
from members import clock, member_list
from mentoring import planner, presets
from mentoring.tests.browser import IN_A_BROWSER, Visitor, link_in, mail_to
from mentorships.models import CheckIn, Mentorship
from programs.dates import add_months
from programs.models import Application, Seat
from programs.tests.make import make_member_rows, make_person, make_seat

pytestmark = IN_A_BROWSER
CHI, MO, BEA = "chi@kla.example.org", "mo@farrow.example.org", "bea@larkin.example.net"


@pytest.fixture
def cycle():
    """KLA's program, its doors open since last week; a chair, her deputy, and both on the member list."""
    today = clock.today("America/New_York")
    program = presets.load("kla", opens=today.replace(day=1)).program
    cycle = program.cycles.get()
    meet = today + timedelta(days=25)
    cycle.opens_on, cycle.closes_on = today - timedelta(days=7), today + timedelta(days=10)
    cycle.hear_by = cycle.announced_on = cycle.begins_on = meet
    cycle.ends_on = add_months(meet, 12) - timedelta(days=1)
    cycle.save()
    make_seat(program, make_person(CHI, "Chi", "Harper"), Seat.Role.CHAIR)
    make_seat(program, make_person("dee@kla.example.org", "Dee", "Ruiz"), Seat.Role.DEPUTY)
    found = member_list.read(program.association, make_member_rows(MO, BEA))
    member_list.apply(program.association, found, seen_on=today)
    return cycle


def evening(day: date) -> None:
    """What the calendar does on the evening of a day."""
    at = clock.end_of(day, "America/New_York")
    with clock.at(at):
        for _ in planner.due(at):
            pass


def apply(visitor, cycle, role, first_name, last_name, *, look=False):
    """From the program's page to the page that says where it stands."""
    visitor.open(f"/kla/{cycle.slug}/apply/{role}/")
    visitor.page.locator("[name=first_name]").fill(first_name)
    visitor.page.locator("[name=last_name]").fill(last_name)
    while "/review/" not in visitor.page.url:
        before = visitor.page.url
        if look:
            visitor.look()
        visitor.fill_in()
        visitor.press("Save and go on")
        assert visitor.page.url != before, visitor.page.locator("main").inner_text()[:600]
    visitor.tick_all()
    if look:
        visitor.look()
    visitor.press("Send my application")
    assert "/application/" in visitor.page.url, visitor.page.locator("main").inner_text()[:600]


def test_one_pair_one_year(browser, live_server, cycle):
    mo, bea, chi = (Visitor(browser, live_server.url) for _ in range(3))

    # Both come to the site, sign in by the mailed code and apply.
    bea.open("/kla/")
    bea.look()
    bea.sign_in(BEA)
    apply(bea, cycle, "mentee", "Bea", "Lindqvist", look=True)
    bea.look()
    mo.sign_in(MO)
    apply(mo, cycle, "mentor", "Mo", "Castellanos")
    assert set(Application.objects.values_list("state", flat=True)) == {Application.State.ADMITTED}

    # The chair looks at the day, lets pairs be suggested, keeps the one there is, and announces.
    chi.sign_in(CHI, go_on="/admin/")
    chi.look()
    chi.open(f"/admin/matching/match/desk/{cycle.pk}/")
    chi.press("Suggest matches")
    chi.look()
    chi.page.get_by_role("button", name="Keep", exact=False).first.click()
    chi.page.wait_for_load_state()
    assert Match.objects.get().kept
    chi.open(f"/admin/matching/match/announce/{cycle.pk}/")
    chi.look()
    chi.page.locator("button[value=announce]").click()
    chi.page.wait_for_load_state()
    assert "Stop: take everything back" in chi.page.content()
    chi.look()

    # On the day both are introduced; Bea opens her page and the pair's.
    evening(cycle.announced_on)
    pair = Mentorship.objects.get()
    assert BEA in mail_to(MO) or MO in mail_to(BEA)
    bea.open("/my/")
    bea.look()
    bea.open(pair.get_absolute_url())
    assert MO in bea.page.content()
    bea.look()
    bea.open(f"/mentorship/{pair.pk}/plan/")
    bea.look()

    # A week later they are asked; the mailed link needs no sign-in.
    evening(cycle.announced_on + timedelta(days=7))
    asked = CheckIn.objects.get(user__email=BEA)
    stranger = Visitor(browser, live_server.url)
    stranger.open(link_in(mail_to(BEA), "/check-in/"))
    stranger.look()
    stranger.fill_in()
    stranger.press("Send")
    asked.refresh_from_db()
    assert asked.answered_at is not None

    # Half way, Bea gives her feedback from the mail; at last the chair reads the report.
    evening(add_months(cycle.begins_on, 6))
    stranger.open(link_in(mail_to(BEA), "/evaluation/by-link/"))
    stranger.look()
    stranger.fill_in()
    stranger.press("Send")
    assert "Thank you" in stranger.page.locator("h1").inner_text()
    for path in ("/admin/mentorships/mentorship/pairs/", "/admin/evaluations/receipt/report/",
                 "/admin/programs/application/"):  # fmt: skip
        chi.open(f"{path}?{'cycle__id__exact' if 'application' in path else 'cycle'}={cycle.pk}")
        chi.look()
    assert [*bea.faults, *mo.faults, *chi.faults, *stranger.faults] == []


def test_applying_needs_no_javascript(browser, live_server, cycle):
    bea = Visitor(browser, live_server.url, javascript=False)
    bea.sign_in(BEA)
    apply(bea, cycle, "mentee", "Bea", "Lindqvist")
    assert Application.objects.get().state == Application.State.ADMITTED
    assert bea.faults == []
