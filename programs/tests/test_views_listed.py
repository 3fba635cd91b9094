"""One's place on the mentors' list, the one-tap answer from a mail, and one's workshops: pages that change nothing by looking."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from mail import links
from mail.models import Message
from members import clock
from programs import listings, mine, mine_training, notices_listing, training
from programs.models import Application, Gate, Listing, Role, Seat, Training
from programs.tests.make import (
    assert_writes_nothing,
    make_answers,
    make_application,
    make_cycle,
    make_form,
    make_gate,
    make_person,
    make_program,
    make_seat,
)

pytestmark = pytest.mark.django_db
State = Application.State
IN_MARCH = datetime(2026, 3, 5, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_march():
    with clock.at(IN_MARCH):
        yield


@pytest.fixture
def nela():
    program = make_program("nela", mentor_listing=True, mentor_word="guide")
    make_form(program)
    make_gate(program, Gate.Kind.AGREEMENT, code="a_year")
    return program


@pytest.fixture
def fall(nela):
    return make_cycle(nela, slug="fall", name="Fall 2025")


@pytest.fixture
def spring(nela):
    return make_cycle(
        nela,
        slug="spring",
        name="Spring 2026",
        opens_on=date(2026, 3, 1),
        closes_on=date(2026, 3, 31),
        hear_by=date(2026, 4, 20),
        announced_on=date(2026, 4, 20),
        begins_on=date(2026, 4, 20),
        ends_on=date(2027, 4, 19),
    )


@pytest.fixture
def mo(client, fall):
    person = make_person("mo@farrow.example.org", "Mo", "Castellanos")
    answers = make_answers(fall.program, "mentor", goal="Ask better.")
    make_application(fall, person, Role.MENTOR, State.ADMITTED, answers=answers)
    client.force_login(person)
    return person


@pytest.fixture
def asked(nela, spring, mo):
    """Mo's listing, and the address in the mail that asks about spring."""
    listing = listings.ask(listings.join(nela, mo, by=mo), spring)
    mail = Message.objects.get(name="listing_asked")
    return listing, reverse("listed_answer", args=[links.token("listed", listing.pk, mail)])


def url(program):
    return reverse("listed", args=[program.slug])


def read(client, address, status=200, **query):
    return assert_writes_nothing(
        client, address + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""), status
    ).content.decode()


def say(client, address, **data):
    """Send, and read what comes next."""
    return client.post(address, data, follow=True).content.decode()


# One's place on the list


@pytest.mark.requirement("R-NELA-09")
def test_a_mentor_stays_on_the_list_pauses_and_leaves_with_one_button_each(client, nela, mo):
    assert "Stay on the list between rounds?" in read(client, url(nela))
    assert "You are on the list. We ask you" in say(client, url(nela), act="join")
    html = say(client, url(nela), act="pause", until="2026-09-01")
    assert "You are on the list, and pausing." in html
    assert "Nobody asks you before Tuesday, 1\u00a0September is over." in html
    assert "The pause is over." in say(client, url(nela), act="go_on")
    assert "You are off the list." in say(client, url(nela), act="leave")
    assert Listing.objects.get().available is False
    assert "The list is not public" in read(client, url(nela))


@pytest.mark.parametrize(
    ("until", "words"),
    [("", "Choose the day"), ("yesterday", "Enter a valid date"), ("2020-01-01", "between tomorrow and three years")],
)
def test_a_pause_without_a_day_that_makes_sense_says_so_and_keeps_everything(client, nela, mo, until, words):
    say(client, url(nela), act="join")
    html = say(client, url(nela), act="pause", until=until)
    assert words in html
    assert Listing.objects.get().paused_until is None


def test_unknown_buttons_change_nothing(client, nela, mo):
    for act in ("", "pause", "leave", "go_on", "burn"):
        assert client.post(url(nela), {"act": act}).status_code == 302
    assert not Listing.objects.exists()


