"""Requirements as pure rules: facts in, findings with reasons out."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from programs import gates
from programs.gates import Facts, Finding

TODAY = date(2025, 9, 5)


@dataclass
class Rule:
    kind: str
    code: str = ""
    role: str = ""
    stage: str = "apply"
    consequence: str = "hold"
    title: str = ""
    version: int = 1
    years: int | None = None

    def __post_init__(self):
        self.code = self.code or self.kind


BEA = Facts(role="mentee", day=TODAY)
MO = Facts(role="mentor", day=TODAY, member=True, years=3)
MEMBERSHIP = Rule("membership")
FIVE_YEARS = Rule("experience", role="mentor", consequence="exception", years=5)
CONFIDENTIAL = Rule("agreement", "confidential", title="What we hear stays with us", version=2)


@pytest.mark.requirement("R-KLA-07", "R-KLA-21")
def test_a_member_in_good_standing_meets_the_only_requirement():
    assert gates.findings(MO, [MEMBERSHIP], "apply") == [
        Finding("membership", "membership", True, "On the member list, in good standing.", False, "hold")
    ]
    until = replace(MO, member_until=date(2025, 12, 31))
    assert [str(finding) for finding in gates.findings(until, [MEMBERSHIP], "apply")] == [
        "Member until Wednesday, 31\xa0December."
    ]


@pytest.mark.requirement("R-KLA-07")
@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({}, "We have not found a membership in good standing."),
        ({"membership_pending": True}, "The membership is on the list but not confirmed yet."),
        (
            {"member_until": date(2025, 6, 30)},
            "The membership on the list ended on Monday, 30\xa0June.",
        ),
    ],
)
def test_who_is_no_member_is_told_what_is_known(known, reason):
    [finding] = gates.unmet(replace(BEA, **known), [MEMBERSHIP], "apply")
    assert (finding.met, finding.reason) == (False, reason)


@pytest.mark.requirement("R-KLA-08", "R-KLA-10")
@pytest.mark.parametrize("years", [None, 0, 1, 40])
@pytest.mark.parametrize("role", ["mentor", "mentee"])
def test_where_membership_is_all_that_is_asked_years_and_role_change_nothing(role, years):
    facts = Facts(role=role, day=TODAY, member=True, years=years)
    assert gates.unmet(facts, [MEMBERSHIP], "apply") == []


def test_years_are_asked_of_the_role_that_the_rule_names():
    [finding] = gates.unmet(MO, [FIVE_YEARS], "apply")
    assert finding.reason == "3 years of experience; at least 5 are asked for."
    assert gates.unmet(replace(MO, years=5), [FIVE_YEARS], "apply") == []
    assert gates.unmet(replace(MO, years=None), [FIVE_YEARS], "apply")[0].reason == (
        "The years of experience are not given."
    )
    assert gates.findings(BEA, [FIVE_YEARS], "apply") == []


def test_an_exception_counts_once_it_is_granted_and_says_so():
    asked = gates.findings(replace(MO, asked=frozenset({"experience"})), [FIVE_YEARS], "apply")
    granted = gates.findings(replace(MO, waived=frozenset({"experience"})), [FIVE_YEARS], "apply")
    refused = gates.findings(replace(MO, refused=frozenset({"experience"})), [FIVE_YEARS], "apply")
    assert [(finding.met, finding.waived) for [finding] in (asked, granted, refused)] == [
        (False, False),
        (True, True),
        (False, False),
    ]
    assert asked[0].reason.endswith("the committee has not answered yet.")
    assert granted[0].reason == "The committee has made an exception: years of experience."
    assert refused[0].reason.endswith("not granted.")


def test_an_exception_that_is_not_needed_any_more_is_not_named():
    [finding] = gates.findings(replace(MO, years=7, waived=frozenset({"experience"})), [FIVE_YEARS], "apply")
    assert (finding.met, finding.waived, finding.reason) == (True, False, "7 years of experience.")


@pytest.mark.requirement("R-KLA-03", "R-KLA-06", "R-KLA-22")
def test_an_agreement_counts_in_its_present_version_only():
    old = replace(BEA, accepted=frozenset({("confidential", 1)}))
    new = replace(BEA, accepted=frozenset({("confidential", 2)}))
    assert [finding.reason for finding in gates.unmet(old, [CONFIDENTIAL], "apply")] == [
        "Not agreed yet: What we hear stays with us."
    ]
    assert gates.unmet(new, [CONFIDENTIAL], "apply") == []


def test_each_stage_looks_at_its_own_requirements_and_at_those_of_the_whole_time():
    rules = [
        MEMBERSHIP,
        Rule("training", stage="introduce", consequence="block"),
        Rule("membership", "in_good_standing", stage="start", consequence="tell"),
        Rule("agreement", "conduct", stage="throughout"),
    ]
    codes = {
        stage: [finding.code for finding in gates.findings(BEA, rules, stage)]
        for stage in ("apply", "match", "introduce", "start")
    }
    assert codes == {
        "apply": ["membership", "conduct"],
        "match": ["conduct"],
        "introduce": ["training", "conduct"],
        "start": ["in_good_standing", "conduct"],
    }


def test_who_took_part_in_this_cycles_workshop_is_trained():
    workshop = Rule("training", stage="introduce")
    assert gates.unmet(BEA, [workshop], "introduce")[0].reason == "Has not taken part in this cycle's workshop yet."
    assert gates.unmet(replace(BEA, trained=True), [workshop], "introduce") == []
