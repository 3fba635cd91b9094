"""Dates as people say them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from members import words

CLOSES = date(2025, 9, 30)


def test_a_day_has_its_weekday_and_stays_on_one_line():
    assert words.day(CLOSES, this_year=2025) == "Tuesday, 30\u00a0September"
    assert words.day(CLOSES, this_year=2025, short=True) == "Tue, 30\u00a0September"


def test_another_year_is_said():
    assert words.day(date(2026, 10, 16), this_year=2025) == "Friday, 16\u00a0October 2026"


def test_until_a_day_means_its_last_minute_there():
    assert (
        words.last_minute(CLOSES, "America/New_York", "Eastern", this_year=2025)
        == "Tuesday, 30\u00a0September, 23:59\u00a0Eastern"
    )


def test_a_moment_is_told_in_the_programs_zone():
    midnight = datetime(2025, 10, 1, 3, 59, tzinfo=ZoneInfo("UTC"))
    assert (
        words.moment(midnight, "America/New_York", "Eastern", this_year=2025)
        == "Tuesday, 30\u00a0September, 23:59\u00a0Eastern"
    )


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Mobile/15E Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("curl/8", "curl/8"),
    ],
)
def test_a_device_is_named_as_people_would(agent, said):
    assert words.device(agent) == said
