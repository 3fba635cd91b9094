"""The public site's addresses: the programs, applying, and where an application stands."""

from django.urls import path

from programs.views import public

urlpatterns = [
    path("", public.home, name="home"),
    path("<slug:program>/", public.program, name="program"),
    path("<slug:program>/write/", public.write, name="program_write"),
]
