"""What NASIG's guideline binds the software to, rule by rule, over the starting point "nasig"."""

from datetime import date

import pytest
from django.urls import reverse

from mail.models import Message
from matching import pool, proposals
from members import member_list
from members.journal import NotAllowed
from members.models import Membership
from mentoring import presets
from mentoring.tests.make import (
    announced,
    applies,
    evening,
    mails,
    make_chair,
    on,
    pair_of,
    seen,
    state_of,
    suggested,
    told,
    who,
)
from mentorships import check_ins, health, next_steps, requests, terms
from mentorships.models import CheckIn, Mentorship, NextStep, Request
from programs import applications, today
from programs.models import Acceptance, Role
from programs.tests.make import make_answers, make_member_rows

pytestmark = pytest.mark.django_db
MENTOR, MENTEE = Role.MENTOR, Role.MENTEE
AREA, OTHER = ["cataloging-and-metadata"], ["circulation-and-access-services"]


@pytest.fixture
def nasig():
    return presets.load("nasig").program


@pytest.fixture
def cycle(nasig):
    return nasig.cycles.get()


@pytest.fixture
def chair(nasig):
    return make_chair(nasig)


@pytest.fixture
def pair(nasig, cycle, chair):
    """Mo mentors Bea: applied in June, announced and introduced on 25 August, from 1 September on."""
    with on(2025, 6, 20):
        applies(cycle, "Mo", MENTOR)
        applies(cycle, "Bea", MENTEE, about="I hope to find my feet in metadata.", wish="Not my cousin.")
    with on(2025, 8, 18):
        announced(cycle, chair)
    evening(nasig, 2025, 8, 25)
    return pair_of("Bea")


@pytest.mark.requirement("R-NASIG-01", "R-NASIG-37")
@pytest.mark.parametrize("stage", ["library-school-student", "new-professional-0-2-years", "early-career-3-5-years"])
def test_who_studies_or_has_just_begun_is_matched_with_somebody_experienced_who_reads_where_they_stand(
    nasig, cycle, chair, stage, client
):
    with on(2025, 6, 20):
        applies(cycle, "Mo", MENTOR, career_stage="senior-16-years-or-more")
        assert applies(cycle, "Bea", MENTEE, career_stage=stage).state == "admitted"
    with on(2025, 8, 18):
        assert suggested(cycle, chair) == {("Mo", "Bea")}
        proposals.announce(cycle, by=chair)
    evening(nasig, 2025, 8, 25)
    question = nasig.questions.get(moment="application", role="mentee", code="career_stage")
    label = next(option["label"] for option in question.options if option["code"] == stage)
    with on(2025, 9, 2):
        assert label in seen(client, who("Mo"), pair_of("Bea").get_absolute_url()).replace("&#x27;", "'")


@pytest.mark.requirement("R-NASIG-35")
@pytest.mark.parametrize("stage", ["new-professional-0-2-years", "mid-career-6-15-years", "retired"])
@pytest.mark.parametrize("library", ["school", "university", "vendor"])
def test_a_mentor_of_any_level_and_library_is_in(cycle, stage, library):
    with on(2025, 6, 20):
        mo = applies(cycle, "Mo", MENTOR, career_stage=stage, library_type=library)
        assert (mo.state, pool.read(cycle, cycle.today()).free) == ("admitted", {str(mo.pk): 1})


@pytest.mark.requirement("R-NASIG-06", "R-NASIG-32", "R-NASIG-34")
@pytest.mark.parametrize(
    ("role", "whole"), [("mentor", "The whole way with my mentee"), ("mentee", "The whole way with my mentor")]
)
def test_nobody_goes_in_without_the_code_of_conduct_and_the_promise_to_stay(cycle, role, whole):
    with on(2025, 6, 20):
        draft = applications.start(cycle, who("Mo"), role)
        applications.save(draft, make_answers(cycle.program, role), by=draft.user)
        with pytest.raises(NotAllowed) as refused:
            applications.submit(draft, by=draft.user)
        assert refused.value.reasons == [f"Not agreed yet: {title}." for title in ("The code of conduct", whole)]
        applications.agree(draft, by=draft.user)
        assert applications.submit(draft, by=draft.user).state == "admitted"
    kept = Acceptance.objects.filter(application=draft).values_list("gate__code", "version", "accepted_on")
    assert set(kept) == {(f"{code}_{role}", 1, date(2025, 6, 20)) for code in ("conduct", "commitment")}


@pytest.mark.requirement("R-NASIG-06")
def test_a_new_version_of_the_code_is_asked_of_whoever_sends_after_it(nasig, cycle):
    with on(2025, 6, 20):
        before = applies(cycle, "Bea", MENTEE)
        draft = applications.start(cycle, who("Cal"), MENTEE)
        applications.save(draft, make_answers(nasig, MENTEE), by=draft.user)
        applications.agree(draft, by=draft.user)
        nasig.gates.filter(code="conduct_mentee").update(version=2, text="The new code.")
        with pytest.raises(NotAllowed, match="Not agreed yet: The code of conduct"):
            applications.submit(draft, by=draft.user)
        applications.agree(draft, by=draft.user)
        applications.submit(draft, by=draft.user)
    of_code = Acceptance.objects.filter(gate__code="conduct_mentee").order_by("pk")
    assert [(one.application.user.first_name, one.version) for one in of_code] == [("Bea", 1), ("Cal", 1), ("Cal", 2)]
    assert (state_of(before), state_of(draft)) == ("admitted", "admitted")


