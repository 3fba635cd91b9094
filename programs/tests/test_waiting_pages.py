"""What people who wait see and answer: the program's page, the page behind the mails, their own."""

import re

import pytest
from django.urls import reverse

from mail import links
from mail.models import Message
from programs import applications, cycles, waiting
from programs.models import Application
from programs.tests.make import assert_writes_nothing, make_cycle
from programs.tests.waiting import SPRING, make_full, night, on, read

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture
def full(kla, chi):
    return make_full(kla)


@pytest.mark.requirement("R-NELA-12", "R-NELA-13", "R-NELA-14")
def test_the_program_page_says_full_while_somebody_waits_and_names_the_next_round(kla, full, client):
    make_cycle(kla, **SPRING)

    def banner(month, day):
        with on(month, day):
            return client.get("/kla/").content.decode()

    assert "<b>Full</b> this time: all 2 mentee places are taken" in banner(9, 8)
    assert "Or have yours kept for Spring 2026, which opens on Sunday, 1\xa0March 2026." in banner(9, 8)
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    assert "<b>Full</b> this time" in banner(9, 9)  # the free place is one of theirs
    for name in ("cal", "dot", "eve"):
        with on(9, 9):
            applications.withdraw(read(full[name]), by=full[name].user)
    assert "<b>Open</b> until" in banner(9, 10)
    assert "1 left of 2" in banner(9, 10)
    assert "<b>Just closed</b>" in banner(10, 2)
    closed = banner(10, 20)
    assert "<b>Closed</b> until Sunday, 1\xa0March 2026" in closed
    assert "Spring 2026 takes applications from that day until Tuesday, 31\xa0March 2026." in closed
    cycles.close_by_hand(full["ann"].cycle, by=full["ann"].user)
    assert "<b>Closed</b> until Sunday, 1\xa0March 2026" in banner(9, 10)


def test_the_page_behind_the_mail_needs_no_sign_in_and_opening_it_changes_nothing(full, client):
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    night(9, 8)
    mail = Message.objects.get(name="place_free")
    url = reverse("application_waiting_by_link", args=[links.token("waiting", full["cal"].pk, mail)])
    with on(9, 9):
        page = assert_writes_nothing(client, f"{url}?answer=take").content.decode()
        assert "It is kept for you until Thursday, 11\xa0September, 23:59\xa0Eastern." in page
        assert re.search(r'value="take"[^>]*checked', page)
        assert "Please choose one." in client.post(url, {}).content.decode()
        assert client.post(url, {"answer": "take"}).headers["Location"] == f"{url}?sent=take"
        assert "You’re in. We are glad." in client.get(f"{url}?sent=take").content.decode()
        assert "nothing to answer here any more" in client.get(url).content.decode()
    assert read(full["cal"]).state == State.ADMITTED
    theirs = reverse("application_waiting_by_link", args=[links.token("waiting", full["dot"].pk, mail)])
    assert client.get(theirs).status_code == 404  # another's row with a link of one's own
    assert client.get(reverse("application_waiting_by_link", args=["forged"])).status_code == 404


def test_ones_own_page_and_nobody_elses(full, chi, client):
    url = reverse("application_waiting", args=[full["cal"].pk])
    client.force_login(chi)
    assert client.get(url).status_code == 404
    client.force_login(full["cal"].user)
    with on(10, 16):
        page = assert_writes_nothing(client, url).content.decode()
        assert "No place came free this time." in page
        assert "Keep mine for the next round" in page
        assert "Tell us what you would like" in client.get(full["cal"].get_absolute_url()).content.decode()
        assert "not possible any more" not in page
        stale = client.post(url, {"answer": "take"}).content.decode()
        assert "not one of the available choices" in stale
        client.post(url, {"answer": "next"})
    assert read(full["cal"]).keep_for_next is True


def test_my_page_puts_a_kept_place_on_top(full, client):
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    night(9, 8)
    client.force_login(full["cal"].user)
    with on(9, 9):
        page = client.get("/my/").content.decode()
    assert "A place is free for you." in page
    assert f'href="{reverse("application_waiting", args=[full["cal"].pk])}"' in page


def test_the_draft_of_somebody_who_was_kept_is_sent_from_the_mail(kla, full, client):
    spring = make_cycle(kla, **SPRING)
    with on(9, 20):
        waiting.keep(read(full["cal"]), by=full["cal"].user)
    night(3, 1, year=2026)
    draft = Application.objects.get(cycle=spring)
    url = reverse(
        "application_agree", args=[links.token("agree", draft.pk, Message.objects.get(name="next_cycle_opens"))]
    )
    with on(3, 2, year=2026):
        page = assert_writes_nothing(client, url).content.decode()
        assert "Your answers of last time are filled in." in page
        boxes = {f"agree-{gate.code}": "on" for gate in kla.gates.filter(kind="agreement")}
        client.post(url, {name: "on" for name in client.get(url).context["form"].fields} | boxes)
    assert read(draft).state == State.ADMITTED
