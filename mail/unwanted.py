"""What waits and may not leave any more, because its reader has left such mail, their address fails, or their account is closed.

Whoever leaves, and what makes an address fail, takes back what waits by itself; but what is promised at that very moment
is in a transaction that they do not see. So it is asked once more before a mail is taken in hand.
"""

from datetime import datetime
from functools import cache

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from mail import addresses, outbox
from mail.models import Message, OptOut, Suppression

State = Message.State
MAY_BE_LEFT = Q(kind__in=Message.MAY_BE_LEFT)


def without(mails: QuerySet[Message]) -> QuerySet[Message]:
    """These mails without what has been left, and without those to an address that fails."""
    return mails.filter(_wanted())


@cache
def _wanted() -> Q:
    """The question in the database's terms, put together once: it is asked before every mail."""
    fails = Suppression.objects.filter(Q(email=OuterRef("to_email")) | Q(email=OuterRef("also_email")))
    return ~(MAY_BE_LEFT & Exists(_left())) & (Q(secret=True) | ~Exists(fails))


def _left() -> QuerySet[OptOut]:
    same = {name: OuterRef(name) for name in ("scope", "kind")}
    return OptOut.objects.filter(email=OuterRef("to_email"), **same)


def take_out(next_ones: QuerySet[Message], now: datetime) -> None:
    """Take back or keep back what waits in vain, and of the next ones leave out whose account was closed meanwhile."""
    in_vain = Message.objects.filter(MAY_BE_LEFT, Exists(_left()), state=State.QUEUED)
    words = _("Its reader has asked for no more mail of this kind.")
    in_vain.update(state=State.CANCELLED, settled_at=now, refusal=words)
    waits = Message.objects.filter(state=State.QUEUED, secret=False)
    to_it = waits.filter(Q(to_email=OuterRef("email")) | Q(also_email=OuterRef("email")))
    for row in Suppression.objects.filter(Exists(to_it)):
        with transaction.atomic():
            addresses.keep_back(addresses.waiting_for(row.email), {row.email: row}, now)
    outbox.leave_out_closed(next_ones, now)