@pytest.mark.requirement("R-NASIG-38", "R-NASIG-40")
def test_when_mentors_are_short_priority_areas_and_the_undecided_come_first_however_well_another_fits(cycle, chair):
    with on(2025, 6, 20):
        applies(cycle, "Mo", MENTOR, areas=OTHER)
        applies(cycle, "Ann", MENTOR, areas=OTHER)
        applies(cycle, "Cal", MENTEE, areas=OTHER)
        bea = applies(cycle, "Bea", MENTEE, areas=AREA)
        dan = applies(cycle, "Dan", MENTEE, areas=["undecided-still-exploring"])
        found = pool.read(cycle, cycle.today())
    tiers = {str(found.people[name].user.first_name): tier for name, tier in found.tiers.items()}
    assert tiers == {"Bea": 1, "Dan": 1, "Cal": 2}
    with on(2025, 8, 18):
        assert {mentee for _mentor, mentee in suggested(cycle, chair)} == {"Bea", "Dan"}
    assert [state_of(one) for one in (bea, dan)] == ["admitted"] * 2


@pytest.mark.requirement("R-NASIG-38")
def test_who_is_left_over_is_listed_with_the_reason_and_told_and_a_free_mentor_would_take_them(
    nasig, cycle, chair, client
):
    with on(2025, 6, 20):
        applies(cycle, "Mo", MENTOR, areas=OTHER)
        cal = applies(cycle, "Cal", MENTEE, areas=OTHER)
        applies(cycle, "Bea", MENTEE, areas=AREA)
    with on(2025, 8, 18):
        assert suggested(cycle, chair) == {("Mo", "Bea")}
        desk = seen(client, chair, reverse("admin:matching_desk", args=[cycle.pk]))
        assert "Cal Sample" in desk
        proposals.announce(cycle, by=chair)
    evening(nasig, 2025, 8, 25)
    assert (mails("not_matched"), state_of(cal)) == (["Cal"], "admitted")
    with on(2025, 7, 30):
        applies(cycle, "Ann", MENTOR, areas=AREA)
    with on(2025, 8, 26):
        assert suggested(cycle, chair) == {("Ann", "Cal")}


@pytest.mark.requirement("R-NASIG-33")
def test_membership_counts_on_the_day_the_year_begins_and_neither_before_nor_after(nasig, cycle, chair):
    with on(2025, 6, 20):
        for name, role in (("Mo", MENTOR), ("Bea", MENTEE), ("Ann", MENTOR), ("Cal", MENTEE)):
            assert applies(cycle, name, role, member=False).state == "admitted"
        found = member_list.read(nasig.association, make_member_rows(who("Ann").email, who("Cal").email))
        member_list.apply(nasig.association, found, seen_on=date(2025, 6, 20), by=chair)
    with on(2025, 8, 18):
        announced(cycle, chair)
    evening(nasig, 2025, 8, 25)
    running = Mentorship.objects.running()
    assert running.count() == 2
    Membership.objects.filter(email=who("Cal").email).update(valid_until=date(2025, 9, 1))
    Membership.objects.filter(email=who("Ann").email).update(valid_until=date(2025, 8, 31))
    for day in (date(2025, 8, 31), date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 10)):
        evening(nasig, day.year, day.month, day.day)
    assert sorted(mails("membership_reminder")) == ["Ann", "Bea", "Mo"]
    assert "The membership on the list ended on Sunday, 31" in told("membership_reminder", "Ann")
    assert (running.count(), {state_of(row) for row in cycle.applications.all()}) == (2, {"admitted"})


@pytest.mark.requirement("R-NASIG-33")
def test_for_fourteen_days_the_committee_reads_who_was_no_member_on_the_first_day(nasig, cycle, chair):
    with on(2025, 6, 20):
        applies(cycle, "Mo", MENTOR, member=False)
        applies(cycle, "Bea", MENTEE, member=False)
        applies(cycle, "Cal", MENTEE)

    def heads(month, day):
        with on(2025, month, day):
            return [(task.head, task.text) for task in today.tasks(chair, cycle, date(2025, month, day))]

    words = "We have written to them; nobody loses a partner over it."
    two = [("2 people were no members as the year began.", f"Mo Sample, Bea Sample. {words}")]
    assert [heads(8, 31), heads(9, 1), heads(9, 15), heads(9, 16)] == [[], two, two, []]
    found = member_list.read(nasig.association, make_member_rows(who("Mo").email, valid_from="2025-09-05"))
    member_list.apply(nasig.association, found, seen_on=date(2025, 9, 5), by=chair)
    assert heads(9, 6) == [("1 person was no member as the year began.", f"Bea Sample. {words}")]


