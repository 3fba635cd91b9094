"""Workshops: who is expected, who was there, and who said so."""

from datetime import UTC, datetime, timedelta

import pytest

from mail.models import Message
from mail.tests.make import make_message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import gates, training
from programs.facts import facts, facts_of
from programs.models import Application, Attendance, Gate, Role, Seat, Training
from programs.tests.make import make_application, make_cycle, make_gate, make_person, make_program, make_seat

pytestmark = pytest.mark.django_db
STARTS = datetime(2025, 11, 5, 1, tzinfo=UTC)  # the evening of the 4th in New England


@pytest.fixture
def nela():
    return make_program("nela")


@pytest.fixture
def cycle(nela):
    return make_cycle(nela)


@pytest.fixture
def workshop(cycle):
    return Training.objects.create(cycle=cycle, title="Getting started", starts_at=STARTS)


@pytest.fixture
def chi(nela):
    person = make_person("chi@nela.example.org", "Chi", "Harper")
    make_seat(nela, person, Seat.Role.CHAIR)
    return person


@pytest.fixture
def bea(cycle):
    person = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    make_application(cycle, person, Role.MENTEE, Application.State.ADMITTED)
    return person


def after():
    return clock.at(datetime(2025, 11, 6, 16, tzinfo=UTC))


@pytest.mark.requirement("R-NELA-17")
def test_who_took_part_meets_the_requirement_for_this_cycle(nela, cycle, workshop, bea, chi):
    gate = make_gate(nela, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE)
    application = Application.objects.get(user=bea)
    with after():
        assert gates.unmet(facts(application, cycle.today()), [gate], "introduce")
        mark = training.mark(workshop, bea, by=chi)
        assert training.mark(workshop, bea, by=chi) == mark
        assert gates.unmet(facts(application, cycle.today()), [gate], "introduce") == []
        other = make_cycle(nela, slug="next")
        again = make_application(other, bea, Role.MENTEE, Application.State.ADMITTED)
        assert gates.unmet(facts(again, cycle.today()), [gate], "introduce")
    assert str(mark.attended_on) == "2025-11-04"
    assert list(Entry.objects.values_list("verb", "role")) == [("attended", "chair")]


def test_a_mark_set_by_mistake_is_taken_back(workshop, bea, chi):
    with after():
        training.mark(workshop, bea, by=chi)
        assert training.unmark(workshop, bea, by=chi) is True
        assert training.unmark(workshop, bea, by=chi) is False
    assert Attendance.objects.count() == 0
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == ["attended", "attendance taken back"]


def test_what_a_mistaken_mark_took_back_leaves_after_all(workshop, bea, chi):
    about = f"application:{Application.objects.get(user=bea).pk}"
    now = datetime(2025, 11, 6, 16, tzinfo=UTC)
    day = timedelta(days=1)
    make_message(1, name="workshop_missed", kind="nudge", about=about, good_until=now + day)
    make_message(2, name="workshop_reminder", kind="nudge", about=about, good_until=now - day)
    make_message(3, name="workshop_missed", kind="nudge", about=about, good_until=now + day, state="sent")
    found = []
    with after():
        for act in (training.mark, training.unmark):
            act(workshop, bea, by=chi)
            found.append(list(Message.objects.order_by("pk").values_list("state", flat=True)))
    assert found == [["cancelled", "cancelled", "sent"], ["queued", "cancelled", "sent"]]


def test_who_was_at_another_session_too_is_reminded_of_nothing(cycle, workshop, bea, chi):
    other = Training.objects.create(cycle=cycle, title="Again", starts_at=STARTS)
    application = Application.objects.get(user=bea)
    good = datetime(2025, 11, 8, tzinfo=UTC)
    make_message(1, name="workshop_missed", kind="nudge", about=f"application:{application.pk}", good_until=good)
    with after():
        training.mark(workshop, bea, by=chi)
        training.mark(other, bea, by=chi)
        training.unmark(workshop, bea, by=chi)
    assert Message.objects.get().state == "cancelled"


def test_who_missed_it_may_catch_up(workshop, bea, chi):
    with after():
        mark = training.mark(workshop, bea, by=chi, made_up=True)
    assert (mark.made_up, str(mark.attended_on)) == (True, "2025-11-06")


def test_nobody_is_marked_before_it_begins_by_themselves_or_by_a_stranger(workshop, bea, chi):
    sam = make_person("sam@elsewhere.example.org", "Sam", "Stone")
    with clock.at(datetime(2025, 11, 3, 16, tzinfo=UTC)), pytest.raises(NotAllowed, match="still ahead"):
        training.mark(workshop, bea, by=chi)
    with after():
        with pytest.raises(NotAllowed, match="Nobody marks themselves"):
            training.mark(workshop, chi, by=chi)
        for act in (training.mark, training.unmark):
            with pytest.raises(NotAllowed, match="Only the program's committee"):
                act(workshop, bea, by=sam)


