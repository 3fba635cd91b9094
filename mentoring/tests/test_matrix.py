"""Who may open what, at every address there is: no address without a line, no line without an address."""

import pytest

from mentoring.tests import matrix
from mentoring.tests.matrix import Address
from mentoring.tests.matrix_table import LEADS_ON, PUBLIC, SEATS, table
from mentoring.tests.stages import CANARY, SET_UP_CANARY
from mentoring.tests.walk import OF_HOME

pytestmark = pytest.mark.django_db
ROLES = dict(zip(SEATS, (None, None, None, None, None, "liaison", "committee", "chair", "deputy", "membership_office",
                         "office", "site_admin", "chair"), strict=True))  # fmt: skip
TABLE = table()


def expected(name: str, seat: str) -> str:
    """The cell for an address: as the table says, else as the rights say for the admin's pages of tables."""
    if name in TABLE:
        return TABLE[name][seat]
    if ROLES[seat] is None:
        return "ss"
    if matrix.is_fallback(name):
        return "rr"
    return matrix.by_policy(*matrix.model_page(name), ROLES[seat], here=seat != "xc")


def unlisted(addresses) -> list[str]:
    """Addresses of which nobody has said who may open them."""
    return [
        a.name
        for a in addresses
        if a.name not in TABLE and not matrix.is_fallback(a.name) and not matrix.model_page(a.name)
    ]


def gone(addresses) -> list[str]:
    """Lines of the table without an address."""
    return sorted(TABLE.keys() - {address.name for address in addresses})


def test_every_address_has_a_line():
    assert unlisted(matrix.addresses()) == []


def test_every_line_has_an_address():
    assert gone(matrix.addresses()) == []


def test_a_new_address_and_one_that_is_gone_are_reported():
    fake = [address for address in matrix.addresses() if address.name != "home"] + [Address("secret_export", ())]
    assert (unlisted(fake), gone(fake)) == (["secret_export"], ["home"])


def test_looking_is_answered_as_the_table_says(walk):
    wrong = [
        f"{name} for {seat}: {asked.answer} instead of {expected(name, seat)[0]}"
        for (name, seat), asked in walk.gets.items()
        if not matrix.agrees(expected(name, seat)[0], asked.answer)
    ]
    assert wrong == []


def test_sending_is_answered_as_the_table_says(walk):
    wrong = [
        f"{name} for {seat}: {asked.answer} instead of {expected(name, seat)[1]}"
        for (name, seat), asked in walk.posts.items()
        if not (
            asked.answer in "yr"
            if expected(name, seat)[1] == "y"
            else matrix.agrees(expected(name, seat)[1], asked.answer)
        )
    ]
    assert wrong == []


def test_nobody_without_the_right_changes_a_row(walk):
    written = [
        (name, seat, asked.written[0][:80])
        for (name, seat), asked in walk.posts.items()
        if asked.written and expected(name, seat)[1] != "y"
    ]
    assert written == []


def test_a_visitor_who_sends_something_changes_nothing_but_by_a_mailed_link(walk):
    written = {name for (name, seat), asked in walk.posts.items() if seat == "vi" and asked.written}
    assert written <= {"evaluation_afterwards_by_link", "leave_mail"}


@pytest.mark.parametrize("seat", OF_HOME)
def test_another_programs_rows_are_not_there(walk, seat):
    """Whatever a seat may do at home: with the numbers of another program's rows there is nothing, to see or to change."""
    seen = [*_of(walk.gets_elsewhere, seat), *_of(walk.posts_elsewhere, seat)]
    open_doors = [
        (name, asked.answer) for name, asked in seen if asked.answer not in (".", "n", "m") and name not in LEADS_ON
    ]
    assert len(seen) > 20
    assert open_doors == []
    assert [(name, asked.written[0][:80]) for name, asked in seen if asked.written] == []


def _of(found, seat):
    return [
        (name, asked) for (name, who), asked in found.items() if who == seat and name not in PUBLIC and _has_rows(name)
    ]


def _has_rows(name):
    return (
        not matrix.is_fallback(name)
        and not name.startswith(("account_", "mfa_", "sign_in", "("))
        and name != "admin:app_list"
    )


@pytest.mark.parametrize("seat", [seat for seat in SEATS if seat not in ("sa", "xc")])
def test_no_word_of_the_other_programs_people_is_on_a_page(walk, seat):
    """Their names, answers, notes, and what their committee has set up."""
    pages = {
        name: asked.response.content.decode(errors="replace") for (name, who), asked in walk.gets.items() if who == seat
    }
    assert [name for name, page in pages.items() if CANARY in page or SET_UP_CANARY in page] == []


def test_the_canaries_sing_where_they_belong(walk):
    """The words are planted well: the other program's chair meets them on her own pages."""
    met = {
        name for (name, seat), asked in walk.gets.items()
        if seat == "xc" and any(word in asked.response.content.decode(errors="replace") for word in (CANARY, SET_UP_CANARY))
    }  # fmt: skip
    assert met >= {
        "admin:programs_application_changelist", "admin:programs_question_changelist",
        "admin:members_membership_changelist", "admin:mail_message_changelist",
    }  # fmt: skip


@pytest.mark.parametrize("seat", OF_HOME)
def test_another_programs_cycle_is_shown_to_nobody_who_types_its_number(walk, seat):
    pages = {
        name: asked.response.content.decode(errors="replace")
        for (name, who), asked in walk.by_cycle.items()
        if who == seat
    }
    assert [name for name, page in pages.items() if CANARY in page or SET_UP_CANARY in page] == []
    theirs = [
        walk.by_cycle[name, "xc"].response.content.decode(errors="replace")
        for name in ("admin:mentorships_pairs", "admin:evaluations_response_changelist")
    ]
    assert all(CANARY in page for page in theirs)
