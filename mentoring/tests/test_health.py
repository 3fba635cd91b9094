"""/health: what a monitor learns, and that it learns nothing about anybody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from mail import heartbeat, stopping
from mail.tests.make import make_message
from members import clock
from programs.tests.make import assert_writes_nothing

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 10, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


def at_work(minutes_ago=1):
    for part in (heartbeat.WORKER, heartbeat.BEAT):
        heartbeat.note(part, NOW - timedelta(minutes=minutes_ago))


def test_all_is_well(client):
    at_work()
    response = assert_writes_nothing(client, "/health")
    assert response.json() == {
        "ok": True, "oldest_waiting_seconds": None, "worker_seconds": 60, "beat_seconds": 60, "stops": 0,
    }  # fmt: skip
    assert "no-store" in response["Cache-Control"]


def test_mail_that_waits_too_long_is_503_with_its_age_and_nothing_about_it(client):
    at_work()
    make_message(leaves_at=NOW - timedelta(minutes=16))
    response = client.get("/health")
    assert (response.status_code, response.json()["oldest_waiting_seconds"]) == (503, 960)
    assert b"Bea" not in response.content
    assert b"program:kla" not in response.content


@pytest.mark.parametrize("minutes", [31, None])
def test_a_worker_that_is_silent_or_was_never_heard_of_is_503(client, minutes):
    if minutes:
        at_work(minutes)
    assert client.get("/health").status_code == 503


def test_what_is_stopped_on_purpose_is_counted_and_well(client):
    at_work()
    make_message(leaves_at=NOW - timedelta(hours=2))
    stopping.stop("program:kla", now=NOW)
    response = client.get("/health")
    assert (response.status_code, response.json()["stops"]) == (200, 1)


def test_a_database_that_is_away_is_503(client, monkeypatch):
    def away(now):
        raise OperationalError("could not connect to postgres at 10.0.0.7")

    monkeypatch.setattr(heartbeat, "look", away)
    response = client.get("/health")
    assert (response.status_code, response.json()) == (503, {"ok": False, "database": "away"})


def test_nothing_is_sent_to_it(client):
    assert client.post("/health").status_code == 405
