"""What every page of the committee's side shares: rights from the policy, rows of one's own scopes, and our own history."""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members import journal, scopes
from members.models import Entry, User

SURROGATES = ("\ud800", "\udfff")


class Guarded:
    """Rights and rows for admins: nothing is allowed because somebody is a superuser.

    `scoped_by` says where a row's scope is found, for models whose queryset has no `visible_to` of its own or shows
    the public more than a seat may see: {"program": "cycle__program__slug"}.
    """

    scoped_by: dict[str, str] = {}

    def _right(self, act):
        return f"{self.opts.app_label}.{act}_{self.opts.model_name}"

    def view_on_site(self, obj):
        """The row's own page on the public side, where it has one."""
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def has_view_permission(self, request, obj=None):
        return any(request.user.has_perm(self._right(act), obj) for act in ("view", "change"))

    def has_add_permission(self, request, obj=None):
        return request.user.has_perm(self._right("add"))

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm(self._right("change"), obj)

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm(self._right("delete"), obj)

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if self.scoped_by:
            held = request.user.scopes(self._right("view")) | request.user.scopes(self._right("change"))
            found = [Q(**{f"{path}__in": scopes.slugs(held, kind)}) for kind, path in self.scoped_by.items()]
            return rows.filter(*found[:1]) if len(found) == 1 else rows.filter(found[0] | found[1])
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Only rows of places where this person may do it: a forged choice is no choice."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        rows = field.queryset if field else None
        if hasattr(rows, "of_seat"):
            field.queryset = rows.of_seat(request.user, self._right("change"))
        elif hasattr(rows, "visible_to"):
            field.queryset = rows.visible_to(request.user)
        return the_only_choice(field) if field and field.required else field


class SetupAdmin(Guarded, admin.ModelAdmin):
    """A table that the committee sets up: edited here, every change noted in the history. List `fields` one by one."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def lookup_allowed(self, lookup, value, request=None):
        """Only the filters that the page offers: nobody reads a hidden column by asking how it begins."""
        offered = {entry[0] if isinstance(entry, tuple) else entry for entry in self.get_list_filter(request)}
        known = {f"{name}{end}" for name in offered for end in ("", "__exact", "__id__exact", "__isnull")}
        return lookup in known

    def log_addition(self, request, obj, message):
        return journal.record(obj, "added", by=request.user)

    def log_change(self, request, obj, message):
        return journal.record(obj, "changed", by=request.user, reason=changed_fields(message))

    def log_deletions(self, request, queryset):
        return [journal.record(row, "deleted", by=request.user) for row in queryset]

    def save_model(self, request, obj, form, change):
        """Write what was changed and nothing else: what somebody else counted or edited meanwhile stays."""
        if not change:
            return super().save_model(request, obj, form, change)
        columns = {field.name for field in obj._meta.concrete_fields}
        if changed := sorted(columns & set(form.changed_data)):
            obj.save(update_fields=changed)
        return None

    def changelist_view(self, request, extra_context=None):
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, "subtitle": None, **(extra_context or {})})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["title"] = str(obj) if obj else _("New: %(what)s") % {"what": self.opts.verbose_name}
        context["subtitle"] = None
        return super().render_change_form(request, context, add, change, form_url, obj)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.JSONField) and isinstance(field, forms.JSONField):
            field.validators.append(no_broken_characters)
        if field is not None and db_field.related_model and hasattr(field.widget, "can_add_related"):
            # A plain choice: the pop-up windows beside it would lead away from a half-filled form.
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def history_view(self, request, object_id, extra_context=None):
        """What happened to this row, in words, from the history; of what is one's own affair only one's own acts."""
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        lines = Entry.objects.visible_to(request.user).filter(about=journal.about(obj))
        if hasattr(obj, "people") and request.user.pk in obj.people():
            lines = lines.filter(actor=request.user.pk)
        page = Paginator(lines, 50).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(what)s") % {"what": obj},
            "page": page,
            "lines": with_names(page),
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)


class ReadOnlyAdmin(SetupAdmin):
    """A table that is moved by verbs alone: read here, never typed into."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(self._right("view"), obj)


def the_only_choice(field):
    """Where there is one choice, it is chosen already. Gives the field back."""
    first = list(field.queryset[:2])
    if len(first) == 1:
        field.initial = first[0].pk
    return field


def changed_fields(message) -> str:
    """Which columns were changed, from what Django noted: "opens_on,closes_on"."""
    if not isinstance(message, list):
        return ""
    names = [name for part in message for name in part.get("changed", {}).get("fields", ())]
    return ",".join(str(name) for name in names)[:60]


def with_names(entries) -> list[tuple[Entry, str]]:
    """Each line of the history with the name of who acted, asked for all at once."""
    entries = list(entries)
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={entry.actor for entry in entries})}
    return [(entry, names.get(entry.actor, _("former member %(number)s") % {"number": entry.actor})
             if entry.actor else _("by itself")) for entry in entries]  # fmt: skip


def no_broken_characters(value):
    """No half characters and no NUL anywhere in a JSON value: neither database keeps them."""
    if isinstance(value, str):
        if any(char == "\x00" or SURROGATES[0] <= char <= SURROGATES[1] for char in value):
            raise forms.ValidationError(_("There is a character in it that cannot be stored."), code="characters")
    elif isinstance(value, dict):
        no_broken_characters([*value, *value.values()])
    elif isinstance(value, list):
        for part in value:
            no_broken_characters(part)
