"""A cycle's doors and its places: finding one by name, taking and giving back a place of the cap, closing by hand."""

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from members import journal
from members.journal import NotAllowed
from members.models import User
from programs.models import Application, Cycle, Role

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


def take_place(cycle: Cycle, role: str) -> bool:
    """Take one place of the cap for this role, in the caller's transaction; False when the cycle is full.

    One statement looks and takes: two at once cannot both have the last place.
    """
    cap, taken = _COLUMNS[Role(role)]
    free = Q(**{f"{cap}__isnull": True}) | Q(**{f"{cap}__gt": F(taken)})
    return bool(Cycle.objects.filter(free, pk=cycle.pk).update(**{taken: F(taken) + 1}))


def give_back(cycle: Cycle, role: str) -> None:
    """Give a place of the cap back."""
    taken = _COLUMNS[Role(role)][1]
    Cycle.objects.filter(pk=cycle.pk, **{f"{taken}__gt": 0}).update(**{taken: F(taken) - 1})


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


def _set_shut(cycle: Cycle, shut: bool, by: User) -> None:
    with transaction.atomic():
        if Cycle.objects.filter(pk=cycle.pk, shut=not shut).update(shut=shut):
            journal.record(cycle, "closed by hand" if shut else "opened again", by=by)
    cycle.shut = shut
