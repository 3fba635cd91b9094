"""What workshops and the mentors' list give to a participant's own page."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from members import clock
from members.mine import Door, Line, Next, Part
from members.words import moment as in_words
from programs import listings, training
from programs.models import Application, Listing, Role, Training
from programs.notices_training import catch_up_by
from programs.training import Person

State = Application.State
STILL_ASKED = timedelta(days=60)  # so long after the last session a workshop is the next thing to do


def part(user, at: datetime, applications: list[Application]) -> Part:
    """Sessions ahead, what is still missing, the question whether one is available, the way onto the list."""
    accepted = [one for one in applications if one.state == State.ADMITTED]
    held = set(Training.objects.filter(cycle__in={one.cycle_id for one in accepted}).values_list("cycle", flat=True))
    people = _once(training.people([one for one in accepted if one.cycle_id in held]) if held else [])
    kept = _listings(user, applications)
    return Part(
        next=(*_missing(people, at), *_asked(kept, at)),
        ahead=tuple(_ahead(people, at)),
        past=tuple(_past(people)),
        doors=tuple(_doors(applications, kept)),
    )


def _once(people: list[Person]) -> list[Person]:
    """Somebody who is both has the same workshop once."""
    found: dict[tuple, Person] = {}
    for one in people:
        found.setdefault((one.application.cycle_id, one.sessions), one)
    return list(found.values())


def _ahead(people: list[Person], at: datetime) -> list[Line]:
    """The sessions that one can still come to, as long as one has to."""
    return [
        Line(
            clock.day_of(session.starts_at, one.application.cycle.zone),
            _("%(title)s, %(hour)s") % {"title": session.title, "hour": _hour(session, one.application)},
            reverse("workshops", args=[one.application.pk]),
            _("Into my calendar"),
        )
        for one in people
        if one.attendance is None and not one.waived
        for session in one.ahead(at)
    ]


def _past(people: list[Person]) -> list[Line]:
    words = {False: _("You were at the workshop."), True: _("You have caught up on the workshop.")}
    return [Line(one.attendance.attended_on, words[one.attendance.made_up]) for one in people if one.attendance]


def _missing(people: list[Person], at: datetime) -> list[Next]:
    """After the last session: what is missing, and how one catches up."""
    found = []
    for one in people:
        row, past = one.application, one.past(at)
        if one.ahead(at) or not one.missing or not past or at > past[-1].starts_at + STILL_ASKED:
            continue
        recording = one.recording(at)
        by = catch_up_by([], row.cycle.zone, clock.day_of(at, row.cycle.zone))
        text = (
            _("Watch the recording, then write to %s; we note it.")
            if recording
            else _("Write to %s; we find a way for you to catch up.")
        )
        found.append(
            Next(
                by,
                _("one thing is open"),
                _("The workshop is still missing."),
                text % row.program.reply_to,
                recording.recording_url if recording else row.get_absolute_url(),
                _("Watch the recording") if recording else _("See what helps"),
            )
        )
    return found


def _listings(user, applications: list[Application]) -> dict[int, Listing]:
    """One's place on the list of each program that keeps one, by program."""
    programs = {one.cycle.program_id for one in applications if one.program.mentor_listing and one.role == Role.MENTOR}
    if not programs:
        return {}
    rows = Listing.objects.filter(user=user, program__in=programs).select_related("program", "asked_for__program")
    return {row.program_id: row for row in rows}


def _asked(kept: dict[int, Listing], at: datetime) -> list[Next]:
    """Are you available? While the cycle is open and no answer is given."""
    found = []
    for row in kept.values():
        cycle = row.asked_for
        if row.available and cycle and not row.answer and cycle.is_open(at):
            url = reverse("listed_round", args=[row.program.slug])
            answers = tuple(
                (f"{url}?answer={value}", str(label).capitalize()) for value, label in Listing.Answer.choices
            )
            heading = _("%s is open. Are you available?") % cycle.name
            text = _("Your answers of last time are filled in. A no needs no reason.")
            found.append(Next(cycle.closes_on, _("one tap"), heading, text, answers=answers))
    return found


def _doors(applications: list[Application], kept: dict[int, Listing]) -> list[Door]:
    """The way onto the list, or to one's place on it."""
    found: dict[int, Door] = {}
    for one in applications:
        program = one.program
        if not program.mentor_listing or one.role != Role.MENTOR or one.state not in listings.HAS_OFFERED:
            continue
        row = kept.get(program.pk)
        on_it = bool(row and row.available)
        title = _("You stay on the list between rounds") if on_it else _("Stay on the list between rounds")
        note = _("Pause, or leave it, whenever you like") if on_it else _("We ask you when the next round opens")
        found[program.pk] = Door(title, note, reverse("listed", args=[program.slug]))
    return list(found.values())


def _hour(session, application: Application) -> str:
    program = application.program
    return in_words(session.starts_at, program.time_zone, program.zone_word).split(", ")[-1]
