"""The starting point "nela": what it sets up, and that each point of NELA's guideline stands where people read it."""

import csv
import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from matching.models import Criterion
from members import clock
from mentoring import presets
from mentoring.rehearsal import people
from mentorships.models import CheckInPlan, CycleTopic, Topic
from programs import dates, gates, pages
from programs.models import Cycle, Gate, Program, Role, Training

pytestmark = pytest.mark.django_db

DATES = ("opens_on", "closes_on", "hear_by", "announced_on", "begins_on", "ends_on")
WHO = {"email", "first_name", "last_name", "member_number"}
OTHERS = r"(?i)nela|new england|worcester|connecticut|vermont|nmrt|nasig|\bkla\b|\bala\b|kentucky|\{[a-z_]+\}"


@pytest.fixture
def nela():
    return presets.load("nela").program


def page(program, slug):
    return program.pages.get(slug=slug).body


def asked(program, moment, role):
    return {question.code: question for question in program.questions.filter(moment=moment, role__in=["", role])}


def codes(program, moment, role, code):
    return [option["code"] for option in asked(program, moment, role)[code].options]


def says(text, *points):
    missing = [point for point in points if point not in text]
    assert missing == []


def fall_and_spring(program):
    fall, spring = program.cycles.order_by("opens_on")
    return fall, spring


def morning(day, program):
    return clock.start_of(day, program.time_zone)


# Loading


def test_loading_again_changes_nothing(nela):
    again = presets.load("nela")
    assert (again.program, again.created, again.left_alone) == (nela, [], [])
    assert (Program.objects.count(), Cycle.objects.count(), Training.objects.count()) == (1, 2, 4)


def test_another_association_starts_like_it_and_no_name_of_this_one_is_left():
    program = presets.load("nela", association="fifth", name_="Fifth Library Circle").program
    assert (program.slug, program.name) == ("fifth", "FIFTH Mentor/Mentee Program")
    assert program.contact_name == "The Membership Chair"
    rows = [program.association, program, *program.pages.all(), *program.questions.all(), *program.gates.all()]
    rows += [*Criterion.objects.all(), *program.cycles.all(), *Training.objects.all(), *CheckInPlan.objects.all()]
    told = " ".join(str(value) for row in rows for value in vars(row).values())
    assert "FIFTH" in told
    assert re.findall(OTHERS, told) == []


def test_the_sample_people_fit_its_forms(nela):
    cast, errors = people.read(nela, None, 0)
    assert errors == []
    for role, kind in ((Role.MENTOR, "mentors"), (Role.MENTEE, "mentees")):
        rows = list(csv.DictReader(presets.people("nela")[kind].open(encoding="utf-8")))
        assert [person.email for person in cast.applicants if person.role == role] == [row["email"] for row in rows]
        questions = asked(nela, "application", role)
        extra = set(questions) - set(rows[0])
        assert set(rows[0]) - WHO <= set(questions)
        assert {questions[code].required for code in extra} == {False}


def test_forms_come_in_sections_of_three_or_four_questions(nela):
    for role in Role:
        sections = [question.section for question in asked(nela, "application", role).values()]
        assert sections == sorted(sections, key=sections.index), "a section stands in one piece"
        assert {sections.count(section) for section in sections} <= {3, 4}


# The guideline, point by point: the page


@pytest.mark.requirement("R-NELA-01", "R-NELA-03")
def test_the_program_has_a_page_in_its_own_name_and_a_call_to_take_part(nela):
    assert (nela.name, nela.published) == ("NELA Mentor/Mentee Program", True)
    assert (nela.mentor_word, nela.mentee_word) == ("mentor", "mentee")
    assert nela.headline == "A second pair of eyes on your work."
    assert "The doors open twice a year" in nela.lede
    assert nela.hours_text == "an hour or two a month, for a year"


@pytest.mark.requirement("R-NELA-02", "R-NELA-08")
def test_voices_come_from_the_evaluation_with_consent_and_none_is_made_up(nela):
    for role in Role:
        questions = asked(nela, "afterwards", role)
        assert list(questions) == ["quote", "quotation", "again"]
        assert codes(nela, "afterwards", role, "quote") == ["no", "without-name", "with-name"]
        assert questions["quotation"].shown_when == {"quote": ["without-name", "with-name"]}
        assert "Without your name unless you say otherwise" in questions["quote"].help
    assert not nela.testimonials.exists()


