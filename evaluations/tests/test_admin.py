"""The chair's page of figures, and the answers one by one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations.tests.make import AFTER, HALFWAY, answer_all, do_what_is_due, make_evaluated_kla, make_year
from members import clock
from mentorships.tests.make import make_pair
from programs.models import Seat
from programs.tests.make import assert_writes_nothing, make_person, make_seat

pytestmark = pytest.mark.django_db
REPORT, ANSWERS = "/admin/evaluations/receipt/report/", "/admin/evaluations/response/"
LATER = clock.end_of(AFTER + timedelta(days=30), "America/New_York")


def words(response):
    return " ".join(response.content.decode().split())


def seat(program, name, role):
    user = make_person(f"{name}@kla.example.org", name.title(), "Harper")
    make_seat(program, user, role)
    return user


def get(client, user, url, at=LATER):
    client.force_login(user)
    with clock.at(at):
        return client.get(url)


@pytest.fixture
def program():
    return make_evaluated_kla()


@pytest.fixture
def chi(program):
    return seat(program, "chi", Seat.Role.CHAIR)


@pytest.fixture
def year(program):
    """Five pairs whose ten people have all answered."""
    make_year(program, 5)
    answer_all("end", lambda number: {"fit": "much" if number % 2 else "mostly", "change": f"Words of person {number}"})


@pytest.mark.requirement("R-KLA-20", "R-KLA-40", "R-KLA-48")
def test_the_figures_stand_there_as_bars_and_as_a_table(client, chi, year):
    page = words(get(client, chi, REPORT))
    assert "100 %" in page
    assert "<rect" in page
    assert "Much / Mostly / Partly / Hardly" not in page
    assert "5 of 5" in page
    assert "Words of person" not in page
    assert " style=" not in page


def test_under_the_minimum_it_is_withheld_and_says_so(client, chi, program):
    make_year(program, 2)
    answer_all("end", lambda number: {"fit": "much"})
    page = words(get(client, chi, REPORT))
    assert "The figures are withheld: they are shown once 5 people of each side have answered" in page
    assert "<rect" not in page


@pytest.mark.requirement("R-KLA-27")
def test_the_chase_list_names_who_has_not_given_midway_feedback(client, chi, program):
    make_pair(program)
    do_what_is_due(HALFWAY)
    answer_all("midway", lambda number: {"times": "much"}, role="mentor", day=HALFWAY)
    page = words(get(client, chi, REPORT, datetime(2026, 4, 20, 18, tzinfo=UTC)))
    assert "Bea Lindqvist, mentee · no word to us yet this year" in page
    assert "Mo Castellanos" not in page


def test_a_chair_in_a_pair_is_told_that_it_is_left_out(client, program):
    mo = seat(program, "mo", Seat.Role.CHAIR)
    make_pair(program, mentor=mo)
    do_what_is_due(AFTER)
    answer_all("end", lambda number: {"fit": "hardly", "change": "My own words"})
    page = words(get(client, mo, REPORT))
    assert "You are in a pair of this cycle." in page
    assert "Bea" not in page
    assert "My own words" not in words(get(client, mo, ANSWERS))


def test_the_answers_one_by_one_are_for_chair_and_deputy(client, chi, program, year):
    mia, lee = seat(program, "mia", Seat.Role.COMMITTEE), seat(program, "lee", Seat.Role.LIAISON)
    assert "Words of person 3" in words(get(client, chi, ANSWERS))
    for nobody in (mia, lee):
        assert get(client, nobody, ANSWERS).status_code == 403
        assert "Read the answers one by one" not in words(get(client, nobody, REPORT))


def test_a_liaison_reads_the_figures_but_not_who_is_missing(client, program):
    lee = seat(program, "lee", Seat.Role.LIAISON)
    make_year(program, 1)
    page = words(get(client, lee, REPORT))
    assert "Ann0" not in page
    assert "0 %" in page


def test_another_programs_chair_finds_nothing(client, program, year):
    eve = make_person("eve@nela.example.org", "Eve", "Tan")
    make_seat(make_evaluated_kla("nela"), eve, Seat.Role.CHAIR)
    cycle = program.cycles.get().pk
    for url in (REPORT, ANSWERS):
        assert get(client, eve, f"{url}?cycle={cycle}").status_code == 404
        assert "Words of person" not in words(get(client, eve, url))


def test_no_stock_page_shows_a_receipt_or_an_answer(client, chi, year):
    assert get(client, chi, "/admin/evaluations/receipt/1/change/").status_code == 404
    assert get(client, chi, "/admin/evaluations/response/1/change/").status_code == 404
    assert get(client, chi, "/admin/evaluations/receipt/").status_code == 302


def test_looking_writes_nothing(client, chi, year):
    client.force_login(chi)
    with clock.at(LATER):
        for url in (REPORT, ANSWERS):
            assert_writes_nothing(client, url)


def queries(client, user, url):
    get(client, user, url)
    with CaptureQueriesContext(connection) as asked:
        get(client, user, url)
    return len(asked)


@pytest.mark.parametrize("url", [REPORT, ANSWERS])
def test_the_same_number_of_queries_with_one_pair_and_with_four(client, chi, program, url):
    make_pair(program)
    do_what_is_due(AFTER)
    answer_all("end", lambda number: {"fit": "much"}, role="mentor")
    one = queries(client, chi, url)
    make_year(program, 3)
    answer_all("end", lambda number: {"fit": "much"}, role="mentor")
    assert queries(client, chi, url) == one
