"""Every pair has somebody on the committee who looks after it: given when it begins, changed when that must be."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed, Stale
from members.models import User
from mentorships import notices_contacts as notices
from mentorships.models import Mentorship
from programs.models import Cycle, Program, Seat


def contacts(program: Program, on: date) -> list[User]:
    """Who looks after pairs on a day: the contact persons of the program, who has done it longest first."""
    seats = Seat.objects.filter(program=program, role=Seat.Role.LIAISON).on(on)
    return list({seat.user_id: seat.user for seat in seats.order_by("first_day", "pk").select_related("user")}.values())


def on_committee(program: Program, on: date) -> list[User]:
    """Who may be named as a contact: the contact persons, then everybody else with a committee role that day."""
    seats = Seat.objects.filter(program=program).on(on).order_by("first_day", "pk").select_related("user")
    others = {seat.user_id: seat.user for seat in seats}
    return list({user.pk: user for user in [*contacts(program, on), *others.values()]}.values())


def caseload(program: Program) -> Counter[int]:
    """How many running pairs of a program each contact has, whatever the cycle."""
    pairs = Mentorship.objects.running().filter(cycle__program=program, liaison__isnull=False)
    return Counter(pairs.values_list("liaison", flat=True))


def least_busy(program: Program, on: date, *, but: Collection[int] = ()) -> User | None:
    """The contact person of that day with the fewest running pairs, never one of those in `but`; None without any."""
    found = [user for user in contacts(program, on) if user.pk not in but]
    load = caseload(program) if found else Counter()
    return min(found, key=lambda user: load[user.pk], default=None)


def for_new(program: Program, mentor: User, mentee: User, on: date) -> User | None:
    """Whom a pair that begins is given, where every pair has somebody."""
    return least_busy(program, on, but={mentor.pk, mentee.pk}) if program.liaisons else None


def assign(mentorship: Mentorship, liaison: User, *, by: User) -> None:
    """Another person of the committee looks after this pair from now on; both are told by mail."""
    if not by.has_perm("mentorships.assign_contact", mentorship):
        raise NotAllowed(_("The committee says who looks after a pair, and nobody for a pair of their own."))
    if mentorship.state not in Mentorship.RUNNING:
        raise NotAllowed(_("This mentoring year is over: it needs no contact any more."))
    if liaison.pk in mentorship.people():
        raise NotAllowed(_("%s is one of the two, and looks after another pair.") % liaison)
    if liaison not in on_committee(mentorship.program, clock.today(mentorship.program.time_zone)):
        raise NotAllowed(_("%s has no committee role in this program today.") % liaison)
    if mentorship.liaison_id != liaison.pk:
        _give(mentorship, liaison, by=by)


def _give(mentorship: Mentorship, liaison: User, *, by: User) -> None:
    with transaction.atomic():
        held = Mentorship.objects.running().filter(pk=mentorship.pk, liaison=mentorship.liaison_id)
        if not held.update(liaison=liaison):
            raise Stale(_("Somebody else has given this pair a contact, or it has ended, a moment ago."))
        mentorship.liaison = liaison
        entry = journal.record(mentorship, "contact_changed", by=by)
        notices.contact_changed(mentorship, number=entry.pk)


@dataclass(frozen=True)
class Moved:
    """One pair that got another contact."""

    pair: Mentorship
    to: User


def balanced(cycle: Cycle, *, by: User) -> list[Moved]:
    """What sharing the pairs of a cycle out would change, were it done now: nothing is written.

    First those that nobody looks after, then from the fullest to the emptiest: as few pairs move as can be, until no
    two contacts differ by more than one. A pair of one's own stays where it is, and nobody is given their own.
    """
    people = contacts(cycle.program, cycle.today())
    pairs = _in_hand(cycle, by)
    return [Moved(*found) for found in shares(list(pairs), people, caseload(cycle.program))] if people else []


def balance(cycle: Cycle, *, by: User) -> list[Moved]:
    """Share the pairs of a cycle out as `balanced` says; everybody whose contact changes is told."""
    _may_share(cycle, by)
    if not contacts(cycle.program, cycle.today()):
        raise NotAllowed(_("Nobody has this role today. Give it to somebody first, under committee roles."))
    with transaction.atomic():
        moved = balanced(cycle, by=by)
        for one in moved:
            _give(one.pair, one.to, by=by)
    return moved


def hand_on(cycle: Cycle, liaison: User, *, by: User) -> list[Moved]:
    """Somebody is away or leaves: their pairs of this cycle are shared out among the other contacts."""
    _may_share(cycle, by)
    others = [user for user in contacts(cycle.program, cycle.today()) if user.pk != liaison.pk]
    if not others:
        raise NotAllowed(_("There is nobody else to hand these pairs to. Give somebody the role first."))
    with transaction.atomic():
        pairs = list(_in_hand(cycle, by).filter(liaison=liaison))
        moved = [Moved(*found) for found in shares(pairs, others, caseload(cycle.program))]
        for one in moved:
            _give(one.pair, one.to, by=by)
    return moved


def _may_share(cycle: Cycle, by: User) -> None:
    if not by.has_perm("mentorships.assign_contact", cycle):
        raise NotAllowed(_("The committee says who looks after a pair."))


def _in_hand(cycle: Cycle, by: User) -> QuerySet[Mentorship]:
    """The running pairs of a cycle, the newest first, none of one's own."""
    pairs = Mentorship.objects.running().filter(cycle=cycle).exclude(mentor=by).exclude(mentee=by)
    pairs = pairs.select_related("mentor", "mentee", "liaison", "cycle__program__association")
    return pairs.prefetch_related("terms").order_by("-introduced_at", "-pk")


def shares(pairs: Iterable[Mentorship], people: list[User], load: Counter[int]) -> list[tuple[Mentorship, User]]:
    """Which pairs go to whom so that all have about the same; the pairs come newest first, those move that know least."""
    load, now = load.copy(), {pair: pair.liaison_id for pair in pairs}
    known = {user.pk: user for user in people}
    for pair in now:
        if now[pair] not in known:
            _put(pair, now, load, [user.pk for user in people if user.pk not in pair.people()])
    while step := _step(now, load, list(known)):
        pair, to = step
        _put(pair, now, load, [to])
    return [(pair, known[to]) for pair, to in now.items() if to in known and to != pair.liaison_id]


def _put(pair: Mentorship, now: dict[Mentorship, int | None], load: Counter[int], may: list[int]) -> None:
    """To the emptiest of those who may."""
    if may:
        to = min(may, key=lambda pk: load[pk])
        if (held_by := now[pair]) is not None:
            load[held_by] -= 1
        load[to] += 1
        now[pair] = to


def _step(now: dict[Mentorship, int | None], load: Counter[int], known: list[int]) -> tuple[Mentorship, int] | None:
    """The next pair to move, from the fullest from whom one can go to the emptiest who can take it; None when even."""
    by_load = sorted(known, key=lambda pk: load[pk])
    for full in reversed(by_load):
        for empty in by_load:
            if load[full] - load[empty] < 2:
                break
            for pair, held_by in now.items():
                if held_by == full and empty not in pair.people():
                    return pair, empty
    return None


def without(program: Program, pairs: Iterable[Mentorship], today: date) -> list[Mentorship]:
    """Those of the pairs that nobody of today's committee looks after, where every pair should have somebody."""
    if not program.liaisons:
        return []
    seated = {user.pk for user in on_committee(program, today)}
    return [pair for pair in pairs if pair.liaison_id not in seated]
