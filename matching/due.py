"""What the calendar owes in this app: announced pairs are introduced on their day."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from mail.due import Due
from matching import announcing
from matching.models import Match
from members.journal import NotAllowed

State = Match.State


def due(at: datetime, *, dry: bool = False) -> Iterator[Due]:
    """Introduce every pair whose hold is over, whose day has come and whose requirements are met, one transaction each."""
    waiting = Match.objects.filter(
        Q(state=State.ANNOUNCED, cycle__program__mentor_confirms=False) | Q(state=State.ACCEPTED), leaves_at__lte=at
    )
    if not waiting.exists():  # most days: asked as cheaply as can be
        return
    rows = waiting.select_related("cycle__program__association", "mentor_application__user", "mentee_application__user")
    for match in rows.order_by("cycle", "pk"):
        moment = announcing.introduced_at(match)
        if moment is None or announcing.not_ready(match, at):
            continue
        if not dry:
            try:
                announcing.introduce(match, at=at)
            except NotAllowed:  # somebody was first, or stopped it meanwhile: nothing is owed any more
                continue
        yield Due(moment, match.scope, "introduction", f"match:{match.pk}")
