"""Figures give nobody away: a minimum for every side, and rare answers joined with their neighbour."""

import itertools

import pytest

from evaluations.figures import Asked, Bar, Figures, bands, count, join

FIT = Asked(
    "fit", "scale", "A good fit?", (("much", "Much"), ("mostly", "Mostly"), ("partly", "Partly"), ("hardly", "Hardly"))
)
FORMS = {"mentor": [FIT], "mentee": [FIT]}


def given(*codes):
    return [{"fit": code} if code else {} for code in codes]


def groups(**counts):
    numbers = itertools.count()
    return [((name,), {next(numbers) for _ in range(people)}) for name, people in counts.items()]


def sizes(found):
    return [(" / ".join(names), len(people)) for names, people in found]


@pytest.mark.requirement("R-KLA-20")
def test_enough_on_both_sides_is_shown():
    answers = {"mentor": given(*["much"] * 5), "mentee": given(*["much"] * 3, *["mostly"] * 3)}
    figures = count(FORMS, answers, {"mentor": 6, "mentee": 6}, 5)
    assert (figures.asked, figures.answered) == ({"mentor": 6, "mentee": 6}, {"mentor": 5, "mentee": 6})
    assert figures.rate == 11 / 12
    assert figures.withheld == ()
    [shown] = figures.breakdowns
    assert [cell.bars for cell in shown.cells] == [
        (Bar("Much", 5), Bar("Mostly", 0), Bar("Partly", 0), Bar("Hardly", 0)),
        (Bar("Much", 3), Bar("Mostly", 3), Bar("Partly", 0), Bar("Hardly", 0)),
    ]


def test_one_side_under_the_minimum_withholds_everything_and_says_which():
    answers = {"mentor": given(*["much"] * 4), "mentee": given(*["much"] * 9)}
    figures = count(FORMS, answers, {"mentor": 9, "mentee": 9}, 5)
    assert figures == Figures({"mentor": 9, "mentee": 9}, {"mentor": 4, "mentee": 9}, 5, (), ("mentor",))


def test_nobody_asked_is_withheld_and_has_no_rate():
    figures = count(FORMS, {}, {}, 5)
    assert figures.withheld == ("mentor", "mentee")
    assert figures.rate is None


def test_a_side_that_was_not_asked_is_no_cell():
    figures = count(FORMS, {"mentee": given(*["much"] * 5)}, {"mentee": 5}, 5)
    assert [cell.role for cell in figures.breakdowns[0].cells] == ["mentee"]


def test_a_question_that_few_answered_is_left_out():
    answers = {"mentor": given(*["much"] * 4, None), "mentee": given(*["much"] * 5)}
    assert count(FORMS, answers, {"mentor": 5, "mentee": 5}, 5).breakdowns == ()


def test_words_of_people_are_never_counted():
    forms = {"mentor": [Asked("change", "text", "What first?")], "mentee": []}
    answers = {"mentor": [{"change": "Shorter forms"}] * 5, "mentee": []}
    assert count(forms, answers, {"mentor": 5}, 5).breakdowns == ()


@pytest.mark.parametrize(
    ("counts", "joined"),
    [
        ({"a": 6, "b": 1, "c": 4}, [("a", 6), ("b / c", 5)]),
        ({"a": 6, "b": 4, "c": 2}, [("a", 6), ("b / c", 6)]),
        ({"a": 6, "b": 0, "c": 2}, [("a / b / c", 8)]),
        ({"a": 3, "b": 3, "c": 3}, [("a", 3), ("b", 3), ("c", 3)]),
        ({"a": 1, "b": 1, "c": 6}, [("a / b / c", 8)]),
        ({"a": 0, "b": 5}, [("a", 0), ("b", 5)]),
        ({"a": 2}, [("a", 2)]),
    ],
)
def test_an_answer_of_one_or_two_is_joined_with_its_neighbour(counts, joined):
    assert sizes(join(groups(**counts))) == joined


def test_no_bar_of_one_or_two_is_ever_shown_beside_another():
    """Every way that nine people can choose among four answers."""
    for split in itertools.combinations_with_replacement(range(4), 9):
        counts = {name: split.count(index) for index, name in enumerate("abcd")}
        found = [people for _name, people in sizes(join(groups(**counts)))]
        assert sum(found) == 9
        assert len(found) == 1 or not any(0 < people <= 2 for people in found), counts


def test_who_chose_several_is_one_person_in_a_joined_bar():
    asked = Asked("why", "several", "Why?", (("a", "A"), ("b", "B")))
    answers = {"mentor": [{"why": ["a", "b"]}, {"why": ["b"]}, *[{"why": ["b"]}] * 3], "mentee": []}
    figures = count({"mentor": [asked]}, answers, {"mentor": 5}, 5)
    assert figures.breakdowns[0].cells[0].bars == (Bar("all answers joined", 5),)


def test_a_number_is_counted_in_bands():
    assert bands(0, 10) == [(0, 6), (7, 8), (9, 10)]
    assert bands(1, 8) == [(1, 3), (4, 6), (7, 8)]
    options = tuple((f"{low}-{high}", f"{low} to {high}") for low, high in bands(0, 10))
    asked = Asked("recommend", "number", "Recommend?", options)
    answers = {"mentor": [{"recommend": n} for n in (0, 6, 6, 7, 8, 8, 9, 9, 10)], "mentee": []}
    [cell] = count({"mentor": [asked]}, answers, {"mentor": 9}, 5).breakdowns[0].cells
    assert cell.bars == (Bar("0 to 6", 3), Bar("7 to 8", 3), Bar("9 to 10", 3))


def test_what_an_option_was_once_called_gives_nobody_away():
    """An answer whose option is offered no more is counted as given, and not shown by itself."""
    answers = {"mentor": [*given(*["much"] * 5), {"fit": "gone"}], "mentee": []}
    [cell] = count({"mentor": [FIT]}, answers, {"mentor": 6}, 5).breakdowns[0].cells
    assert (cell.answered, sum(bar.count for bar in cell.bars)) == (6, 5)
