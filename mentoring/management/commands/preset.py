"""Set up a program from a starting point."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from members import clock
from mentoring import presets


class Command(BaseCommand):
    help = "Set up a program like one of the starting points. Loading again changes nothing and names what was edited."

    def add_arguments(self, parser):
        parser.add_argument("preset", metavar="NAME", help=f"one of: {', '.join(presets.names())}")
        parser.add_argument("--association", metavar="SLUG", help="for another association than the starting point's")
        parser.add_argument("--name", metavar="NAME", help="that association's name")
        parser.add_argument("--opens", metavar="DATE", help="when the first cycle opens (YYYY-MM-DD)")

    def handle(self, *args, preset, association=None, name=None, opens=None, **options):
        try:
            day = clock.read_day(opens) if opens is not None else None
        except ValueError:
            raise CommandError(f"“{opens}” is not a date like 2025-09-01.", returncode=2) from None
        if name and not association:
            raise CommandError("--name goes with --association: which short name shall it have?", returncode=2)
        try:
            loaded = presets.load(preset, association=association, name_=name, opens=day)
        except presets.Unknown:
            known = ", ".join(presets.names())
            raise CommandError(f"There is no starting point “{preset}”. There is: {known}.", returncode=2) from None
        except presets.Unnamed:
            raise CommandError(f"“{association}” is not here yet: give its --name too.", returncode=2) from None
        except ValidationError as error:
            raise CommandError("; ".join(error.messages), returncode=2) from None
        for words in loaded.created:
            self.stdout.write(f"made: {words}")
        for words in loaded.left_alone:
            self.stdout.write(f"left alone: {words}")
        if not loaded.created:
            self.stdout.write(f"{loaded.program} was here already: nothing has changed.")
