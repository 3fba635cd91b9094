"""The pages that mails lead to by themselves. Whoever includes them says what the time is (`now`): mail has no clock."""

from django.urls import path

from mail import views

urlpatterns = [
    path("mail/leave/<str:token>/", views.leave, name="leave_mail"),
    path("mail/events/<slug:provider>/", views.provider_events, name="mail_events"),
]
