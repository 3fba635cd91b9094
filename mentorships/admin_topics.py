"""Topics in the admin: the library, and the year's dates with what each side will read."""

import re

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mail import outbox
from mail.links import absolute
from mail.outbox import Recipient
from members import scopes
from members.committee import SetupAdmin, the_only_choice
from members.journal import NotAllowed
from mentorships import notices_topics, topics
from mentorships.models import CycleTopic, Topic
from programs.admin_applications import cycle_of
from programs.models import Cycle, Program, Role

FOLDED = re.compile(r"(?<=[^\n]{56})\n(?!\n|- |\d+\. )")
"""Where a plain mail was folded: after a long line, and not before the next point of a list."""
STAND_INS = {Role.MENTOR: ("Mo", ["Bea"]), Role.MENTEE: ("Bea", ["Mo"])}


@admin.register(Topic)
class TopicAdmin(SetupAdmin):
    """The library."""

    scoped_by = {"program": "program__slug"}
    fields = ["program", "title", "code", "body", "order"]
    list_display = ["title", "program", "order"]
    list_filter = [("program", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["program"]
    search_fields = ["title", "body"]
    ordering = ["program", "order", "pk"]
    prepopulated_fields = {"code": ["title"]}

    def has_delete_permission(self, request, obj=None):
        """What stands in a year, or has been talked about, stays."""
        used = obj is not None and CycleTopic.objects.filter(topic=obj).exists()
        return super().has_delete_permission(request, obj) and not used


class CycleTopicForm(forms.ModelForm):
    class Meta:
        model = CycleTopic
        fields = ["cycle", "number", "topic", "mentor_on", "mentee_on", "skipped"]

    def clean(self):
        """A topic of the cycle's own program, once a year, on days of its mentoring year."""
        given = super().clean()
        cycle = given.get("cycle") or getattr(self.instance, "cycle", None)
        topic = given.get("topic") or getattr(self.instance, "topic", None)
        if cycle and topic and topic.program_id != cycle.program_id:
            self.add_error("topic", _("This topic is in the library of another program."))
        elif cycle and topic:
            twice = CycleTopic.objects.filter(cycle=cycle, topic=topic).exclude(pk=self.instance.pk).first()
            if twice:
                self.add_error(None, _("“%(topic)s” is number %(number)d of this year already.") % {
                    "topic": topic, "number": twice.number,
                })  # fmt: skip
        if cycle:
            self._on_days_of(cycle, given)
        return given

    def _on_days_of(self, cycle, given):
        for name in ("mentor_on", "mentee_on"):
            day = given.get(name)
            if day and not cycle.announced_on <= day <= cycle.ends_on:
                self.add_error(name, ValidationError(
                    _("Nobody is in a pair on this day: the year goes from %(begin)s to %(end)s.")
                    % {"begin": cycle.announced_on, "end": cycle.ends_on}
                ))  # fmt: skip


@admin.register(CycleTopic)
class CycleTopicAdmin(SetupAdmin):
    """The year's dates."""

    form = CycleTopicForm
    scoped_by = {"program": "cycle__program__slug"}
    fields = ["cycle", "number", "topic", "mentor_on", "mentee_on", "skipped"]

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("lay-out/", page(require_POST(self.lay_out)), name="mentorships_topics_lay_out"),
            path("<int:pk>/preview/", page(require_safe(self.preview)), name="mentorships_topic_preview"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request, obj=None):
        """Once somebody has it, a month keeps its topic: the dates of those who have not may still move."""
        if obj is None:
            return []
        return ["cycle", "number", *(["topic"] if notices_topics.has_left(obj) else [])]

    def has_delete_permission(self, request, obj=None):
        """What somebody has got stays; it can be left out for the others."""
        left = obj is not None and notices_topics.has_left(obj)
        return super().has_delete_permission(request, obj) and not left

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "topic":
            held = scopes.slugs(request.user.scopes(self._right("change")), "program")
            field.queryset = Topic.objects.filter(program__slug__in=held).select_related("program")
            the_only_choice(field)
        return field

    def get_changeform_initial_data(self, request):
        """The next number of the cycle in hand."""
        cycle = cycle_of(request, "mentorships.change_cycletopic")
        if cycle is None:
            return {}
        last = CycleTopic.objects.filter(cycle=cycle).aggregate(last=Max("number"))["last"] or 0
        return {"cycle": cycle.pk, "number": last + 1}

    def response_post_save_change(self, request, obj):
        return redirect(_year(obj.cycle))

    response_post_save_add = response_post_save_change

    def changelist_view(self, request, extra_context=None):
        """The year of one cycle, month by month."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        cycle = cycle_of(request, "mentorships.view_cycletopic")
        context = {**self.admin_site.each_context(request), "title": _("Topics of the year"), "cycle": cycle}
        if cycle:
            rows = list(CycleTopic.objects.filter(cycle=cycle).select_related("topic"))
            to = notices_topics.leaving_to(rows)
            context |= {
                "program": cycle.program,
                "today": cycle.today(),
                "rows": [(row, to[row.pk, Role.MENTOR], to[row.pk, Role.MENTEE]) for row in rows],
                "sends": cycle.program.topic_recipients != Program.TopicRecipients.NONE,
                "in_library": Topic.objects.filter(program=cycle.program).count(),
                "may_change": request.user.has_perm("mentorships.change_cycletopic", cycle),
            }
        return render(request, "admin/mentorships/topics.html", context)

    def lay_out(self, request):
        """The library, month by month over a cycle that has no topics yet."""
        cycles = Cycle.objects.of_seat(request.user, "mentorships.add_cycletopic").select_related("program")
        wanted = request.POST.get("cycle", "")
        cycle = get_object_or_404(cycles, pk=wanted if wanted.isdecimal() and len(wanted) < 19 else 0)
        try:
            topics.lay_out(cycle, by=request.user)
        except NotAllowed as error:
            messages.error(request, " ".join(str(reason) for reason in error.reasons))
        else:
            messages.success(request, _("Planned. Move, change or leave out what you like; nothing has left."))
        return redirect(_year(cycle))

    def preview(self, request, pk):
        """What mentors and what mentees will read, by the code that sends."""
        row = self.get_object(request, str(pk))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "cycle": row.cycle,
            "program": row.cycle.program,
            "row": row,
            "mails": [_shown(row, role) for role in Role],
        }
        return render(request, "admin/mentorships/topic_preview.html", context)


def _year(cycle):
    return f"{reverse('admin:mentorships_cycletopic_changelist')}?cycle={cycle.pk}"


def _shown(row, role):
    """Word for the side, its day, subject and text of the mail, with names that stand for everybody."""
    name, partners = STAND_INS[role]
    program = row.cycle.program
    context = {
        **notices_topics.words(row, role, name, partners),
        "page": absolute(reverse("my")),
        "to": Recipient("", name),
        "also": None,
        "sender": program.sender(),
        "site_url": settings.SITE_URL,
    }
    subject, text, _html = outbox.render("topic", context)
    day = notices_topics.day_of(row, role)
    return {"word": program.word_for(role), "day": day, "subject": subject, "text": FOLDED.sub(" ", text)}
