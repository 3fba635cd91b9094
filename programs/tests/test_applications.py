"""Applying, in the words of the guideline: who may, what is asked, and when."""

from datetime import date

import pytest

from mail.models import Message
from members import clock
from members.journal import NotAllowed
from programs import applications, cycles, due, questions
from programs.models import Acceptance, Application, Gate, Question, Role
from programs.tests.applying import names, on, verbs
from programs.tests.make import fill_in, make_answers, make_member, make_person, make_question, send

pytestmark = pytest.mark.django_db
State = Application.State


# Who may take part


@pytest.mark.requirement("R-KLA-07", "R-KLA-08", "R-KLA-21", "R-KLA-30")
@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("years", [0, 45])
def test_a_member_is_in_whatever_their_role_and_years(cycle, bea, role, years):
    with on(9, 5):
        mine = send(cycle, bea, role, years=years)
    assert (mine.state, mine.years) == (State.ADMITTED, years)
    assert verbs(mine) == ["started", "agreed", "submitted", "admitted"]
    assert names() == ["application_received"]


@pytest.mark.requirement("R-KLA-02")
def test_who_has_worked_for_two_years_may_be_a_mentor_and_who_has_for_thirty_a_mentee(cycle, bea, mo):
    with on(9, 5):
        assert send(cycle, bea, Role.MENTOR, years=2).state == State.ADMITTED
        assert send(cycle, mo, Role.MENTEE, years=30).state == State.ADMITTED


@pytest.mark.requirement("R-KLA-08", "R-KLA-09")
def test_people_at_every_point_of_their_working_life_are_in_and_say_where_they_stand(kla, cycle):
    stages = ["New to the state", "Support staff", "Library school student", "Senior (16+ years)", "New director"]
    options = [{"code": stage.lower().replace(" ", "-"), "label": stage} for stage in stages]
    make_question(kla, "career_stage", Question.Kind.SEVERAL, options=options, label="Where are you on your way?")
    with on(9, 5):
        for number, option in enumerate(options):
            person = make_person(f"p{number}@larkin.example.net", "P", str(number))
            make_member(kla.association, person.email)
            mine = send(cycle, person, Role.MENTEE, career_stage=[option["code"]])
            said = {answer.label: answer.text for answer in questions.labelled(mine.form_version, mine.answers)}
            assert (mine.state, said["Where are you on your way?"]) == (State.ADMITTED, option["label"])


@pytest.mark.requirement("R-KLA-07", "R-NELA-31")
def test_who_is_not_found_on_the_member_list_is_kept_with_their_place(cycle, cal):
    with on(9, 5):
        mine = send(cycle, cal, Role.MENTEE)
    assert (mine.state, mine.held_until) == (State.HELD, date(2025, 9, 26))
    cycle.refresh_from_db()
    assert cycle.taken_mentees == 1
    [mail] = Message.objects.all()
    assert (mail.name, mail.key) == ("checking_membership", f"application:{mine.pk}:checking_membership")
    assert "Friday, 26\xa0September" in mail.text
    assert mail.reply_to == "mentoring@kla.example.org"


@pytest.mark.requirement("R-KLA-07", "R-NELA-31")
def test_a_kept_application_goes_in_by_itself_when_the_membership_is_found(kla, cycle, cal):
    with on(9, 5):
        mine = send(cycle, cal, Role.MENTEE)
        with pytest.raises(NotAllowed, match="not found a membership"):
            applications.release(mine)
    make_member(kla.association, cal.email, valid_from=date(2025, 9, 8))
    with on(9, 10):
        applications.release(mine)
    assert mine.state == State.ADMITTED
    assert names() == ["checking_membership", "membership_found"]
    assert Message.objects.get(name="checking_membership").state == Message.State.CANCELLED


def test_the_day_of_joining_counts_not_the_day_of_the_list(kla, cycle, cal):
    with on(9, 5):
        mine = send(cycle, cal, Role.MENTEE)
    make_member(kla.association, cal.email, valid_from=date(2025, 9, 27))
    with on(9, 29), pytest.raises(NotAllowed):  # joined a day too late
        applications.release(mine)
    make_member(kla.association, "cal@other.example.net", valid_from=date(2025, 9, 26))
    mine.user.emailaddress_set.create(email="cal@other.example.net", verified=True)
    with on(9, 29):
        applications.release(mine)
    assert mine.state == State.ADMITTED


