"""The committee notes who came to a workshop from one list, sees who still needs it, and is reminded on its first page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import clock
from members.journal import NotAllowed
from programs import today, today_training, training
from programs.models import Application, Attendance, Gate, Listing, Place, Role, Seat, Training
from programs.tests.committee import listed, one, page, seated
from programs.tests.make import (
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_gate,
    make_person,
    make_program,
    make_seat,
)

pytestmark = pytest.mark.django_db
STARTS = datetime(2025, 11, 4, 19, tzinfo=UTC)


@pytest.fixture(autouse=True)
def two_days_after():
    with clock.at(STARTS + timedelta(days=2)):
        yield


@pytest.fixture
def nela():
    program = make_program("nela", mentee_word="learner")
    make_gate(program, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE, consequence="block")
    return program


@pytest.fixture
def cycle(nela):
    return make_cycle(nela)


@pytest.fixture
def workshop(cycle):
    return Training.objects.create(cycle=cycle, title="Getting started", starts_at=STARTS)


@pytest.fixture
def chi(client, nela):
    return seated(client, nela)


def accepted(cycle, name, role=Role.MENTEE):
    person = make_person(f"{name.lower()}@larkin.example.net", name, "Lindqvist")
    return make_application(cycle, person, role, Application.State.ADMITTED)


@pytest.fixture
def three(cycle):
    return [accepted(cycle, "Ann", Role.MENTOR), accepted(cycle, "Bea"), accepted(cycle, "Cal")]


def url(workshop):
    return reverse("admin:programs_attendance", args=[workshop.pk])


def missing(cycle):
    return reverse("admin:programs_training_missing") + f"?cycle={cycle.pk}"


def there():
    return list(Attendance.objects.order_by("user__first_name").values_list("user__first_name", "made_up"))


def say(client, workshop, **data):
    return page(client, client.post(url(workshop), data).url)


@pytest.mark.requirement("R-NELA-22")
def test_all_who_were_there_are_noted_in_one_go(client, workshop, three, chi):
    html = assert_writes_nothing(client, url(workshop)).content.decode()
    assert "Was there: <strong>0</strong>." in html
    assert "Note those ticked; nobody else came" in html
    ann, bea, _cal = (row.user_id for row in three)
    html = say(client, workshop, there=[ann, bea])
    assert "2 people are noted." in html
    assert (
        "Was there: <strong>2</strong>. Caught up afterwards: <strong>0</strong>. Without a note: <strong>1</strong>."
        in html
    )
    assert there() == [("Ann", False), ("Bea", False)]
    assert "1 person is noted." in say(client, workshop, everybody="1", listed=[ann, bea, three[2].user_id])


def test_a_mark_is_taken_back_and_who_caught_up_is_noted(client, workshop, three, chi):
    ann, bea, cal = (row.user_id for row in three)
    say(client, workshop, there=[ann, bea])
    assert "Taken back: Bea Lindqvist" in say(client, workshop, take_back=bea)
    assert "Cal Lindqvist has caught up" in say(client, workshop, caught_up=cal)
    assert there() == [("Ann", False), ("Cal", True)]


@pytest.mark.parametrize("given", [{"there": "x"}, {"caught_up": "9" * 30}, {"take_back": "0"}, {"caught_up": "-1"}])
def test_a_forged_answer_marks_nobody(client, workshop, three, chi, given):
    assert client.post(url(workshop), given).status_code == 302
    assert there() == []


def test_somebody_who_is_not_expected_is_refused_in_words(client, workshop, three, chi):
    stranger = make_person("sam@elsewhere.example.org", "Sam", "Stone")
    assert "not expected at this workshop any more" in say(client, workshop, caught_up=stranger.pk)
    assert "nothing was noted" in say(client, workshop, there=[stranger.pk, three[0].user_id])
    assert there() == []


def test_ones_own_mark_is_a_colleagues_and_ahead_nothing_is_noted(client, cycle, workshop, three, chi):
    make_application(cycle, chi, Role.MENTOR, Application.State.ADMITTED)
    html = page(client, url(workshop))
    assert "This is you: a colleague notes it." in html
    assert f'value="{chi.pk}"' not in html
    assert "Nobody marks themselves" in say(client, workshop, caught_up=chi.pk)
    say(client, workshop, everybody="1", listed=[chi.pk, three[0].user_id])
    assert there() == [("Ann", False)]
    Training.objects.update(starts_at=clock.now() + timedelta(days=1))
    assert "still ahead" in say(client, workshop, there=[three[1].user_id])
    assert "<strong>4 people</strong> are expected" in page(client, url(workshop))


def test_only_those_who_mark_open_it_and_another_programs_is_not_there(client, workshop, three):
    other = make_program("kla")
    make_cycle(other)
    seated(client, other)
    assert client.get(url(workshop)).status_code == 404
    lee = make_person("lee@nela.example.org", "Lee", "Harper")
    make_seat(workshop.cycle.program, lee, Seat.Role.LIAISON)
    client.force_login(lee)
    assert client.get(url(workshop)).status_code == 403
    assert client.post(url(workshop), {"there": [three[0].user_id]}).status_code == 403
    assert client.get(missing(workshop.cycle)).status_code == 404
    assert there() == []


@pytest.mark.requirement("R-NELA-22")
def test_who_still_needs_it_stands_on_one_list(client, nela, cycle, workshop, three, chi):
    ann, bea, cal = three
    training.mark(workshop, cal.user, by=chi)
    Place.objects.create(
        program=nela, mentor_application=ann, mentor=ann.user, mentee=cal.user, slot=1, taken_at=STARTS
    )
    html = assert_writes_nothing(client, missing(cycle)).content.decode()
    assert "<strong>2 people</strong> have not taken part" in html
    rows = [part.split("</tr>")[0] for part in html.split("<tbody>")[1].split("<tr>")[1:]]
    assert ["the introduction waits for it" in row for row in rows] == [True, False]
    assert ["Ann Lindqvist" in row for row in rows] == [True, False]
    assert "Cal Lindqvist" not in html
    nela.gates.all().delete()
    assert "requires no workshop" in page(client, missing(cycle))


@pytest.mark.parametrize("where", [url, lambda workshop: missing(workshop.cycle), lambda _workshop: listed("training")])
def test_the_pages_ask_the_same_number_of_queries(client, cycle, workshop, chi, where, django_assert_num_queries):
    accepted(cycle, "Ann", Role.MENTOR)
    page(client, where(workshop))
    with CaptureQueriesContext(connection) as asked:
        page(client, where(workshop))
    for name in ("Bea", "Cal"):
        accepted(cycle, name)
    Training.objects.create(cycle=cycle, title="Once more", starts_at=STARTS - timedelta(days=1))
    with django_assert_num_queries(len(asked)):
        page(client, where(workshop))


def test_hours_on_the_list_are_the_programs_and_a_workshop_with_marks_stays(client, workshop, three, chi):
    assert "Tue, 4\u00a0November, 14:00\u00a0Eastern" in page(client, listed("training"))
    assert url(workshop) in page(client, listed("training"))
    training.mark(workshop, three[0].user, by=chi)
    assert client.post(one(workshop, "delete"), {"post": "yes"}).status_code == 403
    assert Training.objects.filter(pk=workshop.pk).exists()


# The first page


def tasks(user, cycle):
    return [(task.head, task.age, task.url, task.late) for task in today.tasks(user, cycle, cycle.today())]


@pytest.mark.requirement("R-NELA-22")
def test_the_day_after_the_committee_is_asked_who_came_and_later_told_who_still_needs_it(cycle, workshop, three, chi):
    with clock.at(STARTS + timedelta(hours=3)):
        assert tasks(chi, cycle) == []
    assert tasks(chi, cycle) == [("Who came to the workshop?", 2, url(workshop), False)]
    with clock.at(STARTS + timedelta(days=5)):
        assert tasks(chi, cycle) == [("Who came to the workshop?", 5, url(workshop), True)]
    training.note(workshop, {three[0].user_id}, by=chi)
    assert tasks(chi, cycle) == [("2 people still need the workshop.", 2, missing(cycle), False)]
    later = Training.objects.create(cycle=cycle, title="Again", starts_at=clock.now() + timedelta(days=3))
    assert tasks(chi, cycle) == []
    later.delete()
    for row in three[1:]:
        training.mark(workshop, row.user, by=chi, made_up=True)
    assert tasks(chi, cycle) == []


def test_a_contact_person_has_no_such_task_and_the_line_counts_the_trained(nela, cycle, workshop, three, chi):
    lee = make_person("lee@nela.example.org", "Lee", "Harper")
    make_seat(nela, lee, Seat.Role.LIAISON)
    assert tasks(lee, cycle) == []
    training.mark(workshop, three[0].user, by=chi)
    assert [(stage.label, stage.mentors, stage.mentees) for stage in today_training.line(cycle)] == [("Trained", 1, 0)]
    assert today_training.line(make_cycle(nela, slug="next")) == []


# The list of mentors


@pytest.mark.requirement("R-NELA-09")
def test_the_committee_reads_who_is_listed_and_changes_nothing(client, nela, cycle, three, chi):
    row = Listing.objects.create(program=nela, user=three[0].user, since=date(2025, 9, 1))
    other = make_program("kla")
    Listing.objects.create(
        program=other, user=make_person("x@kla.example.org", "Canary", "Birch"), since=date(2025, 9, 1)
    )
    html = page(client, listed("listing"))
    assert "Ann Lindqvist" in html
    assert "Canary" not in html
    assert client.post(one(row), {"available": ""}).status_code == 403
    assert client.get(reverse("admin:programs_listing_add")).status_code == 403
    row.refresh_from_db()
    assert row.available is True


def test_a_forgotten_right_is_seen_by_the_verb_too(workshop, three):
    sam = make_person("sam@elsewhere.example.org", "Sam", "Stone")
    with pytest.raises(NotAllowed):
        training.note(workshop, {three[0].user_id}, by=sam)
