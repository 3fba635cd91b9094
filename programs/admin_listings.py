"""Listed mentors, read by the committee; and what people say, for the program's page."""

from django.contrib import admin

from members.committee import ReadOnlyAdmin, SetupAdmin
from programs.models import Listing, Testimonial

OF_PROGRAM = {"program": "program__slug"}
BY_PROGRAM = ("program", admin.RelatedOnlyFieldListFilter)


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    """Who stays on the list between cycles; only the mentor joins, pauses and leaves."""

    scoped_by = OF_PROGRAM
    list_display = ["user", "program", "since", "available", "paused_until", "asked_for", "answer"]
    list_filter = [BY_PROGRAM, "available"]
    list_select_related = ["user", "program", "asked_for__program"]
    search_fields = ["user__first_name", "user__last_name"]
    fields = ["user", "program", "since", "available", "paused_until", "asked_for", "answer"]


@admin.register(Testimonial)
class TestimonialAdmin(SetupAdmin):
    """What somebody says stands on the page only with their yes."""

    scoped_by = OF_PROGRAM
    list_display = ["__str__", "role", "name", "program", "agreed", "published", "order"]
    list_filter = [BY_PROGRAM, "published"]
    list_select_related = ["program"]
    fields = ["program", "role", "text", "name", "agreed", "published", "order"]
