"""The year as a picture: where its stops stand, and today among them."""

from datetime import date

from members.strands import Stop, draw

YEAR = [
    Stop(date(2025, 8, 18), "Doors open"),
    Stop(date(2025, 9, 30), "Doors close"),
    Stop(date(2025, 10, 16), "You meet by mail", together=True),
    Stop(date(2025, 11, 17), "How is it going?", together=True),
    Stop(date(2026, 4, 13), "Halfway", together=True),
    Stop(date(2026, 10, 16), "A good ending", together=True),
]


def test_what_is_past_is_done_and_one_stop_is_next():
    marks = draw(YEAR, date(2025, 9, 21)).marks
    assert [mark.state for mark in marks] == ["done", "next", "", "", "", ""]
    assert [mark.x for mark in marks] == [8, 192, 376, 560, 744, 928]


def test_today_stands_between_two_stops_in_proportion_to_the_days():
    assert draw(YEAR, date(2025, 8, 18)).today == 8
    assert draw(YEAR, date(2025, 10, 8)).today == 192 + 184 // 2
    assert draw(YEAR, date(2025, 8, 17)).today is None
    assert draw(YEAR, date(2026, 10, 16)).today is None


def test_the_day_itself_is_still_the_next_stop():
    assert draw(YEAR, date(2025, 9, 30)).marks[1].state == "next"


def test_the_strands_come_together_where_the_pair_meets():
    drawing = draw(YEAR, date(2025, 9, 21))
    assert drawing.upper == "M8 26H192C284 26 284 46 376 46H928C1003 46 1003 26 1078 26"
    assert drawing.lower == "M8 78H192C284 78 284 58 376 58H928C1003 58 1003 78 1078 78"


def test_without_a_meeting_they_run_apart_and_without_stops_there_is_nothing_to_mark():
    assert draw(YEAR[:2], date(2025, 9, 21)).upper == "M8 26H1078"
    assert draw([], date(2025, 9, 21)).marks == []
