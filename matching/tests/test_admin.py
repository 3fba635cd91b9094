"""What we look at, set up in the admin in words; matches are read there and never typed into."""

import pytest
from django.urls import reverse

from matching import runs
from matching.models import Criterion, Match
from members.models import Entry


@pytest.fixture
def page(client, committee):
    client.force_login(committee["mim"])
    return client


def new(cycle, **fields):
    return {
        "program": cycle.program_id, "label": "The same region", "code": "region", "kind": "same", "weight": "nice",
        "mentee_question": "region", "mentor_question": "region", "order": 9, **fields,
    }  # fmt: skip


ADD = "admin:matching_criterion_add"


def test_the_committee_adds_something_to_look_at_in_words(page, cycle):
    text = page.get(reverse(ADD)).content.decode()
    assert "most important" in text
    assert "---------" not in text.split("What is compared")[1]
    answer = page.post(reverse(ADD), new(cycle))
    assert answer.status_code == 302
    added = Criterion.objects.get(code="region")
    assert (added.weight, added.points) == ("nice", None)
    assert Entry.objects.get(verb="added").about == f"criterion:{added.pk}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mentee_question": "shoe_size"}, "asks no such question"),
        ({"kind": "wish"}, "for wishes only the one in which they are told"),
        ({"mentor_question": ""}, "Name the mentee"),
        ({"kind": "gap", "low": 9, "high": 3}, "The range must end after it begins"),
        ({"code": "goals"}, "short name already"),
    ],
)
def test_what_cannot_be_compared_is_said_and_not_saved(page, cycle, wrong, said):
    before = Criterion.objects.count()
    answer = page.post(reverse(ADD), new(cycle, **wrong))
    assert said in answer.content.decode()
    assert Criterion.objects.count() == before


def test_an_importance_is_changed_and_the_next_suggestion_weighs_it(page, cycle, chi, mo, bea):
    row = Criterion.objects.get(code="library_type")
    first = runs.suggest(cycle, by=chi).total
    url = reverse("admin:matching_criterion_change", args=[row.pk])
    fields = new(cycle, label=row.label, mentee_question="library_type", mentor_question="library_type", weight="nice")
    assert page.post(url, fields).status_code == 302
    assert runs.suggest(cycle, by=chi).total > first


def test_matches_are_read_and_not_typed_into(page, cycle, chi, ann, bea):
    runs.suggest(cycle, by=chi)
    match = Match.objects.get()
    url = reverse("admin:matching_match_change", args=[match.pk])
    assert page.get(reverse("admin:matching_match_changelist")).status_code == 200
    assert page.get(url).status_code == 200
    assert page.post(url, {"state": "introduced"}).status_code == 403
    assert page.get(reverse("admin:matching_match_add")).status_code == 403
    assert page.post(reverse("admin:matching_match_delete", args=[match.pk]), {"post": "yes"}).status_code == 403
    match.refresh_from_db()
    assert match.state == "draft"


def test_who_has_no_seat_there_sees_neither(client, committee, cycle, chi, ann, bea):
    runs.suggest(cycle, by=chi)
    client.force_login(committee["lee"])
    assert client.get(reverse("admin:matching_match_changelist")).status_code == 403
    client.force_login(ann.user)
    assert client.get(reverse("admin:matching_match_change", args=[Match.objects.get().pk])).status_code == 302
