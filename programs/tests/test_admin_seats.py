"""Who gives which committee role, from when, and that nobody gives one to themselves."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members import clock
from members.models import User
from programs.models import Seat
from programs.tests.committee import (
    make_kla,
    make_nela,
    one,
    seated,
)
from programs.tests.make import (
    SEPTEMBER,
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


def give(client, program, role, email="new@kla.example.org", first_day="2025-09-11", **fields):
    data = {"email": email, "first_name": "New", "last_name": "Body", "program": program.pk if program else "",
            "association": "", "role": role, "first_day": first_day, "last_day": "", "does": "", **fields}  # fmt: skip
    return client.post(reverse("admin:programs_seat_add"), data)


@pytest.mark.parametrize(
    ("giver", "role", "may"),
    [
        (Seat.Role.CHAIR, "liaison", True),
        (Seat.Role.CHAIR, "committee", True),
        (Seat.Role.CHAIR, "deputy", True),
        (Seat.Role.CHAIR, "chair", True),  # a successor, from a day to come
        (Seat.Role.DEPUTY, "committee", True),
        (Seat.Role.OFFICE, "chair", True),
        (Seat.Role.OFFICE, "deputy", True),
        (Seat.Role.OFFICE, "committee", False),
        (Seat.Role.COMMITTEE, "liaison", False),
        (Seat.Role.LIAISON, "liaison", False),
        (Seat.Role.MEMBERSHIP_OFFICE, "chair", False),
    ],
)
def test_who_may_give_which_role(client, kla, giver, role, may):
    seated(client, kla, giver, "giver")
    response = give(client, kla, role)
    assert Seat.objects.filter(user__email="new@kla.example.org").exists() is may
    assert (response.status_code == 302) is may


def test_a_successor_begins_on_a_day_to_come(client, kla, chi):
    assert give(client, kla, "chair", first_day="2025-09-10").status_code == 200
    assert not Seat.objects.filter(user__email="new@kla.example.org").exists()


def test_nobody_gives_a_role_to_themselves_or_prolongs_their_own(client, kla, chi):
    assert give(client, kla, "deputy", email="CHI@kla.example.org").status_code == 200
    own = Seat.objects.get(user=chi)
    own.last_day = date(2025, 12, 31)
    own.save()
    assert (
        client.post(one(own), {"does": "pairs in the east", "last_day": "2030-01-01", "role": "office"}).status_code
        == 302
    )
    own.refresh_from_db()
    assert (own.last_day, own.role, own.does) == (date(2025, 12, 31), "chair", "pairs in the east")


def test_a_role_goes_to_the_person_behind_an_address_whichever_of_theirs_it_is(client, kla, chi, bea):
    for person, address in ((bea, "bea@home.example.com"), (chi, "chi@home.example.com")):
        EmailAddress.objects.create(user=person, email=address, verified=True)
    assert give(client, kla, "committee", email="Bea@home.example.com").status_code == 302
    assert Seat.objects.get(role="committee").user == bea
    assert give(client, kla, "deputy", email="chi@home.example.com").status_code == 200  # it is still oneself
    assert not Seat.objects.filter(role="deputy").exists()


def test_a_role_in_another_program_is_not_given(client, kla, nela, chi):
    assert give(client, nela, "committee").status_code == 200
    assert not Seat.objects.filter(user__email="new@kla.example.org").exists()


def test_a_role_ends_and_is_never_unsaid(client, kla, chi):
    dee = make_seat(kla, make_person("dee@kla.example.org", "Dee", "Ruiz"), Seat.Role.DEPUTY)
    assert client.post(one(dee), {"last_day": "2025-12-31", "does": ""}).status_code == 302
    dee.refresh_from_db()
    assert dee.last_day == date(2025, 12, 31)
    assert client.post(one(dee, "delete"), {"post": "yes"}).status_code == 403


def test_who_has_an_account_keeps_it_and_their_name(client, kla, chi, bea):
    assert give(client, kla, "committee", email="Bea@Larkin.example.net").status_code == 302
    bea.refresh_from_db()
    assert str(bea) == "Bea Lindqvist"
    assert Seat.objects.filter(user=bea).count() == 1


def test_a_role_is_somewhere_and_does_not_end_before_it_begins(client, kla, chi):
    for bad in ({"program": ""}, {"last_day": "2025-09-01"}, {"first_day": ""}, {"role": ""}, {"role": "boss"}):
        data = {
            "email": "new@kla.example.org",
            "program": kla.pk,
            "role": "committee",
            "first_day": "2025-09-11",
            **bad,
        }
        assert client.post(reverse("admin:programs_seat_add"), data).status_code == 200
    dee = make_seat(kla, make_person("dee@kla.example.org", "Dee", "Ruiz"), Seat.Role.DEPUTY)
    assert client.post(one(dee), {"last_day": "1999-01-01", "does": ""}).status_code == 200
    dee.refresh_from_db()
    assert dee.last_day is None


def test_a_contact_person_of_an_office_role_is_no_such_thing(client, kla):
    client.force_login(User.objects.create_superuser("boss@host.example.org"))
    assert give(client, None, "committee", association=kla.association.pk).status_code == 200
    assert give(client, kla, "office").status_code == 200
    assert give(client, None, "office", association=kla.association.pk).status_code == 302
