"""What a program's page says: the one banner that tells the truth, the year's dates, and who is asked for what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import clock
from members.strands import Stop
from programs import dates
from programs.models import Cycle, Gate, Page, Program, Role, Seat, Training

SOON, OPEN, FULL, LATE, CLOSED, NONE = "soon", "open", "full", "late", "closed", "none"


@dataclass(frozen=True)
class Banner:
    """Where a program stands: the state, the cycle it speaks of, and the next one when that is known."""

    state: str
    cycle: Cycle | None = None
    after: Cycle | None = None
    under_way: bool = False

    @property
    def may_apply(self) -> bool:
        """Whether an application can be begun now, in time or late."""
        return self.state in (OPEN, FULL, LATE)

    @property
    def mentees_left(self) -> int | None:
        return self.cycle.places_left(Role.MENTEE) if self.cycle else None

    @property
    def full_for_mentors(self) -> bool:
        return self.cycle is not None and self.cycle.places_left(Role.MENTOR) == 0

    @property
    def full_for_mentees(self) -> bool:
        return self.cycle is not None and self.cycle.places_left(Role.MENTEE) == 0


def state_of(cycle: Cycle, at: datetime) -> str:
    """Whether one can apply to this cycle at this moment, and how."""
    if cycle.shut:
        return CLOSED
    if at < cycle.opens_at():
        return SOON
    if cycle.is_open(at):
        return FULL if cycle.places_left(Role.MENTEE) == 0 else OPEN
    return LATE if at < cycle.announced_at() else CLOSED


def banner(cycles: Iterable[Cycle], at: datetime) -> Banner:
    """The one thing that is true now, of all the cycles of a program."""
    by_state: dict[str, list[Cycle]] = {}
    for cycle in sorted(cycles, key=lambda cycle: cycle.opens_on):
        by_state.setdefault(state_of(cycle, at), []).append(cycle)
    after = by_state.get(SOON, [None])[0]
    under_way = any(cycle.begins_on <= cycle.today() <= cycle.ends_on for cycle in by_state.get(CLOSED, []))
    for state in (OPEN, FULL, LATE):
        if state in by_state:
            return Banner(state, by_state[state][-1], after, under_way)
    if CLOSED in by_state:
        return Banner(CLOSED, by_state[CLOSED][-1], after, under_way)
    return Banner(SOON, after, after) if after else Banner(NONE)


def stops(cycle: Cycle) -> list[Stop]:
    """The cycle's year as stops on a line: its own dates and workshops, and what the program's columns make of them.

    Where each pair's year counts from its own introduction there is no last day that all have in common.
    """
    program, sessions = cycle.program, list(cycle.trainings.all())
    meet = _first_meeting(cycle, sessions)
    found = [
        Stop(cycle.opens_on, _("Doors open"), _("Both roles apply, each with its own short form.")),
        Stop(cycle.closes_on, _("Doors close"), _("The committee reads everything.")),
    ]
    if program.mentor_confirms:
        asked = _("Is this somebody for you? There are %d days to answer, and a no is fine.") % program.offer_days
        found.append(Stop(cycle.announced_on, _("We ask each %s") % program.mentor_word, asked))
    found += [_workshop(training, program, meet) for training in sessions]
    found.append(Stop(meet, _("You meet by mail"), _meeting(cycle, meet), together=True))
    if program.term_anchor != Program.Anchor.INTRODUCTION:
        found += _common_year(cycle, meet)
    return sorted(found, key=lambda stop: stop.day)


def _first_meeting(cycle: Cycle, sessions: Sequence[Training]) -> date:
    """The first day on which a pair can be introduced: announced, and a workshop held for each role that must attend one."""
    required = [gate.role for gate in cycle.program.gates.all() if gate.kind == Gate.Kind.TRAINING] if sessions else []
    days = [cycle.announced_on]
    for role in Role:
        own = [training.starts_at for training in sessions if training.role in ("", role)]
        if own and {"", role} & set(required):
            days.append(clock.day_of(min(own), cycle.zone))
    return max(days)


def _workshop(training: Training, program: Program, meet: date) -> Stop:
    local = training.starts_at.astimezone(ZoneInfo(program.time_zone))
    what = _("%(hour)s, for each %(word)s.") if training.role else _("%(hour)s, for both sides.")
    words = {"hour": f"{local:%H:%M}\u00a0{program.zone_word}", "word": program.word_for(training.role)}
    return Stop(local.date(), training.title, what % words, together=local.date() > meet)


def _meeting(cycle: Cycle, meet: date) -> str:
    """How pairs are introduced: all on one day, or each when it is ready; and from when its own year counts."""
    program = cycle.program
    each = program.introduce == Program.Introduce.WHEN_READY or program.mentor_confirms or meet > cycle.announced_on
    words = [_("From here on, each pair as soon as both are ready.")] if each else []
    if program.term_anchor == Program.Anchor.INTRODUCTION:
        months = program.term_months
        words.append(ngettext("Your %d month begins that day.", "Your %d months begin that day.", months) % months)
    return " ".join([*words, _first_contact(program)])


def _common_year(cycle: Cycle, meet: date) -> list[Stop]:
    """The days that all pairs of a cycle have in common once they have met."""
    program, found = cycle.program, []
    if cycle.begins_on > meet:
        found.append(Stop(cycle.begins_on, _("The year begins"), _("From here on, at your own pace."), together=True))
    if program.midway_after_months:
        halfway = dates.add_months(cycle.begins_on, program.midway_after_months)
        found.append(Stop(halfway, _("Halfway"), _("A few questions, for both of you."), together=True))
    ending = _("Look back, say thanks, tell us how it was.")
    return [*found, Stop(cycle.ends_on, _("A good ending"), ending, together=True)]


def _first_contact(program: Program) -> str:
    return {
        Program.FirstContact.EITHER: _("We introduce you to each other. Either of you may write first."),
        Program.FirstContact.MENTOR: _("We introduce you to each other. The mentor writes first."),
        Program.FirstContact.MENTEE: _("We introduce you to each other. The mentee writes first."),
    }[Program.FirstContact(program.first_contact)]


@dataclass(frozen=True)
class Side:
    """One of the two roles as the page describes it."""

    role: str
    title: str
    about: list[Page]
    benefits: list[Page]
    needs: str
    full: bool
    button: str


def sides(program: Program, pages: Sequence[Page], gates: Sequence[Gate], where: Banner) -> list[Side]:
    """The mentee's side and the mentor's, each with what it asks and gives."""
    return [
        Side(
            role=role,
            title=title,
            about=of(pages, Page.Kind.ABOUT, role),
            benefits=[*of(pages, Page.Kind.BENEFITS, role), *of(pages, Page.Kind.BENEFITS, "")],
            needs=needs(program, gates, role),
            full=full,
            button=button_for(program, role, where, full),
        )
        for role, title, full in (
            (Role.MENTEE, _("You would like a %(word)s") % {"word": program.mentor_word}, where.full_for_mentees),
            (Role.MENTOR, _("You would like to be a %(word)s") % {"word": program.mentor_word}, where.full_for_mentors),
        )
    ]


def button_for(program: Program, role: str, where: Banner, full: bool) -> str:
    """What the way in is called for this role now."""
    if where.state == LATE:
        return _("Apply late as a %(word)s") % {"word": program.word_for(role)}
    if full:
        return _("Join the waiting list")
    if role == Role.MENTOR:
        return _("Offer to be a %(word)s") % {"word": program.mentor_word}
    return _("Apply for a %(word)s") % {"word": program.mentor_word}


def of(pages: Sequence[Page], kind: str, role: str | None = None) -> list[Page]:
    """The pages of one kind, of one role when one is given."""
    return [page for page in pages if page.kind == kind and (role is None or page.role == role)]


def needs(program: Program, gates: Sequence[Gate], role: str) -> str:
    """What somebody needs to take part, in one line, from the program's requirements."""
    asked = [gate for gate in gates if gate.role in ("", role)]
    kinds = {gate.kind: gate for gate in asked}
    parts = []
    if Gate.Kind.MEMBERSHIP in kinds:
        parts.append(_("%(association)s membership") % {"association": program.association.short_name})
    if gate := kinds.get(Gate.Kind.EXPERIENCE):
        years = gate.years or 0
        parts.append(
            ngettext("%d year in a professional position", "%d years in a professional position", years) % years
        )
    if Gate.Kind.TRAINING in kinds:
        parts.append(_("a workshop before you begin"))
    if set(kinds) <= {Gate.Kind.MEMBERSHIP, Gate.Kind.AGREEMENT}:
        parts.append(_("no degree and no number of years"))
    return ", ".join(parts)


@dataclass(frozen=True)
class Named:
    """Somebody of the committee who agreed to be named."""

    name: str
    does: str


def committee(program: Program, today: date) -> list[Named]:
    """Who looks after the program today and agreed to be named here."""
    seats = program.seats.on(today).filter(name_shown=True).select_related("user")
    ranks = {Seat.Role.CHAIR: 0, Seat.Role.DEPUTY: 1, Seat.Role.COMMITTEE: 2, Seat.Role.LIAISON: 3}
    return [
        Named(str(seat.user), _does(seat, program))
        for seat in sorted(seats, key=lambda seat: (ranks.get(seat.role, 9), seat.user.last_name))
    ]


def _does(seat: Seat, program: Program) -> str:
    word = program.contact_word if seat.role == Seat.Role.LIAISON else str(seat.get_role_display())
    word = word[:1].upper() + word[1:]
    return f"{word}: {seat.does}" if seat.does else word
