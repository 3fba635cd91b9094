"""What NELA's guideline binds the software to, rule by rule, over the starting point "nela"."""

from datetime import date

import pytest
from django.urls import reverse

from matching import offers, pool, proposals
from matching.models import Match
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
from mentorships import check_ins, extension, health
from mentorships.models import CheckIn, Extension, Mentorship
from programs import applications, cycles, training
from programs.models import Acceptance, Place, Role
from programs.tests.make import fill_in, make_member_rows

pytestmark = pytest.mark.django_db
MENTOR, MENTEE = Role.MENTOR, Role.MENTEE
HERE = {"library_type": "public-rural", "region": "maine", "employer": "Here"}


@pytest.fixture
def nela():
    return presets.load("nela").program


@pytest.fixture
def fall(nela):
    return nela.cycles.get(slug="fall-2025")


@pytest.fixture
def spring(nela):
    return nela.cycles.get(slug="spring-2026")


@pytest.fixture
def chair(nela):
    return make_chair(nela)


def says_yes(cycle, name):
    match = Match.objects.get(cycle=cycle, state="offered", mentor_application__user=who(name))
    offers.answer(match, "yes", by=match.mentor_application.user)


def attend(cycle, *names, by):
    training.note(cycle.trainings.earliest("starts_at"), {who(name).pk for name in names}, by=by)


@pytest.fixture
def ann_and_bea(fall, chair):
    """Ann mentors Bea: applied in September, matched in October, introduced on 5 November after the workshop."""
    with on(2025, 9, 10):
        applies(fall, "Ann", MENTOR, employer="Ann's", areas=["cataloging-and-metadata"])
        applies(fall, "Bea", MENTEE, employer="Bea's", areas=["cataloging-and-metadata"], needs="A quiet line.")
    with on(2025, 10, 20):
        announced(fall, chair)
    evening(fall.program, 2025, 10, 20)
    with on(2025, 10, 21):
        says_yes(fall, "Ann")
    with on(2025, 11, 5):
        attend(fall, "Ann", "Bea", by=chair)
    evening(fall.program, 2025, 11, 5)
    return pair_of("Bea")


@pytest.mark.requirement("R-NELA-04")
def test_support_staff_take_part_like_librarians_and_what_they_need_is_read_by_the_committee_alone(fall):
    with on(2025, 9, 10):
        mentor = applies(fall, "Ann", MENTOR, position_type="paraprofessional", years=1, needs="No stairs.")
        mentee = applies(fall, "Bea", MENTEE, career_stage="paraprofessional-or-support-staff", years=0)
        found = pool.read(fall, fall.today())
    assert [state_of(one) for one in (mentor, mentee)] == ["admitted"] * 2
    assert (found.mentors, found.mentees) == ((str(mentor.pk),), (str(mentee.pk),))
    assert (mentor.answers["needs"], "No stairs." in str(found.features)) == ("No stairs.", False)


@pytest.mark.requirement("R-NELA-07")
def test_who_shares_interests_is_suggested_and_who_finds_nobody_is_told(fall, chair):
    with on(2025, 9, 10):
        applies(fall, "Ann", MENTOR, employer="Ann's", areas=["cataloging-and-metadata"])
        cal = applies(fall, "Cal", MENTEE, employer="Cal's", areas=["acquisitions"])
        applies(fall, "Bea", MENTEE, employer="Bea's", areas=["cataloging-and-metadata"])
    with on(2025, 10, 20):
        assert suggested(fall, chair) == {("Ann", "Bea")}
        proposals.announce(fall, by=chair)
    evening(fall.program, 2025, 10, 20)
    assert (mails("not_matched"), state_of(cal)) == (["Cal"], "admitted")


@pytest.mark.requirement("R-NELA-39")
@pytest.mark.parametrize("shared", ["library_type", "region"])
def test_the_same_area_weighs_more_than_the_same_library_or_place(fall, chair, shared):
    apart = {"library_type": "school", "region": "vermont"}
    with on(2025, 9, 10):
        applies(fall, "Mo", MENTOR, areas=["acquisitions"], **{**apart, shared: HERE[shared]})
        applies(fall, "Ann", MENTOR, areas=["cataloging-and-metadata"], **apart)
        applies(fall, "Bea", MENTEE, areas=["cataloging-and-metadata"], **HERE)
    with on(2025, 10, 20):
        assert suggested(fall, chair) == {("Ann", "Bea")}


@pytest.mark.requirement("R-NELA-37")
def test_two_of_one_employer_are_never_suggested_however_alike(fall, chair):
    with on(2025, 9, 10):
        ann = applies(fall, "Ann", MENTOR, **HERE)
        bea = applies(fall, "Bea", MENTEE, **HERE)
        assert suggested(fall, chair) == set()
        with pytest.raises(NotAllowed, match="Your rules speak against it"):
            proposals.assign(fall, bea, ann, by=chair)
        applies(fall, "Mo", MENTOR, employer="Elsewhere")
        assert suggested(fall, chair) == {("Mo", "Bea")}


