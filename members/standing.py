"""Whether somebody is a member in good standing on a day, by the addresses that they have proved to be theirs."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.models import Association, Membership, User

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Standing:
    """What the member list says of a person on a day; `until` is None when it names no last day."""

    good: bool = False
    pending: bool = False
    status: str = ""
    until: date | None = None
    number: str = ""


def of(emails: Iterable[str], association: Association, day: date) -> Standing:
    """A person's standing on a day: the best that the list says of their addresses; who is not on it is in none."""
    return of_each({"": emails}, association, day)[""]


def of_each(addresses: Mapping[Key, Iterable[str]], association: Association, day: date) -> dict[Key, Standing]:
    """The same for many people at once, each named by a key of the caller's: one query."""
    own = {key: {email.lower() for email in emails} for key, emails in addresses.items()}
    rows = defaultdict(list)
    everybody = set().union(*own.values())
    for row in Membership.objects.filter(association=association, email__in=everybody, valid_from__lte=day):
        rows[row.email].append(_of_row(row, association, day))
    said = {key: [standing for email in emails for standing in rows[email]] for key, emails in own.items()}
    return {key: max(found, key=_rank, default=Standing()) for key, found in said.items()}


def confirm(
    association: Association,
    email: str,
    *,
    by: User,
    like: Membership | None = None,
    number: str = "",
    joined_on: date | None = None,
) -> Membership:
    """The membership office's yes for an address: from `joined_on` (today by default), or as the row `like` of a member.

    The past is not rewritten: what the list said up to now stays, and a later list has the last word again.
    """
    email, today = email.strip().lower(), clock.today("UTC")
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        said = Membership(
            association=association,
            email=email,
            first_name=like.first_name if like else "",
            last_name=like.last_name if like else "",
            member_number=number or (like.member_number if like else ""),
            kind=like.kind if like else "",
            status=_good_status(association, like),
            valid_from=joined_on or today,
            valid_until=like.valid_until if like and (like.valid_until or today) >= today else None,
            seen_on=today,
            source=Membership.Source.OFFICE,
        )
        rows = Membership.objects.filter(association=association, email=email).order_by("valid_from")
        follow(list(rows), said, today)
        journal.record(said, "membership confirmed", by=by)
    return said


def follow(rows: list[Membership], said: Membership, day: date) -> None:
    """Write what is known from `day` on after an address's earlier rows: the last closes the day before, its past stands.

    A row whose first day has not passed has no past yet: what is said now takes its place.
    """
    last = rows[-1] if rows else None
    if last and last.valid_from >= day:
        begins = first_free_day(rows[:-1], said)
        if said.valid_until and said.valid_until < begins:
            last.delete()
            return
        said.pk, said._state.adding = last.pk, False
    elif last:
        begins = max(said.valid_from, min(day, last.valid_until + timedelta(days=1)) if last.valid_until else day)
        if last.valid_until is None or last.valid_until >= begins:
            last.valid_until = begins - timedelta(days=1)
            last.save(update_fields=["valid_until"])
        if said.valid_until and said.valid_until < begins:
            return
    else:
        begins = said.valid_from
    said.valid_from = begins
    said.save()


def first_free_day(earlier: list[Membership], said) -> date:
    """The first day that a row may speak of: its own, or the day after the last that is already told."""
    told = [row.valid_until for row in earlier if row.valid_until]
    return max([said.valid_from, *(day + timedelta(days=1) for day in told)])


def _of_row(row: Membership, association: Association, day: date) -> Standing:
    current = row.valid_until is None or row.valid_until >= day
    return Standing(
        good=current and row.status in association.good_statuses,
        pending=current and row.status in association.pending_statuses,
        status=row.status,
        until=row.valid_until,
        number=row.member_number,
    )


def _rank(standing: Standing) -> tuple[bool, bool, date]:
    return standing.good, standing.pending, standing.until or date.max


def _good_status(association: Association, like: Membership | None) -> str:
    if like and like.status in association.good_statuses:
        return like.status
    if not association.good_statuses:
        raise journal.NotAllowed(_("First say in the association's set-up which statuses are in good standing."))
    return association.good_statuses[0]
