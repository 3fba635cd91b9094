"""A look ahead is what the planner then really does, and it writes nothing."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mail.tests.make import make_message
from members import clock
from mentoring import look_ahead, occasions, planner, presets
from mentorships.models import CheckInPlan, Mentorship
from mentorships.tests.make import make_kla, make_pair, make_pairs, make_topics
from programs.models import Application, Cycle, Program, Question, Role, Seat, Training
from programs.tests.make import (
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_gate,
    make_person,
    make_question,
    make_seat,
    send,
)

pytestmark = pytest.mark.django_db

INTRODUCED = date(2025, 10, 15)
# What only follows once something else has been done: a question asked, so that it can be reminded of and decided.
FOLLOWS = {"check_in_reminder", "midway_reminder", "evaluation_reminder", "extend_reminder", "extension_result"}


def noon(day):
    return clock.at(datetime(day.year, day.month, day.day, 16, tzinfo=UTC))


def make_small_year(**fields):
    """Two pairs of a cycle of three months: topics, questions halfway and at the end, another year to be asked about."""
    given = {"extension_months": 12, "max_extensions": 1, "topic_recipients": Program.TopicRecipients.MENTOR_FIRST}
    program = make_kla(**{**given, "midway_after_months": 1, "evaluation_days": 2, **fields})
    for moment in (Question.Moment.MIDWAY, Question.Moment.END):
        make_question(program, "how", moment=moment)
    cycle = make_cycle(program, ends_on=date(2026, 1, 20))
    make_topics(cycle)
    make_pair(program, cycle=cycle)
    ann, cal = make_person("ann@a.example.org", "Ann", "Okafor"), make_person("cal@a.example.org", "Cal", "Ferreira")
    make_pair(program, ann, cal, cycle=cycle)
    with noon(INTRODUCED):  # the introductions leave
        for _line in planner.due(clock.now()):
            pass
    return cycle


def fingerprint():
    """Every row of every table of ours."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        rows = sorted(map(repr, model._base_manager.values_list()))
        digest.update(repr((model._meta.label, rows)).encode())
    return digest.hexdigest()


def really(cycle, first, last):
    """What the planner does on each of these days when nobody answers anything."""
    done = set()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        at = clock.end_of(day, cycle.zone)
        with clock.at(at):
            for app in planner.APPS[:-1]:  # all but the mails that leave because of it
                done |= {(day, line.what, line.about) for line in app.due(at)}
    return done


def by_day(lines):
    counts = {}
    for line in lines:
        counts[line.day, line.what] = line.count
    return counts


def test_the_planner_then_does_what_was_seen_when_nobody_answers_anything():
    cycle = make_small_year()
    first, last = INTRODUCED + timedelta(days=1), look_ahead.last_day(cycle)
    seen = list(look_ahead.planned(cycle, first, last, first))
    done = {}
    for day, what, about in really(cycle, first, last):
        if what not in FOLLOWS:
            done.setdefault((day, what), set()).add(about)
    assert by_day(seen) == {key: len(abouts) for key, abouts in done.items()}
    assert {line.what for line in seen} >= {"first_contact", "check_in", "topic", "midway", "extend", "closing"}
    assert {line.what for line in seen} >= {"completed", "evaluation"}
    assert {line.to for line in seen} == {"pairs"}


def test_a_month_alone_says_what_the_year_says_of_it():
    cycle = make_small_year()
    today = INTRODUCED + timedelta(days=1)
    year = look_ahead.days(cycle, today)
    december = look_ahead.between(cycle, date(2025, 12, 1), date(2025, 12, 31), today)
    assert december == [line for line in year if (line.day.year, line.day.month) == (2025, 12)]
    assert [str(line) for line in december] == [
        "2025-12-01  Topic 2, “Aim and map”, to mentees: 2 pairs",
        "2025-12-06  “One more year together?”: 2 pairs",
        "2025-12-15  “How is it going?”: 2 pairs",
        "2025-12-31  Topic 3, “Where to learn”, to mentors: 2 pairs",
    ]


def test_nothing_is_written():
    cycle = make_small_year()
    before = fingerprint()
    assert look_ahead.between(cycle, date(2025, 12, 1), date(2026, 1, 25), INTRODUCED + timedelta(days=1))
    assert fingerprint() == before


