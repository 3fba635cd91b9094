"""What the matching engine costs and gains, on synthetic answers: 30 areas of skewed popularity, 3 tiers, 0 to 3 places.

    python benchmarks/matching.py [--peer PYTHON] [--runs 5]

`--peer` names the interpreter of an environment in which `mentor-match` is installed; nothing is ever installed from here.
Times are processor time of one thread, so that other work on the machine does not count. They still depend on the
machine, so read the ratios: both sides of each are measured on the same instances, in this one run.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when numpy is imported
sys.path[0] = str(
    Path(__file__).resolve().parents[1]
)  # this file bears the engine's name: find the engine, not this file

import numpy as np  # noqa: E402
from scipy.optimize import linear_sum_assignment  # noqa: E402

from matching.encode import Problem, encode, problem  # noqa: E402
from matching.features import Criterion, Features, Person, features  # noqa: E402
from matching.files import write  # noqa: E402
from matching.score import scores, vetoes  # noqa: E402
from matching.solve import Solution, solve  # noqa: E402

CRITERIA = (
    Criterion("overlap", "areas", "areas", 6),
    Criterion("same", "library_type", "library_type", 3),
    Criterion("gap", "years", "years", 3, low=3, high=15),
    Criterion("near", "region", "region", 1),
)

PEER = """
import json, sys, time
from matching.mentee import Mentee
from matching.mentor import Mentor
from matching.process import process_data
from matching.rules.rule import Disqualify

document = json.load(sys.stdin)
scores = document["scores"]

class Score:
    def apply(self, match):
        return scores.get(match.mentor.role, {}).get(match.mentee.role, 0)

def fresh(match):
    return match.mentee.role not in scores.get(match.mentor.role, {})

mentors = [Mentor(email=f"{one['id']}/{place}", role=one["id"], grade=1)
           for one in document["mentors"] for place in range(one["capacity"])]
mentees = [Mentee(email=one["id"], role=one["id"], grade=1) for one in document["mentees"]]
start = time.process_time()
process_data(mentors, mentees, [[Score(), Disqualify(fresh)]])
seconds = time.process_time() - start
print(json.dumps({"seconds": seconds, "pairs": [[b.role, a.role] for a in mentees for b in a.mentors]}))
"""


def people(chance: np.random.Generator, count: int, letter: str) -> list[Person]:
    popularity = 1 / np.arange(1, 31)
    popularity /= popularity.sum()
    found = []
    for number in range(count):
        areas = chance.choice(30, size=chance.integers(1, 6), replace=False, p=popularity)
        answers = {
            "areas": [f"area-{area}" for area in areas],
            "library_type": f"type-{chance.integers(12)}",
            "region": f"region-{chance.integers(6)}",
            "years": int(chance.integers(0, 30)),
            "employer": f"employer-{chance.integers(200)}",
        }
        found.append(Person(f"{letter}{number}", answers, human=f"{letter}{number}"))
    return found


def instance(seed: int, count: int, ratio: float) -> tuple[Features, list[int], list[int]]:
    """(answers, tiers, places) of `count` mentees and `count / ratio` mentors."""
    chance = np.random.default_rng(seed)
    mentees, mentors = people(chance, count, "e"), people(chance, round(count / ratio), "m")
    tiers = chance.integers(1, 4, count).tolist()
    return features(CRITERIA, mentees, mentors), tiers, chance.integers(0, 4, len(mentors)).tolist()


def think(answers: Features, tiers: list[int], places: list[int]) -> Solution:
    """From the answers' rows to the certificate."""
    return solve(pose(answers, tiers, places))


def pose(answers: Features, tiers: list[int], places: list[int]) -> Problem:
    fit = scores(answers)
    against = vetoes(answers.mentees, answers.mentors, fit, 300, "employer")
    mentees = [(person.id, tier) for person, tier in zip(answers.mentees, tiers, strict=True)]
    mentors = [(person.id, count) for person, count in zip(answers.mentors, places, strict=True)]
    return problem(mentees, mentors, fit, against)


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = action()
    return time.process_time() - start, result


