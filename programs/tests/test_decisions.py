"""What becomes of an application: a full cycle, the committee's decisions, changes, and withdrawing."""

from datetime import date

import pytest

from mail.models import Message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import applications, cycles
from programs.models import Application, Place, Program, Role
from programs.tests.applying import names, on
from programs.tests.make import make_answers, make_cycle, make_member, make_person, make_question, send

pytestmark = pytest.mark.django_db
State = Application.State


# A full cycle


@pytest.mark.requirement("R-KLA-13")
def test_who_comes_when_it_is_full_waits_and_no_cap_is_exceeded(kla, bea, mo, cal, chi):
    cycle = make_cycle(kla, cap_mentees=1)
    make_member(kla.association, cal.email)
    with on(9, 5):
        beas, cals = send(cycle, bea, Role.MENTEE), send(cycle, cal, Role.MENTEE)
        assert send(cycle, mo, Role.MENTOR).state == State.ADMITTED
        assert (beas.state, cals.state) == (State.ADMITTED, State.WAITLISTED)
        assert cals.waiting_since == date(2025, 9, 5)
        with pytest.raises(NotAllowed, match=r"1 of 1"):
            applications.admit(cals, by=chi)
    with on(9, 8):
        applications.withdraw(beas, by=bea, note="A new post.")
        applications.admit(cals, by=chi)
    cycle.refresh_from_db()
    assert (cals.state, cals.waiting_since, cycle.taken_mentees) == (State.ADMITTED, date(2025, 9, 5), 1)
    assert cycles.drift(cycle) == {"mentor": 0, "mentee": 0}
    assert names() == [
        "application_received",
        "waiting_list",
        "application_received",
        "application_withdrawn",
        "accepted",
    ]


def test_putting_somebody_on_the_waiting_list_frees_their_place(kla, bea, chi):
    cycle = make_cycle(kla, cap_mentees=1)
    with on(9, 5):
        mine = send(cycle, bea, Role.MENTEE)
        applications.wait_list(mine, by=chi)
        cycle.refresh_from_db()
        assert (mine.state, cycle.taken_mentees) == (State.WAITLISTED, 0)
        applications.admit(mine, by=chi)
        applications.wait_list(mine, by=chi)
    keys = Message.objects.filter(name="waiting_list").order_by("pk").values_list("key", flat=True)
    assert list(keys) == [f"application:{mine.pk}:waiting_list", f"application:{mine.pk}:waiting_list:2"]


def test_who_waits_is_kept_for_the_next_cycle_with_the_same_waiting_time(kla, bea, chi):
    cycle = make_cycle(kla, cap_mentees=0)
    later = make_cycle(
        kla,
        slug="2026-27",
        opens_on=date(2026, 9, 1),
        closes_on=date(2026, 9, 30),
        announced_on=date(2026, 10, 15),
        begins_on=date(2026, 10, 15),
        ends_on=date(2027, 10, 14),
    )
    with on(9, 5):
        mine = send(cycle, bea, Role.MENTEE)
        applications.keep_for_next(mine, True, by=bea)
        new = applications.carry(mine, later, by=chi)
    assert (mine.state, mine.keep_for_next) == (State.CARRIED, True)
    assert (new.state, new.carried_from, new.waiting_since, new.answers) == (
        State.DRAFT,
        mine,
        date(2025, 9, 5),
        mine.answers,
    )
    with on(9, 2, year=2026):
        applications.agree(new, by=bea)
        applications.submit(new, by=bea)
    assert (new.state, new.waiting_since) == (State.ADMITTED, date(2025, 9, 5))


# Decisions


def test_where_the_committee_decides_nobody_is_accepted_by_a_rule(kla, cycle, bea, chi):
    Program.objects.filter(pk=kla.pk).update(admission=Program.Admission.COMMITTEE)
    cycle = type(cycle).objects.get(pk=cycle.pk)
    with on(9, 5):
        mine = send(cycle, bea, Role.MENTEE)
        assert mine.state == State.SUBMITTED
        applications.admit(mine, by=chi)
    assert (mine.state, names()) == (State.ADMITTED, ["application_received", "accepted"])


def test_not_this_time_is_said_with_a_reason_and_can_be_written_again_until_the_close(kla, bea, chi):
    kla.admission = Program.Admission.COMMITTEE
    kla.save()
    cycle = make_cycle(kla)
    with on(9, 5):
        mine = send(cycle, bea, Role.MENTEE)
        with pytest.raises(NotAllowed, match="tell the applicant why"):
            applications.refuse(mine, by=chi, note=" ")
        applications.refuse(mine, by=chi, note="The form reads as if it were for your sister.")
        cycle.refresh_from_db()
        assert (mine.state, cycle.taken_mentees) == (State.REFUSED, 0)
        assert "for your sister" in Message.objects.get(name="not_this_time").text
        applications.reopen(mine, by=bea)
        assert (mine.state, mine.sent_at) == (State.DRAFT, None)
        applications.submit(mine, by=bea)
        applications.refuse(mine, by=chi, note="Still.")
    with on(10, 1), pytest.raises(NotAllowed, match="closed on Tuesday, 30\xa0September"):
        applications.reopen(mine, by=bea)
    received = Message.objects.filter(name="application_received").order_by("pk").values_list("key", flat=True)
    assert list(received) == [f"application:{mine.pk}:received", f"application:{mine.pk}:received:2"]