def test_before_anybody_applies_the_years_dates_and_the_plan_for_all_pairs_stand_there():
    cycle = presets.load("kla", opens=date(2025, 9, 1)).program.cycles.get()
    fixed = sorted([*look_ahead.cycle_days(cycle), *look_ahead.pairs_plan(cycle)], key=lambda line: line.day)
    assert look_ahead.between(cycle, date(2025, 9, 1), date(2025, 9, 30), date(2025, 8, 1)) == fixed[:2]
    assert [str(line) for line in fixed] == [
        "2025-09-01  Applications open",
        "2025-09-30  Applications close",
        "2025-10-15  Applicants hear by, matches announced, mentoring year begins",
        "2025-10-15  Introduced to each other",
        "2025-10-22  “Have you two been in touch?”",
        "2025-11-03  Invited to make a plan",
        "2025-12-15  “How is it going?”",
        "2026-02-15  “How is it going?”",
        "2026-04-15  Halfway: a few questions",
        "2026-06-15  “How is it going?”",
        "2026-08-15  “How is it going?”",
        "2026-09-30  Two weeks to go",
        "2026-10-14  Mentoring year ends",
        "2026-10-15  The evaluation is asked for",
    ]


def test_where_each_pair_has_its_own_day_the_plan_counts_from_the_introduction():
    program = make_kla(introduce="when_ready", term_anchor="introduction", mentor_confirms=True)
    cycle = make_cycle(program)
    starts = datetime(2025, 11, 4, 19, tzinfo=UTC)
    Training.objects.create(cycle=cycle, title="Together", starts_at=starts)
    lines = look_ahead.between(cycle, date(2025, 10, 16), date(2025, 11, 30), date(2025, 8, 1))
    assert [str(line) for line in lines] == ["2025-11-04  Workshop “Together”, 14:00\u00a0Eastern"]
    assert look_ahead.after_introduction(program)[:2] == [
        "After 7 days: “Have you two been in touch?”",
        "After 2 months: “How is it going?”",
    ]


def test_another_cycle_of_the_program_is_not_counted():
    cycle = make_small_year()
    other = make_cycle(
        cycle.program, slug="2026", name="2026", opens_on=date(2025, 11, 1), closes_on=date(2025, 11, 30),
        announced_on=date(2025, 12, 15), begins_on=date(2025, 12, 15),
    )  # fmt: skip
    user = make_person("bo@a.example.org", "Bo", "Marsh")
    make_application(
        other, user, Role.MENTEE, Application.State.DRAFT, started_at=datetime(2025, 11, 2, 16, tzinfo=UTC)
    )
    day = date(2025, 11, 20)
    told = {line.what for line in look_ahead.planned(other, day, day + timedelta(days=10), day)}
    assert told == {"draft_waiting"}
    assert "draft_waiting" not in {line.what for line in look_ahead.planned(cycle, day, day + timedelta(days=10), day)}


def test_what_stands_due_for_weeks_counts_once_and_on_the_day_it_came():
    cycle = make_small_year()
    late = INTRODUCED + timedelta(days=8)  # the calendar has not run since yesterday's question
    lines = [line for line in look_ahead.planned(cycle, late, late + timedelta(days=5), late) if line.count]
    assert [(line.day, line.what, line.count) for line in lines] == [
        (late, "first_contact", 2),
        (INTRODUCED + timedelta(days=10), "write_first", 2),
    ]


def test_a_daily_mail_to_the_office_is_said_once():
    program = make_kla()
    program.association.membership_email = "membership@kla.example.org"
    program.association.save()
    make_gate(program)
    cycle = make_cycle(program)
    day = date(2025, 9, 10)
    with noon(day):
        application = send(cycle, make_person("bo@a.example.org", "Bo", "Marsh"), Role.MENTEE)
    assert application.state == Application.State.HELD
    lines = look_ahead.planned(cycle, day, day + timedelta(days=5), day)
    found = [(line.day, line.what) for line in lines if line.what in ("who_has_joined", "membership_reminder")]
    assert found == [(day, "who_has_joined"), (day + timedelta(days=4), "membership_reminder")]


def test_every_name_that_the_planner_uses_has_words():
    assert occasions.words("check_in") == "“How is it going?”"
    assert occasions.words("something_new") == "Something new"
    moments = {*CheckInPlan.Moment.values, "midway", "evaluation", "introduction", "plan", "closing", "extend"}
    assert moments <= occasions.WORDS.keys()


# The command


def test_the_command_prints_the_same_list():
    cycle = make_small_year()
    with noon(date(2025, 12, 28)):
        out = StringIO()
        call_command("look_ahead", cycle.path, stdout=out)
        lines = [str(line) for line in look_ahead.days(cycle, cycle.today())]
    assert out.getvalue().splitlines() == [*lines, look_ahead.cannot_know()]


def test_an_unknown_cycle_ends_with_2_and_one_line_that_names_the_known():
    make_cycle(make_kla())
    with pytest.raises(CommandError) as refused:
        call_command("look_ahead", "kla/2031")
    assert refused.value.returncode == 2
    assert str(refused.value) == "There is no cycle “kla/2031”. These are known: kla/2025-26."


