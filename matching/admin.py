"""What we look at is set up here; suggestions and matches are only read, and moved at the desk."""

from django import forms
from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from matching import offer_admin, views
from matching.models import Criterion, Match
from members.committee import ReadOnlyAdmin, SetupAdmin
from programs.models import Program, Question, Role


class CriterionForm(forms.ModelForm):
    """One thing we look at, in words; its points stand behind "More"."""

    class Meta:
        model = Criterion
        fields = [
            "program", "label", "kind", "mentee_question", "mentor_question", "low", "high", "weight", "order", "code", "points",
        ]  # fmt: skip
        labels = {"low": _("At least ahead"), "high": _("At most ahead")}
        help_texts = {
            "label": _("As the desk says it: “The same type of library”."),
            "mentee_question": _(
                "The code of the question, as under Questions. For wishes: only on the side that wishes."
            ),
            "mentor_question": _("The code of the question that mentors answer."),
            "low": _("For a difference: the mentor is at least so many ahead."),
            "high": _("For a difference: and at most so many."),
            "points": _("Empty: most important 6, counts 3, nice to have 1."),
        }

    def clean(self):
        found = super().clean()
        program = found.get("program") or (self.instance.program if self.instance.program_id else None)
        if program:
            self._questions_are_there(program, found)
        return found

    def _questions_are_there(self, program: Program, found: dict) -> None:
        for name, role in (("mentee_question", Role.MENTEE), ("mentor_question", Role.MENTOR)):
            code = found.get(name)
            asked = program.questions.filter(moment=Question.Moment.APPLICATION, role__in=["", role], code=code)
            if code and not asked.exists():
                self.add_error(name, _("The application form asks no such question of them."))


@admin.register(Criterion)
class CriterionAdmin(SetupAdmin):
    form = CriterionForm
    radio_fields = {"kind": admin.VERTICAL, "weight": admin.VERTICAL}
    scoped_by = {"program": "program__slug"}
    list_display = ["label", "program", "weight", "kind"]
    list_filter = [("program", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["program"]
    fieldsets = [
        (None, {"fields": ["program", "label", "weight"]}),
        (_("What is compared"), {"fields": ["kind", "mentee_question", "mentor_question", "low", "high"]}),
        (_("More"), {"classes": ["collapse"], "fields": ["code", "order", "points"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        """The short name stands in stored reasons; a thing we look at stays with its program."""
        return ["program", "code"] if obj else []


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ["mentee_application", "mentor_application", "cycle", "state", "announced_at"]
    list_filter = ["state"]
    list_select_related = ["cycle__program", "mentor_application__user", "mentee_application__user"]
    fields = [
        "cycle", "mentee_application", "mentor_application", "state", "kept", "apart", "note",
        "made_at", "announced_at", "confirmed_by",
    ]  # fmt: skip

    def get_queryset(self, request):
        """The committee's matches; an offer made to oneself is read on the public side."""
        return (
            super()
            .get_queryset(request)
            .filter(cycle__program__in=Program.objects.of_seat(request.user, "matching.view_match"))
        )

    def get_urls(self):
        desk, leave, export = (self.admin_site.admin_view(view) for view in (views.desk, views.announce, views.export))
        return [
            path("desk/<int:cycle>/", desk, name="matching_desk"),
            path("announce/<int:cycle>/", leave, name="matching_announce"),
            path("offers/<int:cycle>/", self.admin_site.admin_view(offer_admin.offers_of), name="matching_offers"),
            path("offer/<int:pk>/", self.admin_site.admin_view(offer_admin.offer), name="matching_offer"),
            path("suggestion/<int:pk>/input.json", export, name="matching_export"),
            *super().get_urls(),
        ]
