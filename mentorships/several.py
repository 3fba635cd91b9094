"""One mail to one person about several rows: its key names all of them ("check-in:17+23:asked").

When one of them is answered, or its pair ends, before the mail has left, it is taken back and asks about the rest only.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from mail import addresses, outbox
from mail.models import Message
from members import clock
from members.models import User

MOST_IN_ONE = 12  # what the key of a mail has room for
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Several:
    """A few people as a text names them: all at once."""

    people: tuple[User, ...]

    def get_short_name(self) -> str:
        return get_text_list([one.get_short_name() for one in self.people], _("and"))

    def get_full_name(self) -> str:
        return get_text_list([one.get_full_name() for one in self.people], _("and"))


@dataclass(frozen=True)
class Shortened:
    """A mail about several that was taken back because of one of them: the rest, and on which occasion it asked."""

    rest: set[int]
    message: Message
    occasion: str

    @property
    def held(self) -> bool:
        return self.message.state == Message.State.HELD


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """As many as one mail asks about."""
    return (rows[place : place + MOST_IN_ONE] for place in range(0, len(rows), MOST_IN_ONE))


def key(mark: str, rows: Sequence[Model], occasion: str) -> str:
    """How the outbox names a mail about these rows on one occasion."""
    return f"{mark}:{'+'.join(str(one.pk) for one in rows)}:{occasion}"


def numbers(key: str) -> set[int]:
    """The rows that a key names; none where it names no rows."""
    parts = key.split(":")[1:2]
    found = parts[0].split("+") if parts else []
    return {int(number) for number in found} if all(number.isdecimal() for number in found) else set()


def about_any(mark: str, pks: Collection[int]) -> Q:
    """Mails about several of which one is among these."""
    some = "|".join(str(pk) for pk in sorted(pks))
    return Q(key__regex=rf"^{mark}:([0-9]+\+)*({some})(\+[0-9]+)*:") if some else Q(pk=None)


def taken_back(mark: str, row: Model, user: User) -> Iterator[Shortened]:
    """The mails about this row and others that still wait for this person, each taken back."""
    waits = Message.objects.filter(addresses.WAITS | addresses.KEPT_BACK, to_email=user.email.lower())
    for message in waits.filter(key__startswith=f"{mark}:", key__contains="+"):
        pks, occasion = numbers(message.key), message.key.split(":", 2)[2]
        if row.pk in pks and outbox.cancel(about=message.about, key=message.key, now=clock.now()):
            yield Shortened(pks - {row.pk}, message, occasion)
