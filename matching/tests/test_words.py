"""Fits and reasons as people read them."""

import pytest

from matching import words
from matching.models import Criterion
from matching.score import Veto
from programs.models import Question


@pytest.fixture
def wording(cycle):
    questions = cycle.program.questions.filter(moment=Question.Moment.APPLICATION)
    return words.Wording(Criterion.objects.filter(program=cycle.program), questions)


def reason(code, points=0, of=6, **fields):
    return {
        "code": code,
        "points": points,
        "of": of,
        "answered": True,
        "shared": [],
        "lacks": [],
        "apart": None,
        **fields,
    }


@pytest.mark.parametrize(
    ("score", "word"),
    [
        (1000, "Very good fit"),
        (650, "Very good fit"),
        (649, "Good fit"),
        (450, "Good fit"),
        (449, "Fair fit"),
        (0, "Fair fit"),
    ],
)
def test_a_fit_is_a_word(score, word):
    assert words.fit(score).word == word


@pytest.mark.parametrize(
    ("given", "speaks_for", "does_not"),
    [
        (reason("library_type", 6, shared=["university"]), ("both: University library",), ()),
        (reason("library_type", lacks=["university"]), (), ("another type of library",)),
        (reason("goals", 3, shared=["build-a-skill"], lacks=["widen-a-network"]), ("Build a skill",), ()),
        (reason("goals", lacks=["build-a-skill"]), (), ("no goal in common",)),
        (reason("years", 6, apart=10), ("10 years ahead",), ()),
        (reason("years", 3, apart=1), (), ("only 1 year ahead",)),
        (reason("years", 0, apart=-4), (), ("4 years behind",)),
        (reason("years", 3, apart=20), (), ("20 years ahead",)),
        (reason("hours", 3, 3, apart=0), ("enough hours",), ()),
        (reason("hours", 0, 3, apart=-1), (), ("fewer hours than wished for",)),
        (reason("channels", 1, 3, answered=False), (), ()),
        (reason("gone_since"), (), ()),
        ({"note": "waited"}, ("waits since an earlier cycle",), ()),
        ({"note": "each_other"}, (), ("would mentor each other",)),
    ],
)
def test_a_reason_is_a_few_words(wording, given, speaks_for, does_not):
    why = wording.why([given])
    assert (why.speaks_for, why.does_not) == (speaks_for, does_not)


def test_the_two_of_them_read_only_what_both_may_see(cycle, wording):
    given = [
        reason("library_type", 6, shared=["university"]),
        {"note": "waited"},
        reason("goals", 6, shared=["build-a-skill"]),
        reason("years", 6, apart=10),
    ]
    assert (
        wording.for_both(given, "Ann")
        == "Both of you named: University library and Build a skill. Ann has 10 more years in the work."
    )
    Question.objects.filter(code="goals").update(audience="committee")
    again = words.Wording(wording.criteria.values(), cycle.program.questions.filter(moment="application"))
    assert again.for_both(given[:3], "Ann") == "Both of you named: University library."
    assert again.for_both([], "Ann") == ""


def test_a_name_stays_as_the_committee_wrote_it(cycle, wording):
    question = cycle.program.questions.get(code="library_type", role="", moment="application")
    question.options = [{"code": "ne", "label": "New England"}, {"code": "me", "label": "Maine"}]
    question.save()
    again = words.Wording(wording.criteria.values(), cycle.program.questions.filter(moment="application"))
    given = [reason("library_type", 6, shared=["ne", "me"])]
    assert again.for_both(given, "Ann") == "Both of you named: New England and Maine."
    assert again.why(given).speaks_for == ("both: New England, Maine",)


def test_every_rule_against_a_pair_has_its_words():
    for veto in Veto:
        assert len(words.against(veto)) == 1
