"""A mail server that takes nothing: the committee reads since when, and what it said."""

from datetime import timedelta

import pytest

from mail import heartbeat, server
from mail.tests.make import NOW, make_message
from members import clock
from mentoring import mail_room
from programs.tests.make import make_program

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def kla():
    heartbeat.note(heartbeat.WORKER, NOW + 16 * MINUTE)
    heartbeat.note(heartbeat.BEAT, NOW + 16 * MINUTE)
    return make_program("kla")


def test_since_when_and_what_it_said_stand_on_the_first_page_after_a_quarter_of_an_hour(kla):
    make_message(leaves_at=NOW)
    server.is_away("[Errno 111] Connection refused", NOW)
    server.is_away("535 wrong password.", NOW + 10 * MINUTE)
    assert mail_room.stuck(kla, NOW + 15 * MINUTE) == ""
    assert mail_room.stuck(kla, NOW + 16 * MINUTE).replace("\xa0", " ") == (
        "Since Wednesday, 15 October, 08:00 Eastern the mail server takes nothing. "
        "What was heard last: “535 wrong password”."
    )
    assert "the mail server has taken nothing for 16 minutes (535 wrong password.)" in mail_room.how_it_goes(
        NOW + 16 * MINUTE
    )
    server.is_back()
    assert "the mail server" not in mail_room.how_it_goes(NOW)


def test_while_no_mail_waits_nobody_knows_whether_it_is_back_and_nothing_is_said(kla):
    server.is_away("[Errno 111] Connection refused", NOW)
    assert mail_room.stuck(kla, NOW + 16 * MINUTE) == ""


def test_what_it_put_off_is_counted(kla):
    make_message(attempts=1, leaves_at=NOW + 5 * MINUTE, refusal="451 not now")
    assert "the mail server put off 1 mail, tried again by itself" in mail_room.how_it_goes(NOW)
