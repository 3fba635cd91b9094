"""What the calendar owes about applications: looked up, reminded, let go, told; once each, also after missed nights."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mail.models import Message
from members import clock
from programs import applications, cycles, due
from programs.models import Application, Gate, Role
from programs.tests.make import (
    fill_in,
    make_application,
    make_cycle,
    make_gate,
    make_member,
    make_person,
    make_program,
    make_question,
    send,
)

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture
def kla():
    program = make_program()
    program.association.membership_email = "membership@kla.example.org"
    program.association.join_url = "https://kla.example.org/join/"
    program.association.save()
    make_question(program, "years", "number", required=True)
    make_gate(program)
    return program


@pytest.fixture
def cycle(kla):
    return make_cycle(kla)


@pytest.fixture
def bea():
    return make_person("bea@larkin.example.net", "Bea", "Lindqvist")


@pytest.fixture
def cal():
    return make_person("cal@larkin.example.net", "Cal", "Okafor")


def on(month, day, hour=16):
    return clock.at(datetime(2025, month, day, hour, tzinfo=UTC))


def evening(month, day, year=2025):
    return clock.end_of(date(year, month, day), "America/New_York")


def done(month, day):
    """What was done on the evening of a day, without the digest; done again, nothing is left."""
    at = evening(month, day)
    ahead = list(due.due(at, dry=True))
    assert list(due.due(at, dry=True)) == ahead
    assert list(due.due(at)) == ahead
    assert list(due.due(at)) == []
    return [line.what for line in ahead if line.what != "who_has_joined"]


def held(cycle, person):
    with on(9, 5):
        return send(cycle, person, Role.MENTEE)


@pytest.mark.requirement("R-KLA-07", "R-NELA-31")
def test_the_night_after_the_list_shows_them_kept_people_are_in(kla, cycle, bea, cal):
    beas, cals = held(cycle, bea), held(cycle, cal)
    assert done(9, 6) == []
    make_member(kla.association, bea.email, valid_from=date(2025, 9, 7))
    assert done(9, 6) == []
    [line] = [line for line in due.due(evening(9, 7)) if line.what != "who_has_joined"]
    assert (line.scope, line.what, line.about) == ("program:kla", "membership_found", f"application:{beas.pk}")
    beas.refresh_from_db()
    cals.refresh_from_db()
    assert (beas.state, cals.state) == (State.ADMITTED, State.HELD)


@pytest.mark.requirement("R-NELA-31")
def test_a_kept_person_is_reminded_twice_and_then_let_go(cycle, bea):
    mine = held(cycle, bea)
    year = {day: done(9, day) for day in range(6, 30)}
    assert {day: what for day, what in year.items() if what} == {
        9: ["membership_reminder"],
        25: ["membership_reminder"],
        27: ["not_this_time"],
    }
    mine.refresh_from_db()
    cycle.refresh_from_db()
    assert (mine.state, cycle.taken_mentees) == (State.EXPIRED, 0)
    first, last = Message.objects.filter(name="membership_reminder").order_by("pk")
    assert first.kind == last.kind == "nudge"
    assert first.reply_to == "membership@kla.example.org"
    assert "keeps its place until Friday, 26\xa0September" in first.text.replace("\n", " ")
    assert "Friday, 26\xa0September is the last day on which we keep" in last.text.replace("\n", " ")
    assert "https://kla.example.org/join/" in first.text


def test_who_is_kept_in_both_roles_is_reminded_by_one_mail(cycle, bea):
    held(cycle, bea)
    with on(9, 5):
        send(cycle, bea, Role.MENTOR)
    assert done(9, 9) == ["membership_reminder"]
    assert "as a mentee and as a mentor" in Message.objects.get(name="membership_reminder").text.replace("\n", " ")
    assert done(9, 27) == ["not_this_time", "not_this_time"]


def test_nights_that_were_missed_are_made_up_for_once(kla, cycle, bea, cal):
    held(cycle, bea)
    cals = held(cycle, cal)
    assert done(9, 25) == ["membership_reminder", "membership_reminder"]  # the earlier ones are past
    make_member(kla.association, cal.email, valid_from=date(2025, 9, 26))
    assert sorted(done(10, 3)) == ["membership_found", "not_this_time"]  # joined on the last day: in time
    cals.refresh_from_db()
    assert cals.state == State.ADMITTED


def test_a_plain_date_is_the_evening_of_that_day(cycle, bea):
    held(cycle, bea)
    assert [line.what for line in due.due(date(2025, 9, 8), dry=True)] == ["who_has_joined"]
    assert [line.what for line in due.due(date(2025, 9, 9), dry=True)] == ["membership_reminder", "who_has_joined"]


def test_looking_ahead_writes_nothing(cycle, bea):
    held(cycle, bea)
    before = Message.objects.count()
    assert [line.what for line in due.due(evening(9, 27), dry=True)] == ["not_this_time"]
    assert Message.objects.count() == before
    assert Application.objects.get().state == State.HELD


def test_the_membership_office_hears_every_morning_who_waits(kla, cycle, bea, cal):
    mine = held(cycle, bea)
    with on(9, 5):
        applications.claim(mine, number="KLA-7", by=bea)
        send(cycle, bea, Role.MENTOR)
    at = datetime(2025, 9, 6, 10, 59, tzinfo=UTC)  # 6:59 in Kentucky
    assert list(due.due(at)) == []
    [line] = due.due(at.replace(hour=11, minute=0))
    assert (line.what, line.about, line.at) == ("who_has_joined", "program:kla", at.replace(hour=11, minute=0))
    mail = Message.objects.get(name="who_has_joined")
    assert (mail.to_email, mail.subject) == ("membership@kla.example.org", "1 person waits for your yes")
    assert "Bea Lindqvist (bea@larkin.example.net); says: number KLA-7" in mail.text.replace("\n", " ")
    assert "/admin/programs/application/members/" in mail.text
    make_member(kla.association, bea.email)
    assert [line.what for line in due.due(evening(9, 7))] == ["membership_found", "membership_found"]


def test_a_draft_is_reminded_a_week_and_a_day_before_the_close(cycle, bea, cal):
    with on(9, 10):
        applications.start(cycle, bea, Role.MENTEE)
    with on(9, 24):
        applications.start(cycle, cal, Role.MENTEE)  # begun after the week's reminder: one is enough
    year = {day: done(9, day) for day in range(20, 31)} | {31: done(10, 1)}
    assert {day: what for day, what in year.items() if what} == {
        23: ["draft_waiting"],
        29: ["draft_waiting", "draft_waiting"],
    }
    last = Message.objects.filter(name="draft_waiting").last()
    assert "Tuesday, 30\xa0September, 23:59\xa0Eastern" in last.text.replace("\n", " ")
    assert "/kla/2025-26/apply/mentee/" in last.text


def test_a_cycle_that_was_closed_by_mistake_reminds_after_all(cycle, bea):
    with on(9, 10):
        applications.start(cycle, bea, Role.MENTEE)
    found = []
    assert done(9, 23) == ["draft_waiting"]
    with on(9, 24):
        for act in (cycles.close_by_hand, cycles.open_again):
            Message.objects.filter(state="sent").update(state="queued")
            act(cycle, by=bea)
            found.append(Message.objects.get(name="draft_waiting").state)
    assert found == ["cancelled", "queued"]


def test_who_was_brought_in_is_reminded_with_their_own_link(cycle, bea):
    with on(9, 10):
        mine = applications.start(cycle, bea, Role.MENTEE)
    Application.objects.filter(pk=mine.pk).update(claim_vouched=True, claimed_email=bea.email)
    assert done(9, 23) == ["draft_waiting"]
    mail = Message.objects.get(name="draft_waiting")
    assert "it needs your yes" in mail.text
    assert f"[[link:agree:{mine.pk}]]" in mail.text


def test_who_has_sent_or_cannot_send_is_not_reminded(kla, cycle, bea, cal):
    make_member(kla.association, bea.email)
    with on(9, 10):
        applications.submit(fill_in(cycle, bea, Role.MENTEE), by=bea)
        applications.start(cycle, cal, Role.MENTEE)
    cycle.shut = True
    cycle.save(update_fields=["shut"])
    assert done(9, 23) == []


@pytest.mark.requirement("R-NASIG-33")
def test_at_the_start_who_is_no_member_any_more_is_told_once_and_stays(kla, cycle, bea, cal):
    make_gate(kla, code="good_standing", stage=Gate.Stage.START, consequence=Gate.Consequence.TELL)
    for person, until in ((bea, date(2025, 10, 14)), (cal, date(2025, 10, 15))):
        make_member(kla.association, person.email, valid_until=until)
        make_application(cycle, person, Role.MENTEE, State.ADMITTED)
    assert done(10, 14) == []
    assert done(10, 17) == ["membership_reminder"]  # two nights late: as things stood on the first day
    assert done(10, 18) == []
    mail = Message.objects.get(name="membership_reminder")
    assert (mail.to_email, mail.subject) == (bea.email, "Your membership")
    assert "The membership on the list ended on Tuesday, 14\xa0October." in mail.text.replace("\n", " ")
    assert set(Application.objects.values_list("state", flat=True)) == {State.ADMITTED}


@pytest.mark.parametrize(
    ("accepted", "told"), [(date(2025, 10, 10), 1), (date(2025, 10, 29), 1), (date(2025, 10, 30), 0)]
)
def test_a_silent_calendar_makes_up_for_the_start_but_not_for_who_came_long_after(kla, cycle, bea, accepted, told):
    make_gate(kla, code="good_standing", stage=Gate.Stage.START, consequence=Gate.Consequence.TELL)
    make_member(kla.association, bea.email, valid_until=date(2025, 10, 14))
    decided_at = datetime(accepted.year, accepted.month, accepted.day, 16, tzinfo=UTC)
    make_application(cycle, bea, Role.MENTEE, State.ADMITTED, decided_at=decided_at)
    assert done(11, 24).count("membership_reminder") == told
    assert done(11, 25) == []


def test_one_row_that_somebody_else_moved_stops_nobody(cycle, bea, cal, monkeypatch):
    beas, cals = held(cycle, bea), held(cycle, cal)
    lines = due.due(evening(9, 27))
    with on(9, 27):
        first = next(lines)
        assert first.about == f"application:{beas.pk}"
        applications.withdraw(cals, by=cal)
        assert list(lines) == []
    assert Counter(Application.objects.values_list("state", flat=True)) == {State.EXPIRED: 1, State.WITHDRAWN: 1}


def test_looking_costs_the_same_however_many_there_are(kla, cycle):
    costs = []
    for number in range(5):
        person = make_person(f"p{number}@example.org", "P", str(number))
        make_application(cycle, person, Role.MENTEE, State.HELD, held_until=date(2025, 9, 26))
        make_application(cycle, person, Role.MENTOR, State.DRAFT)
        with CaptureQueriesContext(connection) as asked:
            assert len(list(due.due(evening(9, 25), dry=True))) == 2 * number + 3
        costs.append(len(asked))
    assert len(set(costs)) == 1
    assert costs[0] <= 25
