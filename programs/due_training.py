"""What the calendar owes about workshops: the invitation, reminders of the next session, and two ways to catch up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from members import clock
from programs import notices_training, training
from programs.models import Application, Program, Training
from programs.owed import Task, promised, task
from programs.training import Person

MORNING = timedelta(hours=9)
LOOKED_BACK = timedelta(days=30)  # a cycle whose last workshop is longer past owes nothing any more
HEALS = timedelta(days=6)  # so late a word about a missed workshop still makes sense
STILL_NEEDED = 7


@dataclass(frozen=True)
class Mail:
    """One mail about workshops: since when it is due, which it is, under which key, about which session."""

    at: datetime
    name: str
    key: str
    session: Training | None = None
    number: int = 0


def find(program: Program, at: datetime) -> Iterator[Task]:
    """Everything that is owed to accepted people whose cycle has workshops."""
    rows = Application.objects.filter(
        cycle__program=program,
        state=Application.State.ADMITTED,
        cycle__in=Training.objects.filter(starts_at__gt=at - LOOKED_BACK).values("cycle"),
    ).select_related("cycle", "user")
    everybody = list(rows.order_by("pk"))
    if not everybody:
        return
    for row in everybody:
        row.cycle.program = program
    people = _once(training.people(everybody))
    noted = training.noted_at({one for person in people for one in person.past(at) if person.missing})
    wanted = training.concerned(everybody)
    mails = [
        (person, mail)
        for person in people
        if (mail := _owed(person, at, noted, person.application.pk in wanted)) is not None
    ]
    sent = promised(mail.key for _person, mail in mails)
    for person, mail in mails:
        if mail.key not in sent:
            do = partial(getattr(notices_training, mail.name), person, mail)
            yield task(program, mail.at, mail.name, person.application, do)


def _once(people: list[Person]) -> list[Person]:
    """Who is both mentor and mentee, with the same sessions for both, is written to once."""
    seen: set[tuple] = set()
    found = []
    for person in people:
        which = (person.application.user_id, person.application.cycle_id, person.sessions)
        if which not in seen:
            seen.add(which)
            found.append(person)
    return found


def _owed(person: Person, at: datetime, noted: dict[int, datetime], wanted: bool) -> Mail | None:
    """The one mail that this person is owed now, sent already or not; None for nothing."""
    if person.attendance or person.waived:
        return None
    row, zone = person.application, person.application.cycle.zone
    invited = _morning(clock.day_of(row.decided_at or row.started_at, zone) + timedelta(days=1), zone)
    if at < invited:
        return None
    found = []
    overtaken = any(session.starts_at > invited for session in person.past(at))
    if not overtaken and (person.ahead(at) or person.recording(at)):
        found.append(Mail(invited, "workshop_invitation", f"application:{row.pk}:workshop_invitation"))
    if wanted:
        found += [*_reminder(person, at, invited), *_missed(person, at, noted, invited)]
    return max(found, key=lambda mail: mail.at, default=None)


def _reminder(person: Person, at: datetime, invited: datetime) -> Iterator[Mail]:
    """The latest reminder of the next session: a week, a day and an hour before. A missed one is not made up for."""
    for session in person.ahead(at)[:1]:
        zone = person.application.cycle.zone
        day = clock.day_of(session.starts_at, zone)
        moments = [
            _morning(day - timedelta(days=7), zone),
            _morning(day - timedelta(days=1), zone),
            session.starts_at - timedelta(hours=1),
        ]
        come = [(number, moment) for number, moment in enumerate(moments, start=1) if invited < moment <= at]
        for number, moment in come[-1:]:
            key = f"application:{person.application.pk}:workshop_reminder:{_key(session)}:{number}"
            yield Mail(moment, "workshop_reminder", key, session, number)


def _missed(person: Person, at: datetime, noted: dict[int, datetime], invited: datetime) -> Iterator[Mail]:
    """On the morning after the committee has noted who came; once more after a week when no other session is ahead."""
    if not person.missing:
        return
    zone = person.application.cycle.zone
    for session in [one for one in person.past(at)[-1:] if one.starts_at > invited]:
        day = clock.day_of(session.starts_at, zone)
        again = _morning(day + timedelta(days=STILL_NEEDED), zone)
        about = f"application:{person.application.pk}:workshop_missed:{_key(session)}"
        if at >= again:
            if not person.ahead(at) and at <= again + HEALS:
                yield Mail(again, "workshop_missed", f"{about}:2", session, 2)
        elif session.pk in noted:
            told = _morning(clock.day_of(noted[session.pk], zone) + timedelta(days=1), zone)
            if told <= at:
                yield Mail(told, "workshop_missed", f"{about}:1", session, 1)


def _key(session: Training) -> str:
    """A session on another day is another session: its reminders leave again."""
    return f"{session.pk}:{session.starts_at:%Y%m%d}"


def _morning(day: date, zone: str) -> datetime:
    return clock.start_of(day, zone) + MORNING
