"""The committee's topics: the year's dates, what both sides will read, moved and left out; the library."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Entry
from mentorships.models import CycleTopic, Topic
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, make_pairs, make_topics, on
from programs.models import Seat
from programs.tests.make import assert_writes_nothing, make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db
YEAR, LIBRARY = "/admin/mentorships/cycletopic/", "/admin/mentorships/topic/"


def words(response):
    return " ".join(response.content.decode().split())


def seat(program, name, role):
    user = make_person(f"{name}@{program.slug}.example.org", name.title(), "Harper")
    make_seat(program, user, role)
    return user


@pytest.fixture
def program():
    program = make_kla(topic_recipients="mentor_first")
    make_cycle(program)
    return program


@pytest.fixture
def chi(program):
    return seat(program, "chi", Seat.Role.CHAIR)


def get(client, user, url, day=(2025, 11, 3)):
    client.force_login(user)
    with on(*day):
        return assert_writes_nothing(client, url)


def post(client, user, url, **data):
    client.force_login(user)
    with on(2025, 11, 3):
        return client.post(url, data, follow=True)


def change(client, user, row, **changed):
    data = {"topic": row.topic_id, "mentor_on": row.mentor_on, "mentee_on": row.mentee_on, **changed}
    return post(client, user, f"{YEAR}{row.pk}/change/", **data)


@pytest.mark.requirement("R-NMRT-41", "R-NASIG-13")
def test_the_year_is_a_list_of_dates_with_what_has_left(client, program, chi):
    make_topics(program.cycles.get())
    make_pairs(program, 2)
    for day in (date(2025, 10, 31), date(2025, 11, 1)):
        do_what_is_due(day)
    page = words(get(client, chi, YEAR))
    assert "The mentor has each topic first and opens the month with it." in page
    first = page[page.index("Start well") : page.index("Aim and map")]
    assert first.count("left to 2 people") == 2
    assert "left to" not in page[page.index("Aim and map") :]
    assert "Fri, 28 November" in page


@pytest.mark.requirement("R-NASIG-27")
def test_both_mails_are_read_before_they_leave(client, program, chi):
    row = make_topics(program.cycles.get())[1]
    page = words(get(client, chi, f"{YEAR}{row.pk}/preview/"))
    for expected in (
        "December: Aim and map",
        "Friday, 28 November",
        "Monday, 1 December",
        "Please open the month with it: write to Bea at the beginning of December",
        "Mo has it too and opens December with it.",
        "What would you be glad to have when this is over?",
    ):
        assert expected in page


def test_a_contact_person_reads_the_year_and_changes_nothing(client, program):
    lee = seat(program, "lee", Seat.Role.LIAISON)
    row = make_topics(program.cycles.get())[0]
    assert "Change, move or leave out" not in words(get(client, lee, YEAR))
    assert change(client, lee, row, mentee_on="2025-11-05").status_code == 403
    row.refresh_from_db()
    assert row.mentee_on == date(2025, 11, 1)


def test_a_date_is_moved_and_a_month_left_out(client, program, chi):
    row = make_topics(program.cycles.get())[1]
    page = words(change(client, chi, row, mentor_on="2025-12-05", mentee_on="2025-12-08", skipped="on"))
    row.refresh_from_db()
    assert (row.mentor_on, row.mentee_on, row.skipped) == (date(2025, 12, 5), date(2025, 12, 8), True)
    assert "left out" in page
    assert Entry.objects.filter(about=f"cycletopic:{row.pk}", verb="changed", actor=chi.pk).count() == 1


def test_bad_dates_and_a_topic_twice_are_refused_with_words(client, program, chi):
    first, row = make_topics(program.cycles.get())[:2]
    before = list(CycleTopic.objects.values())
    for changed, said in (
        ({"mentor_on": "2025-12-09", "mentee_on": "2025-12-08"}, "on the mentees’ day or before"),
        ({"mentee_on": "2027-12-08"}, "Nobody is in a pair on this day"),
        ({"topic": first.topic_id}, "is number 1 of this year already"),
        ({"mentee_on": "soon"}, "Enter a valid date"),
    ):
        page = words(change(client, chi, row, **changed)).replace("&#x27;", "’")
        assert said in page, page
    assert list(CycleTopic.objects.values()) == before


def test_a_topic_of_another_program_is_no_choice(client, program, chi):
    other = make_kla("nela", topic_recipients="both")
    theirs = Topic.objects.create(program=other, code="theirs", title="Quillfeather", body="Ask.")
    row = make_topics(program.cycles.get())[0]
    assert "Quillfeather" not in words(get(client, chi, f"{YEAR}{row.pk}/change/"))
    assert "Select a valid choice" in words(change(client, chi, row, topic=theirs.pk))


def test_what_has_left_keeps_its_topic_and_is_not_deleted_but_the_others_date_moves(client, program, chi):
    row, other = make_topics(program.cycles.get())[:2]
    make_pair(program)
    do_what_is_due(date(2025, 10, 31))
    change(
        client,
        chi,
        row,
        topic=Topic.objects.create(program=program, code="x", title="X", body=".").pk,
        mentee_on="2025-11-05",
    )
    row.refresh_from_db()
    assert (row.topic.title, row.mentee_on) == ("Start well", date(2025, 11, 5))
    assert post(client, chi, f"{YEAR}{row.pk}/delete/", post="yes").status_code == 403
    assert post(client, chi, f"{LIBRARY}{row.topic_id}/delete/", post="yes").status_code == 403
    assert post(client, chi, f"{YEAR}{other.pk}/delete/", post="yes").status_code == 200
    assert not CycleTopic.objects.filter(pk=other.pk).exists()


def test_an_empty_year_is_planned_from_the_library_with_one_button(client, program, chi):
    cycle = program.cycles.get()
    assert "The library is empty" in words(get(client, chi, YEAR))
    Topic.objects.create(program=program, code="a", title="Begin", body="Ask.")
    assert "Plan one for each month from the library" in words(get(client, chi, YEAR))
    page = words(post(client, chi, f"{YEAR}lay-out/", cycle=cycle.pk))
    assert "Planned. Move, change or leave out what you like; nothing has left." in page
    assert CycleTopic.objects.count() == 1
    assert "has its topics already" in words(post(client, chi, f"{YEAR}lay-out/", cycle=cycle.pk))
    for forged in ("", "x", "9" * 30):
        assert post(client, chi, f"{YEAR}lay-out/", cycle=forged).status_code == 404


def test_a_month_more_begins_with_the_next_number(client, program, chi):
    make_topics(program.cycles.get(), "One", "Two")
    spare = Topic.objects.create(program=program, code="three", title="Three", body="Ask.")
    cycle = program.cycles.get()
    page = words(get(client, chi, f"{YEAR}add/?cycle={cycle.pk}"))
    assert 'name="number" value="3"' in page
    post(
        client,
        chi,
        f"{YEAR}add/",
        cycle=cycle.pk,
        number=3,
        topic=spare.pk,
        mentor_on="2026-01-05",
        mentee_on="2026-01-06",
    )
    assert CycleTopic.objects.get(number=3).topic == spare


def test_a_program_without_topics_says_so(client, chi, program):
    program.topic_recipients = "none"
    program.save()
    assert "This program sends its pairs no topics." in words(get(client, chi, YEAR))


def test_the_library_is_written_by_the_committee(client, program, chi):
    post(
        client,
        chi,
        f"{LIBRARY}add/",
        program=program.pk,
        title="Reading",
        code="reading",
        body="Swap *three*.",
        order=5,
    )
    assert Topic.objects.filter(program=program).values_list("title", "body").get() == ("Reading", "Swap *three*.")


def test_the_year_asks_the_same_number_of_queries_with_one_month_and_with_five(client, program, chi):
    def queries():
        get(client, chi, YEAR)
        with CaptureQueriesContext(connection) as asked:
            get(client, chi, YEAR)
        return len(asked)

    make_topics(program.cycles.get(), "One")
    one = queries()
    CycleTopic.objects.all().delete()
    make_topics(program.cycles.get())
    assert queries() == one
