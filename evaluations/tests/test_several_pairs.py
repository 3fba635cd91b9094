"""Who had several pairs in a cycle is asked how it was by one mail, with a button for each."""

from datetime import timedelta

import pytest

from evaluations import receipts, responses
from evaluations.models import Receipt
from evaluations.tests.make import AFTER, HALFWAY, do_what_is_due, make_evaluated_kla
from mail import addresses
from mail.models import Message
from mentorships import several
from mentorships.tests.make import add_mentee, make_pair, on
from programs.models import Role
from programs.tests.make import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def pairs():
    """Mo with Bea, Cal and Dan."""
    first = make_pair(make_evaluated_kla(mentor_capacity=3), mentors={"mentees_wanted": 3})
    others = [make_person(f"{name.lower()}@larkin.example.net", name, "Okafor") for name in ("Cal", "Dan")]
    return [first, *(add_mentee(first.mentor_application, person) for person in others)]


def waits(name, to="mo@farrow.example.org"):
    return list(Message.objects.filter(name=name, to_email=to, state="queued").order_by("pk"))


def of(pair, role=Role.MENTOR):
    return Receipt.objects.get(term__mentorship=pair, role=role, moment="end")


def asks_about(mail):
    return [int(part.split("]]")[0]) for part in mail.text.split("[[link:evaluation:")[1:]]


def test_a_mentor_of_three_is_asked_once_and_reminded_once(pairs):
    assert do_what_is_due(AFTER) == ["evaluation"] * 6
    [mail] = waits("evaluation")
    assert asks_about(mail) == [of(pair).pk for pair in pairs]
    words = " ".join(mail.text.split())
    assert "Your mentoring year with Bea, Cal and Dan is over." in words
    assert "None of the others reads any of it." in words
    assert [f"Tell us about {name}:" in words for name in ("Bea Lindqvist", "Cal Okafor", "Dan Okafor")] == [True] * 3
    assert [len(waits("evaluation", pair.mentee.email)) for pair in pairs] == [1, 1, 1]
    for number, days in enumerate(receipts.REMINDERS, start=1):
        do_what_is_due(AFTER + timedelta(days=days))
        assert len(waits("evaluation_reminder")) == number
    assert do_what_is_due(AFTER) == []


def test_who_has_more_pairs_than_one_mail_has_room_for_gets_two(pairs, monkeypatch):
    monkeypatch.setattr(several, "MOST_IN_ONE", 2)
    do_what_is_due(AFTER)
    do_what_is_due(AFTER + timedelta(days=7))
    found = [of(pair).pk for pair in pairs]
    assert [[asks_about(mail) for mail in waits(name)] for name in ("evaluation", "evaluation_reminder")] == [
        [found[:2], found[2:]]
    ] * 2


def test_there_is_room_for_the_longest_name():
    longest = several.key("check-in", [Receipt(pk=10**10 - 1) for _ in range(several.MOST_IN_ONE)], "reminder:2")
    assert len(longest + addresses.ALONE) <= Message._meta.get_field("key").max_length


@pytest.mark.parametrize("which", [0, 1, 2])
def test_what_was_answered_is_left_out_of_a_reminder_that_waits(pairs, which):
    do_what_is_due(AFTER)
    do_what_is_due(AFTER + timedelta(days=7))
    with on(2026, 10, 23):
        responses.answer(of(pairs[which]), {"fit": "mostly"}, by=pairs[0].mentor)
    rest = [of(pair).pk for pair in pairs if pair != pairs[which]]
    assert [asks_about(mail) for mail in waits("evaluation_reminder")] == [rest]
    assert [asks_about(mail) for mail in waits("evaluation")] == [rest]
    with on(2026, 10, 23):
        for pk in rest:
            responses.answer(Receipt.objects.get(pk=pk), {"fit": "mostly"}, by=pairs[0].mentor)
    assert waits("evaluation_reminder") == waits("evaluation") == []


def test_a_pair_that_may_still_end_is_asked_halfway_for_itself(pairs):
    do_what_is_due(HALFWAY)
    assert len(waits("midway")) == 3