@pytest.mark.requirement("R-NASIG-08")
def test_nobody_reads_how_to_reach_the_other_before_the_introduction(nasig, cycle, chair, client):
    with on(2025, 6, 20):
        mos, beas = applies(cycle, "Mo", MENTOR), applies(cycle, "Bea", MENTEE)
    with on(2025, 8, 18):
        announced(cycle, chair)
    addresses = {"Mo": who("Bea").email, "Bea": who("Mo").email}
    with on(2025, 8, 24):
        for application in (mos, beas):
            other = addresses[application.user.first_name]
            for url in (reverse("my"), application.get_absolute_url()):
                assert other not in seen(client, application.user, url)
    assert not Message.objects.filter(text__contains=addresses["Mo"]).exclude(to_email=addresses["Mo"]).exists()
    evening(nasig, 2025, 8, 25)
    assert [addresses[name] in told("introduction", name) for name in ("Mo", "Bea")] == [True, True]


@pytest.mark.requirement("R-NASIG-09")
def test_the_mentor_reads_what_the_mentee_shares_and_is_asked_after_a_week_whether_they_wrote(nasig, pair, client):
    with on(2025, 8, 26):
        page = seen(client, pair.mentor, pair.get_absolute_url())
    assert ("I hope to find my feet in metadata." in page, "Not my cousin." in page) == (True, False)
    assert "Mo writes first." in told("introduction", "Mo")
    evening(nasig, 2025, 8, 31)
    assert mails("first_contact") == []
    evening(nasig, 2025, 9, 1)
    assert sorted(mails("first_contact")) == ["Bea", "Mo"]


@pytest.mark.requirement("R-NASIG-04")
def test_who_cannot_go_on_says_so_the_committee_and_the_partner_hear_and_the_partner_is_matched_again(
    nasig, cycle, chair, pair
):
    with on(2025, 7, 30):
        applies(cycle, "Ann", MENTOR)
    with on(2025, 10, 1):
        asked = requests.ask(pair, Request.Kind.LEAVE, by=pair.mentor, note="A new job.")
        to = Message.objects.get(name="request_for_committee").to_email
        requests.settle(asked, Request.State.DONE, by=chair)
        step = NextStep.objects.get(user=pair.mentee)
        next_steps.answer(step, "new", by=pair.mentee)
        again = suggested(cycle, chair)
    assert (to, mails("ended_early"), again) == ("mentoring@nasig.example.org", ["Bea"], {("Ann", "Bea")})


@pytest.mark.requirement("R-NASIG-05", "R-NASIG-32")
def test_the_committee_may_end_a_pair_both_are_told_the_reason_stays_private_and_the_history_stays(chair, pair):
    with on(2025, 11, 3):
        terms.end_early(pair, by=chair, reason="other", words={pair.mentor_id: "This was against our code."})
    assert sorted(mails("ended_early")) == ["Bea", "Mo"]
    assert ["against our code" in told("ended_early", name) for name in ("Mo", "Bea")] == [True, False]
    pair.refresh_from_db()
    assert (pair.state, pair.ended_on, pair.end_reason) == ("ended", date(2025, 11, 3), "other")


@pytest.mark.requirement("R-NASIG-25", "R-NASIG-29")
def test_a_pair_that_reports_nothing_all_year_is_asked_once_and_ends_well(nasig, pair):
    for year, month in [(2025, 9), (2025, 10), (2025, 11), (2025, 12), *((2026, month) for month in range(1, 5))]:
        evening(nasig, year, month, 28)
    assert list(CheckIn.objects.values_list("user__first_name", "moment").order_by("user__first_name")) == [
        ("Bea", "first_contact"),
        ("Mo", "first_contact"),
    ]
    assert state_of(pair) == "open"
    evening(nasig, 2026, 5, 31)
    assert state_of(pair) == "completed"


@pytest.mark.requirement("R-NASIG-29")
def test_how_often_they_talk_nobody_asks_and_silence_after_the_first_word_is_fine(nasig, pair):
    evening(nasig, 2025, 9, 1)
    with on(2025, 9, 2):
        check_ins.answer(CheckIn.objects.get(user=pair.mentee), "yes", by=pair.mentee)
    for month in (9, 10, 11, 12):
        evening(nasig, 2025, month, 28)
    pair.refresh_from_db()
    assert health.of(pair.facts(), today=date(2025, 12, 28)).colour == "green"
    assert nasig.questions.filter(moment="check_in").count() == 0


@pytest.mark.requirement("R-NASIG-13")
def test_the_months_topic_is_with_the_mentor_on_the_last_working_day_before_and_with_the_mentee_on_the_first(
    nasig, pair
):
    had = {}
    for month, day in ((8, 28), (8, 29), (8, 31), (9, 1)):
        evening(nasig, 2025, month, day)
        had[month, day] = mails("topic")
    assert had == {(8, 28): [], (8, 29): ["Mo"], (8, 31): ["Mo"], (9, 1): ["Mo", "Bea"]}
