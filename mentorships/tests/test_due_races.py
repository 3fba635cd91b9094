"""Beat at work while pairs end, with real connections on PostgreSQL: who has just ended is asked nothing any more."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from mail.models import Message
from mail.tests.scale import scale
from members import clock, journal
from mentorships import due, terms
from mentorships.models import CheckIn, Mentorship
from mentorships.tests.make import INTRODUCED, make_kla, make_pairs

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.promise("G6")]
PAIRS = scale(ci=20, full=200)
A_WEEK_LATER = INTRODUCED + timedelta(days=7)


@pytest.fixture(autouse=True)
def _on_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")


def end_all(pairs):
    for pair in pairs:
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.OTHER)


def beat_at_work(pairs):
    """Beat asks all pairs whether they are in touch while they end, the last first; how many ended ones keep a question
    that is still to leave."""
    start, errors = threading.Barrier(2), []

    def work(act):
        try:
            with clock.at(A_WEEK_LATER):
                start.wait()
                act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    acts = (lambda: list(due.due(A_WEEK_LATER)), lambda: end_all(reversed(pairs)))
    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(Mentorship.objects.values_list("state", flat=True)) == {"ended"}
    asked = [journal.about(one) for one in CheckIn.objects.all()]
    return Message.objects.filter(about__in=asked, state=Message.State.QUEUED).count()


def test_no_pair_that_has_ended_is_asked(figures):
    assert beat_at_work(make_pairs(make_kla(), PAIRS)) == 0
    figures.say("G6", "pairs that end while beat is at work", pairs=PAIRS, asked_afterwards=0)


def test_the_control_that_does_not_look_again_asks_some(figures, monkeypatch):
    monkeypatch.setattr(Mentorship, "still_going", lambda pair: None)
    asked = beat_at_work(make_pairs(make_kla(), PAIRS))
    assert asked > 0
    figures.say("G6", "without looking again whether the pair is going", asked_afterwards=asked)
