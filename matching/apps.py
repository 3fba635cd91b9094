from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = _("Matching")

    def ready(self):
        from mail import links, texts
        from matching import mine
        from matching.mail_texts import MAILS
        from programs import status

        links.register("offer", "offer_by_link")
        status.register_said(mine.said)
        texts.register(2, *MAILS)
