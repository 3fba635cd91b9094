"""The history: only added to, on either database; and the one way in which a state moves."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from members import clock, journal
from members.models import Entry
from members.tests.make import make_association
from programs.models import Seat
from programs.tests.make import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2025, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def entry():
    return journal.record(make_association(), "changed")


def refused(statement):
    """Whether the database itself refuses this statement."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "the history is not changed" in str(error)
    return False


@pytest.mark.parametrize("statement", ["UPDATE members_entry SET verb = 'nothing'", "DELETE FROM members_entry"])
def test_the_database_refuses_to_change_the_history(entry, statement):
    assert refused(statement)
    assert Entry.objects.get().verb == "changed"


def test_the_application_cannot_change_it_either(entry):
    for act in (entry.delete, entry.save, Entry.objects.all().delete, lambda: Entry.objects.update(verb="nothing")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Entry.objects.get().verb == "changed"


@pytest.mark.django_db(transaction=True)
def test_a_trigger_that_was_lost_is_made_again_by_migrate():
    entry = journal.record(make_association(), "changed")
    on_table = " ON members_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for act in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER members_entry_no_{act}{on_table}")
    assert not refused("UPDATE members_entry SET verb = verb")  # the control: without the trigger it goes through
    call_command("migrate", verbosity=0)
    assert refused("UPDATE members_entry SET verb = verb")
    assert refused("DELETE FROM members_entry")
    assert Entry.objects.get() == entry


def test_a_line_says_who_from_which_seat_did_what_to_which_row_and_when(kla_program, chi):
    with clock.at(NOON):
        entry = journal.record(kla_program, "changed", by=chi, reason="opens_on")
    about = f"program:{kla_program.pk}"
    assert (entry.actor, entry.role, entry.verb, entry.about, entry.scope, entry.reason, entry.at) == (
        chi.pk, "chair", "changed", about, "program:kla", "opens_on", NOON,
    )  # fmt: skip


def test_what_the_calendar_does_is_the_systems():
    entry = journal.record(make_association(), "changed")
    assert (entry.actor, entry.role) == (None, "system")


@pytest.fixture
def message():
    """The smallest row with a state."""
    from mail.tests.make import make_message

    return make_message()


def test_a_move_writes_state_fields_and_a_line_in_one_stroke(message):
    journal.move(message, "held", verb="held back", refusal="looked at")
    message.refresh_from_db()
    assert (message.state, message.refusal) == ("held", "looked at")
    entry = Entry.objects.get()
    assert (entry.verb, entry.came_from, entry.to, entry.about) == (
        "held back",
        "queued",
        "held",
        f"message:{message.pk}",
    )


def test_a_move_that_is_none_of_the_moves_is_not_allowed_and_leaves_nothing(message):
    with pytest.raises(journal.NotAllowed) as refused:
        journal.move(message, "uncertain")
    assert refused.value.reasons == ["It is “leaving” now and cannot become “not sure it arrived”."]
    message.refresh_from_db()
    assert (message.state, Entry.objects.count()) == ("queued", 0)


def test_who_comes_second_is_told_so_and_changes_nothing(message):
    twin = type(message).objects.get(pk=message.pk)
    journal.move(message, "cancelled")
    with pytest.raises(journal.Stale):
        journal.move(twin, "held")
    twin.refresh_from_db()
    assert (twin.state, Entry.objects.count()) == ("cancelled", 1)


def test_reasons_are_a_list_whatever_was_given():
    assert journal.NotAllowed("no").reasons == ["no"]
    assert journal.NotAllowed(["no", "never"]).reasons == ["no", "never"]
    assert str(journal.NotAllowed(["no", "never"])) == "no; never"


@pytest.fixture
def chi():
    return make_person("chi@kla.example.org", "Chi", "Harper")


@pytest.fixture
def kla_program(chi):
    from programs.models import Program
    from programs.tests.make import make_seat

    association = make_association()
    program = Program.objects.create(association=association, slug="kla", name="KLA Mentoring Program")
    make_seat(program, chi, Seat.Role.CHAIR)
    return program
