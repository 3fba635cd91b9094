"""Plain functions that make what a test needs."""

from members import member_list
from members.models import Association

HEAD = ["email", "first_name", "last_name", "member_number", "kind", "status", "valid_from", "valid_until"]


def make_association(slug="kla", **fields):
    """An association whose member list knows the usual statuses."""
    made = {
        "name": "Kentucky Library Association",
        "short_name": "KLA",
        "good_statuses": ["Active", "Grace"],
        "pending_statuses": ["PendingNew", "PendingRenewal"],
        **fields,
    }
    return Association.objects.create(slug=slug, **made)


def make_row(email, status="Active", valid_from="2020-01-01", valid_until="2025-12-31", number="KLA-1"):
    """One row of a member list."""
    return [email, email.split("@")[0].title(), "Sample", number, "Regular", status, valid_from, valid_until]


def bring_in(association, day, *rows):
    """A member list that comes in on a day."""
    found = member_list.read(association, [HEAD, *rows])
    assert found.errors == []
    return member_list.apply(association, found, seen_on=day)
