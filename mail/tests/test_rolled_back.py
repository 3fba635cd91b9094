"""No mail for what did not happen: acts that promise mail and fail before their commit, with a real worker listening."""

import json

import pytest
from django.db import connection

from mail.tests.scale import scale

pytestmark = [pytest.mark.kill, pytest.mark.django_db, pytest.mark.promise("G8")]
FAILURES = scale(ci=100, full=1_000)


@pytest.fixture(autouse=True)
def _on_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("connections are cut on a PostgreSQL server; DATABASE_URL names one")


def committed_and_arrived(house, sink, failures):
    """The readers of mails whose act stands, and those that the mail server saw, both in order."""
    house.worker()
    committed = json.loads(house.stage("acts", str(failures)))
    house.wait_for(len(committed))
    house.wait_until_nothing_waits()
    return sorted(committed), sorted(sink.readers().elements())


def test_acts_that_fail_before_their_commit_mail_nobody(build, sink, figures):
    house = build()
    committed, arrived = committed_and_arrived(house, sink, FAILURES)
    assert arrived == committed == sorted(house.readers())
    assert set(house.readers().values()) == {"sent"}
    third = FAILURES // 3
    figures.say("G8", failures=FAILURES, raised=FAILURES - 2 * third, cut=third, killed=third,
                committed_mails=len(committed), mails=len(arrived))  # fmt: skip


def test_the_control_that_sends_in_the_act_mails_what_never_happened(build, sink, figures):
    house = build()
    house.environment["TEST_SPOILED"] = "sent_in_the_act"
    committed, arrived = committed_and_arrived(house, sink, 12)
    assert len(set(arrived)) > len(committed)
    figures.say("G8", "control, sent in the act", failures=12, committed_mails=len(committed), mails=len(set(arrived)))
