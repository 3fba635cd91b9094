"""A run as a file: `python -m matching INPUT.json`."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matching import files
from matching.__main__ import main
from matching.encode import problem
from matching.score import Veto
from matching.solve import solve
from matching.tests.instances import instance

ROOT = Path(__file__).resolve().parents[2]

EXAMPLE = {
    "mentors": [{"id": "m1", "capacity": 1}],
    "mentees": [{"id": "e1", "priority": 1}, {"id": "e2", "priority": 1}],
    "scores": {"m1": {"e1": 740}},
    "locked": [["m1", "e1"]],
    "forbidden": [],
    "previous": [],
    "withdrawn": [],
}


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command on a document (or text, or bytes): (exit code, stdout, stderr)."""

    def run(content, *options):
        path = tmp_path / "input.json"
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        code = main([*options, str(path)])
        return code, *capsys.readouterr()

    return run


def test_the_command_from_the_root_of_the_project(tmp_path):
    path = tmp_path / "input.json"
    path.write_text(json.dumps(EXAMPLE))
    done = subprocess.run(
        [sys.executable, "-m", "matching", path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        '{"status": "optimal", "pairs": [["m1", "e1"]], "by_tier": {"1": 1}, "kept": 0, "total": 740, "min_score": 740, '
        '"certified": true, "unmatched": [{"mentee": "e2", "reason": "The only mentor may not be suggested to e2: '
        'there is no score."}]}\n'
    )


def test_the_engine_needs_no_django():
    code = "import sys, matching.__main__; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_tiers_are_sorted_as_numbers_and_all_there(run):
    document = {
        "mentors": [{"id": "m", "capacity": 1, "name": "ignored"}],
        "mentees": [{"id": "c", "priority": 10}, {"id": "b", "priority": 9}, {"id": "a", "priority": 2}],
        "scores": {"m": {"a": 0, "b": 5, "c": 5}},
        "note": {"anything": [None, 1.5]},
    }
    code, out, _ = run(document)
    found = json.loads(out)
    assert (code, found["by_tier"], found["min_score"]) == (0, {"2": 1, "9": 0, "10": 0}, 0)
    assert (list(found["by_tier"]), [row["mentee"] for row in found["unmatched"]]) == (["2", "9", "10"], ["b", "c"])


def test_nobody_at_all(run):
    assert run({"mentors": [], "mentees": [], "scores": {}})[:2] == (
        0,
        '{"status": "optimal", "pairs": [], "by_tier": {}, "kept": 0, "total": 0, "min_score": null, "certified": true, '
        '"unmatched": []}\n',
    )


def test_the_same_people_in_another_order_give_the_same_bytes(run):
    for seed in range(4000, 4030):
        drawn = instance(seed, most=7)
        texts = [files.write(drawn.problem())]
        document = json.loads(texts[0])
        for key in ("mentors", "mentees", "locked", "forbidden"):
            document[key].reverse()
        document["scores"] = {mentor: dict([*row.items()][::-1]) for mentor, row in [*document["scores"].items()][::-1]}
        texts.append(json.dumps(document, indent=2))
        assert len({run(text) for text in texts}) == 1


def test_a_written_problem_reads_back_to_the_same_pairs():
    for seed in range(4100, 4150):
        given = instance(seed, most=7).problem()
        assert solve(files.read(files.write(given))).pairs == solve(given).pairs


def test_what_the_committee_decided_survives_in_the_file():
    soft = np.array([[Veto.SAME_EMPLOYER, 0], [Veto.SAME_EMPLOYER, 0]], dtype=np.int16)
    fit = np.full((2, 2), 5, dtype=np.int16)
    given = problem([("e1", 1), ("e2", 1)], [("m1", 1), ("m2", 1)], fit, soft, [("m1", "e1")], [("m2", "e2")])
    document = json.loads(files.write(given))
    assert document["scores"] == {"m1": {"e1": 5}, "m2": {"e1": 5, "e2": 5}}
    assert (document["locked"], document["forbidden"]) == ([["m1", "e1"]], [["m2", "e2"]])


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"scores": {}}, ["m1 with e1 cannot be locked: the pair has no score, so it is not allowed"]),
        ({"forbidden": [["m1", "e1"]]}, ["m1 with e1 cannot be locked: the pair is forbidden"]),
        (
            {"scores": {"m1": {"e1": 1, "e2": 1}}, "locked": [["m1", "e2"], ["m1", "e1"]]},
            [f"m1 with {mentee} cannot be locked: 2 locked pairs for a capacity of 1" for mentee in ("e1", "e2")],
        ),
        (
            {"mentors": [{"id": "m1", "capacity": 0}]},
            ["m1 with e1 cannot be locked: 1 locked pair for a capacity of 0"],
        ),
        ({"locked": [["m1", "e1"]] * 2}, ["m1 with e1 cannot be locked: the mentee is locked 2 times"]),
    ],
)
def test_a_lock_that_breaks_a_rule(run, changes, reasons):
    code, out, error = run(EXAMPLE | changes)
    assert (code, json.loads(out), error) == (2, {"status": "infeasible", "reasons": reasons}, "")


