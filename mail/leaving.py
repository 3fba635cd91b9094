"""Who has left which mail: a program's topics or its announcements. What one's place depends on cannot be left.

One click of a person is enough (RFC 8058): the link in such a mail, and the header that mail programs show as a button.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from mail import links, outbox
from mail.models import Message, OptOut

PURPOSE = "leave-mail"


def leave(email: str, scope: str, kind: str, now: datetime) -> bool:
    """No more mail of this kind from this program to this address, and what waits is taken back; False if left before."""
    if kind not in Message.MAY_BE_LEFT:
        raise ValueError(f"Mail of the kind {kind!r} cannot be left.")
    with transaction.atomic():
        _row, new = OptOut.objects.get_or_create(email=email.lower(), scope=scope, kind=kind, defaults={"since": now})
        outbox.take_back(to=email, scope=scope, kind=kind, now=now)
    return new


def come_back(email: str, scope: str, kind: str) -> bool:
    """Send it again from now on; False when it was not left."""
    return bool(OptOut.objects.filter(email=email.lower(), scope=scope, kind=kind).delete()[0])


def left_by(emails: Iterable[str]) -> set[tuple[str, str, str]]:
    """What has been left with any of these addresses: (address, scope, kind)."""
    return set(OptOut.objects.filter(email__in=list(emails)).values_list("email", "scope", "kind"))


def headers(message: Message) -> dict[str, str]:
    """The headers of RFC 8058 for a mail that may be left, nothing for the others."""
    if message.kind not in Message.MAY_BE_LEFT:
        return {}
    url = links.sign(message, links.placeholder(PURPOSE, 0))
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
