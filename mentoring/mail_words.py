"""A program's own wording of its mails: kept, put back, and looked at by the very code that sends them."""

from dataclasses import dataclass

from django.db import transaction

from mail import links, outbox, texts
from mail.models import Text
from members import clock, journal
from members.models import User
from mentoring import made_up
from programs.models import Program


@dataclass(frozen=True)
class Sample:
    """How a mail reads to one made-up person."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class Looked:
    """A mail as it goes to made-up people, and the product's own wording of it with placeholders."""

    samples: list[Sample]
    original: texts.Wording | None


@transaction.atomic
def keep(program: Program, mail: texts.Mail, wording: texts.Wording, *, by: User) -> None:
    """From now on this mail of the program is written so."""
    given = {**vars(wording), "changed_at": clock.now(), "by": by.pk, "by_name": str(by)[:160]}
    Text.objects.update_or_create(scope=program.scope, name=mail.name, defaults=given)
    journal.record(program, "worded_mail", by=by, reason=mail.name)


@transaction.atomic
def back_to_original(program: Program, mail: texts.Mail, *, by: User) -> None:
    """The mail goes out as the product words it."""
    if Text.objects.filter(scope=program.scope, name=mail.name).delete()[0]:
        journal.record(program, "worded_mail_back", by=by, reason=mail.name)


def look(program: Program, mail: texts.Mail, wording: texts.Wording | None, personal_link: str) -> Looked:
    """How a mail reads in this wording (None: as it stands now) to the made-up people of a year. Nothing is kept."""
    own = texts.own(program.scope, mail.name)
    if wording:
        own = Text(scope=program.scope, name=mail.name, **vars(wording))
    samples: list[Sample] = []
    originals: list[texts.Wording] = []

    def seen(name: str, context: dict) -> None:
        if name == mail.name:
            subject, text, _html = outbox.own_words(own, context) if own else outbox.shipped(name, context)
            people = [one.name for one in (context["to"], context["also"]) if one]
            samples.append(Sample(", ".join(people), subject, links.mask(text, personal_link)))
            originals.append(texts.original(mail, context))

    with texts.watching(seen):
        made_up.play(program)
    return Looked(samples, originals[0] if originals else None)
