"""Where the offers of a cycle stand, as the committee reads it: who was asked, what they said, what to do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from matching.models import Match
from members import clock
from members.words import day, moment
from programs.models import Cycle

State, Answer = Match.State, Match.Answer


@dataclass(frozen=True)
class Row:
    """One offer: how it stands in words, and how urgent that looks ("fine", "look", "needs")."""

    match: Match
    words: str
    kind: str
    needs: str = ""


def of(cycle: Cycle, user) -> QuerySet[Match]:
    """What mentors of a cycle were asked; nobody looks after an offer to which they belong themselves."""
    found = Match.objects.visible_to(user).filter(cycle=cycle, offered_at__isnull=False)
    found = found.exclude(mentor_application__user=user).exclude(mentee_application__user=user)
    return found.select_related(
        "cycle__program__association",
        "mentor_application__user",
        "mentee_application__user",
        "mentorship",
        "told_to",
    )


def rows(matches, at: datetime, open_again: set[int]) -> list[Row]:
    """Each offer in words; `open_again` are the mentees who have nobody now."""
    return [_row(match, at, match.mentee_application_id in open_again) for match in matches]


def needing(cycle: Cycle) -> set[int]:
    """The mentees' applications that an offer was made for and that have no mentor in view at this moment."""
    asked = Match.objects.filter(cycle=cycle, offered_at__isnull=False, mentee_application__state="admitted")
    live = Match.objects.filter(cycle=cycle).live().values("mentee_application")
    return set(asked.exclude(mentee_application__in=live).values_list("mentee_application_id", flat=True))


def _row(match: Match, at: datetime, open_again: bool) -> Row:
    """How one offer stands."""
    again = _("needs another mentor") if open_again else ""
    if match.state == State.OFFERED and match.stopped_at:
        return Row(match, _("has a question; the clock stands still"), "needs", _("answer the question"))
    if match.state == State.OFFERED:
        return _open(match, at)
    if match.state == State.ACCEPTED:
        return Row(match, _("said yes; the introduction follows"), "fine")
    if match.state == State.INTRODUCED:
        return Row(match, _("introduced"), "fine")
    if match.state == State.EXPIRED:
        words = _("no answer in time; still in") if match.answer else _("no answer in time")
        return Row(match, words, "look", again)
    if match.answer in Match.NO:
        return Row(match, _said(match), "look", again)
    return Row(match, _("called off"), "look", again)


def _open(match: Match, at: datetime) -> Row:
    """An offer without an answer; after the second reminder somebody had better phone."""
    program = match.program
    assert match.answer_by is not None
    until = moment(match.answer_by, program.time_zone, "", short=True)
    left = (clock.day_of(match.answer_by, program.time_zone) - clock.day_of(at, program.time_zone)).days
    words = _("asked, time until %s") % until
    return Row(match, words, "look", _("phone them")) if left <= 1 else Row(match, words, "fine")


def _said(match: Match) -> str:
    """A no in words, without its reason."""
    back = match.state == State.CANCELLED
    texts = {
        Answer.NOT_THIS_PERSON: _("said: not this person"),
        Answer.NOT_THIS_CYCLE: _("said: not this cycle"),
        Answer.PAUSE: _("pauses until %s") % (day(match.paused_until, short=True) if match.paused_until else ""),
    }
    words = texts[Answer(match.answer)]
    return _("took the yes back; %s") % words if back else words


def figures(found: QuerySet[Match]) -> dict[str, int]:
    """How many offers were made, and how they stand."""
    rows = list(found.values_list("state", "answer", "stopped_at"))
    return {
        "asked": len(rows),
        "yes": sum(state in (State.ACCEPTED, State.INTRODUCED) for state, _answer, _stopped in rows),
        "no": sum(state in (State.DECLINED, State.CANCELLED) and said in Match.NO for state, said, _stopped in rows),
        "silent": sum(state == State.EXPIRED for state, _answer, _stopped in rows),
        "open": sum(state == State.OFFERED for state, _answer, _stopped in rows),
        "questions": sum(state == State.OFFERED and stopped is not None for state, _answer, stopped in rows),
    }
