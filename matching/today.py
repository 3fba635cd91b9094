"""What matching gives to the committee's first page."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.models import Match, Run
from members.today import Stage, Task
from mentorships.models import Mentorship
from programs.models import Application, Cycle, Place, Role

State = Match.State


def line(cycle: Cycle) -> list[Stage]:
    """Proposed, announced, introduced."""
    desk = reverse("admin:matching_desk", args=[cycle.pk])
    pairs = Match.objects.filter(cycle=cycle).values_list("state", "mentor_application_id", "mentee_application_id")

    def stage(label: str, note: str, states: tuple[State, ...]) -> Stage:
        found = [(mentor, mentee) for state, mentor, mentee in pairs if state in states]
        return Stage(
            label,
            note,
            len({mentor for mentor, _ in found}),
            len({mentee for _, mentee in found}),
            (desk, desk),
            bool(found),
        )

    note = f"{cycle.announced_on.day} {cycle.announced_on:%b}"
    return [
        stage(_("Proposed"), _("at the desk"), Match.LIVE),
        stage(_("Announced"), note, tuple(state for state in Match.LIVE if state != State.DRAFT)),
        stage(_("Introduced"), note, (State.INTRODUCED,)),
    ]


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """Match when the applications are closed; announce when the drafts are there."""
    if not user.has_perm("matching.edit_match", cycle) or today <= cycle.closes_on:
        return []
    drafts = Match.objects.filter(cycle=cycle, state=State.DRAFT).count()
    if drafts and user.has_perm("matching.announce", cycle):
        text = ngettext(
            "%d proposed pair waits for the announcement.", "%d proposed pairs wait for the announcement.", drafts
        )
        return [
            Task(
                key=f"announce:cycle:{cycle.pk}",
                age=max(0, (today - cycle.closes_on).days),
                head=_("Announce the matches."),
                text=text % drafts,
                action=_("See every mail"),
                url=reverse("admin:matching_announce", args=[cycle.pk]),
                late=today >= cycle.announced_on,
            )
        ]
    if (
        Run.objects.filter(cycle=cycle).exists()
        or not Application.objects.filter(cycle=cycle, state="admitted").exists()
    ):
        return []
    return [
        Task(
            key=f"match:cycle:{cycle.pk}",
            age=max(0, (today - cycle.closes_on).days),
            head=_("Applications are closed: time to match."),
            text=_("A suggestion takes a second, and nothing leaves before you announce."),
            action=_("Open the matching desk"),
            url=reverse("admin:matching_desk", args=[cycle.pk]),
            late=today >= cycle.announced_on,
        )
    ]


def balance(cycle: Cycle) -> tuple[int, int]:
    """Free mentor places, and accepted mentees without a mentor."""
    mentors = Application.objects.filter(cycle=cycle, role=Role.MENTOR, state="admitted")
    most = cycle.program.mentor_capacity
    places = sum(min(wanted, most) for wanted in mentors.values_list("mentees_wanted", flat=True))
    taken = Place.objects.filter(program=cycle.program, mentor__in=mentors.values("user")).count()
    mentees = Application.objects.filter(cycle=cycle, role=Role.MENTEE, state="admitted")
    placed = Mentorship.objects.filter(cycle=cycle).exclude(state=Mentorship.State.ENDED).values("mentee_application")
    return max(0, places - taken), mentees.exclude(pk__in=placed).count()
