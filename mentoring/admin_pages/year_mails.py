"""All of this year's mails to oneself: first the list of what would leave, then a button, then how far it is."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.journal import NotAllowed
from mentoring import samples
from mentoring.admin_pages.own_texts import program_of


@require_http_methods(["GET", "HEAD", "POST"])
def year_mails(request, program, site):
    """The list is played, and so it is made when a button asks for it; a second button sends what it shows."""
    found = program_of(request, program)
    reader = request.POST.get("reader")
    reader = reader if reader in samples.READERS else "both"
    if request.POST.get("do") == "send":
        try:
            count = samples.send_year(found, reader, by=request.user)
        except NotAllowed as refused:
            say = messages.info if isinstance(refused, samples.TooSoon) else messages.error
            say(request, " ".join(str(reason) for reason in refused.reasons))
        else:
            said = _("%(count)d mails leave now, to %(address)s and to nobody else.")
            messages.success(request, said % {"count": count, "address": request.user.email})
        return redirect("admin:year_mails", found.slug)
    context = {
        "title": _("All of this year’s mails to myself"),
        "program": found,
        "readers": [(code, words) for code, (words, _sides) in samples.READERS.items()],
        "reader": reader,
        "listed": request.method == "POST",
        "lines": samples.planned(found, reader) if request.method == "POST" else [],
        "underway": samples.underway(found, request.user),
    }
    return render(request, "admin/mail/year_mails.html", {**site.each_context(request), **context})
