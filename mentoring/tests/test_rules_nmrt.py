"""What NMRT's guideline binds the software to, rule by rule, over the starting point "nmrt"."""

from datetime import date

import pytest
from django.urls import reverse

from matching import pool, proposals
from members.journal import NotAllowed
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
from mentorships import check_ins, health, plans, requests
from mentorships.models import CheckIn, Goal, Mentorship, Request
from programs import applications, waivers
from programs.models import Acceptance, Role, Seat, Waiver
from programs.tests.make import fill_in, make_answers, make_seat

pytestmark = pytest.mark.django_db
MENTOR, MENTEE = Role.MENTOR, Role.MENTEE
WHY = "Six years at the desk, without the title."


@pytest.fixture
def nmrt():
    return presets.load("nmrt").program


@pytest.fixture
def cycle(nmrt):
    return nmrt.cycles.get()


@pytest.fixture
def chair(nmrt):
    return make_chair(nmrt)


@pytest.fixture
def pair(nmrt, cycle, chair):
    """Mo mentors Bea from the first day on; Lee is their liaison."""
    make_seat(nmrt, who("Lee"), Seat.Role.LIAISON)
    with on(2025, 9, 5):
        applies(cycle, "Mo", MENTOR, years=9)
        applies(cycle, "Bea", MENTEE)
    with on(2025, 9, 22):
        announced(cycle, chair)
    evening(nmrt, 2025, 10, 1)
    return pair_of("Bea")


def asks_for_an_exception(cycle, name, years):
    """With too few years the application goes in only with the request."""
    draft, gate = fill_in(cycle, who(name), MENTOR, years=years), cycle.program.gates.get(kind="experience")
    with pytest.raises(NotAllowed, match="at least 5 are asked for. You may ask for an exception"):
        applications.submit(draft, by=draft.user)
    assert state_of(draft) == "draft"
    waivers.ask(draft, gate, by=draft.user, why=WHY)
    return applications.submit(draft, by=draft.user), gate


@pytest.mark.requirement("R-NMRT-01", "R-NMRT-06")
@pytest.mark.parametrize(("years", "goes_in"), [(0, False), (4, False), (5, True), (30, True)])
def test_a_mentor_has_five_years_and_a_mentee_any_number(cycle, years, goes_in):
    with on(2025, 9, 5):
        draft = fill_in(cycle, who("Mo"), MENTOR, years=years)
        if goes_in:
            assert applications.submit(draft, by=draft.user).state == "admitted"
        else:
            with pytest.raises(NotAllowed, match="at least 5 are asked for"):
                applications.submit(draft, by=draft.user)
        assert applies(cycle, "Bea", MENTEE, years=years).state == "admitted"


@pytest.mark.requirement("R-NMRT-01", "R-NMRT-06")
@pytest.mark.parametrize(
    ("verb", "state", "word"), [(waivers.grant, "admitted", "granted"), (waivers.refuse, "submitted", "refused")]
)
def test_with_fewer_the_committee_makes_an_exception_or_not_and_says_why(cycle, chair, verb, state, word):
    with on(2025, 9, 5):
        asked, gate = asks_for_an_exception(cycle, "Mo", 3)
        assert (asked.state, pool.read(cycle, cycle.today()).mentors) == ("submitted", ())
        for nobody in (who("Mo"), who("Sam")):
            with pytest.raises(NotAllowed, match="not yours to make"):
                verb(asked, gate, by=nobody, reason="Because.")
        with pytest.raises(NotAllowed, match="Please give the reason"):
            verb(asked, gate, by=chair, reason=" ")
        verb(asked, gate, by=chair, reason="We read it together.")
        found = pool.read(cycle, cycle.today()).mentors
    assert (state_of(asked), found) == (state, (str(asked.pk),) if state == "admitted" else ())
    assert list(Waiver.objects.values_list("answer", "asked", "reason")) == [(word, WHY, "We read it together.")]
    assert "We read it together." in told("exception_answered", "Mo")


@pytest.mark.requirement("R-NMRT-01")
def test_without_the_exception_the_chair_accepts_nobody_under_five_years(cycle, chair):
    with on(2025, 9, 5):
        asked, gate = asks_for_an_exception(cycle, "Mo", 3)
        for _before_and_after in range(2):
            with pytest.raises(NotAllowed, match="3 years of experience"):
                applications.admit(asked, by=chair)
            if _before_and_after == 0:
                waivers.refuse(asked, gate, by=chair, reason="Next year, gladly.")
    assert state_of(asked) == "submitted"


@pytest.mark.requirement("R-NMRT-03")
def test_one_on_one_a_mentor_who_would_take_three_is_given_one(cycle, chair):
    with on(2025, 9, 5):
        mo = applies(cycle, "Mo", MENTOR, years=9, mentees_wanted=3)
        bea, cal = applies(cycle, "Bea", MENTEE), applies(cycle, "Cal", MENTEE)
    with on(2025, 9, 22):
        assert pool.read(cycle, cycle.today()).free == {str(mo.pk): 1}
        [(_mo, first)] = suggested(cycle, chair)
        proposals.announce(cycle, by=chair)
        other = cal if first == "Bea" else bea
        with pytest.raises(NotAllowed, match="Every place of Mo Sample is taken"):
            proposals.assign(cycle, other, mo, by=chair, note="Mo offers three.")