@pytest.mark.requirement("R-NELA-12", "R-NELA-13", "R-NELA-14")
def test_eighteen_mentees_are_in_the_nineteenth_waits_and_the_page_says_that_it_is_full(nela, fall, spring, client):
    with on(2025, 9, 10):
        states = [applies(fall, f"Bea{number}", MENTEE).state for number in range(19)]
        full = " ".join(client.get(nela.get_absolute_url()).content.decode().split())
        mentor = applies(fall, "Ann", MENTOR)
    assert states == ["admitted"] * 18 + ["waitlisted"]
    assert (cycles.drift(fall), mentor.state) == ({"mentor": 0, "mentee": 0}, "admitted")
    assert "<b>Full</b> this time: all 18 mentee places are taken" in full
    assert reverse("apply", args=["nela", "fall-2025", "mentee"]) in full
    assert "you can also ask us to keep it for the next round" in told("waiting_list", "Bea18")


@pytest.mark.requirement("R-NELA-14")
def test_whether_one_can_apply_follows_from_the_dates_and_a_hand_closes_it_earlier(nela, fall, chair, client):
    form = reverse("apply", args=["nela", "fall-2025", "mentee"])
    open_on = {}
    for month, day in ((8, 31), (9, 1), (9, 30), (10, 20)):
        with on(2025, month, day):
            open_on[month, day] = form in client.get(nela.get_absolute_url()).content.decode()
    assert open_on == {(8, 31): False, (9, 1): True, (9, 30): True, (10, 20): False}
    with on(2025, 9, 10):
        cycles.close_by_hand(fall, by=chair)
        assert form not in client.get(nela.get_absolute_url()).content.decode()
        with pytest.raises(NotAllowed, match="The committee has closed applications for Fall 2025"):
            applications.start(fall, who("Bea"), MENTEE)


@pytest.mark.requirement("R-NELA-19")
def test_membership_is_looked_at_again_when_we_match_and_when_we_announce(fall, chair):
    with on(2025, 9, 10):
        ann, bea = applies(fall, "Ann", MENTOR, employer="A"), applies(fall, "Bea", MENTEE, employer="B")
    assert [ann.state, bea.state] == ["admitted"] * 2
    with on(2025, 10, 15):
        assert suggested(fall, chair) == {("Ann", "Bea")}
    Membership.objects.filter(email=who("Bea").email).update(valid_until=date(2025, 10, 16))
    with on(2025, 10, 20):
        [left_out] = proposals.announcement(fall, by=chair).left_out
        assert left_out.why == "A requirement is not met any more: Bea Sample."
        with pytest.raises(NotAllowed, match="There is no proposed pair to announce yet"):
            proposals.announce(fall, by=chair)
        assert suggested(fall, chair) == set()
        with pytest.raises(NotAllowed, match="a requirement"):
            proposals.assign(fall, bea, ann, by=chair, note="She will renew.")


@pytest.mark.requirement("R-NELA-31", "R-NELA-19")
def test_who_is_no_member_yet_applies_is_told_where_to_join_and_is_in_when_the_list_says_so(nela, fall, chair):
    with on(2025, 9, 10):
        bea = applies(fall, "Bea", MENTEE, member=False)
    assert (bea.state, "https://nela.example.org/join/" in told("checking_membership", "Bea")) == ("held", True)
    assert pool.read(fall, date(2025, 9, 11)).mentees == ()
    with on(2025, 9, 15):
        found = member_list.read(nela.association, make_member_rows(who("Bea").email))
        member_list.apply(nela.association, found, seen_on=date(2025, 9, 15), by=chair)
    evening(nela, 2025, 9, 15)
    assert (state_of(bea), mails("membership_found")) == ("admitted", ["Bea"])


@pytest.mark.requirement("R-NELA-17", "R-NELA-22")
def test_after_the_yes_both_wait_for_the_workshop_whoever_came_to_which(nela, fall, chair):
    with on(2025, 9, 10):
        applies(fall, "Ann", MENTOR, employer="A"), applies(fall, "Bea", MENTEE, employer="B")
    with on(2025, 10, 20):
        announced(fall, chair)
    evening(nela, 2025, 10, 20)
    with on(2025, 10, 21):
        says_yes(fall, "Ann")
    with on(2025, 11, 5):
        attend(fall, "Ann", by=chair)
    evening(nela, 2025, 11, 5)
    assert not Mentorship.objects.exists()
    second = fall.trainings.latest("starts_at")
    with on(2025, 11, 19):
        assert [str(one.application.user) for one in training.missing(fall)] == ["Bea Sample"]
        training.note(second, {who("Bea").pk}, by=chair)
    evening(nela, 2025, 11, 19)
    assert pair_of("Bea").introduced_on() == date(2025, 11, 19)


@pytest.mark.requirement("R-NELA-23")
def test_a_pairs_year_is_its_own_twelve_months_and_over_on_its_last_evening(nela, ann_and_bea):
    term = ann_and_bea.term()
    assert (term.begins_on, term.ends_on) == (date(2025, 11, 5), date(2026, 11, 4))
    evening(nela, 2026, 11, 3)
    assert state_of(ann_and_bea) == "open"
    evening(nela, 2026, 11, 4)
    assert state_of(ann_and_bea) == "completed"


