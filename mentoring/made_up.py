"""A made-up pair and the mails of its year, made by the very code that makes them for real people, and forgotten at once.

Each app tells its own part (`made_up.mails`). Everything happens in one transaction that is always rolled back: no row
stays, and no mail can leave.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from evaluations import made_up as of_evaluations
from mail import outbox
from mail.models import Message, Text
from matching import made_up as of_matching
from mentorships import made_up as of_pairs
from programs import made_up as of_applications
from programs.made_up import DOMAIN
from programs.models import Cycle, Program, Role

COMMITTEE = "committee"
BOTH = "both"
SIDES = {f"bea@{DOMAIN}": str(Role.MENTEE), f"mo@{DOMAIN}": str(Role.MENTOR)}


class _Forget(Exception):
    """Raised at the end, so that nothing of it is kept."""


@contextmanager
def _forgotten() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise _Forget
    except _Forget:
        pass


def play(program: Program, tried: Text | None = None) -> list[Message]:
    """The mails of a made-up year of this program's newest cycle, in the order of the year; none without a cycle.

    `tried` is a wording that counts for this year only.
    """
    cycle = program.cycles.select_related("program__association").order_by("-opens_on").first()
    if cycle is None:
        return []
    with _forgotten(), outbox.gathering() as found:
        if tried:
            given = {"subject": tried.subject, "heading": tried.heading, "body": tried.body}
            more = {"changed_at": tried.changed_at, "by": tried.by, "by_name": tried.by_name}
            Text.objects.update_or_create(scope=tried.scope, name=tried.name, defaults={**given, **more})
        _year(cycle)
    return sorted(found, key=lambda mail: mail.leaves_at)


def _year(cycle: Cycle) -> None:
    two = of_applications.two(cycle)
    of_applications.mails(two)
    of_matching.mails(two)
    pair = of_pairs.mails(two, of_matching.why(two))
    of_evaluations.mails(two, pair)


def side(mail: Message) -> str:
    """Which side a mail of a made-up year goes to: mentee, mentor, both or the committee."""
    return BOTH if mail.also_email else SIDES.get(mail.to_email, COMMITTEE)
