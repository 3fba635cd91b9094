"""Mail through real processes: a worker over Redis and over files, a beat; a real mail server."""

import time

import pytest

from mail.tests.house import REDIS

pytestmark = [pytest.mark.kill, pytest.mark.django_db]


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
    assert house.signs() == ["worker"]
    house.beat()
    house.wait_for(3)
    assert house.signs() == ["beat", "worker"]
    worker.terminate()
    assert worker.wait(timeout=60) == 0
    assert house.states() == dict.fromkeys(sink.counts(), "sent")
    assert sorted(sink.counts().values()) == [1, 1, 1]


def test_while_mail_is_stopped_worker_and_beat_send_nothing(build, sink):
    house = build("")
    house.stage("stop")
    house.worker()
    house.beat()
    house.stage("queue", "3")
    end = time.monotonic() + 60
    while house.signs() != ["beat", "worker"] and time.monotonic() < end:
        time.sleep(0.5)
    time.sleep(3)  # three more sweeps
    assert sink.mails == []
    assert list(house.states().values()) == ["queued"] * 3
