"""When a mentoring year's questions are due: whatever nights were missed, each at most once, none after the next."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from members import clock
from members.tests.test_clock import anywhere
from mentorships import days

BEGINS = date(2025, 10, 15)
YEAR = 365
plans = st.lists(st.integers(1, 330), min_size=1, max_size=6, unique=True)
beats = st.sets(st.integers(0, YEAR), max_size=40)


@given(anywhere)
def test_nine_in_the_morning_is_nine_on_that_day_where_the_program_lives(where):
    day, zone = where
    morning = days.morning(day, zone)
    local = morning.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    assert (local.date(), local.hour, local.minute) == (day, 9, 0)
    assert clock.start_of(day, zone) < morning < clock.end_of(day, zone)


def asked_on(plan, at_work):
    """What a calendar that was at work on these days asks: {day of the question: days on which it was asked}."""
    lines = [days.Planned(number, "check_in", after_days=after) for number, after in enumerate(plan)]
    asked, found = set(), {}
    for day in sorted(at_work):
        today = BEGINS + timedelta(days=day)
        question = days.to_ask(lines, BEGINS, BEGINS, BEGINS + timedelta(days=YEAR), today, asked)
        if question:
            asked.add(question[0])
            found.setdefault((question[0] - BEGINS).days, []).append(day)
    return found


@given(plans, beats)
def test_each_question_is_put_once_on_the_first_day_that_the_calendar_is_at_work(plan, at_work):
    expected = {}
    for due, following in zip(sorted(plan), [*sorted(plan)[1:], YEAR + 1], strict=True):
        useful = [day for day in sorted(at_work) if due <= day < following and day <= due + days.MADE_UP_DAYS]
        if useful:
            expected[due] = useful[:1]
    assert asked_on(plan, at_work) == expected


@given(plans)
def test_a_calendar_that_is_always_at_work_skips_none(plan):
    assert asked_on(plan, range(YEAR + 1)) == {due: [due] for due in sorted(plan)}


@given(st.integers(0, 60))
def test_reminders_never_become_fewer_as_days_pass(passed):
    asked = BEGINS
    counts = [days.reminders_due(asked, asked + timedelta(days=day)) for day in range(passed + 1)]
    assert counts == sorted(counts)
    assert set(counts) <= {0, 1, 2}
