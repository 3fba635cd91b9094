"""My mentoring: the next thing on top, and nobody else's."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorships.tests.make import add_mentee, do_what_is_due, make_kla, make_pair, on
from programs.models import Application, Role
from programs.tests.make import assert_writes_nothing, make_application, make_cycle, make_person

pytestmark = pytest.mark.django_db
URL = "/my/"


def words(response):
    return " ".join(response.content.decode().split())


def test_who_has_nothing_here_is_shown_where_to_begin(client):
    client.force_login(make_person("sam@example.org", "Sam", "Stranger"))
    page = words(client.get(URL))
    assert "Nothing here yet" in page
    assert "Look at the programs" in page


def test_a_stranger_is_asked_to_sign_in(client):
    answer = client.get(URL)
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/my/")


def test_who_waits_reads_where_the_application_stands_and_by_when(client):
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    make_application(make_cycle(make_kla()), bea, Role.MENTEE, Application.State.SUBMITTED)
    client.force_login(bea)
    with on(2025, 9, 20):
        page = words(client.get(URL))
    assert "We have your application." in page
    assert "Wed, 15 October" in page
    assert "Be a mentor too" in page


def test_a_pair_sees_its_month_the_partner_and_the_question_that_waits(client):
    pair = make_pair()
    do_what_is_due(date(2025, 12, 15))
    client.force_login(pair.mentee)
    with on(2025, 12, 16):
        page = words(client.get(URL))
    assert "You and Mo, month 3" in page
    assert "mo@farrow.example.org" in page
    assert "How is it going with Mo?" in page
    assert "Going well" in page
    assert "We introduced you and Mo to each other." in page


def test_looking_writes_nothing(client):
    pair = make_pair()
    client.force_login(pair.mentor)
    with on(2025, 12, 16):
        assert_writes_nothing(client, URL)


def queries(client, user):
    client.force_login(user)
    with on(2025, 12, 16), CaptureQueriesContext(connection) as asked:
        client.get(URL)
    return len(asked)


def test_the_page_asks_few_questions_of_the_database_and_no_more_with_three_pairs(client):
    """Ann mentors one, then three: the same number of queries, whatever has happened in each pair."""
    program = make_kla(mentor_capacity=3)
    ann = make_person("ann@example.org", "Ann", "Whitcomb")
    make_pair(program, ann, mentors={"mentees_wanted": 3})
    mentors_application = Application.objects.get(user=ann)
    one = queries(client, ann)
    for number in range(2):
        mentee = make_person(f"mentee{number}@example.org", "Cal", f"Sample {number}")
        add_mentee(mentors_application, mentee)
    assert queries(client, ann) == one
    assert one <= 16
