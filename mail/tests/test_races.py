"""Several deliverers at once, with real threads on PostgreSQL: each mail leaves once, and a stop stops them all."""

import threading
import time
from collections import Counter

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from mail import delivery, stopping
from mail.models import Message
from mail.tests.make import NOW, make_message

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
MAILS, WORKERS = 100, 4


@pytest.fixture(autouse=True)
def _on_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")


def deliver_at_once(mails=MAILS, meanwhile=lambda: None):
    """Four deliverers start together, and something else happens meanwhile; how often each mail left."""
    for number in range(mails):
        make_message(number)
    start, errors = threading.Barrier(WORKERS), []

    def work():
        try:
            start.wait()
            while delivery.deliver(NOW):
                continue
        except Exception as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join()
    assert errors == []
    return Counter(sent.extra_headers["Message-ID"] for sent in mail.outbox)


def test_four_deliverers_send_each_mail_once():
    counts = deliver_at_once()
    assert len(counts) == MAILS
    assert set(counts.values()) == {1}
    assert set(Message.objects.values_list("state", "attempts")) == {(Message.State.SENT, 1)}


def test_the_control_without_lock_and_guard_sends_some_twice(monkeypatch):
    def unguarded(now, lease_until, sent=None):
        if sent:
            delivery.settle(sent, Message.State.SENT, now)
        message = delivery.waiting(now).first()
        if message:
            Message.objects.filter(pk=message.pk).update(state=Message.State.CLAIMED)
        return message

    monkeypatch.setattr(delivery, "claim", unguarded)
    assert max(deliver_at_once().values()) > 1


def test_each_mail_costs_one_statement_and_so_one_commit():
    counts = []
    for mails in (1, 2, 12):  # with the first of a turn the statement is prepared
        for number in range(mails):
            make_message(number)
        with CaptureQueriesContext(connection) as asked:
            delivery.deliver(NOW)
        counts.append(len(asked))
        assert set(Message.objects.values_list("state", flat=True)) == {Message.State.SENT}
        Message.objects.all().delete()
    assert counts[2] - counts[1] == 10


def test_a_claim_inside_another_transaction_is_refused():
    make_message()
    with pytest.raises(RuntimeError), transaction.atomic():
        delivery.claim(NOW, NOW + delivery.LEASE)
    assert Message.objects.get().state == Message.State.QUEUED


def test_once_all_mail_is_stopped_no_deliverer_takes_another_in_hand():
    left = []

    def stop():
        end = time.monotonic() + 60
        while len(mail.outbox) < 20 and time.monotonic() < end:
            time.sleep(0.001)
        stopping.stop("program:kla", now=NOW)
        left.append(len(mail.outbox))

    counts = deliver_at_once(mails=400, meanwhile=stop)
    assert set(counts.values()) == {1}
    assert left[0] <= len(counts) <= left[0] + WORKERS  # what each had in its hands
    assert Message.objects.filter(state=Message.State.QUEUED).count() == 400 - len(counts)
    stopping.start("program:kla", now=NOW)
    delivery.deliver(NOW, limit=400)
    assert set(Counter(sent.extra_headers["Message-ID"] for sent in mail.outbox).values()) == {1}
    assert len(mail.outbox) == 400
