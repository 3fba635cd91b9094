"""The site's addresses, and the demo's own: signing in with one click, and the mails that would have left."""

from django.urls import path

from mentoring.demo import views
from mentoring.urls import urlpatterns as site

urlpatterns = [
    path("demo/", views.start, name="demo"),
    path("demo/sign-in/", views.sign_in, name="demo_sign_in"),
    path("demo/mails/", views.mails, name="demo_mails"),
    path("demo/mails/<int:pk>/", views.mail, name="demo_mail"),
    path("demo/mails/<int:pk>/as-it-looks/", views.mail_as_it_looks, name="demo_mail_as_it_looks"),
    *site,
]
