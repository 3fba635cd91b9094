"""Good standing on a day: by verified addresses, by the list of that day, the past never rewritten."""

from datetime import UTC, date, datetime

import pytest

from members import clock, standing
from members.journal import NotAllowed
from members.models import Entry, Membership
from members.standing import Standing
from members.tests.make import bring_in, make_association, make_row
from programs.tests.make import make_person

pytestmark = pytest.mark.django_db
BEA, OTHER = "bea@larkin.example.net", "bea.lindqvist@home.example.net"


@pytest.fixture
def kla():
    return make_association()


@pytest.fixture
def chi():
    return make_person("chi@kla.example.org", "Chi", "Harper")


@pytest.mark.parametrize(
    ("day", "good"),
    [
        (date(2019, 12, 31), False),
        (date(2020, 1, 1), True),
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),
    ],
)
def test_a_membership_counts_from_its_first_day_to_its_last(kla, day, good):
    bring_in(kla, date(2025, 9, 1), make_row(BEA))
    assert standing.of([BEA], kla, day).good is good


@pytest.mark.parametrize(
    ("status", "good", "pending"),
    [("Active", True, False), ("Grace", True, False), ("PendingNew", False, True), ("Lapsed", False, False)],
)
def test_the_associations_own_statuses_decide(kla, status, good, pending):
    bring_in(kla, date(2025, 9, 1), make_row(BEA, status))
    assert standing.of([BEA], kla, date(2025, 9, 1)) == Standing(good, pending, status, date(2025, 12, 31), "KLA-1")


def test_who_is_not_on_the_list_is_in_no_standing(kla):
    assert standing.of([BEA], kla, date(2025, 9, 1)) == Standing()
    assert standing.of([], kla, date(2025, 9, 1)) == Standing()


def test_any_of_the_own_addresses_counts_in_any_case(kla):
    bring_in(kla, date(2025, 9, 1), make_row(OTHER), make_row(BEA, "Lapsed", number="KLA-2"))
    assert standing.of([BEA.upper(), OTHER.upper()], kla, date(2025, 9, 1)).number == "KLA-1"


def test_another_associations_list_does_not_count(kla):
    bring_in(make_association("nela"), date(2025, 9, 1), make_row(BEA))
    assert standing.of([BEA], kla, date(2025, 9, 1)) == Standing()


def test_the_offices_yes_counts_from_the_day_of_joining_and_is_in_the_history(kla, chi):
    with clock.at(datetime(2025, 9, 10, 12, tzinfo=UTC)):
        said = standing.confirm(kla, BEA, by=chi, joined_on=date(2025, 9, 4), number="KLA-77")
    assert (said.source, said.valid_from, said.valid_until) == (Membership.Source.OFFICE, date(2025, 9, 4), None)
    assert standing.of([BEA], kla, date(2025, 9, 3)).good is False
    assert standing.of([BEA], kla, date(2025, 9, 4)) == Standing(True, False, "Active", None, "KLA-77")
    assert list(Entry.objects.values_list("verb", "actor")) == [("membership confirmed", chi.pk)]


def test_the_offices_yes_for_a_member_under_another_address_is_like_that_membership(kla, chi):
    bring_in(kla, date(2025, 9, 1), make_row(OTHER))
    with clock.at(datetime(2025, 9, 10, 12, tzinfo=UTC)):
        standing.confirm(kla, BEA, by=chi, like=Membership.objects.get())
    assert standing.of([BEA], kla, date(2025, 9, 10)) == Standing(True, False, "Active", date(2025, 12, 31), "KLA-1")


def test_the_offices_yes_leaves_what_the_list_said_before(kla, chi):
    bring_in(kla, date(2025, 9, 1), make_row(BEA, "PendingRenewal"))
    with clock.at(datetime(2025, 9, 10, 12, tzinfo=UTC)):
        standing.confirm(kla, BEA, by=chi)
    assert [standing.of([BEA], kla, date(2025, 9, day)).status for day in (9, 10)] == ["PendingRenewal", "Active"]


def test_the_same_old_list_does_not_take_the_offices_yes_back_but_news_does(kla, chi):
    bring_in(kla, date(2025, 9, 1), make_row(BEA, "PendingRenewal"))
    with clock.at(datetime(2025, 9, 10, 12, tzinfo=UTC)):
        standing.confirm(kla, BEA, by=chi)
    assert bring_in(kla, date(2025, 9, 20), make_row(BEA, "PendingRenewal")).changed == 0
    assert standing.of([BEA], kla, date(2025, 9, 20)).good is True
    assert bring_in(kla, date(2025, 9, 25), make_row(BEA, "Lapsed")).changed == 1
    assert [standing.of([BEA], kla, date(2025, 9, day)).good for day in (24, 25)] == [True, False]


def test_without_a_good_status_the_office_is_asked_for_one_first(kla, chi):
    kla.good_statuses = []
    with pytest.raises(NotAllowed):
        standing.confirm(kla, BEA, by=chi)
