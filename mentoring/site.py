"""The committee's side: Django's admin, entered by a seat of today, its first page the cycle in hand."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _


class MentoringAdminSite(admin.AdminSite):
    site_title = _("Mentoring")
    site_header = _("Mentoring")
    index_title = _("Today")
    enable_nav_sidebar = False

    def has_permission(self, request):
        """A seat of today, or the site's administration."""
        return request.user.is_active and request.user.has_perm("mentoring.enter_admin")

    def login(self, request, extra_context=None):
        """One sign-in for everybody: the site's own."""
        if request.user.is_authenticated:
            return redirect("my")
        return redirect(
            f"{reverse('account_login')}?{urlencode({'next': request.GET.get('next', reverse('admin:index'))})}"
        )
