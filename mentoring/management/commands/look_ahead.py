"""Look ahead at the year of a cycle: what leaves by itself on which day. Nothing is written."""

from django.core.management.base import BaseCommand, CommandError

from mentoring import look_ahead
from programs import cycles


class Command(BaseCommand):
    help = "Print what lies ahead of a cycle, day by day, as things stand now. Nothing is written."

    def add_arguments(self, parser):
        parser.add_argument("cycle", metavar="CYCLE", help="like nela/fall-2025")

    def handle(self, *args, cycle, **options):
        try:
            found = cycles.find(cycle)
        except LookupError as unknown:
            raise CommandError(str(unknown), returncode=2) from None
        for line in look_ahead.days(found, found.today()):
            self.stdout.write(str(line))
        for words in [*look_ahead.after_introduction(found.program), look_ahead.cannot_know()]:
            self.stdout.write(words)
