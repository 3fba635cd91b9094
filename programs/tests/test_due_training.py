"""Mails about workshops: the invitation, three reminders of the next session, two words about catching up; once each."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mail.models import Message
from members import clock
from programs import due, training
from programs.models import Application, Attendance, Gate, Place, Role, Seat, Training
from programs.tests.make import (
    make_application,
    make_cycle,
    make_gate,
    make_person,
    make_program,
    make_seat,
    writes_nothing,
)

pytestmark = pytest.mark.django_db
FIRST = datetime(2025, 11, 4, 19, tzinfo=UTC)  # 14:00 Eastern
SECOND = datetime(2025, 11, 18, 19, tzinfo=UTC)


@pytest.fixture
def nela():
    program = make_program("nela")
    make_gate(program, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE, consequence="block")
    return program


@pytest.fixture
def cycle(nela):
    return make_cycle(nela, announced_on=date(2025, 10, 20), begins_on=date(2025, 10, 20), ends_on=date(2026, 10, 19))


@pytest.fixture
def first(cycle):
    return Training.objects.create(
        cycle=cycle, title="Workshop", starts_at=FIRST, join_url="https://nela.example.org/join/"
    )


@pytest.fixture
def second(cycle):
    return Training.objects.create(cycle=cycle, title="Workshop again", starts_at=SECOND)


@pytest.fixture
def chi(nela):
    person = make_person("chi@nela.example.org", "Chi", "Harper")
    make_seat(nela, person, Seat.Role.CHAIR)
    return person


def accepted(cycle, name, role=Role.MENTEE, at=datetime(2025, 9, 30, 16, tzinfo=UTC)):
    person = make_person(f"{name.lower()}@larkin.example.net", name, "Lindqvist")
    return make_application(cycle, person, role, Application.State.ADMITTED, decided_at=at)


@pytest.fixture
def bea(cycle):
    return accepted(cycle, "Bea")


def night(month, day, hour=13, minute=59):
    """What the calendar does by this moment, 8:59 Eastern by default in winter; the names of the mails, and to whom."""
    moment = datetime(2025, month, day, hour, minute, tzinfo=UTC)
    known = set(Message.objects.values_list("pk", flat=True))
    list(due.due(moment))
    new = Message.objects.exclude(pk__in=known).order_by("pk")
    return [(message.name, message.to_name.split()[0]) for message in new]


def at_nine(month, day):
    return night(month, day, hour=14, minute=0)


@pytest.mark.requirement("R-NELA-16")
def test_the_day_after_acceptance_everybody_is_invited_with_every_date(cycle, first, second, bea):
    assert night(10, 1, 12, 59) == []
    assert night(10, 1, 13, 0) == [("workshop_invitation", "Bea")]  # nine o'clock Eastern in summer
    assert night(10, 1, 13, 0) == []
    mail = Message.objects.get()
    assert mail.subject == "Your workshop: 2 dates, the first on Tue, 4\u00a0November"
    assert mail.key == f"application:{bea.pk}:workshop_invitation"
    for text in (mail.text, mail.html):
        assert "Tuesday, 4\u00a0November, 14:00\u00a0Eastern" in text
        assert "Tuesday, 18\u00a0November, 14:00\u00a0Eastern" in text
        assert "https://nela.example.org/join/" in text
        assert f"[[link:workshops:{bea.pk}]]" in text
        assert "because you were accepted by NELA Mentoring as a mentee" in text.replace("\n", " ")


@pytest.mark.requirement("R-NELA-11", "R-NELA-22")
def test_the_next_session_is_called_to_mind_a_week_a_day_and_an_hour_before(cycle, first, second, bea):
    night(10, 5)
    seen = [(day, at_nine(*day)) for day in [(10, 27), (10, 28), (10, 29), (11, 2), (11, 3)]]
    assert [(day, found) for day, found in seen if found] == [
        ((10, 28), [("workshop_reminder", "Bea")]),
        ((11, 3), [("workshop_reminder", "Bea")]),
    ]
    assert night(11, 4, 17, 59) == []
    assert night(11, 4, 18, 0) == [("workshop_reminder", "Bea")]
    subjects = Message.objects.filter(name="workshop_reminder").order_by("pk").values_list("subject", flat=True)
    assert list(subjects) == [
        "In a week: your workshop, Tuesday, 4\u00a0November, 14:00\u00a0Eastern",
        "Tomorrow: your workshop, Tuesday, 4\u00a0November, 14:00\u00a0Eastern",
        "In an hour: your workshop",
    ]
    assert "Tuesday, 18\u00a0November" in Message.objects.get(subject="In an hour: your workshop").text


@pytest.mark.requirement("R-NELA-22")
def test_who_took_part_was_let_off_or_withdrew_hears_nothing_more(nela, cycle, first, second, bea, chi):
    eve, dee = accepted(cycle, "Eve"), accepted(cycle, "Dee")
    night(10, 5)
    nela.gates.get().waivers.create(application=eve, answer="granted", reason="Has given it herself.")
    Application.objects.filter(pk=dee.pk).update(state="withdrawn")
    with clock.at(FIRST + timedelta(hours=3)):
        training.mark(first, bea.user, by=chi)
    assert [at_nine(*day) for day in [(11, 5), (11, 11), (11, 17), (11, 19), (11, 25)]] == [[]] * 5


@pytest.mark.requirement("R-NELA-22")
def test_who_missed_it_hears_how_to_catch_up_the_morning_after_the_list_was_noted(cycle, first, second, bea, chi):
    first.recording_url = "https://nela.example.org/recording/"
    first.save()
    ann = accepted(cycle, "Ann", Role.MENTOR)
    night(11, 4, 18, 0)
    assert at_nine(11, 5) == []  # the committee has not noted yet who came
    with clock.at(datetime(2025, 11, 5, 20, tzinfo=UTC)):
        training.note(first, {ann.user_id}, by=chi)
    assert night(11, 5, 23, 0) == []  # a day for putting a mistake right
    assert at_nine(11, 6) == [("workshop_missed", "Bea")]
    assert at_nine(11, 6) == []
    mail = Message.objects.get(name="workshop_missed")
    assert mail.subject == "You missed the workshop: here is how to catch up"
    for text in (mail.text, mail.html):
        assert "Tuesday, 18\u00a0November, 14:00\u00a0Eastern" in text
        assert "https://nela.example.org/recording/" in text
        assert "Please by Tuesday, 18\u00a0November." in text
    # A week later the next session is called to mind instead, and after that one a last word leaves.
    assert [(day, found) for day in range(7, 28) if (found := at_nine(11, day))] == [
        (11, [("workshop_reminder", "Bea")]),
        (17, [("workshop_reminder", "Bea")]),
        (25, [("workshop_missed", "Bea")]),
    ]
    assert Message.objects.filter(name="workshop_missed").latest("pk").subject == "One thing is left: your workshop"


def test_missed_nights_send_the_latest_word_and_no_other(cycle, first, second, bea, chi):
    assert at_nine(11, 3) == [("workshop_reminder", "Bea")]
    with clock.at(FIRST + timedelta(hours=3)):
        training.note(first, set(), by=chi)
    assert at_nine(11, 10) == [("workshop_missed", "Bea")]
    assert at_nine(12, 2) == []
    assert at_nine(12, 20) == []


@pytest.mark.parametrize(
    ("moment", "subject"),
    [((10, 31, 14), "In 4 days: your workshop, "), ((11, 4, 14), "Today: your workshop, ")],
)
def test_after_missed_nights_a_reminder_says_how_long_it_really_is(cycle, first, bea, moment, subject):
    night(10, 5)
    assert night(*moment) == [("workshop_reminder", "Bea")]
    assert Message.objects.get(name="workshop_reminder").subject.startswith(subject)


def test_who_comes_in_after_the_last_session_hears_of_the_recording(cycle, first, chi):
    late = accepted(cycle, "Cal", at=datetime(2025, 11, 10, 16, tzinfo=UTC))
    assert at_nine(11, 11) == []
    first.recording_url = "https://nela.example.org/recording/"
    first.save()
    assert at_nine(11, 11) == [("workshop_invitation", "Cal")]
    mail = Message.objects.get()
    assert mail.subject == "Your workshop: watch it when it suits you"
    assert "https://nela.example.org/recording/" in mail.text
    assert mail.about == f"application:{late.pk}"


def test_once_people_are_matched_only_those_with_a_place_are_reminded(cycle, first, bea):
    mo = accepted(cycle, "Mo", Role.MENTOR)
    cal = accepted(cycle, "Cal")
    assert sorted(night(10, 5)) == [("workshop_invitation", name) for name in ("Bea", "Cal", "Mo")]
    Place.objects.create(
        program=cycle.program, mentor_application=mo, mentor=mo.user, mentee=bea.user, slot=1, taken_at=FIRST
    )
    assert sorted(at_nine(10, 28)) == [("workshop_reminder", "Bea"), ("workshop_reminder", "Mo")]
    Place.objects.update(mentee=cal.user)
    assert at_nine(10, 29) == [("workshop_reminder", "Cal")]


def test_who_is_both_is_written_to_once_and_by_role_where_the_sessions_differ(cycle, first, bea):
    make_application(cycle, bea.user, Role.MENTOR, Application.State.ADMITTED, decided_at=bea.decided_at)
    assert night(10, 5) == [("workshop_invitation", "Bea")]
    Training.objects.create(cycle=cycle, title="For mentors", starts_at=SECOND, role=Role.MENTOR)
    assert night(10, 5, 14) == [("workshop_invitation", "Bea")]


def test_where_no_workshop_is_required_nobody_is_told_that_they_missed_it(nela, cycle, first, bea, chi):
    nela.gates.all().delete()
    assert night(10, 5) == [("workshop_invitation", "Bea")]
    assert "Nobody has to come." in Message.objects.get().text
    with clock.at(FIRST + timedelta(hours=3)):
        training.note(first, set(), by=chi)
    assert [at_nine(*day) for day in [(11, 5), (11, 11), (11, 12)]] == [[]] * 3


def test_a_session_that_is_moved_is_called_to_mind_again(cycle, first, bea):
    night(10, 5)
    assert at_nine(10, 28) == [("workshop_reminder", "Bea")]
    Training.objects.update(starts_at=FIRST + timedelta(days=2))
    assert at_nine(10, 30) == [("workshop_reminder", "Bea")]


def test_looking_ahead_writes_nothing_and_a_cycle_without_workshops_owes_nothing(cycle, bea):
    assert night(10, 5) == []
    Training.objects.create(cycle=cycle, title="Workshop", starts_at=FIRST)
    with writes_nothing():
        found = list(due.due(datetime(2025, 10, 5, 14, tzinfo=UTC), dry=True))
    assert [(line.what, line.about) for line in found] == [("workshop_invitation", f"application:{bea.pk}")]


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_questions_does_not_grow(cycle, first, chi, count, django_assert_max_num_queries):
    for number in range(count):
        row = accepted(cycle, f"P{number}")
        Attendance.objects.create(training=first, user=row.user, attended_on="2025-11-04")
    with django_assert_max_num_queries(24):
        list(due.due(datetime(2025, 11, 5, 14, tzinfo=UTC), dry=True))
