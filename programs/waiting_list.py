"""The committee's waiting list: who waits how long and has heard what, what is free, and how long others waited."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from statistics import median

from django.core.paginator import Page, Paginator

from members import clock
from programs import cycles, waiting
from programs.models import Application, Cycle, Place, Program, Role

State = Application.State
PER_PAGE = 50
ASKED, KEPT, IN_LINE, LET_GO, FOR_US = "asked", "kept", "in line", "let go", "for us"


@dataclass(frozen=True)
class Row:
    """One who waits: since how many days, told last on which day, how it stands, and which number in line."""

    application: Application
    days: int
    told: date | None
    stands: str
    number: int | None = None


@dataclass(frozen=True)
class Places:
    """The places of one role: how many there are, are taken, and are kept for people who were asked."""

    role: str
    cap: int
    taken: int
    kept: int

    @property
    def free(self) -> int:
        return max(0, self.cap - self.taken - self.kept)


def of(cycle: Cycle) -> list[Application]:
    """Everybody who waits in this cycle, the longest wait first."""
    rows = cycle.applications.filter(state=State.WAITLISTED).select_related("user")
    found = list(rows.order_by("waiting_since", "sent_at", "pk"))
    for row in found:
        row.cycle = cycle
    return found


def page_of(cycle: Cycle, number: str) -> tuple[Page, list[Row]]:
    """One page of the list, with the same few questions to the database however many wait."""
    everybody, today = of(cycle), cycle.today()
    page = Paginator(everybody, PER_PAGE).get_page(number)
    told, places = waiting.told_on(page.object_list), _numbers(everybody, today)
    return page, [
        Row(
            row,
            days_of(row, today),
            clock.day_of(told[row.pk], cycle.zone) if row.pk in told else None,
            _stands(row, today),
            places.get(row.pk),
        )
        for row in page.object_list
    ]


def days_of(application: Application, today: date) -> int:
    """Since how many days somebody waits, over cycles."""
    return max(0, (today - application.waiting_since).days) if application.waiting_since else 0


def places_of(cycle: Cycle) -> list[Places]:
    """The roles that have a limit."""
    found = ((role, cycle.cap(role)) for role in (Role.MENTEE, Role.MENTOR))
    return [
        Places(str(role), cap, cycle.taken(role), cycles.promised(cycle, role))
        for role, cap in found
        if cap is not None
    ]


def days_to_a_partner(cycle: Cycle) -> tuple[int, int] | None:
    """How many days mentees of this cycle waited until somebody took them, in the middle, and for how many that is known."""
    taken = dict(Place.objects.filter(mentor_application__cycle=cycle).values_list("mentee", "taken_at"))
    rows = Application.objects.filter(cycle=cycle, role=Role.MENTEE, user__in=taken, sent_at__isnull=False)
    days = [
        (clock.day_of(taken[user], cycle.zone) - (since or clock.day_of(sent, cycle.zone))).days
        for user, since, sent in rows.values_list("user", "waiting_since", "sent_at")
        if sent
    ]
    return (round(median(days)), len(days)) if days else None


def _numbers(rows: list[Application], today: date) -> dict[int, int]:
    """Which number in line somebody is, of those who are asked for the same role."""
    found, counts = {}, Counter[str]()
    for row in rows:
        if _stands(row, today) == IN_LINE:
            counts[row.role] += 1
            found[row.pk] = counts[row.role]
    return found


def _stands(row: Application, today: date) -> str:
    """Asked and a place is kept · kept for the next cycle · in line · has let one go · waits for the committee."""
    if waiting.has_offer(row, today):
        return ASKED
    if today >= row.cycle.announced_on:
        return KEPT if row.keep_for_next else FOR_US
    if row.late or row.decided_at or row.cycle.program.admission != Program.Admission.AUTOMATIC:
        return KEPT if row.keep_for_next else FOR_US
    lately = row.place_until is not None and row.place_until >= today - cycles.ASKED_AGAIN
    return LET_GO if lately else IN_LINE
