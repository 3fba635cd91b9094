"""The fit of a pair, criterion by criterion, and the sum of all."""

import random
from fractions import Fraction

import numpy as np
import pytest

from matching.features import WEIGHTS, Criterion, Person, features, hours_apart
from matching.score import Part, Veto, parts, scores, vetoes

AREAS = Criterion("overlap", "areas", "areas", 6)
TYPE = Criterion("same", "library_type", "library_type", 3)
YEARS = Criterion("gap", "years", "years", 3, low=3, high=15)
ZONE = Criterion("near", "offset", "offset", 1)
REGION = Criterion("near", "region", "region", 1)
HER_WISH = Criterion("wish", "prefers", None, 2)
HIS_WISH = Criterion("wish", None, "prefers", 2)


def fit(criterion: Criterion, mentee: dict, mentor: dict) -> int:
    return int(scores(features([criterion], [Person("cal", mentee)], [Person("ann", mentor)]))[0, 0])


@pytest.mark.parametrize(
    ("mentee", "mentor", "points"),
    [
        (["law", "maps", "music"], ["law", "music", "teens"], 667),
        (["law"], ["law", "maps"], 1000),
        (["law"], ["maps"], 0),
        ("law", ["law"], 1000),
        ([], ["law"], 500),
        (["law"], None, 500),
        (None, "", 500),
    ],
)
def test_overlap_is_the_share_of_what_the_mentee_wants(mentee, mentor, points):
    assert fit(AREAS, {"areas": mentee}, {"areas": mentor}) == points


def test_an_option_that_says_nothing_counts_as_no_answer():
    criterion = Criterion("overlap", "areas", "areas", 6, neutral=frozenset({"undecided"}))
    assert fit(criterion, {"areas": ["undecided"]}, {"areas": ["law"]}) == 500
    assert fit(criterion, {"areas": ["undecided", "law"]}, {"areas": ["law"]}) == 1000


@pytest.mark.parametrize(("mentor", "points"), [("law", 1000), ("school", 0), (None, 500)])
def test_the_same_answer(mentor, points):
    assert fit(TYPE, {"library_type": "law"}, {"library_type": mentor}) == points


@pytest.mark.parametrize(
    ("mentor", "points"),
    [(5, 1000), (17, 1000), (4, 500), (18, 500), (22, 500), (23, 0), (2, 0), (1, 0), (None, 500)],
)
def test_years_ahead_of_a_mentee_with_two(mentor, points):
    assert fit(YEARS, {"years": 2}, {"years": mentor}) == points


@pytest.mark.parametrize(("mentor", "points"), [(-6, 1000), (-5, 1000), (-8, 500), (-10, 0), (5.5, 0), (None, 500)])
def test_clocks_near_utc_minus_six(mentor, points):
    assert fit(ZONE, {"offset": -6}, {"offset": mentor}) == points


def test_clocks_meet_across_the_date_line():
    assert (hours_apart(13, -10), hours_apart(-5, 5.5)) == (1, 10.5)


def test_the_same_region():
    assert fit(REGION, {"region": "maine"}, {"region": "maine"}) == 1000
    assert fit(REGION, {"region": "maine"}, {"region": "vermont"}) == 0


@pytest.mark.parametrize(
    ("prefers", "partner", "points"),
    [
        (["another-institution-than-mine"], {"employer": "b"}, 1000),
        (["another-institution-than-mine"], {"employer": "a"}, 0),
        (["another-institution-than-mine"], {}, 500),
        (["the-same-type-of-library"], {"library_type": "law"}, 1000),
        (["a-different-type-of-library"], {"library_type": "law"}, 0),
        (["the-same-region", "someone-in-a-similar-position"], {"region": "maine", "position_type": "student"}, 500),
        (["the-same-region", "another-institution-than-mine"], {"region": "maine"}, 750),
        (["no longer offered"], {"region": "maine"}, 500),
        ([], {"region": "maine"}, 500),
    ],
)
def test_wishes_of_either_side(prefers, partner, points):
    holder = {"prefers": prefers, "employer": "a", "library_type": "law", "region": "maine", "position_type": "faculty"}
    assert fit(HER_WISH, holder, partner) == points
    assert fit(HIS_WISH, partner, holder) == points


def test_a_wish_about_something_the_holder_did_not_say_is_neutral():
    assert fit(HER_WISH, {"prefers": ["the-same-region"]}, {"region": "maine"}) == 500


def test_weights_and_one_rounding():
    criteria = [Criterion("overlap", "a", "a", WEIGHTS["most"]), Criterion("same", "b", "b", WEIGHTS["nice"])]
    found = features(criteria, [Person("cal", {"a": ["x", "y", "z"], "b": "u"})], [Person("ann", {"a": "x", "b": "u"})])
    assert scores(found).tolist() == [[429]]  # (6 × 1/3 + 1) / 7 = 0.42857


def test_halves_are_rounded_up():
    assert fit(Criterion("overlap", "a", "a", 1), {"a": [str(i) for i in range(16)]}, {"a": "3"}) == 63  # 62.5


def test_without_criteria_everybody_fits_alike():
    assert scores(features([], [Person("cal", {})], [Person("ann", {}), Person("mo", {})])).tolist() == [[500, 500]]


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 2), (2, 0)])
def test_nobody_on_one_side(n, m):
    people = [Person(str(number), {"areas": ["law"], "prefers": ["the-same-region"]}) for number in range(2)]
    found = features([AREAS, TYPE, YEARS, ZONE, HER_WISH, HIS_WISH], people[:n], people[:m])
    assert scores(found).shape == (n, m)


