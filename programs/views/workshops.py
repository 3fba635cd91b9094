"""One's workshops as a calendar file, signed in or from a mail."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from mail import links
from mail.views import bad_link
from programs import training, workshop_calendar
from programs.models import Application


def _rows():
    return Application.objects.select_related("cycle__program__association", "user")


@login_required
@require_safe
def signed_in(request, pk):
    """One's own workshops; another's are not there."""
    return _file(get_object_or_404(_rows().filter(user=request.user), pk=pk))


@require_safe
def by_link(request, token):
    """The same from a mail, without signing in."""
    link = links.read(token, "workshops")
    mine = _rows().filter(pk=link.pk).first() if link else None
    if mine is None or link.email not in {mine.user.email, *mine.user.own_addresses()}:
        return bad_link(request, token, "workshops")
    return _file(mine)


def _file(mine):
    sessions = training.people([mine])[0].sessions
    response = HttpResponse(workshop_calendar.of(mine, sessions), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{mine.program.slug}-workshops.ics"'
    return response
