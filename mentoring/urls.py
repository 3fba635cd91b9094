"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from members import clock

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("members.urls")),  # before allauth: our sign-in takes the place of its own
    path("account/", include("allauth.urls")),
    path("", include("mail.urls"), {"now": clock.now}),
    path("", include("mentoring.views.urls")),
    path("", include("matching.urls")),
    path("", include("mentorships.urls")),
    path("", include("evaluations.urls")),
    path("", include("programs.urls")),  # last: a program's address is its short name
]
