"""Whatever colour an association chooses, people can read what is written in it and on it."""

import pytest

from members.colours import DARK_PAPER, LIGHT_PAPER, accent_on, contrast

CHOSEN = ["#0b5c6b", "#ffff00", "#ffffff", "#000000", "#ff0000", "#7cc7d3", "#808080", "#00ff00"]


@pytest.mark.parametrize("paper", [LIGHT_PAPER, DARK_PAPER])
@pytest.mark.parametrize("colour", CHOSEN)
def test_every_colour_becomes_readable(colour, paper):
    found = accent_on(colour, paper)
    assert (
        min(contrast(found.accent, paper), contrast(found.accent, found.soft), contrast(found.ink, found.accent)) >= 4.5
    )


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert (accent_on("#0b5c6b", LIGHT_PAPER).accent, accent_on("#7cc7d3", DARK_PAPER).accent) == ("#0b5c6b", "#7cc7d3")


def test_contrast_is_counted_as_in_wcag():
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
