"""The public site's addresses: the programs, applying, and where an application stands."""

from django.urls import path

from programs.views import application, apply, public

urlpatterns = [
    path("", public.home, name="home"),
    path("application/agree/<str:token>/", application.agree, name="application_agree"),
    path("application/<int:pk>/", application.application, name="application"),
    path("application/<int:pk>/claim/", application.claim, name="application_claim"),
    path("application/<int:pk>/change/", application.change, name="application_change"),
    path("application/<int:pk>/withdraw/", application.withdraw, name="application_withdraw"),
    path("application/<int:pk>/reopen/", application.reopen, name="application_reopen"),
    path("application/<int:pk>/keep/", application.keep, name="application_keep"),
    path("<slug:program>/", public.program, name="program"),
    path("<slug:program>/write/", public.write, name="program_write"),
    path("<slug:program>/<slug:cycle>/apply/<str:role>/", apply.apply, name="apply"),
    path("<slug:program>/<slug:cycle>/apply/<str:role>/<str:section>/", apply.apply, name="apply_section"),
]
