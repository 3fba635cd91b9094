"""The committee reads applications, decides, makes exceptions and fills in for others; never on their own."""

import re
from datetime import date

import pytest
from django.urls import reverse

from mail.models import Message
from members import clock
from members.models import Entry
from programs.models import Acceptance, Application, Gate, Role, Seat
from programs.tests.committee import (
    State,
    accept_everything,
    decide,
    letter,
    listed,
    make_kla,
    make_nela,
    one,
    page,
    seated,
)
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_gate,
    make_person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_september():
    with clock.at(SEPTEMBER):
        yield


@pytest.fixture
def kla():
    return make_kla()


@pytest.fixture
def cycle(kla):
    return make_cycle(kla, cap_mentees=40)


@pytest.fixture
def nela():
    return make_nela()


@pytest.fixture
def chi(client, kla):
    return seated(client, kla)


@pytest.fixture
def bea():
    return make_person("bea@larkin.example.net", "Bea", "Lindqvist")


def apply_many(cycle, count):
    for number in range(count):
        person = make_person(f"e{number}@a.example.org", "Eve", f"Number{number}")
        row = make_application(cycle, person, Role.MENTEE, employer="Harrow Town Library")
        gate = cycle.program.gates.get(code="confidential")
        Acceptance.objects.create(gate=gate, application=row, version=1, wording="x", accepted_on=date(2025, 9, 5))


def test_the_list_of_applications_asks_the_same_number_of_queries(client, cycle, chi, django_assert_max_num_queries):
    counts = []
    for total in (1, 3):
        apply_many(cycle, total) if total == 1 else [
            make_application(cycle, make_person(f"f{n}@a.example.org", "Fay", str(n)), Role.MENTOR, "held")
            for n in range(2)
        ]
        with django_assert_max_num_queries(16) as asked:
            assert page(client, listed("application")).count('scope="row"') == total
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_list_shows_who_stands_where(client, cycle, chi, bea):
    make_application(cycle, bea, Role.MENTEE, employer="Larkin College", late=True)
    text = re.sub(r"\s+", " ", page(client, listed("application")))
    for words in ("Bea Lindqvist", "Larkin College", "late", "We have not found a membership", "2 open", "To decide"):
        assert words in text
    assert "All 1</a>" in text


def test_filters_search_and_pages(client, cycle, chi, bea):
    apply_many(cycle, 30)
    make_application(cycle, bea, Role.MENTOR, State.HELD)
    url = listed("application")
    assert page(client, url).count('scope="row"') == 25
    assert page(client, url, page="2").count('scope="row"') == 6
    assert page(client, url, role__exact="mentor").count('scope="row"') == 1
    assert page(client, url, only="held").count('scope="row"') == 1
    assert page(client, url, q="bea lindq").count('scope="row"') == 1
    assert page(client, url, q="harrow town", role__exact="mentee", page="2").count('scope="row"') == 5
    for odd in (
        {"page": "x"},
        {"page": "-1"},
        {"q": "\x00'\"%_"},
        {"role__exact": "boss"},
        {"only": "x"},
        {"show": "y"},
    ):
        page(client, url, **odd)
    for cycle_id in ("0", "x", "9" * 30, "1'"):
        assert client.get(url, {"cycle__id__exact": cycle_id}).status_code == 404


def test_any_question_can_stand_beside_the_names(client, cycle, chi, bea):
    make_application(cycle, bea, Role.MENTEE, answers={"library_type": "school", "goal": "x"})
    assert "A school library" in page(client, listed("application"), show="library_type")


def test_scripts_in_answers_are_only_words(client, cycle, chi, bea):
    evil = "<script>alert(1)</script>{{ 7 }}"
    row = make_application(cycle, bea, Role.MENTEE, answers={"goal": evil, "employer": evil}, employer=evil)
    for url in (listed("application") + "?show=goal", reverse("admin:programs_application_read", args=[row.pk])):
        text = page(client, url)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 }}" in text


def test_an_empty_list_says_what_will_be_there(client, cycle, chi):
    assert "Nobody has applied yet." in page(client, listed("application"))


# One application


@pytest.mark.requirement("R-KLA-13")
def test_a_letter_shows_the_answers_and_the_findings_side_by_side(client, cycle, chi, bea):
    text = page(client, letter(make_application(cycle, bea, Role.MENTEE)))
    for words in ("A sentence in plain words.", "We have not found a membership in good standing.", "0 of 2 met"):
        assert words in text
    assert "only the committee reads this" in text
    assert_writes_nothing(client, letter(Application.objects.get()))


def test_a_draft_is_read_once_it_is_sent(client, cycle, chi, bea):
    text = page(client, letter(make_application(cycle, bea, Role.MENTEE, State.DRAFT)))
    assert "A sentence in plain words." not in text


@pytest.mark.parametrize(
    ("decision", "state"), [("accept", State.ADMITTED), ("wait", State.WAITLISTED), ("no", State.REFUSED)]
)
def test_the_committee_decides_and_the_person_is_written_to(client, cycle, chi, bea, decision, state):
    row = make_application(cycle, bea, Role.MENTEE)
    accept_everything(cycle, row)
    assert decide(client, row, decision=decision, note="Please come back next year.").status_code == 302
    row.refresh_from_db()
    assert row.state == state
    assert Message.objects.filter(to_email=bea.email).count() == 1
    assert Entry.objects.filter(about=f"application:{row.pk}", to=state, actor=chi.pk, role="chair").count() == 1


