"""Signing in, one's own account, and an association's colour."""

from allauth.account.views import EmailView, LoginView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mail import addresses
from members import colours, people, sign_in
from members.forms import AddressForm, CodeForm, NameForm, PasswordForm
from members.models import Association


def _go_on(request) -> str:
    """Where to go after signing in: an address of this site, else nowhere in particular."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if own and "/" in url and len(url) < 1000 else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_code(request):
    """The sign-in page: one address, for people we know and people we don't."""
    go_on = _go_on(request)
    if request.user.is_authenticated:
        return redirect(go_on or "my")
    form = AddressForm(request.POST or None, request=request)
    if form.is_valid():
        sign_in.send_code(request, form.cleaned_data["email"], go_on)
        return redirect("account_confirm_login_code")
    return render(request, "account/login.html", {"form": form, "go_on": go_on, "nav": "account"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request):
    """The code from the mail."""
    kept = sign_in.awaited(request)
    if request.user.is_authenticated:
        return redirect("my")
    if kept is None:
        messages.info(request, _("Please write your address; we send you a code."))
        return redirect("account_login")
    form = CodeForm(request.POST or None, request=request)
    if form.is_valid():
        return sign_in.let_in(request, kept["email"], kept["go_on"])
    context = {"form": form, "email": kept["email"], "minutes": sign_in.MINUTES, "nav": "account"}
    if request.method == "POST" and sign_in.awaited(request) is None:
        messages.error(request, _("That was one try too many. Please ask for a new code."))
        return redirect(f"{reverse('account_login')}?{urlencode({'next': kept['go_on']})}")
    return render(request, "account/confirm_login_code.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use_link(request, token):
    """The link from the mail: opening it shows a button, pressing that signs in."""
    way = sign_in.read_link(token)
    if way is None or not way.fresh:
        return render(request, "account/link_over.html", {"nav": "account", "minutes": sign_in.MINUTES}, status=410)
    if request.user.is_authenticated and way.email in request.user.own_addresses():
        return redirect(way.go_on or "my")
    if request.method == "POST":
        return sign_in.let_in(request, way.email, way.go_on)
    return render(request, "account/use_link.html", {"email": way.email, "nav": "account"})


class WithPassword(LoginView):
    """The second way in, for those who have set a password."""

    form_class = PasswordForm
    template_name = "account/login_password.html"


with_password = WithPassword.as_view()


class Addresses(EmailView):
    """One's own addresses. Which one our mails go to and what waits for it change in one stroke."""

    @transaction.atomic
    def post(self, request, *args, **kwargs):
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        fails = addresses.failing(self.request.user.own_addresses())
        return {**super().get_context_data(**kwargs), "fails": list(fails), "nav": "account"}


own_addresses = Addresses.as_view()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    """Everything that is kept about signing in, and one's own name."""
    form = NameForm(request.POST or None, instance=request.user)
    if form.is_valid():
        people.correct_name(request.user, **form.cleaned_data)
        messages.success(request, _("Your name and number are saved."))
        return redirect("account")
    return render(request, "account/account.html", {"form": form, "nav": "account"})


@require_safe
def who_reads_what(request):
    """Who reads which answer, and for how long."""
    return render(request, "account/who_reads_what.html")


@require_safe
def accessibility(request):
    """What we do so that everybody can use these pages."""
    return render(request, "account/accessibility.html")


@require_safe
@cache_control(public=True, max_age=3600)
def accent(request, slug):
    """An association's colour as a style sheet, light and dark, always readable."""
    association = get_object_or_404(Association, slug=slug)
    context = {
        "light": colours.accent_on(association.accent, colours.LIGHT_PAPER),
        "dark": colours.accent_on(association.accent_dark, colours.DARK_PAPER),
    }
    return render(request, "accent.css", context, content_type="text/css; charset=utf-8")