def test_an_address_that_is_not_proved_finds_nobody(kla, cycle, cal):
    make_member(kla.association, "bea@larkin.example.net")
    cal.emailaddress_set.create(email="bea@larkin.example.net", verified=False)
    with on(9, 5):
        mine = send(cycle, cal, Role.MENTEE)
        applications.claim(mine, email="Bea@Larkin.example.net", number=" KLA-7 ", by=cal)
        assert (mine.claimed_email, mine.claimed_number) == ("bea@larkin.example.net", "KLA-7")
        with pytest.raises(NotAllowed):
            applications.release(mine)
    assert mine.state == State.HELD


def test_after_the_last_day_the_place_goes_to_somebody_else(cycle, cal):
    with on(9, 5):
        mine = send(cycle, cal, Role.MENTEE)
    with on(9, 26), pytest.raises(NotAllowed, match="still kept"):
        applications.expire(mine)
    with on(9, 27):
        applications.expire(mine)
    cycle.refresh_from_db()
    assert (mine.state, cycle.taken_mentees) == (State.EXPIRED, 0)
    assert names() == ["checking_membership", "not_this_time"]


# What the form asks


@pytest.mark.requirement("R-KLA-03", "R-KLA-06", "R-KLA-22", "R-NELA-30", "R-NMRT-25", "R-NASIG-34")
def test_without_the_agreements_nothing_is_sent_and_nothing_is_lost(cycle, bea):
    with on(9, 5):
        mine = applications.start(cycle, bea, Role.MENTEE)
        applications.save(mine, make_answers(cycle.program, Role.MENTEE, goal="Breathe."), by=bea)
        with pytest.raises(NotAllowed) as refused:
            applications.submit(mine, by=bea)
    assert refused.value.reasons == [
        "Not agreed yet: What we hear stays with us.",
        "Not agreed yet: What this program can't do.",
        "Not agreed yet: A year with my mentor.",
    ]
    mine.refresh_from_db()
    assert (mine.state, mine.answers["goal"], mine.sent_at) == (State.DRAFT, "Breathe.", None)
    assert names() == []


@pytest.mark.requirement("R-KLA-03", "R-NELA-30", "R-NMRT-25", "R-NASIG-06")
def test_an_agreement_is_kept_as_it_was_worded_and_asked_again_when_it_changes(cycle, bea):
    with on(9, 5):
        mine = fill_in(cycle, bea, Role.MENTOR)
        gate = Gate.objects.get(code="confidential")
        kept = Acceptance.objects.get(application=mine, gate=gate)
        assert (kept.version, kept.wording, kept.accepted_on) == (1, gate.text, date(2025, 9, 5))
        Gate.objects.filter(pk=gate.pk).update(version=2, text="I keep it to myself, also afterwards.")
        with pytest.raises(NotAllowed, match="Not agreed yet: What we hear"):
            applications.submit(mine, by=bea)
        applications.agree(mine, by=bea)
        assert applications.submit(mine, by=bea).state == State.ADMITTED
    assert list(Acceptance.objects.filter(gate=gate).values_list("version", flat=True)) == [1, 2]


def test_what_was_agreed_when_it_was_sent_stays_agreed_when_the_wording_changes(kla, cycle, cal, mo, chi):
    with on(9, 5):
        kept, late = send(cycle, cal, Role.MENTEE), fill_in(cycle, mo, Role.MENTOR)
    with on(10, 2):
        applications.submit(late, by=mo)
        Gate.objects.filter(code="confidential").update(version=2, text="I keep it to myself, also afterwards.")
        applications.admit(late, by=chi)
    make_member(kla.association, cal.email)
    with on(9, 20):
        assert [line.what for line in due.due(clock.now())] == ["membership_found"]
    kept.refresh_from_db()
    assert (late.state, kept.state) == (State.ADMITTED, State.ADMITTED)


@pytest.mark.requirement("R-KLA-11", "R-KLA-31")
def test_what_needs_an_answer_is_named_question_by_question(cycle, bea):
    with on(9, 5):
        mine = applications.start(cycle, bea, Role.MENTEE)
        applications.save(mine, {"library_type": "public", "years": 0}, by=bea)
        applications.agree(mine, by=bea)
        with pytest.raises(NotAllowed) as refused:
            applications.submit(mine, by=bea)
    assert refused.value.reasons == [
        "“What would you like to talk about?” This needs an answer.",
        "“What would make the year worth it?” This needs an answer.",
    ]


@pytest.mark.requirement("R-KLA-13")
def test_what_the_committee_filters_by_is_copied_when_it_is_sent(cycle, bea):
    with on(9, 5):
        mine = send(cycle, bea, Role.MENTEE, employer="The Univ. of Svensson", years=4, library_type="school")
    mine.refresh_from_db()
    assert (mine.employer, mine.employer_group) == ("The Univ. of Svensson", "university svensson")
    assert (mine.years, mine.library_type, mine.region, mine.mentees_wanted) == (4, "school", "", 1)
    answered = {answer.code: answer.text for answer in questions.labelled(mine.form_version, mine.answers)}
    assert answered["library_type"] == "A school library"


