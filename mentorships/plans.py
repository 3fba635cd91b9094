"""The pair's own plan and goals: how they talk, how often, what for. Optional; the committee does not read it."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from mentorships import notices
from mentorships.models import Goal, Mentorship

FIELDS = ("channel", "rhythm", "hours", "replies")


def save(mentorship: Mentorship, plan: Mapping[str, str], goals: Iterable[Mapping], *, by: User) -> None:
    """Keep the plan of the two, and one's own goals; a goal whose text is taken away is taken away."""
    if by.pk not in mentorship.people():
        raise NotAllowed(_("The plan belongs to the two of them."))
    if mentorship.state not in Mentorship.RUNNING:
        raise NotAllowed(_("This mentoring year is over; the plan stays as it is."))
    with transaction.atomic():
        for name in FIELDS:
            setattr(mentorship, name, plan.get(name, ""))
        mentorship.save(update_fields=FIELDS)
        own = {goal.pk: goal for goal in Goal.objects.filter(mentorship=mentorship, owner=by)}
        for given in goals:
            _keep(mentorship, own.get(given.get("pk") or 0), given, by)
        journal.record(mentorship, "plan_changed", by=by)
        if any(plan.get(name) for name in FIELDS):
            notices.settled(mentorship, "plan")


def _keep(mentorship: Mentorship, goal: Goal | None, given: Mapping, by: User) -> None:
    text = given.get("text", "").strip()
    if goal is not None and not text:
        goal.delete()
    if not text:
        return
    goal = goal or Goal(mentorship=mentorship, owner=by)
    goal.text, goal.first_step, goal.by = text, given.get("first_step", ""), given.get("by")
    if not given.get("reached"):
        goal.reached_on = None
    elif goal.reached_on is None:
        goal.reached_on = clock.today(mentorship.program.time_zone)
    goal.save()
