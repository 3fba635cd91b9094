"""The public site's addresses: the programs, applying, and where an application stands."""

from django.urls import path

from programs.views import application, apply, listed, preferences, public, waiting, workshops

urlpatterns = [
    path("", public.home, name="home"),
    path("application/agree/<str:token>/", application.agree, name="application_agree"),
    path("application/waiting/<str:token>/", waiting.by_link, name="application_waiting_by_link"),
    path("application/<int:pk>/waiting/", waiting.signed_in, name="application_waiting"),
    path("application/<int:pk>/", application.application, name="application"),
    path("application/<int:pk>/claim/", application.claim, name="application_claim"),
    path("application/<int:pk>/change/", application.change, name="application_change"),
    path("application/<int:pk>/withdraw/", application.withdraw, name="application_withdraw"),
    path("application/<int:pk>/reopen/", application.reopen, name="application_reopen"),
    path("application/<int:pk>/keep/", application.keep, name="application_keep"),
    path("application/workshops/<str:token>/", workshops.by_link, name="workshops_by_link"),
    path("application/<int:pk>/workshops.ics", workshops.signed_in, name="workshops"),
    path("listed/<str:token>/", listed.answer, name="listed_answer"),
    path("my/mail/", preferences.my_mail, name="my_mail"),
    path("<slug:program>/", public.program, name="program"),
    path("<slug:program>/listed/", listed.listed, name="listed"),
    path("<slug:program>/listed/answer/", listed.round_, name="listed_round"),
    path("<slug:program>/write/", public.write, name="program_write"),
    path("<slug:program>/<slug:cycle>/apply/<str:role>/", apply.apply, name="apply"),
    path("<slug:program>/<slug:cycle>/apply/<str:role>/<str:section>/", apply.apply, name="apply_section"),
]
