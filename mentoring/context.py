"""What every page knows."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from programs.models import Program


def site(request):
    """Where we are. A page that names no program speaks for the only one there is, or for the site."""
    return {
        "demo": settings.DEMO,
        "site_url": settings.SITE_URL,
        "site_name": _("Library mentoring"),
        "program": SimpleLazyObject(_only_program),
    }


def _only_program():
    published = Program.objects.filter(published=True).select_related("association")[:2]
    return published[0] if len(published) == 1 else None
