"""Pairs, requests and the check-in plan on the committee's side."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members import people
from members.committee import ReadOnlyAdmin, SetupAdmin
from members.journal import NotAllowed
from mentorships import admin_contacts, admin_topics, check_ins, overview, requests, terms
from mentorships.forms import EndForm, SettleForm, ToldForm
from mentorships.models import CheckIn, CheckInPlan, Extension, Mentorship, NextStep, Request
from programs import questions
from programs.admin_applications import cycle_of

__all__ = ["CheckInPlanAdmin", "MentorshipAdmin", "RequestAdmin", "admin_topics"]
PER_PAGE = 50


def refused(request, error: NotAllowed) -> None:
    messages.error(request, " ".join(str(reason) for reason in error.reasons))


@admin.register(Mentorship)
class MentorshipAdmin(ReadOnlyAdmin):
    fields = ["mentor", "mentee", "state"]

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("pairs/", page(require_safe(self.pairs)), name="mentorships_pairs"),
            path("<int:pk>/pair/", page(require_safe(self.pair)), name="mentorships_pair"),
            path("<int:pk>/told/", page(require_POST(self.told)), name="mentorships_told"),
            path("<int:pk>/end/", page(require_POST(self.end)), name="mentorships_end"),
            *admin_contacts.urls(self.admin_site),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        return redirect("admin:mentorships_pairs")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The stock page says nothing that ours does not say better."""
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404
        return redirect("admin:mentorships_pair", int(object_id))

    def pairs(self, request):
        """All pairs of a cycle, those that need us first."""
        if not request.user.has_perm("mentorships.view_mentorship"):
            raise PermissionDenied
        cycle = cycle_of(request, "mentorships.view_mentorship")
        context = {**self.admin_site.each_context(request), "title": _("Pairs"), "cycle": cycle}
        if cycle:
            asked = overview.Asked.of(request.GET, cycle)
            found = overview.rows(request.user, cycle, cycle.today())
            page = Paginator([one for one in found if asked.fits(one)], PER_PAGE).get_page(request.GET.get("page"))
            own = Mentorship.objects.filter(Q(mentor=request.user) | Q(mentee=request.user), cycle=cycle).exists()
            context |= {
                "asked": asked,
                "chips": overview.chips(asked, found),
                "page": page,
                "query": f"&{asked.query()}",
                "today": cycle.today(),
                "own": own,
                "may_assign": request.user.has_perm("mentorships.assign_contact", cycle),
                "program": cycle.program,
                "open_requests": self._open_requests(request, cycle),
            }
        return render(request, "admin/mentorships/pairs.html", context)

    @staticmethod
    def _open_requests(request, cycle):
        if not request.user.has_perm("mentorships.view_request", cycle):
            return 0
        return in_queue(request.user).filter(mentorship__cycle=cycle, state=Request.State.OPEN).count()

    def _found(self, request, pk):
        """A pair that this person looks after: never one of their own."""
        pairs = Mentorship.objects.visible_to(request.user).exclude(Q(mentor=request.user) | Q(mentee=request.user))
        return get_object_or_404(
            pairs.select_related("mentor", "mentee", "liaison", "cycle__program__association").prefetch_related(
                "check_ins", "requests", "terms"
            ),
            pk=pk,
        )

    @staticmethod
    def _theirs(model, user, **pair):
        """What the two were asked alone, for a reader of the committee who is neither."""
        return list(model.objects.visible_to(user).exclude(user=user).filter(**pair).select_related("user"))

    def pair(self, request, pk):
        return self._page(request, self._found(request, pk))

    def _page(self, request, pair, told=None, end=None):
        running = pair.state in Mentorship.RUNNING
        today = pair.cycle.today()
        may = request.user.has_perm
        shown = CheckIn.objects.visible_to(request.user).filter(mentorship=pair).select_related("user", "told_to")
        if told is None and running and may("mentorships.note_answer", pair):
            told = ToldForm(pair, check_ins.moment_now(pair))
        if end is None and running and may("mentorships.change_course", pair):
            end = EndForm()
        asked = in_queue(request.user).filter(mentorship=pair) if may("mentorships.view_request", pair) else ()
        context = {
            **self.admin_site.each_context(request),
            "title": str(pair),
            "cycle": pair.cycle,
            "program": pair.program,
            "pair": pair,
            "row": overview.row(pair, overview.plan_of(pair.cycle), today),
            "check_ins": [(one, self._more(pair, one)) for one in shown.order_by("-due_on", "role")],
            "requests": asked,
            "extensions": self._theirs(Extension, request.user, term__mentorship=pair),
            "next_steps": self._theirs(NextStep, request.user, mentorship=pair),
            "told": told,
            "end": end,
            "term": pair.term(),
            "contact": admin_contacts.form_for(pair, request.user),
            "unreached": self._unreached(pair),
        }
        return render(request, "admin/mentorships/pair.html", context)

    @staticmethod
    def _unreached(pair):
        """The one, or the two, to whom mail does not arrive, and since when."""
        fails = people.unreachable([pair.mentor, pair.mentee])
        return [(person, fails[person.pk].since) for person in (pair.mentor, pair.mentee) if person.pk in fails]

    @staticmethod
    def _more(pair, check_in):
        """What was answered beside the one word."""
        if not check_in.answers:
            return []
        return questions.labelled(questions.of(pair.program, check_in.moment, check_in.role), check_in.answers)

    def told(self, request, pk):
        """An answer that came by phone or mail."""
        pair = self._found(request, pk)
        if not request.user.has_perm("mentorships.note_answer", pair):
            raise PermissionDenied
        form = ToldForm(pair, check_ins.moment_now(pair), request.POST)
        if not form.is_valid():
            return self._page(request, pair, told=form)
        try:
            for role in form.roles():
                given = form.cleaned_data
                check_ins.told(pair, role, given["word"], by=request.user, note=given["note"])
        except NotAllowed as error:
            refused(request, error)
        else:
            messages.success(request, _("Noted. It counts as if they had answered themselves."))
        return redirect("admin:mentorships_pair", pk)

    def end(self, request, pk):
        """The pair ends before its last day."""
        pair = self._found(request, pk)
        if not request.user.has_perm("mentorships.change_course", pair):
            raise PermissionDenied
        form = EndForm(request.POST)
        if not form.is_valid():
            return self._page(request, pair, end=form)
        try:
            terms.end_early(pair, by=request.user, **form.cleaned_data)
        except NotAllowed as error:
            refused(request, error)
        else:
            messages.success(request, _("The pair has ended. Both are told, and the mentor’s place is free."))
        return redirect("admin:mentorships_pair", pk)


