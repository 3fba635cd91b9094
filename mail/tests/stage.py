"""What a test lets another process do: python -m mail.tests.stage COMMAND … (with mail.tests.worker_settings)."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta

import django


def main(command, *args):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mail.tests.worker_settings")
    django.setup()
    COMMANDS[command](*args)


def tables():
    """Make every table, on an empty database."""
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)


def queue(count):
    """Promise so many mails in one transaction, the way a page does."""
    from django.db import transaction

    from mail import outbox

    with transaction.atomic():
        for number in range(int(count)):
            outbox.queue(
                key=f"note:{number}",
                name="visitor_question",
                to=outbox.Recipient(f"reader{number}@example.org", "Bea"),
                sender=outbox.Sender("KLA Mentoring Program", "mentoring@kla.example.org", "program:kla"),
                about=f"application:{number}",
                now=datetime.now(UTC),
                context={"writer": "Sam", "text": "Is it free?", "program": {"name": "KLA Mentoring Program"}},
            )


def deliver(minutes_later="0", guard="claim"):
    """Wait for a word, then deliver until nothing may leave any more; with guard="none", without claiming anything (the control)."""
    from mail import delivery

    if guard == "none":
        delivery.claim = lambda now, lease_until: delivery.waiting(now).first()
    print("ready", flush=True)
    sys.stdin.readline()
    now = datetime.now(UTC) + timedelta(minutes=int(minutes_later))
    while delivery.deliver(now):
        continue


def states():
    """Every mail with its state, as JSON."""
    from mail.models import Message

    print(json.dumps(dict(Message.objects.values_list("message_id", "state"))))


def stop():
    """Stop all mail of the program whose mail is queued here."""
    from mail import stopping

    stopping.stop("program:kla", now=datetime.now(UTC))


def signs():
    """Which parts of the site have given a sign of life, as JSON."""
    from mail.models import Heartbeat

    print(json.dumps(sorted(Heartbeat.objects.values_list("name", flat=True))))


COMMANDS = {"tables": tables, "queue": queue, "deliver": deliver, "states": states, "stop": stop, "signs": signs}

if __name__ == "__main__":
    main(*sys.argv[1:])
