"""What waiting people give to the committee's first page: a place to give, a long wait, places that were miscounted."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.today import Task
from programs import cycles, waiting, waiting_list
from programs.models import Application, Cycle, Program

LONG = 30  # days


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """At most one line about those who wait, and one when the counted places are wrong."""
    if not user.has_perm("programs.decide_application", cycle) or today > cycle.ends_on:
        return []
    url = f"{reverse('admin:programs_waiting')}?cycle={cycle.pk}"
    rows = [row for row in waiting_list.of(cycle) if row.user_id != user.pk]
    return [*_waiting(cycle, rows, today, url), *_miscounted(cycle, url)]


def _waiting(cycle: Cycle, rows: list[Application], today: date, url: str) -> list[Task]:
    """A place is free and the committee decides who gets it; or somebody waits for a month and more."""
    longest = max((waiting_list.days_of(row, today) for row in rows), default=0)
    text = ngettext("%(n)d person waits, %(days)s.", "%(n)d people wait, the longest %(days)s.", len(rows))
    text %= {"n": len(rows), "days": ngettext("%d day", "%d days", longest) % longest}
    for role in {row.role for row in rows}:
        if today < cycle.announced_on and cycle.program.admission == Program.Admission.COMMITTEE:
            if waiting.free(cycle, role) == 0:
                continue
            head = _("A place is free for a %s.") % cycle.program.word_for(role)
            return [Task(f"waiting:free:{cycle.pk}:{role}:{len(rows)}", longest, head, text, _("Ask somebody"), url)]
    if longest < LONG:
        return []
    head = _("The waiting list grows old.")
    return [Task(f"waiting:{cycle.pk}:{len(rows)}:{longest // LONG}", longest, head, text, _("Look"), url)]


def _miscounted(cycle: Cycle, url: str) -> list[Task]:
    if not cycles.miscounted(Cycle.objects.filter(pk=cycle.pk)):
        return []
    head = _("The places of %s are miscounted.") % cycle.name
    text = _("That should not happen. Count them again, and tell whoever looks after the site.")
    return [Task(f"miscounted:cycle:{cycle.pk}", 0, head, text, _("Look"), url, late=True)]
