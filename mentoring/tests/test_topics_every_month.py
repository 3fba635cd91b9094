"""No month is skipped and none comes twice: five beats at once for two years, none for forty days, clocks that change."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

import mentorships.due
from mail.models import Message
from mail.tests.scale import scale
from members import clock
from mentoring.tests import beats
from mentorships import due_topics, topics
from mentorships.models import CheckIn, CycleTopic, Topic
from mentorships.tests.make import make_kla, make_pair
from programs.models import Program
from programs.tests.make import make_cycle, make_person

BEGINS, MONTHS, BEATS = date(2025, 10, 15), 24, 5
PAIRS, EVERY = scale(ci=2, full=20), timedelta(days=scale(ci=16, full=1))


def make_year_of_topics(pairs, months=MONTHS, **fields):
    """A program whose pairs get a topic on the first of every month."""
    program = make_kla(topic_recipients=Program.TopicRecipients.BOTH, midway_after_months=None, **fields)
    cycle = make_cycle(program, ends_on=BEGINS + timedelta(days=31 * months))
    library = [
        Topic.objects.create(program=program, code=f"topic-{n}", title=f"Topic {n}", body="Talk.", order=n)
        for n in range(1, months + 1)
    ]
    planned = topics.plan(cycle, library)
    CycleTopic.objects.bulk_create(planned)
    for number in range(pairs):
        mentor = make_person(f"mentor{number}@example.org", f"Mentor{number}", "Sample")
        make_pair(program, mentor, make_person(f"mentee{number}@example.org", f"Mentee{number}", "Sample"))
    Message.objects.all().delete()
    return planned


def lived(planned, silent=()):
    """The days on which beat comes: the topics' own and the day after, and some between; none while it is silent."""
    last = planned[-1].mentee_on + timedelta(days=2)
    found = {BEGINS + EVERY * number for number in range((last - BEGINS) // EVERY)}
    found |= {one.mentee_on + timedelta(days=more) for one in planned for more in (0, 1)}
    found |= {day + timedelta(days=1) for day in silent[-1:]}
    return sorted(found - set(silent))


def live(planned, silent=()):
    """Five beats every evening; what arrived: {(number of the topic, address): days}."""
    beats.POST.arrivals.clear()
    with beats.crew(BEATS) as crew:
        for day in lived(planned, silent):
            crew.at(beats.evening(day), BEATS)
    found = {}
    for one in beats.POST.arrivals:
        if "Topic" in one.subject:
            found.setdefault((int(one.subject.rpartition(" ")[2]), one.to), []).append(one.day)
    return found


@pytest.fixture
def post(settings):
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")
    settings.EMAIL_BACKEND = "mentoring.tests.beats.Backend"


raced = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.promise("G6")]


def everybody():
    return [(f"{side}{number}@example.org",) for number in range(PAIRS) for side in ("mentor", "mentee")]


class TestFiveBeats:
    pytestmark = raced

    def test_for_two_years_each_month_comes_once_to_each_and_on_its_day(self, post, figures):
        planned = make_year_of_topics(PAIRS)
        found = live(planned)
        assert found == {(one.number, to): [one.mentee_on] for one in planned for to in everybody()}
        figures.say("G6", "five beats for 24 months", topics=len(planned), people=len(everybody()), twice=0, missing=0)

    def test_what_forty_silent_days_missed_comes_once_afterwards_and_says_that_it_is_late(self, post, figures):
        planned = make_year_of_topics(PAIRS, months=4)
        silent = [date(2025, 12, 5) + timedelta(days=number) for number in range(40)]  # the first of January among them
        found = live(planned, silent)
        back = silent[-1] + timedelta(days=1)
        on = {one.number: back if one.mentee_on in silent else one.mentee_on for one in planned}
        assert found == {(number, to): [day] for number, day in on.items() for to in everybody()}
        late = Message.objects.filter(name="topic", text__contains="It comes later than it")
        assert {mail.subject for mail in late} == {"January: Topic 3"}
        assert late.count() == len(everybody())
        figures.say("G6", "beat off for 40 days", missed=1, sent_once=len(everybody()), marked_late=late.count())

    def test_two_months_that_forty_silent_days_missed_both_come_once(self, post):
        planned = make_year_of_topics(PAIRS, months=4)
        silent = [date(2025, 11, 25) + timedelta(days=number) for number in range(40)]
        found = live(planned, silent)
        back = silent[-1] + timedelta(days=1)
        on = {one.number: back if one.mentee_on in silent else one.mentee_on for one in planned}
        assert list(on.values()).count(back) == 2
        assert found == {(number, to): [day] for number, day in on.items() for to in everybody()}

    def test_the_control_without_the_key_of_a_mail_sends_some_twice(self, post, figures, monkeypatch):
        planned = make_year_of_topics(PAIRS, months=3)
        monkeypatch.setattr(due_topics.notices, "promised_at", lambda keys: list(keys) and {})
        with beats.without_the_key():
            found = live(planned)
            Message.objects.all().delete()
        twice = sum(len(days) > 1 for days in found.values())
        assert twice > 0
        figures.say("G6", "without the unique key of a mail", twice=twice)

    def test_the_control_that_looks_at_the_day_alone_misses_a_month(self, post, figures, monkeypatch):
        planned = make_year_of_topics(PAIRS, months=4)
        months = due_topics._months
        only_today = lambda *args: (one for one in months(*args) if one.day == clock.today("America/New_York"))  # noqa: E731
        monkeypatch.setattr(due_topics, "_months", only_today)
        silent = [date(2025, 12, 5) + timedelta(days=number) for number in range(40)]
        missing = {one.number for one in planned} - {number for number, _to in live(planned, silent)}
        assert missing == {3}
        figures.say("G6", "with == in place of <=", missing=len(missing))


# ------------------------------------------------------------------------------------------------ clocks that change

# Spring and autumn of 2026 where they are changed, and how far; Phoenix leaves its clocks alone.
CHANGES = [
    ("America/New_York", date(2026, 3, 8), 60),
    ("America/New_York", date(2026, 11, 1), -60),
    ("America/St_Johns", date(2026, 3, 8), 60),
    ("America/St_Johns", date(2026, 11, 1), -60),
    ("America/Phoenix", date(2026, 3, 8), 0),
    ("America/Phoenix", date(2026, 11, 1), 0),
    ("Europe/Dublin", date(2026, 3, 29), 60),
    ("Europe/Dublin", date(2026, 10, 25), -60),
    ("Australia/Lord_Howe", date(2026, 4, 5), -30),
    ("Australia/Lord_Howe", date(2026, 10, 4), 30),
    ("America/Santiago", date(2026, 4, 5), -60),  # at midnight, back to the day before
    ("America/Santiago", date(2026, 9, 6), 60),  # at midnight: that day begins at one
]
TEN_MINUTES = timedelta(minutes=10)


def changed_by(day, zone):
    """By how many minutes the clocks are changed around that day."""
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)) + timedelta(days=n) for n in (-1, 0)]
    before, after = (noon.utcoffset() for noon in noons)
    return (after - before) // timedelta(minutes=1)


