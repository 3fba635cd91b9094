"""A run as a file: read what is to be decided, write what was decided.

The format is JSON: `mentors` [{"id", "capacity"}], `mentees` [{"id", "priority"}], `scores` {mentor: {mentee:
0..1000}}, and, absent or empty when there are none, `locked` and `forbidden` [[mentor, mentee], …]. A pair without a
score is not allowed. Other keys are ignored.
"""

import json
from typing import Any

import numpy as np

from matching.encode import BEST_SCORE, Pair, Problem, problem
from matching.explain import Explanation, sentence
from matching.score import Veto
from matching.solve import Solution

MOST_CELLS = 10**7
NOT_YET = ("previous", "withdrawn")


class Malformed(ValueError):
    """The text is not a run; the message says what is wrong and where, in one line."""


class _Object(dict[str, Any]):
    """A JSON object that remembers a key that stood in it twice."""

    doubled: str | None = None


def read(text: str) -> Problem:
    """The problem in a file's text. Raises Malformed, or BreaksARule for locked pairs that cannot be."""
    document = _check(_parse(text), dict, "the file")
    mentors = _people(document, "mentors", "capacity", 0)
    mentees = _people(document, "mentees", "priority", 1)
    if len(mentors) * len(mentees) > MOST_CELLS:
        raise Malformed(f"{len(mentors)} mentors × {len(mentees)} mentees: more than {MOST_CELLS} cells")
    mentor_at = {name: place for place, (name, _) in enumerate(mentors)}
    mentee_at = {name: place for place, (name, _) in enumerate(mentees)}
    scores = np.full((len(mentees), len(mentors)), -1, dtype=np.int16)
    for mentor, row in _field(document, "scores", dict, "the file").items():
        where = f"scores[{_quote(mentor)}]"
        column = _known(mentor, mentor_at, where, "mentor")
        for mentee, score in _check(row, dict, where).items():
            cell = f"{where}[{_quote(mentee)}]"
            scores[_known(mentee, mentee_at, cell, "mentee"), column] = _whole(score, cell, 0, BEST_SCORE)
    pairs = {key: _pairs(document, key, mentor_at, mentee_at) for key in ("locked", "forbidden", "previous")}
    gone = _list(document, "withdrawn")
    for place, name in enumerate(gone):
        _known(_check(name, str, f"withdrawn[{place}]"), mentor_at | mentee_at, f"withdrawn[{place}]", "id")
    for key, given in (("previous", pairs["previous"]), ("withdrawn", gone)):
        if given:
            raise Malformed(f"{key}: repairs are not supported")
    return problem(mentees, mentors, scores, locked=pairs["locked"], forbidden=pairs["forbidden"])


def write(given: Problem) -> str:
    """A problem as a file's text, from which `read` makes a problem with the same solution.

    A pair that may not be suggested is written without its score, unless it is kept together, or kept apart, by hand.
    """
    kept = (given.vetoes & ~Veto.FORBIDDEN) == 0
    apart = kept & (given.vetoes != 0)
    for mentor, mentee in given.locked:
        kept[mentee, mentor] = True
    scores = {
        mentor: {given.mentees[row]: int(given.scores[row, column]) for row in np.flatnonzero(kept[:, column])}
        for column, mentor in enumerate(given.mentors)
    }
    document = {
        "mentors": [{"id": name, "capacity": size} for name, size in zip(given.mentors, given.capacity, strict=True)],
        "mentees": [{"id": name, "priority": tier} for name, tier in zip(given.mentees, given.priority, strict=True)],
        "scores": {mentor: row for mentor, row in scores.items() if row},
        "locked": [[given.mentors[mentor], given.mentees[mentee]] for mentor, mentee in given.locked],
        "forbidden": [[given.mentors[column], given.mentees[row]] for row, column in np.argwhere(apart)],
        "previous": [],
        "withdrawn": [],
    }
    return json.dumps(document)


def answer(solution: Solution) -> dict[str, Any]:
    """The solution in the file format, keys and lists in the order in which they are printed."""
    explanation = Explanation(solution)
    return {
        "status": "optimal",
        "pairs": [list(pair) for pair in solution.pairs],
        "by_tier": {str(tier): count for tier, count in solution.by_tier.items()},
        "kept": 0,
        "total": solution.total,
        "min_score": solution.min_score,
        "certified": True,
        "unmatched": [
            {"mentee": mentee, "reason": sentence(explanation.reason(mentee))} for mentee in solution.unmatched
        ],
    }


def _parse(text: str) -> Any:
    def constant(name: str) -> None:
        raise Malformed(f"not JSON: {name} is not a number")

    def collect(items: list[tuple[str, Any]]) -> _Object:
        found = _Object(items)
        if len(found) < len(items):
            names = [name for name, _ in items]
            found.doubled = next(name for name in names if names.count(name) > 1)
        return found

    try:
        return json.loads(text, object_pairs_hook=collect, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error}") from error
    except RecursionError as error:
        raise Malformed("not a run: nested too deeply") from error
    except Malformed:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise Malformed(f"not a run: {error}") from error


def _quote(name: str) -> str:
    return json.dumps(name)


NAMES = {dict: "an object", list: "a list", str: "a string", int: "a whole number"}


def _check(value: Any, kind: type, where: str) -> Any:
    """The value, when it is of this JSON type (true is no number) and no object with a double key."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Malformed(f"{where}: expected {NAMES[kind]}")
    if isinstance(value, _Object) and value.doubled is not None:
        raise Malformed(f"{where}: {_quote(value.doubled)} stands twice")
    return value


def _field(record: dict[str, Any], key: str, kind: type, where: str) -> Any:
    if key not in record:
        raise Malformed(f"{where}: {_quote(key)} is missing")
    return _check(record[key], kind, key if where == "the file" else f"{where}.{key}")


def _whole(value: Any, where: str, least: int, most: int | None = None) -> int:
    number: int = _check(value, int, where)
    if number < least or (most is not None and number > most):
        raise Malformed(f"{where}: expected {least} {'or more' if most is None else f'to {most}'}")
    return number


def _people(document: dict[str, Any], key: str, figure: str, least: int) -> list[tuple[str, int]]:
    people: dict[str, int] = {}
    for place, entry in enumerate(_field(document, key, list, "the file")):
        where = f"{key}[{place}]"
        record = _check(entry, dict, where)
        name = _field(record, "id", str, where)
        if name in people:
            raise Malformed(f"{where}.id: {_quote(name)} stands twice")
        people[name] = _whole(_field(record, figure, int, where), f"{where}.{figure}", least)
    return list(people.items())


def _list(document: dict[str, Any], key: str) -> list[Any]:
    found: list[Any] = _check(document.get(key, []), list, key)
    return found


def _known(name: str, known: dict[str, int], where: str, noun: str) -> int:
    if name not in known:
        raise Malformed(f"{where}: unknown {noun} {_quote(name)}")
    return known[name]


def _pairs(document: dict[str, Any], key: str, mentors: dict[str, int], mentees: dict[str, int]) -> list[Pair]:
    found = []
    for place, entry in enumerate(_list(document, key)):
        where = f"{key}[{place}]"
        pair = _check(entry, list, where)
        if len(pair) != 2:
            raise Malformed(f"{where}: expected [mentor, mentee]")
        mentor, mentee = (_check(name, str, f"{where}[{side}]") for side, name in enumerate(pair))
        _known(mentor, mentors, f"{where}[0]", "mentor")
        _known(mentee, mentees, f"{where}[1]", "mentee")
        found.append((mentor, mentee))
    return found
