from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self):
        from allauth.account import signals

        from mail import leaving, outbox, texts, witness
        from members import changes_of_address, journal, people
        from members.journal import make_trigger
        from members.models import User

        # An SQLite table remake drops the trigger, so it is made again after every migrate.
        post_migrate.connect(make_trigger, sender=self, dispatch_uid="members.journal.make_trigger")
        leaving.register(people.addresses_of)
        witness.register(journal.record)
        outbox.ask_for_closed_accounts(User.objects.closed)
        of_access = _("Mails with a code or for a password: they say the same to everybody, whoever asks.")
        names = ("sign_in_code", "sign_in_instead", "password_reset", "confirm_address")
        texts.keep_as_shipped(**dict.fromkeys(names, of_access))
        signals.email_changed.connect(changes_of_address.changed, dispatch_uid="members.address.changed")
        signals.email_removed.connect(changes_of_address.removed, dispatch_uid="members.address.removed")
        signals.email_confirmed.connect(changes_of_address.confirmed, dispatch_uid="members.address.confirmed")
