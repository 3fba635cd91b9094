"""The pages that mails lead to by themselves."""

from django.urls import path

from mail import views

urlpatterns = [path("mail/leave/<str:token>/", views.leave, name="leave_mail")]
