"""Which mails I get: what may be left program by program, what always comes, and at which address."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members import people
from programs import preferences


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_mail(request):
    """One's own choices; each button does one thing, and the other one takes it back."""
    found = preferences.of(request.user)
    if request.method == "POST":
        return _chosen(request, found)
    context = {"found": found, "unreached": bool(people.unreachable([request.user])), "nav": "account"}
    if found:  # several programs speak as the site
        context["program"] = found[0].program if len(found) == 1 else None
    return render(request, "programs/my_mail.html", context)


def _chosen(request, found):
    asked = request.POST.get("program"), request.POST.get("kind")
    program, kind = next(
        ((one.program, choice.kind) for one in found for choice in one.choices if (one.program.slug, choice.kind) == asked),
        (None, None),
    )  # fmt: skip
    if program is None:
        raise Http404
    topics = kind == preferences.TOPIC
    if request.POST.get("do") == "come_back":
        preferences.come_back(program, kind, by=request.user)
        said = (
            _("You get the topics of %(program)s again.")
            if topics
            else _("You get the announcements of %(program)s again.")
        )
    else:
        preferences.leave(program, kind, by=request.user)
        said = (
            _("%(program)s sends you no more topics.") if topics else _("%(program)s sends you no more announcements.")
        )
    messages.success(request, said % {"program": program})
    return redirect("my_mail")
