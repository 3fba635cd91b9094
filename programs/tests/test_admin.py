"""The committee's side: who may do what, whose rows they see, and what an edit can never do."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from mail.models import Message
from members import clock
from members.models import Entry, Membership, User
from programs.models import Acceptance, Application, Cycle, Gate, Page, Program, Question, Role, Seat, Training
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_form,
    make_gate,
    make_page,
    make_person,
    make_program,
    make_question,
    make_seat,
)

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture(autouse=True)
def in_september():
    with clock.at(SEPTEMBER):
        yield


@pytest.fixture
def kla():
    program = make_program()
    make_form(program)
    make_gate(program)
    make_gate(program, Gate.Kind.AGREEMENT, code="confidential")
    make_page(program)
    return program


@pytest.fixture
def cycle(kla):
    return make_cycle(kla, cap_mentees=40)


@pytest.fixture
def nela():
    """Another association's program, with the same tables filled."""
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


@pytest.fixture
def chi(client, kla):
    return seated(client, kla)


@pytest.fixture
def bea():
    return make_person("bea@larkin.example.net", "Bea", "Lindqvist")


def page(client, url, status=200, **data):
    response = client.get(url, data)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


SET_UP = ["program", "cycle", "page", "question", "gate", "training", "seat"]


def listed(model):
    return reverse(f"admin:programs_{model}_changelist")


def one(row, act="change"):
    return reverse(f"admin:programs_{row._meta.model_name}_{act}", args=[row.pk])


def rows_of(program):
    cycle = program.cycles.get()
    related = [program.pages.first(), program.questions.first(), program.gates.first(), program.seats.first()]
    return [program, cycle, *related, *cycle.trainings.all()]


# Who sees and does what


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
    for name in fields:
        response = client.post(one(row), {**fields, name: value})
        assert response.status_code in (200, 302), (name, response.status_code)
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
        "starts_at_0": "2025-11-04",
        "starts_at_1": "19:00",
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


# Committee roles


def give(client, program, role, email="new@kla.example.org", first_day="2025-09-11", **fields):
    data = {"email": email, "first_name": "New", "last_name": "Body", "program": program.pk if program else "",
            "association": "", "role": role, "first_day": first_day, "last_day": "", "does": "", **fields}  # fmt: skip
    return client.post(reverse("admin:programs_seat_add"), data)


@pytest.mark.parametrize(
    ("giver", "role", "may"),
    [
        (Seat.Role.CHAIR, "liaison", True),
        (Seat.Role.CHAIR, "committee", True),
        (Seat.Role.CHAIR, "deputy", True),
        (Seat.Role.CHAIR, "chair", True),  # a successor, from a day to come
        (Seat.Role.DEPUTY, "committee", True),
        (Seat.Role.OFFICE, "chair", True),
        (Seat.Role.OFFICE, "deputy", True),
        (Seat.Role.OFFICE, "committee", False),
        (Seat.Role.COMMITTEE, "liaison", False),
        (Seat.Role.LIAISON, "liaison", False),
        (Seat.Role.MEMBERSHIP_OFFICE, "chair", False),
    ],
)
def test_who_may_give_which_role(client, kla, giver, role, may):
    seated(client, kla, giver, "giver")
    response = give(client, kla, role)
    assert Seat.objects.filter(user__email="new@kla.example.org").exists() is may
    assert (response.status_code == 302) is may


def test_a_successor_begins_on_a_day_to_come(client, kla, chi):
    assert give(client, kla, "chair", first_day="2025-09-10").status_code == 200
    assert not Seat.objects.filter(user__email="new@kla.example.org").exists()


def test_nobody_gives_a_role_to_themselves_or_prolongs_their_own(client, kla, chi):
    assert give(client, kla, "deputy", email="CHI@kla.example.org").status_code == 200
    own = Seat.objects.get(user=chi)
    own.last_day = date(2025, 12, 31)
    own.save()
    assert (
        client.post(one(own), {"does": "pairs in the east", "last_day": "2030-01-01", "role": "office"}).status_code
        == 302
    )
    own.refresh_from_db()
    assert (own.last_day, own.role, own.does) == (date(2025, 12, 31), "chair", "pairs in the east")


def test_a_role_in_another_program_is_not_given(client, kla, nela, chi):
    assert give(client, nela, "committee").status_code == 200
    assert not Seat.objects.filter(user__email="new@kla.example.org").exists()


def test_a_role_ends_and_is_never_unsaid(client, kla, chi):
    dee = make_seat(kla, make_person("dee@kla.example.org", "Dee", "Ruiz"), Seat.Role.DEPUTY)
    assert client.post(one(dee), {"last_day": "2025-12-31", "does": ""}).status_code == 302
    dee.refresh_from_db()
    assert dee.last_day == date(2025, 12, 31)
    assert client.post(one(dee, "delete"), {"post": "yes"}).status_code == 403


def test_who_has_an_account_keeps_it_and_their_name(client, kla, chi, bea):
    assert give(client, kla, "committee", email="Bea@Larkin.example.net").status_code == 302
    bea.refresh_from_db()
    assert str(bea) == "Bea Lindqvist"
    assert Seat.objects.filter(user=bea).count() == 1


# The list of applications


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
        with django_assert_max_num_queries(21) as asked:
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


def letter(row):
    return reverse("admin:programs_application_read", args=[row.pk])


