"""Workshops, the mentors' list and voices in a real browser: answered from a mail, looked at on a phone and at a desk."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from mail import links
from mail.models import Message
from members import clock
from mentoring import presets
from mentoring.tests.browser import IN_A_BROWSER, Visitor
from programs import listings, training
from programs.models import Application, Program, Seat
from programs.tests.make import make_application, make_person, make_seat

pytestmark = IN_A_BROWSER


@pytest.fixture
def nela() -> Program:
    """A round whose first workshop was two days ago, the next one open; a voice on the page."""
    today, now = clock.today("America/New_York"), clock.now()
    program = presets.load("nela", opens=today.replace(day=1)).program
    running, opens = program.cycles.order_by("opens_on")
    _dates(running, today - timedelta(days=60))
    _dates(opens, today - timedelta(days=5))
    for days, session in zip((-2, 12), running.trainings.order_by("starts_at"), strict=True):
        session.starts_at = now + timedelta(days=days)
        session.recording_url = "https://nela.example.org/recording/" if days < 0 else ""
        session.save()
    program.testimonials.create(text="I ask better questions now.", role="mentee", agreed=True, published=True)
    return program


def _dates(cycle, opens) -> None:
    cycle.opens_on, cycle.closes_on = opens, opens + timedelta(days=20)
    cycle.hear_by = cycle.announced_on = cycle.begins_on = opens + timedelta(days=30)
    cycle.ends_on = opens + timedelta(days=395)
    cycle.save()


def accepted(cycle, name, role):
    person = make_person(f"{name.lower()}@farrow.example.org", name, "Castellanos-Featherstone")
    since = clock.now() - timedelta(days=30)
    return make_application(cycle, person, role, Application.State.ADMITTED, decided_at=since)


def test_a_listed_mentor_answers_and_the_committee_notes_who_came(live_server, browser, nela):
    running, opens = nela.cycles.order_by("opens_on")
    chi = make_person("chi@nela.example.org", "Chi", "Harper")
    make_seat(nela, chi, Seat.Role.CHAIR)
    mo, _bea, cal = (accepted(running, n, r) for n, r in (("Mo", "mentor"), ("Bea", "mentee"), ("Cal", "mentee")))
    listing = listings.ask(listings.join(nela, mo.user, by=mo.user), opens)
    token = links.token("listed", listing.pk, Message.objects.get(name="listing_asked"))
    Message.objects.update(state=Message.State.SENT)

    visitor = Visitor(browser, live_server.url)
    visitor.open(f"/listed/{token}/?answer=pause")
    visitor.press("Send")
    visitor.reads("Until when shall we leave you in peace?")
    visitor.look()
    visitor.open(f"/listed/{token}/?answer=yes")
    visitor.press("Send")
    visitor.reads("Your answers of last time are filled in.")
    visitor.look()
    visitor.open(nela.get_absolute_url())
    visitor.reads("I ask better questions now.")
    visitor.sign_in(mo.user.email)
    for address in (reverse("listed", args=[nela.slug]), mo.get_absolute_url()):
        visitor.open(address)
        visitor.look()
    assert visitor.faults == []

    committee = Visitor(browser, live_server.url, javascript=False)
    committee.sign_in(chi.email, "/admin/")
    workshop = running.trainings.earliest("starts_at")
    committee.open(reverse("admin:programs_attendance", args=[workshop.pk]))
    committee.page.get_by_role("checkbox", name="Bea").check()
    committee.press("Note those ticked")
    committee.reads("1 person is noted.")
    committee.page.get_by_role("button", name=re.compile("Caught up.*Cal")).click()
    assert [str(one.application.user) for one in training.missing(running)] == [str(mo.user)]
    desk = Visitor(browser, live_server.url)
    desk.sign_in(chi.email, "/admin/")
    for name, query in (("attendance", ""), ("training_missing", f"?cycle={running.pk}"), ("training_changelist", "")):
        args = [workshop.pk] if name == "attendance" else []
        desk.open(reverse(f"admin:programs_{name}", args=args) + query)
        desk.look()
    assert (committee.faults, desk.faults) == ([], [])