def test_sections_are_saved_one_by_one_and_an_answer_can_be_taken_away(cycle, bea):
    with on(9, 5):
        mine = applications.start(cycle, bea, Role.MENTEE)
        applications.save(mine, {"employer": "Larkin", "library_type": "public"}, by=bea)
        applications.save(mine, {"employer": None, "years": 2}, by=bea)
    assert mine.answers == {"library_type": "public", "years": 2}
    with on(9, 5), pytest.raises(NotAllowed, match="library_type|kind of library"):
        applications.save(mine, {"library_type": "castle"}, by=bea)


def test_two_pages_saved_at_once_keep_both(cycle, bea):
    with on(9, 5):
        mine = applications.start(cycle, bea, Role.MENTEE)
        same = Application.objects.get(pk=mine.pk)
        applications.save(mine, {"employer": "Larkin"}, by=bea)
        applications.save(same, {"years": 2}, by=bea)
    mine.refresh_from_db()
    assert mine.answers == {"employer": "Larkin", "years": 2}


# When


@pytest.mark.requirement("R-NELA-14")
def test_before_the_opening_nobody_applies_and_the_day_is_named(cycle, bea):
    with on(8, 31), pytest.raises(NotAllowed, match="Monday, 1\xa0September"):
        applications.start(cycle, bea, Role.MENTEE)
    with on(9, 1, hour=3), pytest.raises(NotAllowed):  # 23:00 of the day before in Kentucky
        applications.start(cycle, bea, Role.MENTEE)
    with on(9, 1, hour=4):
        assert applications.start(cycle, bea, Role.MENTEE).state == State.DRAFT


def test_the_last_minute_of_the_last_day_is_in_time(cycle, bea, mo):
    with on(9, 5):
        beas, mos = fill_in(cycle, bea, Role.MENTEE), fill_in(cycle, mo, Role.MENTOR)
    with on(10, 1, hour=3):
        applications.submit(beas, by=bea)
    with on(10, 1, hour=4):
        applications.submit(mos, by=mo)
    assert (beas.late, beas.state) == (False, State.ADMITTED)
    assert (mos.late, mos.state) == (True, State.SUBMITTED)


def test_a_late_application_waits_for_the_committee(cycle, bea, chi):
    with on(10, 3):
        mine = send(cycle, bea, Role.MENTEE)
        assert (mine.state, mine.late, names()) == (State.SUBMITTED, True, ["late_application"])
        applications.admit(mine, by=chi)
    assert (mine.state, names()) == (State.ADMITTED, ["late_application", "accepted"])


def test_a_late_applicant_who_is_no_member_yet_is_not_accepted(cycle, cal, chi):
    with on(10, 3):
        mine = send(cycle, cal, Role.MENTEE)
        assert mine.state == State.SUBMITTED
        with pytest.raises(NotAllowed, match="not found a membership"):
            applications.admit(mine, by=chi)


@pytest.mark.requirement("R-NELA-14")
def test_once_the_matches_are_announced_or_the_doors_are_shut_nobody_applies(cycle, bea, mo, chi):
    with on(10, 15), pytest.raises(NotAllowed, match="are over"):
        applications.start(cycle, bea, Role.MENTEE)
    with on(9, 5):
        mine = fill_in(cycle, mo, Role.MENTOR)
        cycles.close_by_hand(cycle, by=chi)
        mine.cycle.shut = True
        for refused in (lambda: applications.start(cycle, bea, Role.MENTEE), lambda: applications.submit(mine, by=mo)):
            with pytest.raises(NotAllowed, match="has closed applications"):
                refused()
        cycles.open_again(cycle, by=chi)
        mine.cycle.shut = False
        assert applications.submit(mine, by=mo).state == State.ADMITTED


def test_a_second_click_finds_the_first(cycle, bea):
    with on(9, 5):
        first = applications.start(cycle, bea, Role.MENTEE)
        assert applications.start(cycle, bea, Role.MENTEE) == first
        mine = fill_in(cycle, bea, Role.MENTEE)
        again = Application.objects.get(pk=mine.pk)
        applications.submit(mine, by=bea)
        assert applications.submit(again, by=bea).state == State.ADMITTED
    assert mine == first
    assert names() == ["application_received"]
    cycle.refresh_from_db()
    assert cycle.taken_mentees == 1


@pytest.mark.requirement("R-NELA-32")
def test_one_person_may_be_a_mentor_and_a_mentee(cycle, bea):
    with on(9, 5):
        assert send(cycle, bea, Role.MENTEE).pk != send(cycle, bea, Role.MENTOR).pk
