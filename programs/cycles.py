"""A cycle's doors and its places: finding one by name, taking and giving back a place of the cap, whose turn it is,
closing by hand."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from members import journal
from members.journal import NotAllowed
from members.models import User
from programs import notices
from programs.models import Application, Cycle, Role

ASKED_AGAIN = timedelta(days=14)  # who let a place go by is not asked again sooner
_COLUMNS = {Role.MENTOR: ("cap_mentors", "taken_mentors"), Role.MENTEE: ("cap_mentees", "taken_mentees")}


def find(path: str) -> Cycle:
    """The cycle that a command names, like "kla/2025-26". LookupError says in one line what is not there."""
    program, _slash, slug = path.partition("/")
    cycles = Cycle.objects.filter(program__slug=program).select_related("program__association")
    for cycle in cycles:
        if cycle.slug == slug:
            return cycle
    if not cycles:
        raise LookupError(_("There is no program “%s” with a cycle here.") % program)
    known = ", ".join(cycle.path for cycle in cycles)
    raise LookupError(_("There is no cycle “%(path)s”. These are known: %(known)s.") % {"path": path, "known": known})


def lock(cycle: Cycle) -> None:
    """Until the transaction ends nobody else takes, frees or promises a place of this cycle."""
    Cycle.objects.select_for_update().filter(pk=cycle.pk).values_list("pk").first()


def take_place(cycle: Cycle, role: str, *, leaving: int = 0) -> bool:
    """Take one place of the cap for this role, in the caller's transaction; False when the cycle is full.

    `leaving`: so many must still be free afterwards, for others. One statement looks and takes: two at once cannot both
    have the last place.
    """
    cap, taken = _COLUMNS[Role(role)]
    free = Q(**{f"{cap}__isnull": True}) | Q(**{f"{cap}__gt": F(taken) + leaving})
    return bool(Cycle.objects.filter(free, pk=cycle.pk).update(**{taken: F(taken) + 1}))


def take_turn(cycle: Cycle, role: str) -> bool:
    """Take a place for somebody who comes new: only one that is left when everybody who waits has theirs."""
    lock(cycle)
    return take_place(cycle, role, leaving=_with_a_claim(Application.objects.filter(cycle=cycle, role=role), cycle))


def give_back(cycle: Cycle, role: str) -> None:
    """Give a place of the cap back."""
    taken = _COLUMNS[Role(role)][1]
    Cycle.objects.filter(pk=cycle.pk, **{f"{taken}__gt": 0}).update(**{taken: F(taken) - 1})


def promised(cycle: Cycle, role: str, *, but: Application | None = None) -> int:
    """How many places are kept for a few days for people who wait, `but` for one of them."""
    rows = Application.objects.filter(open_offer(cycle.today()), cycle=cycle, role=role)
    return (rows.exclude(pk=but.pk) if but else rows).count()


def in_line(cycle: Cycle, role: str) -> QuerySet:
    """Who is to be asked when a place becomes free, the longest wait first. Whom the committee has put on the waiting
    list, and who came late, waits for the committee."""
    rows = Application.objects.filter(waits_to_be_asked(cycle.today()), cycle=cycle, role=role)
    return rows.order_by("waiting_since", "sent_at", "pk")


def open_offer(today: date) -> Q:
    """Those for whom a place is kept today."""
    return Q(state=Application.State.WAITLISTED, place_until__gte=today)


def waits_to_be_asked(today: date) -> Q:
    """Those in line. Who let a place go by waits on, and is asked again after two weeks."""
    asked_lately = Q(place_until__gte=today - ASKED_AGAIN)
    return Q(state=Application.State.WAITLISTED, decided_at__isnull=True, late=False) & (
        Q(place_until__isnull=True) | ~asked_lately
    )


def count_claims(cycles: Iterable[Cycle]) -> None:
    """Note with each of these cycles how many people who wait have a claim to its next free places."""
    capped = [cycle for cycle in cycles if (cycle.cap_mentees, cycle.cap_mentors) != (None, None)]
    wanted = {cycle.pk: cycle for cycle in capped if cycle.opens_on <= cycle.today() < cycle.announced_on}
    if not wanted:
        return
    claims = _claim(next(iter(wanted.values())).today())
    rows = Application.objects.filter(claims, cycle__in=wanted).values("cycle", "role").annotate(n=Count("pk"))
    found = {(row["cycle"], row["role"]): row["n"] for row in rows.order_by()}
    for pk, cycle in wanted.items():
        cycle.claims = {str(role): found.get((pk, str(role)), 0) for role in Role}


def _claim(today: date) -> Q:
    return open_offer(today) | waits_to_be_asked(today)


def _with_a_claim(rows: QuerySet, cycle: Cycle) -> int:
    return rows.filter(_claim(cycle.today())).count()


def set_cap(cycle: Cycle, role: str, cap: int | None, *, by: User) -> None:
    """Change how many may come in; None for no limit. Never fewer than have a place already."""
    column, taken = _COLUMNS[Role(role)]
    with transaction.atomic():
        rows = Cycle.objects.filter(pk=cycle.pk)
        if cap is not None:
            rows = rows.filter(**{f"{taken}__lte": cap})
        if not rows.update(**{column: cap}):
            cycle.refresh_from_db(fields=[taken])
            words = _("%(taken)d have a place already, so the limit cannot be %(cap)d.")
            raise NotAllowed(words % {"taken": cycle.taken(role), "cap": cap})
        setattr(cycle, column, cap)
        journal.record(cycle, "cap changed", by=by)


def close_by_hand(cycle: Cycle, *, by: User) -> None:
    """Nobody can apply from now on, whatever the dates say."""
    _set_shut(cycle, True, by)


def open_again(cycle: Cycle, *, by: User) -> None:
    """Take the closing by hand back; the dates decide again."""
    _set_shut(cycle, False, by)


def drift(cycle: Cycle) -> dict[str, int]:
    """By role, how far the counted places are from the applications that hold one. All zero unless something is broken."""
    cycle.refresh_from_db(fields=["taken_mentors", "taken_mentees"])
    held = Application.objects.filter(cycle=cycle, state__in=Application.HOLDS_A_PLACE)
    return {str(role): cycle.taken(role) - held.filter(role=role).count() for role in Role}


def miscounted(found: QuerySet) -> list[Cycle]:
    """Those of these cycles whose counted places are not the applications that hold one; asked for all at once."""
    held = Q(applications__state__in=Application.HOLDS_A_PLACE)
    rows = found.annotate(
        held_mentors=Count("applications", filter=held & Q(applications__role=Role.MENTOR)),
        held_mentees=Count("applications", filter=held & Q(applications__role=Role.MENTEE)),
    ).exclude(held_mentors=F("taken_mentors"), held_mentees=F("taken_mentees"))
    return list(rows.select_related("program"))


def count_again(cycle: Cycle, *, by: User) -> dict[str, int]:
    """Put the counted places right; what they were wrong by. Where more have a place than the limit, that is raised."""
    if not by.has_perm("programs.change_cycle", cycle):
        raise NotAllowed(_("Only the program's committee counts the places again."))
    with transaction.atomic():
        lock(cycle)
        off = drift(cycle)
        if not any(off.values()):
            return off
        for role, (cap, taken) in _COLUMNS.items():
            right = cycle.taken(role) - off[str(role)]
            limit = cycle.cap(role)
            Cycle.objects.filter(pk=cycle.pk).update(
                **{taken: right, cap: limit if limit is None else max(limit, right)}
            )
        cycle.refresh_from_db(fields=[name for pair in _COLUMNS.values() for name in pair])
        journal.record(cycle, "places counted again", by=by)
    return off


def _set_shut(cycle: Cycle, shut: bool, by: User) -> None:
    with transaction.atomic():
        if Cycle.objects.filter(pk=cycle.pk, shut=not shut).update(shut=shut):
            journal.record(cycle, "closed by hand" if shut else "opened again", by=by)
            tell = notices.draft_sent if shut else notices.draft_open_again
            tell(*Application.objects.filter(cycle=cycle, state=Application.State.DRAFT))
    cycle.shut = shut