@pytest.mark.requirement("R-NELA-04")
def test_paraprofessionals_stand_in_the_form_no_degree_is_asked_and_needs_have_room(nela):
    for role in Role:
        assert "paraprofessional" in codes(nela, "application", role, "position_type")
        assert "paraprofessional-or-support-staff" in codes(nela, "application", role, "career_stage")
        needs = asked(nela, "application", role)["needs"]
        assert (needs.kind, needs.required, needs.audience) == ("text", False, "committee")
    assert not nela.gates.filter(kind=Gate.Kind.EXPERIENCE).exists()
    says(page(nela, "who"), "no degree, no title and no number of years", "a paraprofessional who runs half the branch")


@pytest.mark.requirement("R-NELA-05", "R-NELA-07", "R-NELA-39", "R-NELA-37")
def test_fields_places_and_areas_are_asked_areas_weigh_most_and_one_employer_never(nela):
    for role in Role:
        questions = asked(nela, "application", role)
        assert [questions[code].required for code in ("areas", "library_type", "region")] == [True, True, True]
        assert len(codes(nela, "application", role, "region")) == 6
        assert {"maine", "vermont"} <= set(codes(nela, "application", role, "region"))
    says(page(nela, "about"), "from two different libraries", "gives some of their time because they like to")
    assert list(Criterion.objects.values_list("code", "kind", "weight")) == [
        ("areas", "overlap", "most"),
        ("library_type", "same", "counts"),
        ("region", "same", "counts"),
        ("goals", "overlap", "counts"),
    ]
    says(page(nela, "how"), "The areas you both care about come first", "we can't promise a partner to everybody")
    assert "Good company with somebody who works on the same things" in page(nela, "benefits-mentors")
    assert nela.other_employer == Program.OtherEmployer.NEVER
    assert "Never somebody from where you work" in page(nela, "how")
    assert "We never suggest somebody from the same place" in asked(nela, "application", "mentee")["employer"].help
    assert "another-institution-than-mine" in codes(nela, "application", "mentee", "prefers")


@pytest.mark.requirement("R-NELA-06", "R-NELA-20", "R-NELA-21")
def test_two_cycles_a_year_each_with_its_dates_and_sign_up_at_its_beginning(nela):
    fall, spring = fall_and_spring(nela)
    assert [cycle.name for cycle in (fall, spring)] == ["Fall 2025", "Spring 2026"]
    assert [cycle.slug for cycle in (fall, spring)] == ["fall-2025", "spring-2026"]
    assert [[str(getattr(cycle, name)) for name in DATES] for cycle in (fall, spring)] == [
        ["2025-09-01", "2025-09-30", "2025-10-20", "2025-10-20", "2025-10-20", "2026-10-19"],
        ["2026-03-01", "2026-03-31", "2026-04-20", "2026-04-20", "2026-04-20", "2027-04-19"],
    ]
    says(page(nela, "rounds"), "There are two rounds a year", "one in the **fall** and one in the **spring**")
    assert "Your last answers are filled in already" in page(nela, "rounds")


@pytest.mark.requirement("R-NELA-09")
def test_mentors_stay_listed_between_the_cycles_at_their_own_pace(nela):
    assert nela.mentor_listing is True
    says(page(nela, "mentors-list"), "stay on our list between the rounds", "Only the committee sees it")
    assert "at your own speed" in page(nela, "benefits-mentors")


@pytest.mark.requirement("R-NELA-10")
def test_a_mentor_is_asked_and_a_no_is_as_good_as_a_yes(nela):
    assert (nela.mentor_confirms, nela.offer_days) == (True, 7)
    says(page(nela, "how"), "A no is as good as a yes: nobody has to explain it", "we look again for the mentee")
    assert "A no that nobody holds against you" in page(nela, "guidelines-mentors")
    assert "it closes no door, and the reason is yours to keep" in page(nela, "mentors-list")


