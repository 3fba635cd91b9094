"""Who may what: the table of rights, written out once more by hand and tried seat by seat."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from members import clock
from members.tests.make import make_association
from programs import seats
from programs.models import Program, Seat
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db

# L contact person, C committee, H chair, D deputy, M membership office, O office, A site administrator
LETTERS = {
    "L": "liaison", "C": "committee", "H": "chair", "D": "deputy", "M": "membership_office", "O": "office", "A": "site_admin",
}  # fmt: skip
TABLE = """
mentoring.enter_admin           LCHDMOA
mentoring.view_today            LCHD
programs.view_program           LCHDMOA
programs.change_program          CHD
programs.add_program                  A
programs.view_seat              LCHDMOA
programs.add_seat                 HD OA
programs.change_seat              HD OA
members.view_association        LCHDMOA
members.change_association           OA
members.add_association               A
members.view_user                     A
programs.view_application        CHD
programs.decide_application      CHD
programs.apply_on_behalf         CHD
programs.waive_experience        CHD
programs.waive_training           HD
programs.waive_membership         HDM
programs.mark_attendance         CHD
matching.view_match              CHD
matching.edit_match              CHD
matching.announce                 HD
matching.undo_introduction        HD
matching.note_answer             CHD
matching.answer_question         CHD
mentorships.view_all             CHD
mentorships.view_assigned       L
mentorships.view_request         CHD
mentorships.note_answer         LCHD
mentorships.change_course         HD
mentorships.assign_contact       CHD
mentorships.view_extension       CHD
mentorships.view_nextstep        CHD
evaluations.view_receipt         CHD
evaluations.view_response         HD
evaluations.sign_letter           HD
evaluations.view_serviceletter    HD
evaluations.view_figures        LCHD OA
mail.view_message                CHD  A
mail.read_body                   CHD
mail.stop                         HD OA
mail.start                        HD
mail.resolve                      HD
mail.write                       CHD
mail.check_sender                 HD OA
members.view_membership          CHDMO
members.import_members            HDM A
members.confirm_membership        HDM
members.view_entry               CHD OA
"""
SET_UP = ("programs.page", "programs.cycle", "programs.question", "programs.gate", "programs.training", "matching.criterion",
          "mentorships.checkinplan", "mentorships.topic", "mentorships.cycletopic", "programs.testimonial")  # fmt: skip
READ_BY_TEAM = (
    "programs.acceptance",
    "programs.waiver",
    "programs.attendance",
    "programs.listing",
    "programs.place",
    "matching.run",
)
READ_BY_ALL = ("mentorships.mentorship", "mentorships.checkin")


def right(table, act):
    return table.replace(".", f".{act}_")


def rights():
    """Every right with the letters of those who hold it."""
    rows = {line.split()[0]: set("".join(line.split()[1:])) for line in TABLE.strip().splitlines()}
    for table in SET_UP:
        rows |= {right(table, act): set("CHD") for act in ("add", "change", "delete")}
        rows[right(table, "view")] = set("LCHD")
    rows |= {right(table, "view"): set("CHD") for table in READ_BY_TEAM}
    rows |= {right(table, "view"): set("LCHD") for table in READ_BY_ALL}
    return rows


@pytest.fixture
def kla():
    return make_program("kla")


@pytest.fixture
def nela():
    return make_program("nela")


@pytest.fixture
def chi():
    return make_person("chi@kla.example.org", "Chi", "Harper")


def make_program(slug):
    return Program.objects.create(
        association=make_association(slug), slug=slug, name=slug.upper(), reply_to=f"m@{slug}.example.org"
    )


def make_holder(role, program):
    """Somebody who holds this one seat."""
    person = make_person(f"{role}@x.example.org", role, "Holder", is_superuser=role == seats.SITE_ADMIN)
    if role != seats.SITE_ADMIN:
        make_seat(program, person, role)
    return person


def where(perm, program):
    """The row on which a right of this name is asked for."""
    return program.association if perm.startswith("members.") else program


def test_the_table_names_every_right_that_the_site_knows():
    assert set(rights()) == set(seats.POLICY)


@pytest.mark.parametrize("letter", LETTERS)
def test_each_seat_may_what_the_table_says_in_its_own_place(kla, nela, letter):
    person = make_holder(LETTERS[letter], kla)
    held = {perm for perm in rights() if person.has_perm(perm, where(perm, kla))}
    expected = {perm for perm, letters in rights().items() if letter in letters}
    if letter in "LCHD":
        expected -= {"members.view_entry"}  # a program's history is theirs, the association's is its office's
    assert held == expected
    assert {perm for perm in rights() if person.has_perm(perm)} == expected | (
        {"members.view_entry"} if letter in "CHD" else set()
    )


@pytest.mark.parametrize("letter", "LCHDMO")
def test_no_seat_reaches_into_another_program_or_association(kla, nela, letter):
    person = make_holder(LETTERS[letter], kla)
    assert [perm for perm in rights() if person.has_perm(perm, nela) or person.has_perm(perm, nela.association)] == []
    assert {scope for perm in rights() for scope in person.scopes(perm)} <= {"program:kla", "association:kla"}


def test_an_office_reaches_every_program_of_its_association(kla):
    second = Program.objects.create(
        association=kla.association, slug="kla-leaders", name="Leaders", reply_to="l@kla.example.org"
    )
    office = make_holder("office", kla)
    assert office.scopes("mail.stop") == {"association:kla", "program:kla", "program:kla-leaders"}
    assert office.has_perm("mail.stop", second)


def test_a_superuser_is_a_site_administrator_and_no_more(kla):
    admin = make_holder(seats.SITE_ADMIN, kla)
    assert admin.has_perm("programs.view_program", kla)
    assert not admin.has_perm("programs.view_application", kla)
    assert not admin.has_perm("evaluations.view_response", kla)
    assert not admin.has_perm("mail.read_body", kla)
    assert not admin.has_perms(["programs.view_program", "programs.view_application"], kla)
    assert not admin.has_perm("nobody.knows_this_right")
    assert admin.has_module_perms("programs")
    assert not admin.has_module_perms("matching")


def test_rights_are_the_union_of_a_persons_seats(kla, nela, chi):
    make_seat(kla, chi, Seat.Role.LIAISON)
    make_seat(nela, chi, Seat.Role.CHAIR)
    make_seat(kla, chi, Seat.Role.MEMBERSHIP_OFFICE)
    assert chi.scopes("matching.announce") == {"program:nela"}
    assert chi.scopes("members.import_members") == {
        "association:nela",
        "association:kla",
        "program:nela",
        "program:kla",
    }
    assert (chi.role_in("program:kla"), chi.role_in("program:nela")) == ("liaison", "chair")


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        (datetime(2025, 6, 30, 12, tzinfo=UTC), False),
        (datetime(2025, 7, 1, 3, tzinfo=UTC), False),  # still 30 June in Kentucky
        (datetime(2025, 7, 1, 12, tzinfo=UTC), True),
        (datetime(2026, 7, 1, 3, tzinfo=UTC), True),  # still 30 June in Kentucky
        (datetime(2026, 7, 1, 12, tzinfo=UTC), False),
    ],
)
def test_a_seat_gives_rights_from_its_first_day_to_its_last_in_the_programs_zone(kla, chi, moment, may):
    make_seat(kla, chi, Seat.Role.CHAIR, first_day=date(2025, 7, 1), last_day=date(2026, 6, 30))
    with clock.at(moment):
        assert chi.has_perm("matching.announce", kla) is may
        assert chi.is_staff is may


def test_whoever_may_not_sign_in_may_nothing(kla, chi):
    make_seat(kla, chi, Seat.Role.CHAIR)
    chi.is_active = False
    assert [perm for perm in rights() if chi.has_perm(perm) or chi.scopes(perm)] == []


def test_a_visitor_may_nothing():
    visitor = AnonymousUser()
    assert [perm for perm in rights() if visitor.has_perm(perm)] == []


class Affair:
    """Something that is the affair of some people."""

    def __init__(self, program, *people):
        self.scope, self._people = program.scope, {person.pk for person in people}

    def people(self):
        return self._people


def test_nobody_handles_what_is_their_own(kla, chi):
    make_seat(kla, chi, Seat.Role.CHAIR)
    dee = make_holder("deputy", kla)
    own = Affair(kla, chi)
    held = {perm for perm in seats.NOT_ONES_OWN if chi.has_perm(perm, own)}
    deputys = {perm for perm in seats.NOT_ONES_OWN if dee.has_perm(perm, own)}
    assert held == set()
    assert deputys == seats.NOT_ONES_OWN
    assert chi.has_perm("programs.view_application", own)


def test_seats_of_a_day_are_asked_once_for_a_person(kla, chi, django_assert_num_queries):
    make_seat(kla, chi, Seat.Role.CHAIR)
    with django_assert_num_queries(1):
        for perm in ("matching.announce", "programs.view_application", "mail.stop"):
            assert chi.has_perm(perm, kla)