def best_pair_first(given: Problem) -> list[tuple[str, str]]:
    """What a careful person does with a spreadsheet: take the best pair left, again and again."""
    left, waiting, pairs = list(given.capacity), set(range(len(given.mentees))), []
    allowed = np.argwhere(given.vetoes == 0)
    for row, column in allowed[np.argsort(-given.scores[tuple(allowed.T)], kind="stable")].tolist():
        if row in waiting and left[column]:
            waiting.remove(row)
            left[column] -= 1
            pairs.append((given.mentors[column], given.mentees[row]))
    return pairs


def against_bare(count: int, ratio: float, runs: int) -> str:
    """Scoring to certificate, over scipy's assignment alone on the same table."""
    ours, bare = [], []
    for seed in range(runs):
        drawn = instance(seed, count, ratio)
        encoded = encode(pose(*drawn))
        table = encoded.value[:, np.repeat(np.arange(len(encoded.places)), encoded.places)].astype(np.float64)
        bare.append(timed(lambda table=table: linear_sum_assignment(table, maximize=True))[0])
        ours.append(timed(lambda drawn=drawn: think(*drawn))[0])
    one, other = statistics.median(bare), statistics.median(ours)
    return f"{1000 * one:.0f} ms | {1000 * other:.0f} ms | {other / one:.2f} ×"


def difference(solution: Solution, pairs: list[tuple[str, str]]) -> tuple[int, int, float]:
    """(people fewer, of tier 1 fewer, total score in % against ours) of somebody else's pairs."""
    given = solution.problem
    row = {name: place for place, name in enumerate(given.mentees)}
    column = {name: place for place, name in enumerate(given.mentors)}
    total = sum(int(given.scores[row[mentee], column[mentor]]) for mentor, mentee in pairs)
    urgent = sum(given.priority[row[mentee]] == 1 for _, mentee in pairs)
    return len(solution.pairs) - len(pairs), solution.by_tier.get(1, 0) - urgent, 100 * total / solution.total - 100


def in_words(differences: list[tuple[int, int, float]]) -> str:
    people, urgent, score = zip(*differences, strict=True)
    return (
        f"{min(score):+.1f} to {max(score):+.1f} % score, up to {max(people)} people and {max(urgent)} of tier 1 fewer"
    )


def against_spreadsheet(count: int, ratio: float, runs: int) -> str:
    found = []
    for seed in range(runs):
        solution = think(*instance(seed, count, ratio))
        found.append(difference(solution, best_pair_first(solution.problem)))
    return f"{in_words(found)} | 0 |"


def against_peer(python: str, count: int, ratio: float, runs: int) -> str:
    """Another program's own solver, one mentor for each place, given our scores."""
    ours, theirs, found = [], [], []
    for seed in range(runs):
        drawn = instance(seed, count, ratio)
        seconds, solution = timed(lambda drawn=drawn: think(*drawn))
        text = write(solution.problem)
        done = subprocess.run([python, "-I", "-c", PEER], input=text, capture_output=True, text=True, check=True)
        answer = json.loads(done.stdout)
        ours.append(seconds)
        theirs.append(answer["seconds"])
        found.append(difference(solution, [tuple(pair) for pair in answer["pairs"]]))
    times = f"{min(theirs):.1f} to {max(theirs):.1f} s, {in_words(found)} | {1000 * statistics.median(ours):.0f} ms"
    return f"{times} | {statistics.median(ours) / statistics.median(theirs):.4f} ×"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", metavar="PYTHON", help="interpreter of an environment with mentor-match installed")
    parser.add_argument("--runs", type=int, default=5, help="instances for each line")
    given = parser.parse_args()
    print(
        "| on the same instances, in this run | the other | ours, scoring to certificate | ratio |\n|---|---|---|---|"
    )
    for count, ratio in ((300, 1.5), (300, 2.5), (1000, 1.5), (1000, 2.5)):
        name = f"scipy's bare assignment, {count} mentees, {round(count / ratio)} mentors"
        print(f"| {name} | {against_bare(count, ratio, given.runs)} |", flush=True)
    for ratio in (1.5, 2.5):
        name = f"best pair first, 100 mentees, {round(100 / ratio)} mentors"
        print(f"| {name} | {against_spreadsheet(100, ratio, given.runs)} |", flush=True)
    if given.peer:
        for ratio in (1.5, 2.5):
            name = f"mentor-match, 300 mentees, {round(300 / ratio)} mentors"
            print(f"| {name} | {against_peer(given.peer, 300, ratio, given.runs)} |", flush=True)


if __name__ == "__main__":
    main()
