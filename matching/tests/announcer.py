"""A process that announces a cycle's matches and can be killed while it does: `python -m matching.tests.announcer`.

Arguments: cycle, person, moment; `unguarded` takes the transaction away, for the control.
"""

import os
import sys
from contextlib import nullcontext
from datetime import datetime
from types import SimpleNamespace

import django


def main(cycle: str, person: str, moment: str, *how: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    django.setup()
    from django.db import transaction

    from matching import announcing
    from members import clock
    from members.models import User
    from programs.models import Cycle

    if how:
        announcing.transaction = SimpleNamespace(atomic=nullcontext, on_commit=transaction.on_commit)
        announcing.locked = lambda cycle: cycle
    cycle, person = Cycle.objects.select_related("program__association").get(pk=cycle), User.objects.get(pk=person)
    with clock.at(datetime.fromisoformat(moment)):
        print("ready", flush=True)
        announcing.announce(cycle, by=person)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
