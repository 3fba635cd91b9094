"""All four starting points played for as long as anything happens in them: every figure counted again, by plain SQL."""

import json
from datetime import date, timedelta

import pytest

from mentoring import presets, rehearsal
from mentoring.tests import played as by_hand
from mentoring.tests.test_nudges_end import ENDS

pytestmark = pytest.mark.kill
NAMES = presets.names()
PRIORITY = {
    "cataloging-and-metadata",
    "acquisitions",
    "electronic-resources-and-licensing",
    "serials",
    "scholarly-communication-and-open-access",
    "digital-preservation",
    "undecided-still-exploring",
}


@pytest.fixture
def db(told, folder, request):
    return by_hand.Database(folder / request.param)


of_each = pytest.mark.parametrize(("db", "name"), [(name, name) for name in NAMES], indirect=["db"])


def only(name):
    return pytest.mark.parametrize("db", [name], indirect=True)


def test_the_four_are_played_in_the_order_asked_for_and_say_how_long_it_took(told):
    assert list(told["programs"]) == NAMES
    assert told["seconds"] > 0


@of_each
def test_every_figure_is_what_the_rows_say(told, db, name):
    counted = told["programs"][name]
    refused = sum(line["count"] for line in counted["refused"])
    assert {**counted, "refused": refused} == by_hand.figures(db)


@of_each
def test_most_of_those_who_can_be_introduced_are(told, db, name):
    counted = told["programs"][name]
    possible = by_hand.possible(name, by_hand.files(name))
    assert possible > 10
    assert counted["introduced"] - counted["rematched"] >= 0.8 * possible


@of_each
def test_everybody_of_the_files_applies_once(told, db, name):
    people = by_hand.files(name)
    assert told["programs"][name]["applied"] == {"mentor": len(people["mentors"]), "mentee": len(people["mentees"])}


@of_each
def test_every_mail_left_once_on_a_day_of_the_timeline(told, db, name):
    mails = told["programs"][name]["mails"]
    assert (mails["twice"], mails["lost"]) == (0, 0)
    assert sum(line["count"] for line in told["timeline"] if line["program"] == name) == mails["sent"] > 200
    places = [(line["on"], line["program"], line["what"]) for line in told["timeline"]]
    assert places == sorted(set(places))


@of_each
def test_nobody_gets_more_than_two_reminders_a_week_and_each_is_one_that_something_ends(told, db, name):
    assert 1 <= told["programs"][name]["most_nudges_a_week"] <= 2
    assert max(db.nudges_a_week()) <= 2
    kinds = {name for (name,) in db.all("SELECT DISTINCT name FROM mail_message WHERE kind = 'nudge'")}
    assert kinds <= ENDS.keys()
    waiting = db.one("SELECT count(*) FROM mail_message WHERE kind = 'nudge' AND state = 'queued'")
    late = db.one("SELECT count(*) FROM mail_message WHERE state = 'sent' AND settled_at > good_until")
    assert (waiting, late) == (0, 0)


@of_each
def test_no_mentor_has_two_mentees_at_any_moment(told, db, name):
    assert db.together_twice() == []


@of_each
def test_half_of_the_asked_answer_and_more(told, db, name):
    counted = told["programs"][name]
    assert 0.5 * counted["check_ins"]["asked"] < counted["check_ins"]["answered"] < counted["check_ins"]["asked"]
    assert 0.55 < counted["evaluations"]["answered"] / counted["evaluations"]["asked"] < 0.75


@of_each
def test_every_term_is_over_and_was_evaluated(told, db, name):
    assert db.one("SELECT count(*) FROM mentorships_mentorship WHERE state NOT IN ('completed', 'ended')") == 0
    without = (
        "SELECT count(*) FROM mentorships_term t JOIN mentorships_mentorship m ON m.id = t.mentorship_id "
        "WHERE m.state = 'completed' AND (SELECT count(*) FROM evaluations_receipt r "
        "WHERE r.term_id = t.id AND r.moment = 'end') <> 2"
    )
    assert db.one(without) == 0


@of_each
def test_the_year_costs_the_committee_little(told, db, name):
    """A few acts for each pair: to announce it, to note two people at a workshop, now and then one more."""
    counted = told["programs"][name]
    people = sum(counted["applied"].values())
    assert 2 <= counted["committee_acts"] <= 2.5 * people