@pytest.mark.requirement("R-NELA-11")
def test_the_dates_of_a_cycle_stand_on_its_page(nela):
    fall, _spring = fall_and_spring(nela)
    shown = {stop.day: stop for stop in pages.stops(fall)}
    assert {fall.opens_on, fall.closes_on, fall.announced_on} <= set(shown)
    assert "we write to you before the ones that matter to you" in page(nela, "rounds")


@pytest.mark.requirement("R-NELA-12", "R-NELA-13", "R-NELA-14")
def test_a_cycle_takes_eighteen_mentees_says_when_it_is_full_and_points_to_the_next(nela):
    fall, spring = fall_and_spring(nela)
    assert [(cycle.cap_mentees, cycle.cap_mentors) for cycle in (fall, spring)] == [(18, None), (18, None)]
    at = morning(date(2025, 9, 10), nela)
    assert pages.banner(nela.cycles.all(), at).state == pages.OPEN
    Cycle.objects.filter(pk=fall.pk).update(taken_mentees=18)
    full = pages.banner(nela.cycles.all(), at)
    assert (full.state, full.cycle, full.after, full.full_for_mentors) == (pages.FULL, fall, spring, False)
    assert pages.banner(nela.cycles.all(), morning(date(2025, 11, 1), nela)).state == pages.CLOSED
    Cycle.objects.filter(pk=fall.pk).update(shut=True)
    assert pages.banner(nela.cycles.all(), at).state == pages.CLOSED
    says(page(nela, "rounds"), "When it is full we say so here", "keep your application for the next round")


@pytest.mark.requirement("R-NELA-15", "R-NELA-30")
def test_each_role_has_its_form_and_its_agreement_and_both_keep_things_private(nela):
    for role in Role:
        gate = nela.gates.get(code=f"commitment_{role}")
        assert (gate.kind, gate.role, gate.stage) == ("agreement", role, "apply")
        assert f"I have read the guidelines for {role}s" in gate.text
        assert nela.pages.get(kind="guidelines", role=role).title == f"For {role}s"
    assert "mentees_wanted" in asked(nela, "application", "mentor")
    assert "mentees_wanted" not in asked(nela, "application", "mentee")
    gate = nela.gates.get(code="confidential")
    assert (gate.kind, gate.role, gate.stage) == ("agreement", "", "apply")
    says(gate.text, "That we are mentor and mentee may be known", "I treat as confidential")
    says(page(nela, "private"), "is no secret", "Personal things are another matter", "stands who will read the answer")
    private = nela.questions.filter(moment="application", code__in=["prefers", "needs", "wish"])
    assert [question.audience for question in private] == ["committee"] * 3


# The workshop, the membership, whom to ask


@pytest.mark.requirement("R-NELA-16", "R-NELA-17", "R-NELA-22")
def test_nobody_is_introduced_before_both_were_at_one_of_the_two_workshops(nela):
    given = [
        (one.starts_at.astimezone(ZoneInfo(nela.time_zone)).isoformat()[:16], one.cycle.slug, one.minutes, one.role)
        for one in Training.objects.order_by("starts_at")
    ]
    assert given == [
        ("2025-11-04T14:00", "fall-2025", 60, ""),
        ("2025-11-18T14:00", "fall-2025", 60, ""),
        ("2026-05-05T14:00", "spring-2026", 60, ""),
        ("2026-05-19T14:00", "spring-2026", 60, ""),
    ]
    assert all(one.join_url.startswith("https://") for one in Training.objects.all())
    gate = nela.gates.get(kind=Gate.Kind.TRAINING)
    assert (gate.role, gate.stage, gate.consequence) == ("", "introduce", "block")
    assert nela.introduce == Program.Introduce.WHEN_READY
    for role in Role:
        facts = gates.Facts(role=role, day=date(2025, 11, 1), member=True)
        assert [finding.kind for finding in gates.unmet(facts, nela.gates.all(), "introduce")] == ["training"]
        assert "I will come to the workshop" in nela.gates.get(code=f"commitment_{role}").text
    says(page(nela, "workshop"), "no introduction before both of you have been", "find a way to catch up")


