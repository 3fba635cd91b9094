from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "mail"
    verbose_name = "Mail"

    def ready(self):
        from mail import leaving, links

        links.register(leaving.PURPOSE, "leave_mail")
