"""`manage.py run_due`: without any broker, cron alone does the whole job."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

import mentorships.due
from mail.models import Heartbeat, Message
from mail.tests.make import make_message
from members import clock, journal
from mentorships import check_ins
from mentorships.models import CheckIn
from mentorships.tests.make import make_kla, make_pair
from programs.tests.make import make_cycle, make_person, make_program

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


def going_pairs(*emails):
    """Pairs that were introduced a week ago: this morning both sides are asked whether they are in touch."""
    program = make_kla()
    with clock.at(MORNING - timedelta(days=30)):
        make_cycle(program, announced_on=date(2025, 10, 8), begins_on=date(2025, 10, 8))
    found = []
    for email in emails:
        mentor = make_person(f"mentor-of-{email}", "Mo", "Abbas")
        pair = make_pair(program, mentor, make_person(email, "Bea", "Lindqvist"), introduced=WEEK_AGO)
        found.append(pair)
    Message.objects.all().delete()
    return found


NINE = datetime(2025, 10, 15, 14, tzinfo=UTC)
WEEK_AGO = MORNING - timedelta(days=7)


def test_cron_alone_asks_and_delivers_in_one_call(mailoutbox):
    """No broker, no worker, no beat: the planner writes the mail and the same call sends it."""
    going_pairs("bea@example.org")
    with clock.at(NINE):
        call_command("run_due")
        call_command("run_due")
    assert sorted(mail.to[0].split("<")[1].rstrip(">") for mail in mailoutbox) == [
        "bea@example.org",
        "mentor-of-bea@example.org",
    ]
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"worker", "beat"}


def test_one_row_that_fails_keeps_no_other_from_being_done_and_cron_hears_of_it(mailoutbox, capsys, monkeypatch):
    bad, _good = going_pairs("bea@example.org", "cal@example.org")
    ask = check_ins.ask_together

    def breaks_for_one(questions, **kwargs):
        if bad in [pair for pair, _day, _planned in questions]:
            raise ZeroDivisionError("Bea's own words")
        return ask(questions, **kwargs)

    monkeypatch.setattr(check_ins, "ask_together", breaks_for_one)
    with clock.at(NINE), pytest.raises(CommandError) as refused:
        call_command("run_due")
    assert (refused.value.returncode, str(refused.value)) == (
        1,
        "1 thing that was due could not be done (ZeroDivisionError); the log says more. The rest was done.",
    )
    assert len(mailoutbox) == 2
    assert capsys.readouterr().out.splitlines()[-1] == "3 done"  # the question, and the two mails that left
    monkeypatch.undo()
    with clock.at(NINE + timedelta(hours=1)):
        call_command("run_due")
    assert len(mailoutbox) == 4


def test_a_part_that_cannot_even_look_keeps_no_mail_from_leaving(mailoutbox, monkeypatch):
    make_message()

    def broken(at, *, dry=False):
        raise RuntimeError("a table is gone")
        yield

    monkeypatch.setattr(mentorships.due, "due", broken)
    with pytest.raises(CommandError, match="could not be done"):
        call_command("run_due")
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_a_pair_that_is_paused_or_ended_while_beat_is_at_work_hears_nothing(state):
    first, second = going_pairs("bea@example.org", "cal@example.org")
    with clock.at(NINE):
        lines = mentorships.due.due(NINE)
        assert next(lines).about == f"mentorship:{first.pk}"
        journal.move(second, state)
        assert list(lines) == []
    assert set(Message.objects.values_list("to_email", flat=True)) == {"bea@example.org", "mentor-of-bea@example.org"}
    assert not CheckIn.objects.filter(mentorship=second).exists()