@pytest.mark.requirement("R-NELA-17", "R-NELA-25", "R-NELA-26", "R-NELA-27", "R-NELA-28", "R-NELA-35")
@only("nela")
def test_where_mentors_are_asked_first_and_both_are_trained(told, db):
    counted = told["programs"]["nela"]
    assert counted["cycles"] == 2
    assert counted["offers"] > counted["introduced"] > 0
    assert counted["declined"] > 0
    assert db.one("SELECT count(*) FROM matching_match WHERE state = 'expired'") >= 1
    assert db.introduced_untrained() == 0
    assert set(db.months()) == {12}
    began = "SELECT count(*) FROM mentorships_term t JOIN mentorships_mentorship m ON m.id = t.mentorship_id "
    assert (
        db.one(began + "WHERE number = 1 AND begins_on NOT IN (date(introduced_at), date(introduced_at, '-1 day'))")
        == 0
    )
    assert counted["extended"] > 0
    assert db.all(
        "SELECT DISTINCT count(*), min(e.word), max(e.word) FROM mentorships_extension e WHERE EXISTS (SELECT 1 FROM "
        "mentorships_term t JOIN mentorships_term f ON f.id = e.term_id WHERE t.mentorship_id = f.mentorship_id "
        "AND t.number = 2) GROUP BY e.term_id"
    ) == [(2, "yes", "yes")]
    assert counted["topics"] == 0


@only("nela")
def test_two_cycles_run_at_once(told, db):
    spans = db.all(
        "SELECT m.cycle_id, min(t.begins_on), max(t.ends_on) FROM mentorships_mentorship m "
        "JOIN mentorships_term t ON t.mentorship_id = m.id GROUP BY m.cycle_id ORDER BY 2"
    )
    (_, _, ends), (_, begins, _) = spans
    assert begins < ends
    kept = db.one("SELECT count(*) FROM programs_application WHERE state = 'carried'")
    there = db.one(
        "SELECT count(*) FROM programs_application WHERE carried_from_id IS NOT NULL AND sent_at IS NOT NULL"
    )
    assert kept >= there > 0


@pytest.mark.requirement("R-NMRT-15", "R-NMRT-16")
@only("nmrt")
def test_where_years_are_asked_for_topics_come_to_both_and_letters_are_true(told, db):
    counted = told["programs"]["nmrt"]
    assert set(db.months()) == {9}
    young = "SELECT a.id FROM mentorships_mentorship m JOIN programs_application a ON a.id = m.mentor_application_id "
    granted = "SELECT application_id FROM programs_waiver WHERE answer = 'granted'"
    assert db.one(f"SELECT count(*) FROM ({young} WHERE a.years < 5 AND a.id NOT IN ({granted}))") == 0
    assert db.one("SELECT count(*) FROM programs_waiver WHERE answer = 'granted'") > 0
    assert [line["reason"] for line in counted["refused"]] == ["Five years in a professional position"]
    assert db.one("SELECT count(*) FROM mentorships_mentorship WHERE liaison_id IS NULL") == 0
    days = by_hand.by_day(told["timeline"], "nmrt")
    firsts = [f"{2025 + (month > 12)}-{(month - 1) % 12 + 1:02}-01" for month in range(10, 19)]
    assert {what: list(days[what]) for what in days if what.startswith("topic")} == {
        f"topic {number}": [day] for number, day in enumerate(firsts, start=1)
    }
    assert sum(sum(days[what].values()) for what in days if what.startswith("topic")) == counted["topics"]
    letters = db.all(
        "SELECT l.begins_on, l.ends_on, l.signed_on, t.begins_on, coalesce(m.ended_on, t.ends_on) FROM evaluations_serviceletter l "
        "JOIN mentorships_mentorship m ON m.id = l.mentorship_id JOIN mentorships_term t ON t.mentorship_id = m.id"
    )
    assert len(letters) == counted["letters"] > 0
    assert all(begins == first and ends == min(last, signed) for begins, ends, signed, first, last in letters)


@pytest.mark.requirement("R-NASIG-27", "R-NASIG-28")
@only("nasig")
def test_a_school_year_with_its_own_days_and_the_mentor_first(told, db):
    counted = told["programs"]["nasig"]
    assert counted["offers"] == counted["awaiting_membership"] == 0
    assert db.all("SELECT DISTINCT ends_on FROM mentorships_term") == [("2026-05-31",)]
    assert db.one("SELECT min(begins_on) FROM mentorships_term") == "2025-09-01"
    assert set(db.months()) <= set(range(10))
    assert max(db.months()) == 9
    days = by_hand.by_day(told["timeline"], "nasig")
    for number in range(1, 10):
        month = number + 8
        first = date(2025 + (month > 12), (month - 1) % 12 + 1, 1)
        before = first - timedelta(days=1)
        while before.weekday() > 4:
            before -= timedelta(days=1)
        assert {before.isoformat(), first.isoformat()} == set(days[f"topic {number}"])
    assert sum(days["membership reminder"].values()) > 0
    assert min(days["membership reminder"]) == "2025-09-01"


