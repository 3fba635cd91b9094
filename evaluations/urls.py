"""Giving an evaluation, signed in or from the mail."""

from django.urls import path

from evaluations import views

urlpatterns = [
    path("evaluation/<int:pk>/", views.evaluation, name="evaluation"),
    path("evaluation/<int:pk>/afterwards/", views.afterwards, name="evaluation_afterwards"),
    path("evaluation/by-link/<str:token>/", views.by_link, name="evaluation_by_link"),
    path("evaluation/by-link/<str:token>/afterwards/", views.afterwards_by_link, name="evaluation_afterwards_by_link"),
]
