"""Whether mail gets out: when the worker and beat were last at work, and how long the oldest mail has waited."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Min

from mail import delivery, nudges, server
from mail.models import Heartbeat, Message, Stop

WORKER, BEAT = "worker", "beat"
LONGEST_WAIT = timedelta(minutes=15)  # mail that may leave and has not
LONGEST_SILENCE = timedelta(minutes=30)


def note(name: str, at: datetime) -> None:
    """Say that this part is at work."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=at)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


@dataclass(frozen=True)
class Away:
    """Since when the mail server cannot be reached, and what was heard last."""

    since: datetime
    words: str


@dataclass(frozen=True)
class Health:
    """How mail is doing at a moment. A part that was never heard of has no age.

    `put_off` counts what the mail server would not take yet. Whether it is away is known only while mail waits for it.
    """

    waiting: timedelta | None
    ages: dict[str, timedelta]
    stops: int
    put_off: int = 0
    away: Away | None = None

    @property
    def is_late(self) -> bool:
        """Whether mail that may leave has waited too long."""
        return self.waiting is not None and self.waiting > LONGEST_WAIT

    @property
    def silent(self) -> list[str]:
        """The parts that were heard of once and are silent now."""
        return [name for name, age in self.ages.items() if age > LONGEST_SILENCE]

    @property
    def is_well(self) -> bool:
        """What a monitor wants to know: mail leaves, and both parts are at work."""
        return not self.is_late and not self.silent and self.ages.keys() >= {WORKER, BEAT}


def look(now: datetime) -> Health:
    """How mail is doing on the whole site. What is stopped on purpose, or waits for its turn, is not late."""
    oldest = nudges.with_room(delivery.waiting(now), now).aggregate(oldest=Min("leaves_at"))["oldest"]
    put_off = Message.objects.filter(state=Message.State.QUEUED, attempts__gt=F("attempts_before")).count()
    signs = {sign.name: sign for sign in Heartbeat.objects.order_by("name")}
    found = signs.pop(server.SERVER, None)
    away = Away(found.at, found.words) if found and (oldest or put_off) else None
    ages = {name: max(now - sign.at, timedelta()) for name, sign in signs.items()}
    return Health(now - oldest if oldest else None, ages, Stop.objects.count(), put_off, away)
