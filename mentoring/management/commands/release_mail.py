"""Let the mail of the whole site leave again."""

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from mail import stopping
from members import clock, journal
from mentoring import mail_room
from programs.models import Program


class Command(BaseCommand):
    help = "End what hold_mail began: what waits leaves, each mail once, the oldest first."

    def add_arguments(self, parser):
        parser.add_argument("--dry", action="store_true", help="only say what would leave")

    def handle(self, *args, dry=False, **options):
        stops = stopping.standing()
        if not any(stop.scope == stopping.WHOLE_SITE for stop in stops):
            self.stdout.write(_("Mail is not held. Nothing was changed."))
            return
        waiting = stopping.backlog(stopping.WHOLE_SITE, clock.now())
        if not dry:
            self._release()
        said = _("Would leave: %(count)d") if dry else _("Mail leaves again: %(count)d")
        said += _(", the oldest promised for %(oldest)s.") if waiting.oldest else "."
        if len(stops) > 1:
            said += " " + _("Programs that stay stopped by their committees: %(stopped)d.")
        oldest = mail_room.in_zone(waiting.oldest, None) if waiting.oldest else ""
        self.stdout.write(said % {"count": waiting.count, "oldest": oldest, "stopped": len(stops) - 1})

    @staticmethod
    @transaction.atomic
    def _release():
        if stopping.start(stopping.WHOLE_SITE, now=clock.now()):
            for program in Program.objects.all():
                journal.record(program, "released_mail")
