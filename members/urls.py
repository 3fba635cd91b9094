"""Signing in and one's own account. They stand before allauth's addresses and take the place of some."""

from django.urls import path
from django.views.generic import RedirectView

from members import views

to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/login/", views.ask_for_code, name="account_login"),
    path("account/login/code/", to_sign_in, name="account_request_login_code"),
    path("account/login/code/confirm/", views.enter_code, name="account_confirm_login_code"),
    path("account/login/link/<str:token>/", views.use_link, name="sign_in_link"),
    path("account/login/password/", views.with_password, name="sign_in_with_password"),
    path("account/email/", views.own_addresses, name="account_email"),
    path("account/signup/", to_sign_in, name="account_signup"),
    path("accent/<slug:slug>.css", views.accent, name="accent"),
    path("who-reads-what/", views.who_reads_what, name="who_reads_what"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
