"""Signs of life: what the worker and beat write, and when mail counts as stuck."""

from datetime import UTC, datetime, timedelta

import pytest

from mail import heartbeat, stopping, tasks
from mail.models import Heartbeat
from mail.tests.make import NOW, make_message

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def all_is_well():
    heartbeat.note(heartbeat.WORKER, NOW)
    heartbeat.note(heartbeat.BEAT, NOW)


def test_a_sign_of_life_is_one_row_for_each_part():
    all_is_well()
    heartbeat.note(heartbeat.WORKER, NOW + MINUTE)
    assert dict(Heartbeat.objects.values_list("name", "at")) == {"worker": NOW + MINUTE, "beat": NOW}


def test_the_worker_writes_each_time_it_runs_and_beat_each_time_it_sends_for_the_sweep():
    before = datetime.now(UTC)
    tasks.deliver()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["worker"]
    tasks.beat_is_at_work()
    assert sorted(Heartbeat.objects.values_list("name", flat=True)) == ["beat", "worker"]
    assert all(row.at >= before for row in Heartbeat.objects.all())


def test_mail_is_late_once_it_has_waited_for_a_quarter_of_an_hour():
    all_is_well()
    make_message()
    assert heartbeat.look(NOW + 15 * MINUTE).is_well
    health = heartbeat.look(NOW + 16 * MINUTE)
    assert (health.waiting, health.is_late, health.is_well) == (16 * MINUTE, True, False)


def test_a_part_that_is_silent_for_half_an_hour_is_named():
    all_is_well()
    heartbeat.note(heartbeat.WORKER, NOW + 20 * MINUTE)
    assert heartbeat.look(NOW + 30 * MINUTE).is_well
    health = heartbeat.look(NOW + 31 * MINUTE)
    assert (health.silent, health.is_well) == (["beat"], False)


def test_a_site_whose_worker_was_never_heard_of_is_not_well():
    heartbeat.note(heartbeat.BEAT, NOW)
    health = heartbeat.look(NOW)
    assert (health.silent, health.is_well) == ([], False)


def test_what_is_stopped_on_purpose_or_waits_for_its_hour_is_not_late():
    all_is_well()
    make_message(1)
    make_message(2, scope="program:nela", leaves_at=NOW + 60 * MINUTE)
    stopping.stop("program:kla", now=NOW)
    assert heartbeat.look(NOW + 20 * MINUTE) == heartbeat.Health(
        None, {"beat": 20 * MINUTE, "worker": 20 * MINUTE}, stops=1
    )
