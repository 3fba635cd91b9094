"""What the worker does. A task carries nothing: the outbox in the database is the truth, a lost task is made up by the sweep."""

import logging
import time
from datetime import UTC, datetime

from celery import shared_task
from celery.signals import before_task_publish
from django.conf import settings
from django.db import close_old_connections, connection
from kombu.exceptions import ChannelError, OperationalError

from mail import delivery, heartbeat

PATIENCE = 30.0  # seconds without a further try after the broker was not there
logger = logging.getLogger(__name__)
_broker = {"missing_since": -PATIENCE}


def wake() -> None:
    """Tell the worker that mail waits. A broker that is away costs nothing: the next sweep finds the mail."""
    if not settings.MAIL_WAKE or time.monotonic() - _broker["missing_since"] < PATIENCE:
        return
    try:
        deliver.apply_async(retry=False)
    except (OperationalError, ChannelError, OSError) as error:
        _broker["missing_since"] = time.monotonic()
        logger.warning("the worker could not be told of new mail, the sweep will find it: %s", error)


@shared_task(name="mail.deliver")
def deliver() -> None:
    """Send what may leave now."""
    # The real clock and not members.clock: this is the ground floor, and no worker lives in a rehearsed year.
    heartbeat.note(heartbeat.WORKER, datetime.now(UTC))
    while delivery.deliver(datetime.now(UTC)):
        continue


@shared_task(name="mail.sweep")
def sweep() -> None:
    """What beat calls every minute: leases that ran out, and whatever still waits."""
    deliver()


@before_task_publish.connect(sender="mail.sweep")
def beat_is_at_work(**kwargs) -> None:
    """Beat alone sends for the sweep: when it does, it is alive, whoever takes the task up. Celery logs what fails here."""
    if not connection.in_atomic_block:
        close_old_connections()  # beat lives for months and nobody else looks after its connection
    heartbeat.note(heartbeat.BEAT, datetime.now(UTC))
