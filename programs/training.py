"""Workshops: who is expected, who took part, and who said so. Taking part counts for one cycle."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mail import outbox
from members import clock, journal
from members.journal import NotAllowed
from members.models import Entry, User
from programs.models import Application, Attendance, Cycle, Gate, Place, Role, Training, Waiver

NOTED = "attendance noted"  # the history's word for a list that was gone through


@dataclass(frozen=True)
class Expected:
    """Somebody who is asked to a workshop, and whether they took part."""

    application: Application
    attendance: Attendance | None


@dataclass(frozen=True)
class Person:
    """An application and the workshop: its sessions, whether its person took part, whether the program requires it."""

    application: Application
    sessions: tuple[Training, ...] = ()
    attendance: Attendance | None = None
    required: bool = False
    waived: bool = False

    @property
    def missing(self) -> bool:
        """Whether this person still has to take part or catch up before going on."""
        return self.required and not self.waived and self.attendance is None

    def ahead(self, at: datetime) -> list[Training]:
        """The sessions that have not begun, by time."""
        return [session for session in self.sessions if session.starts_at > at]

    def past(self, at: datetime) -> list[Training]:
        """Those that have begun, by time."""
        return [session for session in self.sessions if session.starts_at <= at]

    def recording(self, at: datetime) -> Training | None:
        """The latest session that can be watched afterwards."""
        return next((session for session in reversed(self.past(at)) if session.recording_url), None)


@dataclass(frozen=True)
class Noted:
    """What was written from one list: who is marked now that was not before, and who was marked already."""

    marked: tuple[User, ...] = ()
    already: tuple[User, ...] = ()


def mark(training: Training, user: User, *, by: User, on: date | None = None, made_up: bool = False) -> Attendance:
    """Note that somebody took part, or caught up afterwards. Marking twice is marking once; nobody marks themselves."""
    _may(training, user, by)
    zone = training.cycle.zone
    day = on or clock.day_of(training.starts_at, zone)
    if made_up and on is None:
        day = training.cycle.today()
    if day > training.cycle.today():
        raise NotAllowed(_("The workshop is still ahead."))
    kept = Attendance.objects.filter(training=training, user=user)
    with transaction.atomic():
        try:
            with transaction.atomic():
                attendance = Attendance.objects.create(training=training, user=user, attended_on=day, made_up=made_up)
        except IntegrityError:
            if there := kept.first():
                return there
            raise
        journal.record(attendance, "caught up" if made_up else "attended", by=by)
        caught_up(training.cycle, [user.pk])
    return attendance


REMINDERS = ("workshop_reminder", "workshop_missed")


def caught_up(cycle: Cycle, people: Iterable[int]) -> None:
    """Nothing reminds these people (by number) of a workshop any more: they were there, or need not come."""
    theirs = [journal.about(one) for one in Application.objects.filter(cycle=cycle, user__in=people)]
    for name in REMINDERS:
        outbox.cancel(about=theirs, name=name, now=clock.now())


def unmark(training: Training, user: User, *, by: User) -> bool:
    """Take a mark back that was set by mistake; False when there was none. What the mark took back leaves after all."""
    _may(training, user, by)
    with transaction.atomic():
        attendance = Attendance.objects.select_for_update().filter(training=training, user=user).first()
        if attendance is None:
            return False
        journal.record(attendance, "attendance taken back", by=by)
        attendance.delete()
        theirs = Application.objects.filter(cycle=training.cycle, user=user, state=Application.State.ADMITTED)
        still = [journal.about(one.application) for one in people(theirs) if not (one.attendance or one.waived)]
        for name in REMINDERS:
            outbox.bring_back(about=still, name=name, now=clock.now())
    return True


def note(training: Training, there: Collection[int], *, by: User) -> Noted:
    """Note from one list who took part (`there`: people by number); nobody's mark is taken away.

    An empty list says that nobody else came. From now on who is not on it is told how to catch up. One list is one
    act, and one line of the history.
    """
    if not by.has_perm("programs.mark_attendance", training):
        raise NotAllowed(_only_the_committee())
    if training.starts_at > clock.now():
        raise NotAllowed(_("The workshop is still ahead."))
    people = [one for one in expected(training) if one.application.user_id in there]
    if unknown := set(there) - {one.application.user_id for one in people}:
        words = _("%d of those ticked are not expected at this workshop any more. Look again; nothing was noted.")
        raise NotAllowed(words % len(unknown))
    with transaction.atomic():
        new = {one.application.user_id: one.application.user for one in people if one.attendance is None}
        for user in new.values():
            _may(training, user, by)
        day = clock.day_of(training.starts_at, training.cycle.zone)
        marks = [Attendance(training=training, user=user, attended_on=day) for user in new.values()]
        Attendance.objects.bulk_create(marks, ignore_conflicts=True)  # a colleague may have marked one meanwhile
        journal.record(training, NOTED, by=by, reason=str(len(marks)))
        caught_up(training.cycle, new)
    already = {one.application.user_id: one.application.user for one in people if one.attendance}
    return Noted(tuple(new.values()), tuple(already.values()))


def noted_at(trainings: Collection[Training]) -> dict[int, datetime]:
    """When the committee first noted who came to each of these workshops; those without a note are not in it."""
    marks = Attendance.objects.filter(training__in=trainings, made_up=False).values_list("pk", "training_id")
    of = {f"attendance:{mark}": training for mark, training in marks}
    of |= {journal.about(training): training.pk for training in trainings}
    lines = Entry.objects.filter(about__in=of, verb__in=["attended", NOTED]).order_by("-at")
    return {of[about]: at for about, at in lines.values_list("about", "at")}


def people(applications: Iterable[Application]) -> list[Person]:
    """What these applications and the workshops of their cycles have to do with each other: four queries for any number.

    The one truth for mails, pages and tasks; `facts` asks the same for the requirement.
    """
    rows = list(applications)
    cycles = {row.cycle_id for row in rows}
    sessions = defaultdict(list)
    for training in Training.objects.filter(cycle__in=cycles).order_by("starts_at", "pk"):
        sessions[training.cycle_id].append(training)
    marks: dict[tuple[int, int], list[Attendance]] = defaultdict(list)
    by_id = {training.pk: training for found in sessions.values() for training in found}
    for attendance in Attendance.objects.filter(training__in=by_id, user__in={row.user_id for row in rows}):
        attendance.training = by_id[attendance.training_id]
        marks[attendance.user_id, attendance.training.cycle_id].append(attendance)
    gates = defaultdict(list)
    programs = {row.cycle.program_id for row in rows}
    for gate in Gate.objects.filter(program__in=programs, kind=Gate.Kind.TRAINING):
        gates[gate.program_id].append(gate)
    granted = Waiver.objects.filter(
        application__in=[row.pk for row in rows], gate__kind=Gate.Kind.TRAINING, answer=Waiver.Answer.GRANTED
    )
    waived = set(granted.values_list("application_id", "gate_id"))
    return [_person(row, sessions[row.cycle_id], marks, gates[row.cycle.program_id], waived) for row in rows]


def missing(cycle: Cycle) -> list[Person]:
    """Everybody accepted in a cycle who still has to take part or catch up, by name."""
    rows = Application.objects.filter(cycle=cycle, state=Application.State.ADMITTED).select_related("user", "cycle")
    return [one for one in people(rows.order_by("user__last_name", "user__first_name", "pk")) if one.missing]


def placed(rows: Collection[Application]) -> set[int]:
    """Which of these applications give or have a place in their own cycle: whose introduction waits for a workshop."""
    places = Place.objects.filter(mentor_application__cycle__in={row.cycle_id for row in rows})
    taken = {
        (cycle, str(role), user)
        for cycle, mentor, mentee in places.values_list("mentor_application__cycle", "mentor", "mentee")
        for role, user in ((Role.MENTOR, mentor), (Role.MENTEE, mentee))
    }
    return {row.pk for row in rows if (row.cycle_id, row.role, row.user_id) in taken}


def concerned(rows: Collection[Application]) -> set[int]:
    """Whom a workshop still concerns: everybody, and once people are matched those who have a place.

    A mentee without a mentor is not reminded of a workshop that may lead nowhere for them.
    """
    cycles = {row.cycle_id for row in rows}
    matched = set(
        Place.objects.filter(mentor_application__cycle__in=cycles).values_list("mentor_application__cycle", flat=True)
    )
    have = placed(rows) if matched else set()
    return {row.pk for row in rows if row.pk in have or row.cycle_id not in matched}


def expected(training: Training) -> list[Expected]:
    """Everybody accepted whom the workshop is for, by name, with their mark: two queries, however many."""
    people = Application.objects.filter(cycle=training.cycle_id, state=Application.State.ADMITTED)
    if training.role:
        people = people.filter(role=training.role)
    marks = {mark.user_id: mark for mark in training.attendances.all()}
    rows = people.select_related("user").order_by("user__last_name", "user__first_name", "pk")
    return [Expected(row, marks.get(row.user_id)) for row in rows]


def _may(training: Training, user: User, by: User) -> None:
    if by.pk == user.pk:
        raise NotAllowed(_("Nobody marks themselves; ask a colleague."))
    if not by.has_perm("programs.mark_attendance", training):
        raise NotAllowed(_only_the_committee())


def _only_the_committee() -> str:
    return _("Only the program's committee marks who took part.")


def _person(
    row: Application,
    sessions: list[Training],
    marks: dict[tuple[int, int], list[Attendance]],
    gates: list[Gate],
    waived: set[tuple[int, int]],
) -> Person:
    own = ("", row.role)
    asked = [gate for gate in gates if gate.role in own]
    there = [mark for mark in marks[row.user_id, row.cycle_id] if mark.training.role in own]
    return Person(
        application=row,
        sessions=tuple(session for session in sessions if session.role in own),
        attendance=there[0] if there else None,
        required=bool(asked),
        waived=bool(asked) and all((row.pk, gate.pk) in waived for gate in asked),
    )
