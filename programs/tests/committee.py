"""What the tests of the committee's side share: programs with everything in them, who sits where, and pages read at once."""

from datetime import date, datetime

from django.urls import reverse

from members.models import Membership
from programs.models import Acceptance, Application, Gate, Role, Seat, Training
from programs.tests.make import (
    SEPTEMBER,
    make_application,
    make_cycle,
    make_form,
    make_gate,
    make_page,
    make_person,
    make_program,
    make_seat,
)

State = Application.State
SET_UP = ["program", "cycle", "page", "question", "gate", "training", "seat"]


def make_kla():
    """A program with a short form, a requirement, an agreement and a page."""
    program = make_program()
    make_form(program)
    make_gate(program)
    make_gate(program, Gate.Kind.AGREEMENT, code="confidential")
    make_page(program)
    return program


def make_nela():
    """Another association's program, with the same tables filled and a word in all of them."""
    program = make_program("nela", name="NELA canary")
    make_form(program)
    make_gate(program, title="canary gate")
    make_page(program, title="canary page")
    cycle = make_cycle(program, name="canary cycle")
    starts = datetime(2025, 11, 4, 19, tzinfo=SEPTEMBER.tzinfo)
    Training.objects.create(cycle=cycle, title="canary workshop", starts_at=starts)
    make_seat(program, make_person("canary@nela.example.org", "Canary", "Birch"), Seat.Role.CHAIR)
    make_application(cycle, make_person("canary2@nela.example.org", "Canary", "Wing"), Role.MENTEE, "held")
    return program


def seated(client, program, role=Seat.Role.CHAIR, name="chi"):
    person = make_person(f"{name}@kla.example.org", name.title(), "Harper")
    make_seat(program, person, role)
    client.force_login(person)
    return person


def page(client, url, status=200, **data):
    response = client.get(url, data)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


def listed(model):
    return reverse(f"admin:programs_{model}_changelist")


def one(row, act="change"):
    return reverse(f"admin:programs_{row._meta.model_name}_{act}", args=[row.pk])


def rows_of(program):
    cycle = program.cycles.get()
    related = [program.pages.first(), program.questions.first(), program.gates.first(), program.seats.first()]
    return [program, cycle, *related, *cycle.trainings.all()]


def form_of(client, url):
    """What a browser would send back: every field of the page as it stands."""
    form = client.get(url).context["adminform"].form
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, bool):
            data |= {bound.html_name: "on"} if value else {}
        elif value is not None:
            data[bound.html_name] = bound.field.prepare_value(value) if hasattr(bound.field, "prepare_value") else value
    return data


def letter(row):
    return reverse("admin:programs_application_read", args=[row.pk])


def decide(client, row, **data):
    return client.post(reverse("admin:programs_application_decide", args=[row.pk]), data)


def accept_everything(cycle, row):
    gate = cycle.program.gates.get(code="confidential")
    Acceptance.objects.create(gate=gate, application=row, version=1, wording="x", accepted_on=date(2025, 9, 5))
    Membership.objects.create(
        association=cycle.program.association, email=row.user.email, status="Active",
        valid_from=date(2020, 1, 1), seen_on=date(2025, 9, 1),
    )  # fmt: skip