def test_the_page_is_not_there_for_others(client, nela, fall, mo):
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    make_application(fall, bea, Role.MENTEE, State.ADMITTED)
    client.force_login(bea)
    read(client, url(nela), 404)
    client.force_login(mo)
    read(client, url(make_program("kla")), 404)
    client.logout()
    assert client.get(url(nela)).status_code == 302


# The answer


@pytest.mark.requirement("R-NELA-21")
def test_a_yes_from_the_mail_leads_to_the_filled_in_application_and_one_send(client, spring, asked):
    listing, address = asked
    client.logout()
    html = read(client, address, answer="yes")
    assert "will you be a guide again?" in html
    assert re.search(r'value="yes"[^>]*checked', html)
    assert not Application.objects.filter(cycle=spring).exists()
    html = say(client, address + "?again=1", answer="yes")
    assert "Ask better." in html
    assert "Your answers of last time are filled in." in html
    assert "We need your yes to this one." in say(client, address)
    assert Application.objects.get(cycle=spring).state == State.DRAFT
    html = say(client, address, **{"agree-a_year": "on"})
    assert "We have your application." in html
    assert Application.objects.get(cycle=spring).state == State.ADMITTED
    assert "We have your application." in read(client, address)


def test_no_and_pause_are_said_thank_you_to_and_can_be_changed(client, spring, asked):
    listing, address = asked
    html = say(client, address + "?again=1", answer="not_now")
    assert "Thank you, we have it" in html
    assert "You stay on the list." in html
    assert "Until when shall we leave you in peace?" in say(client, address + "?again=1", answer="pause")
    assert "Choose one of the three." in say(client, address + "?again=1")
    html = say(client, address + "?again=1", answer="pause", until="2026-12-31")
    assert "Nobody asks you before Thursday, 31\u00a0December is over." in html
    assert "between tomorrow and three years" in say(client, address, answer="pause", until="2020-01-01")
    listing.refresh_from_db()
    assert (listing.answer, listing.paused_until) == ("pause", date(2026, 12, 31))
    assert not Application.objects.filter(cycle=spring).exists()


def test_after_the_close_the_link_says_so_and_a_strangers_link_is_none(client, spring, asked):
    listing, address = asked
    with clock.at(datetime(2026, 4, 2, 16, tzinfo=UTC)):
        assert "Applications for Spring 2026 are closed." in read(client, address)
        assert client.post(address, {"answer": "yes"}).status_code == 200
    assert not Application.objects.filter(cycle=spring).exists()
    read(client, address[:-3] + "xx/", 404)
    mail = Message.objects.get(name="listing_asked")
    read(client, reverse("listed_answer", args=[links.token("agree", listing.pk, mail)]), 404)
    Message.objects.filter(pk=mail.pk).update(to_email="somebody@else.example.org")
    read(client, address, 404)


def test_signed_in_the_same_question_stands_on_top_of_my_mentoring(client, nela, spring, mo, asked):
    part = mine_training.part(mo, IN_MARCH, mine.applications(mo))
    assert [(one.heading, one.by, [answer for answer, _label in one.answers]) for one in part.next] == [
        (
            "Spring 2026 is open. Are you available?",
            date(2026, 3, 31),
            [f"/nela/listed/answer/?answer={value}" for value in ("yes", "not_now", "pause")],
        )
    ]
    address = reverse("listed_round", args=[nela.slug])
    assert "will you be a guide again?" in read(client, address, answer="not_now")
    say(client, address, answer="not_now")
    assert mine_training.part(mo, IN_MARCH, mine.applications(mo)).next == ()
    client.force_login(make_person("bea@larkin.example.net", "Bea", "Lindqvist"))
    read(client, address, 404)


