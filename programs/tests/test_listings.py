"""Mentors who stay listed between cycles: they join, pause and leave by themselves, and are asked when a cycle opens."""

from datetime import UTC, date, datetime

import pytest

from mail.models import Message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import applications, due, listings
from programs.models import Application, Gate, Listing, Place, Role, Seat
from programs.tests.make import (
    make_answers,
    make_application,
    make_cycle,
    make_form,
    make_gate,
    make_person,
    make_program,
    make_seat,
    writes_nothing,
)

pytestmark = pytest.mark.django_db
State, Answer = Application.State, Listing.Answer
OPENS = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # half past nine Eastern on the day after the opening


@pytest.fixture
def nela():
    program = make_program("nela", mentor_listing=True)
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
def mo(fall):
    person = make_person("mo@farrow.example.org", "Mo", "Castellanos")
    make_application(
        fall, person, Role.MENTOR, State.ADMITTED, answers=make_answers(fall.program, "mentor", goal="Ask.")
    )
    return person


@pytest.fixture
def chi(nela):
    person = make_person("chi@nela.example.org", "Chi", "Harper")
    make_seat(nela, person, Seat.Role.CHAIR)
    return person


@pytest.fixture
def listing(nela, mo):
    with clock.at(datetime(2025, 12, 1, 16, tzinfo=UTC)):
        return listings.join(nela, mo, by=mo)


def in_march(day=5):
    return clock.at(datetime(2026, 3, day, 16, tzinfo=UTC))


def morning(month, day, hour=14, minute=0):
    """What the calendar does by this moment, nine o'clock in winter by default: the names of the new mails."""
    known = set(Message.objects.values_list("pk", flat=True))
    list(due.due(datetime(2026, month, day, hour, minute, tzinfo=UTC)))
    return list(Message.objects.exclude(pk__in=known).order_by("pk").values_list("name", flat=True))


# Being on the list


@pytest.mark.requirement("R-NELA-09")
def test_a_mentor_joins_pauses_and_leaves_at_their_own_pace(nela, mo, listing):
    assert (listing.available, listing.since, listing.paused_until) == (True, date(2025, 12, 1), None)
    with in_march():
        assert listings.join(nela, mo, by=mo) == listing
        listings.pause(listing, date(2026, 9, 1), by=mo)
        listings.pause(listing, date(2026, 9, 1), by=mo)
        listings.pause(listing, None, by=mo)
        listings.pause(listing, date(2026, 8, 1), by=mo)
        again = listings.join(nela, mo, by=mo)
        assert (again.pk, again.paused_until) == (listing.pk, None)
        listings.leave(again, by=mo)
        listings.leave(again, by=mo)
        assert Listing.objects.get().available is False
        with pytest.raises(NotAllowed, match="not on the list"):
            listings.pause(again, date(2026, 9, 1), by=mo)
        listings.join(nela, mo, by=mo)
    assert Listing.objects.get().available is True
    verbs = ["listed", "paused", "pause ended", "paused", "listed", "not listed", "listed"]
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == verbs


def test_only_a_mentor_of_a_program_with_a_list_joins_and_only_by_themselves(nela, fall, mo, chi):
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    make_application(fall, bea, Role.MENTEE, State.ADMITTED)
    with pytest.raises(NotAllowed, match="Apply as a mentor once"):
        listings.join(nela, bea, by=bea)
    with pytest.raises(NotAllowed, match="Only the mentor"):
        listings.join(nela, mo, by=chi)
    other = make_program("kla")
    with pytest.raises(NotAllowed, match="keeps no list"):
        listings.join(other, mo, by=mo)
    assert not Listing.objects.exists()


@pytest.mark.parametrize("until", [date(2026, 3, 5), date(2025, 1, 1), date(2040, 1, 1)])
def test_a_pause_ends_on_a_day_that_makes_sense(listing, mo, until):
    with in_march(), pytest.raises(NotAllowed, match="between tomorrow and three years"):
        listings.pause(listing, until, by=mo)


