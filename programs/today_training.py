"""What workshops give to the committee's first page: who came is to be noted, and who still needs one."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import clock
from members.today import Stage, Task
from members.words import day as in_words
from programs import training
from programs.models import Application, Cycle, Role, Training

LOOKED_BACK = timedelta(days=60)
LATE_AFTER = 3


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """Workshops of which nobody has noted who came; and, after the last one, how many still need it."""
    if not user.has_perm("programs.mark_attendance", cycle):
        return []
    now, zone = clock.now(), cycle.zone
    found = Training.objects.filter(cycle=cycle, starts_at__range=(now - LOOKED_BACK, now)).order_by("starts_at")
    past = [one for one in found if clock.day_of(one.starts_at, zone) < today]
    if not past:
        return []
    noted = training.noted_at(past)
    todo = [_to_note(one, today, zone) for one in past if one.pk not in noted]
    return todo or _still_needed(user, cycle, past[-1], today)


def _to_note(one: Training, today: date, zone: str) -> Task:
    day = clock.day_of(one.starts_at, zone)
    age = (today - day).days
    return Task(
        key=f"attendance:training:{one.pk}:{day}",
        age=age,
        head=_("Who came to the workshop?"),
        text=_("“%(title)s” on %(day)s. Who was not there is then told how to catch up.")
        % {"title": one.title, "day": in_words(day)},
        action=_("Note it"),
        url=reverse("admin:programs_attendance", args=[one.pk]),
        late=age > LATE_AFTER,
    )


def _still_needed(user, cycle: Cycle, last: Training, today: date) -> list[Task]:
    """Once the last session is over and noted: those whose introduction waits for it."""
    if cycle.trainings.filter(starts_at__gt=clock.now()).exists():
        return []
    rows = [one.application for one in training.missing(cycle) if one.application.user_id != user.pk]
    concerned = training.concerned(rows)
    names = [str(row.user) for row in rows if row.pk in concerned]
    if not names:
        return []
    head = ngettext("%d person still needs the workshop.", "%d people still need the workshop.", len(names))
    more = _(" and others") if len(names) > 3 else ""
    return [
        Task(
            key=f"training:cycle:{cycle.pk}:{len(names)}",
            age=(today - clock.day_of(last.starts_at, cycle.zone)).days,
            head=head % len(names),
            text=", ".join(names[:3]) + more,
            action=_("Look"),
            url=missing_url(cycle),
        )
    ]


def line(cycle: Cycle) -> list[Stage]:
    """Trained: of those accepted, who has taken part; nothing where the cycle has no workshop."""
    if not cycle.trainings.exists():
        return []
    rows = Application.objects.filter(cycle=cycle, state=Application.State.ADMITTED).select_related("cycle")
    there = [one.application.role for one in training.people(rows) if one.attendance]
    url = missing_url(cycle)
    counts = [there.count(role) for role in (Role.MENTOR, Role.MENTEE)]
    return [Stage(_("Trained"), _("workshop"), *counts, (url, url), bool(there))]


def missing_url(cycle: Cycle) -> str:
    """Who still needs the workshop of a cycle."""
    return f"{reverse('admin:programs_training_missing')}?cycle={cycle.pk}"
