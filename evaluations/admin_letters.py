"""Letters in the admin: those that wait are ticked and signed in one act; the others stand below."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from evaluations import letters
from evaluations.models import ServiceLetter
from members.committee import ReadOnlyAdmin
from members.journal import NotAllowed, Stale
from programs.forms import Text

PER_PAGE = 25
NEEDED = ("mentorship__cycle__program", "mentorship__mentor", "mentorship__mentee", "user", "signed_by")


class NoteForm(forms.Form):
    note = Text(label=gettext_lazy("Why? The mentor reads it."), rows=3)


@admin.register(ServiceLetter)
class ServiceLetterAdmin(ReadOnlyAdmin):
    fields = ["name_on_it", "state"]

    def get_urls(self):
        return [
            path("sign/", self.admin_site.admin_view(require_POST(self.sign)), name="evaluations_letters_sign"),
            *(
                path(
                    f"<int:pk>/{act}/", self.admin_site.admin_view(require_POST(view)), name=f"evaluations_letter_{act}"
                )
                for act, view in (("refuse", self.refuse), ("revoke", self.revoke))
            ),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Everything about a letter stands on the list."""
        raise Http404

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = ServiceLetter.objects.visible_to(request.user).exclude(user=request.user).select_related(*NEEDED)
        waiting = list(rows.filter(state=ServiceLetter.State.ASKED).prefetch_related("mentorship__terms"))
        lines = [(one, letters.served(one.mentorship, one.mentorship.cycle.today())) for one in waiting]
        page = Paginator(rows.exclude(state=ServiceLetter.State.ASKED), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Letters of thanks"),
            "waiting": lines,
            "page": page,
            "note": NoteForm(),
        }
        return render(request, "admin/evaluations/letters.html", context)

    def sign(self, request):
        """Sign everything that is ticked; what cannot be signed is named, the rest is done."""
        if not request.user.has_perm("evaluations.sign_letter"):
            raise PermissionDenied
        rows = ServiceLetter.objects.visible_to(request.user).select_related(*NEEDED)
        ticked = [value for value in request.POST.getlist("letter") if value.isdecimal()][:500]
        signed = 0
        for letter in rows.filter(pk__in=ticked, state=ServiceLetter.State.ASKED):
            try:
                letters.sign(letter, by=request.user)
            except (NotAllowed, Stale) as refused:
                messages.error(request, f"{letter}: {' '.join(str(reason) for reason in refused.reasons)}")
            else:
                signed += 1
        if signed:
            words = ngettext("%d letter is signed.", "%d letters are signed.", signed)
            messages.success(request, f"{words % signed} {_('The mentors get a mail with the link.')}")
        elif not ticked:
            messages.info(request, _("Nothing was ticked, so nothing was signed."))
        return redirect("admin:evaluations_serviceletter_changelist")

    def refuse(self, request, pk):
        """Not possible, with the reason."""
        return self._settle(request, pk, letters.refuse)

    def revoke(self, request, pk):
        """A signed letter is taken back, with the reason."""
        return self._settle(request, pk, letters.revoke)

    @staticmethod
    def _settle(request, pk, verb):
        rows = ServiceLetter.objects.visible_to(request.user).select_related(*NEEDED)
        letter = get_object_or_404(rows, pk=pk)
        form = NoteForm(request.POST)
        note = form.cleaned_data["note"] if form.is_valid() else ""
        try:
            verb(letter, by=request.user, note=note)
        except (NotAllowed, Stale) as refused:
            messages.error(request, " ".join(str(reason) for reason in refused.reasons))
        else:
            messages.success(request, _("Done. %s gets a mail that says why.") % letter.user)
        return redirect("admin:evaluations_serviceletter_changelist")
