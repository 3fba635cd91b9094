"""What pairs give to the committee's first page."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from members.clock import day_of
from members.today import Stage, Task
from mentorships import caseload_today, health, next_steps
from mentorships.models import Mentorship, NextStep, Request
from programs.models import Cycle

WORDS = {"green": "fine", "amber": "look", "red": "needs"}


def line(cycle: Cycle) -> list[Stage]:
    """Going, ended."""
    url = f"{reverse('admin:mentorships_pairs')}?cycle={cycle.pk}"
    pairs = Mentorship.objects.filter(cycle=cycle).values_list("state", "mentor", "mentee")

    def stage(label: str, note: str, states: tuple[str, ...], reached: bool) -> Stage:
        found = [(mentor, mentee) for state, mentor, mentee in pairs if state in states]
        return Stage(label, note, len({m for m, _ in found}), len({m for _, m in found}), (url, url), reached)

    over = (Mentorship.State.COMPLETED, Mentorship.State.ENDED)
    ended = any(state in over for state, *_ in pairs)
    note = f"{cycle.ends_on.day} {cycle.ends_on:%b %Y}"
    return [stage(_("Going"), _("today"), Mentorship.RUNNING, bool(pairs)), stage(_("Ended"), note, over, ended)]


def running(user, cycle: Cycle, today: date) -> list[tuple[Mentorship, health.Health]]:
    """The pairs that this person looks after, with how each is going."""
    pairs = Mentorship.objects.visible_to(user).running().filter(cycle=cycle).exclude(mentor=user).exclude(mentee=user)
    pairs = pairs.select_related("mentor", "mentee", "liaison", "cycle__program").prefetch_related(
        "check_ins", "requests", "terms"
    )
    return [(pair, health.of(pair.facts(), today=today)) for pair in pairs]


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """Open requests first, then pairs that need somebody."""
    open_requests = (
        Request.objects.visible_to(user).filter(state=Request.State.OPEN, mentorship__cycle=cycle).exclude(user=user)
    )
    found = [_request(request, today) for request in open_requests.select_related("user", "mentorship__cycle__program")]
    if user.has_perm("mentorships.view_request", cycle):
        found += [_wants(step, today) for step in next_steps.wanting(cycle.pk) if user.pk not in step.people()]
    asked = {request.mentorship_id for request in open_requests}
    found += [
        _pair(pair, how) for pair, how in running(user, cycle, today) if how.colour == "red" and pair.pk not in asked
    ]
    return found + caseload_today.tasks(user, cycle, today)


def _wants(step: NextStep, today: date) -> Task:
    """Somebody whose pair has ended early would like another partner."""
    age = max(0, (today - day_of(step.answered_at, step.mentorship.program.time_zone)).days)
    word = step.mentorship.program.mentor_word
    return Task(
        key=f"next-step:{step.pk}",
        age=age,
        head=_("%(name)s would like another %(word)s.") % {"name": step.user, "word": word},
        text=_("Their pair ended early; the desk shows who has a place."),
        action=_("Find one"),
        url=reverse("admin:matching_desk", args=[step.mentorship.cycle_id]),
    )


def _request(request: Request, today: date) -> Task:
    age = max(0, (today - day_of(request.made_at, request.mentorship.program.time_zone)).days)
    return Task(
        key=f"request:{request.pk}",
        age=age,
        head=_("%(name)s asks for: %(kind)s.") % {"name": request.user, "kind": request.get_kind_display()},
        text=_("The partner knows nothing of it."),
        action=_("Read and answer"),
        url=reverse("admin:mentorships_request_change", args=[request.pk]),
        late=age > 3,
    )


def _pair(pair: Mentorship, how: health.Health) -> Task:
    return Task(
        key=f"pair:mentorship:{pair.pk}",
        age=0,
        head=_("%s would be glad of you.") % pair,
        text=" · ".join(str(reason) for reason in how.reasons),
        action=_("Look at the pair"),
        url=reverse("admin:mentorships_mentorship_change", args=[pair.pk]),
    )
