"""Workshops on the committee's side: the dates, who came to each, and who still needs one."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from members import clock, scopes, words
from members.committee import SetupAdmin
from members.journal import NotAllowed
from programs import admin_forms as forms
from programs import training
from programs.admin_applications import cycle_of
from programs.models import Cycle, Training

MARK = "programs.mark_attendance"
PER_PAGE = 100


@admin.register(Training)
class TrainingAdmin(SetupAdmin):
    form = forms.TrainingForm
    scoped_by = {"program": "cycle__program__slug"}
    list_display = ["title", "cycle", "starts", "role", "who_came"]
    list_select_related = ["cycle__program"]
    fields = ["cycle", "role", "title", "starts_at", "minutes", "join_url", "recording_url"]

    @admin.display(description=gettext_lazy("starts"), ordering="starts_at")
    def starts(self, obj):
        return words.moment(obj.starts_at, obj.cycle.zone, obj.cycle.program.zone_word, short=True)

    @admin.display(description=gettext_lazy("attendance"))
    def who_came(self, obj):
        url = reverse("admin:programs_attendance", args=[obj.pk])
        return format_html('<a class="c-btn" href="{}">{}</a>', url, _("Who came"))

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("missing/", page(require_safe(self.missing)), name="programs_training_missing"),
            path("<int:pk>/attendance/", page(self.attendance), name="programs_attendance"),
            *super().get_urls(),
        ]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Hours are typed and shown in the program's own zone."""
        cycle = Cycle.objects.of_seat(request.user, "programs.view_training").select_related("program").first()
        with timezone.override(cycle.zone if cycle else "UTC"):
            response = super().changeform_view(request, object_id, form_url, extra_context)
            return response.render() if hasattr(response, "render") else response

    def has_delete_permission(self, request, obj=None):
        """A workshop that somebody came to stays."""
        return super().has_delete_permission(request, obj) and not (obj and obj.attendances.exists())

    # Who came

    def _one(self, request, pk):
        """Outside of one's programs it is not there; inside without the right it is refused."""
        slugs = scopes.slugs(request.user.scopes("programs.view_training"), "program")
        rows = Training.objects.select_related("cycle__program__association")
        found = get_object_or_404(rows.filter(cycle__program__slug__in=slugs), pk=pk)
        if not request.user.has_perm(MARK, found):
            raise PermissionDenied
        return found

    def attendance(self, request, pk):
        """Everybody expected at one session: tick all who were there, note who caught up, take a mark back."""
        found = self._one(request, pk)
        if request.method == "POST":
            try:
                self._note(request, found)
            except NotAllowed as refused:
                messages.error(request, " ".join(str(reason) for reason in refused.reasons))
            return redirect(f"{request.path}?page={request.POST.get('page', '')[:6]}")
        expected = training.expected(found)
        page = Paginator(expected, PER_PAGE).get_page(request.GET.get("page"))
        there = [one for one in expected if one.attendance]
        context = {
            **self.admin_site.each_context(request),
            "title": found.title,
            "opts": self.opts,
            "cycle": found.cycle,
            "program": found.cycle.program,
            "training": found,
            "others": list(found.cycle.trainings.exclude(pk=found.pk)),
            "ahead": found.starts_at > clock.now(),
            "noted": training.noted_at([found]).get(found.pk),
            "page": page,
            "own": request.user.pk,
            "there": len([one for one in there if not one.attendance.made_up]),
            "caught_up": len([one for one in there if one.attendance.made_up]),
            "missing": len(expected) - len(there),
        }
        return render(request, "admin/programs/attendance.html", context)

    def _note(self, request, found):
        """What one of the buttons says."""
        expected = {one.application.user_id: one for one in training.expected(found)}

        def one_of(name):
            value = request.POST.get(name, "")
            number = int(value) if value.isdecimal() and len(value) < 19 else 0
            if number not in expected:
                raise NotAllowed(_("This person is not expected at this workshop any more."))
            return expected[number].application.user

        if "caught_up" in request.POST:
            user = one_of("caught_up")
            training.mark(found, user, by=request.user, made_up=True)
            messages.success(request, _("Noted: %(name)s has caught up.") % {"name": user})
        elif "take_back" in request.POST:
            user = one_of("take_back")
            training.unmark(found, user, by=request.user)
            messages.success(request, _("Taken back: %(name)s has no mark for this workshop.") % {"name": user})
        else:
            name = "listed" if "everybody" in request.POST else "there"
            ticked = {int(value) for value in request.POST.getlist(name) if value.isdecimal() and len(value) < 19}
            noted = training.note(found, ticked - {request.user.pk}, by=request.user)
            count = len(noted.marked)
            words = ngettext("%d person is noted.", "%d people are noted.", count) % count
            messages.success(request, words if ticked else _("Noted: nobody else came."))

    # Who still needs it

    def missing(self, request):
        """Everybody accepted in a cycle who has not taken part, caught up or been let off."""
        cycle = cycle_of(request, MARK)
        if cycle is None:
            raise PermissionDenied
        found = training.missing(cycle)
        matched = training.placed([one.application for one in found])
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        now = clock.now()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Who still needs the workshop"),
            "opts": self.opts,
            "cycle": cycle,
            "program": cycle.program,
            "page": page,
            "rows": [
                (one.application, cycle.program.word_for(one.application.role), one.application.pk in matched,
                 one.ahead(now)[:1], one.past(now)[-1:])
                for one in page
            ],
            "sessions": [(one, one.starts_at > now) for one in cycle.trainings.all()],
            "query": f"&cycle={cycle.pk}",
            "required": cycle.program.gates.filter(kind="training").exists(),
        }  # fmt: skip
        return render(request, "admin/programs/training_missing.html", context)
