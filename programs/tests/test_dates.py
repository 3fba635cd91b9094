"""Days of a program's year, as people count them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import dates

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.requirement("R-KLA-36")
def test_a_year_that_is_introduced_on_15_october_ends_on_14_october():
    assert dates.term("introduction", 12, date(2025, 10, 15), date(2026, 10, 14), date(2025, 10, 15)) == (
        date(2025, 10, 15),
        date(2026, 10, 14),
    )


def test_with_the_cycle_all_end_together_and_who_comes_later_has_less():
    cycle = date(2025, 10, 15), date(2026, 10, 14)
    assert dates.term("cycle", 12, *cycle, date(2025, 10, 10)) == cycle
    assert dates.term("cycle", 12, *cycle, date(2026, 1, 20)) == (date(2026, 1, 20), date(2026, 10, 14))


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        (date(2025, 10, 1), 9, date(2026, 6, 30)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 3, 1), 12, date(2026, 2, 28)),
    ],
)
def test_the_last_day_of_so_many_months(begins, months, ends):
    assert dates.last_day(begins, months) == ends
    assert dates.whole_months(begins, ends) == months
    assert dates.whole_months(begins, ends - timedelta(days=1)) == months - 1


@given(days, st.integers(1, 60))
def test_so_many_months_are_so_many_months(begins, months):
    ends = dates.last_day(begins, months)
    assert dates.whole_months(begins, ends) == months
    assert dates.whole_months(begins, ends - timedelta(days=1)) == months - 1


@given(days, st.integers(0, 60))
def test_months_added_and_taken_away_come_back_but_for_the_ends_of_months(day, months):
    back = dates.add_months(dates.add_months(day, months), -months)
    assert back == day or (day.day > 28 and timedelta(0) < day - back < timedelta(days=4))


def test_a_year_that_ends_before_it_begins_has_no_months():
    assert dates.whole_months(date(2025, 10, 15), date(2025, 10, 14)) == 0
    assert dates.whole_months(date(2025, 10, 15), date(2025, 1, 1)) == 0


def test_working_days():
    friday, saturday, sunday, monday = (date(2025, 10, day) for day in (10, 11, 12, 13))
    assert [dates.working_day_on_or_after(day) for day in (friday, saturday, sunday, monday)] == [
        friday,
        monday,
        monday,
        monday,
    ]


def test_a_kept_applicant_is_reminded_after_four_days_and_on_the_last_day_but_one():
    sent = date(2025, 9, 5)
    until = dates.hold_until(sent, 21)
    assert until == date(2025, 9, 26)
    assert dates.membership_reminders(sent, until) == [date(2025, 9, 9), date(2025, 9, 25)]


def test_who_is_kept_for_a_few_days_only_is_reminded_once_or_not_at_all():
    sent = date(2025, 9, 5)
    assert dates.membership_reminders(sent, dates.hold_until(sent, 5)) == [date(2025, 9, 9)]
    assert dates.membership_reminders(sent, dates.hold_until(sent, 3)) == [date(2025, 9, 7)]
    assert dates.membership_reminders(sent, dates.hold_until(sent, 1)) == []
    assert dates.membership_reminders(sent, dates.hold_until(sent, 0)) == []


def test_a_draft_is_reminded_of_a_week_and_a_day_before_the_close():
    week, day = dates.draft_reminders(date(2025, 9, 30))
    assert (week, day) == (date(2025, 9, 23), date(2025, 9, 29))
    counted = [dates.latest([week, day], date(2025, 9, today)) for today in (22, 23, 28, 29, 30)]
    assert counted == [0, 1, 1, 2, 2]
