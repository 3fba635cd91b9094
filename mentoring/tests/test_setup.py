"""The next cycle is a copy of the last, with its dates moved."""

from datetime import date

import pytest

from members.models import Entry
from mentoring import presets, setup

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