def test_no_needs_a_friendly_line_and_what_is_open_keeps_somebody_out(client, cycle, chi, bea):
    row = make_application(cycle, bea, Role.MENTEE)
    assert "Please write a friendly line" in decide(client, row, decision="no", note=" ").content.decode()
    assert "We have not found a membership" in decide(client, row, decision="accept").content.decode()
    for forged in (
        {},
        {"decision": "boss"},
        {"decision": "no", "note": "a\x00b"},
        {"decision": "no", "note": "x" * 2000},
    ):
        assert decide(client, row, **forged).status_code == 200
    row.refresh_from_db()
    assert row.state == State.SUBMITTED


def test_after_one_letter_comes_the_next(client, cycle, chi, bea):
    row = make_application(cycle, bea, Role.MENTEE)
    cal = make_person("cal@a.example.org", "Cal", "Ferreira")
    following = make_application(cycle, cal, Role.MENTEE, sent_at=SEPTEMBER)
    assert "Save, read Cal Ferreira" in page(client, letter(row))
    assert decide(client, row, decision="wait", following=following.pk).headers["Location"] == letter(following)


def test_nobody_decides_about_their_own_application(client, cycle, chi):
    own = make_application(cycle, chi, Role.MENTOR)
    accept_everything(cycle, own)
    assert "This is your own application" in page(client, letter(own))
    assert decide(client, own, decision="accept").status_code == 403
    on_behalf = reverse("admin:programs_application_on_behalf", args=[own.pk])
    assert client.get(on_behalf).status_code == 403
    own.refresh_from_db()
    assert own.state == State.SUBMITTED


def test_anothers_program_is_not_decided_on(client, cycle, nela, chi):
    theirs = Application.objects.get(cycle__program=nela)
    assert client.get(letter(theirs)).status_code == 404
    assert decide(client, theirs, decision="no", note="x").status_code == 404
    for name in ("admin:programs_application_on_behalf", "admin:programs_answer_member"):
        assert client.post(reverse(name, args=[theirs.pk]), {"answer": "yes"}).status_code == 404


def test_deciding_is_a_post(client, cycle, chi, bea):
    row = make_application(cycle, bea, Role.MENTEE)
    assert client.get(reverse("admin:programs_application_decide", args=[row.pk])).status_code == 405


def test_the_stock_pages_change_no_application(client, cycle, chi, bea):
    row = make_application(cycle, bea, Role.MENTEE)
    assert client.get(one(row)).headers["Location"] == letter(row)
    client.post(one(row), {"state": "admitted"})
    assert client.get(reverse("admin:programs_application_add")).status_code == 403
    assert client.post(one(row, "delete"), {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.state == State.SUBMITTED


# Exceptions, on behalf


def test_an_exception_is_granted_with_a_reason(client, cycle, chi, bea):
    gate = make_gate(cycle.program, Gate.Kind.EXPERIENCE, code="years", years=5, consequence=Gate.Consequence.EXCEPTION)
    row = make_application(cycle, bea, Role.MENTEE)
    assert "An exception?" in page(client, letter(row))
    url = reverse("admin:programs_exception", args=[row.pk, gate.pk])
    client.post(url, {"years-answer": "granted", "years-reason": ""})
    assert row.waivers.count() == 0
    client.post(url, {"years-answer": "granted", "years-reason": "Twenty years in schools."})
    assert [(waiver.answer, waiver.reason) for waiver in row.waivers.all()] == [("granted", "Twenty years in schools.")]


def test_an_exception_to_membership_is_not_the_committees(client, cycle, kla, bea):
    seated(client, kla, Seat.Role.COMMITTEE, "mim")
    row = make_application(cycle, bea, Role.MENTEE)
    gate = kla.gates.get(kind="membership")
    url = reverse("admin:programs_exception", args=[row.pk, gate.pk])
    assert client.post(url, {"membership-answer": "granted", "membership-reason": "x"}).status_code == 403


def test_on_behalf_the_history_names_who_typed(client, cycle, chi, bea):
    row = make_application(cycle, bea, Role.MENTEE, State.DRAFT, answers={})
    url = reverse("admin:programs_application_on_behalf", args=[row.pk])
    assert_writes_nothing(client, url)
    data = {"library_type": "public", "areas": ["grants"], "goal": "Told us by phone.", "send": "1"}
    assert "Some agreements are still missing." in client.post(url, data).content.decode()
    assert client.post(url, {**data, "paper-confidential": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.state == State.HELD
    assert row.acceptances.get().on_paper is True
    assert set(Entry.objects.filter(about=f"application:{row.pk}").values_list("actor", flat=True)) == {chi.pk}


def test_who_asks_for_an_exception_is_counted_once(client, cycle, chi, bea):
    row = make_application(cycle, bea, Role.MENTEE)
    for number in range(2):
        row.waivers.create(gate=make_gate(cycle.program, code=f"g{number}"), asked="Please.")
    text = page(client, listed("application"), only="exceptions")
    assert "Exceptions 1</a>" in text
    assert text.count('scope="row"') == 1
