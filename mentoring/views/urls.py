"""The roof's own addresses."""

from django.urls import path

from mentoring.views import health, my

urlpatterns = [
    path("health", health.health, name="health"),
    path("my/", my.my, name="my"),
]