MENTEES = EXAMPLE["mentees"]
MALFORMED = [
    ("", "not JSON: Expecting value: line 1 column 1 (char 0)"),
    (b"\xff{}", "cannot be read"),
    ("[]", "the file: expected an object"),
    ('{"mentors": NaN}', "not JSON: NaN is not a number"),
    ('{"mentors": Infinity}', "not JSON: Infinity is not a number"),
    ("[" * 100_000, "nested too deeply"),
    ('{"mentors": 1' + "0" * 5000 + "}", "not a run"),
    ('{"mentors": [], "mentors": [], "mentees": [], "scores": {}}', 'the file: "mentors" stands twice'),
    (
        '{"mentors": [{"id": "m", "id": "m", "capacity": 1}], "mentees": [], "scores": {}}',
        'mentors[0]: "id" stands twice',
    ),
    ({"mentees": [], "scores": {}}, 'the file: "mentors" is missing'),
    ({"mentors": [], "mentees": []}, 'the file: "scores" is missing'),
    (EXAMPLE | {"mentors": {}}, "mentors: expected a list"),
    (EXAMPLE | {"mentors": ["m1"]}, "mentors[0]: expected an object"),
    (EXAMPLE | {"mentors": [{"id": "m1"}]}, 'mentors[0]: "capacity" is missing'),
    (EXAMPLE | {"mentors": [{"id": 1, "capacity": 1}]}, "mentors[0].id: expected a string"),
    (EXAMPLE | {"mentors": [{"id": "m1", "capacity": -1}]}, "mentors[0].capacity: expected 0 or more"),
    (EXAMPLE | {"mentors": [{"id": "m1", "capacity": 1.0}]}, "mentors[0].capacity: expected a whole number"),
    (EXAMPLE | {"mentors": [{"id": "m1", "capacity": True}]}, "mentors[0].capacity: expected a whole number"),
    (EXAMPLE | {"mentors": [{"id": "m1", "capacity": None}]}, "mentors[0].capacity: expected a whole number"),
    (EXAMPLE | {"mentors": EXAMPLE["mentors"] * 2}, 'mentors[1].id: "m1" stands twice'),
    (EXAMPLE | {"mentees": [*MENTEES, {"id": "e1", "priority": 2}]}, 'mentees[2].id: "e1" stands twice'),
    (EXAMPLE | {"mentees": [{"id": "e1", "priority": 0}]}, "mentees[0].priority: expected 1 or more"),
    (EXAMPLE | {"scores": []}, "scores: expected an object"),
    (EXAMPLE | {"scores": {"m1": [1]}}, 'scores["m1"]: expected an object'),
    (EXAMPLE | {"scores": {"m9": {}}}, 'scores["m9"]: unknown mentor "m9"'),
    (EXAMPLE | {"scores": {"m1": {"e\n9": 1}}}, 'scores["m1"]["e\\n9"]: unknown mentee "e\\n9"'),
    (EXAMPLE | {"scores": {"m1": {"e1": 1001}}}, 'scores["m1"]["e1"]: expected 0 to 1000'),
    (EXAMPLE | {"scores": {"m1": {"e1": -1}}}, 'scores["m1"]["e1"]: expected 0 to 1000'),
    (EXAMPLE | {"scores": {"m1": {"e1": 7.5}}}, 'scores["m1"]["e1"]: expected a whole number'),
    (EXAMPLE | {"scores": {"m1": {"e1": False}}}, 'scores["m1"]["e1"]: expected a whole number'),
    (EXAMPLE | {"scores": {"m1": {"e1": "7"}}}, 'scores["m1"]["e1"]: expected a whole number'),
    (
        json.dumps(EXAMPLE).replace('{"e1": 740}', '{"e1": 740, "e1": 740}'),
        'scores["m1"]: "e1" stands twice',
    ),
    (EXAMPLE | {"locked": None}, "locked: expected a list"),
    (EXAMPLE | {"locked": ["m1"]}, "locked[0]: expected a list"),
    (EXAMPLE | {"locked": [["m1"]]}, "locked[0]: expected [mentor, mentee]"),
    (EXAMPLE | {"locked": [["m1", 1]]}, "locked[0][1]: expected a string"),
    (EXAMPLE | {"locked": [["e1", "m1"]]}, 'locked[0][0]: unknown mentor "e1"'),
    (EXAMPLE | {"forbidden": [["m1", "e9"]]}, 'forbidden[0][1]: unknown mentee "e9"'),
    (EXAMPLE | {"withdrawn": ["x"]}, 'withdrawn[0]: unknown id "x"'),
    (EXAMPLE | {"withdrawn": [1]}, "withdrawn[0]: expected a string"),
    (EXAMPLE | {"previous": [["m1", "e1"]]}, "previous: repairs are not supported"),
    (EXAMPLE | {"withdrawn": ["e2"]}, "withdrawn: repairs are not supported"),
]


