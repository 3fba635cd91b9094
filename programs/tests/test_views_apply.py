"""Applying on a phone in a lunch break: short sections, nothing typed twice, nothing lost."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from mail.models import Message
from members import clock
from members.models import Membership
from programs import applications
from programs.models import Acceptance, Application, Gate, Question, Role
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_form,
    make_gate,
    make_person,
    make_program,
    make_question,
)

pytestmark = pytest.mark.django_db
State = Application.State
BEFORE, LATE, OVER = (datetime(2025, *day, 16, tzinfo=UTC) for day in ((8, 20), (10, 3), (10, 20)))
FIRST = {"first_name": "Bea", "last_name": "Lindqvist", "phone": "", "employer": "Larkin", "library_type": "public"}
SECOND = {"areas": ["outreach"], "goal": "To stop dreading staff meetings.", "avoid": ""}


@pytest.fixture
def cycle():
    program = make_program()
    make_form(program)
    make_gate(program)
    make_gate(program, Gate.Kind.AGREEMENT, code="confidential")
    return make_cycle(program)


@pytest.fixture
def bea(client):
    person = make_person("bea@larkin.example.net", "", "")
    client.force_login(person)
    return person


@pytest.fixture(autouse=True)
def in_september():
    with clock.at(SEPTEMBER):
        yield


def step(cycle, section, role=Role.MENTEE):
    return reverse("apply_section", args=[cycle.program.slug, cycle.slug, role, section])


def fill_in(client, cycle, role=Role.MENTEE):
    """Both sections, as somebody would."""
    client.post(step(cycle, "1", role), FIRST)
    return client.post(step(cycle, "2", role), SECOND)


def is_member(person, cycle):
    Membership.objects.create(
        association=cycle.program.association, email=person.email, status="Active",
        valid_from=datetime(2020, 1, 1).date(), seen_on=datetime(2025, 9, 1).date(),
    )  # fmt: skip


def test_who_is_not_signed_in_signs_in_first_and_comes_back(client, cycle):
    url = cycle.apply_url(Role.MENTEE)
    response = client.get(url)
    assert response.status_code == 302
    assert response.headers["Location"].endswith(f"?next={url}")


@pytest.mark.requirement("R-KLA-11")
@pytest.mark.parametrize("role", Role.values)
def test_mentors_and_mentees_fill_in_an_application_and_see_where_it_stands(client, cycle, bea, role):
    is_member(bea, cycle)
    assert "Section 1 of 3" in client.get(cycle.apply_url(role)).content.decode()
    response = client.post(step(cycle, "1", role), FIRST)
    assert response.headers["Location"] == f"{step(cycle, '2', role)}?saved=1"
    assert "Saved just now" in client.get(response.headers["Location"]).content.decode()
    assert client.post(step(cycle, "2", role), SECOND).headers["Location"] == f"{step(cycle, 'review', role)}?saved=1"
    page = client.get(step(cycle, "review", role)).content.decode()
    for words in ("A public library", "To stop dreading staff meetings.", "I keep to myself what I am told."):
        assert words in page
    response = client.post(step(cycle, "review", role), {"agree-confidential": "on"})
    sent = Application.objects.get(user=bea)
    assert response.headers["Location"] == f"/application/{sent.pk}/"
    assert (sent.state, sent.role) == (State.ADMITTED, role)
    assert sent.answers == {
        "employer": "Larkin", "library_type": "public", "areas": ["outreach"], "goal": "To stop dreading staff meetings.",
    }  # fmt: skip
    assert Acceptance.objects.get(application=sent).wording == "I keep to myself what I am told."
    bea.refresh_from_db()
    assert str(bea) == "Bea Lindqvist"


def test_each_question_says_who_reads_the_answer(client, cycle, bea):
    client.post(step(cycle, "1"), FIRST)
    page = client.get(step(cycle, "2")).content.decode()
    assert page.count("Who reads this:") == 3
    assert "the committee only." in page


def test_looking_begins_nothing(client, cycle, bea):
    assert_writes_nothing(client, cycle.apply_url(Role.MENTEE))
    assert_writes_nothing(client, step(cycle, "2"), status=302)
    assert Application.objects.count() == 0
    fill_in(client, cycle)
    for section in ("1", "2", "review"):
        assert_writes_nothing(client, step(cycle, section))


def test_what_is_missing_is_named_and_the_rest_is_saved(client, cycle, bea):
    response = client.post(step(cycle, "1"), {**FIRST, "last_name": "", "library_type": ""})
    page = response.content.decode()
    assert response.status_code == 200
    assert "Something is missing or needs another look" in page
    assert 'href="#id_last_name"' in page
    assert "What kind of library?</a>" in page
    assert Application.objects.get(user=bea).answers == {"employer": "Larkin"}


def test_the_last_page_leads_to_every_gap_and_sends_nothing(client, cycle, bea):
    client.post(step(cycle, "1"), FIRST)
    response = client.post(step(cycle, "review"), {"agree-confidential": "on"})
    page = response.content.decode()
    assert f"{step(cycle, '2')}#div_id_areas" in page
    assert f"{step(cycle, '2')}#div_id_goal" in page
    assert Application.objects.get(user=bea).state == State.DRAFT
    assert Acceptance.objects.count() == 1  # the yes that was given is kept


@pytest.mark.requirement("R-KLA-06", "R-KLA-47")
def test_nothing_is_sent_without_the_agreement(client, cycle, bea):
    fill_in(client, cycle)
    page = client.post(step(cycle, "review"), {}).content.decode()
    assert "Not sent yet: something is missing" in page
    assert "We need your yes to this one." in page
    assert Application.objects.get(user=bea).state == State.DRAFT


def test_a_draft_is_left_and_gone_on_with(client, cycle, bea):
    client.post(step(cycle, "1"), FIRST)
    client.logout()
    client.force_login(bea)
    page = client.get(cycle.apply_url(Role.MENTEE)).content.decode()
    assert 'value="Larkin"' in page
    assert 'value="Lindqvist"' in page


def test_sending_twice_is_sending_once(client, cycle, bea):
    is_member(bea, cycle)
    fill_in(client, cycle)
    yes = {"agree-confidential": "on"}
    first, second = client.post(step(cycle, "review"), yes), client.post(step(cycle, "review"), yes)
    assert first.headers["Location"] == second.headers["Location"]
    assert Application.objects.count() == 1
    assert Message.objects.filter(name="application_received").count() == 1


def test_two_first_pages_at_once_make_one_draft(client, cycle, bea):
    client.post(step(cycle, "1"), FIRST)
    client.post(step(cycle, "1"), {**FIRST, "employer": "Harrow"})
    assert [row.answers["employer"] for row in Application.objects.all()] == ["Harrow"]


def test_answers_to_the_other_role_are_filled_in_and_it_is_said(client, cycle, bea):
    make_application(cycle, bea, Role.MENTOR, State.ADMITTED, answers={"employer": "Larkin", "library_type": "school"})
    page = client.get(cycle.apply_url(Role.MENTEE)).content.decode()
    assert 'value="Larkin"' in page
    assert "Filled in from your application as a mentor, 2025–26." in page
    assert Application.objects.count() == 1


def test_before_the_opening_the_page_says_when(client, cycle, bea):
    with clock.at(BEFORE):
        page = client.get(cycle.apply_url(Role.MENTEE)).content.decode()
        refused = client.post(step(cycle, "1"), FIRST)
    assert "Applications open on Monday, 1\u00a0September." in page
    assert refused.status_code == 200
    assert Application.objects.count() == 0


def test_after_the_close_it_is_sent_late_and_says_so(client, cycle, bea):
    is_member(bea, cycle)
    with clock.at(LATE):
        page = client.get(cycle.apply_url(Role.MENTEE)).content.decode()
        fill_in(client, cycle)
        client.post(step(cycle, "review"), {"agree-confidential": "on"})
        sent = Application.objects.get()
        shown = client.get(f"/application/{sent.pk}/").content.decode()
    assert "it goes in as a late application" in page
    assert (sent.state, sent.late) == (State.SUBMITTED, True)
    assert "It came after the close." in shown


def test_when_the_matches_are_made_it_is_over_and_the_draft_is_kept(client, cycle, bea):
    client.post(step(cycle, "1"), FIRST)
    with clock.at(OVER):
        page = client.get(cycle.apply_url(Role.MENTEE)).content.decode()
    assert "Applications are closed." in page
    assert "What you wrote is kept" in page


def test_a_full_cycle_says_so_before_one_writes(client, cycle, bea):
    cycle.cap_mentees = cycle.taken_mentees = 1
    cycle.save()
    is_member(bea, cycle)
    assert "All places are taken at the moment." in client.get(cycle.apply_url(Role.MENTEE)).content.decode()
    fill_in(client, cycle)
    client.post(step(cycle, "review"), {"agree-confidential": "on"})
    assert Application.objects.get().state == State.WAITLISTED


def test_who_has_sent_one_is_led_to_it(client, cycle, bea):
    sent = make_application(cycle, bea, Role.MENTEE)
    for section in ("1", "2", "review"):
        assert client.get(step(cycle, section)).headers["Location"] == f"/application/{sent.pk}/"


@pytest.mark.parametrize("path", ["captain/", "mentee/0/", "mentee/9/", "mentee/x/", "mentee/-1/", "mentee/²/"])
def test_forged_parts_of_the_address_find_nothing(client, cycle, bea, path):
    applications.start(cycle, bea, Role.MENTEE)
    assert client.get(f"/kla/2025-26/apply/{path}").status_code == 404
    assert client.post(f"/kla/2025-26/apply/{path}", FIRST).status_code == 404


def test_a_program_that_is_not_shown_takes_no_applications(client, cycle, bea):
    cycle.program.published = False
    cycle.program.save()
    assert client.get(cycle.apply_url(Role.MENTEE)).status_code == 404


def test_nobody_posts_a_state_a_role_or_anothers_account(client, cycle, bea):
    other = make_person("mo@farrow.example.org", "Mo", "Castellanos")
    forged = {
        "state": "admitted",
        "role": "mentor",
        "user": other.pk,
        "late": "",
        "is_superuser": "on",
        "email": "x@y.org",
    }
    client.post(step(cycle, "1"), {**FIRST, **forged})
    [draft] = Application.objects.all()
    assert (draft.state, draft.role, draft.user_id) == (State.DRAFT, Role.MENTEE, bea.pk)
    bea.refresh_from_db()
    assert (bea.email, bea.is_superuser) == ("bea@larkin.example.net", False)


def test_under_a_requirement_one_may_ask_for_an_exception(client, cycle, bea):
    is_member(bea, cycle)
    make_gate(cycle.program, Gate.Kind.EXPERIENCE, code="years", years=5, consequence=Gate.Consequence.EXCEPTION)
    fill_in(client, cycle)
    yes = {"agree-confidential": "on"}
    page = client.post(step(cycle, "review"), yes).content.decode()
    assert "You may ask for an exception" in page
    assert "Why should the committee make an exception?" in page
    client.post(step(cycle, "review"), {**yes, "why-years": "Twenty years in schools."})
    sent = Application.objects.get()
    assert sent.state == State.SUBMITTED
    assert [waiver.asked for waiver in sent.waivers.all()] == ["Twenty years in schools."]


def test_an_empty_post_is_asked_again(client, cycle, bea):
    for section in ("1", "2", "review"):
        assert client.post(step(cycle, section)).status_code == 200


BAD = ["a\x00b", "x" * 50_000, "\u202e\u200f", "=cmd()", "<script>alert(1)</script>", "{{ 7|add:1 }}", "%00"]


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("field", ["first_name", "last_name", "phone", "employer", "library_type"])
def test_bad_input_is_asked_again_or_kept_as_text(client, cycle, bea, field, value):
    response = client.post(step(cycle, "1"), {**FIRST, field: value})
    assert response.status_code in (200, 302)
    page = client.get(step(cycle, "1")).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize("field", ["first_name", "last_name", "phone", "employer", "areas", "goal", "avoid"])
def test_half_a_character_is_no_error_page(client, cycle, bea, field):
    client.post(step(cycle, "1"), FIRST)
    for section in ("1", "2", "review"):
        raw = f"{field}=%ED%A0%80%FF%00&library_type=public".encode()
        kind = "application/x-www-form-urlencoded"
        assert client.post(step(cycle, section), raw, content_type=kind).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_a_section_asks_few_queries_however_many_its_questions(client, cycle, bea, count, django_assert_num_queries):
    client.post(step(cycle, "1"), FIRST)
    for number in range(count):
        make_question(cycle.program, f"more_{number}", Question.Kind.LINE, section="What you hope for", order=9)
    with django_assert_num_queries(6):
        client.get(step(cycle, "2"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_last_page_asks_few_queries(client, cycle, bea, count, django_assert_num_queries):
    fill_in(client, cycle)
    for number in range(count):
        make_gate(cycle.program, Gate.Kind.AGREEMENT, code=f"also_{number}")
    with django_assert_num_queries(10):
        client.get(step(cycle, "review"))
