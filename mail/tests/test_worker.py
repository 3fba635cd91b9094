"""Mail through real processes: a worker over Redis and over files, a beat, workers that are killed; a real mail server."""

import json
import os
import random
import time

import pytest

from mail.tests.house import House, Sink, go

pytestmark = [pytest.mark.kill, pytest.mark.django_db]
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


@pytest.fixture
def sink():
    sink = Sink()
    sink.controller.start()
    yield sink
    sink.controller.stop()


@pytest.fixture
def build(tmp_path, sink):
    houses = []

    def build(broker):
        house = House(tmp_path, sink, broker)
        houses.append(house)
        house.stage("tables")
        return house

    yield build
    for house in houses:
        house.close()


@pytest.mark.parametrize("broker", [REDIS, ""], ids=["redis", "files"])
def test_a_mail_leaves_through_a_real_worker_and_what_it_was_not_told_of_is_swept(build, sink, broker):
    house = build(broker)
    worker = house.worker()
    house.stage("queue", "1")
    house.wait_for(1)
    [mail] = sink.mails
    assert mail["From"] == "KLA Mentoring Program <mentoring@localhost>"
    assert mail["To"] == "Bea <reader0@example.org>"
    assert mail["Reply-To"] == "mentoring@kla.example.org"
    assert [part.get_content_type() for part in mail.get_payload()] == ["text/plain", "text/html"]

    house.environment["MAIL_WAKE"] = "no"
    house.stage("queue", "3")  # the first of them was promised before
    assert json.loads(house.stage("signs")) == ["worker"]
    house.beat()
    house.wait_for(3)
    assert json.loads(house.stage("signs")) == ["beat", "worker"]
    worker.terminate()
    assert worker.wait(timeout=60) == 0
    assert house.states() == dict.fromkeys(sink.counts(), "sent")
    assert sorted(sink.counts().values()) == [1, 1, 1]


def test_workers_that_are_killed_repeat_nothing_and_lose_nothing_silently(build, sink):
    kills, mails = 5, 150
    sink.slowness = 0.1
    house = build("")
    house.stage("queue", str(mails))
    dice = random.Random(5)
    crew = house.crew(kills + 1)
    go(crew)
    for victim in crew[:kills]:
        house.wait_for(len(sink.mails) + dice.randint(3, 12))
        victim.kill()
    crew[kills].wait(timeout=150)
    house.stage("deliver", "11")  # when the leases are over
    states, counts = house.states(), sink.counts()
    assert len(states) == mails
    assert set(states.values()) <= {"sent", "uncertain"}
    assert set(counts.values()) == {1}
    assert {number for number, state in states.items() if state == "sent"} <= set(counts)
    assert sum(state == "uncertain" for state in states.values()) <= kills  # at most the one that each had in its hands


def test_while_mail_is_stopped_worker_and_beat_send_nothing(build, sink):
    house = build("")
    house.stage("stop")
    house.worker()
    house.beat()
    house.stage("queue", "3")
    end = time.monotonic() + 60
    while json.loads(house.stage("signs")) != ["beat", "worker"] and time.monotonic() < end:
        time.sleep(0.5)
    time.sleep(3)  # three more sweeps
    assert sink.mails == []
    assert list(house.states().values()) == ["queued"] * 3


def test_the_control_without_claims_two_workers_send_twice(build, sink):
    sink.slowness = 0.1
    house = build("")
    house.stage("queue", "20")
    go(house.crew(2, "0", "none"))
    house.wait_for(20)
    assert max(sink.counts().values()) > 1
