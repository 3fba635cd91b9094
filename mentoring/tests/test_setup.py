"""The next cycle is a copy of the last, with its dates moved."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from members.models import Entry
from mentoring import presets, setup
from mentorships.models import CycleTopic
from mentorships.tests.make import make_topics
from programs.models import Cycle, Program, Training
from programs.tests.make import make_cycle, make_program

pytestmark = pytest.mark.django_db


def test_next_years_cycle_has_this_years_dates_a_year_later_and_on_working_days():
    cycle = presets.load("kla", opens=date(2025, 9, 1)).program.cycles.get()
    copy = setup.copy_cycle(cycle, opens=date(2027, 9, 1))
    assert (copy.name, copy.slug) == ("2027–28", "2027-28")
    assert (copy.opens_on, copy.closes_on) == (date(2027, 9, 1), date(2027, 9, 30))
    assert (copy.announced_on, copy.begins_on, copy.ends_on) == (
        date(2027, 10, 15),
        date(2027, 10, 15),
        date(2028, 10, 14),
    )
    assert copy.applications.count() == 0
    assert Entry.objects.filter(verb="cycle_copied", about=f"cycle:{copy.pk}").count() == 1


def test_a_day_on_which_people_act_never_falls_on_a_weekend():
    cycle = presets.load("kla", opens=date(2025, 9, 1)).program.cycles.get()
    copy = setup.copy_cycle(cycle, opens=date(2028, 9, 1))  # 15 October 2028 is a Sunday
    assert copy.announced_on == copy.begins_on == date(2028, 10, 16)


def test_each_preset_has_its_next_year_by_the_same_kind_of_name():
    following = {}
    for name in presets.names():
        cycle = presets.load(name).program.cycles.earliest("opens_on")
        following[name] = (cycle.name, setup.copy_cycle(cycle, opens=cycle.opens_on.replace(year=2027)).name)
    assert following == {
        "kla": ("2025–26", "2027–28"),
        "nasig": ("2025–26", "2027–28"),
        "nela": ("Fall 2025", "Fall 2027"),
        "nmrt": ("2025–26", "2027–28"),
    }


@pytest.mark.requirement("R-NELA-06", "R-NELA-20", "R-NELA-21")
def test_a_fall_cycle_copied_half_a_year_on_is_the_spring_cycle():
    cycle = make_cycle(make_program(term_anchor=Program.Anchor.INTRODUCTION), slug="fall-2025", name="Fall 2025")
    copy = setup.copy_cycle(cycle, opens=date(2026, 3, 1))
    assert (copy.name, copy.slug, copy.path) == ("Spring 2026", "spring-2026", "kla/spring-2026")
    assert (copy.closes_on, copy.announced_on) == (date(2026, 3, 30), date(2026, 4, 15))


def test_caps_are_copied_and_nobody_holds_a_place_yet():
    cycle = make_cycle(make_program(), cap_mentees=18, taken_mentees=7)
    copy = setup.copy_cycle(cycle, opens=date(2026, 9, 1))
    assert (copy.cap_mentees, copy.cap_mentors, copy.taken_mentees) == (18, None, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        setup.copy_cycle(cycle, opens=date(2026, 9, 1))
    assert Cycle.objects.count() == 2


def test_workshops_are_copied_at_their_hour_and_their_recordings_are_not():
    cycle = make_cycle(make_program())
    link = {"join_url": "https://sample.example.org/join/", "recording_url": "https://sample.example.org/seen/"}
    starts = datetime(2025, 11, 4, 19, tzinfo=UTC)  # 14:00 in the program's zone, in winter
    Training.objects.create(cycle=cycle, role="mentor", title="Workshop", starts_at=starts, minutes=45, **link)
    half_a_year = setup.copy_cycle(cycle, opens=date(2026, 3, 1))
    in_summer = Training.objects.get(cycle=half_a_year)
    assert (in_summer.starts_at, in_summer.role, in_summer.title, in_summer.minutes) == (
        datetime(2026, 5, 4, 18, tzinfo=UTC),  # a Monday, 14:00 in summer
        "mentor",
        "Workshop",
        45,
    )
    assert (in_summer.join_url, in_summer.recording_url) == ("https://sample.example.org/join/", "")


def test_the_years_topics_are_copied_in_their_order_on_the_new_years_days():
    cycle = make_cycle(make_program(topic_recipients=Program.TopicRecipients.MENTOR_FIRST))
    make_topics(cycle, "Start well", "Aim and map", "Both ways")
    CycleTopic.objects.filter(cycle=cycle, number=2).update(skipped=True)
    copy = setup.copy_cycle(cycle, opens=date(2026, 9, 1))
    rows = CycleTopic.objects.filter(cycle=copy).values_list("topic__title", "mentor_on", "mentee_on", "skipped")
    assert list(rows) == [
        ("Start well", date(2026, 10, 30), date(2026, 11, 1), False),
        ("Aim and map", date(2026, 11, 30), date(2026, 12, 1), True),
        ("Both ways", date(2026, 12, 31), date(2027, 1, 1), False),
    ]
