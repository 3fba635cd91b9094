"""All pairs of a cycle as the committee looks at them: how each is going, last heard, what comes next."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from mentorships import days, health
from mentorships.models import CheckIn, CheckInPlan, Mentorship
from programs import dates
from programs.models import Cycle

NOT_HEARD_DAYS = 30
ORDER = {health.RED: 0, health.AMBER: 1, health.GREEN: 2}
SIGNS = {health.RED: ("needs", "bang"), health.AMBER: ("look", "eye"), health.GREEN: ("fine", "ok")}
OVER = (Mentorship.State.COMPLETED, Mentorship.State.ENDED)


def colour_words() -> dict[str, str]:
    return {health.RED: _("Needs us"), health.AMBER: _("Worth a look"), health.GREEN: _("Fine")}


@dataclass(frozen=True)
class Row:
    """One pair of the list."""

    pair: Mentorship
    going: health.Health
    heard: tuple[date, str] | None
    said: tuple[str, str]
    next_on: date | None
    next_what: str
    silent: bool

    @property
    def over(self) -> bool:
        return self.pair.state in OVER

    @property
    def word(self) -> str:
        return colour_words()[self.going.colour]

    @property
    def sign(self) -> tuple[str, str]:
        return SIGNS[self.going.colour]


@dataclass(frozen=True)
class Chip:
    """One way to narrow the list, and how many it would leave."""

    label: str
    count: int
    query: str
    current: bool
    icon: str = ""


def seen_by(user, cycle: Cycle):
    """The pairs of a cycle that this person looks after: never one of their own."""
    pairs = Mentorship.objects.visible_to(user).filter(cycle=cycle).exclude(Q(mentor=user) | Q(mentee=user))
    return pairs.select_related("mentor", "mentee", "liaison", "cycle__program").prefetch_related(
        "check_ins", "requests", "terms"
    )


def plan_of(cycle: Cycle) -> list[days.Planned]:
    """The program's check-in plan."""
    return [
        days.Planned(line.pk, line.moment, line.after_days, line.after_months)
        for line in CheckInPlan.objects.filter(program=cycle.program_id)
    ]


def rows(user, cycle: Cycle, today: date) -> list[Row]:
    """Those that need us first; what is over comes last."""
    plan = plan_of(cycle)
    found = [row(pair, plan, today) for pair in seen_by(user, cycle)]
    return sorted(found, key=lambda one: (one.over, ORDER[one.going.colour], str(one.pair)))


def row(pair: Mentorship, plan: list[days.Planned], today: date) -> Row:
    facts = pair.facts()
    heard = health.last_heard(facts)
    since = heard[0] if heard else facts.introduced_on
    next_on, next_what = _next(pair, plan, today)
    return Row(
        pair=pair,
        going=health.of(facts, today),
        heard=(heard[0], facts.names[heard[1]]) if heard else None,
        said=(_said(facts, "mentor"), _said(facts, "mentee")),
        next_on=next_on,
        next_what=next_what,
        silent=facts.running and (today - since).days > NOT_HEARD_DAYS,
    )


def _said(facts: health.Facts, role: str) -> str:
    """The answer to the newest question of one side, in words."""
    mine = [one for one in facts.asked if one.role == role]
    if not mine:
        return _("not asked yet")
    return str(CheckIn.Word(mine[-1].word).label) if mine[-1].word else _("no answer")


def _next(pair: Mentorship, plan: list[days.Planned], today: date) -> tuple[date | None, str]:
    """What comes by itself next."""
    if pair.state in OVER:
        return None, ""
    term, program = pair.term(), pair.program
    words = {str(value): str(label) for value, label in CheckInPlan.Moment.choices}
    found = [(day, words[line.moment]) for day, line in days.planned_days(plan, pair.introduced_on(), term.begins_on)]
    if program.midway_after_months:
        found.append((dates.add_months(term.begins_on, program.midway_after_months), _("midway feedback")))
    found.append((term.ends_on + timedelta(days=1), _("evaluation")))
    return min(((day, what) for day, what in found if day > today), default=(None, ""))


@dataclass(frozen=True)
class Asked:
    """What the page was asked for."""

    cycle: int
    only: str = ""
    contact: str = ""
    q: str = ""

    @classmethod
    def of(cls, data, cycle: Cycle) -> "Asked":
        return cls(cycle.pk, data.get("only", "")[:20], data.get("contact", "")[:20], data.get("q", "").strip()[:80])

    def query(self, **changed) -> str:
        given = {"cycle": self.cycle, "only": self.only, "contact": self.contact, "q": self.q, **changed}
        return urlencode({name: value for name, value in given.items() if value})

    def fits(self, one: Row) -> bool:
        return self._fits_only(one, self.only) and self._fits_contact(one) and self._fits_name(one)

    @staticmethod
    def _fits_only(one: Row, only: str) -> bool:
        if only == "over":
            return one.over
        if only == "silent":
            return one.silent
        if only in ORDER:
            return one.going.colour == only and not one.over
        return True

    def _fits_contact(self, one: Row) -> bool:
        return not self.contact or str(one.pair.liaison_id or "") == self.contact

    def _fits_name(self, one: Row) -> bool:
        names = f"{one.pair.mentor} {one.pair.mentee} {one.pair.mentor.email} {one.pair.mentee.email}".lower()
        return self.q.lower() in names


def chips(asked: Asked, found: list[Row]) -> list[Chip]:
    """All, by how it is going, silent, over, and by contact; nothing that would be empty but "all"."""

    def only(label: str, value: str, icon: str = "") -> Chip:
        count = sum(asked._fits_only(one, value) for one in found)
        return Chip(label, count, asked.query(only=value, contact=""), not asked.contact and asked.only == value, icon)

    words = colour_words()
    made = [only(words[colour], colour, SIGNS[colour][1]) for colour in (health.RED, health.AMBER, health.GREEN)]
    made += [only(_("Not heard from in 30 days"), "silent"), only(_("Over"), "over")]
    contacts = {one.pair.liaison.pk: one.pair.liaison for one in found if one.pair.liaison}
    for pk, contact in sorted(contacts.items(), key=lambda item: str(item[1])):
        count = sum(one.pair.liaison_id == pk for one in found)
        current = asked.contact == str(pk)
        made.append(Chip(contact.get_short_name(), count, asked.query(contact=pk, only=""), current))
    return [only(_("All"), ""), *(chip for chip in made if chip.count or chip.current)]
