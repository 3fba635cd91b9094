"""The program's page: what a visitor reads, and that it is true on every day of the year."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from mail.models import Message
from members import clock
from programs import pages
from programs.models import Gate, Page, Role, Seat, Training
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_gate,
    make_page,
    make_person,
    make_program,
    make_seat,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def kla():
    return make_program(headline="Someone to think out loud with.", hours_text="about two hours a month")


@pytest.fixture
def cycle(kla):
    return make_cycle(kla, cap_mentees=40, taken_mentees=31)


def read(client, program, at=SEPTEMBER):
    with clock.at(at):
        response = client.get(program.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.requirement("R-NELA-14")
@pytest.mark.parametrize(
    ("at", "says"),
    [
        (datetime(2025, 8, 20, tzinfo=UTC), "Not open yet:</b> from Monday, 1\u00a0September"),
        (SEPTEMBER, "Open</b> until Tuesday, 30\u00a0September, 23:59\u00a0Eastern"),
        (datetime(2025, 10, 1, 3, 59, tzinfo=UTC), "Open</b> until Tuesday"),  # 23:59 Eastern
        (datetime(2025, 10, 1, 4, 0, tzinfo=UTC), "Just closed</b>, on Tuesday, 30\u00a0September"),
        (datetime(2025, 10, 20, tzinfo=UTC), "Closed</b> at the moment"),
    ],
)
def test_the_banner_tells_the_truth_on_every_day(client, kla, cycle, at, says):
    assert says in read(client, kla, at)


def test_the_banner_counts_the_places_and_says_when_one_hears(client, kla, cycle):
    page = read(client, kla)
    assert "9 left of 40" in page
    assert 'value="31" max="40"' in page
    assert "by Wednesday, 15\u00a0October" in page


@pytest.mark.requirement("R-NELA-12", "R-NELA-13")
def test_a_full_cycle_offers_the_waiting_list_to_mentees_and_still_wants_mentors(client, kla, cycle):
    cycle.taken_mentees = 40
    cycle.save()
    make_application(cycle, make_person("cal@a.example.org", "Cal", "Ferreira"), Role.MENTEE, "waitlisted")
    page = read(client, kla)
    assert "Full</b> this time: all 40 mentee places are taken" in page
    assert "1 person" in page
    assert "Join the waiting list" in page
    assert "Offer to be a mentor" in page
    assert "Still looked for" in page


@pytest.mark.requirement("R-NELA-14")
def test_closed_by_hand_is_closed(client, kla, cycle):
    cycle.shut = True
    cycle.save()
    page = read(client, kla)
    assert "Closed</b> at the moment" in page
    assert "/apply/" not in page


def test_closed_names_the_day_of_the_next_opening(client, kla, cycle):
    following = {"opens_on": date(2026, 9, 1), "closes_on": date(2026, 9, 30), "announced_on": date(2026, 10, 15)}
    make_cycle(kla, slug="2026-27", begins_on=date(2026, 10, 15), ends_on=date(2027, 10, 14), **following)
    assert "Closed</b> until Tuesday, 1\u00a0September 2026" in read(client, kla, datetime(2025, 11, 1, tzinfo=UTC))


def test_a_program_without_a_cycle_has_a_page(client, kla):
    assert "Closed</b> at the moment" in read(client, kla)


def test_the_year_is_drawn_from_the_dates(kla, cycle):
    kla.midway_after_months = 6
    cycle.program = kla
    assert [(stop.day, stop.label, stop.together) for stop in pages.stops(cycle)] == [
        (date(2025, 9, 1), "Doors open", False),
        (date(2025, 9, 30), "Doors close", False),
        (date(2025, 10, 15), "You meet by mail", True),
        (date(2026, 4, 15), "Halfway", True),
        (date(2026, 10, 14), "A good ending", True),
    ]


@pytest.mark.requirement("R-NELA-11", "R-NELA-16", "R-NELA-23")
def test_where_mentors_are_asked_and_trained_first_the_year_says_so_and_has_no_common_end(client, kla, cycle):
    kla.mentor_confirms, kla.introduce, kla.term_anchor = True, "when_ready", "introduction"
    kla.save()
    make_gate(kla, Gate.Kind.TRAINING, stage="introduce", consequence="block")
    for role, day in (("mentor", 4), ("mentee", 6), ("mentee", 18)):
        starts = datetime(2025, 11, day, 19, tzinfo=UTC)
        Training.objects.create(cycle=cycle, role=role, title="Workshop", starts_at=starts)
    cycle.program = kla
    shown = pages.stops(cycle)
    assert [(stop.day, stop.label, stop.together) for stop in shown] == [
        (date(2025, 9, 1), "Doors open", False),
        (date(2025, 9, 30), "Doors close", False),
        (date(2025, 10, 15), "We ask each mentor", False),
        (date(2025, 11, 4), "Workshop", False),
        (date(2025, 11, 6), "Workshop", False),
        (date(2025, 11, 6), "You meet by mail", True),
        (date(2025, 11, 18), "Workshop", True),
    ]
    assert [stop.what for stop in shown[2:6]] == [
        "Is this somebody for you? There are 7 days to answer, and a no is fine.",
        "14:00\u00a0Eastern, for each mentor.",
        "14:00\u00a0Eastern, for each mentee.",
        "From here on, each pair as soon as both are ready. Your 12 months begin that day. "
        "We introduce you to each other. Either of you may write first.",
    ]
    assert "A good ending" not in read(client, kla)


def test_a_workshop_that_nobody_must_attend_holds_no_introduction_up(kla, cycle):
    Training.objects.create(cycle=cycle, title="Open hour", starts_at=datetime(2025, 11, 4, 19, tzinfo=UTC))
    cycle.program = kla
    assert [(stop.day, stop.label, stop.what) for stop in pages.stops(cycle)[2:4]] == [
        (date(2025, 10, 15), "You meet by mail", "We introduce you to each other. Either of you may write first."),
        (date(2025, 11, 4), "Open hour", "14:00\u00a0Eastern, for both sides."),
    ]


@pytest.mark.requirement("R-KLA-07", "R-KLA-08")
def test_the_page_asks_for_membership_and_for_no_degree_or_years(client, kla, cycle):
    make_gate(kla)
    assert read(client, kla).count("KLA membership, no degree and no number of years") == 2


@pytest.mark.requirement(
    "R-KLA-01", "R-KLA-04", "R-KLA-05", "R-KLA-06", "R-KLA-26", "R-KLA-28", "R-KLA-29", "R-KLA-33", "R-KLA-35",
    "R-KLA-43", "R-KLA-44", "R-KLA-46", "R-KLA-47",
)  # fmt: skip
@pytest.mark.parametrize("kind", Page.Kind.values)
@pytest.mark.parametrize("role", ["", *Role.values])
def test_every_text_of_the_committee_stands_on_the_page(client, kla, cycle, kind, role):
    make_page(kla, kind, role, title="A title of theirs", body="Ask **more** than you tell.\n\n- one\n- two")
    page = read(client, kla)
    assert "<p>Ask <strong>more</strong> than you tell.</p>" in page
    assert "<li>one</li>" in page


@pytest.mark.requirement("R-KLA-39")
def test_a_text_that_the_committee_changes_is_what_people_read_next(client, kla, cycle):
    text = make_page(kla, Page.Kind.GUIDELINES, Role.MENTEE, body="Write back within a week.")
    assert "Write back within a week." in read(client, kla)
    text.body = "Write back within three days."
    text.save()
    assert "Write back within three days." in read(client, kla)


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "[tap](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![x](http://tracker.example.net/a.gif)",
        "[a]: data:text/html,<script>alert(1)</script>\n\n[a]",
    ],
)
def test_a_text_brings_no_script_and_no_picture_of_others(client, kla, cycle, body):
    make_page(kla, body=body)
    page = read(client, kla)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert 'href="javascript:' not in page
    assert 'href="data:' not in page


def test_only_who_agreed_and_sits_today_is_named(client, kla, cycle):
    lee = make_person("lee@kla.example.org", "Lee", "Abara")
    make_seat(kla, lee, Seat.Role.CHAIR, name_shown=True, does="pairs in the east")
    make_seat(kla, make_person("wren@kla.example.org", "Wren", "Halloran"), Seat.Role.COMMITTEE)
    gone = make_person("jo@kla.example.org", "Joaquin", "Petrov")
    make_seat(kla, gone, Seat.Role.COMMITTEE, name_shown=True, last_day=date(2025, 6, 30))
    page = read(client, kla)
    assert "Lee Abara</b><span>Chair: pairs in the east" in page
    assert "Halloran" not in page
    assert "Petrov" not in page


def test_a_program_that_is_not_published_is_there_for_its_committee_alone(client, kla, cycle):
    kla.published = False
    kla.save()
    assert client.get(kla.get_absolute_url()).status_code == 404
    sam = make_person("sam@else.example.org", "Sam", "Stranger")
    client.force_login(sam)
    assert client.get(kla.get_absolute_url()).status_code == 404
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(kla, chi, Seat.Role.CHAIR)
    client.force_login(chi)
    assert client.get(kla.get_absolute_url()).status_code == 200


def test_a_single_program_needs_no_list(client, kla):
    assert client.get("/").headers["Location"] == "/kla/"


def test_several_programs_stand_in_a_list(client, kla, cycle):
    make_cycle(make_program("nela"), opens_on=date(2025, 9, 5))
    with clock.at(SEPTEMBER):
        page = client.get("/").content.decode()
    assert 'href="/kla/"' in page
    assert 'href="/nela/"' in page
    assert page.count("open until Tuesday, 30\u00a0September") == 2


@pytest.mark.parametrize("count", [2, 4])
def test_the_list_of_programs_asks_the_same_number_of_queries(client, count, django_assert_num_queries):
    for number in range(count):
        make_cycle(make_program(f"p{number}"))
    with clock.at(SEPTEMBER), django_assert_num_queries(3):
        client.get("/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_same_number_of_queries(client, kla, cycle, count, django_assert_num_queries):
    for number in range(count):
        make_page(kla, slug=f"page-{number}")
        person = make_person(f"c{number}@kla.example.org", "C", str(number))
        make_seat(kla, person, Seat.Role.COMMITTEE, name_shown=True)
        make_application(cycle, person, Role.MENTOR)
    with clock.at(SEPTEMBER), django_assert_num_queries(9):
        client.get("/kla/")


def test_reading_writes_nothing(client, kla, cycle):
    make_page(kla)
    assert_writes_nothing(client, "/kla/")
    assert_writes_nothing(client, "/", status=302)


# Write to the committee


def ask(client, program, **fields):
    data = {"email": "sam@else.example.org", "text": "Is it for retired people too?", **fields}
    return client.post(reverse("program_write", args=[program.slug]), data)


def test_a_question_reaches_the_committee_and_its_answer_the_writer(client, kla, cycle):
    response = ask(client, kla)
    assert response.headers["Location"] == "/kla/"
    [mail] = Message.objects.all()
    assert (mail.to_email, mail.reply_to, mail.name) == (kla.reply_to, "sam@else.example.org", "visitor_question")
    assert "Is it for retired people too?" in mail.text
    assert "Your question is on its way." in client.get("/kla/").content.decode()


def test_a_double_click_is_one_mail(client, kla):
    ask(client, kla)
    assert ask(client, kla).status_code == 302
    assert Message.objects.count() == 1


def test_one_writer_sends_five_a_day_and_nothing_typed_is_lost(client, kla):
    for number in range(5):
        ask(client, kla, text=f"Question {number}")
    response = ask(client, kla, text="The sixth <b>question</b>")
    assert response.status_code == 200
    assert "That is a lot of mail at once." in response.content.decode()
    assert "The sixth &lt;b&gt;question&lt;/b&gt;" in response.content.decode()
    assert Message.objects.count() == 5


@pytest.mark.parametrize("field", ["email", "text"])
@pytest.mark.parametrize("value", ["", "a\x00b", "x" * 5000, "evil@a.example.org\nBcc: all@a.example.org"])
def test_a_bad_question_is_asked_again(client, kla, field, value):
    response = ask(client, kla, **{field: value})
    if field == "text" and "Bcc" in value:
        assert response.status_code == 302  # two lines of text are only text
    else:
        assert response.status_code == 200
        assert Message.objects.count() == 0


def test_broken_bytes_are_no_error_page(client, kla):
    raw = b"email=sam%40else.example.org&text=%ED%A0%80%FF"
    response = client.post(
        reverse("program_write", args=["kla"]), raw, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code in (200, 302)


def test_a_question_to_a_hidden_program_finds_nothing(client, kla):
    kla.published = False
    kla.save()
    assert ask(client, kla).status_code == 404
