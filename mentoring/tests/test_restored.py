"""After the worst night, with real processes: a dump of yesterday restored, and a site that has cron and no broker."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from mail.tests.house import NO_BROKER
from mail.tests.scale import scale

pytestmark = [pytest.mark.kill, pytest.mark.django_db]
SWEEPS, CALENDARS = 60, 6  # of an hour
MAILS, KILLS = scale(ci=1_000, full=10_000), scale(ci=2, full=20)


@pytest.fixture
def restored(build):
    """A house in a database that was restored from last night's dump, and the readers of each sort of mail in it."""
    if connection.vendor != "postgresql":
        pytest.skip("pg_dump wants a PostgreSQL server; DATABASE_URL names one")
    house = build()
    house.environment |= {"TEST_BEAT": "0.2", "TEST_CALENDAR": "yes"}
    house.manage("preset", "kla")
    told = json.loads(house.stage("yesterday"))
    house.move_to_a_restored_copy()
    return house, told


def an_hour(house):
    """As many sweeps as beat and worker make in an hour; then the mail of the hour, and the calendar to the end of tomorrow."""
    swept, looked = house.done("mail.sweep"), house.done("mentoring.run_due")
    house.wait_until(lambda: house.done("mail.sweep") >= swept + SWEEPS)
    house.wait_until(lambda: house.done("mentoring.run_due") >= looked + CALENDARS)
    assert (house.done("mail.sweep") - swept >= SWEEPS, house.done("mentoring.run_due") - looked >= CALENDARS) == (
        True,
        True,
    )
    house.stage("deliver", "60")
    house.manage("run_due", "--on", f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}")


def leaving(told):
    return sorted(reader for sort, readers in told.items() if sort.startswith("leaves") for reader in readers)


@pytest.mark.promise("G21")
def test_a_restored_dump_that_is_held_sends_nothing_and_after_the_release_each_mail_once(restored, sink, figures):
    house, told = restored
    house.manage("hold_mail", "--because", "restored on Wednesday")
    house.worker()
    house.beat()
    an_hour(house)
    assert sink.mails == []
    house.manage("release_mail")
    house.wait_for(100)
    house.stage("deliver", "60")
    swept = house.done("mail.sweep")
    house.wait_until(lambda: house.done("mail.sweep") >= swept + 5)
    assert sorted(sink.readers().elements()) == leaving(told)
    states = house.readers()
    became = {
        sort: {states[reader] for reader in readers} for sort, readers in told.items() if not sort.startswith("leaves")
    }
    assert became == {
        "later": {"queued"}, "too late nudge": {"cancelled"}, "secret": {"cancelled"}, "held": {"held"}, "sent": {"sent"},
        "uncertain": {"uncertain"}, "parked": {"parked"}, "cancelled": {"cancelled"}, "claimed": {"uncertain"},
    }  # fmt: skip
    figures.say("G21", mails_in_the_dump=len(states), sweeps=SWEEPS, left_while_held=0,
                after_release=len(sink.mails), twice=0)  # fmt: skip


@pytest.mark.promise("G21")
def test_the_control_a_restored_dump_that_nobody_holds_sends_what_has_left_since(restored, sink, figures):
    house, told = restored
    house.worker()
    house.beat()
    house.wait_for(100)
    assert len(sink.mails) >= 100
    figures.say("G21", "control, not held", left=len(sink.mails))


@pytest.mark.promise("G7")
def test_with_no_broker_at_all_cron_does_the_whole_job(build, sink, figures):
    sink.hesitation = 0.004
    house, dice, calls = build(NO_BROKER), random.Random(21), KILLS
    house.stage("queue", str(MAILS), "50")
    for number in range(KILLS):  # calls that overlap, each killed somewhere on its way
        victim = house.start("django", "run_due")
        house.wait_for((number + 1) * MAILS // (2 * KILLS) + dice.randrange(10))
        victim.kill()
    while "0 done" not in house.manage("run_due"):
        calls += 1
    house.stage("deliver", "11")
    found = house.reckon(MAILS)
    unsure = found.pop("uncertain")
    assert found | {"arrived": 0} == {
        "mails": MAILS, "arrived": 0, "lost": 0, "twice": 0, "not promised": 0, "unsettled": 0
    }  # fmt: skip
    assert unsure <= KILLS
    figures.say("G7", "no broker, run_due from cron", kills=KILLS, calls=calls, **found, uncertain=unsure)
