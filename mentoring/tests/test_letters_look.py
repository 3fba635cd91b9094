"""Letters to lists in a real browser: written without JavaScript, looked at on a phone and at a desk, stopped."""

from datetime import timedelta

import pytest
from django.urls import reverse

from mail.models import Mailing, Message, Suppression
from members import clock
from mentoring import presets
from mentoring.tests.browser import IN_A_BROWSER, Visitor
from programs.models import Application, Program, Seat
from programs.tests.make import make_application, make_person, make_seat

pytestmark = IN_A_BROWSER
NAMES = (
    "Ann Castellanos-Featherstone", "Bea Lindqvist", "Cal Ferreira", "Dov Abernathy", "Eve Ng", "Gil Marchetti",
    "Ida O’Hara", "Jan Wiśniewska", "Kay Osei", "Lou Brandt", "Mo Haddad", "Noa Stein",
)  # fmt: skip


@pytest.fixture
def kla() -> Program:
    """A round with twelve applicants: one has withdrawn, the mail to one came back."""
    today = clock.today("America/New_York")
    program = presets.load("kla", opens=today.replace(day=1)).program
    cycle = program.cycles.get()
    cycle.opens_on, cycle.closes_on = today - timedelta(days=40), today - timedelta(days=10)
    cycle.hear_by = cycle.announced_on = cycle.begins_on = today + timedelta(days=10)
    cycle.ends_on = today + timedelta(days=375)
    cycle.save()
    for name in NAMES:
        first, last = name.split(" ", 1)
        person = make_person(f"{first.lower()}@farrow.example.org", first, last)
        state = Application.State.WITHDRAWN if first == "Eve" else Application.State.ADMITTED
        make_application(cycle, person, "mentee" if first < "J" else "mentor", state)
    Suppression.objects.create(email="gil@farrow.example.org", why="bounced", since=clock.now())
    make_seat(program, make_person("chi@kla.example.org", "Chi", "Harper"), Seat.Role.CHAIR)
    return program


def test_a_letter_is_written_without_javascript_and_every_page_of_it_can_be_looked_at(live_server, browser, kla):
    cycle = kla.cycles.get()
    way = reverse("admin:programs_application_changelist") + f"?cycle__id__exact={cycle.pk}&role__exact=mentee"
    plain = Visitor(browser, live_server.url, javascript=False)
    plain.sign_in("chi@kla.example.org", "/admin/")
    plain.open(way)
    plain.press("Write to these people")
    plain.reads("2 are left out.")
    plain.page.get_by_label("Subject").fill("The room is another one, {name}")
    text = "Dear {name},\n\nwe meet in **room 12**. Please bring:\n\n- your plan\n- a pen\n\nThe map: [how to find it](https://kla.example.org/map)."
    plain.page.get_by_label("Text").fill(text)
    plain.press("See how it reads")
    plain.reads("As Dov Abernathy will read it")
    plain.press("next")
    plain.reads("2 of 5")
    plain.press("Send to 5 people")
    plain.reads("5 mails held until")
    mailing = Mailing.objects.get()
    assert (mailing.count, Message.objects.filter(about=f"mailing:{mailing.pk}").count()) == (5, 5)
    assert plain.faults == []

    desk = Visitor(browser, live_server.url)
    desk.sign_in("chi@kla.example.org", "/admin/")
    letter = reverse("admin:letter", args=[mailing.pk])
    for name, address in (
        ("letter", letter),
        ("letters", reverse("admin:letters")),
        ("today", f"/admin/?cycle={cycle.pk}"),
        ("week", reverse("admin:year_ahead", args=[cycle.pk]) + "?month=week"),
        ("applications", way),
        ("mail", reverse("admin:mail_message_changelist")),
        ("members", reverse("admin:members_membership_changelist")),
        ("seats", reverse("admin:programs_seat_changelist")),
        ("write", reverse("admin:write_to", args=[cycle.pk, "applications"]) + "?role__exact=mentee"),
    ):
        desk.open(address)
        desk.look()
        desk.picture(name)
    desk.page.get_by_label("Subject").fill("Another one for {nmae}")
    desk.page.get_by_label("Text").fill(text)
    desk.press("See how it reads")
    desk.reads("There is no placeholder {nmae} in this mail.")
    desk.look()
    desk.picture("write-error")
    desk.page.get_by_label("Subject").fill("Another one for {name}")
    desk.press("See how it reads")
    desk.reads("As Dov Abernathy will read it")
    desk.look()
    desk.picture("write-preview")
    with desk.context.expect_page() as opened:
        desk.page.get_by_role("button", name="As a mail program shows it").click()
    opened.value.get_by_role("heading", name="Another one for Dov").wait_for()
    opened.value.close()
    desk.open(letter)
    desk.press("Stop: take it back")
    desk.reads("Stopped. What had not left is taken back.")
    desk.look()
    desk.picture("letter-stopped")
    assert desk.faults == []
