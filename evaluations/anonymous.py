"""Anonymous evaluations: at the close every answer gets a new number in a new order, and only then is anything read."""

import secrets
from datetime import date

from django.db import transaction

from evaluations.models import Receipt, Response
from members import journal
from members.models import Entry
from mentorships.models import Mentorship
from programs.models import Cycle

CLOSED = "answers_mixed"
SHUFFLE = secrets.SystemRandom()


def is_closed(cycle: Cycle, moment: str) -> bool:
    """Whether the answers of this moment have been mixed and may be counted."""
    return Entry.objects.filter(about=journal.about(cycle), verb=CLOSED, reason=str(moment)).exists()


def may_close(cycle: Cycle, moment: str, today: date) -> bool:
    """After everybody's last day, when nobody will be asked any more."""
    if Mentorship.objects.filter(cycle=cycle).running().exists():
        return False
    receipts = Receipt.objects.filter(term__mentorship__cycle=cycle, moment=moment)
    return receipts.exists() and not receipts.filter(closes_on__gte=today).exists()


def close(cycle: Cycle, moment: str) -> int:
    """Write all answers of a moment anew in random order under random numbers: the order of arrival is gone."""
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        if is_closed(cycle, moment):
            return 0
        rows = list(Response.objects.filter(cycle=cycle, moment=moment, mode=Cycle.EvaluationMode.ANONYMOUS))
        SHUFFLE.shuffle(rows)
        Response.objects.filter(pk__in=[row.pk for row in rows]).delete()
        numbers: set[int] = set()
        while len(numbers) < len(rows):
            numbers.add(secrets.randbits(48) + 1)
        for row, number in zip(rows, SHUFFLE.sample(sorted(numbers), len(rows)), strict=True):
            row.pk = number
        Response.objects.bulk_create(rows)
        journal.record(cycle, CLOSED, reason=str(moment))
    return len(rows)
