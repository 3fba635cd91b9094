from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MentorshipsConfig(AppConfig):
    name = "mentorships"
    verbose_name = _("Mentorships")

    def ready(self):
        from mail import links, texts
        from mentorships import mine
        from mentorships.mail_texts import MAILS
        from programs import status

        links.register("check-in", "check_in_answer")
        links.register("extension", "extension_answer")
        links.register("next-step", "next_step_answer")
        status.register_pairs(mine.led_to)
        texts.register(3, *MAILS)
