"""What only the demo has. These addresses exist in MODE=demo alone."""

from csp.decorators import csp_replace
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from mail import links
from mail.models import Message
from members.models import User
from mentoring.demo import cast

BACKEND = "members.backends.SignInBackend"


def start(request):
    """Where to look, and whom to sign in as."""
    return render(request, "demo/start.html", {"programs": cast.by_program()})


@require_POST
def sign_in(request):
    """One click, no code: for people of the demo's cast alone."""
    member = cast.find(request.POST.get("as", ""))
    if member is None:
        raise Http404
    login(request, get_object_or_404(User, email=member.email), backend=BACKEND)
    return redirect(member.starts_at)


def mails(request):
    """Every mail that has left or is about to, the newest first."""
    found = Message.objects.filter(secret=False).order_by("-leaves_at", "-pk")
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    if words:
        found = found.filter(Q(subject__icontains=words) | Q(to_email__icontains=words) | Q(to_name__icontains=words))
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    return render(request, "demo/mails.html", {"page": page, "q": words})


def mail(request, pk):
    """One mail as plain text, with the links as they were signed for its reader."""
    message = get_object_or_404(Message, pk=pk, secret=False)
    return render(request, "demo/mail.html", {"message": message, "text": links.sign(message, message.text)})


@csp_replace({"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"]})
def mail_as_it_looks(request, pk):
    """The HTML of one mail, alone on its page: mail needs its colours inline, the site itself never does."""
    message = get_object_or_404(Message, pk=pk, secret=False)
    return HttpResponse(links.sign(message, message.html))
