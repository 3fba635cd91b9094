"""Nudges: reminders on which nobody's place depends. At most two a week leave to one person, the most urgent first.

Counted by person, over all addresses that are proved to be theirs and whichever programs of the house remind them: to
its reader, two programs that remind twice each are four mails. A nudge whose turn has not come is given the hour at which there will be
room; until then it waits like any mail whose hour is still ahead, so that it is neither late nor in anybody's way.
"""

from datetime import datetime, timedelta
from hashlib import blake2b

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from mail import leaving
from mail.models import Message

MOST, WEEK = 2, timedelta(days=7)
State = Message.State
NUDGE = Q(kind=Message.Kind.NUDGE)
# A mail of which nobody is sure may have arrived. When a nudge is taken in hand, that moment becomes its hour.
HAVE_LEFT = Q(NUDGE, state__in=[State.CLAIMED, State.SENT, State.UNCERTAIN])


def in_turn(message: Message, waiting: QuerySet[Message], now: datetime) -> Message | None:
    """The nudge that leaves now to the reader of this one: perhaps a more urgent one. None, and all of them wait, while
    two have left within a week.

    Called while a claim decides: on PostgreSQL nobody else decides for the same reader before that transaction ends (so
    a transaction asks for one reader only, or two claims could wait for each other), SQLite has one writer anyhow.
    """
    emails = leaving.alike(message.to_email)
    _alone_with(emails[0])
    theirs = waiting.filter(NUDGE, to_email__in=emails)
    theirs = theirs.order_by(F("good_until").asc(nulls_last=True), "leaves_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        theirs = theirs.select_for_update(skip_locked=True)
    room = room_from(emails, now)
    if room > now:
        Message.objects.filter(pk__in=list(theirs.values_list("pk", flat=True))).update(leaves_at=room)
        return None
    first = theirs.first()
    if first is not None:
        first.leaves_at = now
        first.save(update_fields=["leaves_at"])
    return first


def room_from(emails: list[str], now: datetime) -> datetime:
    """From when on one more nudge may leave to a person's addresses: now, or a week after the last but one."""
    left = Message.objects.filter(HAVE_LEFT, to_email__in=emails, leaves_at__gt=now - WEEK)
    hours = left.order_by("-leaves_at").values_list("leaves_at", flat=True)[MOST - 1 : MOST]
    return max((hour + WEEK for hour in hours), default=now)


def with_room(mails: QuerySet[Message], now: datetime) -> QuerySet[Message]:
    """These mails without the nudges that wait for their turn, as far as their own address tells: they are not late."""
    lately = Message.objects.filter(HAVE_LEFT, leaves_at__gt=now - WEEK).order_by()
    full = lately.values("to_email").annotate(count=Count("pk")).filter(count__gte=MOST).values("to_email")
    return mails.exclude(NUDGE, to_email__in=full)


def in_time(mails: QuerySet[Message]) -> QuerySet[Message]:
    """These mails without those whose reason will have gone when their hour comes."""
    return mails.exclude(good_until__lt=F("leaves_at"))


def _alone_with(email: str) -> None:
    """Until this transaction ends no other one decides about the nudges of the person with this first address."""
    if connection.vendor == "postgresql":
        number = int.from_bytes(blake2b(f"nudges {email}".encode(), digest_size=8).digest(), signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