def crowd(seed: int, count: int) -> list[Person]:
    chance = random.Random(seed)
    codes = [f"code-{number}" for number in range(14)]
    people = []
    for number in range(count):
        answers = {
            "areas": chance.sample(codes, chance.randint(0, 13)),
            "goals": chance.sample(codes, chance.randint(0, 11)),
            "library_type": chance.choice([*codes[:4], None]),
            "region": chance.choice([*codes[:3], None]),
            "employer": chance.choice(codes),
            "position_type": chance.choice(codes[:3]),
            "years": chance.choice([None, *range(40)]),
            "offset": chance.choice([None, -8, -5, 0, 5.5, 13]),
            "prefers": chance.sample(
                ["the-same-region", "a-different-type-of-library", "unknown"], chance.randint(0, 3)
            ),
        }
        people.append(Person(f"p{number}", answers, human=f"h{chance.randrange(30)}"))
    return people


def test_the_parts_of_every_pair_add_up_to_its_score():
    criteria = [AREAS, Criterion("overlap", "goals", "goals", 4), TYPE, YEARS, ZONE, REGION, HER_WISH, HIS_WISH]
    found = features(criteria, crowd(1, 25), crowd(2, 20))
    table = scores(found)
    for i in range(25):
        for j in range(20):
            share = 1000 * sum(part.points for part in parts(found, i, j)) / found.of
            assert table[i, j] == int(share + Fraction(1, 2))


def test_points_too_fine_for_single_precision_are_still_exact():
    primes = (31, 29, 23, 19, 17)
    mentee = {f"q{number}": [f"{number}-{code}" for code in range(size)] for number, size in enumerate(primes)}
    mentor = {f"q{number}": [f"{number}-0"] for number in range(len(primes))}
    criteria = [Criterion("overlap", f"q{number}", f"q{number}", 97 + number) for number in range(len(primes))]
    found = features(criteria, [Person("cal", mentee)], [Person("ann", mentor)])
    exact = 1000 * sum(Fraction(97 + number, size) for number, size in enumerate(primes)) / found.of
    assert scores(found)[0, 0] == int(exact + Fraction(1, 2))


def test_points_that_could_not_be_exact_are_refused():
    with pytest.raises(OverflowError):
        fit(Criterion("overlap", "a", "a", 10**14), {"a": ["x"]}, {"a": ["x"]})


def test_why_a_pair_fits():
    mentee = Person(
        "cal", {"areas": ["law", "maps"], "library_type": "law", "years": 2, "offset": -5, "region": "maine"}
    )
    mentee.answers["prefers"] = ["the-same-region", "a-different-type-of-library"]
    mentor = Person("ann", {"areas": ["law"], "years": 12, "offset": -8, "region": "maine", "library_type": "law"})
    found = features([AREAS, TYPE, YEARS, ZONE, HER_WISH, HIS_WISH], [mentee], [mentor])
    assert parts(found, 0, 0) == (
        Part(AREAS, Fraction(3), 6, True, ("law",), ("maps",)),
        Part(TYPE, Fraction(3), 3, True, ("law",)),
        Part(YEARS, Fraction(3), 3, True, apart=10),
        Part(ZONE, Fraction(1, 2), 1, True, apart=3),
        Part(HER_WISH, Fraction(1), 2, True, ("the-same-region",), ("a-different-type-of-library",)),
        Part(HIS_WISH, Fraction(1), 2, False),
    )


def test_a_part_nobody_answered():
    found = features([AREAS, YEARS], [Person("cal", {"areas": ["law"]})], [Person("ann", {"years": 9})])
    assert parts(found, 0, 0) == (Part(AREAS, Fraction(3), 6, False), Part(YEARS, Fraction(3, 2), 3, False))


@pytest.mark.parametrize(
    ("criterion", "answers"),
    [
        (AREAS, {"areas": 3}),
        (AREAS, {"areas": [3]}),
        (TYPE, {"library_type": ["law", "school"]}),
        (YEARS, {"years": "two"}),
        (YEARS, {"years": True}),
        (HER_WISH, {"prefers": ["the-same-region"], "region": ["maine", "vermont"]}),
    ],
)
def test_an_answer_of_the_wrong_shape_names_the_question_and_the_person(criterion, answers):
    with pytest.raises(TypeError, match="of 'cal'"):
        fit(criterion, answers, {})


@pytest.mark.parametrize(
    "wrong",
    [
        ("magic", "a", "a", 1),
        ("overlap", "a", None, 1),
        ("wish", "a", "a", 1),
        ("wish", None, None, 1),
        ("same", "a", "a", -1),
        ("gap", "a", "a", 1, 9, 3),
    ],
)
def test_a_criterion_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError):
        Criterion(*wrong)


def test_vetoes_that_follow_from_the_answers():
    mentees = [Person("e1", {"employer": "umaine"}, human="7"), Person("e2", {}, human="8")]
    mentors = [Person("m1", {"employer": "umaine"}, human="9"), Person("m2", {}, human="7"), Person("m3", {})]
    table = np.array([[900, 900, 299], [300, 300, 300]], dtype=np.int16)
    assert vetoes(mentees, mentors, table, 300, "employer").tolist() == [
        [Veto.SAME_EMPLOYER, Veto.SAME_PERSON, Veto.UNDER_MINIMUM],
        [0, 0, 0],
    ]


def test_every_veto_is_either_hard_or_soft():
    assert Veto.hard() | Veto.soft() == sum(Veto)
    assert not Veto.hard() & Veto.soft()