def in_queue(user):
    """The requests that this person reads from a seat: none about a pair of their own."""
    rows = Request.objects.visible_to(user).exclude(Q(mentorship__mentor=user) | Q(mentorship__mentee=user))
    return rows.select_related("user", "mentorship__mentor", "mentorship__mentee", "mentorship__cycle__program")


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    """The committee's queue."""

    fields = ["user", "kind", "state"]

    def get_queryset(self, request):
        return in_queue(request.user)

    def changelist_view(self, request, extra_context=None):
        """Open ones first, the oldest on top."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = sorted(in_queue(request.user), key=lambda one: (one.state != Request.State.OPEN, one.made_at))
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        context = {**self.admin_site.each_context(request), "title": _("Requests"), "page": page}
        return render(request, "admin/mentorships/requests.html", context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One request: read it, answer it."""
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404
        asked = get_object_or_404(in_queue(request.user), pk=object_id)
        if not request.user.has_perm("mentorships.view_request", asked):
            raise PermissionDenied
        form = SettleForm(asked, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                requests.settle(asked, form.cleaned_data["to"], by=request.user, answer=form.cleaned_data["answer"])
            except NotAllowed as error:
                form.add_error(None, [str(reason) for reason in error.reasons])
            else:
                messages.success(request, _("Settled. The person hears of it by mail."))
                return redirect(reverse("admin:mentorships_request_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": str(asked),
            "asked": asked,
            "pair": asked.mentorship,
            "program": asked.mentorship.program,
            "form": form if asked.state == Request.State.OPEN else None,
            "ends": asked.kind in requests.ENDS_THE_PAIR,
            "may_end": request.user.has_perm("mentorships.change_course", asked),
        }
        return render(request, "admin/mentorships/request.html", context)


@admin.register(CheckInPlan)
class CheckInPlanAdmin(SetupAdmin):
    scoped_by = {"program": "program__slug"}
    fields = ["program", "moment", "after_days", "after_months"]
    list_display = ["moment", "program", "after_days", "after_months"]
    list_filter = [("program", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["program"]
