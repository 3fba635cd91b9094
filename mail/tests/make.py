"""Plain functions that make what a test needs."""

from datetime import UTC, datetime

from mail.models import Message

NOW = datetime(2025, 10, 15, 12, tzinfo=UTC)


def make_message(number=1, **fields):
    """One mail to Bea that may leave at noon on 15 October 2025."""
    made = {
        "key": f"note:{number}",
        "name": "note",
        "kind": Message.Kind.ESSENTIAL,
        "scope": "program:kla",
        "about": f"application:{number}",
        "from_name": "KLA Mentoring Program",
        "reply_to": "mentoring@kla.example.org",
        "to_email": "bea@larkin.example.net",
        "to_name": "Bea Lindqvist",
        "subject": "A word from the committee",
        "text": "Good morning.\n",
        "html": "<p>Good morning.</p>",
        "message_id": f"<note-{number}@kla.example.org>",
        "queued_at": NOW,
        "leaves_at": NOW,
        **fields,
    }
    made.setdefault("rank", 0 if made.get("secret") else Message.RANKS[made["kind"]])
    return Message.objects.create(**made)
