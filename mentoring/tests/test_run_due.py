"""`manage.py run_due`: without any broker, cron alone does the whole job."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from mail.models import Message
from mail.tests.make import make_message
from members import clock
from programs.tests.make import make_program

pytestmark = pytest.mark.django_db
MORNING = datetime(2025, 10, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _morning():
    with clock.at(MORNING):
        yield


def test_what_waits_leaves_once_however_often_it_is_called(mailoutbox, capsys):
    make_message()
    call_command("run_due")
    call_command("run_due")
    assert len(mailoutbox) == 1
    assert capsys.readouterr().out.splitlines() == [
        "2025-10-15 12:00 program:kla note application:1",
        "1 done",
        "0 done",
    ]


def test_a_dry_run_says_what_is_due_and_does_nothing(mailoutbox, capsys):
    make_message()
    call_command("run_due", "--dry")
    assert capsys.readouterr().out.splitlines()[-1] == "1 due"
    assert mailoutbox == []
    assert Message.objects.get().state == Message.State.QUEUED


def test_a_day_is_done_to_its_end(mailoutbox):
    make_message(1, leaves_at=datetime(2025, 10, 16, 23, 59, tzinfo=UTC))
    make_message(2, leaves_at=datetime(2025, 10, 17, tzinfo=UTC))
    call_command("run_due", "--on", "2025-10-16")
    assert len(mailoutbox) == 1


def test_a_day_ends_when_it_ends_where_the_program_is(mailoutbox):
    make_program(time_zone="America/New_York")
    make_message(1, leaves_at=datetime(2025, 10, 17, 3, 59, tzinfo=UTC))  # 23:59 there
    make_message(2, leaves_at=datetime(2025, 10, 17, 4, 0, tzinfo=UTC))
    call_command("run_due", "--on", "2025-10-16")
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("day", ["tomorrow", "", "2025-13-01", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_is_one_line_and_exit_2(day):
    with pytest.raises(CommandError, match="is not a date like 2025-10-15") as refused:
        call_command("run_due", "--on", day)
    assert refused.value.returncode == 2
