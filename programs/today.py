"""What applications give to the committee's first page."""

from collections import Counter
from datetime import date, timedelta

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.clock import day_of
from members.today import Stage, Task
from members.words import day as in_words
from programs import today_start, today_training, today_waiting
from programs.models import Application, Cycle, Role, Waiver

State = Application.State
RUNS_OUT = timedelta(days=5)
HAS_BEEN_SENT = [state for state in State if state != State.DRAFT]


def people_url(cycle: Cycle, role: str, **filters: str) -> str:
    """The list of applications that a figure counts."""
    query = {"cycle__id__exact": cycle.pk, "role__exact": role, **filters}
    return f"{reverse('admin:programs_application_changelist')}?{urlencode(query)}"


def line(cycle: Cycle) -> list[Stage]:
    """Started, sent, kept for membership, accepted."""
    counts = Counter(Application.objects.filter(cycle=cycle).values_list("role", "state"))

    def stage(label: str, note: str, states: list[State]) -> Stage:
        mentors, mentees = (sum(counts[role, state] for state in states) for role in (Role.MENTOR, Role.MENTEE))
        only = {"state__exact": str(states[0])} if len(states) == 1 else {}
        urls = (people_url(cycle, Role.MENTOR, **only), people_url(cycle, Role.MENTEE, **only))
        return Stage(label, note, mentors, mentees, urls)

    return [
        stage(_("Started"), _("since %s") % _day(cycle.opens_on), list(State)),
        stage(_("Applied"), _("by %s") % _day(cycle.closes_on), HAS_BEEN_SENT),
        stage(_("Kept"), _("membership"), [State.HELD]),
        stage(_("Accepted"), _("by %s") % _day(cycle.hear_by), [State.ADMITTED]),
    ]


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """Late applications to decide, exceptions asked for, people to look up on the member list."""
    found: list[Task] = []
    if user.has_perm("programs.decide_application", cycle):
        mine = Application.objects.visible_to(user).filter(cycle=cycle).exclude(user=user).select_related("user")
        found += [_decide(application, today) for application in mine.filter(state=State.SUBMITTED)]
        open_waivers = Waiver.objects.filter(application__in=mine, answer=Waiver.Answer.OPEN).select_related(
            "application__user", "gate"
        )
        found += [_exception(waiver, today) for waiver in open_waivers]
    if user.has_perm("members.confirm_membership", cycle):
        found += _members(cycle, today) + today_start.tasks(user, cycle, today)
    return [*found, *today_waiting.tasks(user, cycle, today), *today_training.tasks(user, cycle, today)]


def _decide(application: Application, today: date) -> Task:
    age = _age(application, today)
    head = _("%s applied late.") if application.late else _("%s waits for your decision.")
    return Task(
        key=f"decide:application:{application.pk}",
        age=age,
        head=head % application.user,
        text=_("As a %s. You decide whether there is still a place.") % application.program.word_for(application.role),
        action=_("Read and decide"),
        url=reverse("admin:programs_application_read", args=[application.pk]),
        late=age > 7,
    )


def _exception(waiver: Waiver, today: date) -> Task:
    return Task(
        key=f"exception:waiver:{waiver.pk}",
        age=_age(waiver.application, today),
        head=_("%s asks for an exception.") % waiver.application.user,
        text=str(waiver.gate),
        action=_("Read and decide"),
        url=reverse("admin:programs_application_read", args=[waiver.application_id]),
    )


def _members(cycle: Cycle, today: date) -> list[Task]:
    """Everybody who says that they are a member under another address or number; then those whose place soon runs out."""
    held = list(Application.objects.filter(cycle=cycle, state=State.HELD).select_related("cycle__program"))
    url = f"{reverse('admin:programs_is_this_a_member')}?{urlencode({'cycle': cycle.pk})}"
    claims = [application for application in held if application.claimed_email or application.claimed_number]
    soon = [one for one in held if one not in claims and one.held_until and one.held_until <= today + RUNS_OUT]
    return [*_claims(cycle, claims, url, today), *_run_out(cycle, soon, url, today)]


def _run_out(cycle: Cycle, soon: list[Application], url: str, today: date) -> list[Task]:
    """One line for those who were not found yet and whose application is not kept much longer."""
    if not soon:
        return []
    text = ngettext(
        "%(n)d application is not kept much longer, the first until %(day)s.",
        "%(n)d applications are not kept much longer, the first until %(day)s.",
        len(soon),
    )
    first = min(application.held_until for application in soon)
    return [
        Task(
            key=f"members:runs_out:cycle:{cycle.pk}:{len(soon)}:{first}",
            age=max(_age(application, today) for application in soon),
            head=_("Membership not found yet."),
            text=text % {"n": len(soon), "day": in_words(first)},
            action=_("Compare"),
            url=url,
        )
    ]


def _claims(cycle: Cycle, claims: list[Application], url: str, today: date) -> list[Task]:
    if not claims:
        return []
    text = ngettext(
        "%d person says so under another address or number.",
        "%d people say so under another address or number.",
        len(claims),
    )
    return [
        Task(
            key=f"members:cycle:{cycle.pk}:{len(claims)}",
            age=max(_age(application, today) for application in claims),
            head=_("Is this a member?"),
            text=text % len(claims),
            action=_("Compare"),
            url=url,
        )
    ]


def waiting(cycle: Cycle) -> list[Application]:
    """Who waits for a place, the longest wait first."""
    found = Application.objects.filter(cycle=cycle, state=State.WAITLISTED).select_related("user")
    return list(found.order_by("waiting_since", "pk"))


def _age(application: Application, today: date) -> int:
    return max(0, (today - day_of(application.sent_at, application.cycle.zone)).days) if application.sent_at else 0


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
