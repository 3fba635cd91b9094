"""What a monitor asks every few minutes: does mail leave, are the worker and beat at work? Ages and counts, nobody's data."""

from django.db import OperationalError
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mail import heartbeat
from members import clock


@never_cache
@require_safe
def health(request):
    """200 while all is well, 503 when mail is stuck, a part of the site is silent, or the database is away."""
    try:
        found = heartbeat.look(clock.now())
    except OperationalError:
        return JsonResponse({"ok": False, "database": "away"}, status=503)
    told = {
        "ok": found.is_well,
        "oldest_waiting_seconds": _seconds(found.waiting),
        "worker_seconds": _seconds(found.ages.get(heartbeat.WORKER)),
        "beat_seconds": _seconds(found.ages.get(heartbeat.BEAT)),
        "stops": found.stops,
    }
    return JsonResponse(told, status=200 if found.is_well else 503)


def _seconds(age):
    return None if age is None else int(age.total_seconds())
