"""What the tests of letters to lists share: one letter, people who apply, looking and writing."""

from datetime import UTC, datetime

from django.urls import reverse

from mail.mailings import Letter
from mentoring import mailings
from programs.models import Application, Role
from programs.tests.make import make_application, make_person

NOW = datetime(2025, 10, 20, 18, tzinfo=UTC)
LETTER = Letter.of("The library is closed, {name}", "Dear {name},\r\n\r\nthe room of **{program}** is another one.")
State = Application.State


def apply(cycle, name, role=Role.MENTEE, state=State.ADMITTED, **fields):
    email = f"{name.lower()}@x.example.org"
    person = fields.pop("user", None) or make_person(email, name, "Sample")
    return make_application(cycle, person, role, state, **fields)


def look(cycle, chi, name="applications", letter=LETTER, **asked):
    return mailings.look(name, cycle, asked, letter, by=chi)


def write(cycle, chi, name="applications", letter=LETTER, seen=None, **asked):
    return mailings.write(name, cycle, asked, letter, by=chi, seen=seen)


def first_names(people):
    return [user.first_name for user in people]


def reasons(found):
    return {left.user.first_name: left.why for left in found}


def page(cycle, name="applications", query=""):
    return reverse("admin:write_to", args=[cycle.pk, name]) + query
