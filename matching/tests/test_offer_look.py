"""The pages of an offer in a real browser: phone and desk, light and dark, nothing sideways, nothing for axe to find."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from mail import links
from mail.models import Message
from matching import due, offers, proposals, runs
from matching.models import Match
from matching.tests.make import make_committee
from matching.tests.offers import mentee, mentor
from members import clock
from mentoring import presets
from mentoring.tests.browser import DESK, PHONE, Visitor, chromium, executable
from programs.models import Training

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not executable(), reason="no Chromium here"),
]
PICTURES = os.environ.get("PICTURES")  # a folder, for whoever would like to see them


@pytest.fixture
def browser():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with chromium() as found:
            yield found


@pytest.fixture
def cycle():
    """A cycle of these days: announced yesterday, a workshop next week."""
    now = clock.now()
    cycle = presets.load("nela").program.cycles.order_by("opens_on").first()
    today = cycle.today()
    cycle.opens_on, cycle.closes_on = today - timedelta(days=40), today - timedelta(days=10)
    cycle.hear_by = cycle.announced_on = cycle.begins_on = today - timedelta(days=1)
    cycle.ends_on = today + timedelta(days=364)
    cycle.save()
    Training.objects.filter(cycle=cycle).update(starts_at=now + timedelta(days=6))
    return cycle


def asked(cycle, chi) -> dict[str, Match]:
    """Four mentors who were asked, by the mentee's first name."""
    words = {"about": "I was good at my own work; now my work is other people’s.", "job_title": "Cataloger"}
    for name in ("Ann", "Mo", "Noa", "Pat"):
        mentor(cycle, f"{name} Castellanos-Featherstonehaugh")
    for name in ("Bea", "Cal", "Dot", "Eli"):
        mentee(cycle, f"{name} Lindqvist", employer="Larkin College Library", **words)
    with clock.at(clock.now() - timedelta(hours=1)):
        runs.suggest(cycle, by=chi)
        proposals.announce(cycle, by=chi)
    list(due.due(clock.now()))
    rows = Match.objects.select_related(
        "cycle__program__association", "mentor_application__user", "mentee_application__user"
    )
    return {match.mentee_application.user.first_name: match for match in rows}


def test_every_page_of_an_offer_can_be_read_everywhere(live_server, browser, settings, cycle):
    settings.SITE_URL = live_server.url
    chi = make_committee(cycle.program)["chi"]
    found = asked(cycle, chi)
    public = seen = Visitor(browser, live_server.url)

    def look(path: str, name: str) -> None:
        if path:  # else what is in front of us
            seen.open(path)
        seen.look()
        for size in (PHONE, DESK) if PICTURES else ():
            seen.page.set_viewport_size(size)
            seen.page.screenshot(path=Path(PICTURES) / f"offer-{name}-{size['width']}.png", full_page=True)

    def link(match: Match) -> str:
        mail = Message.objects.get(name="offer", about=f"match:{match.pk}")
        return reverse("offer_by_link", args=[links.token("offer", match.pk, mail)])

    look(f"{link(found['Bea'])}?answer=pause", "asked")
    seen.press("Send my answer")
    seen.reads("Until when? Please choose a day that lies ahead.")
    look("", "wrong")
    seen.page.get_by_label("Yes, gladly").check(force=True)
    seen.press("Send my answer")
    seen.reads("Thank you, Ann")
    look("", "yes")
    mo, noa = found["Cal"].mentor_application.user, found["Dot"].mentor_application.user
    offers.answer(found["Cal"], "question", by=mo, note="Would evenings be all right for Cal?")
    offers.answer(found["Dot"], "not_this_person", by=noa, note="We once worked together.")
    look(link(found["Dot"]), "no")
    seen = Visitor(browser, live_server.url)
    seen.sign_in(chi.email, "/admin/")
    look(reverse("admin:matching_offers", args=[cycle.pk]), "list")
    look(reverse("admin:matching_offer", args=[found["Cal"].pk]), "committee")
    assert public.faults + seen.faults == []