def test_a_pause_or_a_leave_may_be_told_to_the_committee_an_answer_not(listing, spring, chi):
    sam = make_person("sam@elsewhere.example.org", "Sam", "Stone")
    with in_march():
        for act in (lambda: listings.pause(listing, date(2026, 9, 1), by=sam), lambda: listings.leave(listing, by=sam)):
            with pytest.raises(NotAllowed, match="Only the mentor"):
                act()
        with pytest.raises(NotAllowed, match="Only the mentor"):
            listings.answer(listing, spring, Answer.YES, by=chi)
        listings.pause(listing, date(2026, 9, 1), by=chi)
        listings.leave(listing, by=chi)
    assert list(Entry.objects.filter(role="chair").order_by("pk").values_list("verb", flat=True)) == [
        "paused",
        "not listed",
    ]


# Asked when a cycle opens


@pytest.mark.requirement("R-NELA-09", "R-NELA-21")
def test_on_the_opening_day_a_listed_mentor_is_asked_once_with_three_answers(listing, spring):
    assert morning(2, 28) == []
    assert morning(3, 1, 13, 59) == []
    assert morning(3, 1, 14, 0) == ["listing_asked"]
    assert morning(3, 1, 14, 0) == []
    assert morning(3, 9) == []
    mail = Message.objects.get()
    assert mail.subject == "Are you available for Spring 2026?"
    assert mail.key == f"listing:{listing.pk}:asked:{spring.pk}"
    for answer in ("yes", "not_now", "pause"):
        assert f"[[link:listed:{listing.pk}?answer={answer}]]" in mail.text
        assert f"[[link:listed:{listing.pk}?answer={answer}]]" in mail.html
    listing.refresh_from_db()
    assert (listing.asked_for, listing.answer) == (spring, "")


@pytest.mark.requirement("R-NELA-27")
def test_nobody_is_asked_who_pauses_left_is_in_a_pair_or_has_applied(nela, fall, spring, mo, listing):
    listings_of = {"Mo": listing}
    for name in ("Ann", "Dee", "Eve", "Flo", "Gus"):
        person = make_person(f"{name.lower()}@farrow.example.org", name, "Castellanos")
        make_application(fall, person, Role.MENTOR, State.ADMITTED)
        with clock.at(datetime(2025, 12, 2, 16, tzinfo=UTC)):
            listings_of[name] = listings.join(nela, person, by=person)
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    with clock.at(datetime(2026, 2, 1, 16, tzinfo=UTC)):
        listings.pause(listings_of["Ann"], date(2026, 3, 10), by=listings_of["Ann"].user)
        listings.leave(listings_of["Dee"], by=listings_of["Dee"].user)
    eve = Application.objects.get(user=listings_of["Eve"].user)
    Place.objects.create(program=nela, mentor_application=eve, mentor=eve.user, mentee=bea, slot=1, taken_at=OPENS)
    make_application(spring, listings_of["Flo"].user, Role.MENTOR, State.DRAFT)
    listings_of["Gus"].user.is_active = False
    listings_of["Gus"].user.save()
    morning(3, 1)
    assert list(Message.objects.filter(name="listing_asked").values_list("to_name", flat=True)) == ["Mo Castellanos"]
    # Who is free again while the cycle is still open is asked then.
    morning(3, 11)
    Place.objects.all().delete()
    morning(3, 12)
    asked = Message.objects.filter(name="listing_asked").order_by("pk").values_list("to_name", flat=True)
    assert list(asked) == ["Mo Castellanos", "Ann Castellanos", "Eve Castellanos"]


def test_a_missed_morning_heals_while_the_cycle_is_open_and_a_closed_one_asks_nobody(listing, spring):
    spring.shut = True
    spring.save()
    assert morning(3, 3) == []
    spring.shut = False
    spring.save()
    assert morning(3, 20) == ["listing_asked"]
    Listing.objects.update(asked_for=None)
    assert morning(4, 1) == []


