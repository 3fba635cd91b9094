"""The mails about another year: the question, its reminder, and the result, which never says who said what."""

from datetime import date, datetime

from mail.models import Message
from members import clock, journal
from members.models import User
from mentorships.models import Extension, Term
from mentorships.notices import to_one
from programs.dates import last_day


def asked(extension: Extension) -> None:
    """One more year together? To one side alone."""
    _question(extension, "extend", f"{journal.about(extension)}:asked", Message.Kind.ESSENTIAL)


def reminder(extension: Extension) -> None:
    zone = extension.term.mentorship.program.time_zone
    good_until = clock.end_of(extension.answer_by, zone)
    _question(extension, "extend_reminder", _reminder_key(extension), Message.Kind.NUDGE, good_until)


def is_reminded(extension: Extension) -> bool:
    return Message.objects.filter(key=_reminder_key(extension)).exists()


def result(term: Term, *, to: User, until: date | None) -> None:
    """Your year goes on until that day, or ends when it was to end."""
    to_one(
        term.mentorship,
        to,
        "extension_result",
        key=_result_key(term, to),
        context={"old": term, "until": until},
    )


def is_told(term: Term) -> bool:
    """Whether both know the result."""
    keys = [_result_key(term, user) for user in (term.mentorship.mentor, term.mentorship.mentee)]
    return Message.objects.filter(key__in=keys).exists()


def _question(extension: Extension, name: str, key: str, kind: str, good_until: datetime | None = None) -> None:
    term = extension.term
    program = term.mentorship.program
    to_one(
        term.mentorship,
        extension.user,
        name,
        key=key,
        about=journal.about(extension),
        kind=kind,
        good_until=good_until,
        context={
            "extension": extension,
            "months": program.extension_months,
            "would_end": last_day(term.ends_on, program.extension_months),
            "answers": [(str(word), str(word.label)) for word in Extension.Word],
        },
    )


def _reminder_key(extension: Extension) -> str:
    return f"{journal.about(extension)}:reminder"


def _result_key(term: Term, to: User) -> str:
    return f"{journal.about(term.mentorship)}:extension:{term.number}:{to.pk}"
