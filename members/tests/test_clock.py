"""The one clock: a day begins and ends where people live, whatever is done to their clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

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


def changed(zone, year):
    """The days of a year around which a zone's clocks are changed."""
    noons = [datetime(year, 1, 1, 12, tzinfo=ZoneInfo(zone)) + timedelta(days=number) for number in range(365)]
    at = [b.date() for a, b in zip(noons, noons[1:], strict=False) if a.utcoffset() != b.utcoffset()]
    return [day + timedelta(days=more) for day in at for more in (-1, 0, 1)]


CHANGED = [(day, zone) for zone in ZONES for year in (2024, 2025, 2026) for day in changed(zone, year)]
anywhere = st.one_of(st.tuples(days, zones), st.sampled_from(CHANGED))


@given(anywhere)
def test_a_day_begins_and_ends_on_that_day_and_the_next_one_follows_at_once(where):
    day, zone = where
    first, last = clock.start_of(day, zone), clock.end_of(day, zone)
    assert (clock.day_of(first, zone), clock.day_of(last, zone)) == (day, day)
    after = clock.start_of(day + timedelta(days=1), zone)
    assert after.astimezone(UTC) - last.astimezone(UTC) == timedelta(microseconds=1)
    assert timedelta(hours=22) < after.astimezone(UTC) - first.astimezone(UTC) < timedelta(hours=26)


@pytest.mark.parametrize(("zone", "day", "hours"), [
    ("America/Santiago", date(2026, 4, 4), 25),  # at midnight back to eleven: the last hour comes twice
    ("America/Santiago", date(2026, 9, 6), 23),  # begins at one
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("America/New_York", date(2026, 3, 8), 23),
])  # fmt: skip
def test_a_day_on_which_clocks_are_changed_is_as_long_as_it_is(zone, day, hours):
    length = clock.end_of(day, zone).astimezone(UTC) - clock.start_of(day, zone).astimezone(UTC)
    assert length + timedelta(microseconds=1) == timedelta(hours=hours)


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