def decide(client, row, **data):
    return client.post(reverse("admin:programs_application_decide", args=[row.pk]), data)


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


def accept_everything(cycle, row):
    gate = cycle.program.gates.get(code="confidential")
    Acceptance.objects.create(gate=gate, application=row, version=1, wording="x", accepted_on=date(2025, 9, 5))
    Membership.objects.create(
        association=cycle.program.association, email=row.user.email, status="Active",
        valid_from=date(2020, 1, 1), seen_on=date(2025, 9, 1),
    )  # fmt: skip


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


# "Is this a member?"


@pytest.fixture
def held(cycle, bea):
    return make_application(
        cycle, bea, Role.MENTEE, State.HELD, held_until=date(2025, 9, 26), claimed_number="KLA-10234",
    )  # fmt: skip


def make_listed(cycle, email, **fields):
    made = {
        "first_name": "Beatrix",
        "last_name": "Lindqvist",
        "member_number": "KLA-10234",
        "status": "Active",
        **fields,
    }
    return Membership.objects.create(
        association=cycle.program.association,
        email=email,
        valid_from=date(2020, 1, 1),
        seen_on=date(2025, 9, 1),
        **made,
    )


def test_likely_rows_stand_beside_who_is_asked_for(client, cycle, held, chi):
    make_listed(cycle, "beatrix@work.example.org")
    make_listed(cycle, "other@work.example.org", last_name="Smith", member_number="KLA-9")
    text = page(client, reverse("admin:programs_is_this_a_member"))
    assert "beatrix@work.example.org" in text
    assert "other@work.example.org" not in text
    assert "number, last name" in text
    assert_writes_nothing(client, reverse("admin:programs_is_this_a_member"))


@pytest.mark.parametrize("like", [True, False])
def test_a_yes_lets_the_application_in(client, cycle, held, chi, bea, like):
    accept = cycle.program.gates.get(code="confidential")
    Acceptance.objects.create(gate=accept, application=held, version=1, wording="x", accepted_on=date(2025, 9, 5))
    row = make_listed(cycle, "beatrix@work.example.org")
    url = reverse("admin:programs_answer_member", args=[held.pk])
    assert client.post(url, {"answer": row.pk if like else "yes"}).status_code == 302
    held.refresh_from_db()
    assert held.state == State.ADMITTED
    said = Membership.objects.get(email=bea.email)
    assert (said.source, said.member_number, said.last_name) == ("office", "KLA-10234", "Lindqvist" if like else "")


def test_a_no_takes_the_question_off_the_list_and_keeps_the_application(client, held, chi):
    client.post(reverse("admin:programs_answer_member", args=[held.pk]), {"answer": "no"})
    held.refresh_from_db()
    assert (held.state, held.claimed_number) == (State.HELD, "")
    assert Entry.objects.filter(verb="membership not found", actor=chi.pk).exists()


def test_the_membership_office_answers_without_reading_applications(client, cycle, held):
    seated(client, cycle.program, Seat.Role.MEMBERSHIP_OFFICE, "jules")
    text = page(client, reverse("admin:programs_is_this_a_member"))
    assert "Bea Lindqvist" in text
    assert "A sentence in plain words." not in text
    assert client.get(letter(held)).status_code == 404
    assert client.post(reverse("admin:programs_answer_member", args=[held.pk]), {"answer": "no"}).status_code == 302


def test_the_committee_sees_no_queue_and_nobody_answers_for_themselves(client, cycle, held, kla, bea):
    seated(client, kla, Seat.Role.COMMITTEE, "mim")
    assert client.get(reverse("admin:programs_is_this_a_member")).status_code == 403
    make_seat(kla, bea, Seat.Role.CHAIR)
    client.force_login(bea)
    assert "This is you" in page(client, reverse("admin:programs_is_this_a_member"))
    assert client.post(reverse("admin:programs_answer_member", args=[held.pk]), {"answer": "yes"}).status_code == 403


@pytest.mark.parametrize("answer", ["", "x", "0", "9" * 30, "\x00", "-1"])
def test_a_forged_row_is_not_found(client, held, chi, nela, answer):
    stolen = Membership.objects.create(
        association=nela.association, email="n@nela.example.org", status="Active",
        valid_from=date(2020, 1, 1), seen_on=date(2025, 9, 1),
    )  # fmt: skip
    url = reverse("admin:programs_answer_member", args=[held.pk])
    for value in (answer, stolen.pk):
        assert client.post(url, {"answer": value}).status_code == 404
    held.refresh_from_db()
    assert held.state == State.HELD


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_asks_the_same_number_of_queries(client, cycle, chi, count, django_assert_num_queries):
    for number in range(count):
        person = make_person(f"h{number}@a.example.org", "Hal", f"Held{number}")
        make_application(cycle, person, Role.MENTEE, State.HELD, held_until=date(2025, 9, 26))
        make_listed(cycle, f"h{number}@b.example.org", last_name=f"Held{number}")
    with django_assert_num_queries(7):
        client.get(reverse("admin:programs_is_this_a_member"))


def test_programs_are_opened_by_the_site_administrator_alone(client, kla, chi):
    assert client.get(reverse("admin:programs_program_add")).status_code == 403
    client.force_login(User.objects.create_superuser("boss@host.example.org"))
    assert client.get(reverse("admin:programs_program_add")).status_code == 200
    assert Program.objects.count() == 1
