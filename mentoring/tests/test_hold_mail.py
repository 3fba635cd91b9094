"""A restored backup sends nothing by itself: `manage.py hold_mail`, then `release_mail`; cron alone does the whole job."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from mail import heartbeat, stopping, tasks
from mail.models import Heartbeat, Message, Stop
from mail.tests.make import make_message
from members import clock
from members.models import Entry
from mentoring import planner
from programs.tests.make import make_program

pytestmark = pytest.mark.django_db
MORNING = datetime(2025, 10, 15, 12, tzinfo=UTC)
YESTERDAY = MORNING - timedelta(days=1)


@pytest.fixture(autouse=True)
def _morning():
    with clock.at(MORNING):
        yield


def yesterdays_rows():
    """The outbox as the dump of last night holds it: mail that has left since, some for later today, an old code."""
    for number in range(10):
        make_message(number, queued_at=YESTERDAY, leaves_at=YESTERDAY + timedelta(minutes=number))
    for number in range(10, 15):
        make_message(number, queued_at=YESTERDAY, leaves_at=MORNING + timedelta(minutes=number))
    make_message(20, queued_at=YESTERDAY, leaves_at=YESTERDAY, secret=True, scope="site")


def an_hour():
    """Beat, worker and cron for an hour."""
    for minute in range(61):
        at = MORNING + timedelta(minutes=minute)
        with clock.at(at):
            list(planner.due(at))
    tasks.sweep()


def test_a_restored_backup_that_is_held_sends_nothing_for_an_hour_and_then_each_mail_once(mailoutbox):
    yesterdays_rows()
    call_command("hold_mail", because="restored on Wednesday")
    an_hour()
    assert mailoutbox == []
    call_command("release_mail")
    an_hour()
    assert Counter(sent.extra_headers["Message-ID"] for sent in mailoutbox) == {
        f"<note-{number}@kla.example.org>": 1 for number in range(15)
    }


def test_the_control_a_restored_backup_that_nobody_holds_sends_what_has_left_since(mailoutbox):
    yesterdays_rows()
    an_hour()
    assert len(mailoutbox) == 16


def test_both_commands_say_in_one_line_what_they_did_and_doing_it_twice_changes_nothing(capsys):
    make_program()
    make_message(leaves_at=YESTERDAY)
    for name in ("hold_mail", "hold_mail", "release_mail", "release_mail"):
        call_command(name)
    assert capsys.readouterr().out.replace("\xa0", " ").splitlines() == [
        "Mail is held since Wednesday, 15 October, 12:00 UTC. Ready to leave and waiting: 1.",
        "Mail was held already, since Wednesday, 15 October, 12:00 UTC; nothing was changed."
        " Ready to leave and waiting: 1.",
        "Mail leaves again: 1, the oldest promised for Tuesday, 14 October, 12:00 UTC.",
        "Mail is not held. Nothing was changed.",
    ]
    assert list(Entry.objects.order_by("pk").values_list("verb", "scope", "role")) == [
        ("held_mail", "program:kla", "system"),
        ("released_mail", "program:kla", "system"),
    ]


def test_a_look_before_releasing_changes_nothing(capsys):
    make_message()
    call_command("hold_mail")
    call_command("release_mail", "--dry")
    assert "Would leave: 1, the oldest promised for" in capsys.readouterr().out
    assert Stop.objects.count() == 1


def test_a_program_that_its_committee_stopped_stays_stopped(capsys, mailoutbox):
    make_message(1)
    make_message(2, scope="program:nela")
    stopping.stop("program:kla", now=MORNING)
    call_command("hold_mail")
    call_command("release_mail")
    assert capsys.readouterr().out.splitlines()[-1].endswith("Programs that stay stopped by their committees: 1.")
    call_command("run_due")
    assert list(Message.objects.filter(state="sent").values_list("scope", flat=True)) == ["program:nela"]


@pytest.mark.parametrize("reason", ["x" * 201, "two\nlines", "\x00"])
def test_a_reason_that_is_no_line_is_refused_with_exit_2(reason):
    with pytest.raises(CommandError, match="one line of 200 characters") as refused:
        call_command("hold_mail", because=reason)
    assert refused.value.returncode == 2
    assert not Stop.objects.exists()


def test_cron_alone_counts_as_worker_and_beat_but_a_look_or_another_day_does_not():
    call_command("run_due", "--dry")
    call_command("run_due", "--on", "2025-10-16")
    assert not Heartbeat.objects.exists()
    call_command("run_due")
    assert dict(Heartbeat.objects.values_list("name", "at")) == {heartbeat.WORKER: MORNING, heartbeat.BEAT: MORNING}