@pytest.mark.requirement("R-NELA-24")
def test_once_a_month_is_said_at_the_introduction_asked_in_check_ins_and_less_is_nothing_bad(nela, ann_and_bea):
    introduction = told("introduction", "Ann")
    assert "Talk once a month, by phone, video, mail or in person." in introduction
    evening(nela, 2026, 2, 5)
    asked = CheckIn.objects.filter(moment="check_in")
    assert sorted(one.user.first_name for one in asked) == ["Ann", "Bea"]
    with on(2026, 2, 6):
        for one in asked:
            check_ins.answer(one, "fine", by=one.user, answers={"rhythm": "less-than-monthly", "times": 2})
    ann_and_bea.refresh_from_db()
    assert health.of(ann_and_bea.facts(), today=date(2026, 2, 7)).colour == "green"


@pytest.mark.requirement("R-NELA-27")
def test_a_mentor_whose_year_runs_is_neither_suggested_nor_announced_in_the_next_cycle(spring, chair, ann_and_bea):
    with on(2026, 3, 10):
        anns = applies(spring, "Ann", MENTOR, employer="A", mentees_wanted=3)
        cals = applies(spring, "Cal", MENTEE, employer="C")
    with on(2026, 4, 18):
        assert pool.read(spring, spring.today()).free == {str(anns.pk): 0}
        assert suggested(spring, chair) == set()
        with pytest.raises(NotAllowed, match="Every place of Ann Sample is taken"):
            proposals.assign(spring, cals, anns, by=chair, note="One more.")
        Match.objects.create(cycle=spring, mentor_application=anns, mentee_application=cals, made_at=cals.sent_at)
        with pytest.raises(NotAllowed, match="Ann Sample has no place left: Bea Sample came first"):
            proposals.announce(spring, by=chair)
    assert list(Place.objects.values_list("mentee__first_name", flat=True)) == ["Bea"]


@pytest.mark.requirement("R-NELA-30")
def test_nothing_goes_in_before_privacy_is_promised_and_the_committees_answers_stay_there(fall, ann_and_bea, client):
    with on(2025, 9, 20):
        draft = applications.start(fall, who("Cal"), MENTEE)
        answers = fill_in(fall, who("Dan"), MENTEE).answers
        applications.save(draft, answers, by=draft.user)
        with pytest.raises(NotAllowed, match="Not agreed yet: Personal things stay private"):
            applications.submit(draft, by=draft.user)
    promised = Acceptance.objects.filter(application=ann_and_bea.mentee_application, gate__code="confidential")
    assert list(promised.values_list("version", "accepted_on")) == [(1, date(2025, 9, 10))]
    with on(2025, 11, 10):
        page = seen(client, ann_and_bea.mentor, ann_and_bea.get_absolute_url())
        client.force_login(who("Cal"))
        strangers = client.get(ann_and_bea.get_absolute_url()).status_code
    assert ("Cataloging and metadata" in page, "A quiet line." in page, strangers) == (True, False, 404)


@pytest.mark.requirement("R-NELA-32")
def test_one_person_is_a_mentor_in_one_pair_and_a_mentee_in_another_at_the_same_time(nela, fall, chair):
    with on(2025, 9, 10):
        for name, role in (("Ann", MENTOR), ("Bea", MENTEE), ("Bea", MENTOR), ("Cal", MENTEE)):
            applies(fall, name, role, employer=name)
    with on(2025, 10, 20):
        assert suggested(fall, chair) == {("Ann", "Bea"), ("Bea", "Cal")}
        proposals.announce(fall, by=chair)
    evening(nela, 2025, 10, 20)
    with on(2025, 10, 21):
        says_yes(fall, "Ann"), says_yes(fall, "Bea")
    with on(2025, 11, 5):
        attend(fall, "Ann", "Bea", "Cal", by=chair)
    evening(nela, 2025, 11, 5)
    running = Mentorship.objects.running().values_list("mentor__first_name", "mentee__first_name")
    assert set(running) == {("Ann", "Bea"), ("Bea", "Cal")}


@pytest.mark.requirement("R-NELA-26", "R-NELA-27")
def test_two_yeses_are_one_more_year_once_and_the_mentor_stays_taken_all_the_while(nela, ann_and_bea):
    evening(nela, 2026, 9, 20)
    with on(2026, 9, 25):
        for asked in Extension.objects.all():
            extension.answer(asked, "yes", by=asked.user)
    evening(nela, 2026, 11, 4)
    assert (state_of(ann_and_bea), Place.objects.count()) == ("open", 1)
    evening(nela, 2027, 9, 20)
    evening(nela, 2027, 11, 4)
    days = [(term.begins_on, term.ends_on) for term in ann_and_bea.terms.order_by("number")]
    assert days == [(date(2025, 11, 5), date(2026, 11, 4)), (date(2026, 11, 5), date(2027, 11, 4))]
    assert (state_of(ann_and_bea), Place.objects.count(), Extension.objects.count()) == ("completed", 0, 2)
