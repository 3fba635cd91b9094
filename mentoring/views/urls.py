"""The roof's own addresses."""

from django.urls import path

from mentoring.views import my

urlpatterns = [
    path("my/", my.my, name="my"),
]
