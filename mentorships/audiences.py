"""The list of pairs, as letters are written to it: both of each, or one side, as the list is narrowed."""

from collections.abc import Mapping

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from members.audiences import Audience, Listed, ListOfPeople, in_words
from members.models import User
from mentorships import overview
from mentorships.models import Mentorship
from mentorships.overview import Asked, Row
from programs.models import Cycle, Role


def pairs(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """The pairs of a cycle, narrowed as on their page, both of each or one side.

    A pair of the reader's own is on the list of everybody, and on none that says how it is going.
    """
    chosen, side = Asked.of(asked, cycle), asked.get("side", "")
    roles = [role for role in (Role.MENTOR, Role.MENTEE) if side in (role, "both", "")] or [Role.MENTOR, Role.MENTEE]
    found = [row for row in overview.rows(reader, cycle, cycle.today()) if chosen.fits(row)]
    own = [] if chosen.only else [row for row in _own(reader, cycle) if chosen.fits(row)]
    return Audience(
        words=in_words(
            _("Pairs of %s") % cycle.name,
            _("%(word)ss") % {"word": cycle.program.word_for(roles[0])} if len(roles) == 1 else "",
            _only(chosen),
            _contact(chosen, found),
            f"“{chosen.q}”" if chosen.q else "",
        ),
        people=[Listed(row.pair.person(role), _gone(row, chosen)) for row in [*found, *own] for role in roles],
        why=_("You get this because you are in a pair of %s.") % cycle.program.name,
        participants=True,
        note=_("Your own pair is on this list, too: the letter goes to everybody.") if own else "",
        back=f"{reverse('admin:mentorships_pairs')}?{chosen.query()}",
        query=chosen.query(cycle="", side=roles[0] if len(roles) == 1 else ""),
    )


def _own(reader: User, cycle: Cycle) -> list[Row]:
    """The reader's own pairs of the cycle."""
    rows = Mentorship.objects.filter(Q(mentor=reader) | Q(mentee=reader), cycle=cycle)
    rows = rows.select_related("mentor", "mentee", "liaison", "cycle__program")
    plan, today = overview.plan_of(cycle), cycle.today()
    return [
        overview.row(pair, plan, today) for pair in rows.prefetch_related("check_ins", "requests", "terms")
    ]  # fmt: skip


def _gone(row: Row, chosen: Asked) -> str:
    return _("their pair has ended") if row.over and chosen.only != "over" else ""


def _only(chosen: Asked) -> str:
    words = {**overview.colour_words(), "silent": _("Not heard from in 30 days"), "over": _("Over")}
    return words.get(chosen.only, "")


def _contact(chosen: Asked, found: list[Row]) -> str:
    """Whose pairs these are, in words."""
    names = (str(row.pair.liaison) for row in found if row.pair.liaison)
    return _("looked after by %s") % next(names, _("nobody")) if chosen.contact else ""


LISTS = {"pairs": ListOfPeople("mentorships.view_all", pairs)}
