""" "Is this a member?": rows of the member list that are likely the person who applied."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from members.models import Association, Membership
from programs.models import Application

MOST = 5


@dataclass(frozen=True)
class Likely:
    """A row of the member list, and what speaks for it: "address", "number", "name", "last name"."""

    membership: Membership
    why: tuple[str, ...]


def rows_for(applications: Sequence[Application], association: Association) -> dict[int, list[Likely]]:
    """Likely rows for each of these applicants, the likeliest first; one question to the database for all of them."""
    if not applications:
        return {}
    asked = Q()
    for application in applications:
        asked |= Q(last_name__iexact=application.user.last_name) if application.user.last_name else Q()
        asked |= Q(email__in=_addresses(application))
        if application.claimed_number:
            asked |= Q(member_number__iexact=application.claimed_number.strip())
    rows = list(Membership.objects.filter(asked, association=association).order_by("-valid_from")[:500])
    return {application.pk: _ranked(application, rows) for application in applications}


def _addresses(application: Application) -> set[str]:
    return {address.lower() for address in (application.user.email, application.claimed_email) if address}


def _ranked(application: Application, rows: Iterable[Membership]) -> list[Likely]:
    found: dict[str, Likely] = {}
    for row in rows:
        why = _why(application, row)
        if why and row.email not in found:  # the latest row of each address
            found[row.email] = Likely(row, why)
    return sorted(found.values(), key=lambda likely: (-len(likely.why), likely.membership.email))[:MOST]


def _why(application: Application, row: Membership) -> tuple[str, ...]:
    user, said = application.user, []
    if row.email in _addresses(application):
        said.append("address")
    if application.claimed_number and row.member_number.lower() == application.claimed_number.strip().lower():
        said.append("number")
    if user.last_name and row.last_name.lower() == user.last_name.lower():
        said.append("name" if row.first_name.lower() == user.first_name.lower() else "last name")
    return tuple(said)


def is_good(row: Membership, association: Association, day: date) -> bool:
    """Whether this row speaks of good standing on a day."""
    return row.status in association.good_statuses and (row.valid_until is None or row.valid_until >= day)