# The page


@pytest.fixture
def chi():
    return make_person("chi@kla.example.org", "Chi", "Harper")


def test_the_page_shows_a_month_and_leads_to_the_others(client, chi):
    cycle = make_small_year()
    make_seat(cycle.program, chi, Seat.Role.CHAIR)
    client.force_login(chi)
    with noon(date(2025, 10, 20)):
        page = assert_writes_nothing(client, f"{reverse('admin:year_ahead', args=[cycle.pk])}?month=2025-12")
        today = client.get(f"{reverse('admin:index')}?cycle={cycle.pk}").content.decode()
    text = page.content.decode()
    assert "Topic 2, “Aim and map”, to mentees" in text
    assert "2 pairs" in text
    assert 'href="?month=2026-01"' in text
    assert reverse("admin:year_ahead", args=[cycle.pk]) in today


@pytest.mark.parametrize("month", ["", "2019-01", "never", "2025-13\x00"])
@pytest.mark.parametrize(
    ("day", "heading"),
    [
        (date(2025, 7, 10), "September 2025"),  # the first month in which something is
        (date(2025, 8, 30), "What leaves in the next 7 days"),
    ],
)
def test_who_asks_for_no_month_sees_the_first_days_that_hold_something(client, chi, month, day, heading):
    cycle = make_cycle(make_kla())
    make_seat(cycle.program, chi, Seat.Role.COMMITTEE)
    client.force_login(chi)
    with noon(day):
        page = client.get(reverse("admin:year_ahead", args=[cycle.pk]), {"month": month})
    assert f"<h2>{heading}</h2>" in page.content.decode()


@pytest.mark.parametrize(
    ("month", "subjects"),
    [
        ("2025-10", ["Today", "This month"]),
        ("2025-11", ["Next month"]),
        ("2025-12", []),
        ("", ["Today", "This month"]),
        ("week", ["Today", "This month"]),
    ],
)
def test_what_is_promised_stands_in_its_month_too(client, chi, month, subjects):
    cycle = make_cycle(make_kla())
    make_seat(cycle.program, chi, Seat.Role.COMMITTEE)
    client.force_login(chi)
    with noon(date(2025, 10, 26)):
        for number, (subject, days) in enumerate([("Today", 0), ("This month", 4), ("Next month", 8)]):
            make_message(number, scope=cycle.scope, leaves_at=clock.now() + timedelta(days=days), subject=subject)
        page = client.get(reverse("admin:year_ahead", args=[cycle.pk]), {"month": month})
    assert [line.subject for line in page.context["promised"]] == subjects
    assert ("Nothing is ahead in this month" in page.content.decode()) == (not subjects and not page.context["lines"])


@pytest.mark.parametrize(("role", "reads"), [(Seat.Role.COMMITTEE, True), (Seat.Role.LIAISON, False)])
def test_this_week_shows_what_is_promised_and_what_the_calendar_adds(client, chi, role, reads):
    cycle = make_small_year()
    make_seat(cycle.program, chi, role)
    client.force_login(chi)
    with noon(date(2025, 10, 28)):
        now = clock.now()
        make_message(1, scope=cycle.scope, leaves_at=now + timedelta(days=2), subject="Two weeks to go")
        make_message(2, scope=cycle.scope, leaves_at=now + timedelta(days=8), subject="Later")
        make_message(3, scope="program:other", leaves_at=now + timedelta(days=2), subject="Elsewhere")
        page = assert_writes_nothing(client, f"{reverse('admin:year_ahead', args=[cycle.pk])}?month=week")
    text = page.content.decode()
    assert [subject in text for subject in ("Two weeks to go", "Later", "Elsewhere")] == [reads, False, False]
    assert "to mentors" in text  # the topic of November, on the last working day before


def test_another_programs_chair_does_not_find_it(client, chi):
    cycle = make_cycle(make_kla())
    make_seat(make_kla("other"), chi, Seat.Role.CHAIR)
    client.force_login(chi)
    assert client.get(reverse("admin:year_ahead", args=[cycle.pk])).status_code == 404
    assert Cycle.objects.count() == 1
    assert not Mentorship.objects.exists()


def test_more_pairs_cost_no_more_questions_to_the_database():
    cycle = make_small_year()  # two pairs
    day, asked = INTRODUCED + timedelta(days=7), []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            lines = look_ahead.between(cycle, day, day, day)
        asked.append((next(line.count for line in lines if line.what == "first_contact"), len(queries)))
        if len(asked) < 2:
            make_pairs(cycle.program, 3)
    assert [count for count, _queries in asked] == [2, 5]
    assert asked[0][1] == asked[1][1]
