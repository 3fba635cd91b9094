from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = _("Matching")

    def ready(self):
        from mail import links
        from matching import mine
        from programs import status

        links.register("offer", "offer_by_link")
        status.register_said(mine.said)
