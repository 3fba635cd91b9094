"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("members.urls")),  # before allauth: our sign-in takes the place of its own
    path("account/", include("allauth.urls")),
    path("", include("mail.urls")),
    path("", include("mentoring.views.urls")),
    path("", include("matching.urls")),
    path("", include("mentorships.urls")),
    path("", include("evaluations.urls")),
    path("", include("programs.urls")),  # last: a program's address is its short name
]
