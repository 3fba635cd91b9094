"""What matching gives to the committee's first page."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching import notices_offer, offers_page, words
from matching.models import Match, Run
from members import clock
from members.today import Stage, Task
from mentorships.models import Mentorship
from programs import today_training
from programs.models import Application, Cycle, Place, Program, Role

State = Match.State
PROMISED = (State.ANNOUNCED, State.OFFERED, State.ACCEPTED)
LAST_DAYS = 1
"""So many days before its end an offer without an answer is worth a phone call."""
LATE_DAYS = 7
"""So many days without anybody in view is too long."""
NAMED = 3
"""So many mentees are named in a task."""


def line(cycle: Cycle) -> list[Stage]:
    """Proposed, announced, introduced; where mentors are asked first, also who was asked and who said yes."""
    desk = reverse("admin:matching_desk", args=[cycle.pk])
    offers = reverse("admin:matching_offers", args=[cycle.pk])
    pairs = Match.objects.filter(cycle=cycle).values_list("state", "mentor_application_id", "mentee_application_id")

    def stage(label: str, note: str, states: tuple[State, ...], url: str = desk) -> Stage:
        found = [(mentor, mentee) for state, mentor, mentee in pairs if state in states]
        return Stage(
            label,
            note,
            len({mentor for mentor, _ in found}),
            len({mentee for _, mentee in found}),
            (url, url),
            bool(found),
        )

    note = f"{cycle.announced_on.day} {cycle.announced_on:%b}"
    found = [
        stage(_("Proposed"), _("at the desk"), Match.LIVE),
        stage(_("Announced"), note, tuple(state for state in Match.LIVE if state != State.DRAFT)),
    ]
    if cycle.program.mentor_confirms:
        said_yes = (State.ACCEPTED, State.INTRODUCED)
        found.append(stage(_("Asked"), _("the mentors"), (State.OFFERED, *said_yes), offers))
        found.append(stage(_("Yes"), _("the mentors"), said_yes, offers))
    when = _("when ready") if cycle.program.introduce == Program.Introduce.WHEN_READY else note
    return [*found, *today_training.line(cycle), stage(_("Introduced"), when, (State.INTRODUCED,))]


def tasks(user, cycle: Cycle, today: date) -> list[Task]:
    """Match when the applications are closed; announce when the drafts are there; then what mentors wait for."""
    if not user.has_perm("matching.edit_match", cycle) or today <= cycle.closes_on:
        return []
    return [*_at_the_desk(user, cycle, today), *_offers(user, cycle, today)]


def _offers(user, cycle: Cycle, today: date) -> list[Task]:
    """A mentor's question, a mentor who is silent, mentees whose mentor said no. Nothing about an offer of one's own."""
    if not cycle.program.mentor_confirms:
        return []
    found = offers_page.of(cycle, user).filter(state=State.OFFERED).order_by("offered_at", "pk")
    return [task for match in found if (task := _offer(match, today))] + _another(user, cycle, today)


def _offer(match: Match, today: date) -> Task | None:
    """What one open offer needs; None while the mentor has time."""
    zone = match.program.time_zone
    names = {"mentor": match.mentor_application, "mentee": match.mentee_application}
    url = reverse("admin:matching_offer", args=[match.pk])
    if match.stopped_at:
        age = (today - clock.day_of(match.stopped_at, zone)).days
        head = _("%(mentor)s has a question about %(mentee)s.") % names
        text = _("The clock stands still until you have answered.")
        late = age > notices_offer.ANSWER_WITHIN.days
        return Task(f"offer:{match.pk}:question", age, head, text, _("Answer"), f"{url}#question", late)
    if match.answer_by is None or (clock.day_of(match.answer_by, zone) - today).days > LAST_DAYS:
        return None
    age = (today - clock.day_of(match.offered_at, zone)).days
    head = _("%(mentor)s has not answered about %(mentee)s.") % names
    text = _("Two reminders have left; a phone call helps now.")
    return Task(f"offer:{match.pk}:phone", age, head, text, _("Phone, and note it"), f"{url}#told")


def _another(user, cycle: Cycle, today: date) -> list[Task]:
    """Mentees whose mentor said no or nothing, and who have nobody in view."""
    closed = offers_page.of(cycle, user).filter(mentee_application__in=offers_page.needing(cycle)).order_by("-pk")
    by_mentee = {match.mentee_application_id: match for match in reversed(closed)}
    if not by_mentee:
        return []
    ended = [match.answered_at or match.answer_by or match.made_at for match in by_mentee.values()]
    age = max((today - clock.day_of(moment, cycle.zone)).days for moment in ended)
    names = words.people(str(match.mentee_application) for match in by_mentee.values())
    if len(by_mentee) > NAMED:
        names = _("%(count)d mentees") % {"count": len(by_mentee)}
    head = ngettext("%s needs another mentor.", "%s need another mentor.", len(by_mentee)) % names
    url = f"{reverse('admin:matching_desk', args=[cycle.pk])}?pair={min(by_mentee)}#change"
    return [
        Task(
            key=f"another:cycle:{cycle.pk}:{closed[0].pk}",
            age=age,
            head=head,
            text=_("Who was asked could not this time; the mentee does not hear of it."),
            action=_("Find one"),
            url=url,
            late=age > LATE_DAYS,
        )
    ]


def _at_the_desk(user, cycle: Cycle, today: date) -> list[Task]:
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
    promised = Match.objects.filter(cycle=cycle, state__in=PROMISED).values("mentee_application")
    return max(0, places - taken), mentees.exclude(pk__in=placed).exclude(pk__in=promised).count()
