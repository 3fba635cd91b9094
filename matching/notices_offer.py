"""The mails of an offer: to the mentor who is asked, to the committee, and to both once the mentor has said yes."""

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mail import outbox
from mail.links import absolute
from mail.models import Message
from mail.outbox import Recipient
from matching import missing, notices
from matching.models import Match
from matching.profile import Profile
from members import clock, journal
from members.models import Entry, User
from programs.models import Application, Cycle, Seat

ANSWERS = ("accepted", "declined", "taken_back")
_SEE = gettext_lazy("See where the offers stand")
ANSWER_WITHIN = timedelta(days=3)
"""By when the committee answers a mentor's question."""
AT_ONCE = 3
"""So many answers a day are told to the committee each by a mail of its own, the others together in the evening."""


def offer(match: Match) -> None:
    """Would you mentor Bea? Who, why, what they hope for, and five answers of equal weight."""
    _to_mentor(match, "offer", "offer", _profile(match))


@dataclass(frozen=True)
class OfferMail:
    """A mentor's question as it will leave, before it is asked: for the page that shows every mail."""

    match: Match
    asked_at: datetime

    name = "offer"

    @property
    def to(self) -> Recipient:
        return Recipient(self.match.mentor_application.user.email, str(self.match.mentor_application.user))

    def as_read(self) -> tuple[str, str]:
        """Subject and text, with the last day to answer that it will name."""
        program = self.match.program
        until = clock.day_of(self.asked_at, program.time_zone) + timedelta(days=program.offer_days)
        asked = copy(self.match)
        asked.answer_by = clock.end_of(until, program.time_zone)
        context = {**_about(asked, asked.mentor_application), **_profile(asked)}
        sender = {"to": self.to, "also": None, "sender": program.sender(), "site_url": settings.SITE_URL}
        return notices.as_read("offer", {**context, **sender})


def reminder(match: Match, number: int, *, good_until: datetime | None) -> Message | None:
    """The same once more, of use until the next is due or the offer closes; None when it was promised already."""
    kind, key = Message.Kind.NUDGE, f"offer_reminder:{number}"
    return _to_mentor(match, "offer_reminder", key, _profile(match), kind=kind, good_until=good_until)


def reminder_key(match: Match, number: int) -> str:
    return f"{journal.about(match)}:offer_reminder:{number}"


def closed(match: Match, *, called_off: bool = False) -> None:
    """We have gone on, no harm done: still in? Or: the committee has called it off, and it is nobody's fault."""
    _to_mentor(match, "offer_closed", "offer_closed", {"called_off": called_off})


def question_answered(match: Match, *, text: str) -> None:
    """The committee's answer to the mentor's question, and until when there is time now."""
    times = Entry.objects.filter(about=journal.about(match), verb="question_answered").count()
    _to_mentor(match, "offer_question_answered", f"question_answered:{times}", {"text": text, **_profile(match)})


def question(match: Match) -> None:
    """To the committee: a mentor asks something, and the clock stands until it is answered."""
    times = Entry.objects.filter(about=journal.about(match), verb="question_asked").count()
    answer_by = clock.today(match.program.time_zone) + ANSWER_WITHIN
    desk = reverse("admin:matching_offers", args=[match.cycle_id])
    _to_committee(
        match, "offer_question", f"question:{times}", answer_by=answer_by, link=absolute(f"{desk}#offer-{match.pk}")
    )


def answered(match: Match) -> None:
    """To the committee: what the mentor said, never why. From the fourth of a day on they wait for the evening."""
    now, zone = clock.now(), match.program.time_zone
    today = clock.day_of(now, zone)
    told = Message.objects.filter(name="offer_answered", scope=match.scope, queued_at__gte=clock.start_of(today, zone))
    if told.filter(queued_at__lte=clock.end_of(today, zone)).count() < AT_ONCE:
        times = Entry.objects.filter(about=journal.about(match), verb__in=ANSWERS).count()
        _to_committee(match, "offer_answered", f"answered:{times}", **_said([match]))


def nearly_there(match: Match) -> None:
    """To each of the two: what is still missing from them alone, and by when. Nobody reads who the other is here."""
    open_points = missing.of(match, clock.now())
    if not open_points.waits:
        return  # the introduction itself is on its way
    for application in (match.mentee_application, match.mentor_application):
        _queue(
            match,
            application.user,
            "nearly_there",
            key=f"nearly_there:{application.pk}",
            context={
                **_about(match, application),
                "missing": open_points.by[application.pk],
                "introduced_on": open_points.introduced_on,
            },
        )


