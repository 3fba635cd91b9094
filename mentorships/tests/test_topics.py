"""The year's topics: planned from the library, and as each of the two meets them on their page."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.journal import NotAllowed
from members.models import Entry
from mentorships import terms, topics
from mentorships.models import CycleTopic, Mentorship, Topic
from mentorships.tests.make import make_kla, make_pair, make_topics, on
from programs.models import Program, Seat
from programs.tests.make import assert_writes_nothing, make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    program = make_kla(topic_recipients="mentor_first")
    make_cycle(program)
    return program


@pytest.fixture
def chi(program):
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.CHAIR)
    return chi


def words(response):
    return " ".join(response.content.decode().split())


def page_of(client, pair, user, day):
    client.force_login(user)
    with on(*day):
        return words(assert_writes_nothing(client, pair.get_absolute_url()))


@pytest.mark.requirement("R-NMRT-41", "R-NMRT-43", "R-NASIG-13")
def test_the_library_is_planned_month_by_month_in_its_order(program, chi):
    cycle = program.cycles.get()
    for order, title in ((2, "Second"), (1, "First"), (3, "Third")):
        Topic.objects.create(program=program, code=title.lower(), title=title, body="Ask.", order=order)
    with on(2025, 10, 1):
        topics.lay_out(cycle, by=chi)
    planned = CycleTopic.objects.filter(cycle=cycle).values_list("number", "topic__title", "mentor_on", "mentee_on")
    assert list(planned) == [
        (1, "First", date(2025, 10, 31), date(2025, 11, 1)),
        (2, "Second", date(2025, 11, 28), date(2025, 12, 1)),
        (3, "Third", date(2025, 12, 31), date(2026, 1, 1)),
    ]
    assert Entry.objects.filter(verb="topics_planned", actor=chi.pk).count() == 1


def test_planning_twice_without_a_library_without_the_right_or_without_topics_is_refused(program, chi):
    cycle = program.cycles.get()
    sam = make_person("sam@example.org", "Sam", "Stranger")
    with on(2025, 10, 1):
        with pytest.raises(NotAllowed, match="no topic in the library yet"):
            topics.lay_out(cycle, by=chi)
        Topic.objects.create(program=program, code="a", title="A", body="Ask.")
        with pytest.raises(NotAllowed, match="The committee plans"):
            topics.lay_out(cycle, by=sam)
        topics.lay_out(cycle, by=chi)
        with pytest.raises(NotAllowed, match="has its topics already"):
            topics.lay_out(cycle, by=chi)
        cycle.program.topic_recipients = Program.TopicRecipients.NONE
        with pytest.raises(NotAllowed, match="sends no topics"):
            topics.lay_out(cycle, by=chi)
    assert CycleTopic.objects.count() == 1


@pytest.mark.requirement("R-NMRT-42", "R-NASIG-14", "R-NASIG-22")
def test_the_page_of_the_two_shows_the_topics_so_far_and_the_next_day(client, program):
    make_topics(program.cycles.get())
    pair = make_pair(program)
    before = page_of(client, pair, pair.mentor, (2025, 10, 20))
    assert "The first one comes by mail on Friday, 31 October." in before
    assert "You have it before your partner does: open the month with it." in before
    mentors = page_of(client, pair, pair.mentor, (2025, 10, 31))
    mentees = page_of(client, pair, pair.mentee, (2025, 10, 31))
    assert "Start well" in mentors
    assert "The next one comes by mail on Friday, 28 November." in mentors
    assert "Start well" not in mentees
    assert "The first one comes by mail on Saturday, 1 November." in mentees
    assert "Whatever else is on your mind is just as good, or better." in mentees
    assert "open the month" not in mentees


def test_a_pair_that_is_over_keeps_what_it_had_and_is_promised_no_more(client, program):
    make_topics(program.cycles.get())
    pair = make_pair(program)
    with on(2025, 11, 10):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.OTHER)
    page = page_of(client, pair, pair.mentee, (2025, 12, 5))
    assert "Start well" in page
    assert "Aim and map" not in page
    assert "comes by mail" not in page


def test_where_no_topics_are_sent_the_page_says_nothing_of_them(client):
    program = make_kla()
    pair = make_pair(program)
    assert "Something to talk about" not in page_of(client, pair, pair.mentee, (2025, 12, 5))


def test_a_topic_that_is_left_out_is_on_no_page(client, program):
    CycleTopic.objects.filter(pk=make_topics(program.cycles.get())[0].pk).update(skipped=True)
    pair = make_pair(program)
    page = page_of(client, pair, pair.mentee, (2025, 12, 5))
    assert "Start well" not in page
    assert "Aim and map" in page


def test_my_mentoring_names_the_day_of_the_next_topic_once_for_each_pair(client, program):
    make_topics(program.cycles.get())
    pair = make_pair(program)
    client.force_login(pair.mentee)
    with on(2025, 12, 2), CaptureQueriesContext(connection) as asked:
        page = words(client.get("/my/"))
    assert page.count("A topic for you and Mo, if you like") == 1
    assert "1 January 2026" in page
    assert len([query for query in asked if "cycletopic" in query["sql"]]) == 1


def test_the_next_topic_after_the_pairs_own_end_is_not_promised(program):
    make_topics(program.cycles.get())
    pair = make_pair(program, introduced=datetime(2025, 10, 15, 16, tzinfo=UTC))
    pair.terms.update(ends_on=date(2025, 11, 20))
    with on(2025, 11, 10):
        year = topics.year_of(pair, "mentee")
    assert ([topic.title for _day, topic in year.so_far], year.next_on) == (["Start well"], None)
