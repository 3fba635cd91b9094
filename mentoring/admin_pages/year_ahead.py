"""Look ahead at the year: one month a page, or the next seven days; what to choose from stands above it."""

from datetime import date, timedelta

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mentoring import look_ahead, promised
from programs.dates import add_months
from programs.models import Cycle

WEEK = timedelta(days=7)


@require_safe
def year_ahead(request, cycle, site):
    """What leaves by itself in one month of a cycle, or this week; the planner is asked for those days alone."""
    cycles = Cycle.objects.of_seat(request.user, "mentoring.view_today").select_related("program__association")
    found = get_object_or_404(cycles, pk=cycle)
    today = found.today()
    months = list(_months(today, look_ahead.last_day(found)))
    week = request.GET.get("month") == "week"
    month = next((one for one in months if f"{one:%Y-%m}" == request.GET.get("month")), months[0])
    first, last = (today, today + WEEK) if week else (month, add_months(month, 1) - timedelta(days=1))
    lines = look_ahead.between(found, first, last, today)
    reads_mail = request.user.has_perm("mail.view_message", found)
    context = {
        "title": _("Look ahead at the year"),
        "reads_mail": reads_mail,
        "words_mails": request.user.has_perm("programs.change_program", found),
        "cycle": found,
        "lines": lines,
        "month": None if week else month,
        "promised": promised.lines(request.user, found, WEEK) if week and reads_mail else [],
        "months": months,
        "after_introduction": look_ahead.after_introduction(found.program),
        "cannot_know": look_ahead.cannot_know(),
    }
    return render(request, "admin/year_ahead.html", {**site.each_context(request), **context})


def _months(first: date, last: date):
    """The first days of the months from one day to another; one at least."""
    month = first.replace(day=1)
    yield month
    while (month := add_months(month, 1)) <= last:
        yield month
