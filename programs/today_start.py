"""What the first day of a mentoring year gives to the committee's first page: who was not in good standing then."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.today import Task
from programs import gates
from programs.facts import facts_of
from programs.models import Application, Cycle, Gate

ASKED_FOR = timedelta(days=14)
"""So long people have, and so long the committee is reminded. Nobody is held or parted from a partner by it."""


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """Those who did not meet a requirement on the first day of the year, were told, and do not meet it today either."""
    if not cycle.begins_on <= today <= cycle.begins_on + ASKED_FOR:
        return []
    asked = list(cycle.program.gates.filter(stage=Gate.Stage.START))
    if not asked:
        return []
    accepted = Application.objects.filter(cycle=cycle, state=Application.State.ADMITTED).exclude(user=user)
    rows = list(accepted.select_related("user", "cycle__program__association").order_by("sent_at", "pk"))
    for day in (cycle.begins_on, today):
        known = facts_of(rows, day)
        rows = [row for row in rows if gates.unmet(known[row.pk], asked, Gate.Stage.START)]
    names = list(dict.fromkeys(str(row.user) for row in rows))
    return [_task(cycle, names, today)] if names else []


def _task(cycle: Cycle, names: list[str], today: date) -> Task:
    head = ngettext(
        "%d person was no member as the year began.", "%d people were no members as the year began.", len(names)
    )
    more = _(" and others") if len(names) > 3 else ""
    return Task(
        key=f"start:cycle:{cycle.pk}:{len(names)}",
        age=(today - cycle.begins_on).days,
        head=head % len(names),
        text=_("%(names)s. We have written to them; nobody loses a partner over it.")
        % {"names": ", ".join(names[:3]) + more},
        action=_("Compare"),
        url=reverse("admin:members_membership_changelist"),
    )
