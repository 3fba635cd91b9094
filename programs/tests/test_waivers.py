"""Exceptions: asked for in words, granted or not with a reason, by those who may."""

from datetime import UTC, date, datetime

import pytest

from mail.models import Message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import applications, waivers
from programs.models import Application, Gate, Role, Seat, Waiver
from programs.tests.make import (
    fill_in,
    make_cycle,
    make_gate,
    make_person,
    make_program,
    make_question,
    make_seat,
    send,
)

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture(autouse=True)
def september():
    with clock.at(datetime(2025, 9, 5, 16, tzinfo=UTC)):
        yield


@pytest.fixture
def nmrt():
    program = make_program("nmrt")
    make_question(program, "years", "number", required=True, at_least=0)
    return program


@pytest.fixture
def five_years(nmrt):
    return make_gate(
        nmrt,
        Gate.Kind.EXPERIENCE,
        role=Role.MENTOR,
        consequence=Gate.Consequence.EXCEPTION,
        years=5,
        title="five years in a library",
    )


@pytest.fixture
def chi(nmrt):
    person = make_person("chi@nmrt.example.org", "Chi", "Harper")
    make_seat(nmrt, person, Seat.Role.CHAIR)
    return person


@pytest.fixture
def mo():
    return make_person("mo@farrow.example.org", "Mo", "Castellanos")


@pytest.mark.requirement("R-NMRT-01", "R-NMRT-06")
def test_who_has_too_few_years_is_told_to_ask_and_goes_in_with_the_request(nmrt, five_years, mo, chi):
    cycle = make_cycle(nmrt)
    mine = fill_in(cycle, mo, Role.MENTOR, years=3)
    with pytest.raises(NotAllowed) as refused:
        applications.submit(mine, by=mo)
    assert refused.value.reasons == ["3 years of experience; at least 5 are asked for. You may ask for an exception."]
    with pytest.raises(NotAllowed, match="say in a sentence"):
        waivers.ask(mine, five_years, by=mo, why=" ")
    waiver = waivers.ask(mine, five_years, by=mo, why="Three years, and ten in a bookshop.")
    assert waivers.ask(mine, five_years, by=mo, why="Again.") == waiver
    assert applications.submit(mine, by=mo).state == State.SUBMITTED
    with pytest.raises(NotAllowed, match="has not answered yet"):
        applications.admit(mine, by=chi)
    waivers.grant(mine, five_years, by=chi, reason="A bookshop counts.")
    assert mine.state == State.ADMITTED
    waiver.refresh_from_db()
    assert (waiver.asked, waiver.answer, waiver.reason, waiver.decided_on) == (
        "Three years, and ten in a bookshop.",
        Waiver.Answer.GRANTED,
        "A bookshop counts.",
        date(2025, 9, 5),
    )
    mail = Message.objects.get(name="exception_answered")
    assert "makes an exception" in mail.text
    assert "A bookshop counts." in mail.text
    history = Entry.objects.filter(about=f"waiver:{waiver.pk}").order_by("pk").values_list("verb", "role")
    assert list(history) == [("exception asked for", ""), ("exception granted", "chair")]


@pytest.mark.requirement("R-NMRT-01")
def test_a_no_has_a_reason_too_and_stays(nmrt, five_years, mo, chi):
    mine = fill_in(make_cycle(nmrt), mo, Role.MENTOR, years=1)
    waivers.ask(mine, five_years, by=mo, why="I learn fast.")
    applications.submit(mine, by=mo)
    with pytest.raises(NotAllowed, match="give the reason"):
        waivers.refuse(mine, five_years, by=chi, reason="")
    waivers.refuse(mine, five_years, by=chi, reason="One year is too short.")
    assert mine.state == State.SUBMITTED
    with pytest.raises(NotAllowed, match="not granted"):
        applications.admit(mine, by=chi)
    with pytest.raises(NotAllowed, match="decided already"):
        waivers.grant(mine, five_years, by=chi, reason="Changed my mind.")


@pytest.mark.requirement("R-NMRT-01")
def test_nobody_grants_themselves_and_no_stranger_anybody(nmrt, five_years, mo, chi):
    cycle = make_cycle(nmrt)
    own = fill_in(cycle, chi, Role.MENTOR, years=1)
    theirs = fill_in(cycle, mo, Role.MENTOR, years=1)
    for mine, person in ((own, chi), (theirs, mo), (own, mo)):
        with pytest.raises(NotAllowed, match="not yours to make"):
            waivers.grant(mine, five_years, by=person, reason="Because.")


def test_the_chair_and_the_membership_office_may_waive_a_membership_the_committee_not(nmrt, mo, chi):
    gate = make_gate(nmrt)
    office = make_person("office@nmrt.example.org", "Olu", "Frank")
    ada = make_person("ada@nmrt.example.org", "Ada", "Moss")
    make_seat(nmrt, office, Seat.Role.MEMBERSHIP_OFFICE)
    make_seat(nmrt, ada, Seat.Role.COMMITTEE)
    mine = send(make_cycle(nmrt), mo, Role.MENTEE, years=1)
    assert mine.state == State.HELD
    with pytest.raises(NotAllowed):
        waivers.grant(mine, gate, by=ada, reason="I know him.")
    waivers.grant(mine, gate, by=office, reason="Joined at the conference, the list comes on Monday.")
    assert mine.state == State.ADMITTED


def test_there_is_no_exception_to_an_agreement(nmrt, mo, chi):
    gate = make_gate(nmrt, Gate.Kind.AGREEMENT)
    mine = applications.start(make_cycle(nmrt), mo, Role.MENTEE)
    with pytest.raises(NotAllowed, match="No exception can be asked for"):
        waivers.ask(mine, gate, by=mo, why="I would rather not.")
    with pytest.raises(NotAllowed, match="no exception to an agreement"):
        waivers.grant(mine, gate, by=chi, reason="Fine.")
