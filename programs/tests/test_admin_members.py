"""“Is this a member?”: the membership office says yes or no, and nobody for themselves."""

from datetime import date

import pytest
from django.urls import reverse

from members import clock
from members.models import Entry, Membership
from programs import today
from programs.models import Acceptance, Role, Seat
from programs.tests.committee import (
    State,
    letter,
    make_kla,
    make_nela,
    page,
    seated,
)
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_person,
    make_seat,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_september():
    with clock.at(SEPTEMBER):
        yield


@pytest.fixture
def kla():
    return make_kla()


@pytest.fixture
def cycle(kla):
    return make_cycle(kla, cap_mentees=40)


@pytest.fixture
def nela():
    return make_nela()


@pytest.fixture
def chi(client, kla):
    return seated(client, kla)


@pytest.fixture
def bea():
    return make_person("bea@larkin.example.net", "Bea", "Lindqvist")


@pytest.fixture
def held(cycle, bea):
    return make_application(
        cycle, bea, Role.MENTEE, State.HELD, held_until=date(2025, 9, 26), claimed_number="KLA-10234",
    )  # fmt: skip


def make_listed(cycle, email, **fields):
    made = {
        "first_name": "Beatrix",
        "last_name": "Lindqvist",
        "member_number": "KLA-10234",
        "status": "Active",
        **fields,
    }
    return Membership.objects.create(
        association=cycle.program.association,
        email=email,
        valid_from=date(2020, 1, 1),
        seen_on=date(2025, 9, 1),
        **made,
    )


def test_likely_rows_stand_beside_who_is_asked_for(client, cycle, held, chi):
    make_listed(cycle, "beatrix@work.example.org")
    make_listed(cycle, "other@work.example.org", last_name="Smith", member_number="KLA-9")
    text = page(client, reverse("admin:programs_is_this_a_member"))
    assert "Bea Lindqvist, mentee" in text  # somebody may wait in both roles
    assert "beatrix@work.example.org" in text
    assert "other@work.example.org" not in text
    assert "number, last name" in text
    assert_writes_nothing(client, reverse("admin:programs_is_this_a_member"))


@pytest.mark.parametrize("like", [True, False])
def test_a_yes_lets_the_application_in(client, cycle, held, chi, bea, like):
    accept = cycle.program.gates.get(code="confidential")
    Acceptance.objects.create(gate=accept, application=held, version=1, wording="x", accepted_on=date(2025, 9, 5))
    row = make_listed(cycle, "beatrix@work.example.org")
    url = reverse("admin:programs_answer_member", args=[held.pk])
    assert client.post(url, {"answer": row.pk if like else "yes"}).status_code == 302
    held.refresh_from_db()
    assert held.state == State.ADMITTED
    said = Membership.objects.get(email=bea.email)
    assert (said.source, said.member_number, said.last_name) == ("office", "KLA-10234", "Lindqvist" if like else "")


def test_a_no_takes_the_question_off_the_list_and_keeps_the_application(client, held, chi):
    client.post(reverse("admin:programs_answer_member", args=[held.pk]), {"answer": "no"})
    held.refresh_from_db()
    assert (held.state, held.claimed_number) == (State.HELD, "")
    assert Entry.objects.filter(verb="membership not found", actor=chi.pk).exists()


def test_the_membership_office_answers_without_reading_applications(client, cycle, held):
    seated(client, cycle.program, Seat.Role.MEMBERSHIP_OFFICE, "jules")
    text = page(client, reverse("admin:programs_is_this_a_member"))
    assert "Bea Lindqvist" in text
    assert "A sentence in plain words." not in text
    assert client.get(letter(held)).status_code == 404
    assert client.post(reverse("admin:programs_answer_member", args=[held.pk]), {"answer": "no"}).status_code == 302


def test_the_committee_sees_no_queue_and_nobody_answers_for_themselves(client, cycle, held, kla, bea):
    seated(client, kla, Seat.Role.COMMITTEE, "mim")
    assert client.get(reverse("admin:programs_is_this_a_member")).status_code == 403
    make_seat(kla, bea, Seat.Role.CHAIR)
    client.force_login(bea)
    assert "This is you" in page(client, reverse("admin:programs_is_this_a_member"))
    assert client.post(reverse("admin:programs_answer_member", args=[held.pk]), {"answer": "yes"}).status_code == 403


def test_who_is_not_found_stands_on_the_first_page_before_the_application_is_given_up(cycle, held, chi):
    held.claimed_number = ""
    held.save(update_fields=["claimed_number"])
    assert today.tasks(chi, cycle, date(2025, 9, 20)) == []
    (task,) = today.tasks(chi, cycle, date(2025, 9, 22))
    assert task.text == "1 application is not kept much longer, the first until Friday, 26\xa0September."


@pytest.mark.parametrize("answer", ["", "x", "0", "9" * 30, "\x00", "-1"])
def test_a_forged_row_is_not_found(client, held, chi, nela, answer):
    stolen = Membership.objects.create(
        association=nela.association, email="n@nela.example.org", status="Active",
        valid_from=date(2020, 1, 1), seen_on=date(2025, 9, 1),
    )  # fmt: skip
    url = reverse("admin:programs_answer_member", args=[held.pk])
    for value in (answer, stolen.pk):
        assert client.post(url, {"answer": value}).status_code == 404
    held.refresh_from_db()
    assert held.state == State.HELD


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_asks_the_same_number_of_queries(client, cycle, chi, count, django_assert_num_queries):
    for number in range(count):
        person = make_person(f"h{number}@a.example.org", "Hal", f"Held{number}")
        make_application(cycle, person, Role.MENTEE, State.HELD, held_until=date(2025, 9, 26))
        make_listed(cycle, f"h{number}@b.example.org", last_name=f"Held{number}")
    with django_assert_num_queries(8):
        client.get(reverse("admin:programs_is_this_a_member"))
