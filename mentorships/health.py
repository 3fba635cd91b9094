"""How a pair is going, from what the two have told us. It informs the committee and shames nobody.

How often a pair talks is its own affair: the month that a program suggests is never counted. What counts is what
somebody said, what somebody asked for, and questions that stayed without an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

GREEN, AMBER, RED = "green", "amber", "red"
FIRST_CONTACT_DAYS = 14  # after the introduction, a word of contact is usual
NO_ANSWER_DAYS = 7  # after "I wrote, no answer", somebody picks up the phone
SILENT_DAYS = 60  # nothing heard from either side, though both were asked
CONTACT, WROTE, NOT_YET, SLOW, STUCK = "yes", "wrote", "not_yet", "slow", "stuck"
SIDES = ("mentor", "mentee")


@dataclass(frozen=True)
class Asked:
    """One side asked once: when, until when, how often reminded, and what came back."""

    role: str
    due_on: date
    answer_by: date
    reminders: int = 0
    word: str = ""
    answered_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a pair. `asked` is in the order of its days, `wishes` are the kinds of its open requests."""

    introduced_on: date
    asked: tuple[Asked, ...] = ()
    wishes: tuple[str, ...] = ()
    running: bool = True
    paused: bool = False
    names: Mapping[str, str] = field(default_factory=lambda: {"mentor": "mentor", "mentee": "mentee"})


@dataclass(frozen=True)
class Health:
    """Green is fine, amber is worth a look, red needs us; with the reasons in words, the weightiest first."""

    colour: str
    reasons: tuple[str, ...] = ()


def of(facts: Facts, today: date) -> Health:
    """How this pair is going today, and why we think so."""
    if facts.paused:
        return Health(GREEN, (_("paused"),))
    if not facts.running:
        return Health(GREEN)
    needs = [*_wishes(facts), *_stuck(facts), *_unanswered_letter(facts, today), *_both_silent(facts, today)]
    look = [*_slow(facts), *_no_first_contact(facts, today), *_not_answered(facts)]
    if needs:
        return Health(RED, (*needs, *look))
    return Health(AMBER, tuple(look)) if look else Health(GREEN)


def last_heard(facts: Facts) -> tuple[date, str] | None:
    """The day on which either of the two last told us something, and which side it was."""
    heard = [(one.answered_on, one.role) for one in facts.asked if one.answered_on]
    return max(heard) if heard else None


def _latest(facts: Facts, role: str) -> Asked | None:
    """The newest answer of one side: it takes the place of every older one."""
    return next((one for one in reversed(facts.asked) if one.role == role and one.word), None)


def _wishes(facts: Facts) -> list[str]:
    words = {
        "rematch": _("another partner is asked for"),
        "leave": _("somebody would like to leave"),
        "help": _("they cannot reach each other"),
    }
    return [words[kind] for kind in facts.wishes if kind in words]


def _said(facts: Facts, word: str) -> list[str]:
    """The names of those whose newest answer is this word."""
    return [facts.names[role] for role in SIDES if (one := _latest(facts, role)) and one.word == word]


def _stuck(facts: Facts) -> list[str]:
    return [_("%(name)s says: stuck") % {"name": name} for name in _said(facts, STUCK)]


def _slow(facts: Facts) -> list[str]:
    return [_("%(name)s says: a bit slow") % {"name": name} for name in _said(facts, SLOW)]


def _unanswered_letter(facts: Facts, today: date) -> list[str]:
    """One wrote and heard nothing for a week, and the other has said nothing since."""
    found = []
    for role in SIDES:
        mine, other = _latest(facts, role), _latest(facts, _other(role))
        if mine and mine.word == WROTE and mine.answered_on and today >= mine.answered_on + timedelta(NO_ANSWER_DAYS):
            if other and other.word in (CONTACT, WROTE):
                continue
            found.append(_("%(name)s wrote and has had no answer") % {"name": facts.names[role]})
    return found


def _no_first_contact(facts: Facts, today: date) -> list[str]:
    """Two weeks on, and neither has told us that they spoke; only where we asked."""
    if not facts.asked or today < facts.introduced_on + timedelta(FIRST_CONTACT_DAYS):
        return []
    spoken = any(one.word and one.word not in (WROTE, NOT_YET) for one in facts.asked)
    both_wrote = all((one := _latest(facts, role)) and one.word == WROTE for role in SIDES)
    return [] if spoken or both_wrote else [_("no first word yet, as far as we know")]


def _not_answered(facts: Facts) -> list[str]:
    """Asked, reminded twice, and silent since."""
    found = []
    for role in SIDES:
        mine = [one for one in facts.asked if one.role == role]
        if mine and not mine[-1].word and mine[-1].reminders >= 2:
            found.append(_("%(name)s has not answered") % {"name": facts.names[role]})
    return found


def _both_silent(facts: Facts, today: date) -> list[str]:
    """Both were asked, both let the day pass, and nothing was heard for two months."""
    newest = [next((one for one in reversed(facts.asked) if one.role == role), None) for role in SIDES]
    if not all(one and not one.word and one.answer_by < today for one in newest):
        return []
    heard = last_heard(facts)
    days = (today - (heard[0] if heard else facts.introduced_on)).days
    return [_("no word for %(days)d days") % {"days": days}] if days >= SILENT_DAYS else []


def _other(role: str) -> str:
    return SIDES[1 - SIDES.index(role)]
