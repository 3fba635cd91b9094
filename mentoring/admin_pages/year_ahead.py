"""Look ahead at the year: one month a page, or the next seven days; what to choose from stands above it."""

from datetime import date, timedelta

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members import clock
from mentoring import look_ahead, promised
from programs.dates import add_months
from programs.models import Cycle

WEEK = timedelta(days=7)
MONTHS_TRIED = 3  # each costs as much as its page


@require_safe
def year_ahead(request, cycle, site):
    """What leaves by itself in one month of a cycle, or this week; the planner is asked for those days alone.

    Who asks for no month gets the next seven days, or, where nothing is in them, the first month that has something.
    """
    cycles = Cycle.objects.of_seat(request.user, "mentoring.view_today").select_related("program__association")
    found = get_object_or_404(cycles, pk=cycle)
    today = found.today()
    months = list(_months(today, look_ahead.last_day(found)))
    asked = request.GET.get("month")
    month = next((one for one in months if f"{one:%Y-%m}" == asked), None)
    tried: list[date | None] = [month] if month or asked == "week" else [None, *months[:MONTHS_TRIED]]
    reads_mail = request.user.has_perm("mail.view_message", found)
    for month in tried:
        lines, waiting = _of(found, month, today, request.user if reads_mail else None)
        if lines or waiting:
            break
    else:
        month = tried[0]
    context = {
        "title": _("Look ahead at the year"),
        "reads_mail": reads_mail,
        "words_mails": request.user.has_perm("programs.change_program", found),
        "cycle": found,
        "lines": lines,
        "month": month,
        "promised": waiting,
        "months": months,
        "after_introduction": look_ahead.after_introduction(found.program),
        "cannot_know": look_ahead.cannot_know(),
    }
    return render(request, "admin/year_ahead.html", {**site.each_context(request), **context})


def _of(cycle: Cycle, month: date | None, today: date, reader) -> tuple[list, list]:
    """What the calendar adds in a month, or (None) in the next seven days; and what is promised, for who reads mail."""
    first, last = (month, add_months(month, 1) - timedelta(days=1)) if month else (today, today + WEEK)
    ahead = clock.end_of(last, cycle.zone) - clock.now() if month else WEEK
    waiting = promised.lines(reader, cycle, ahead) if reader else []
    if month and month > today:
        waiting = [line for line in waiting if clock.day_of(line.at, cycle.zone) >= month]
    return look_ahead.between(cycle, first, last, today), waiting


def _months(first: date, last: date):
    """The first days of the months from one day to another; one at least."""
    month = first.replace(day=1)
    yield month
    while (month := add_months(month, 1)) <= last:
        yield month
