"""What still stands between an agreed pair and its introduction: for each of the two their own, and by when."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from matching import announcing
from matching.models import Match
from members import clock
from members import words as dates
from programs import facts, gates
from programs.models import Application, Gate, Training

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Point:
    """One thing that somebody has to do, in words, and until when."""

    text: str
    by: date
    url: str = ""


@dataclass(frozen=True)
class Missing:
    """`by`: what is missing from each, by application; `introduced_on`: a day that all wait for, where there is one."""

    by: dict[int, list[Point]] = field(default_factory=dict)
    introduced_on: date | None = None

    @property
    def waits(self) -> bool:
        """Whether the introduction has to wait for anything."""
        return bool(self.introduced_on or any(self.by.values()))


def of(match: Match, at: datetime) -> Missing:
    """What an agreed pair waits for at this moment."""
    program = match.cycle.program
    both = (match.mentor_application, match.mentee_application)
    moment = announcing.introduced_at(match)
    day = clock.day_of(moment, program.time_zone) if moment and moment > at else None
    asked = list(Gate.objects.filter(program=program, stage=Gate.Stage.INTRODUCE))
    if not asked:
        return Missing({application.pk: [] for application in both}, day)
    today = clock.day_of(at, program.time_zone)
    known = facts.facts_of(both, today)
    ahead = list(Training.objects.filter(cycle=match.cycle, starts_at__gt=at))
    found = {
        application.pk: [
            _point(finding, application, ahead, today)
            for finding in gates.unmet(known[application.pk], asked, Gate.Stage.INTRODUCE)
        ]
        for application in both
    }
    return Missing(found, day)


def _point(finding: gates.Finding, application: Application, ahead: list[Training], today: date) -> Point:
    """One requirement in words for its person: for a workshop, when it takes place."""
    program = application.program
    own = [session for session in ahead if session.role in ("", application.role)]
    soon = max(today + SOON, application.cycle.begins_on)
    if finding.kind != Gate.Kind.TRAINING:
        return Point(finding.reason, soon)
    if not own:
        return Point(_("Take part in the workshop, or catch up on it: write to us, and we tell you how."), soon)
    zone, last = program.time_zone, clock.day_of(own[-1].starts_at, program.time_zone)
    when = [dates.moment(session.starts_at, zone, program.zone_word) for session in own]
    return Point(_("Take part in the workshop: %s.") % _(" or ").join(when), last)