def test_nobody_decides_on_their_own_and_no_stranger_on_anybody(kla, cycle, bea, chi):
    kla.admission = Program.Admission.COMMITTEE
    kla.save()
    cycle = make_cycle(kla, slug="own")
    make_member(kla.association, chi.email)
    sam = make_person("sam@elsewhere.example.org", "Sam", "Stone")
    with on(9, 5):
        own, beas = send(cycle, chi, Role.MENTOR), send(cycle, bea, Role.MENTEE)
        with pytest.raises(NotAllowed, match="your own application"):
            applications.admit(own, by=chi)
        for act in (
            lambda: applications.admit(beas, by=sam),
            lambda: applications.refuse(beas, by=bea, note="No."),
            lambda: applications.withdraw(beas, by=sam),
            lambda: applications.save(beas, {"years": 9}, by=sam),
            lambda: applications.submit(beas, by=sam),
        ):
            with pytest.raises(NotAllowed):
                act()
    beas.refresh_from_db()
    assert (beas.state, beas.answers["years"]) == (State.SUBMITTED, make_answers(kla, Role.MENTEE)["years"])


def test_the_committee_may_write_for_somebody_but_not_agree_for_them(cycle, bea, chi):
    with on(9, 5):
        mine = applications.start(cycle, bea, Role.MENTEE, by=chi)
        applications.save(mine, make_answers(cycle.program, Role.MENTEE), by=chi)
        with pytest.raises(NotAllowed, match="Only the person can agree"):
            applications.agree(mine, by=chi)
        with pytest.raises(NotAllowed, match="has not come yet"):
            applications.agree(mine, by=chi, on_paper=True, accepted_on=date(2025, 9, 6))
        applications.agree(mine, by=chi, on_paper=True, accepted_on=date(2025, 9, 2))
        applications.submit(mine, by=chi)
    assert mine.state == State.ADMITTED
    assert set(mine.acceptances.values_list("on_paper", "accepted_on")) == {(True, date(2025, 9, 2))}
    lines = Entry.objects.filter(about=f"application:{mine.pk}", actor=chi.pk).order_by("pk")
    assert list(lines.values_list("verb", "role")) == [
        ("started", "chair"),
        ("agreed", "chair"),
        ("submitted", "chair"),
    ]


# Changing and withdrawing


def test_answers_can_be_changed_until_the_close_and_the_person_gets_a_copy(cycle, bea):
    with on(9, 5):
        mine = send(cycle, bea, Role.MENTEE)
        applications.save(mine, {"library_type": "school"}, by=bea)
        applications.save(mine, {"library_type": "school"}, by=bea)  # nothing new, no mail
        with pytest.raises(NotAllowed, match="needs an answer"):
            applications.save(mine, {"goal": None}, by=bea)
    mine.refresh_from_db()
    assert mine.library_type == "school"
    assert names() == ["application_received", "application_changed"]
    assert "A school library" in Message.objects.get(name="application_changed").text
    with on(10, 2), pytest.raises(NotAllowed, match="could be changed until"):
        applications.save(mine, {"library_type": "public"}, by=bea)


def test_withdrawing_takes_back_the_mail_that_has_not_left(cycle, bea):
    with on(9, 5):
        mine = send(cycle, bea, Role.MENTEE)
        applications.withdraw(mine, by=bea, note=" A new post. ")
    assert (mine.state, mine.withdrawal) == (State.WITHDRAWN, "A new post.")
    states = dict(Message.objects.values_list("name", "state"))
    assert states == {"application_received": "cancelled", "application_withdrawn": "queued"}
    with on(9, 6):
        assert send(cycle, bea, Role.MENTEE).pk != mine.pk


def test_who_is_matched_does_not_withdraw_but_tells_us_first(cycle, bea, mo):
    with on(9, 5):
        mos, beas = send(cycle, mo, Role.MENTOR), send(cycle, bea, Role.MENTEE)
        Place.objects.create(
            program=cycle.program, mentor_application=mos, mentor=mo, mentee=bea, slot=1, taken_at=clock.now()
        )
        for mine, person, partner in ((mos, mo, "Bea"), (beas, bea, "Mo")):
            with pytest.raises(NotAllowed, match="Tell us that you have to leave") as refused:
                applications.withdraw(mine, by=person)
            assert partner not in str(refused.value)  # they may not be introduced yet
    assert {mos.state, beas.state} == {State.ADMITTED}


def test_what_was_told_before_is_filled_in(kla, cycle, bea):
    make_question(kla, "style", order=9, role=Role.MENTOR)
    with on(9, 5):
        mos = send(cycle, bea, Role.MENTOR, employer="Larkin", style="Coach")
        shared, source = applications.answers_to_start_from(bea, cycle, Role.MENTEE)
        assert shared == {code: value for code, value in mos.answers.items() if code != "style"}
        assert source == "Filled in from your application as a mentor, 2025–26. The old one stays as it was."
        sam = make_person("sam@elsewhere.example.org", "Sam", "Stone")
        assert applications.answers_to_start_from(sam, cycle, Role.MENTEE) == ({}, "")
