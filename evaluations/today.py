"""What evaluations give to the committee's first page."""

from collections import Counter
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.models import Receipt, ServiceLetter
from members.clock import day_of
from members.today import Stage, Task
from programs.models import Cycle, Role


def line(cycle: Cycle) -> list[Stage]:
    """Midway feedback given, evaluated."""
    url = f"{reverse('admin:evaluations_report')}?cycle={cycle.pk}"
    receipts = Receipt.objects.filter(term__mentorship__cycle=cycle)
    answered = Counter(receipts.filter(answered=True).values_list("moment", "role"))
    asked = Counter(receipts.values_list("moment", flat=True))

    def stage(label: str, moment: str) -> Stage:
        mentors, mentees = answered[moment, Role.MENTOR], answered[moment, Role.MENTEE]
        note = _("of %d asked") % asked[moment] if asked[moment] else _("later")
        return Stage(label, note, mentors, mentees, (url, url), bool(asked[moment]))

    return [stage(_("Halfway"), Receipt.Moment.MIDWAY), stage(_("Evaluated"), Receipt.Moment.END)]


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """Letters that wait to be signed, for those who may."""
    if not user.has_perm("evaluations.sign_letter", cycle):
        return []
    rows = ServiceLetter.objects.visible_to(user).exclude(user=user).exclude(mentorship__mentee=user)
    asked = list(
        rows.filter(mentorship__cycle=cycle, state=ServiceLetter.State.ASKED).values_list("asked_at", flat=True)
    )
    if not asked:
        return []
    return [
        Task(
            key=f"letters:{cycle.pk}:{len(asked)}",
            age=max(0, (today - day_of(min(asked), cycle.zone)).days),
            head=ngettext("%d letter waits to be signed.", "%d letters wait to be signed.", len(asked)) % len(asked),
            text=_("The dates are filled in; tick and sign."),
            action=_("Sign"),
            url=reverse("admin:evaluations_serviceletter_changelist"),
        )
    ]
