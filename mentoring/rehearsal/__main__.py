"""The process in which a year is played: an order on its input, the figures on its output, progress on its error stream."""

import gc
import json
import os
import sys

from mentoring.rehearsal import Order
from mentoring.rehearsal.sink import Sink


def main() -> None:
    order = Order.from_json(sys.stdin.read())
    (name,) = order.programs
    with Sink() as sink:
        _make_house(sink.port)
        from mentoring.rehearsal import figures
        from mentoring.rehearsal.year import Year, days

        year = Year.set_up(name, order.opens, order.seed)
        if errors := year.bring_in(order.people.get(name)):
            print(json.dumps({"errors": errors}))
            return
        month = ""
        for day in days(year):
            if month != f"{day:%B %Y}":
                month = f"{day:%B %Y}"
                print(f"{month}: {name}", file=sys.stderr, flush=True)
            year.live(day)
        arrived = sink.close()
        told = {
            "programs": {name: figures.of(year.program, year.last_day, arrived)},
            "timeline": figures.timeline(year.program),
        }
    print(json.dumps(told))


def _make_house(port: int) -> None:
    """Django over an empty database of our own, its tables made straight from the models."""
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    import django
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    # Nobody needs this file after the play: no waiting for the disk.
    settings.DATABASES["default"]["OPTIONS"] |= {"init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"}
    django.setup()
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    gc.freeze()  # what stays for the whole play need not be looked through again and again
    gc.set_threshold(1_000_000)


if __name__ == "__main__":
    main()
