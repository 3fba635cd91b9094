"""A program's own wording of its mails: kept, put back, and looked at by the very code that sends them."""

from dataclasses import dataclass

from django.db import transaction

from mail import texts
from mail.models import Message, Text
from members import clock, journal
from members.models import User
from mentoring import made_up
from programs.models import Program


@dataclass(frozen=True)
class Looked:
    """A mail as it goes to made-up people, and the product's own wording of it with placeholders."""

    samples: list[Message]
    original: texts.Wording | None


@transaction.atomic
def keep(program: Program, mail: texts.Mail, wording: texts.Wording, *, by: User) -> None:
    """From now on this mail of the program is written so. It is made once for the made-up pair first: nothing is kept
    that could not be mailed."""
    look(program, mail, wording)
    given = {**vars(wording), "changed_at": clock.now(), "by": by.pk, "by_name": str(by)[:160]}
    Text.objects.update_or_create(scope=program.scope, name=mail.name, defaults=given)
    journal.record(program, "worded_mail", by=by, reason=mail.name)


@transaction.atomic
def back_to_original(program: Program, mail: texts.Mail, *, by: User) -> None:
    """The mail goes out as the product words it."""
    if Text.objects.filter(scope=program.scope, name=mail.name).delete()[0]:
        journal.record(program, "worded_mail_back", by=by, reason=mail.name)


def look(program: Program, mail: texts.Mail, tried: texts.Wording | None = None) -> Looked:
    """How a mail reads in this wording (None: as it stands now) to each side. A year is played, and nothing is kept."""
    originals: list[texts.Wording] = []

    def seen(name: str, context: dict) -> None:
        if name == mail.name and not originals:
            originals.append(texts.original(mail, context))

    own = Text(scope=program.scope, name=mail.name, **vars(tried), changed_at=clock.now(), by=0) if tried else None
    with texts.watching(seen):
        played = [message for message in made_up.play(program, own) if message.name == mail.name]
    first: dict[str, Message] = {}
    for message in played:
        first.setdefault(made_up.side(message), message)
    return Looked(list(first.values()), originals[0] if originals else None)
