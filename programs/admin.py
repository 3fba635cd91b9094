"""What the committee sets up: the program, its cycles, pages, questions, requirements, workshops and committee roles."""

from django.contrib import admin
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from members import scopes
from members.committee import SetupAdmin, the_only_choice
from programs import admin_forms as forms
from programs import (  # noqa: F401 (they register their own pages)
    admin_listings,
    admin_training,
    cycles,
    questions,
    seats,
)
from programs.admin_applications import ApplicationAdmin
from programs.models import Application, Cycle, Gate, Page, Program, Question, Role, Seat

OF_PROGRAM = {"program": "program__slug"}
BY_PROGRAM = ("program", admin.RelatedOnlyFieldListFilter)
BY_VERB = {
    "cap_mentees": lambda cycle, cap, by: cycles.set_cap(cycle, Role.MENTEE, cap, by=by),
    "cap_mentors": lambda cycle, cap, by: cycles.set_cap(cycle, Role.MENTOR, cap, by=by),
    "shut": lambda cycle, shut, by: (cycles.close_by_hand if shut else cycles.open_again)(cycle, by=by),
}


@admin.register(Program)
class ProgramAdmin(SetupAdmin):
    form = forms.ProgramForm
    scoped_by = {"program": "slug"}
    list_display = ["name", "association", "published"]
    list_select_related = ["association"]
    search_fields = ["name"]
    fieldsets = [
        (_("What everybody reads"), {"fields": ["name", "published", "headline", "lede", "hours_text", "rhythm_text"]}),
        (_("Who and where"), {"fields": ["association", "slug", "time_zone", "zone_word", "reply_to", "contact_name"]}),
        (_("Your words"), {"fields": ["mentor_word", "mentee_word", "contact_word"]}),
        (
            _("The mentoring year"),
            {"fields": ["term_anchor", "term_months", "introduce", "first_contact", "midway_after_months"]},
        ),
        (
            _("Applying and matching"),
            {"fields": ["admission", "hold_days", "mentor_capacity", "other_employer", "priority_order"]},
        ),
        (
            _("More"),
            {
                "classes": ["collapse"],
                "fields": [
                    "extension_months", "max_extensions", "rematch_min_days", "mentor_confirms", "offer_days",
                    "mentor_listing", "liaisons", "topic_recipients", "topic_day", "job_search", "service_letters",
                    "letter_min_months", "evaluation_days", "report_minimum",
                ],
            },
        ),
    ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        """The short name is part of every address and of the history; a program stays with its association."""
        return ["association", "slug"] if obj else []


@admin.register(Cycle)
class CycleAdmin(SetupAdmin):
    form = forms.CycleForm
    scoped_by = OF_PROGRAM
    list_display = ["name", "program", "opens_on", "closes_on", "announced_on", "ends_on"]
    list_filter = [BY_PROGRAM]
    list_select_related = ["program"]
    fieldsets = [
        (None, {"fields": ["program", "name", "slug"]}),
        (_("Applying"), {"fields": ["opens_on", "closes_on", "hear_by", "shut", "cap_mentees", "cap_mentors"]}),
        (_("The mentoring year"), {"fields": ["announced_on", "begins_on", "ends_on"]}),
        (_("More"), {"classes": ["collapse"], "fields": ["evaluation_mode"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("program")

    def get_object(self, request, object_id, from_field=None):
        """While it is saved nobody is let in: a cap is compared with the places that are really taken."""
        found = super().get_object(request, object_id, from_field)
        return (
            Cycle.objects.select_for_update().select_related("program").get(pk=found.pk)
            if request.method == "POST"
            else found
        )

    def get_readonly_fields(self, request, obj=None):
        """Names of addresses stay; how evaluations are kept was promised before the cycle began."""
        if obj is None:
            return []
        return ["program", "slug", *(["evaluation_mode"] if obj.begins_on <= obj.today() else [])]

    def save_model(self, request, obj, form, change):
        """Limits and closing by hand are changed by the verbs that say so in the history."""
        by_verb = {name: getattr(obj, name) for name in form.changed_data if name in BY_VERB} if change else {}
        form.changed_data = [name for name in form.changed_data if name not in by_verb]
        super().save_model(request, obj, form, change)
        for name, value in by_verb.items():
            BY_VERB[name](obj, value, request.user)

    def log_change(self, request, obj, message):
        return super().log_change(request, obj, message) if message else None

    def has_delete_permission(self, request, obj=None):
        """A cycle that somebody has applied to stays."""
        return super().has_delete_permission(request, obj) and not (obj and obj.applications.exists())


@admin.register(Page)
class PageAdmin(SetupAdmin):
    form = forms.PageForm
    scoped_by = OF_PROGRAM
    list_display = ["title", "program", "kind", "role", "order"]
    list_filter = [BY_PROGRAM, "kind", "role"]
    list_select_related = ["program"]
    search_fields = ["title", "body"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["program", "kind", "role", "title", "slug", "body", "order"]


@admin.register(Question)
class QuestionAdmin(SetupAdmin):
    form = forms.QuestionForm
    scoped_by = OF_PROGRAM
    list_display = ["label", "program", "moment", "role", "section", "required", "order"]
    list_filter = [BY_PROGRAM, "moment", "role"]
    list_select_related = ["program"]
    search_fields = ["label", "code"]
    ordering = ["program", "order", "pk"]
    fieldsets = [
        (None, {"fields": ["program", "moment", "role", "section"]}),
        (_("The question"), {"fields": ["label", "help", "kind", "options", "required", "audience"]}),
        (
            _("More"),
            {"classes": ["collapse"], "fields": ["code", "order", "at_least", "at_most", "shown_when"]},
        ),
    ]

    def get_urls(self):
        preview = path(
            "preview/<slug:program>/<str:moment>/<str:role>/",
            self.admin_site.admin_view(self.preview),
            name="programs_question_preview",
        )
        return [preview, *super().get_urls()]

    def preview(self, request, program, moment, role):
        """The form as a mentor or a mentee sees it. Nothing typed here is kept."""

        found = get_object_or_404(Program.objects.of_seat(request.user, "programs.view_question"), slug=program)
        if moment not in Question.Moment.values or role not in Role.values:
            raise Http404
        asked = questions.of(found, moment, role)
        context = {
            "program": found,
            "form": questions.AnswersForm(asked),
            "moment": Question.Moment(moment).label,
            "word": found.word_for(role),
            "others": [
                (other.label, other.value, side, found.word_for(side))
                for other in Question.Moment
                for side in Role.values
                if (other.value, side) != (moment, role)
            ],
            "here": (moment, role),
        }
        return render(request, "programs/preview.html", context)

    def changelist_view(self, request, extra_context=None):
        programs = Program.objects.of_seat(request.user, "programs.view_question")
        return super().changelist_view(request, {"programs": programs, "roles": Role.choices, **(extra_context or {})})

    def has_delete_permission(self, request, obj=None):
        """Once people may have answered a question, it stays."""
        return super().has_delete_permission(request, obj) and not (obj and forms.in_use(obj))


@admin.register(Gate)
class GateAdmin(SetupAdmin):
    form = forms.GateForm
    scoped_by = OF_PROGRAM
    list_display = ["__str__", "program", "kind", "role", "stage", "consequence"]
    list_filter = [BY_PROGRAM, "kind"]
    list_select_related = ["program"]
    fieldsets = [
        (None, {"fields": ["program", "kind", "role", "title"]}),
        (_("When, and what follows"), {"fields": ["stage", "consequence"]}),
        (_("An agreement"), {"fields": ["text", "url"]}),
        (_("Years"), {"fields": ["years"]}),
        (_("More"), {"classes": ["collapse"], "fields": ["code", "order"]}),
    ]

    def save_model(self, request, obj, form, change):
        """New wording is a new version: what people agreed to before stays what it was."""
        if change and {"text", "url"} & set(form.changed_data):
            obj.version += 1
            form.changed_data.append("version")
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        """What somebody has agreed to or was let off stays on record."""
        used = obj and (obj.acceptances.exists() or obj.waivers.exists())
        return super().has_delete_permission(request, obj) and not used


@admin.register(Seat)
class SeatAdmin(SetupAdmin):
    form = forms.SeatForm
    list_display = ["user", "role", "program", "association", "first_day", "last_day", "name_shown"]
    list_filter = [BY_PROGRAM, "role"]
    list_select_related = ["user", "program", "association"]
    fieldsets = [
        (_("Who"), {"fields": ["email", "first_name", "last_name"]}),
        (_("Which role"), {"fields": ["program", "association", "role", "first_day", "last_day"]}),
        (_("On the program's page"), {"fields": ["does", "name_shown"]}),
    ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.giver = request.user
        return form

    def get_fieldsets(self, request, obj=None):
        who, role, shown = self.fieldsets
        where = [name for name in role[1]["fields"] if name != "association" or request.user.is_superuser]
        return [(who[0], {"fields": ["user"]}) if obj else who, (role[0], {"fields": where}), shown]

    def get_readonly_fields(self, request, obj=None):
        """Who sits where since when is history; only its end moves, and nobody moves their own."""
        if obj is None:
            return []
        kept = ["user", "program", "association", "role", "first_day"]
        return [*kept, "last_day"] if obj.user_id == request.user.pk or not self._gives(request, obj) else kept

    def _gives(self, request, obj):
        return obj.role in seats.may_give(request.user, obj.program or obj.association)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        held = request.user.scopes("programs.add_seat")
        if db_field.name == "program":
            field.queryset = Program.objects.filter(slug__in=scopes.slugs(held, "program"))
            the_only_choice(field)
        elif db_field.name == "association":
            everywhere = request.user.is_superuser
            field.queryset = field.queryset.filter(slug__in=scopes.slugs(held, "association") if everywhere else set())
        return field

    def has_delete_permission(self, request, obj=None):
        """A role ends on its last day; that it was held is never unsaid."""
        return False


admin.site.register(Application, ApplicationAdmin)
