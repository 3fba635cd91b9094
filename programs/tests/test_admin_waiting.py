"""The waiting list as the committee sees it, and what it can do there."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mail.models import Message
from members import clock
from members.models import Entry
from programs import places, today, waiting_list
from programs.models import Application, Cycle, Program, Role, Seat
from programs.tests.committee import form_of, make_kla, make_nela, page, seated
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_member,
    make_person,
)

pytestmark = pytest.mark.django_db
State = Application.State
URL = reverse("admin:programs_waiting")


@pytest.fixture
def kla():
    return make_kla()


@pytest.fixture
def cycle(kla):
    return make_cycle(kla, cap_mentees=3)


def waits(cycle, name, day=1, **fields):
    person = make_person(f"{name}@kla.example.org", name.title(), "Wait")
    make_member(cycle.program.association, person.email)
    fields = {"waiting_since": date(2025, 9, day), **fields}
    return make_application(cycle, person, Role.MENTEE, State.WAITLISTED, **fields)


@pytest.mark.requirement("R-NELA-12", "R-NELA-33")
def test_the_list_says_who_waits_how_long_and_how_it_stands(kla, cycle, client):
    seated(client, kla)
    make_application(cycle, make_person("in@kla.example.org", "Ina", "In"), Role.MENTEE, State.ADMITTED)
    waits(cycle, "bea", 2, place_until=date(2025, 9, 12))
    waits(cycle, "cal", 3)
    waits(cycle, "dot", 4, late=True)
    waits(cycle, "eve", 5, keep_for_next=True)
    with clock.at(SEPTEMBER):
        text = " ".join(assert_writes_nothing(client, URL).content.decode().split())
        rows = waiting_list.page_of(cycle, "1")[1]
    assert "<strong>4 people</strong> wait. The longest wait is 8 days." in text
    assert "1 of 3 taken, 1 kept for somebody who was asked, 1 free" in text
    assert [(str(row.application), row.days, row.stands, row.number) for row in rows] == [
        ("Bea Wait", 8, "asked", None),
        ("Cal Wait", 7, "in line", 1),
        ("Dot Wait", 6, "for us", None),
        ("Eve Wait", 5, "in line", 2),
    ]
    assert text.count("Keep a place") == 3


def test_how_long_it_took_to_find_somebody(kla, cycle, client):
    seated(client, kla)
    mentor = make_application(
        cycle, make_person("mo@kla.example.org", "Mo", "M"), Role.MENTOR, State.ADMITTED, mentees_wanted=3
    )
    Program.objects.filter(pk=kla.pk).update(mentor_capacity=3)
    mentor.cycle.program.refresh_from_db()
    for name, since in (("bea", date(2025, 3, 1)), ("cal", None), ("dot", date(2025, 9, 1))):
        person = make_person(f"{name}@kla.example.org", name.title(), "M")
        make_application(cycle, person, Role.MENTEE, State.ADMITTED, waiting_since=since)
        places.take(mentor, person, at=datetime(2025, 10, 5, 16, tzinfo=UTC))
    assert waiting_list.days_to_a_partner(cycle) == (34, 3)  # 218, 30 and 34 days
    assert "34 days in the middle (of 3 pairs)" in " ".join(page(client, URL).split())


def test_a_place_is_kept_for_somebody_by_hand_and_not_for_oneself(kla, cycle, client):
    chi = seated(client, kla)
    dot, own = waits(cycle, "dot", late=True), make_application(cycle, chi, Role.MENTEE, State.WAITLISTED)
    with clock.at(SEPTEMBER):
        client.post(reverse("admin:programs_waiting_ask", args=[dot.pk]))
        assert client.post(reverse("admin:programs_waiting_ask", args=[own.pk])).status_code == 403
    dot.refresh_from_db()
    assert dot.place_until == date(2025, 9, 13)
    assert Message.objects.get(name="place_free").to_email == dot.user.email
    with clock.at(SEPTEMBER):
        Cycle.objects.filter(pk=cycle.pk).update(cap_mentees=1)
        answer = client.post(reverse("admin:programs_waiting_ask", args=[waits(cycle, "fay").pk]), follow=True)
    assert "No place is free that is not kept for somebody already." in answer.content.decode()


def test_another_program_is_not_there_and_a_contact_person_has_no_list(kla, cycle, client):
    nela = make_nela()
    theirs = make_application(
        nela.cycles.get(), make_person("x@nela.example.org", "Canary", "X"), "mentee", "waitlisted"
    )
    seated(client, kla)
    assert "anary" not in page(client, URL)
    page(client, URL, status=404, cycle=nela.cycles.get().pk)
    assert client.post(reverse("admin:programs_waiting_ask", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("admin:programs_places_count", args=[nela.cycles.get().pk])).status_code == 404
    seated(client, kla, Seat.Role.LIAISON, "lee")
    page(client, URL, status=403)
    assert client.post(reverse("admin:programs_places_count", args=[cycle.pk])).status_code == 403


def test_the_list_asks_the_same_number_of_queries(kla, cycle, client):
    seated(client, kla)
    costs = []
    for number in range(1, 4):
        waits(cycle, f"p{number}", number)
        with clock.at(SEPTEMBER), CaptureQueriesContext(connection) as asked:
            page(client, URL)
        costs.append(len(asked))
    assert len(set(costs[1:])) == 1
    assert costs[-1] <= 25


def test_miscounted_places_are_shown_and_counted_again(kla, cycle, client):
    chi = seated(client, kla)
    Cycle.objects.filter(pk=cycle.pk).update(taken_mentees=2)
    with clock.at(SEPTEMBER):
        [task] = today.tasks(chi, cycle, cycle.today())
        assert (task.head, task.url) == (f"The places of {cycle.name} are miscounted.", f"{URL}?cycle={cycle.pk}")
        assert "Count them again" in page(client, URL)
        client.post(reverse("admin:programs_places_count", args=[cycle.pk]))
        assert today.tasks(chi, cycle, cycle.today()) == []
        assert "Count them again" not in page(client, URL)


@pytest.mark.requirement("R-NELA-33")
def test_a_long_wait_and_a_free_place_are_on_the_first_page(kla, cycle, client):
    chi = seated(client, kla)
    waits(cycle, "bea", 1)
    waits(cycle, "cal", 9)
    with clock.at(SEPTEMBER):
        assert today.tasks(chi, cycle, cycle.today()) == []
    with clock.at(datetime(2025, 10, 2, 16, tzinfo=UTC)):
        [task] = today.tasks(chi, cycle, cycle.today())
    assert (task.head, task.text, task.age) == (
        "The waiting list grows old.", "2 people wait, the longest 31 days.", 31,
    )  # fmt: skip
    Program.objects.filter(pk=kla.pk).update(admission=Program.Admission.COMMITTEE)
    with clock.at(SEPTEMBER):
        [task] = today.tasks(chi, Cycle.objects.get(pk=cycle.pk), cycle.today())
    assert (task.head, task.action) == ("A place is free for a mentee.", "Ask somebody")


@pytest.mark.requirement("R-NELA-14")
def test_the_limit_and_closing_by_hand_are_in_the_history_as_such(kla, cycle, client):
    seated(client, kla)
    url = reverse("admin:programs_cycle_change", args=[cycle.pk])
    data = form_of(client, url) | {"cap_mentees": "5", "shut": "on", "name": "Fall"}
    assert client.post(url, data).status_code == 302
    cycle.refresh_from_db()
    assert (cycle.cap_mentees, cycle.shut, cycle.name) == (5, True, "Fall")
    client.post(url, {name: value for name, value in data.items() if name != "shut"})
    entries = Entry.objects.filter(about=f"cycle:{cycle.pk}").order_by("pk").values_list("verb", "reason")
    assert list(entries) == [("closed by hand", ""), ("cap changed", ""), ("changed", "Name"), ("opened again", "")]
    cycle.refresh_from_db()
    assert (cycle.shut, cycle.is_open(SEPTEMBER)) == (False, True)
