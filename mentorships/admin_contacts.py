"""Who looks after whom: the contact persons of a cycle with their pairs, shared out in one action or one by one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from members.journal import NotAllowed
from members.models import User
from mentorships import caseload, contacts
from mentorships.models import Mentorship
from programs.admin_applications import cycle_of

RIGHT = "mentorships.assign_contact"


class ContactForm(forms.Form):
    """Whom a pair turns to, of those with a committee role today."""

    contact = forms.ModelChoiceField(label=gettext_lazy("Who looks after them?"), queryset=User.objects.none())

    def __init__(self, pair, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = contacts.on_committee(pair.program, pair.cycle.today())
        known = [user for user in people if user.pk not in pair.people()]
        self.fields["contact"].queryset = User.objects.filter(pk__in=[user.pk for user in known])
        self.fields["contact"].choices = [("", _("Choose somebody")), *((user.pk, str(user)) for user in known)]
        if pair.liaison_id in {user.pk for user in known}:
            self.initial["contact"] = pair.liaison_id


def form_for(pair, user):
    """The form to give a pair another contact, for who may; None otherwise."""
    return ContactForm(pair) if pair.state in Mentorship.RUNNING and user.has_perm(RIGHT, pair) else None


def urls(site):
    """The addresses, hung under the pairs' own."""
    return [
        path("contacts/", site.admin_view(Contacts(site).page), name="mentorships_contacts"),
        path("<int:pk>/contact/", site.admin_view(require_POST(change)), name="mentorships_contact"),
    ]


def change(request, pk):
    """One pair gets another contact."""
    pairs = Mentorship.objects.visible_to(request.user).select_related(
        "mentor", "mentee", "liaison", "cycle__program__association"
    )
    pair = get_object_or_404(pairs.exclude(mentor=request.user).exclude(mentee=request.user), pk=pk)
    if not request.user.has_perm(RIGHT, pair):
        raise PermissionDenied
    form = ContactForm(pair, request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose somebody from the list. Nothing was changed."))
    else:
        try:
            contacts.assign(pair, form.cleaned_data["contact"], by=request.user)
        except NotAllowed as error:
            _refused(request, error)
        else:
            messages.success(
                request, _("%s looks after them. Who is new to them is named in a mail to both.") % pair.liaison
            )
    return redirect("admin:mentorships_pair", pk)


class Contacts:
    """The page of all contact persons of a cycle."""

    def __init__(self, site):
        self.site = site

    def page(self, request):
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        cycle = cycle_of(request, RIGHT)
        if request.method == "POST":
            return self.act(request, cycle)
        context = {**self.site.each_context(request), "title": _("Who looks after whom"), "cycle": cycle}
        if cycle:
            context |= {
                "program": cycle.program,
                "today": cycle.today(),
                "loads": caseload.loads(request.user, cycle, cycle.today()),
                "would_move": contacts.balanced(cycle, by=request.user),
                "own": Mentorship.objects.running().filter(cycle=cycle, mentor=request.user).exists()
                or Mentorship.objects.running().filter(cycle=cycle, mentee=request.user).exists(),
            }
        return render(request, "admin/mentorships/contacts.html", context)

    @staticmethod
    def act(request, cycle):
        """Share out, or hand one person's pairs on."""
        if cycle is None:
            raise Http404
        whose = request.POST.get("whose", "")
        try:
            if request.POST.get("do") == "balance":
                moved = contacts.balance(cycle, by=request.user)
            elif request.POST.get("do") == "hand_on" and whose.isdecimal() and len(whose) < 19:
                moved = contacts.hand_on(cycle, get_object_or_404(User, pk=whose), by=request.user)
            else:
                raise NotAllowed(_("Please use one of the buttons. Nothing was changed."))
        except NotAllowed as error:
            _refused(request, error)
        else:
            words = ngettext(
                "%d pair has another contact. Both of it are told by mail.",
                "%d pairs have another contact. Everybody concerned is told by mail.",
                len(moved),
            )
            messages.success(request, words % len(moved) if moved else _("Nothing had to move."))
        return redirect(f"{reverse('admin:mentorships_contacts')}?cycle={cycle.pk}")


def _refused(request, error):
    messages.error(request, " ".join(str(reason) for reason in error.reasons))
