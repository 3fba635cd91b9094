"""Bring an association's member list in from a file."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from members import clock, member_list
from members.models import Association


class Command(BaseCommand):
    help = (
        "Bring in an association's member list. A bad row is named with line, column and reason, and nothing changes."
    )

    def add_arguments(self, parser):
        parser.add_argument("association", metavar="ASSOCIATION", help="the association's short name, like kla")
        parser.add_argument("file", metavar="FILE.csv", help="columns: email, status, valid_from; valid_until and more")
        parser.add_argument("--dry-run", action="store_true", help="read and check the file, write nothing")

    def handle(self, *args, association, file, dry_run, **options):
        slug = association
        association = Association.objects.filter(slug=slug).first()
        if association is None:
            known = ", ".join(Association.objects.values_list("slug", flat=True)) or "–"
            raise CommandError(
                _("There is no association “%(slug)s”. There is: %(known)s") % {"slug": slug, "known": known},
                returncode=2,
            )
        try:
            found = member_list.read_file(association, file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CommandError(
                _("The file %(file)s cannot be read: %(reason)s") % {"file": file, "reason": reason}, returncode=2
            ) from None
        if found.errors:
            for error in found.errors:
                self.stderr.write(str(error))
            raise CommandError(_("Nothing was changed. Mistakes found: %d") % len(found.errors), returncode=1)
        if dry_run:
            self.stdout.write(_("Rows that can be brought in: %d. Nothing was written.") % len(found.rows))
            return
        applied = member_list.apply(association, found, seen_on=clock.today("UTC"))
        self.stdout.write(_("new: %(new)d, changed: %(changed)d, as before: %(same)d") % vars(applied))
