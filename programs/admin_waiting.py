"""The waiting list on the committee's side: who waits, what is free, a place kept for somebody, places counted again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members import scopes
from members.journal import NotAllowed
from programs import cycles, waiting, waiting_list
from programs.models import Application, Cycle

VIEW, DECIDE = "programs.view_application", "programs.decide_application"


def urls(site, cycle_of):
    """The addresses of these pages; `cycle_of` finds the cycle that a request is about."""

    @require_safe
    def listed(request):
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return _list(request, site, cycle_of(request, VIEW))

    return [
        path("waiting/", site.admin_view(listed), name="programs_waiting"),
        path("waiting/<int:pk>/ask/", site.admin_view(require_POST(ask)), name="programs_waiting_ask"),
        path("waiting/count/<int:pk>/", site.admin_view(require_POST(count)), name="programs_places_count"),
    ]


def _list(request, site, cycle):
    context = {**site.each_context(request), "title": _("Waiting list"), "opts": Application._meta, "cycle": cycle}
    if cycle:
        page, rows = waiting_list.page_of(cycle, request.GET.get("page", "1"))
        may = request.user.has_perm(DECIDE, cycle) and cycle.today() < cycle.announced_on
        places = waiting_list.places_of(cycle)
        full = {one.role for one in places if not one.free}
        context |= {
            "program": cycle.program,
            "page": page,
            "rows": [
                (row, cycle.program.word_for(row.application.role), may and _may_ask(request, row, full))
                for row in rows
            ],
            "query": f"&cycle={cycle.pk}",
            "places": [(one, cycle.program.word_for(one.role)) for one in places],
            "longest": max((row.days for row in rows), default=0),
            "to_a_partner": waiting_list.days_to_a_partner(cycle),
            "off": [role for role, by in cycles.drift(cycle).items() if by],
            "may_count": request.user.has_perm("programs.change_cycle", cycle),
        }
    return render(request, "admin/programs/waiting.html", context)


def _may_ask(request, row, full):
    """While a place is free; nobody keeps one for themselves, and nobody is asked twice."""
    one = row.application
    return one.role not in full and row.stands != waiting_list.ASKED and one.user_id != request.user.pk


def ask(request, pk):
    """Keep a free place for somebody who waits, out of turn or where the committee decides."""
    slugs = scopes.slugs(request.user.scopes(VIEW), "program")
    rows = Application.objects.filter(cycle__program__slug__in=slugs)
    application = get_object_or_404(rows.select_related("cycle__program__association", "user"), pk=pk)
    if not request.user.has_perm(DECIDE, application):
        raise PermissionDenied
    return _done(
        request,
        application.cycle,
        lambda: waiting.offer_place(application, by=request.user),
        _("Noted. %(name)s is written to.") % {"name": application.user},
    )


def count(request, pk):
    """Put the counted places right."""
    cycle = get_object_or_404(Cycle.objects.of_seat(request.user).select_related("program"), pk=pk)
    if not request.user.has_perm("programs.change_cycle", cycle):
        raise PermissionDenied
    return _done(request, cycle, lambda: cycles.count_again(cycle, by=request.user), _("The places are counted again."))


def _done(request, cycle, act, words):
    try:
        act()
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    else:
        messages.success(request, words)
    return redirect(f"{reverse('admin:programs_waiting')}?cycle={cycle.pk}")
