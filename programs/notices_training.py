"""The mails about workshops: the invitation, reminders of the next session, and how to catch up."""

from datetime import date, datetime, timedelta
from typing import Any

from mail import links, outbox
from mail.models import Message
from mail.outbox import Recipient
from members import clock
from members.journal import about
from programs.models import Training
from programs.training import Person

DAYS_TO_CATCH_UP = 7


def workshop_invitation(person: Person, mail: Any) -> None:
    """When the workshop is and how to get there; who comes in after the last session hears of the recording."""
    _queue(person, mail)


def workshop_reminder(person: Person, mail: Any) -> None:
    """A week, a day and an hour before the next session; after a missed night it says how many days are really left.

    Where nobody is introduced without the workshop, the last two wait for nothing: one's place depends on them. Words
    like "tomorrow" are of use on their own day only.
    """
    cycle = person.application.cycle
    days = (clock.day_of(mail.session.starts_at, cycle.zone) - cycle.today()).days
    good_until = min(mail.session.starts_at, clock.end_of(cycle.today(), cycle.zone))
    needed = person.missing and mail.number > 1
    kind = Message.Kind.ESSENTIAL if needed else Message.Kind.NUDGE
    _queue(person, mail, kind=kind, good_until=good_until, days=days, in_an_hour=mail.number == 3)


def workshop_missed(person: Person, mail: Any) -> None:
    """Two ways to catch up, and by when; `again` a week later, when it still stands between them and their partner."""
    cycle, now = person.application.cycle, clock.now()
    by = catch_up_by(person.ahead(now), cycle.zone, cycle.today())
    good_until = clock.end_of(by, cycle.zone)
    _queue(person, mail, kind=Message.Kind.NUDGE, good_until=good_until, again=mail.number == 2)


def _queue(
    person: Person,
    mail: Any,
    *,
    kind: str = Message.Kind.ESSENTIAL,
    good_until: datetime | None = None,
    **context: Any,
) -> None:
    application, now = person.application, clock.now()
    program, user, cycle = application.program, application.user, application.cycle
    ahead = person.ahead(now)
    outbox.queue(
        key=mail.key,
        name=mail.name,
        kind=kind,
        good_until=good_until,
        to=Recipient(user.email, user.get_full_name()),
        sender=program.sender(),
        about=about(application),
        now=now,
        context={
            "application": application,
            "cycle": cycle,
            "program": program,
            "person": user,
            "word": program.word_for(application.role),
            "partner_word": program.word_for("mentee" if application.role == "mentor" else "mentor"),
            "required": person.required,
            "session": mail.session or (ahead[0] if ahead else person.recording(now)),
            "ahead": ahead,
            "recording": person.recording(now),
            "by": catch_up_by(ahead, cycle.zone, cycle.today()),
            "calendar": links.placeholder("workshops", application.pk),
            "link": links.absolute(application.get_absolute_url()),
            **context,
        },
    )


def catch_up_by(ahead: list[Training], zone: str, today: date) -> date:
    """Until when we ask somebody to catch up: the next session's day, else a week from now."""
    return clock.day_of(ahead[0].starts_at, zone) if ahead else today + timedelta(days=DAYS_TO_CATCH_UP)