def through_the_night(day, zone):
    """Every ten minutes from the evening before until late in the morning, as time goes by and not as walls show it."""
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=5)
    return [begin + TEN_MINUTES * number for number in range(6 * 17)]


@pytest.mark.django_db
@pytest.mark.promise("G6")
@pytest.mark.parametrize(("zone", "day", "minutes"), CHANGES)
def test_when_clocks_are_changed_nothing_is_skipped_and_nothing_comes_twice(zone, day, minutes, figures):
    assert changed_by(day, zone) == minutes
    program = make_kla(topic_recipients=Program.TopicRecipients.BOTH, time_zone=zone, midway_after_months=None)
    met = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)) - timedelta(days=7)
    ends = day + timedelta(days=300)
    cycle = make_cycle(program, announced_on=met.date(), begins_on=met.date(), ends_on=ends)
    pair = make_pair(program, cycle=cycle, introduced=met)
    over = make_pair(
        program, make_person("ann@example.org", "Ann", "Okafor"), make_person("cal@example.org", "Cal", "Day"),
        cycle=cycle, introduced=met - timedelta(days=60),
    )  # fmt: skip
    over.terms.update(ends_on=day - timedelta(days=1))  # its last day is the day before the change
    for number, on in enumerate((day - timedelta(days=20), day, day + timedelta(days=1)), start=1):
        topic = Topic.objects.create(program=program, code=f"t{number}", title=f"Topic {number}", body="Talk.", order=1)
        CycleTopic.objects.create(cycle=cycle, topic=topic, number=number, mentor_on=on, mentee_on=on)
    nights = through_the_night(day, zone)
    with clock.at(nights[0] - timedelta(hours=6)):
        list(mentorships.due.due(clock.now()))  # what was owed before is done
    done = []
    for at in nights:
        with clock.at(at):
            done += [(line.what, line.about, at) for line in mentorships.due.due(at) if line.what != "topic"]
    nine = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    mine = f"mentorship:{pair.pk}"
    midnight = clock.start_of(day, zone).astimezone(UTC)
    assert done == [("completed", f"mentorship:{over.pk}", midnight), ("first_contact", mine, nine)]
    sent = Message.objects.filter(name="topic", queued_at__gte=nights[0]).order_by("to_email")
    assert list(sent.values_list("name", "subject", "to_email", "queued_at")) == [
        ("topic", f"{day:%B}: Topic 2", "bea@larkin.example.net", nine),
        ("topic", f"{day:%B}: Topic 2", "mo@farrow.example.org", nine),
    ]
    assert Counter(CheckIn.objects.filter(mentorship=pair).values_list("due_on", flat=True)) == {day: 2}
    figures.say("G6", f"{zone}, clocks changed by {minutes} minutes", beats=6 * 17, extra=0, missing=0)
