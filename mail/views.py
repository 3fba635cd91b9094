"""Pages of mail: what a link says that does not work any more."""

from datetime import UTC, datetime

from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mail import leaving, links
from mail.models import Message, OptOut


def bad_link(request, program=None):
    """A link out of a mail that was mangled, forged or is too old: what happened, and what to do."""
    return render(request, "mail/bad_link.html", {"program": program}, status=404)


@csrf_exempt  # the signed link alone gives the right: a mail program's button has no cookie (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, token):
    """No more mail of this kind from this program: looking shows a button, pressing it acts, and another one takes it back."""
    link = links.read(token, leaving.PURPOSE)
    message = Message.objects.filter(pk=link.message, kind__in=Message.MAY_BE_LEFT).first() if link else None
    if message is None:
        return bad_link(request)
    of_message = {"scope": message.scope, "kind": message.kind}
    if request.method == "POST":
        if request.POST.get("do") == "come_back":
            leaving.come_back(message.to_email, **of_message)
        else:
            leaving.leave(message.to_email, now=datetime.now(UTC), **of_message)
    left = OptOut.objects.filter(email=message.to_email, **of_message).exists()
    context = {
        "message": message,
        "left": left,
        "done": request.method == "POST",
        "topics": message.kind == Message.Kind.TOPIC,
    }
    return render(request, "mail/leave.html", context)