@pytest.mark.requirement("R-NELA-18")
def test_the_membership_chair_is_the_one_to_ask_an_office_and_no_person(nela):
    assert (nela.contact_name, nela.contact_word) == ("The Membership Chair", "Membership Chair")
    sender = nela.sender()
    assert (sender.contact, sender.reply_to) == ("The Membership Chair", "mentoring@nela.example.org")
    says(page(nela, "committee"), "**Membership Chair** of NELA", "mentoring@nela.example.org")
    assert nela.liaisons is False


@pytest.mark.requirement("R-NELA-19", "R-NELA-31")
def test_both_are_members_when_they_apply_and_when_we_match_and_others_are_kept_meanwhile(nela):
    kept = nela.gates.filter(kind=Gate.Kind.MEMBERSHIP).values_list("code", "role", "stage", "consequence")
    assert list(kept) == [("membership", "", "apply", "hold"), ("membership_match", "", "match", "block")]
    assert "For every member of NELA" in page(nela, "who")
    assert nela.hold_days == 21
    assert nela.association.join_url == "https://nela.example.org/join/"
    assert nela.association.pending_statuses == ["PendingNew"]
    says(page(nela, "how"), "Not a member yet? Begin all the same", "where to join or renew")


# The year of a pair


@pytest.mark.requirement("R-NELA-23")
def test_a_year_is_twelve_months_from_the_introduction(nela):
    assert (nela.term_anchor, nela.term_months) == ("introduction", 12)
    assert dates.last_day(date(2025, 11, 18), nela.term_months) == date(2026, 11, 17)
    assert "Your year begins on the day you are introduced and ends twelve months later" in page(nela, "year")


@pytest.mark.requirement("R-NELA-24", "R-NELA-34")
def test_about_once_a_month_is_asked_for_and_less_is_no_failure(nela):
    channels = {"phone", "video-call", "email", "in-person"}
    for role in Role:
        assert channels <= set(codes(nela, "application", role, "channels"))
        assert "about every month" in nela.gates.get(code=f"commitment_{role}").text
        assert codes(nela, "check_in", role, "rhythm") == ["monthly", "less-than-monthly", "not-since"]
        assert "nobody minds" in asked(nela, "check_in", role)["rhythm"].help
        times = asked(nela, "check_in", role)["times"]
        assert (times.kind, times.at_least, times.required) == ("number", 0, False)
        assert "times" in asked(nela, "end", role)
    says(page(nela, "year"), "**About once a month** is what we ask", "by phone, by video, by mail")
    assert CheckInPlan.objects.filter(moment="first_contact", after_days=7).count() == 1
    months = CheckInPlan.objects.filter(moment="check_in").order_by("pk").values_list("after_months", flat=True)
    assert list(months) == [3, 6, 9]
    assert "Two talks in a season are still two talks" in page(nela, "year")


@pytest.mark.requirement("R-NELA-25")
def test_time_and_hopes_are_asked_of_both_and_given_to_the_partner(nela):
    for role in Role:
        questions = asked(nela, "application", role)
        shared = ("availability", "hours", "cadence", "goals", "areas", "about")
        assert {questions[code].audience for code in shared} == {"partner"}
        assert "say openly what time I have" in nela.gates.get(code=f"commitment_{role}").text
        assert "Say at the first talk what time you have" in page(nela, f"guidelines-{role}s")
    assert "Begin by being plain with each other" in page(nela, "year")


@pytest.mark.requirement("R-NELA-26", "R-NELA-35")
def test_one_more_year_once_if_both_say_yes_each_in_private(nela):
    assert (nela.extension_months, nela.max_extensions) == (12, 1)
    for role in Role:
        [question] = asked(nela, "extension", role).values()
        assert (question.kind, question.required, question.audience) == ("text", False, "committee")
        assert "your partner never does" in question.help
    says(page(nela, "year"), "each of you alone", "If both say yes", "for another twelve months, once")
    says(page(nela, "year"), "neither learns what the other answered", "Nobody is expected to say yes")


@pytest.mark.requirement("R-NELA-27")
def test_a_mentor_has_one_mentee_at_a_time(nela):
    assert nela.mentor_capacity == 1
    assert "One is the rule here" in asked(nela, "application", "mentor")["mentees_wanted"].help
    says(page(nela, "mentors-list"), "never have more than **one mentee**", "or has been extended")
    fall, spring = fall_and_spring(nela)
    assert spring.begins_on < fall.ends_on, "the years overlap, which is why it matters"


