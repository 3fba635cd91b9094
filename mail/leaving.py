"""Who has left which mail: a program's topics or its announcements. What one's place depends on cannot be left.

One click of a person is enough (RFC 8058): the link in such a mail, and the header that mail programs show as a button.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction

from mail import links, outbox
from mail.models import Message, OptOut

PURPOSE = "leave-mail"
_OTHERS: list[Callable[[str], Iterable[str]]] = []


def register(others: Callable[[str], Iterable[str]]) -> None:
    """Say how the other addresses of the person behind one are found. Called in an app's `ready`."""
    _OTHERS.append(others)


def alike(email: str) -> list[str]:
    """This address and the others of the same person: what is left with one is left with all."""
    return sorted({email.lower(), *(one.lower() for others in _OTHERS for one in others(email))})


def is_somebodys(email: str) -> bool:
    """Whether anybody has this address by now: what is left with an address of nobody stops nothing."""
    return any(list(others(email)) for others in _OTHERS)


def leave(email: str, scope: str, kind: str, now: datetime) -> bool:
    """No more mail of this kind from this program to the person at this address, and what waits is taken back; False if
    left before."""
    if kind not in Message.MAY_BE_LEFT:
        raise ValueError(f"Mail of the kind {kind!r} cannot be left.")
    new = False
    with transaction.atomic():
        for one in alike(email):
            of_one = {"email": one, "scope": scope, "kind": kind}
            new |= OptOut.objects.get_or_create(**of_one, defaults={"since": now})[1]
            outbox.take_back(to=one, scope=scope, kind=kind, now=now)
    return new


def come_back(email: str, scope: str, kind: str) -> bool:
    """Send it again from now on; False when it was not left."""
    return bool(OptOut.objects.filter(email__in=alike(email), scope=scope, kind=kind).delete()[0])


def left_by(emails: Iterable[str]) -> set[tuple[str, str, str]]:
    """What has been left with any of these addresses: (address, scope, kind)."""
    return set(OptOut.objects.filter(email__in=list(emails)).values_list("email", "scope", "kind"))


def headers(message: Message) -> dict[str, str]:
    """The headers of RFC 8058 for a mail that may be left, nothing for the others."""
    if message.kind not in Message.MAY_BE_LEFT:
        return {}
    url = links.sign(message, links.placeholder(PURPOSE, 0))
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
