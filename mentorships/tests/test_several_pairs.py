"""Who has several pairs is asked about all of them by one mail, and answers for each."""

from datetime import date, timedelta

import pytest

from mail import delivery, links
from mail.models import Message
from members import clock
from mentorships import check_ins, days, terms
from mentorships.models import CheckIn, Mentorship
from mentorships.tests.make import FIRST_CONTACT_DAY, MONTH_TWO, add_mentee, do_what_is_due, make_kla, make_pair, on
from programs.models import Program, Role, Seat
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db
State = Message.State
REMINDED = FIRST_CONTACT_DAY + timedelta(days=days.REMINDERS[0])


@pytest.fixture
def pairs():
    """Mo with Bea, Cal and Dan."""
    first = make_pair(make_kla(mentor_capacity=3), mentors={"mentees_wanted": 3})
    others = [make_person(f"{name.lower()}@larkin.example.net", name, "Okafor") for name in ("Cal", "Dan")]
    return [first, *(add_mentee(first.mentor_application, person) for person in others)]


def mails(name, to="mo@farrow.example.org"):
    return list(Message.objects.filter(name=name, to_email=to).order_by("pk"))


def waits(name):
    return [mail for mail in mails(name) if mail.state == State.QUEUED]


def of(pair, role=Role.MENTOR, moment="first_contact"):
    return CheckIn.objects.select_related("mentorship__cycle__program", "user").get(
        mentorship=pair, role=role, moment=moment
    )


def asks_about(mail):
    """Which questions a mail has answers for, each once."""
    found = [int(part.split("?")[0]) for part in mail.text.split("[[link:check-in:")[1:]]
    return list(dict.fromkeys(found))


def test_a_mentor_of_three_is_asked_once_with_the_answers_for_each(pairs):
    done = do_what_is_due(FIRST_CONTACT_DAY)
    assert done == [("first_contact", f"mentorship:{pair.pk}") for pair in pairs]
    [mail] = mails("first_contact")
    assert mail.subject == "Have you and Bea, Cal and Dan been in touch?"
    assert asks_about(mail) == [of(pair).pk for pair in pairs]
    words = " ".join(mail.text.split())
    for said in (
        "Mo, have you and Bea, Cal and Dan been in touch?",
        "A week ago we introduced you. One tap for each is enough",
        "None of them sees it, and each is asked the same question separately.",
        "a mentoring year with Bea Lindqvist, Cal Okafor and Dan Okafor",
    ):
        assert said in words
    assert [mail.text.index(name) for name in ("Bea Lindqvist\n", "Cal Okafor\n", "Dan Okafor\n")] == sorted(
        mail.text.index(name) for name in ("Bea Lindqvist\n", "Cal Okafor\n", "Dan Okafor\n")
    )
    for pair in pairs:
        [theirs] = mails("first_contact", pair.mentee.email)
        assert asks_about(theirs) == [of(pair, Role.MENTEE).pk]
        assert "Mo does not see it" in " ".join(theirs.text.split())


def test_each_link_of_the_one_mail_opens_its_own_question(client, pairs):
    do_what_is_due(FIRST_CONTACT_DAY)
    [mail] = mails("first_contact")
    with on(2025, 10, 23):
        for pair in pairs:
            url = links.sign(mail, links.placeholder("check-in", of(pair).pk))
            assert f"you and {pair.mentee.get_short_name()}" in " ".join(client.get(url).content.decode().split())


def test_the_later_question_and_its_reminders_come_together_too(pairs):
    do_what_is_due(MONTH_TWO)
    assert len(mails("check_in")) == 1
    for number in days.REMINDERS:
        do_what_is_due(MONTH_TWO + timedelta(days=number))
    assert [asks_about(mail) for mail in mails("check_in_reminder")] == [
        [of(pair, moment="check_in").pk for pair in pairs]
    ] * 2


