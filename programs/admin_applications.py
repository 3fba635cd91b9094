"""Applications on the committee's side: the list, one like a letter, decisions, on behalf, and "Is this a member?"."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members import scopes, standing
from members.committee import ReadOnlyAdmin
from members.journal import NotAllowed
from members.models import Membership
from programs import admin_waiting, application_list, applications, claims, facts, gates, likely, questions, waivers
from programs.committee_forms import DecideForm, ExceptionForm, OnBehalfForm
from programs.models import Application, Cycle, Gate, Question, Waiver

State = Application.State
VIEW = "programs.view_application"
STAGES = (Gate.Stage.APPLY, Gate.Stage.MATCH, Gate.Stage.INTRODUCE, Gate.Stage.START)


def cycle_of(request, perm: str) -> Cycle | None:
    """The cycle that the address names, else the newest that has opened, of those where this person may do `perm`."""
    cycles = Cycle.objects.of_seat(request.user, perm).select_related("program__association").order_by("-opens_on")
    wanted = request.GET.get("cycle__id__exact") or request.GET.get("cycle")
    if wanted:
        return get_object_or_404(cycles, pk=wanted if wanted.isdecimal() and len(wanted) < 19 else 0)
    found = list(cycles)
    return next((cycle for cycle in found if cycle.opens_on <= cycle.today()), found[0] if found else None)


class ApplicationAdmin(ReadOnlyAdmin):
    fields = ["user", "role", "state"]

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            *admin_waiting.urls(self.admin_site, cycle_of),
            path("members/", page(require_safe(self.members)), name="programs_is_this_a_member"),
            path("members/<int:pk>/", page(require_POST(self.answer_member)), name="programs_answer_member"),
            path("<int:pk>/read/", page(self.read), name="programs_application_read"),
            path("<int:pk>/decide/", page(require_POST(self.decide)), name="programs_application_decide"),
            path("<int:pk>/exception/<int:gate>/", page(require_POST(self.exception)), name="programs_exception"),
            path("<int:pk>/on-behalf/", page(self.on_behalf), name="programs_application_on_behalf"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The stock page says nothing that the letter does not say better."""
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404
        return redirect("admin:programs_application_read", int(object_id))

    # The list

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        every = self.admin_site.each_context(request)
        cycle, wanted = every.get("cycle"), request.GET.get("cycle__id__exact") or request.GET.get("cycle")
        if cycle is None or (wanted and str(cycle.pk) != wanted) or not request.user.has_perm(VIEW, cycle):
            cycle = cycle_of(request, VIEW)
        context = {
            **every,
            "title": _("Applications"),
            "opts": self.opts,
            "cycle": cycle,
        }
        if cycle:
            context |= self._list(request, cycle)
        return render(request, "admin/programs/applications.html", context)

    @staticmethod
    def _list(request, cycle):
        asked = application_list.Asked.of(request.GET)
        columns = application_list.columns(cycle)
        shown = application_list.shown_of(columns, asked)
        page, rows = application_list.page_of(
            cycle, asked, request.GET.get("page", "1"), shown, cycle.today(), request.user
        )
        return {
            "asked": asked,
            "columns": columns,
            "shown": shown,
            "page": page,
            "rows": rows,
            "chips": application_list.chips(cycle, asked, request.user),
            "query": f"&{asked.query(cycle)}",
            "program": cycle.program,
            "may_confirm": request.user.has_perm("members.confirm_membership", cycle),
        }

    # One application

    def _one(self, request, pk, perm="programs.view_application"):
        """Outside of one's programs it is not there; inside without the right it is refused."""
        rows = Application.objects.select_related("cycle__program__association", "user", "form_version")
        slugs = scopes.slugs(request.user.scopes("programs.view_application"), "program")
        found = get_object_or_404(rows.filter(cycle__program__slug__in=slugs), pk=pk)
        if not request.user.has_perm(perm, found):
            raise PermissionDenied
        return found

    def read(self, request, pk):
        application = self._one(request, pk)
        return self._letter(request, application, DecideForm(application))

    def _letter(self, request, application, form):
        cycle = application.cycle
        known = facts.facts(application, cycle.today())
        required = list(cycle.program.gates.filter(role__in=["", application.role]))
        found = {f.code: f for stage in STAGES for f in gates.findings(known, required, stage)}
        asked = application.form_version or questions.of(cycle.program, Question.Moment.APPLICATION, application.role)
        own = application.user_id == request.user.pk
        context = {
            **self.admin_site.each_context(request),
            "title": str(application.user),
            "opts": self.opts,
            "cycle": cycle,
            "program": cycle.program,
            "application": application,
            "word": cycle.program.word_for(application.role),
            "answers": [] if application.state == State.DRAFT else questions.labelled(asked, application.answers),
            "findings": list(found.values()),
            "met": sum(finding.met for finding in found.values()),
            "waivers": self._waivers(request, application, required, found),
            "own": own,
            "form": form if not own and request.user.has_perm("programs.decide_application", application) else None,
            "may_help": not own and request.user.has_perm("programs.apply_on_behalf", application),
            **self._neighbours(application),
        }
        return render(request, "admin/programs/application.html", context)

    @staticmethod
    def _waivers(request, application, required, found):
        """The exceptions that this person may decide on: asked for, or possible because something is not met."""
        asked = {waiver.gate_id: waiver for waiver in application.waivers.all()}
        rows = []
        for gate in required:
            waiver, finding = asked.get(gate.pk), found.get(gate.code)
            perm = waivers.RIGHTS.get(gate.kind)
            open_now = waiver is not None and waiver.answer == Waiver.Answer.OPEN
            if (
                not perm
                or finding is None
                or (finding.met and not open_now)
                or not request.user.has_perm(perm, application)
            ):
                continue
            rows.append((gate, waiver, ExceptionForm(prefix=gate.code)))
        return rows

    @staticmethod
    def _neighbours(application):
        """Who comes before and after in the order of sending, and where this one stands."""
        same = Application.objects.filter(cycle=application.cycle_id, role=application.role, sent_at__isnull=False)
        order = list(same.order_by("sent_at", "pk").values_list("pk", "user__first_name", "user__last_name"))
        ids = [row[0] for row in order]
        if application.pk not in ids:
            return {"place": None}
        at = ids.index(application.pk)
        around = {
            "previous": order[at - 1] if at else None,
            "following": order[at + 1] if at + 1 < len(order) else None,
        }
        named = {key: (row[0], f"{row[1]} {row[2]}".strip()) for key, row in around.items() if row}
        return {"place": at + 1, "of": len(order), **named}

    def decide(self, request, pk):
        application = self._one(request, pk, "programs.decide_application")
        form = DecideForm(application, request.POST)
        if form.is_valid():
            try:
                form.carry_out(by=request.user)
            except NotAllowed as refused:
                application.refresh_from_db()
                form.add_error(None, [str(reason) for reason in refused.reasons])
            else:
                messages.success(request, _("Noted. %(name)s is written to.") % {"name": application.user})
                following = form.cleaned_data["following"]
                return redirect("admin:programs_application_read", following or application.pk)
        return self._letter(request, application, form)

    def exception(self, request, pk, gate):
        """Grant or refuse one exception, with a reason."""
        application = self._one(request, pk)
        found = get_object_or_404(Gate, pk=gate, program=application.program)
        perm = waivers.RIGHTS.get(found.kind)
        if not perm or not request.user.has_perm(perm, application):
            raise PermissionDenied
        form = ExceptionForm(request.POST, prefix=found.code)
        if not form.is_valid():
            messages.error(request, _("Please say why, in a line: the reason stays with the exception."))
            return redirect("admin:programs_application_read", pk)
        try:
            decide = waivers.grant if form.cleaned_data["answer"] == Waiver.Answer.GRANTED else waivers.refuse
            decide(application, found, by=request.user, reason=form.cleaned_data["reason"])
        except NotAllowed as refused:
            messages.error(request, " ".join(str(reason) for reason in refused.reasons))
        else:
            messages.success(request, _("The exception is decided, with your reason."))
        return redirect("admin:programs_application_read", pk)

    def on_behalf(self, request, pk):
        """What came by phone or on paper, typed in for somebody; the history says who typed."""
        application = self._one(request, pk, "programs.apply_on_behalf")
        if application.user_id == request.user.pk:
            raise PermissionDenied
        form = OnBehalfForm(application, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                form.carry_out(by=request.user, send="send" in request.POST)
            except NotAllowed as refused:
                application.refresh_from_db()
                form.add_error(None, [str(reason) for reason in refused.reasons])
            else:
                messages.success(request, _("Saved for %(name)s.") % {"name": application.user})
                return redirect("admin:programs_application_read", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("For %(name)s") % {"name": application.user},
            "opts": self.opts,
            "cycle": application.cycle,
            "program": application.program,
            "application": application,
            "form": form,
        }
        return render(request, "admin/programs/on_behalf.html", context)

    # "Is this a member?"

    @staticmethod
    def _held(request):
        """Who waits for their membership, where this person may say yes. Their answers are not read here."""
        slugs = scopes.slugs(request.user.scopes("members.confirm_membership"), "program")
        rows = Application.objects.filter(state=State.HELD, cycle__program__slug__in=slugs)
        return rows.select_related("user", "cycle__program__association").order_by("sent_at", "pk")

    def members(self, request):
        if not request.user.has_perm("members.confirm_membership"):
            raise PermissionDenied
        cycle = cycle_of(request, "members.confirm_membership")
        held = list(self._held(request).filter(cycle=cycle)[:100]) if cycle else []
        held.sort(key=lambda row: not (row.claimed_email or row.claimed_number))
        association = cycle.program.association if cycle else None
        rows = likely.rows_for(held, association)
        day = cycle.today() if cycle else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Is this a member?"),
            "opts": self.opts,
            "cycle": cycle,
            "rows": [
                (
                    row,
                    row.program.word_for(row.role),
                    [(one, likely.is_good(one.membership, association, day)) for one in rows[row.pk]],
                    row.user_id == request.user.pk,
                )
                for row in held
            ],
        }
        return render(request, "admin/programs/members.html", context)

    def answer_member(self, request, pk):
        """Yes, as this row of the list or by itself; or no. Nobody answers for themselves."""
        application = get_object_or_404(self._held(request), pk=pk)
        if not request.user.has_perm("members.confirm_membership", application):
            raise PermissionDenied
        back = f"{reverse('admin:programs_is_this_a_member')}?cycle={application.cycle_id}"
        association = application.program.association
        said = request.POST.get("answer", "")
        if said == "no":
            try:
                claims.not_found(application, by=request.user)
            except NotAllowed as refused:
                messages.error(request, " ".join(str(reason) for reason in refused.reasons))
            else:
                words = _("Noted. %(name)s stays on the list of those who are reminded.")
                messages.success(request, words % {"name": application.user})
            return redirect(back)
        like = None
        if said != "yes":
            rows = Membership.objects.visible_to(request.user).filter(association=association)
            like = get_object_or_404(rows, pk=said if said.isdecimal() and len(said) < 19 else 0)
        try:
            with transaction.atomic():
                standing.confirm(
                    association,
                    application.user.email,
                    by=request.user,
                    like=like,
                    number=application.claimed_number,
                    joined_on=application.cycle.today(),
                )
                applications.release(application, by=request.user)
        except NotAllowed as refused:
            messages.error(request, " ".join(str(reason) for reason in refused.reasons))
        else:
            messages.success(
                request, _("Thank you. The application of %(name)s goes in now.") % {"name": application.user}
            )
        return redirect(back)
