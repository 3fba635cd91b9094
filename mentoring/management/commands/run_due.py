"""Do everything that is due: what Celery beat calls, for cron or by hand."""

from django.core.management.base import BaseCommand, CommandError

from members import clock
from mentoring import planner


class Command(BaseCommand):
    help = "Do everything that is due now, or by the end of a day: check-ins, reminders, introductions, mail."

    def add_arguments(self, parser):
        parser.add_argument("--on", metavar="DATE", help="as if this day (YYYY-MM-DD, UTC) were ending")
        parser.add_argument("--dry", action="store_true", help="only say what is due")

    def handle(self, *args, on=None, dry=False, **options):
        at = clock.now()
        if on is not None:
            try:
                at = clock.end_of(clock.read_day(on), "UTC")
            except ValueError:
                raise CommandError(f"“{on}” is not a date like 2025-10-15.", returncode=2) from None
        with clock.at(at):
            count = 0
            for due in planner.due(at, dry=dry):
                self.stdout.write(f"{due.at:%Y-%m-%d %H:%M} {due.scope} {due.what} {due.about}")
                count += 1
        self.stdout.write(f"{count} due" if dry else f"{count} done")
