"""What a test lets another process do: python -m mail.tests.stage COMMAND … (with mail.tests.worker_settings).

TEST_SPOILED names a guard that is taken away before (mail/tests/spoiled.py).
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import django


def main(command, *args):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mail.tests.worker_settings")
    django.setup()
    import mail.tests.spoiled  # noqa: F401

    COMMANDS[command](*args)


def tables():
    """Make every table, on an empty database."""
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)


def promise(number, **more):
    """Promise one mail to its reader."""
    from mail import outbox

    said = {
        "key": f"note:{number}",
        "name": "visitor_question",
        "to": outbox.Recipient(f"reader{number}@example.org", "Bea"),
        "sender": outbox.Sender("KLA Mentoring Program", "mentoring@kla.example.org", "program:kla"),
        "about": f"application:{number}",
        "now": datetime.now(UTC),
        "context": {"writer": "Sam", "text": "Is it free?", "program": {"name": "KLA Mentoring Program"}},
    }
    outbox.queue(**said | more)


def queue(count, at_a_time="1000000"):
    """Promise so many mails the way a page does, in one transaction or some at a time."""
    from django.db import transaction

    for start in range(0, int(count), int(at_a_time)):
        with transaction.atomic():
            for number in range(start, min(start + int(at_a_time), int(count))):
                promise(number)


def deliver(minutes_later="0"):
    """Wait for a word, then deliver until nothing may leave any more."""
    from mail import delivery

    print("ready", flush=True)
    sys.stdin.readline()
    now = datetime.now(UTC) + timedelta(minutes=int(minutes_later))
    while delivery.deliver(now):
        continue


def acts(failing):
    """So many acts that promise mail and then fail, in three ways, and after every third one that does not fail; the
    readers of the mails that were promised for good, as JSON."""
    from django.db import DatabaseError, InterfaceError, connection, transaction

    ways = {"it raises": _raise, "the server cuts the line": _cut, "the process is killed": _die}
    readers, number = [], 0
    for act in range(int(failing)):
        way = list(ways)[act % len(ways)]
        mails = act % 2 + 1
        if way == "the process is killed":
            connection.close()  # or the child would share it
        if way != "the process is killed" or not (child := os.fork()):
            try:
                with transaction.atomic():
                    for mail in range(mails):
                        promise(number + mail)
                    ways[way]()
            except (KeyError, DatabaseError, InterfaceError):
                connection.close()
        else:
            assert os.waitpid(child, 0)[1] == signal.SIGKILL
        number += mails
        if act % len(ways) == 0:
            with transaction.atomic():
                promise(number)
            readers.append(f"reader{number}@example.org")
            number += 1
    print(json.dumps(readers))


def _raise():
    raise KeyError("something went wrong after the mail was promised")


def _cut():
    """Another connection has the server end this one, just before the commit."""
    import psycopg2
    from django.db import connection

    other = psycopg2.connect(os.environ["DATABASE_URL"])
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    other.close()


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


DAY = timedelta(days=1)
# What a dump of last night holds: how many of which, and what they are; "leaves" those that are due by an hour from now.
YESTERDAY = {
    "leaves essential": (40, {}),
    "leaves nudge": (20, {"kind": "nudge", "good_until": 3 * DAY}),
    "leaves topic": (20, {"kind": "topic"}),
    "leaves announcement": (20, {"kind": "announcement"}),
    "leaves within the hour": (10, {"leaves_at": DAY + timedelta(minutes=50)}),
    "later": (10, {"leaves_at": 5 * DAY}),
    "too late nudge": (5, {"kind": "nudge", "good_until": DAY / 2}),
    "secret": (5, {"secret": True}),
    "held": (5, {"held": True}),
}
BY_HAND = ("sent", "uncertain", "parked", "cancelled")


def yesterday():
    """Fill the outbox as it was last night; the readers of each sort, as JSON."""
    from mail.models import Message

    then = datetime.now(UTC) - DAY
    told, number = {}, 0
    moments = ("leaves_at", "good_until")
    for sort, (count, fields) in YESTERDAY.items():
        said = {name: then + value if name in moments else value for name, value in fields.items()}
        told[sort] = [f"reader{one}@example.org" for one in range(number, number + count)]
        for one in range(number, number + count):
            promise(one, now=then, **said)
        number += count
    for state in (*BY_HAND, "claimed"):
        told[state] = [f"reader{one}@example.org" for one in range(number, number + 5)]
        for one in range(number, number + 5):
            promise(one, now=then)
        rows = Message.objects.filter(to_email__in=told[state])
        rows.update(state=state, attempts=1, lease_until=then + timedelta(minutes=10) if state == "claimed" else None)
        number += 5
    print(json.dumps(told))


def stop():
    """Stop all mail of the program whose mail is queued here."""
    from mail import stopping

    stopping.stop("program:kla", now=datetime.now(UTC))


def ask():
    """Send the worker a task that does nothing."""
    from mentoring.celery import app

    app.send_task("celery.backend_cleanup")


COMMANDS = {command.__name__: command for command in (tables, queue, deliver, acts, yesterday, stop, ask)}

if __name__ == "__main__":
    main(*sys.argv[1:])
