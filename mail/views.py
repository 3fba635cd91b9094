"""Pages of mail: what a link says that does not work any more, leaving a mail, and the address for the mail provider's events."""

import logging
from collections.abc import Callable
from datetime import datetime

from anymail.exceptions import AnymailConfigurationError
from django.core.exceptions import SuspiciousOperation
from django.db import DataError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mail import events, leaving, links, witness
from mail.models import Message, OptOut

logger = logging.getLogger(__name__)
MANGLED = (ValueError, TypeError, AttributeError, LookupError, OverflowError, AnymailConfigurationError)


def bad_link(request, token, purpose):
    """A link that opens nothing: too old, what it was for is over, or not ours; what to do, and whom to write to."""
    why, scope = links.why_not(token, purpose)
    response = render(request, "mail/bad_link.html", {"why": why, "scope": scope}, status=404)
    # What stands in the address may be a key: Django's log of pages that were not found has none of it.
    response._has_been_logged = True
    return response


@csrf_exempt  # the signed link alone gives the right: a mail program's button has no cookie (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, token, now: Callable[[], datetime]):
    """No more mail of this kind from this program: looking shows a button, pressing it acts, and another one takes it back."""
    link = links.read(token, leaving.PURPOSE)
    message = Message.objects.filter(pk=link.message, kind__in=Message.MAY_BE_LEFT).first() if link else None
    if link is None or message is None or not leaving.is_somebodys(link.email):
        return bad_link(request, token, leaving.PURPOSE)
    of_message = {"scope": message.scope, "kind": message.kind}
    if request.method == "POST":
        with transaction.atomic():
            if request.POST.get("do") == "come_back":
                if leaving.come_back(message.to_email, **of_message):
                    witness.note(message, "came_back_by_link")
            elif leaving.leave(message.to_email, now=now(), **of_message):
                witness.note(message, "left_by_link")
    left = OptOut.objects.filter(email=message.to_email, **of_message).exists()
    context = {
        "message": message,
        "left": left,
        "done": request.method == "POST",
        "topics": message.kind == Message.Kind.TOPIC,
    }
    return render(request, "mail/leave.html", context)


@csrf_exempt  # the provider's signature, or the secret that it was given, is the right; it has no cookie
@require_http_methods(["HEAD", "POST"])
def provider_events(request, provider, now: Callable[[], datetime]):
    """What the mail provider of this site tells of mail that has left. Wrongly signed, it changes nothing (400)."""
    view = events.view_of(provider)
    if view is None:
        raise Http404
    if request.method == "HEAD":  # some look whether there is anybody before they are set up
        return HttpResponse()
    try:
        view.run_validators(request)
        told = view.parse_events(request)
    except MANGLED as error:
        logger.warning("what the mail provider told could not be read: %s", type(error).__name__)
        raise SuspiciousOperation("mangled") from error
    for event in told:
        try:
            events.happened(event, now())
        except (*MANGLED, DataError) as error:  # or the provider would tell all of them again, for ever
            logger.error("one event of the mail provider could not be written: %s", type(error).__name__)
    return HttpResponse()