@pytest.mark.parametrize(("content", "what"), MALFORMED)
def test_a_malformed_file_says_what_and_where_in_one_line(run, content, what):
    code, out, error = run(content)
    assert (code, out, error.count("\n")) == (3, "", 1)
    assert what in error


def test_more_cells_than_can_be_solved(run):
    document = {
        "mentors": [{"id": f"m{number}", "capacity": 1} for number in range(3163)],
        "mentees": [{"id": f"e{number}", "priority": 1} for number in range(3163)],
        "scores": {},
    }
    code, out, error = run(document)
    assert (code, out) == (3, "")
    assert "3163 mentors × 3163 mentees: more than 10000000 cells" in error


def test_more_tiers_than_can_be_added_up_exactly(run):
    count = 30_000
    document = {
        "mentors": [{"id": "m", "capacity": count}],
        "mentees": [{"id": f"e{number}", "priority": number + 1} for number in range(count)],
        "scores": {"m": {}},
    }
    code, out, error = run(document)
    assert (code, out) == (3, "")
    assert "too many to add up exactly" in error


@pytest.mark.parametrize("arguments", [[], ["a.json", "b.json"], ["--prices", "a.json"], ["no such file.json"], ["."]])
def test_a_command_that_cannot_run_says_so_in_one_line(arguments, capsys):
    assert main(arguments) == 3
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)


def test_a_byte_order_mark_is_no_harm(run):
    assert run(b"\xef\xbb\xbf" + json.dumps(EXAMPLE).encode())[0] == 0


def test_ids_may_be_any_text(run):
    document = {
        "mentors": [{"id": "Ünï ☃", "capacity": 1}],
        "mentees": [{"id": "", "priority": 1}],
        "scores": {"Ünï ☃": {"": 3}},
    }
    assert json.loads(run(document)[1])["pairs"] == [["Ünï ☃", ""]]
