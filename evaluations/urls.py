"""Giving an evaluation, signed in or from the mail."""

from django.urls import path

from evaluations import views, views_letters

urlpatterns = [
    path("evaluation/<int:pk>/", views.evaluation, name="evaluation"),
    path("evaluation/<int:pk>/afterwards/", views.afterwards, name="evaluation_afterwards"),
    path("evaluation/by-link/<str:token>/", views.by_link, name="evaluation_by_link"),
    path("evaluation/by-link/<str:token>/afterwards/", views.afterwards_by_link, name="evaluation_afterwards_by_link"),
    path("letter/", views_letters.look_up, name="letter"),
    path("letter/ask/<int:pk>/", views_letters.ask, name="letter_ask"),
    path("letter/<int:pk>.pdf", views_letters.pdf, name="letter_pdf"),
    path("letter/<str:code>/", views_letters.check, name="letter_check"),
]
