"""People, associations and memberships, and the page that brings a member list in."""

import base64
import binascii
import zlib

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import clock, member_list, scopes
from members.committee import ReadOnlyAdmin, SetupAdmin
from members.models import Association, Membership, User
from programs.models import Seat

MOST_BYTES = 10 * 2**20
KEPT = "member_list"  # where the session keeps a list between the look at it and the yes


class LinesField(forms.CharField):
    """A list of words, one in a line."""

    widget = forms.Textarea

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        lines = value if isinstance(value, list) else super().to_python(value).splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def validate(self, value):
        super().validate(value)
        if any(len(line) > 40 for line in value):
            raise forms.ValidationError(_("A status has 40 characters at most."))

    def run_validators(self, value):
        super().run_validators("\n".join(value))

    def has_changed(self, initial, data):
        return self.to_python(initial or []) != self.to_python(data or "")


class AssociationForm(forms.ModelForm):
    good_statuses = LinesField(
        label=gettext_lazy("Statuses in good standing"),
        help_text=gettext_lazy("As the member list writes them, one in a line."),
    )
    pending_statuses = LinesField(label=gettext_lazy("Statuses still being checked"), required=False)
    other_statuses = LinesField(
        label=gettext_lazy("Other statuses"),
        required=False,
        help_text=gettext_lazy("On the list, but not in good standing."),
    )

    class Meta:
        model = Association
        fields = [
            "name", "short_name", "slug", "website", "join_url", "office_email", "membership_email", "postal",
            "accent", "accent_dark", "good_statuses", "pending_statuses", "other_statuses",
        ]  # fmt: skip


def in_words(name: str):
    """A column that shows a list of words as words, for those who only look."""

    @admin.display(description=Association._meta.get_field(name).verbose_name)
    def shown(association):
        return ", ".join(getattr(association, name))

    return shown


STATUSES = {name: in_words(name) for name in ("good_statuses", "pending_statuses", "other_statuses")}


@admin.register(Association)
class AssociationAdmin(SetupAdmin):
    form = AssociationForm
    scoped_by = {"association": "slug"}
    list_display = ["name", "short_name", "membership_email"]
    search_fields = ["name", "short_name"]

    def get_fields(self, request, obj=None):
        if self.has_change_permission(request, obj) or obj is None:
            return AssociationForm.Meta.fields
        return [STATUSES.get(name, name) for name in AssociationForm.Meta.fields]

    def get_readonly_fields(self, request, obj=None):
        """The short name is part of addresses and of the history: it stays."""
        if obj is None:
            return []
        return ["slug"] if self.has_change_permission(request, obj) else self.get_fields(request, obj)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ["name", "email", "is_active"]
    search_fields = ["first_name", "last_name", "email"]
    fields = ["name", "email", "addresses", "roles", "is_active", "is_superuser", "joined_at"]
    readonly_fields = fields

    def has_view_permission(self, request, obj=None):
        """People belong to no program: the site's administration alone looks at accounts."""
        return request.user.has_perm("members.view_user")

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def name(self, user):
        return str(user)

    @admin.display(description=gettext_lazy("addresses that are proved"))
    def addresses(self, user):
        return ", ".join(user.own_addresses())

    @admin.display(description=gettext_lazy("committee roles"))
    def roles(self, user):
        seats = Seat.objects.filter(user=user).select_related("program", "association")
        return ", ".join(f"{seat.get_role_display()}, {seat.program or seat.association}" for seat in seats)


class ListForm(forms.Form):
    """Which association's list, and the file."""

    association = forms.ModelChoiceField(Association.objects.none(), label=gettext_lazy("Association"))
    file = forms.FileField(
        label=gettext_lazy("Member list"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=gettext_lazy(
            "A CSV file with the columns email, status and valid_from, and if you have them first_name, last_name, "
            "member_number, kind and valid_until. Days are written like 2025-09-01."
        ),
    )  # fmt: skip

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        may = scopes.slugs(user.scopes("members.import_members"), "association")
        field = self.fields["association"]
        field.queryset = Association.objects.filter(slug__in=may)
        if len(may) == 1:
            field.initial = field.queryset.first()

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 10 MB. Is it the member list?"))
        return file


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["member", "email", "status", "valid_from", "valid_until", "source"]
    list_filter = [("association", admin.RelatedOnlyFieldListFilter), "status", "kind"]
    list_select_related = ["association"]
    search_fields = ["first_name", "last_name", "email", "member_number"]
    change_list_template = "admin/members/membership_list.html"
    fields = [
        "association", "member", "email", "member_number", "kind", "status", "valid_from", "valid_until", "source", "seen_on",
    ]  # fmt: skip
    readonly_fields = fields

    @admin.display(description=gettext_lazy("member"), ordering="last_name")
    def member(self, membership):
        return str(membership)

    def get_urls(self):
        here = self.admin_site.admin_view(self.bring_in)
        return [path("bring-in/", here, name="members_bring_in"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        may = request.user.has_perm("members.import_members")
        return super().changelist_view(request, {"may_bring_in": may, **(extra_context or {})})

    def bring_in(self, request):
        """Upload a list, look at what it would change or at every mistake in it, then say yes."""
        if not request.user.has_perm("members.import_members"):
            raise PermissionDenied
        if request.method == "POST" and "yes" in request.POST:
            return self._write(request)
        form = ListForm(request.POST or None, request.FILES or None, user=request.user)
        context = {"form": form}
        if form.is_valid():
            association, data = form.cleaned_data["association"], form.cleaned_data["file"].read()
            found = member_list.read_file(association, data)
            context |= {"found": found, "association": association, "errors": found.errors}
            if not found.errors:
                context["would"] = would_change(association, found)
                request.session[KEPT] = {
                    "slug": association.slug,
                    "data": base64.b64encode(zlib.compress(data)).decode(),
                }
        return self._page(request, context)

    def _write(self, request):
        kept = request.session.pop(KEPT, None)
        association, found = unpack(kept)
        if association is None or not request.user.has_perm("members.import_members", association):
            messages.error(request, _("The list is no longer here. Please bring the file once more."))
            return redirect("admin:members_bring_in")
        if found.errors:
            return self._page(
                request, {"form": ListForm(user=request.user), "errors": found.errors, "association": association}
            )
        applied = member_list.apply(association, found, seen_on=clock.today("UTC"), by=request.user)
        done = _("The list is in. New: %(new)d, changed: %(changed)d, as before: %(same)d.") % vars(applied)
        messages.success(request, done)
        return redirect("admin:members_membership_changelist")

    def _page(self, request, context):
        title = {"title": _("Bring in the member list"), "opts": self.opts, "today": clock.today("UTC")}
        return render(
            request, "admin/members/bring_in.html", {**self.admin_site.each_context(request), **title, **context}
        )


def would_change(association, found) -> member_list.Applied:
    """What the list would change: counted by the code that writes, then undone."""
    with transaction.atomic():
        counted = member_list.apply(association, found, seen_on=clock.today("UTC"))
        transaction.set_rollback(True)
    return counted


def unpack(kept):
    """The association and the list that the session kept, read once more; (None, None) when there is none."""
    if not kept:
        return None, None
    association = Association.objects.filter(slug=kept.get("slug")).first()
    try:
        data = zlib.decompress(base64.b64decode(kept["data"]))
    except (binascii.Error, zlib.error, KeyError):
        return None, None
    return association, association and member_list.read_file(association, data)
