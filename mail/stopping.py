"""Stop all mail: of one program, or (with an empty scope) of the whole site. A row stands for as long as nothing may leave.

What waits stays in the outbox, may be taken back there by the acts that end its reason, and leaves once each afterwards.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from mail import nudges, outbox
from mail.models import Message, Stop

WHOLE_SITE = ""


def let_through(mails: QuerySet[Message]) -> QuerySet[Message]:
    """Those of these mails that no stop holds back: sign-in codes leave, or nobody could sign in to start again.

    While the whole site is held, only codes that were asked for since do: a restored backup sends nothing by itself.
    """
    return mails.filter(_not_stopped())


@cache
def _not_stopped() -> Q:
    """The question in the database's terms, put together once: it is asked before every mail."""
    stopped = over_row()
    restored = Exists(Stop.objects.filter(scope=WHOLE_SITE, since__gt=OuterRef("queued_at")))
    return Q(secret=True) & ~restored | Q(secret=False) & ~stopped


def over_row() -> Exists:
    """Whether a row's scope is stopped, itself or with the whole site: for annotating rows that have one."""
    return Exists(Stop.objects.filter(Q(scope=WHOLE_SITE) | Q(scope=OuterRef("scope"))))


def over(*scopes: str) -> set[str]:
    """Those of these scopes whose mail waits until it is started again, by one question."""
    stopped = {stop.scope for stop in standing()}
    return set(scopes) if WHOLE_SITE in stopped else stopped & set(scopes)


def stop(scope: str, *, now: datetime, by: int | None = None, by_name: str = "", reason: str = "") -> bool:
    """Have no more mail leave; False when it was stopped already. A mail that a worker is handing over still goes."""
    try:
        with transaction.atomic():
            Stop.objects.create(scope=scope, since=now, by=by, by_name=by_name[:160], reason=reason[:200])
    except IntegrityError:
        if Stop.objects.filter(scope=scope).exists():
            return False
        raise
    return True


def start(scope: str, *, now: datetime) -> bool:
    """Let mail leave again; False when it was not stopped. The worker is told after the commit.

    Sign-in codes from before a hold of the whole site are thrown away: they have long expired.
    """
    with transaction.atomic():
        held = Stop.objects.filter(scope=scope).first()
        if held is None or not Stop.objects.filter(pk=held.pk).delete()[0]:
            return False
        if scope == WHOLE_SITE:
            outbox.throw_away_codes(before=held.since, now=now)
        outbox.wake_after_commit()
    return True


def standing() -> list[Stop]:
    """Every stop there is, that of the whole site first."""
    return list(Stop.objects.order_by("scope"))


@dataclass(frozen=True)
class Backlog:
    """Mail whose hour has come: how many, the hour of the oldest, and how many of which mail, the oldest first."""

    count: int
    oldest: datetime | None
    kinds: list[tuple[str, int]]


def backlog(scope: str, now: datetime) -> Backlog:
    """What leaves first once a program's mail is started again, or (an empty scope) the whole site's."""
    ready = Message.objects.filter(state=Message.State.QUEUED, leaves_at__lte=now, secret=False)
    if scope == WHOLE_SITE:
        ready = ready.exclude(scope__in=Stop.objects.exclude(scope=WHOLE_SITE).values("scope"))
    else:
        ready = ready.filter(scope=scope)
    kinds = list(
        nudges.with_room(ready, now)
        .values("name")
        .annotate(count=Count("pk"), oldest=Min("leaves_at"))
        .order_by("oldest", "name")
    )
    counts = [(kind["name"], kind["count"]) for kind in kinds]
    return Backlog(sum(count for _name, count in counts), kinds[0]["oldest"] if kinds else None, counts)
