"""Who writes first, and what happens when nobody does: the mentor is asked to, after ten days the mentee is told they may."""

from datetime import date

import pytest

from mail.models import Message
from mentorships import check_ins
from mentorships.models import CheckIn
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, on
from programs.models import Seat
from programs.tests.make import make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db
DAY_TEN = date(2025, 10, 25)


def text_of(name, user):
    return " ".join(Message.objects.get(name=name, to_email=user.email).text.split())


@pytest.fixture
def pair():
    program = make_kla(first_contact="mentor", liaisons=True, contact_word="liaison")
    make_cycle(program)
    make_seat(program, make_person("lee@kla.example.org", "Lee", "Harper"), Seat.Role.LIAISON)
    return make_pair(program)


@pytest.mark.requirement("R-NMRT-12")
def test_the_introduction_asks_the_mentor_to_begin(pair):
    text = " ".join(Message.objects.get(name="introduction").text.split())
    assert "Mo writes first. Bea, you may write any time too." in text


@pytest.mark.requirement("R-NMRT-12", "R-NMRT-17", "R-NMRT-18", "R-NASIG-20", "R-NASIG-53")
def test_when_nobody_wrote_the_mentor_is_reminded_and_the_mentee_may_begin(pair):
    do_what_is_due(date(2025, 10, 22))
    asked = Message.objects.filter(name="first_contact")
    assert {(mail.to_email, mail.reply_to) for mail in asked} == {
        (pair.mentor.email, "lee@kla.example.org, mentoring@kla.example.org"),
        (pair.mentee.email, "lee@kla.example.org, mentoring@kla.example.org"),
    }
    do_what_is_due(date(2025, 10, 24))
    assert not Message.objects.filter(name="write_first").exists()
    do_what_is_due(DAY_TEN)
    do_what_is_due(DAY_TEN)
    to_mentor, to_mentee = text_of("write_first", pair.mentor), text_of("write_first", pair.mentee)
    assert "Bea" in to_mentor
    assert "Mo" in to_mentee
    assert to_mentor != to_mentee
    assert Message.objects.filter(name="write_first").count() == 2


@pytest.mark.requirement("R-NASIG-20", "R-NASIG-53")
def test_who_has_been_in_touch_is_left_in_peace(pair):
    do_what_is_due(date(2025, 10, 22))
    with on(2025, 10, 23):
        check_ins.answer(CheckIn.objects.get(user=pair.mentee), CheckIn.Word.YES, by=pair.mentee)
    do_what_is_due(DAY_TEN)
    assert not Message.objects.filter(name="write_first").exists()


@pytest.mark.requirement("R-NASIG-28")
def test_the_third_week_brings_the_pair_to_speak_of_what_they_expect(pair):
    do_what_is_due(date(2025, 11, 3))
    for user in (pair.mentor, pair.mentee):
        text = text_of("plan", user)
        assert "What should be different in a year?" in text
        assert "How often, and how much time a month suits you both?" in text
