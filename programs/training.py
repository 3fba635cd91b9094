"""Workshops: who is expected, who took part, and who said so."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from programs.models import Application, Attendance, Training


@dataclass(frozen=True)
class Expected:
    """Somebody who is asked to a workshop, and whether they took part."""

    application: Application
    attendance: Attendance | None


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
    return attendance


def unmark(training: Training, user: User, *, by: User) -> bool:
    """Take a mark back that was set by mistake; False when there was none."""
    _may(training, user, by)
    with transaction.atomic():
        attendance = Attendance.objects.select_for_update().filter(training=training, user=user).first()
        if attendance is None:
            return False
        journal.record(attendance, "attendance taken back", by=by)
        attendance.delete()
    return True


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
        raise NotAllowed(_("Only the program's committee marks who took part."))