@pytest.mark.requirement("R-NELA-28", "R-NELA-29")
def test_both_evaluate_briefly_at_the_end_of_a_term_what_the_committee_can_change(nela):
    program = {"times", "fit", "goals", "expected", "workshop", "steps", "recommend", "change"}
    assert set(asked(nela, "end", "mentee")) == program | {"gap"}
    assert set(asked(nela, "end", "mentor")) == program | {"learned"}
    assert asked(nela, "end", "mentee")["expected"].label == "What was asked of me was clear from the start, and fair."
    assert "Applying, waiting and being introduced" in asked(nela, "end", "mentor")["steps"].label
    assert (nela.evaluation_days, nela.report_minimum, nela.midway_after_months) == (21, 5, None)
    says(page(nela, "how"), "we ask both of you a few short questions", "what to keep and what to do differently")


# What participants say of it


@pytest.mark.requirement("R-NELA-32", "R-NELA-38")
def test_one_person_may_be_both_and_a_new_director_may_be_a_mentee(nela):
    assert "a mentee in one pair and a mentor in another, at the same time" in page(nela, "who")
    mentors, mentees = (
        {row["email"] for row in csv.DictReader(presets.people("nela")[kind].open(encoding="utf-8"))}
        for kind in ("mentors", "mentees")
    )
    assert len(mentors & mentees) == 2
    for role in Role:
        assert {"new-director", "senior-16-years-or-more"} <= set(codes(nela, "application", role, "career_stage"))
        assert "director-or-administrator" in codes(nela, "application", role, "position_type")
    says(page(nela, "who"), "a **new director**", "A mentee need not be young, or at the beginning")


@pytest.mark.requirement("R-NELA-33")
def test_the_longest_wait_comes_first_and_a_pair_may_find_itself(nela):
    assert nela.priority_order == Program.PriorityOrder.WAIT
    says(page(nela, "rounds"), "waited longest come first", "every month we tell you", "found each other already")
    assert "whom you have found already" in asked(nela, "application", "mentee")["wish"].help


@pytest.mark.requirement("R-NELA-36")
def test_goals_offer_help_with_applications_publishing_and_school(nela):
    assert nela.job_search is True
    for role in Role:
        goals = set(codes(nela, "application", role, "goals"))
        assert {"prepare-application-materials", "publish-or-present", "plan-for-library-school"} <= goals
    goals = asked(nela, "application", "mentee")["goals"]
    assert (goals.at_most, "A cover letter, an article to send off, a choice of courses" in goals.help) == (3, True)


@pytest.mark.requirement("R-NELA-40")
def test_the_mentee_is_asked_whether_the_experience_fits_and_both_say_their_years(nela):
    for moment in ("check_in", "end"):
        assert codes(nela, moment, "mentee", "gap") == ["fits", "equals", "too-near", "too-far"]
        assert "gap" not in asked(nela, moment, "mentor")
        assert asked(nela, moment, "mentee")["gap"].audience == "committee"
    for role in Role:
        assert asked(nela, "application", role)["years"].required is True
    assert "If it turns out that you give more advice than you get, say so" in page(nela, "guidelines-mentees")


@pytest.mark.requirement("R-NELA-41")
def test_a_sounding_board_now_and_then_is_mentoring_too(nela):
    for role in Role:
        assert {"sounding-board", "peer"} <= set(codes(nela, "application", role, "style"))
        assert "as-needed" in codes(nela, "application", role, "cadence")
        assert "sounding board" in asked(nela, "application", role)["style"].help
    says(page(nela, "about"), "sounding board", "Both are mentoring")


def test_what_the_guideline_leaves_out_is_off(nela):
    assert (nela.topic_recipients, nela.service_letters, nela.liaisons) == ("none", False, False)
    assert (nela.first_contact, nela.admission) == ("either", "automatic")
    assert (Topic.objects.count(), CycleTopic.objects.count()) == (0, 0)


@pytest.mark.requirement("R-NELA-24", "R-NELA-25")
def test_the_introduction_says_how_often_and_by_which_ways(nela):
    assert nela.rhythm_text.startswith("Talk once a month, by phone, video, mail or in person.")
