"""The chair's figures, who has not answered yet, and (in confidential mode) what was answered."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluations import admin_letters, audiences, charts, reports
from evaluations.models import Receipt, Response
from members.committee import ReadOnlyAdmin
from programs import questions
from programs.admin_applications import cycle_of

__all__ = ["ReceiptAdmin", "ResponseAdmin", "admin_letters"]
PER_PAGE = 25
MOMENTS = (Receipt.Moment.END, Receipt.Moment.MIDWAY)


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    fields = ["user", "role", "moment", "answered"]

    def get_urls(self):
        report = self.admin_site.admin_view(require_safe(self.report))
        return [path("report/", report, name="evaluations_report"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        return redirect("admin:evaluations_report")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Whether somebody has answered stands on the report, and nothing more is here."""
        raise Http404

    def report(self, request):
        """Response rates, figures over the minimum, and whom one may ask again."""
        if not request.user.has_perm("evaluations.view_figures"):
            raise PermissionDenied
        cycle = cycle_of(request, "evaluations.view_figures")
        context = {**self.admin_site.each_context(request), "title": _("Report"), "cycle": cycle}
        if cycle:
            context |= {
                "program": cycle.program,
                "today": cycle.today(),
                "parts": [self._part(request, cycle, moment) for moment in MOMENTS],
                "own": reports.has_own_pair(cycle, request.user),
                "reads": request.user.has_perm("evaluations.view_response", cycle)
                and cycle.evaluation_mode == cycle.EvaluationMode.CONFIDENTIAL,
            }
        return render(request, "admin/evaluations/report.html", context)

    @staticmethod
    def _part(request, cycle, moment):
        figures = reports.figures(cycle, moment, reader=request.user)
        chases = request.user.has_perm("evaluations.view_receipt", cycle)
        waiting = reports.not_answered(cycle, moment, request.user) if chases else []
        heard = reports.has_given_feedback(cycle) if waiting else set()
        return {
            "moment": moment,
            "label": Receipt.Moment(moment).label,
            "figures": figures,
            "percent": None if figures.rate is None else round(100 * figures.rate),
            "charts": [charts.chart(one, f"{moment}-{n}") for n, one in enumerate(figures.breakdowns)],
            "roles": reports.by_role(cycle.program, figures),
            "may_write": audiences.may_be_written_to(cycle),
            "waiting": [(receipt, receipt.user_id in heard) for receipt in waiting],
        }


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    """What was answered, for the chair and the deputy, never of a pair of their own."""

    fields = ["cycle", "role", "moment"]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        raise Http404

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        cycle = cycle_of(request, "evaluations.view_response")
        context = {**self.admin_site.each_context(request), "title": _("Answers"), "cycle": cycle}
        if cycle:
            rows = Response.objects.visible_to(request.user).filter(cycle=cycle).select_related(
                "form_version", "receipt__user", "receipt__term__mentorship__mentor",
                "receipt__term__mentorship__mentee",
            ).order_by("-moment", "role", "pk")  # fmt: skip
            page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
            context |= {
                "page": page,
                "query": f"&cycle={cycle.pk}",
                "program": cycle.program,
                "answers": [(one, questions.labelled(one.form_version, one.answers)) for one in page],
            }
        return render(request, "admin/evaluations/answers.html", context)
