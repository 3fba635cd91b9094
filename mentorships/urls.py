"""A pair's pages, and the one-tap answers that mails lead to."""

from django.urls import path

from mentorships import views, views_extension, views_next_steps

urlpatterns = [
    path("mentorship/<int:pk>/", views.mentorship, name="mentorship"),
    path("mentorship/<int:pk>/plan/", views.plan, name="mentorship_plan"),
    path("mentorship/<int:pk>/dates.ics", views.dates, name="mentorship_dates"),
    path("mentorship/<int:pk>/ask/<slug:kind>/", views.ask, name="mentorship_ask"),
    path("mentorship/<int:pk>/take-back/<int:request_pk>/", views.take_back, name="mentorship_take_back"),
    path("mentorship/<int:pk>/check-in/<int:check_in>/", views.check_in, name="check_in"),
    path("another-year/<int:pk>/", views_extension.answer, name="extension"),
    path("another-year/by-link/<str:token>/", views_extension.by_link, name="extension_answer"),
    path("next-step/<int:pk>/", views_next_steps.answer, name="next_step"),
    path("next-step/by-link/<str:token>/", views_next_steps.by_link, name="next_step_answer"),
    path("check-in/<str:token>/", views.check_in_by_link, name="check_in_answer"),
]
