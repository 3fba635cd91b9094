"""Do everything that is due: what Celery beat calls, for cron or by hand."""

from datetime import date, datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from mail import heartbeat
from mail.failures import Failed
from members import clock
from mentoring import planner
from programs.models import Program


class Command(BaseCommand):
    help = "Do everything that is due now, or by the end of a day: check-ins, reminders, introductions, mail."

    def add_arguments(self, parser):
        parser.add_argument(
            "--on", metavar="DATE", help="as if this day (YYYY-MM-DD) were ending where the programs are"
        )
        parser.add_argument("--dry", action="store_true", help="only say what is due")

    def handle(self, *args, on=None, dry=False, **options):
        at = clock.now()
        if on is not None:
            try:
                at = end_of(clock.read_day(on))
            except ValueError:
                raise CommandError(_("“%s” is not a date like 2025-10-15.") % on, returncode=2) from None
        elif not dry:
            for part in (heartbeat.WORKER, heartbeat.BEAT):  # cron that calls this is both of them
                heartbeat.note(part, at)
        with clock.at(at):
            count, failed = 0, None
            try:
                for due in planner.due(at, dry=dry):
                    self.stdout.write(f"{due.at:%Y-%m-%d %H:%M} {due.scope} {due.what} {due.about}")
                    count += 1
            except Failed as error:  # all the rest was done; cron is to hear of it
                failed = error
        self.stdout.write((_("%d due") if dry else _("%d done")) % count)
        if failed:
            raise CommandError(str(failed), returncode=1)


def end_of(day: date) -> datetime:
    """The moment at which a day is over in the zone of every program."""
    zones = set(Program.objects.values_list("time_zone", flat=True)) or {"UTC"}
    return max(clock.end_of(day, zone) for zone in zones)
