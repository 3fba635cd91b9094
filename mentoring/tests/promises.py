"""The product's promises on one page: which this run proved and with which figures, which others prove, which nobody yet.

Printed by `pytest --promises`: by `make torture` in full, in CI at its small scale. A proof carries the marker
`promise("G5")` and says its figures with the fixture `figures` (mail/tests/scale.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mail.tests.scale import FULL


@dataclass(frozen=True)
class Promise:
    """What is promised; the `plain` tests of every run that prove it or a part of it; what is `open`: proved by nothing yet."""

    words: str
    plain: tuple[str, ...] = ()
    open: str = ""


PROMISES = {
    "G1": Promise("a cycle's capacity is never exceeded"),
    "G2": Promise("one open application per person, role and cycle; a double click is no error page"),
    "G3": Promise(
        "a mentor never has more mentees than the program allows", ("mentoring/tests/test_rehearsal_four.py",)
    ),
    "G4": Promise("an announcement is all or nothing"),
    "G5": Promise("every mail reaches each person once, though workers die"),
    "G6": Promise("no period is skipped or sent twice, whatever beat does"),
    "G7": Promise("nothing depends on the broker surviving"),
    "G8": Promise("no mail for a transaction that was rolled back"),
    "G9": Promise(
        "nobody sees or changes another program's data",
        ("mentoring/tests/test_matrix.py",),
        "words planted in one program, looked for in the exports and mails of another",
    ),
    "G10": Promise(
        "nobody handles an application, match or evaluation of their own",
        ("mentoring/tests/test_own_affairs.py",),
        "each verb tried by the person concerned",
    ),
    "G11": Promise(
        "evaluations: one each; confidential or anonymous",
        ("evaluations/tests/test_responses.py", "evaluations/tests/test_figures.py"),
        "somebody with a copy of the database who tries to link answers and people",
    ),
    "G12": Promise(
        "an import is all or nothing, and says which row is wrong",
        ("members/tests/test_member_list.py", "programs/tests/test_brought_in.py"),
        "10,000 malformed rows (2,000 are tried)",
    ),
    "G13": Promise("forms never end in an error page", ("programs/tests/test_questions.py",), "10,000 fuzzed posts"),
    "G14": Promise("a person's data can be exported and erased", open="all of it"),
    "G15": Promise(
        "every act that matters is in the history",
        ("members/tests/test_journal.py",),
        "that every address which changes something leaves a line",
    ),
    "G16": Promise("the committee's door is locked by a second step", open="all of it"),
    "G17": Promise("the site does not tell who is a member or has an account", ("members/tests/test_sign_in.py",)),
    "G18": Promise(
        "leaving topic mail is one click for a person and none for a scanner", ("mail/tests/test_leaving.py",)
    ),
    "G19": Promise("what browsers are told to refuse", ("mentoring/tests/test_pages.py",), "a browser on every page"),
    "G20": Promise("usable by keyboard and screen reader", open="all of it"),
    "G21": Promise("a restored backup sends nothing by itself", ("mentoring/tests/test_hold_mail.py",)),
}


@dataclass
class Seen:
    """What a run saw of one promise: how its tests ended, and the lines of figures that they said."""

    ended: dict[str, list[str]] = field(default_factory=lambda: {"passed": [], "failed": [], "skipped": []})
    figures: list[str] = field(default_factory=list)


def look(reports) -> dict[str, Seen]:
    """Every promise with what the reports of a run's tests say of it."""
    seen = {name: Seen() for name in PROMISES}
    for report in reports:
        for kind, value in report.user_properties:
            if kind == "promise":
                seen[value].ended[report.outcome].append(report.nodeid)
            elif kind == "figures" and report.outcome == "passed":
                promise, what, numbers = value
                seen[promise].figures.append(line(what, numbers))
    return seen


def line(what: str, numbers: dict) -> str:
    """One line of figures in words: "two workers without claims: mails 20, twice 17"."""
    told = ", ".join(f"{name.replace('_', ' ')} {amount(value)}" for name, value in numbers.items())
    return f"{what}: {told}" if what and told else what or told


def amount(value) -> str:
    """A figure as people write it."""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def page(reports) -> Iterator[str]:
    """The page, line by line."""
    yield f"The promises, {'in full' if FULL else 'at CI scale'}"
    for name, seen in look(reports).items():
        promise = PROMISES[name]
        yield f"{name:4}{promise.words}"
        yield from (f"      {told}" for told in verdict(promise, seen))


def verdict(promise: Promise, seen: Seen) -> Iterator[str]:
    """What there is to say of one promise."""
    passed, failed, skipped = (seen.ended[end] for end in ("passed", "failed", "skipped"))
    if failed:
        yield f"BROKEN: {', '.join(sorted(set(failed)))}"
    elif passed:
        yield f"proved here by {len(set(passed))} tests" if len(set(passed)) > 1 else "proved here by 1 test"
    if skipped:
        yield f"left out here: {', '.join(sorted(set(skipped)))}"
    yield from sorted(seen.figures, key=lambda told: told[0].isalpha())
    if promise.plain:
        yield f"{'also ' if passed or failed else ''}in the plain suite{' in part' if promise.open else ''}: {', '.join(promise.plain)}"
    if promise.open:
        yield f"not proved yet: {promise.open}"
    elif not (passed or failed or promise.plain):
        yield "no proof of it ran here"
