"""What tests of applying share: a day in the autumn of 2025, and what was mailed and noted."""

from datetime import UTC, datetime

from mail.models import Message
from members import clock
from members.models import Entry


def on(month, day, hour=16, year=2025):
    return clock.at(datetime(year, month, day, hour, tzinfo=UTC))


def names():
    return list(Message.objects.order_by("pk").values_list("name", flat=True))


def verbs(application):
    return list(
        Entry.objects.filter(about=f"application:{application.pk}").order_by("pk").values_list("verb", flat=True)
    )
