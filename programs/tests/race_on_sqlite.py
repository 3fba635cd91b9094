"""A race of processes for the last places on an SQLite file: `python -m programs.tests.race_on_sqlite FILE [deferred]`.

Prints as JSON how many applications ended in which state, what is counted, and which errors there were. `deferred` is the
control: transactions that do not take the lock at their beginning.
"""

import json
import multiprocessing
import os
import sys
from collections import Counter
from datetime import UTC, datetime

from mail.tests.scale import scale

PROCESSES, EACH, LAST_PLACES = 4, scale(ci=6, full=50), scale(ci=4, full=10)
SEPTEMBER = datetime(2025, 9, 10, 16, tzinfo=UTC)


def set_up(file, deferred):
    os.environ["DATABASE_URL"] = f"sqlite:///{file}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "mentoring.settings"
    import django
    from django.conf import settings

    options = settings.DATABASES["default"]["OPTIONS"]
    if deferred:
        options |= {"transaction_mode": "DEFERRED", "timeout": 1, "init_command": "PRAGMA journal_mode=WAL;"}
    settings.MIGRATION_MODULES = {app.split(".")[-1]: None for app in settings.INSTALLED_APPS}
    django.setup()


def prepare():
    """A cycle with four places, and drafts of everybody, ready to be sent; their ids."""
    from django.core.management import call_command

    from members import clock
    from programs.models import Role
    from programs.tests.make import fill_in, make_cycle, make_person, make_program

    call_command("migrate", run_syncdb=True, verbosity=0)
    with clock.at(SEPTEMBER):
        cycle = make_cycle(make_program(), cap_mentees=LAST_PLACES)
        return [
            fill_in(cycle, make_person(f"p{number}@example.org", "P", str(number)), Role.MENTEE).pk
            for number in range(PROCESSES * EACH)
        ]


def work(file, deferred, ids, start, errors):
    """One process: wait for the others, then send one application after the other."""
    set_up(file, deferred)
    from members import clock
    from programs import applications
    from programs.models import Application

    mine = list(Application.objects.filter(pk__in=ids).select_related("cycle__program__association", "user"))
    start.wait()
    with clock.at(SEPTEMBER):
        for application in mine:
            try:
                applications.submit(application, by=application.user)
            except Exception as error:
                errors.put(str(error))


def main(file, deferred):
    set_up(file, deferred)
    ids = prepare()
    fresh = multiprocessing.get_context("spawn")
    start, errors = fresh.Barrier(PROCESSES), fresh.Queue()
    workers = [
        fresh.Process(target=work, args=(file, deferred, ids[number::PROCESSES], start, errors))
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    from programs.models import Application, Cycle

    found = []
    while not errors.empty():
        found.append(errors.get())
    states = Counter(Application.objects.values_list("state", flat=True))
    print(json.dumps({"states": states, "taken": Cycle.objects.get().taken_mentees, "errors": found}))


if __name__ == "__main__":
    main(sys.argv[1], "deferred" in sys.argv[2:])
