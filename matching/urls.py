"""The page on which a mentor answers an offer, signed in or by the link of a mail."""

from django.urls import path

from matching import offer_views

urlpatterns = [
    path("offer/<int:pk>/", offer_views.offer, name="offer"),
    path("offer/by-link/<str:token>/", offer_views.by_link, name="offer_by_link"),
]
