"""The history as people read it: who did what, with names where there are names."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mail.models import Message
from members import scopes
from members.committee import ReadOnlyAdmin, with_names
from members.models import Entry
from mentoring import deeds, mail_room, own_affairs
from mentoring.admin_pages import PlainWords, model_named, rows_named
from programs.models import Program, Seat

ROLES = {**dict(Seat.Role.choices), "site_admin": gettext_lazy("site administrator"), "system": ""}


class HistoryList(ChangeList):
    """A page of the history, with the names it needs asked for all at once."""

    def get_results(self, request):
        super().get_results(request)
        give_names(self.result_list)


def give_names(entries) -> None:
    """Put on each line who acted and what it was about, in words, and the program in whose zone it is told."""
    entries = list(entries)
    rows = rows_named(entry.about for entry in entries)
    slugs = scopes.slugs({entry.scope for entry in entries}, "program")
    programs = {program.scope: program for program in Program.objects.filter(slug__in=slugs)}
    for entry, who in with_names(entries):
        entry.program = programs.get(entry.scope)
        role = ROLES.get(entry.role, entry.role)
        entry.who_words = f"{who} ({role})" if role else str(who)
        entry.about_words = about_in_words(entry.about, rows)


def about_in_words(about: str, rows: dict) -> str:
    """ "application: Bea Lindqvist, mentee"; only the kind where the row is no more."""
    model = model_named(about.partition(":")[0])
    kind = model._meta.verbose_name if model else about.partition(":")[0]
    return f"{kind}: {rows[about]}" if about in rows else _("%(kind)s (no longer here)") % {"kind": kind}


class Deeds(PlainWords):
    words = staticmethod(deeds.words)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["when", "who", "did", "about_what", "change"]
    list_display_links = None
    list_filter = [("verb", Deeds)]
    fields = ["when", "who", "did", "about_what", "change", "reason"]
    readonly_fields = fields
    show_full_result_count = False

    def get_queryset(self, request):
        """Of a pair of one's own only one's own acts: what the partner asked of the committee is the colleagues' to read."""
        own = Q(about__in=own_affairs.of(request.user)) & ~Q(actor=request.user.pk)
        return super().get_queryset(request).exclude(own)

    def get_changelist(self, request, **kwargs):
        return HistoryList

    def get_object(self, request, object_id, from_field=None):
        entry = super().get_object(request, object_id, from_field)
        give_names([entry])
        return entry

    @admin.display(description=gettext_lazy("when"), ordering="at")
    def when(self, entry):
        return mail_room.in_zone(entry.at, entry.program)

    @admin.display(description=gettext_lazy("who"))
    def who(self, entry):
        return entry.who_words

    @admin.display(description=gettext_lazy("did"), ordering="verb")
    def did(self, entry):
        return deeds.words(entry.verb)

    @admin.display(description=gettext_lazy("what"))
    def about_what(self, entry):
        return entry.about_words

    @admin.display(description=gettext_lazy("from and to"))
    def change(self, entry):
        if not entry.to:
            return deeds.reason(entry.verb, entry.reason)
        states = dict(getattr(model_named(entry.about.partition(":")[0]), "State", Message.State).choices)
        return f"{states.get(entry.came_from, entry.came_from)} → {states.get(entry.to, entry.to)}"
