from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = "Mentoring"

    def ready(self):
        from mentoring import sender  # noqa: F401  its check of the mail server's setting


class MentoringAdminConfig(AdminConfig):
    """Django's admin, with our site: its first page is the cycle, its rights are the committee's."""

    default_site = "mentoring.site.MentoringAdminSite"