def test_a_second_planner_asks_nobody_twice(listing, spring):
    with in_march():
        listings.ask(listing, spring)
        with pytest.raises(NotAllowed):
            listings.ask(Listing.objects.get(), spring)
    assert Message.objects.filter(name="listing_asked").count() == 1


def test_looking_ahead_asks_nobody(listing, spring):
    with writes_nothing():
        found = list(due.due(datetime(2026, 3, 2, 14, tzinfo=UTC), dry=True))
    assert [(line.what, line.about) for line in found] == [("listing_asked", f"listing:{listing.pk}")]


# The answer


@pytest.mark.requirement("R-NELA-21")
def test_a_yes_begins_an_application_with_the_answers_of_last_time_and_nobody_is_in_unagreed(listing, spring, mo):
    with in_march():
        application = listings.answer(listing, spring, Answer.YES, by=mo)
        assert listings.answer(listing, spring, Answer.YES, by=mo) == application
        assert (application.state, application.role, application.answers["goal"]) == (State.DRAFT, "mentor", "Ask.")
        with pytest.raises(NotAllowed, match="Not agreed yet"):
            applications.submit(application, by=mo)
        applications.agree(application, by=mo)
        assert applications.submit(application, by=mo).state == State.ADMITTED
    assert list(Entry.objects.filter(verb="answered").values_list("reason", flat=True)) == ["yes"]
    listing.refresh_from_db()
    assert (listing.asked_for, listing.answer) == (spring, "yes")


def test_not_now_and_a_pause_leave_no_application_and_may_be_changed(listing, spring, mo):
    with in_march():
        assert listings.answer(listing, spring, Answer.NOT_NOW, by=mo) is None
        with pytest.raises(NotAllowed, match="Until when"):
            listings.answer(listing, spring, Answer.PAUSE, by=mo)
        assert listings.answer(listing, spring, Answer.PAUSE, until=date(2026, 12, 31), by=mo) is None
        assert not Application.objects.filter(cycle=spring).exists()
        listing.refresh_from_db()
        assert (listing.answer, listing.paused_until) == ("pause", date(2026, 12, 31))
        assert listings.answer(listing, spring, Answer.YES, by=mo).state == State.DRAFT
    listing.refresh_from_db()
    assert (listing.answer, listing.paused_until) == ("yes", None)


def test_an_answer_that_is_none_or_for_another_program_is_refused(listing, spring, mo):
    with in_march():
        with pytest.raises(NotAllowed, match="Choose one"):
            listings.answer(listing, spring, "perhaps", by=mo)
        with pytest.raises(NotAllowed, match="another program"):
            listings.answer(listing, make_cycle(make_program("kla")), Answer.YES, by=mo)
    with clock.at(datetime(2026, 2, 1, 16, tzinfo=UTC)), pytest.raises(NotAllowed, match="Applications open on"):
        listings.answer(listing, spring, Answer.YES, by=mo)
    listing.refresh_from_db()
    assert (listing.asked_for, listing.answer) == (None, "")


def test_a_second_click_a_moment_faster_is_one_place_on_the_list(nela, mo, monkeypatch):
    def meanwhile(_zone):
        Listing.objects.get_or_create(program=nela, user=mo, defaults={"since": date(2025, 12, 1)})
        return date(2025, 12, 1)

    monkeypatch.setattr(listings.clock, "today", meanwhile)
    assert listings.join(nela, mo, by=mo) == Listing.objects.get()
    assert not Entry.objects.filter(verb="listed").exists()  # the faster one wrote it


def test_an_answer_given_before_the_question_is_not_asked_again(listing, spring, mo):
    with in_march(1):
        listings.answer(listing, spring, Answer.NOT_NOW, by=mo)
    assert morning(3, 2) == []
