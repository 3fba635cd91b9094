"""Mail while everything dies that can: workers killed by signal 9 at random moments, a broker that forgets all it had.

Real Celery workers and a beat over Redis, a mail server that counts by itself. Each proof has a control, in which the guard
is taken away and the promise breaks.
"""

import random

import pytest

from mail.tests.house import go
from mail.tests.scale import scale

pytestmark = [pytest.mark.kill, pytest.mark.django_db]
MAILS, KILLS, WIPES = scale(ci=1_000, full=10_000), scale(ci=5, full=50), scale(ci=2, full=20)
MINUTES = "11"  # when every lease is over


@pytest.mark.promise("G5")
def test_workers_that_are_killed_repeat_nothing_and_lose_nothing_silently(build, sink, figures):
    sink.hesitation = sink.slowness = 0.012  # slow enough that a killed worker is back before the next is killed
    house, dice = build(), random.Random(5)
    promising = house.start("mail.tests.stage", "queue", str(MAILS), "50")
    workers = [house.worker(), house.worker()]
    house.beat()
    for number, moment in enumerate(sorted(dice.sample(range(20, MAILS), KILLS))):
        house.wait_for(moment)
        workers[number % 2].kill()
        workers[number % 2] = house.worker()
    assert promising.wait() == 0
    house.wait_until_nothing_waits()
    house.stage("deliver", MINUTES)
    found = house.reckon(MAILS)
    unsure = found.pop("uncertain")
    assert found | {"arrived": 0} == {
        "mails": MAILS, "arrived": 0, "lost": 0, "twice": 0, "not promised": 0, "unsettled": 0
    }  # fmt: skip
    assert MAILS - unsure <= found["arrived"] <= MAILS
    assert unsure <= KILLS  # at most the one that each had in its hands
    figures.say("G5", kills=KILLS, **found, uncertain=unsure)


def killed_in_the_middle(house, sink, moments):
    """One deliverer after the other, each killed when its own moment has come; then another after every lease."""
    house.stage("queue", str(len(moments)))
    for worker, moment in zip(house.crew(len(moments)), moments, strict=True):
        go([worker])
        house.wait_until(moment)
        worker.kill()
        worker.wait()
    house.stage("deliver", MINUTES)


@pytest.mark.promise("G5")
def test_whether_the_server_had_taken_it_or_not_when_the_worker_died_it_is_uncertain_and_never_sent_again(build, sink):
    sink.hesitation = sink.slowness = 0.5
    house = build("")
    killed_in_the_middle(house, sink, [lambda: sink.handed == 1, lambda: len(sink.mails) == 1])
    assert sink.readers() == {"reader1@example.org": 1}
    assert house.readers() == dict.fromkeys(["reader0@example.org", "reader1@example.org"], "uncertain")


@pytest.mark.promise("G5")
def test_the_control_that_marks_a_mail_before_it_is_sent_loses_it(build, sink, figures):
    sink.hesitation = 0.5
    house = build("")
    house.environment["TEST_SPOILED"] = "marked_before_it_is_sent"
    killed_in_the_middle(house, sink, [lambda: sink.handed == 1])
    assert house.reckon(1)["lost"] == 1
    figures.say("G5", "control, marked before it is sent", kills=1, lost=1)


@pytest.mark.promise("G5")
def test_the_control_that_sends_again_after_the_lease_sends_twice(build, sink, figures):
    sink.slowness = 0.5
    house = build("")
    house.environment["TEST_SPOILED"] = "sent_again_after_its_lease"
    killed_in_the_middle(house, sink, [lambda: len(sink.mails) == 1])
    assert sink.readers() == {"reader0@example.org": 2}
    figures.say("G5", "control, sent again after its lease", kills=1, twice=1)


@pytest.mark.promise("G5")
def test_the_control_without_claims_two_workers_send_twice(build, sink, figures):
    sink.slowness = 0.1
    house = build("")
    house.environment["TEST_SPOILED"] = "without_claims"
    house.stage("queue", "20")
    crew = house.crew(2)
    go(crew)
    assert [worker.wait() for worker in crew] == [0, 0]
    assert set(house.readers().values()) == {"sent"}
    twice = house.reckon(20)["twice"]
    assert twice > 0
    figures.say("G5", "control, two workers without claims", mails=20, twice=twice)


@pytest.mark.promise("G7")
def test_a_broker_that_forgets_everything_again_and_again_costs_nothing(build, sink, figures):
    sink.hesitation = 0.004
    house, dice, lost = build(), random.Random(7), 0
    promising = house.start("mail.tests.stage", "queue", str(MAILS), "10")
    for _ in range(2):
        house.worker()
    house.beat()
    for moment in sorted(dice.sample(range(20, MAILS), WIPES)):
        house.wait_for(moment)
        lost += house.wipe()
    assert promising.wait() == 0
    house.wait_until_nothing_waits()
    assert house.reckon(MAILS) == {
        "mails": MAILS, "arrived": MAILS, "lost": 0, "twice": 0, "not promised": 0, "unsettled": 0, "uncertain": 0
    }  # fmt: skip
    assert lost > 0
    figures.say("G7", mails=MAILS, wipes=WIPES, messages_lost=lost, lost=0, twice=0, uncertain=0)


@pytest.mark.promise("G7")
def test_the_control_without_the_sweep_what_the_broker_lost_never_leaves(build, sink, figures):
    house = build()
    house.stage("queue", "5")
    lost = house.wipe()
    assert lost > 0
    house.worker()
    house.stage("ask")  # a task behind which every message before it is done
    house.wait_until(lambda: house.done("celery.backend_cleanup"))
    assert sink.mails == []
    assert list(house.readers().values()) == ["queued"] * 5
    figures.say("G7", "control, without the sweep", mails=5, messages_lost=lost, lost=5)
    house.beat()
    house.wait_for(5)
    assert sorted(sink.readers().values()) == [1] * 5