@pytest.mark.requirement("R-NMRT-03")
def test_confidential_what_the_two_write_down_for_themselves_no_committee_opens(pair, chair, client):
    with on(2025, 10, 8):
        plans.save(pair, {"channel": "phone"}, [{"text": "Speak at the spring conference"}], by=pair.mentee)
    seats = [chair, who("Lee")]
    assert [list(Goal.objects.visible_to(user)) for user in seats] == [[], []]
    with on(2025, 10, 9):
        for user in seats:
            page = seen(client, user, reverse("admin:mentorships_pair", args=[pair.pk]))
            assert "spring conference" not in page
            assert client.get(pair.get_absolute_url()).status_code == 404
        assert "spring conference" in seen(client, pair.mentor, pair.get_absolute_url())


@pytest.mark.requirement("R-NMRT-03")
def test_voluntary_either_may_leave_at_any_time(pair, chair):
    with on(2025, 12, 1):
        asked = requests.ask(pair, Request.Kind.LEAVE, by=pair.mentor, note="My mother is ill.")
        requests.settle(asked, Request.State.DONE, by=chair)
    assert (state_of(pair), state_of(pair.mentor_application)) == ("ended", "withdrawn")
    assert state_of(pair.mentee_application) == "admitted"
    assert "My mother is ill" not in told("ended_early", "Bea")


@pytest.mark.requirement("R-NMRT-07", "R-NMRT-16", "R-NMRT-25")
@pytest.mark.parametrize("role", Role)
def test_nobody_goes_in_without_promising_nine_months_contact_and_confidence(cycle, role):
    titles = {"mentor": "Nine months with my mentee", "mentee": "Nine months with my mentor"}
    with on(2025, 9, 5):
        draft = applications.start(cycle, who("Mo"), role)
        extra = {"years": 9} if role == MENTOR else {}
        applications.save(draft, make_answers(cycle.program, role, **extra), by=draft.user)
        with pytest.raises(NotAllowed) as refused:
            applications.submit(draft, by=draft.user)
        assert refused.value.reasons == [
            "Not agreed yet: Confidential, voluntary, one-on-one.",
            f"Not agreed yet: {titles[role]}.",
        ]
        applications.agree(draft, by=draft.user)
        assert applications.submit(draft, by=draft.user).state == "admitted"
    kept = Acceptance.objects.filter(application=draft).values_list("gate__title", "version", "accepted_on")
    assert set(kept) == {
        ("Confidential, voluntary, one-on-one", 1, date(2025, 9, 5)),
        (titles[role], 1, date(2025, 9, 5)),
    }


@pytest.mark.requirement("R-NMRT-08")
@pytest.mark.parametrize("divisions", [None, ["pla"], ["an-affiliate"], ["acrl", "a-round-table"]])
def test_mentors_of_any_division_or_none_are_in_and_fit_no_better_or_worse(cycle, divisions):
    with on(2025, 9, 5):
        mo = applies(cycle, "Mo", MENTOR, years=9, **({"divisions": divisions} if divisions else {}))
        bea = applies(cycle, "Bea", MENTEE)
        ann = applies(cycle, "Ann", MENTOR, years=9)
        found = pool.read(cycle, cycle.today())
    assert mo.state == "admitted"
    mos, anns = found.pair(str(mo.pk), str(bea.pk)), found.pair(str(ann.pk), str(bea.pk))
    assert (mos.score, mos.against) == (anns.score, anns.against)


@pytest.mark.requirement("R-NMRT-12")
def test_the_mentor_is_asked_to_write_first_and_the_liaison_learns_that_it_has_not_happened(nmrt, pair, client):
    assert "Mo writes first." in told("introduction", "Mo")
    evening(nmrt, 2025, 10, 8)
    assert sorted(mails("first_contact")) == ["Bea", "Mo"]
    with on(2025, 10, 9):
        for asked in CheckIn.objects.filter(moment="first_contact"):
            check_ins.answer(asked, "not_yet", by=asked.user)
    evening(nmrt, 2025, 10, 11)
    words = {name: told("write_first", name) for name in mails("write_first")}
    assert {name: "yours to write" in text for name, text in words.items()} == {"Mo": True, "Bea": False}
    pair.refresh_from_db()
    how = health.of(pair.facts(), today=date(2025, 10, 15))
    assert (how.colour, how.reasons) == ("amber", ("no first word yet, as far as we know",))
    with on(2025, 10, 15):
        page = seen(client, who("Lee"), reverse("admin:mentorships_pairs"))
    assert "no first word yet, as far as we know" in page


@pytest.mark.requirement("R-NMRT-16")
def test_nine_months_from_october_to_june_for_everybody(nmrt, pair):
    term = pair.term()
    assert (term.begins_on, term.ends_on) == (date(2025, 10, 1), date(2026, 6, 30))
    evening(nmrt, 2026, 6, 29)
    assert state_of(pair) == "open"
    evening(nmrt, 2026, 6, 30)
    assert (state_of(pair), Mentorship.objects.running().count()) == ("completed", 0)


@pytest.mark.requirement("R-NMRT-32")
def test_once_a_month_is_said_as_the_least_and_twice_as_better_and_nobody_counts(nmrt, pair):
    said = "Talk at least once a month; twice is better."
    assert [said in told("introduction", name) for name in ("Mo", "Bea")] == [True, True]
    evening(nmrt, 2025, 11, 1)
    with on(2025, 11, 2):
        for asked in CheckIn.objects.filter(moment="check_in"):
            check_ins.answer(asked, "fine", by=asked.user, answers={"last_contact": "longer"})
    pair.refresh_from_db()
    assert health.of(pair.facts(), today=date(2025, 11, 3)).colour == "green"