def _profile(match: Match) -> dict:
    return {"profile": Profile(match), "mentee": match.mentee_application.user, "answers": list(Match.Answer.choices)}


def _to_mentor(match: Match, name: str, key: str, context: dict, **more: Any) -> Message | None:
    application = match.mentor_application
    context = {**_about(match, application), **context}
    return _queue(match, application.user, name, key=key, context=context, **more)


def _queue(
    match: Match,
    user: User,
    name: str,
    *,
    key: str,
    context: dict,
    kind: str = Message.Kind.ESSENTIAL,
    good_until: datetime | None = None,
) -> Message | None:
    return outbox.queue(
        key=f"{journal.about(match)}:{key}",
        name=name,
        kind=kind,
        good_until=good_until,
        to=Recipient(user.email, user.get_full_name()),
        sender=match.program.sender(),
        about=journal.about(match),
        now=clock.now(),
        context=context,
    )


def _about(match: Match, application: Application) -> dict:
    program = match.program
    return {
        "match": match,
        "program": program,
        "cycle": match.cycle,
        "person": application.user,
        "word": program.word_for(application.role),
        "page": absolute(application.get_absolute_url()),
    }


def _to_committee(match: Match, name: str, key: str, **context) -> None:
    program = match.program
    outbox.queue(
        key=f"{journal.about(match)}:{key}",
        name=name,
        to=Recipient(program.reply_to, program.contact_name or program.name),
        sender=program.sender(),
        about=f"{journal.about(match)}:committee",
        now=clock.now(),
        context={"program": program, "cycle": match.cycle, "match": match, "own": _own(match), **context},
    )


def _own(match: Match) -> bool:
    """Whether one of the two sits on the committee: then no name of theirs lies in its shared mailbox."""
    today = clock.today(match.program.time_zone)
    return Seat.objects.filter(program=match.program, user__in=match.people()).on(today).exists()


def _said(matches: list[Match]) -> dict:
    """What mentors answered, a line for each, and where the committee goes on."""
    first = matches[0]
    offers = absolute(reverse("admin:matching_offers", args=[first.cycle_id]))
    if len(matches) > 1:
        headline = _("%(count)d answers to your offers today") % {"count": len(matches)}
        return {"headline": headline, "lines": [_line(match) for match in matches], "action": _SEE, "link": offers}
    if _own(first):
        return {"headline": _("An offer is answered"), "lines": [_line(first)], "action": _SEE, "link": offers}
    names = _names(first)
    if first.state == Match.State.ACCEPTED:
        return {
            "headline": _("%(mentor)s said yes to %(mentee)s") % names,
            "lines": [_line(first)],
            "action": _SEE,
            "link": offers,
        }
    desk = reverse("admin:matching_desk", args=[first.cycle_id])
    return {
        "headline": _("%(mentor)s said no: %(mentee)s needs another mentor") % names,
        "lines": [_line(first)],
        "action": _("Find another mentor"),
        "link": absolute(f"{desk}?pair={first.mentee_application_id}#change"),
    }


def _line(match: Match) -> str:
    """One answer in a sentence; no name where somebody of the committee is one of the two."""
    if _own(match):
        return _("An offer that concerns somebody of the committee is answered.")
    if match.state == Match.State.ACCEPTED:
        return _("%(mentor)s gladly mentors %(mentee)s.") % _names(match)
    texts = {
        Match.Answer.NOT_THIS_PERSON: _(
            "%(mentor)s would rather not mentor %(mentee)s, and is free for somebody else."
        ),
        Match.Answer.NOT_THIS_CYCLE: _("%(mentor)s cannot mentor %(mentee)s, and is not free this time."),
        Match.Answer.PAUSE: _("%(mentor)s cannot mentor %(mentee)s, and pauses for a while."),
    }
    return texts[Match.Answer(match.answer)] % _names(match)


def _names(match: Match) -> dict[str, str]:
    return {"mentor": str(match.mentor_application.user), "mentee": str(match.mentee_application.user)}


def digest_key(cycle: Cycle, day: date) -> str:
    return f"{journal.about(cycle)}:offers-answered:{day.isoformat()}"


def digest(matches: list[Match], day: date) -> None:
    """To the committee in the evening: the answers of a day on which there were many."""
    program = matches[0].program
    outbox.queue(
        key=digest_key(matches[0].cycle, day),
        name="offer_answered",
        to=Recipient(program.reply_to, program.contact_name or program.name),
        sender=program.sender(),
        about=journal.about(matches[0].cycle),
        now=clock.now(),
        context={"program": program, "cycle": matches[0].cycle, **_said(matches)},
    )
