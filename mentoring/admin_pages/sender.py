"""The sender: from which address mail leaves, whether others believe it, a test mail to oneself."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from dns import exception, resolver

from mail import stopping
from mail.sender_check import State
from members.journal import NotAllowed
from mentoring import sender
from programs.models import Program

# How a finding is shown: its word, its look, its sign.
SHOWN = {
    State.OK: (gettext_lazy("fine"), "c-fine", "ok"),
    State.MISSING: (gettext_lazy("missing"), "c-needs", "bang"),
    State.WRONG: (gettext_lazy("wrong"), "c-needs", "bang"),
    State.UNKNOWN: (gettext_lazy("not sure"), "c-look", "eye"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def sender_page(request, site):
    """Looking a domain up takes seconds, so it is done when asked for; it writes nothing."""
    if not request.user.has_perm(sender.MAY_CHECK):
        raise PermissionDenied
    context = {**site.each_context(request), "title": _("The sender"), "way": sender.way()}
    do = request.POST.get("do")
    if do == "test":
        _send_test(request, _program(request.user, context.get("cycle")))
        return redirect("admin:sender")
    if do == "look":
        findings = _look_up()
        context |= {"looked": True, "findings": [(finding, *SHOWN[finding.state]) for finding in findings]}
    return render(request, "admin/mail/sender.html", context)


def _look_up():
    try:
        asked = resolver.Resolver()
    except exception.DNSException:  # this machine knows no name server: every look-up then says so in words
        asked = resolver.Resolver(configure=False)
    return sender.look_up(asked)


def _program(user, cycle) -> Program | None:
    """In whose name the test mail leaves: the program in hand, else the first that is this person's."""
    if cycle and user.has_perm(sender.MAY_CHECK, cycle.program):
        return cycle.program
    return Program.objects.of_seat(user, sender.MAY_CHECK).order_by("name").first()


def _send_test(request, program) -> None:
    try:
        message = sender.send_test(program, by=request.user)
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    else:
        said = _("A test mail is leaving to %s. Look in a few minutes where it arrived: among your mail or among spam.")
        nobody, stopped = sender.nobody_gets_it(), stopping.over(program.scope)
        if stopped:
            waits = _("Mail is stopped: the test mail to %s waits and leaves once mail is started again.")
            messages.warning(request, " ".join(filter(None, [waits % message.to_email, nobody])))
        elif nobody:
            messages.warning(request, nobody)
        else:
            messages.success(request, said % message.to_email)
