"""What evaluations give to the committee's first page."""

from collections import Counter

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.models import Receipt
from members.today import Stage
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
