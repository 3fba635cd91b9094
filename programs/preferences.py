"""Which mails somebody gets from a program. Its topics and its announcements may be left, and be had again.

All proved addresses of a person count as one: who leaves does so with each of them, and comes back with each.
What one's place depends on is no choice, and stands in no list here.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from mail import leaving
from mail.models import Message
from members import clock, journal, scopes
from members.models import User
from programs.models import Cycle, Listing, Program

TOPIC, ANNOUNCEMENT = Message.Kind.TOPIC, Message.Kind.ANNOUNCEMENT
LEFT = {TOPIC: "left_topics", ANNOUNCEMENT: "left_announcements"}
HAD_AGAIN = {TOPIC: "topics_again", ANNOUNCEMENT: "announcements_again"}


@dataclass(frozen=True)
class Choice:
    """One kind of mail, and whether it is left. A program without monthly topics offers none."""

    kind: str
    left: bool


@dataclass(frozen=True)
class Mails:
    """What may be chosen of one program's mails."""

    program: Program
    choices: tuple[Choice, ...]


def of(user: User) -> list[Mails]:
    """The programs in which somebody has applied, is listed, or has left something, each with what may be chosen."""
    left = leaving.left_by({user.email, *user.own_addresses()})
    rows = Program.objects.filter(
        Q(pk__in=Cycle.objects.filter(applications__user=user).values("program"))
        | Q(pk__in=Listing.objects.filter(user=user).values("program"))
        | Q(slug__in=scopes.slugs({scope for _email, scope, _kind in left}, "program"))
    )
    here = {(scope, kind) for email, scope, kind in left if email == user.email}
    return [Mails(program, _choices(program, here)) for program in rows.select_related("association")]


def _choices(program: Program, left: set[tuple[str, str]]) -> tuple[Choice, ...]:
    topics = program.topic_recipients != Program.TopicRecipients.NONE or (program.scope, TOPIC) in left
    kinds = (TOPIC, ANNOUNCEMENT) if topics else (ANNOUNCEMENT,)
    return tuple(Choice(kind, (program.scope, kind) in left) for kind in kinds)


@transaction.atomic
def leave(program: Program, kind: str, *, by: User) -> None:
    """No more mail of this kind from this program, at none of their addresses; what waits to leave is taken back."""
    if leaving.leave(by.email, program.scope, kind, clock.now()):
        journal.record(program, LEFT[Message.Kind(kind)], by=by)


@transaction.atomic
def come_back(program: Program, kind: str, *, by: User) -> None:
    """It comes again from now on, whichever of their addresses it was left with."""
    if leaving.come_back(by.email, program.scope, kind):
        journal.record(program, HAD_AGAIN[Message.Kind(kind)], by=by)
