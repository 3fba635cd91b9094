"""How a pair is going: green, amber or red, with the reasons a volunteer can act on."""

from datetime import date, timedelta

import pytest

from mentorships.health import Asked, Facts, Health, last_heard, of

INTRODUCED = date(2025, 10, 15)
NAMES = {"mentor": "Mo", "mentee": "Bea"}


def asked(role, day, word="", *, after=1, reminders=0):
    """One question and, with a word, its answer so many days later."""
    answered = day + timedelta(days=after) if word else None
    return Asked(role, day, day + timedelta(days=14), reminders, word, answered)


def facts(*found, **fields):
    return Facts(INTRODUCED, tuple(sorted(found, key=lambda one: one.due_on)), names=NAMES, **fields)


WEEK = date(2025, 10, 22)
DECEMBER = date(2025, 12, 15)
FEBRUARY = date(2026, 2, 15)


@pytest.mark.requirement("R-KLA-18", "R-KLA-37", "R-KLA-38")
def test_a_pair_that_nobody_asked_is_fine_however_long_it_keeps_to_itself():
    """No number of weeks without a talk is a breach: only what was said, asked for or left unanswered counts."""
    for days in (1, 40, 200, 360):
        assert of(facts(), INTRODUCED + timedelta(days=days)) == Health("green")


@pytest.mark.requirement("R-KLA-38", "R-NELA-24", "R-NASIG-29")
def test_talking_less_than_monthly_is_fine_when_both_say_it_goes_well():
    pair = facts(asked("mentor", DECEMBER, "fine"), asked("mentee", DECEMBER, "fine"))
    assert of(pair, FEBRUARY) == Health("green")


@pytest.mark.parametrize(
    ("word", "health"),
    [
        ("fine", Health("green")),
        ("slow", Health("amber", ("Bea says: a bit slow",))),
        ("stuck", Health("red", ("Bea says: stuck",))),
    ],
)
def test_one_word_decides(word, health):
    pair = facts(asked("mentor", DECEMBER, "fine"), asked("mentee", DECEMBER, word))
    assert of(pair, DECEMBER + timedelta(days=3)) == health


def test_the_newest_answer_takes_the_place_of_the_older_one():
    pair = facts(
        asked("mentor", DECEMBER, "fine"), asked("mentee", DECEMBER, "stuck"), asked("mentee", FEBRUARY, "fine")
    )
    assert of(pair, FEBRUARY + timedelta(days=3)) == Health("green")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("rematch", "another partner is asked for"),
        ("leave", "somebody would like to leave"),
        ("help", "they cannot reach each other"),
    ],
)
def test_an_open_request_needs_us(kind, reason):
    assert of(facts(wishes=(kind,)), DECEMBER) == Health("red", (reason,))


def test_no_first_word_is_worth_a_look_from_the_fourteenth_day():
    pair = facts(asked("mentor", WEEK), asked("mentee", WEEK, "not_yet"))
    assert of(pair, INTRODUCED + timedelta(days=13)) == Health("green")
    assert of(pair, INTRODUCED + timedelta(days=14)) == Health("amber", ("no first word yet, as far as we know",))


def test_one_yes_is_enough_for_a_first_word():
    pair = facts(asked("mentor", WEEK), asked("mentee", WEEK, "yes"))
    assert of(pair, INTRODUCED + timedelta(days=20)) == Health("green")


def test_who_wrote_and_hears_nothing_for_a_week_needs_us():
    pair = facts(asked("mentor", WEEK), asked("mentee", WEEK, "wrote"))
    wrote = WEEK + timedelta(days=1)
    assert of(pair, wrote + timedelta(days=5)) == Health("green")
    assert of(pair, wrote + timedelta(days=7)) == Health(
        "red", ("Bea wrote and has had no answer", "no first word yet, as far as we know")
    )


def test_when_both_wrote_they_have_each_other():
    pair = facts(asked("mentor", WEEK, "wrote"), asked("mentee", WEEK, "wrote"))
    assert of(pair, WEEK + timedelta(days=20)) == Health("green")


def test_silence_after_two_reminders_is_worth_a_look_not_before():
    once = facts(asked("mentor", DECEMBER, "fine"), asked("mentee", DECEMBER, reminders=1))
    twice = facts(asked("mentor", DECEMBER, "fine"), asked("mentee", DECEMBER, reminders=2))
    assert of(once, DECEMBER + timedelta(days=9)) == Health("green")
    assert of(twice, DECEMBER + timedelta(days=10)) == Health("amber", ("Bea has not answered",))


def test_two_months_without_a_word_from_either_needs_us():
    pair = facts(
        asked("mentor", WEEK, "yes"),
        asked("mentee", WEEK, "yes"),
        asked("mentor", DECEMBER, reminders=2),
        asked("mentee", DECEMBER, reminders=2),
    )
    heard = WEEK + timedelta(days=1)
    assert of(pair, heard + timedelta(days=68)).colour == "red"
    assert of(pair, heard + timedelta(days=68)).reasons[0] == "no word for 68 days"
    assert of(pair, DECEMBER + timedelta(days=7)).colour == "amber"  # the question is still open


def test_one_who_answers_speaks_for_both():
    pair = facts(asked("mentor", DECEMBER, reminders=2), asked("mentee", DECEMBER, "fine"))
    assert of(pair, DECEMBER + timedelta(days=90)) == Health("amber", ("Mo has not answered",))


def test_a_pair_that_pauses_or_is_over_is_left_alone():
    late = [asked("mentor", DECEMBER, "stuck"), asked("mentee", DECEMBER, "stuck")]
    assert of(facts(*late, running=False, paused=True), FEBRUARY) == Health("green", ("paused",))
    assert of(facts(*late, running=False), FEBRUARY) == Health("green")


def test_the_last_word_heard_names_the_day_and_the_side():
    pair = facts(asked("mentor", WEEK, "yes"), asked("mentee", DECEMBER, "fine"))
    assert last_heard(pair) == (DECEMBER + timedelta(days=1), "mentee")
    assert last_heard(facts(asked("mentor", WEEK))) is None
