"""The one clock: a day begins and ends where people live, whatever is done to their clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import clock

# Changes at one, two, three and at midnight itself; by an hour and by half of one; north and south; and no change.
ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/St_Johns",
    "America/Phoenix",
    "America/Havana",
    "America/Santiago",
    "Europe/Dublin",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
zones = st.sampled_from(ZONES)
days = st.dates(min_value=date(2012, 1, 1), max_value=date(2037, 12, 31))


@given(days, zones)
def test_a_day_begins_and_ends_on_that_day_and_the_next_one_follows_at_once(day, zone):
    first, last = clock.start_of(day, zone), clock.end_of(day, zone)
    assert (clock.day_of(first, zone), clock.day_of(last, zone)) == (day, day)
    after = clock.start_of(day + timedelta(days=1), zone)
    assert after.astimezone(UTC) - last.astimezone(UTC) == timedelta(microseconds=1)
    assert timedelta(hours=22) < after.astimezone(UTC) - first.astimezone(UTC) < timedelta(hours=26)


@given(st.datetimes(min_value=datetime(2012, 1, 2), max_value=datetime(2037, 12, 30)), zones)
def test_every_moment_lies_within_its_day(moment, zone):
    at = moment.replace(tzinfo=UTC)
    day = clock.day_of(at, zone)
    assert clock.start_of(day, zone).astimezone(UTC) <= at <= clock.end_of(day, zone).astimezone(UTC)


def test_the_clock_is_set_for_what_is_inside_and_needs_a_zone():
    before = datetime(2025, 10, 15, 12, tzinfo=UTC)
    with clock.at(before):
        assert clock.now() == before
        assert clock.today("Pacific/Auckland") == date(2025, 10, 16)
    assert clock.now() > before
    with pytest.raises(ValueError, match="zone"), clock.at(datetime(2025, 10, 15, 12)):
        pass


@pytest.mark.parametrize("text", ["", "tomorrow", "2025-13-01", "1899-12-31", "2200-01-01"])
def test_what_is_no_day_that_anybody_means_is_refused(text):
    with pytest.raises(ValueError):
        clock.read_day(text)
