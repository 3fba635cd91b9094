"""The committee's set-up: who may do what, whose rows they see, and what an edit can never do."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from members import clock
from members.models import Entry, User
from programs.models import Cycle, Page, Program, Question, Role, Seat, Training
from programs.tests.committee import (
    SET_UP,
    form_of,
    listed,
    make_kla,
    make_nela,
    one,
    page,
    rows_of,
    seated,
)
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_gate,
    make_page,
    make_person,
    make_program,
    make_question,
    make_seat,
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


@pytest.mark.parametrize("model", [*SET_UP, "application"])
def test_the_committee_opens_every_list_and_another_programs_rows_are_not_there(client, cycle, nela, chi, model):
    assert "canary" not in page(client, listed(model)).lower()
    assert_writes_nothing(client, listed(model))


def test_another_programs_rows_are_not_found(client, cycle, nela, chi):
    for row in rows_of(nela):
        for act in ("change", "history", "delete"):
            assert client.get(one(row, act)).status_code in (403, 404), (row, act)
        assert client.get(one(row)).status_code == 404
        assert client.post(one(row), {"name": "mine"}).status_code == 404


def test_own_rows_open_and_looking_changes_nothing(client, cycle, chi):
    Training.objects.create(cycle=cycle, title="Listening", starts_at=SEPTEMBER)
    for row in rows_of(cycle.program):
        assert_writes_nothing(client, one(row))
        assert_writes_nothing(client, one(row, "history"))


def test_a_stranger_gets_no_admin_page(client, cycle, bea):
    client.force_login(bea)
    for model in [*SET_UP, "application"]:
        assert client.get(listed(model)).status_code == 302


def test_a_contact_person_reads_the_set_up_and_changes_nothing(client, cycle, kla):
    seated(client, kla, Seat.Role.LIAISON, "lee")
    text = kla.pages.first()
    assert "_save" not in page(client, one(text))
    assert client.post(one(text), {"title": "Mine"}).status_code == 403
    assert client.get(reverse("admin:programs_page_add")).status_code == 403
    assert client.get(listed("application")).status_code == 403


def test_a_site_administrator_is_no_member_of_the_committee(client, cycle, kla, bea):
    boss = User.objects.create_superuser("boss@host.example.org")
    client.force_login(boss)
    application = make_application(cycle, bea, Role.MENTEE)
    assert client.get(listed("application")).status_code == 403
    assert client.get(reverse("admin:programs_application_read", args=[application.pk])).status_code == 404
    assert client.get(listed("program")).status_code == 200


def test_a_hidden_column_is_not_read_by_asking_how_it_begins(client, cycle, chi, bea):
    make_application(cycle, bea, Role.MENTEE, answers={"goal": "secret"})
    for model in ("program", "cycle", "page", "question", "gate", "seat"):
        response = client.get(listed(model), {"program__association__office_email__startswith": "x"})
        assert response.status_code in (302, 400)
    with_lookup = page(client, listed("application"), answers__goal__startswith="zzz")
    assert "Bea Lindqvist" in with_lookup  # the list knows its own questions and no other


# Set-up


@pytest.mark.requirement("R-KLA-39")
def test_the_committee_changes_a_page_and_the_history_says_what(client, kla, chi):
    text = kla.pages.first()
    assert client.post(one(text), {**form_of(client, one(text)), "title": "Why we do it"}).status_code == 302
    text.refresh_from_db()
    assert text.title == "Why we do it"
    entry = Entry.objects.get(about=f"page:{text.pk}")
    assert (entry.verb, entry.actor, entry.role, entry.scope) == ("changed", chi.pk, "chair", "program:kla")
    assert "Chi Harper" in page(client, one(text, "history"))


@pytest.mark.requirement("R-KLA-39")
def test_the_committee_adds_a_question_with_its_options_as_lines(client, kla, chi):
    data = {
        "program": kla.pk, "moment": "application", "role": "", "section": "About you", "label": "How do you like to talk?",
        "help": "", "kind": "several", "options": "By video\nphone | On the phone\nmeet | In person | Near | priority",
        "audience": "partner", "code": "channels", "order": "7", "at_least": "", "at_most": "2", "shown_when": "library_type: public",
    }  # fmt: skip
    assert client.post(reverse("admin:programs_question_add"), data).status_code == 302
    question = Question.objects.get(code="channels")
    assert question.options == [
        {"code": "by_video", "label": "By video"},
        {"code": "phone", "label": "On the phone"},
        {"code": "meet", "label": "In person", "group": "Near", "flags": ["priority"]},
    ]
    assert question.shown_when == {"library_type": ["public"]}
    assert "How do you like to talk?" in page(
        client, reverse("admin:programs_question_preview", args=["kla", "application", "mentee"])
    )


@pytest.mark.requirement("R-KLA-39")
def test_the_wording_of_an_open_form_changes_but_no_answer_loses_its_meaning(client, cycle, chi):
    question = cycle.program.questions.get(code="library_type")
    given = form_of(client, one(question))
    assert client.post(one(question), {**given, "label": "Your library?"}).status_code == 302
    for change in ({"options": "public | A public library"}, {"code": "kind_of_library"}, {"kind": "line"}):
        response = client.post(one(question), {**given, **change})
        assert response.status_code == 200
        assert response.context["errors"]
    question.refresh_from_db()
    assert (question.label, question.code, len(question.options)) == ("Your library?", "library_type", 2)
    assert client.get(one(question, "delete")).status_code == 403


def test_before_the_cycle_opens_a_question_can_still_go(client, kla, chi):
    make_cycle(kla, opens_on=date(2025, 9, 20))
    question = kla.questions.get(code="avoid")
    assert client.post(one(question, "delete"), {"post": "yes"}).status_code == 302
    assert not kla.questions.filter(code="avoid").exists()
    assert Entry.objects.filter(verb="deleted", about=f"question:{question.pk}").exists()


@pytest.mark.parametrize(
    "options", ["|", "a | ", "a | A\na | B", "x\x00y", "\ud800".encode("utf-8", "surrogatepass"), "y" * 30_000]
)
def test_bad_options_are_asked_again(client, kla, chi, options):
    question = kla.questions.get(code="library_type")
    if isinstance(options, bytes):
        raw = b"options=" + options.replace(b"\xed", b"%ED").replace(b"\xa0", b"%A0").replace(b"\x80", b"%80")
        response = client.post(one(question), raw, content_type="application/x-www-form-urlencoded")
    else:
        response = client.post(one(question), {**form_of(client, one(question)), "options": options})
    assert response.status_code == 200


@pytest.mark.parametrize("model", SET_UP)
@pytest.mark.parametrize("value", ["a\x00b", "x" * 40_000, "<script>alert(1)</script>"])
def test_bad_input_is_no_error_page(client, cycle, chi, model, value):
    Training.objects.create(cycle=cycle, title="Listening", starts_at=SEPTEMBER)
    row = next(row for row in rows_of(cycle.program) if row._meta.model_name == model)
    fields = form_of(client, one(row)) if model != "seat" else {"does": "", "last_day": ""}
    # What a form refuses it refuses for every field at once; what it takes is tried field by field.
    tries = [{name: value} for name in fields] if "<" in value else [dict.fromkeys(fields, value)]
    for tried in tries:
        response = client.post(one(row), {**fields, **tried})
        assert response.status_code in (200, 302), (list(tried), response.status_code)
    assert "<script>alert" not in client.get(one(row)).content.decode()


def test_an_unknown_time_zone_is_asked_again(client, kla, chi):
    assert client.post(one(kla), {**form_of(client, one(kla)), "time_zone": "Kentucky"}).status_code == 200
    kla.refresh_from_db()
    assert kla.time_zone == "America/New_York"


def test_short_names_in_addresses_stay_what_they_are(client, cycle, chi):
    kla = cycle.program
    other = make_program("other").association
    client.post(one(kla), {**form_of(client, one(kla)), "slug": "mine", "association": other.pk})
    client.post(one(cycle), {**form_of(client, one(cycle)), "slug": "mine", "taken_mentees": "0"})
    kla.refresh_from_db()
    cycle.refresh_from_db()
    assert (kla.slug, kla.association.slug, cycle.slug) == ("kla", "kla", "2025-26")


def test_a_cap_is_never_lowered_under_the_places_that_are_taken(client, cycle, chi):
    Cycle.objects.update(taken_mentees=12)
    response = client.post(one(cycle), {**form_of(client, one(cycle)), "cap_mentees": "10"})
    assert "12 have a place already, so it cannot be 10." in response.content.decode()
    cycle.refresh_from_db()
    assert cycle.cap_mentees == 40


def test_an_edit_never_writes_back_an_old_count(client, cycle, chi):
    given = form_of(client, one(cycle))
    Cycle.objects.update(taken_mentees=12)  # twelve people apply while the page is open
    assert client.post(one(cycle), {**given, "name": "2025 to 2026"}).status_code == 302
    cycle.refresh_from_db()
    assert (cycle.name, cycle.taken_mentees) == ("2025 to 2026", 12)


def test_dates_that_do_not_follow_each_other_are_asked_again(client, cycle, chi):
    response = client.post(one(cycle), {**form_of(client, one(cycle)), "closes_on": "2025-08-01"})
    assert "The dates must follow each other" in response.content.decode()


def test_new_wording_of_an_agreement_is_a_new_version(client, kla, chi):
    gate = kla.gates.get(code="confidential")
    assert client.post(one(gate), {**form_of(client, one(gate)), "text": "I keep it all to myself."}).status_code == 302
    gate.refresh_from_db()
    assert (gate.text, gate.version) == ("I keep it all to myself.", 2)


def test_a_row_is_not_moved_into_another_program(client, kla, nela, chi):
    text = kla.pages.first()
    assert client.post(one(text), {**form_of(client, one(text)), "program": nela.pk}).status_code == 200
    data = {"program": nela.pk, "kind": "about", "role": "", "title": "x", "slug": "x", "body": "x", "order": "0"}
    assert client.post(reverse("admin:programs_page_add"), data).status_code == 200
    assert not Page.objects.filter(program=nela, slug="x").exists()


def test_a_workshops_hour_is_the_programs_own(client, cycle, chi):
    data = {
        "cycle": cycle.pk,
        "role": "",
        "title": "Listening",
        "starts_at": "2025-11-04T19:00",
        "minutes": "60",
    }
    assert client.post(reverse("admin:programs_training_add"), data).status_code == 302
    assert Training.objects.get().starts_at.isoformat() == "2025-11-05T00:00:00+00:00"  # 7 pm Eastern


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("moment", Question.Moment.values)
def test_every_form_has_a_preview_that_keeps_nothing(client, kla, chi, role, moment):
    assert_writes_nothing(client, reverse("admin:programs_question_preview", args=["kla", moment, role]))


@pytest.mark.parametrize(
    "args", [["nela", "application", "mentee"], ["kla", "nothing", "mentee"], ["kla", "application", "boss"]]
)
def test_a_preview_of_what_is_not_there_is_not_found(client, kla, nela, chi, args):
    assert client.get(reverse("admin:programs_question_preview", args=args)).status_code == 404


@pytest.mark.parametrize("model", SET_UP)
def test_every_list_asks_the_same_number_of_queries(client, cycle, chi, model, django_assert_max_num_queries):
    kla, counts = cycle.program, []
    for number in range(3):
        make_page(kla, slug=f"p{number}")
        make_question(kla, f"q{number}")
        make_gate(kla, code=f"g{number}")
        make_seat(kla, make_person(f"s{number}@kla.example.org", "S", str(number)), Seat.Role.COMMITTEE)
        Training.objects.create(cycle=cycle, title="Listening", starts_at=SEPTEMBER + timedelta(days=number))
        with django_assert_max_num_queries(20) as asked:
            client.get(listed(model))
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2]


def test_programs_are_opened_by_the_site_administrator_alone(client, kla, chi):
    assert client.get(reverse("admin:programs_program_add")).status_code == 403
    client.force_login(User.objects.create_superuser("boss@host.example.org"))
    assert client.get(reverse("admin:programs_program_add")).status_code == 200
    assert Program.objects.count() == 1
