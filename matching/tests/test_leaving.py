"""What the chair is told before she announces."""

from datetime import datetime
from zoneinfo import ZoneInfo

from matching import leaving, runs
from members import clock


def said(cycle, chi):
    return {(line.fine, line.text) for line in leaving.Page(cycle, chi).sure}


def test_that_applications_are_closed(cycle, chi, ann, bea):
    runs.suggest(cycle, by=chi)
    assert (True, "Applications are closed since Tuesday, 30\u00a0September.") in said(cycle, chi)


def test_or_that_somebody_may_still_apply(cycle, chi, ann, bea):
    runs.suggest(cycle, by=chi)
    with clock.at(datetime(2025, 9, 29, 12, tzinfo=ZoneInfo(cycle.zone))):
        words = (
            "Applications are open until Tuesday, 30\u00a0September: whoever applies from now on is not in this set."
        )
        assert (False, words) in said(cycle, chi)
