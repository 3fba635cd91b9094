from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Evaluations")

    def ready(self):
        from evaluations.mail_texts import MAILS
        from mail import links, texts

        links.register("evaluation", "evaluation_by_link")
        texts.register(4, *MAILS)
