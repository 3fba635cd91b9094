"""Set up a program from a starting point."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

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
            raise CommandError(_("“%s” is not a date like 2025-09-01.") % opens, returncode=2) from None
        if name and not association:
            raise CommandError(_("--name goes with --association: which short name shall it have?"), returncode=2)
        try:
            loaded = presets.load(preset, association=association, name_=name, opens=day)
        except presets.Unknown:
            known = ", ".join(presets.names())
            words = _("There is no starting point “%(name)s”. There is: %(known)s.")
            raise CommandError(words % {"name": preset, "known": known}, returncode=2) from None
        except presets.Unnamed:
            raise CommandError(_("“%s” is not here yet: give its --name too.") % association, returncode=2) from None
        except ValidationError as error:
            raise CommandError("; ".join(error.messages), returncode=2) from None
        for words in loaded.created:
            self.stdout.write(_("made: %s") % words)
        for words in loaded.left_alone:
            self.stdout.write(_("left alone: %s") % words)
        if not loaded.created:
            self.stdout.write(_("%s was here already: nothing has changed.") % loaded.program)
