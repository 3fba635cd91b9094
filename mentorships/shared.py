"""What the two of a pair see of each other, from the introduction on and never before."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import User
from mentorships.models import Mentorship
from mentorships.openers import Side, openers
from programs import questions
from programs.models import Application, Question, Role
from programs.questions import Answered

PARTNER = Question.Audience.PARTNER
SHOWN_ELSEWHERE = {"employer", "time_zone", "channels", "region"}  # said in the lines of how to reach somebody


@dataclass(frozen=True)
class Known:
    """One of the two as the other knows them: how to reach them, where they are, and their shared answers."""

    user: User
    role: str
    answers: list[Answered]

    def text(self, code: str) -> str:
        return next((answer.text for answer in self.answers if answer.code == code), "")

    @property
    def place(self) -> str:
        """Where they work and live: "Larkin College Library, Bluegrass"."""
        return ", ".join(part for part in (self.text("employer"), self.text("region")) if part)

    @property
    def likes(self) -> str:
        """How they like to talk."""
        return self.text("channels")

    @property
    def mailto(self) -> str:
        return f"mailto:{self.user.email}?{urlencode({'subject': _('Our mentoring')}, quote_via=quote)}"

    @property
    def told(self) -> list[Answered]:
        """What they told the other, without what the lines of contact say already."""
        return [answer for answer in self.answers if answer.code not in SHOWN_ELSEWHERE]

    def side(self) -> Side:
        return Side(self.user.get_short_name(), {answer.code: answer.values for answer in self.answers})


def known(mentorship: Mentorship, role: str) -> Known:
    """What the partner of this side may read."""
    application = mentorship.application_of(role)
    wording = application.form_version or questions.of(mentorship.program, Question.Moment.APPLICATION, role)
    return Known(mentorship.person(role), role, questions.labelled(wording, application.answers, audience=PARTNER))


def three_openers(mentor: Known, mentee: Known) -> list[str]:
    return openers(mentor.side(), mentee.side())


def clocks(mine: Application, theirs: Application, name: str, at: datetime) -> str:
    """How far the partner's clock is from one's own, in words; empty when they are the same or unknown."""
    zones = [mine.answers.get("time_zone"), theirs.answers.get("time_zone")]
    if not all(zones) or zones[0] == zones[1]:
        return ""
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones]
    minutes = int((offsets[1] - offsets[0]).total_seconds() // 60)
    if not minutes:
        return ""
    hours, rest = divmod(abs(minutes), 60)
    span = (
        ngettext("%d hour", "%d hours", hours) % hours
        if not rest
        else _("%(h)d:%(m)02d hours") % {"h": hours, "m": rest}
    )
    words = _("%(name)s is %(span)s ahead of you.") if minutes > 0 else _("%(name)s is %(span)s behind you.")
    return words % {"name": name, "span": span}


def other(role: str) -> str:
    return Role.MENTEE if role == Role.MENTOR else Role.MENTOR