def test_a_reminder_asks_about_those_who_are_still_open(pairs):
    do_what_is_due(FIRST_CONTACT_DAY)
    with on(2025, 10, 23):
        check_ins.answer(of(pairs[1]), "yes", by=pairs[0].mentor)
    do_what_is_due(REMINDED)
    [mail] = waits("check_in_reminder")
    assert asks_about(mail) == [of(pairs[0]).pk, of(pairs[2]).pk]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_reminder_that_waits_goes_on_without_what_was_answered(pairs, which):
    do_what_is_due(FIRST_CONTACT_DAY)
    do_what_is_due(REMINDED)
    with on(2025, 10, 28):
        check_ins.answer(of(pairs[which]), "yes", by=pairs[0].mentor)
    rest = [pair for pair in pairs if pair != pairs[which]]
    [mail] = waits("check_in_reminder")
    assert asks_about(mail) == [of(pair).pk for pair in rest]
    assert (mail.kind, mail.good_until) == ("nudge", days.morning(date(2025, 11, 1), "America/New_York"))
    with on(2025, 10, 28):
        for pair in rest:
            check_ins.answer(of(pair), "yes", by=pair.mentor)
    assert waits("check_in_reminder") == []


def test_a_pair_that_ends_is_not_named_any_more(pairs):
    do_what_is_due(FIRST_CONTACT_DAY)
    with on(2025, 10, 23):
        terms.end_early(pairs[1], by=None, reason="time")
    [mail] = waits("first_contact")
    assert "Cal" not in mail.text
    assert asks_about(mail) == [of(pairs[0]).pk, of(pairs[2]).pk]


def test_one_that_somebody_holds_stays_held_without_what_was_answered(pairs):
    do_what_is_due(FIRST_CONTACT_DAY)
    Message.objects.filter(name="first_contact").update(state=State.HELD)
    with on(2025, 10, 23):
        check_ins.answer(of(pairs[0]), "yes", by=pairs[0].mentor)
    held = [mail for mail in mails("first_contact") if mail.state == State.HELD]
    assert [asks_about(mail) for mail in held] == [[of(pairs[1]).pk, of(pairs[2]).pk]]


def test_what_has_left_is_not_sent_again_for_the_rest(pairs):
    do_what_is_due(FIRST_CONTACT_DAY)
    delivery.deliver(clock.end_of(FIRST_CONTACT_DAY, "America/New_York"))
    with on(2025, 10, 23):
        check_ins.answer(of(pairs[0]), "yes", by=pairs[0].mentor)
    assert [mail.state for mail in mails("first_contact")] == [State.SENT]


def test_a_mentor_who_is_a_mentee_as_well_gets_one_mail_and_others_their_own(pairs):
    ann = make_person("ann@farrow.example.org", "Ann", "Farrow")
    make_pair(pairs[0].program, ann, pairs[0].mentor, cycle=pairs[0].cycle)
    do_what_is_due(FIRST_CONTACT_DAY)
    [mail] = mails("first_contact")
    assert len(asks_about(mail)) == 4
    assert len(mails("first_contact", ann.email)) == 1


def test_pairs_with_different_contact_persons_answer_to_the_committee(pairs):
    program = pairs[0].program
    Program.objects.update(liaisons=True)
    for name, pair in zip(("Lee", "Lou"), pairs, strict=False):
        person = make_person(f"{name.lower()}@kla.example.org", name, "Harper")
        make_seat(program, person, Seat.Role.LIAISON)
        Mentorship.objects.filter(pk=pair.pk).update(liaison=person)
    do_what_is_due(FIRST_CONTACT_DAY)
    [mail] = mails("first_contact")
    assert mail.reply_to == program.reply_to


def test_two_programs_ask_each_for_itself(pairs):
    other = make_kla("other")
    make_pair(other, pairs[0].mentor, make_person("eve@larkin.example.net", "Eve", "Okafor"))
    do_what_is_due(FIRST_CONTACT_DAY)
    assert sorted(len(asks_about(mail)) for mail in mails("first_contact")) == [1, 3]


def test_asked_once_more_by_a_second_beat_nobody_gets_anything(pairs):
    do_what_is_due(FIRST_CONTACT_DAY)
    planned = days.Planned(of(pairs[0]).plan_id, "first_contact", 7)
    with on(2025, 10, 22):
        assert check_ins.ask_together([(pair, of(pair).due_on, planned) for pair in pairs], at=clock.now()) == []
    assert len(mails("first_contact")) == 1