@only("nasig")
def test_when_mentors_run_short_priority_areas_and_the_undecided_come_first(told, db):
    assert told["programs"]["nasig"]["unmatched"] > 0
    answers = db.all(
        "SELECT a.answers, EXISTS (SELECT 1 FROM mentorships_mentorship m WHERE m.mentee_application_id = a.id) "
        "FROM programs_application a WHERE a.role = 'mentee' AND a.state = 'admitted'"
    )
    first = [(bool(PRIORITY & set(json.loads(said).get("areas", []))), met) for said, met in answers]
    assert (True, 0) not in first or (False, 1) not in first


@only("kla")
def test_where_there_are_neither_topics_nor_offers_nor_letters(told, db):
    absent = ("wait_listed", "offers", "declined", "topics", "extended", "letters")
    assert {name: told["programs"]["kla"][name] for name in absent} == dict.fromkeys(absent, 0)


def test_other_people_and_another_seed_work_as_well(tmp_path):
    """Half as many people of each program as the sample has, every one of them somebody else."""
    others = {name: by_hand.others(by_hand.files(name), 7) for name in NAMES}
    for people in others.values():
        for kind in ("mentors", "mentees"):
            people[kind] = people[kind][: len(people[kind]) // 2]
    people = {name: by_hand.written(tmp_path / f"{name}-people", others[name]) for name in NAMES}
    told = rehearsal.play(rehearsal.Order(NAMES, people, seed=23), keep=tmp_path)
    for name in NAMES:
        counted = told["programs"][name]
        assert counted["introduced"] - counted["rematched"] >= 0.8 * by_hand.possible(name, others[name]), name
        assert (counted["mails"]["twice"], counted["mails"]["lost"]) == (0, 0)
        assert by_hand.Database(tmp_path / name).together_twice() == []


def few(name, mentors, mentees):
    people = by_hand.files(name)
    return {**people, "mentors": people["mentors"][:mentors], "mentees": people["mentees"][:mentees]}


NO_TRAINING = {"late": 'program.gates.filter(kind="training").delete()'}
# Two beats that run at once do not see each other's promises: then it is the key alone that keeps a mail from leaving twice.
BLIND = {"late": "import mentorships.due as pairs; pairs._promised = lambda keys: set()"}
NO_KEY = {**BLIND, "early": 'sender.__name__ == "Message" and setattr(sender._meta.get_field("key"), "_unique", False)'}
TWO_PLACES = {
    "late": '[setattr(one.cycle.program, "mentor_capacity", 2) for one in year.rounds]; '
    "type(program).objects.update(mentor_capacity=2)"
}


def test_without_the_workshop_rule_pairs_are_introduced_untrained(told, folder, tmp_path):
    assert not by_hand.Database(folder / "nela").introduced_untrained()
    counted = by_hand.play_without(tmp_path / "play", "nela", few("nela", 14, 18), NO_TRAINING, until=45)
    assert counted["introduced"] > 0
    assert by_hand.Database(tmp_path / "play").introduced_untrained()


@pytest.mark.parametrize(("rule", "twice"), [(BLIND, False), (NO_KEY, True)])
def test_without_the_key_of_a_mail_some_come_twice(tmp_path, rule, twice):
    counted = by_hand.play_without(tmp_path / "play", "kla", few("kla", 10, 10), rule, until=25)
    assert counted["introduced"] > 0
    assert bool(counted["mails"]["twice"]) is twice


def test_with_two_places_a_mentor_has_two_mentees(told, folder, tmp_path):
    assert not by_hand.Database(folder / "kla").together_twice()
    people = by_hand.files("kla")
    willing = {**people, "mentors": [{**row, "mentees_wanted": "2"} for row in people["mentors"]][:8]}
    by_hand.play_without(tmp_path / "play", "kla", willing, TWO_PLACES, until=3)
    assert by_hand.Database(tmp_path / "play").together_twice()


@pytest.mark.parametrize("name", NAMES)
def test_files_of_another_program_are_refused_row_by_row(tmp_path, name):
    other = NAMES[(NAMES.index(name) + 1) % len(NAMES)]
    people = by_hand.files(name)
    bad = [dict(row) for row in people["mentees"]]
    theirs = {row["region"] for row in by_hand.files(other)["mentees"]} - {row["region"] for row in people["mentees"]}
    bad[1]["region"] = sorted(theirs)[0]
    bad[3]["areas"] = "Something that nobody offers"
    files = by_hand.written(tmp_path / "people", {**people, "mentees": bad})
    with pytest.raises(rehearsal.BadPeople) as caught:
        rehearsal.play(rehearsal.Order([name], {name: files}), keep=tmp_path)
    assert [error.split(":")[1].strip() for error in caught.value.errors] == ["line 3, region", "line 5, areas"]