def test_the_door_to_the_list_stands_on_my_mentoring_of_mentors_alone(client, nela, fall, mo):
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    make_application(fall, bea, Role.MENTEE, State.ADMITTED)

    def doors(user):
        return [(door.title, door.url) for door in mine_training.part(user, IN_MARCH, mine.applications(user)).doors]

    assert doors(mo) == [("Stay on the list between rounds", "/nela/listed/")]
    listings.join(nela, mo, by=mo)
    assert doors(mo) == [("You stay on the list between rounds", "/nela/listed/")]
    assert doors(bea) == []
    assert "Stay on the list between rounds" in read(client, reverse("my")).replace("You stay", "Stay")


# One's workshops


@pytest.fixture
def workshop(nela, fall):
    make_gate(nela, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE, consequence="block")
    starts = IN_MARCH + timedelta(days=5)
    return Training.objects.create(
        cycle=fall, title="Getting started", starts_at=starts, join_url="https://x.example.org/"
    )


@pytest.mark.requirement("R-NELA-16", "R-NELA-22")
def test_ones_page_says_when_the_workshop_is_and_afterwards_that_one_was_there(client, nela, mo, workshop):
    row = Application.objects.get(user=mo)
    html = read(client, row.get_absolute_url())
    assert "Tuesday, 10\u00a0March, 12:00\u00a0Eastern" in html
    assert "https://x.example.org/" in html
    part = mine_training.part(mo, IN_MARCH, mine.applications(mo))
    assert [(line.day, line.text, line.url) for line in part.ahead] == [
        (date(2026, 3, 10), "Getting started, 12:00\u00a0Eastern", f"/application/{row.pk}/workshops.ics")
    ]
    chi = make_person("chi@nela.example.org", "Chi", "Harper")
    make_seat(nela, chi, Seat.Role.CHAIR)
    with clock.at(IN_MARCH + timedelta(days=6)):
        part = mine_training.part(mo, clock.now(), mine.applications(mo))
        assert [(one.heading, one.by) for one in part.next] == [("The workshop is still missing.", date(2026, 3, 18))]
        assert "over" in read(client, row.get_absolute_url())
        training.mark(workshop, mo, by=chi)
        assert "You were there on Tuesday, 10\u00a0March." in read(client, row.get_absolute_url())
        part = mine_training.part(mo, clock.now(), mine.applications(mo))
        assert (part.next, part.ahead, [line.text for line in part.past]) == ((), (), ["You were at the workshop."])


def test_the_workshop_goes_into_ones_calendar_signed_in_or_from_the_mail(client, nela, mo, workshop):
    row = Application.objects.get(user=mo)
    address = reverse("workshops", args=[row.pk])
    file = read(client, address)
    assert "DTSTART:20260310T160000Z" in file
    assert "DTEND:20260310T170000Z" in file
    assert "SUMMARY:Getting started\\, NELA Mentoring" in file
    assert f"UID:training-{workshop.pk}@nela" in file
    make_application(row.cycle, mo, Role.MENTEE, State.WITHDRAWN)
    listing = listings.join(nela, mo, by=mo)
    listing.asked_for = row.cycle
    notices_listing.listing_asked(listing)
    mail = Message.objects.get(name="listing_asked")
    client.logout()
    assert client.get(address).status_code == 302
    linked = reverse("workshops_by_link", args=[links.token("workshops", row.pk, mail)])
    assert "DTSTART:20260310T160000Z" in read(client, linked)
    read(client, reverse("workshops_by_link", args=["forged"]), 404)
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    client.force_login(bea)
    read(client, address, 404)
    other = make_application(row.cycle, bea, Role.MENTEE, State.ADMITTED)
    read(client, reverse("workshops_by_link", args=[links.token("workshops", other.pk, mail)]), 404)


@pytest.mark.parametrize("count", [1, 3])
def test_ones_page_asks_the_same_number_of_queries(nela, fall, mo, workshop, count, django_assert_num_queries):
    for number in range(count):
        Training.objects.create(cycle=fall, title=f"{number}", starts_at=IN_MARCH + timedelta(days=9))
    found = mine.applications(mo)
    with django_assert_num_queries(6):
        mine_training.part(mo, IN_MARCH, found)
