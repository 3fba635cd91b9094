"""Look at a year before it is lived: a whole program played on people of a file, in a database of its own."""

import json
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from members import clock
from mentoring import presets, rehearsal

FILES = ("members", "mentors", "mentees")


class Command(BaseCommand):
    help = "Play a program's whole year on sample people, in a database of its own, and print what it comes to."

    def add_arguments(self, parser):
        parser.add_argument("programs", metavar="PROGRAM", nargs="*", help=f"of: {', '.join(presets.names())} (all)")
        for name in FILES:
            parser.add_argument(
                f"--{name}", metavar="FILE", help=f"the {name} to play with (CSV); the three go together"
            )
        parser.add_argument("--from", metavar="DATE", dest="opens", help="the day the year opens (YYYY-MM-DD)")
        parser.add_argument("--seed", metavar="N", type=int, default=1, help="another seed, another year")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args, programs, opens, seed, json: bool, **options):
        names = list(dict.fromkeys(programs)) or presets.names()
        for name in names:
            if name not in presets.names():
                words = _("There is no program “%(name)s” to play. There is: %(known)s.")
                _wrong(words % {"name": name, "known": ", ".join(presets.names())})
        order = rehearsal.Order(names, _people(names, {name: options[name] for name in FILES}), _day(opens), seed)
        try:
            told = rehearsal.play(order)
        except rehearsal.BadPeople as bad:
            raise CommandError("\n".join([*bad.errors, _("Nothing was played.")]), returncode=1) from None
        except rehearsal.Failed:
            raise CommandError(_("The play broke off; what happened is said above."), returncode=1) from None
        self.stdout.write(as_json(told) if json else as_text(told))


def as_json(told: dict) -> str:
    return json.dumps(told)


def as_text(told: dict) -> str:
    """The figures as a page to read."""
    lines = []
    for name, figures in told["programs"].items():
        lines += [name.upper(), *(f"  {label:<34}{value}" for label, value in _labelled(figures)), ""]
    lines += [
        _("Mails by day"),
        *(f"  {line['on']}  {line['what']:<28}{line['count']:>5}" for line in told["timeline"]),
    ]
    return "\n".join([*lines, "", _("Played in %s seconds.") % told["seconds"]])


def _labelled(figures: dict):
    for key, value in figures.items():
        label = key.replace("_", " ")
        if isinstance(value, dict):
            yield from ((f"{label}: {part}", count) for part, count in value.items())
        elif isinstance(value, list):
            yield from ((f"{label}: {line['reason']}", line["count"]) for line in value)
        else:
            yield label, value


def _people(names: list[str], files: dict[str, str | None]) -> dict[str, dict[str, str]]:
    """The files given, under the name that the play knows them by."""
    given = {name: path for name, path in files.items() if path is not None}
    if not given:
        return {}
    if len(given) < len(FILES) or len(names) != 1:
        _wrong(_("--members, --mentors and --mentees go together, and with exactly one program."))
    for path in given.values():
        try:
            Path(path).open("rb").close()
        except OSError as error:
            words = _("The file %(file)s cannot be read: %(reason)s")
            _wrong(words % {"file": path, "reason": error.strerror})
    paths = {name: str(Path(path).resolve()) for name, path in given.items()}
    return {names[0]: {"roster": paths["members"], "mentors": paths["mentors"], "mentees": paths["mentees"]}}


def _day(opens: str | None) -> date | None:
    try:
        return clock.read_day(opens) if opens is not None else None
    except ValueError:
        return _wrong(_("“%s” is not a date like 2025-09-01.") % opens)


def _wrong(words: str):
    raise CommandError(words, returncode=2)
