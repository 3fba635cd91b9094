"""Hold all mail of the whole site: the first thing to do with a restored backup."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from mail import stopping
from members import clock, journal
from mentoring import mail_room
from programs.models import Program


class Command(BaseCommand):
    help = "Let no mail leave the whole site but sign-in codes asked for from now on, until release_mail."

    def add_arguments(self, parser):
        parser.add_argument("--because", metavar="TEXT", default="", help="what the committees read, 200 characters")

    def handle(self, *args, because="", **options):
        if len(because) > 200 or not because.isprintable():
            raise CommandError(_("The reason is one line of 200 characters at most."), returncode=2)
        with transaction.atomic():
            held = stopping.stop(stopping.WHOLE_SITE, now=clock.now(), reason=because)
            for program in Program.objects.all() if held else ():
                journal.record(program, "held_mail")
        told = {
            "since": mail_room.in_zone(stopping.standing()[0].since, None),
            "count": stopping.backlog(stopping.WHOLE_SITE, clock.now()).count,
        }
        said = _("Mail is held since %(since)s. Ready to leave and waiting: %(count)d.")
        if not held:
            said = _(
                "Mail was held already, since %(since)s; nothing was changed. Ready to leave and waiting: %(count)d."
            )
        self.stdout.write(said % told)