def test_everybody_accepted_is_expected_by_name(cycle, workshop, bea, chi):
    ann = make_person("ann@brandt.example.org", "Ann", "Brandt")
    cal = make_person("cal@larkin.example.net", "Cal", "Okafor")
    make_application(cycle, ann, Role.MENTOR, Application.State.ADMITTED)
    make_application(cycle, cal, Role.MENTEE, Application.State.WAITLISTED)
    with after():
        training.mark(workshop, bea, by=chi)
    assert [(str(one.application), bool(one.attendance)) for one in training.expected(workshop)] == [
        ("Ann Brandt", False),
        ("Bea Lindqvist", True),
    ]
    for_mentors = Training.objects.create(cycle=cycle, title="Listening", starts_at=STARTS, role=Role.MENTOR)
    assert [str(one.application) for one in training.expected(for_mentors)] == ["Ann Brandt"]


@pytest.mark.parametrize("count", [1, 4])
def test_facts_of_many_ask_the_same_number_of_queries(cycle, django_assert_num_queries, count):
    for number in range(count):
        person = make_person(f"p{number}@example.org", "P", str(number))
        make_application(cycle, person, Role.MENTEE, Application.State.ADMITTED)
    rows = list(Application.objects.all())
    with django_assert_num_queries(6):
        assert len(facts_of(rows, cycle.opens_on)) == count


# One list for everybody who came


@pytest.mark.requirement("R-NELA-22")
def test_a_list_is_noted_in_one_go_and_nobody_is_marked_twice(cycle, workshop, bea, chi):
    ann = make_person("ann@brandt.example.org", "Ann", "Brandt")
    make_application(cycle, ann, Role.MENTOR, Application.State.ADMITTED)
    with after():
        training.mark(workshop, bea, by=chi)
        assert training.note(workshop, {ann.pk, bea.pk}, by=chi) == training.Noted((ann,), (bea,))
        assert training.note(workshop, {ann.pk, bea.pk}, by=chi) == training.Noted((), (ann, bea))
    assert Attendance.objects.count() == 2
    noted = Entry.objects.filter(verb="attendance noted", about=f"training:{workshop.pk}").order_by("pk")
    assert list(noted.values_list("reason", flat=True)) == ["1", "0"]
    assert Entry.objects.filter(verb="attended").count() == 1


def test_a_list_on_which_nobody_stands_is_noted_too(workshop, bea, chi):
    assert training.noted_at([workshop]) == {}
    with after():
        training.note(workshop, set(), by=chi)
    assert training.noted_at([workshop]) == {workshop.pk: datetime(2025, 11, 6, 16, tzinfo=UTC)}


def test_a_list_is_refused_early_from_a_stranger_and_with_people_who_are_not_expected(cycle, workshop, bea, chi):
    sam = make_person("sam@elsewhere.example.org", "Sam", "Stone")
    with clock.at(datetime(2025, 11, 3, 16, tzinfo=UTC)), pytest.raises(NotAllowed, match="still ahead"):
        training.note(workshop, {bea.pk}, by=chi)
    with after(), pytest.raises(NotAllowed, match="Only the program's committee"):
        training.note(workshop, {bea.pk}, by=sam)
    with after(), pytest.raises(NotAllowed, match="1 of those ticked"):
        training.note(workshop, {bea.pk, sam.pk}, by=chi)
    make_application(cycle, chi, Role.MENTOR, Application.State.ADMITTED)
    with after(), pytest.raises(NotAllowed, match="Nobody marks themselves"):
        training.note(workshop, {bea.pk, chi.pk}, by=chi)
    assert Attendance.objects.count() == 0
    assert Entry.objects.count() == 0


# Who still needs it


@pytest.mark.requirement("R-NELA-17", "R-NELA-22")
def test_who_still_needs_the_workshop_is_a_list_of_its_own(nela, cycle, workshop, bea, chi):
    assert training.missing(cycle) == []  # nothing requires it
    gate = make_gate(nela, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE)
    people = {}
    for first in ("Ann", "Cal", "Dee", "Eve"):
        people[first] = make_person(f"{first.lower()}@brandt.example.org", first, "Brandt")
        make_application(cycle, people[first], Role.MENTOR, Application.State.ADMITTED)
    Application.objects.filter(user=people["Dee"]).update(state="withdrawn")
    let_off = Application.objects.get(user=people["Eve"])
    gate.waivers.create(application=let_off, answer="granted", reason="Has given it herself.")
    with after():
        training.mark(workshop, people["Cal"], by=chi, made_up=True)
    assert [str(one.application) for one in training.missing(cycle)] == ["Ann Brandt", "Bea Lindqvist"]


def test_a_workshop_for_the_other_role_does_not_count(nela, cycle, bea, chi):
    make_gate(nela, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE)
    for_mentors = Training.objects.create(cycle=cycle, title="Listening", starts_at=STARTS, role=Role.MENTOR)
    Attendance.objects.create(training=for_mentors, user=bea, attended_on="2025-11-04")
    person = training.missing(cycle)[0]
    assert (person.sessions, person.attendance, person.missing) == ((), None, True)


@pytest.mark.parametrize("count", [1, 3])
def test_people_and_their_workshops_ask_the_same_number_of_queries(
    nela, cycle, workshop, count, django_assert_num_queries
):
    make_gate(nela, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE)
    for number in range(count):
        person = make_person(f"p{number}@example.org", "P", str(number))
        make_application(cycle, person, Role.MENTEE, Application.State.ADMITTED)
        Attendance.objects.create(training=workshop, user=person, attended_on="2025-11-04")
    rows = list(Application.objects.select_related("cycle"))
    with django_assert_num_queries(4):
        assert len([one for one in training.people(rows) if one.attendance]) == count
