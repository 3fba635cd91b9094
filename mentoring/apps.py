from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = "Mentoring"

    def ready(self):
        from mail import texts
        from mentoring import sender  # noqa: F401  its check of the mail server's setting

        texts.keep_as_shipped(
            test_mail=_("The test mail: it shows how mail of the site arrives."),
            mailing=_("What you write to people from a list: it is worded anew each time."),
        )


class MentoringAdminConfig(AdminConfig):
    """Django's admin, with our site: its first page is the cycle, its rights are the committee's."""

    default_site = "mentoring.site.MentoringAdminSite"
