"""Bring applications in from a file, as people wrote them elsewhere."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from members import clock, csv_rows, people
from programs import brought_in, cycles
from programs.models import Role


class Command(BaseCommand):
    help = (
        "Bring in applications to a cycle. Each person gets one mail with a link to agree and send. "
        "A bad row is named with line, column and reason, and nothing changes."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "cycle", metavar="CYCLE", help="the program's and the cycle's short names, like kla/2025-26"
        )
        parser.add_argument(
            "file", metavar="FILE.csv", help="columns: email, first_name, last_name, member_number, then question codes"
        )
        parser.add_argument("--role", required=True, choices=Role.values, help="what these people apply as")
        parser.add_argument("--dry-run", action="store_true", help="read and check the file, write nothing")
        parser.add_argument("--accepted-on", metavar="DATE", help="they signed the agreements on paper (YYYY-MM-DD)")
        parser.add_argument("--by", metavar="EMAIL", help="who on the committee has the signed papers")

    def handle(self, *args, cycle, file, role, dry_run, accepted_on, by, **options):
        cycle = self.cycle(cycle)
        day, person = self.paper(cycle, accepted_on, by)
        try:
            rows, errors = csv_rows.read_rows(file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            words = _("The file %(file)s cannot be read: %(reason)s")
            raise CommandError(words % {"file": file, "reason": reason}, returncode=2) from None
        # The rows that could be read are looked at too, so that everything is named at once.
        found = brought_in.read(cycle, role, rows) if len(rows) > 1 or not errors else brought_in.Found([], [])
        self.stop_for(sorted([*errors, *found.errors]))
        brought = brought_in.apply(cycle, role, found, by=person, accepted_on=day, dry=dry_run)
        self.stop_for(brought.errors)
        words = _("new: %(new)d, of these and earlier drafts sent: %(sent)d, here already: %(here)d")
        self.stdout.write(words % vars(brought) + (" " + _("(nothing was written)") if dry_run else ""))

    def cycle(self, path):
        try:
            return cycles.find(path)
        except LookupError as error:
            raise CommandError(error.args[0], returncode=2) from None

    def paper(self, cycle, accepted_on, by):
        """Who noted the papers, and the day they were signed."""
        if accepted_on is not None and not by:
            raise CommandError(_("Say with --by who has the signed papers."), returncode=2)
        person = people.behind(by) if by is not None else None
        if by is not None and (person is None or not person.has_perm("programs.apply_on_behalf", cycle)):
            raise CommandError(_("%s is not on this program's committee.") % by, returncode=2)
        try:
            day = clock.read_day(accepted_on) if accepted_on is not None else None
        except ValueError:
            raise CommandError(_("“%s” is not a date like 2025-09-12.") % accepted_on, returncode=2) from None
        if day and day > cycle.today():
            raise CommandError(_("Nobody can have signed on %s: that day has not come.") % accepted_on, returncode=2)
        return day, person

    def stop_for(self, errors):
        if errors:
            for error in errors:
                self.stderr.write(str(error))
            raise CommandError(_("Nothing was changed. Mistakes found: %d") % len(errors), returncode=1)
