"""The cast of the tests of applying: a program with one requirement and its agreements, its cycle, and its people."""

import pytest

from programs.models import Gate, Question, Role, Seat
from programs.tests.make import (
    make_cycle,
    make_form,
    make_gate,
    make_member,
    make_person,
    make_program,
    make_question,
    make_seat,
)


@pytest.fixture
def kla():
    program = make_program(job_search=False)
    make_form(program)
    make_question(program, "years", Question.Kind.NUMBER, required=True, at_least=0, order=6)
    make_gate(program)
    make_gate(program, Gate.Kind.AGREEMENT, code="confidential", title="What we hear stays with us")
    make_gate(program, Gate.Kind.AGREEMENT, code="scope", title="What this program can't do")
    make_gate(program, Gate.Kind.AGREEMENT, code="a_year", title="A year with my mentor", role=Role.MENTEE)
    return program


@pytest.fixture
def cycle(kla):
    return make_cycle(kla)


@pytest.fixture
def bea(kla):
    make_member(kla.association, "bea@larkin.example.net")
    return make_person("bea@larkin.example.net", "Bea", "Lindqvist")


@pytest.fixture
def cal():
    return make_person("cal@larkin.example.net", "Cal", "Okafor")


@pytest.fixture
def mo(kla):
    make_member(kla.association, "mo@farrow.example.org")
    return make_person("mo@farrow.example.org", "Mo", "Castellanos")


@pytest.fixture
def chi(kla):
    person = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(kla, person, Seat.Role.CHAIR)
    return person
