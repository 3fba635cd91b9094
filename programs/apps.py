from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = _("Programs")

    def ready(self):
        from mail import links, texts
        from programs.mail_texts import FIXED, MAILS

        links.register("agree", "application_agree")
        links.register("listed", "listed_answer")
        links.register("workshops", "workshops_by_link")
        links.register("waiting", "application_waiting_by_link")
        texts.register(1, *MAILS)
        texts.keep_as_shipped(**FIXED)
