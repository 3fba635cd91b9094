"""The history. `move` is the only writer of a `state`; `record` notes every other act that matters."""

from django.db import connection, transaction

from members import clock
from members.models import Entry


class NotAllowed(Exception):
    """This cannot be done; `reasons` says why, in words for the person who tried."""

    def __init__(self, reasons):
        self.reasons = [reasons] if isinstance(reasons, str) or not hasattr(reasons, "__iter__") else list(reasons)
        super().__init__("; ".join(str(reason) for reason in self.reasons))


class Stale(NotAllowed):
    """Somebody else was first: the row is no longer in the state that was read."""


def about(record) -> str:
    """How the history names a row: "application:17"."""
    return f"{record._meta.model_name}:{record.pk}"


def move(record, to, *, by=None, reason="", verb="", **fields):
    """Bring `record` into the state `to`, with `fields` written in the same stroke, and note it.

    `by` is the person who acts, None when the calendar does. `reason` is a short code, never a person's words.
    Raises NotAllowed for a move that the record's MOVES do not know, Stale when somebody else moved it meanwhile.
    """
    came_from = record.state
    if to not in record.MOVES.get(came_from, ()):
        states = dict(type(record).State.choices)
        raise NotAllowed(_moved(states.get(came_from, came_from), states.get(to, to)))
    with transaction.atomic():
        fields = {"state": to, **fields}
        if not type(record)._base_manager.filter(pk=record.pk, state=came_from).update(**fields):
            raise Stale(_stale())
        for name, value in fields.items():
            setattr(record, name, value)
        return _write(record, verb or str(to), by, came_from=came_from, to=to, reason=reason)


def record(row, verb, *, by=None, reason=""):
    """Note an act that changes no state: a waiver granted, a file imported, a mark set."""
    return _write(row, verb, by, reason=reason)


def _write(row, verb, by, **fields):
    scope = row.scope
    return Entry.objects.create(
        actor=by.pk if by else None,
        role=by.role_in(scope) if by else "system",
        verb=verb,
        about=about(row),
        scope=scope,
        at=clock.now(),
        **fields,
    )


def _moved(came_from, to):
    from django.utils.translation import gettext as _

    return _("It is “%(from)s” now and cannot become “%(to)s”.") % {"from": came_from, "to": to}


def _stale():
    from django.utils.translation import gettext as _

    return _("Somebody else was a moment faster. Nothing of yours was lost; look again and decide anew.")


TRIGGERS = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS members_entry_no_{act}",
        "CREATE TRIGGER members_entry_no_{act} BEFORE {ACT} ON members_entry BEGIN SELECT RAISE(ABORT, 'the history is not changed'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION members_entry_kept() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION 'the history is not changed'; END $$ LANGUAGE plpgsql",
        "DROP TRIGGER IF EXISTS members_entry_no_{act} ON members_entry",
        "CREATE TRIGGER members_entry_no_{act} BEFORE {ACT} ON members_entry FOR EACH STATEMENT EXECUTE FUNCTION members_entry_kept()",
    ],
}


def make_trigger(using="default", **kwargs):
    """Have the database itself refuse to change or delete a line of the history (both databases)."""
    with connection.cursor() as cursor:
        if Entry._meta.db_table not in connection.introspection.table_names(cursor):
            return
        for act in ("update", "delete"):
            for statement in TRIGGERS[connection.vendor]:
                cursor.execute(statement.replace("{act}", act).replace("{ACT}", act.upper()))
