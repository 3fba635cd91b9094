"""Pages of mail: what a link says that does not work any more."""

from django.shortcuts import render


def bad_link(request, program=None):
    """A link out of a mail that was mangled, forged or is too old: what happened, and what to do."""
    return render(request, "mail/bad_link.html", {"program": program}, status=404)
