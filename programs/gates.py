"""Requirements: facts about an applicant and a program's rules in, findings with their reasons out. No rows, no clock.

A reason is one sentence that a page and a mail print as it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.words import day as in_words

THROUGHOUT = "throughout"


class Requirement(Protocol):
    """What a rule must say of itself; a row of `Gate` does."""

    kind: str
    code: str
    role: str
    stage: str
    consequence: str
    title: str
    version: int
    years: int | None


@dataclass(frozen=True)
class Facts:
    """What is known of one applicant on one day."""

    role: str
    day: date
    member: bool = False
    membership_pending: bool = False
    member_until: date | None = None
    years: int | None = None
    trained: bool = False
    accepted: frozenset[tuple[str, int]] = frozenset()
    waived: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Finding:
    """One requirement, whether it is met (or was waived), why, and what follows when it is not."""

    kind: str
    code: str
    met: bool
    reason: str
    waived: bool = False
    consequence: str = ""

    def __str__(self) -> str:
        return self.reason


def findings(facts: Facts, gates: Iterable[Requirement], stage: str) -> list[Finding]:
    """Every requirement of this role that is looked at now, in the committee's order."""
    return [_find(facts, gate) for gate in gates if gate.stage in (stage, THROUGHOUT) and gate.role in ("", facts.role)]


def unmet(facts: Facts, gates: Iterable[Requirement], stage: str) -> list[Finding]:
    """Those that are not met and were not waived."""
    return [finding for finding in findings(facts, gates, stage) if not finding.met]


def _find(facts: Facts, gate: Requirement) -> Finding:
    met, reason = KINDS[str(gate.kind)](facts, gate)
    waived = not met and gate.code in facts.waived
    if waived:
        reason = _("The committee has made an exception: %(what)s.") % {"what": gate.title or _names()[str(gate.kind)]}
    elif not met and gate.code in facts.asked:
        reason = f"{reason} {_('An exception is asked for; the committee has not answered yet.')}"
    elif not met and gate.code in facts.refused:
        reason = f"{reason} {_('An exception was asked for and not granted.')}"
    return Finding(str(gate.kind), gate.code, met or waived, reason, waived, str(gate.consequence))


def _membership(facts: Facts, gate: Requirement) -> tuple[bool, str]:
    if facts.member and facts.member_until:
        until = in_words(facts.member_until, this_year=facts.day.year)
        return True, _("Member until %(day)s.") % {"day": until}
    if facts.member:
        return True, _("On the member list, in good standing.")
    if facts.membership_pending:
        return False, _("The membership is on the list but not confirmed yet.")
    if facts.member_until and facts.member_until < facts.day:
        until = in_words(facts.member_until, this_year=facts.day.year)
        return False, _("The membership on the list ended on %(day)s.") % {"day": until}
    return False, _("We have not found a membership in good standing.")


def _experience(facts: Facts, gate: Requirement) -> tuple[bool, str]:
    asked = gate.years or 0
    if facts.years is None:
        return False, _("The years of experience are not given.")
    have = ngettext("%d year of experience", "%d years of experience", facts.years) % facts.years
    if facts.years >= asked:
        return True, _("%(have)s.") % {"have": have}
    words = ngettext("%(have)s; at least %(asked)d is asked for.", "%(have)s; at least %(asked)d are asked for.", asked)
    return False, words % {"have": have, "asked": asked}


def _training(facts: Facts, gate: Requirement) -> tuple[bool, str]:
    if facts.trained:
        return True, _("Took part in this cycle's workshop.")
    return False, _("Has not taken part in this cycle's workshop yet.")


def _agreement(facts: Facts, gate: Requirement) -> tuple[bool, str]:
    title = gate.title or _names()["agreement"]
    if (gate.code, gate.version) in facts.accepted:
        return True, _("Agreed: %(title)s.") % {"title": title}
    return False, _("Not agreed yet: %(title)s.") % {"title": title}


# A new kind of requirement is one function and one line here.
KINDS: dict[str, Callable[[Facts, Requirement], tuple[bool, str]]] = {
    "membership": _membership,
    "experience": _experience,
    "training": _training,
    "agreement": _agreement,
}


def _names() -> dict[str, str]:
    return {
        "membership": _("membership"),
        "experience": _("years of experience"),
        "training": _("workshop"),
        "agreement": _("agreement"),
    }
