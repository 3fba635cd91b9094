"""The committee's page of contacts: who has how many pairs, shared out in one action, or one pair at a time."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mail.models import Message
from mentorships import requests
from mentorships.models import Mentorship, Request
from mentorships.tests.make import make_kla, make_pair, make_pairs, on
from programs.models import Seat
from programs.tests.make import assert_writes_nothing, make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db
CONTACTS = "/admin/mentorships/mentorship/contacts/"


def words(response):
    return " ".join(response.content.decode().split())


def seat(program, name, role=Seat.Role.LIAISON, **fields):
    user = make_person(f"{name}@kla.example.org", name.title(), "Harper")
    make_seat(program, user, role, **fields)
    return user


@pytest.fixture
def program():
    program = make_kla(liaisons=True, contact_word="liaison")
    make_cycle(program)
    return program


@pytest.fixture
def chi(program):
    return seat(program, "chi", Seat.Role.CHAIR)


@pytest.fixture
def lee(program):
    return seat(program, "lee")


def get(client, user, url=CONTACTS):
    client.force_login(user)
    with on(2025, 11, 3):
        return words(assert_writes_nothing(client, url))


def post(client, user, url=CONTACTS, **data):
    client.force_login(user)
    with on(2025, 11, 3):
        return client.post(url, data, follow=True)


@pytest.mark.requirement("R-NMRT-13")
def test_the_page_counts_pairs_by_contact_and_what_has_waited(client, program, chi, lee):
    pairs = make_pairs(program, 3)
    with on(2025, 10, 20):
        requests.ask(pairs[0], Request.Kind.HELP, by=pairs[0].mentor)
    mim = seat(program, "mim", last_day=date(2025, 12, 31))
    page = get(client, chi)
    assert "Every pair has a liaison from its first day" in page
    lees, mims = page.index("Lee Harper"), page.index("Mim Harper")
    assert ">3</a>" in page[lees:mims]
    assert "1, the oldest 14 days" in page[lees:mims]
    assert "more than a week" in page[lees:mims]
    assert "until Wednesday, 31 December" in page[mims:]
    assert "no pair yet" in page[mims:]
    assert "1 pair would get another contact" in page
    assert mim.pk


@pytest.mark.requirement("R-NMRT-13")
def test_one_button_shares_them_out(client, program, chi, lee):
    make_pairs(program, 5)
    seat(program, "mim")
    page = words(post(client, chi, do="balance"))
    assert "2 pairs have another contact." in page
    assert "would get another contact" not in page
    assert sorted(Mentorship.objects.values_list("liaison__first_name", flat=True)) == [
        "Lee",
        "Lee",
        "Lee",
        "Mim",
        "Mim",
    ]
    assert Message.objects.filter(name="contact_changed").count() == 4
    assert "Nothing had to move." in words(post(client, chi, do="balance"))


def test_who_is_away_hands_on_to_the_others(client, program, chi, lee):
    make_pairs(program, 4)
    assert "There is nobody else to hand these pairs to." in words(post(client, chi, do="hand_on", whose=lee.pk))
    seat(program, "mim")
    seat(program, "ora")
    assert "4 pairs have another contact." in words(post(client, chi, do="hand_on", whose=lee.pk))
    assert sorted(Mentorship.objects.values_list("liaison__first_name", flat=True)) == ["Mim", "Mim", "Ora", "Ora"]


def test_a_contact_without_a_role_any_more_and_pairs_without_one_are_said_aloud(client, program, chi):
    make_pair(program)
    seat(program, "old", last_day=date(2025, 10, 31))
    make_pairs(program, 1)
    page = get(client, chi)
    assert "no role any more" in page
    assert "Nobody by name" in page


def test_one_pair_gets_another_contact_on_its_own_page(client, program, chi, lee):
    pair = make_pair(program)
    mim = seat(program, "mim")
    url = f"/admin/mentorships/mentorship/{pair.pk}/contact/"
    page = get(client, chi, f"/admin/mentorships/mentorship/{pair.pk}/pair/")
    assert "Liaison" in page
    assert "Give them another" in page
    assert "Mim Harper looks after them." in words(post(client, chi, url, contact=mim.pk))
    pair.refresh_from_db()
    assert pair.liaison == mim
    for forged in ("", "x", pair.mentor_id, 10**20):
        assert "Please choose somebody from the list." in words(post(client, chi, url, contact=forged))
    assert Message.objects.filter(name="contact_changed").count() == 2


def test_only_the_committee_shares_out_and_nobody_a_pair_of_their_own(client, program, chi, lee):
    own = make_pair(program, mentor=chi)
    other = make_pairs(program, 1)[0]
    client.force_login(lee)
    with on(2025, 11, 3):
        assert client.get(CONTACTS).status_code == 403
        assert client.post(CONTACTS, {"do": "balance"}).status_code == 403
        url = "/admin/mentorships/mentorship/%d/contact/"
        assert client.post(url % other.pk, {"contact": chi.pk}).status_code == 403
        client.force_login(chi)
        assert client.post(url % own.pk, {"contact": lee.pk}).status_code == 404
        assert client.get(url % other.pk).status_code == 405
    assert "A pair of your own is not counted here" in get(client, chi)


def test_an_unknown_act_changes_nothing(client, program, chi, lee):
    for data in ({}, {"do": "x"}, {"do": "hand_on", "whose": "x"}, {"do": "hand_on", "whose": "9" * 30}):
        assert "Please use one of the buttons." in words(post(client, chi, **data))
    assert post(client, chi, do="hand_on", whose="12345").status_code == 404


def test_the_page_asks_the_same_number_of_queries_with_one_pair_and_with_four(client, program, chi, lee):
    def queries():
        get(client, chi)
        with CaptureQueriesContext(connection) as asked:
            get(client, chi)
        return len(asked)

    make_pair(program)
    one = queries()
    make_pairs(program, 3)
    assert queries() == one
