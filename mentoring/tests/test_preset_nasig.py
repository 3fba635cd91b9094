"""The starting point "nasig": what it sets up, and that each point of NASIG's guideline stands where people read it."""

import csv
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from mail.models import Message
from matching import proposals, runs
from matching.models import Criterion
from members import clock, member_list
from mentoring import planner, presets
from mentoring.rehearsal import people
from mentorships.models import CheckInPlan, CycleTopic, Mentorship, Topic
from programs.models import Application, Role, Seat
from programs.tests.make import make_member_rows, make_person, make_seat, send

pytestmark = pytest.mark.django_db
BOTH = ("mentor", "mentee")
PRIORITY = [
    "cataloging-and-metadata",
    "acquisitions",
    "electronic-resources-and-licensing",
    "serials",
    "scholarly-communication-and-open-access",
    "digital-preservation",
]


@pytest.fixture
def nasig():
    return presets.load("nasig").program


def page(program, slug):
    return program.pages.get(slug=slug).body


def options(program, moment, role, code):
    question = program.questions.get(moment=moment, role__in=["", role], code=code)
    return {option["code"]: option for option in question.options}


def labels(program, moment, role):
    return {question.code: question.label for question in program.questions.filter(moment=moment, role__in=["", role])}


def flat(text):
    return " ".join(text.split())


def on(month, day, hour=16):
    return clock.at(datetime(2025, month, day, hour, tzinfo=UTC))


def evening(day):
    at = clock.end_of(day, "America/New_York")
    with clock.at(at):
        list(planner.due(at))


# Loading


def test_loading_again_changes_nothing(nasig):
    again = presets.load("nasig")
    assert (again.program, again.created, again.left_alone) == (nasig, [], [])


def test_the_sample_people_are_read_without_a_fault(nasig):
    cast, errors = people.read(nasig, None, 0)
    assert errors == []
    assert {role: sum(one.role == role for one in cast.applicants) for role in BOTH} == {"mentor": 37, "mentee": 61}
    for role, path in (("mentor", presets.people("nasig")["mentors"]), ("mentee", presets.people("nasig")["mentees"])):
        with path.open(encoding="utf-8") as file:
            columns = set(next(csv.reader(file)))
        assert set(labels(nasig, "application", role)) == columns - {*people.WHO, "member_number"}


def test_forms_come_in_sections_of_three_or_four_questions(nasig):
    for role in BOTH:
        sections = [one.section for one in nasig.questions.filter(moment="application", role__in=["", role])]
        assert sections == sorted(sections, key=sections.index), "a section stands in one piece"
        assert {sections.count(section) for section in sections} <= {3, 4}


# Who it is for


@pytest.mark.requirement("R-NASIG-01", "R-NASIG-24", "R-NASIG-26", "R-NASIG-35", "R-NASIG-36", "R-NASIG-37")
def test_experienced_people_are_mentors_students_and_beginners_mentees(nasig):
    about, who = page(nasig, "about"), page(nasig, "who")
    assert "Somebody who has done this work for years, the **mentor**" in about
    assert "somebody who is studying for it or has just begun, the **mentee**" in about
    assert "for one school year" in about
    assert "regular members, student members and people who are quite new here" in about
    assert "every type of library and every level in it; there is no number of years to reach" in who
    assert "You listen well, you can say a thing so that it is understood" in who
    assert "like to help somebody who is not as far along" in who
    assert "students in library school, or people in the first years of their career" in who
    assert not nasig.gates.filter(kind="experience").exists()
    with presets.people("nasig")["roster"].open(encoding="utf-8") as file:
        assert {"Regular", "Student"} <= {row["kind"] for row in csv.DictReader(file)}


@pytest.mark.requirement("R-NASIG-01", "R-NASIG-11", "R-NASIG-24", "R-NASIG-36")
def test_the_forms_ask_where_one_stands_and_why_one_comes(nasig):
    stage = nasig.questions.get(moment="application", role="mentee", code="career_stage")
    assert (stage.required, stage.audience) == (True, "partner")
    assert "for students and for the first years of a career" in stage.help
    assert {"library-school-student", "new-professional-0-2-years", "early-career-3-5-years"} <= set(
        options(nasig, "application", "mentee", "career_stage")
    )
    asked = dict(nasig.questions.filter(moment="application", role="mentee").values_list("code", "kind"))
    assert (asked["school"], asked["graduates"]) == ("line", "month")
    mentee, mentor = (labels(nasig, "application", role) for role in ("mentee", "mentor"))
    assert mentee["goals"] == "What would you like to get out of it?"
    assert mentee["about"] == "In your own words: what are you hoping for?"
    assert mentee["areas"] == "Which areas are you interested in?"
    assert mentee["personal_interests"] == "What do you like to do when you are not working?"
    assert mentor["about"] == "Why would you like to be somebody's mentor?"
    read_by_the_partner = nasig.questions.filter(moment="application", audience="partner")
    assert {"goals", "about", "areas", "personal_interests"} <= {question.code for question in read_by_the_partner}


@pytest.mark.requirement("R-NASIG-33", "R-NASIG-47", "R-NASIG-48")
def test_membership_is_looked_at_once_when_the_year_begins_and_is_said_beforehand(nasig):
    memberships = nasig.gates.filter(kind="membership").values_list("role", "stage", "consequence")
    assert list(memberships) == [("", "start", "tell")]
    who = page(nasig, "who")
    assert "on the first day of the mentoring year: by then you should be a member of NASIG in good standing" in who
    assert "You may apply before you join ([here is how](https://nasig.example.org/join/))" in who
    assert "nobody loses their partner over a payment" in who
    assert "For students it costs nothing." in who
    assert nasig.association.join_url == "https://nasig.example.org/join/"
    for role in BOTH:
        text = nasig.gates.get(code=f"commitment_{role}").text
        assert "On its first day I am a member of NASIG" in text
        assert "I join before ([here is how](https://nasig.example.org/join/))" in text
    assert "For students it costs nothing." in nasig.gates.get(code="commitment_mentee").text
    school = nasig.questions.get(moment="application", code="school")
    assert school.help.endswith(
        "Be a member of NASIG by the first day of the mentoring year. For students it costs nothing."
    )


@pytest.mark.requirement("R-NASIG-38", "R-NASIG-39", "R-NASIG-40")
def test_who_comes_first_when_mentors_are_short_is_flagged_and_told(nasig):
    assert nasig.priority_order == "flagged"
    for role in BOTH:
        areas = options(nasig, "application", role, "areas")
        assert [code for code, option in areas.items() if "priority" in option.get("flags", [])] == sorted(
            PRIORITY, key=list(areas).index
        )
        assert areas["undecided-still-exploring"]["flags"] == ["undecided"]
    assert nasig.questions.get(moment="application", role="mentee", code="areas").required
    short = page(nasig, "short")
    for area in PRIORITY:
        assert areas[area]["label"].lower() in short
    assert "We would like to find a mentor for everybody" in short
    assert "those who have not made up their mind yet, and say so" in short
    assert "whoever has waited longest goes first" in short
    assert "All the others stay on the waiting list" in short


def test_no_other_starting_point_has_the_priority_of_this_one():
    for name in presets.names():
        program = presets.load(name).program
        flagged = "priority" in str([question.options for question in program.questions.all()])
        assert flagged == (program.priority_order == "flagged"), name


# What both agree to


@pytest.mark.requirement("R-NASIG-06", "R-NASIG-16", "R-NASIG-32", "R-NASIG-51")
def test_each_accepts_the_code_of_conduct_in_words_for_their_own_role(nasig):
    for role, partner in (("mentor", "mentee"), ("mentee", "mentor")):
        gate = nasig.gates.get(code=f"conduct_{role}")
        assert (gate.kind, gate.role, gate.stage, gate.version) == ("agreement", role, "apply", 1)
        assert gate.url == "https://nasig.example.org/code-of-conduct/"
        assert f"to my {partner}, as long as the program runs" in gate.text
        guidelines = page(nasig, f"guidelines-{role}s")
        assert "Keep to the [code of conduct](https://nasig.example.org/code-of-conduct/)" in guidelines
        assert f"between you and your {partner}, until the last day" in guidelines
        assert f"your {role}" not in guidelines
    assert "without taking away anybody's hope, and as one professional to another" in page(nasig, "guidelines-mentors")
    assert "The committee can end a pair for that at any time" in page(nasig, "changes")


@pytest.mark.requirement("R-NASIG-34", "R-NASIG-51")
def test_both_promise_to_stay_until_the_end(nasig):
    for role, words in (("mentor", "to stay with my mentee until"), ("mentee", "to take part until")):
        gate = nasig.gates.get(code=f"commitment_{role}")
        assert (gate.kind, gate.role, gate.stage) == ("agreement", role, "apply")
        assert f"{words} the mentoring year ends" in gate.text
        assert "that is what you promise when you apply" in page(nasig, f"guidelines-{role}s")


# The way from the application to the introduction


@pytest.mark.requirement("R-NASIG-41", "R-NASIG-42", "R-NASIG-43", "R-NASIG-44", "R-NASIG-45")
def test_one_cycle_from_early_summer_to_may(nasig):
    cycle = nasig.cycles.get()
    assert (cycle.slug, cycle.name, nasig.zone_word) == ("2025-26", "2025–26", "Eastern")
    assert [cycle.opens_on, cycle.closes_on] == [date(2025, 6, 15), date(2025, 7, 31)]
    assert [cycle.hear_by, cycle.announced_on] == [date(2025, 8, 25), date(2025, 8, 25)]
    assert [cycle.begins_on, cycle.ends_on] == [date(2025, 9, 1), date(2026, 5, 31)]
    assert (nasig.term_anchor, nasig.term_months, nasig.introduce) == ("cycle", 9, "together")
    assert nasig.max_extensions == 0
    assert "all pairs on the same day" in page(nasig, "how")
    assert "ends for everybody on the same day" in page(nasig, "how")


@pytest.mark.requirement("R-NASIG-07", "R-NASIG-19", "R-NASIG-45", "R-NASIG-49")
def test_the_page_leads_to_both_forms_as_long_as_the_doors_are_open(nasig, client):
    ways = [reverse("apply", args=["nasig", "2025-26", role]) for role in BOTH]
    assert "the buttons for both stand on this page as long as the doors are open" in page(nasig, "how")
    for month, day, said, shown in ((6, 1, "Not open yet", False), (6, 20, "Open", True), (9, 10, "Closed", False)):
        with on(month, day):
            html = client.get(nasig.get_absolute_url()).content.decode()
        assert f"<b>{said}" in html
        assert [way in html for way in ways] == [shown, shown]


@pytest.mark.requirement("R-NASIG-08", "R-NASIG-35")
def test_matched_on_areas_first_by_the_committee(nasig):
    assert list(Criterion.objects.values_list("code", "kind", "weight")) == [
        ("areas", "overlap", "most"),
        ("goals", "overlap", "counts"),
        ("library_type", "same", "counts"),
    ]
    assert "It looks at the areas you name, then at your goals and the type of library" in page(nasig, "how")
    assert "Until then nobody is given your address" in page(nasig, "how")
    assert (nasig.mentor_confirms, nasig.mentor_capacity, nasig.mentor_listing, nasig.liaisons) == (
        False,
        1,
        False,
        False,
    )


@pytest.mark.requirement("R-NASIG-09", "R-NASIG-11", "R-NASIG-20", "R-NASIG-52", "R-NASIG-53")
def test_the_mentor_writes_first_and_the_mentee_need_not_wait(nasig):
    assert nasig.first_contact == "mentor"
    plans = CheckInPlan.objects.values_list("moment", "after_days", "after_months")
    assert list(plans) == [("first_contact", 7, None)]
    mentors, mentees = page(nasig, "guidelines-mentors"), page(nasig, "guidelines-mentees")
    assert "read what they told us in their application, then write and say who you are" in mentors
    assert "Today is better than tomorrow" in mentors
    assert "interested in, at work or far from it" in mentors
    assert "what should be different for them when this is over" in mentors
    assert "says how to reach your mentor. Expect a message from them, and answer it" in mentees
    assert "No message yet? Then write yourself" in mentees
    assert "A mentee need not wait for it and may write at any time" in page(nasig, "how")


@pytest.mark.requirement(
    "R-NASIG-08", "R-NASIG-17", "R-NASIG-20", "R-NASIG-33", "R-NASIG-47", "R-NASIG-48", "R-NASIG-52", "R-NASIG-53"
)
def test_two_are_introduced_and_who_is_no_member_on_the_first_day_is_told_and_stays(nasig):
    chair = make_person("chi@nasig.example.org", "Chi", "Harper")
    make_seat(nasig, chair, Seat.Role.CHAIR)
    mo = make_person("mo@farrow.example.org", "Mo", "Castellanos")
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    with on(6, 20):
        found = member_list.read(nasig.association, make_member_rows(mo.email))
        member_list.apply(nasig.association, found, seen_on=date(2025, 6, 20), by=chair)
        cycle = nasig.cycles.get()
        sent = [send(cycle, mo, Role.MENTOR), send(cycle, bea, Role.MENTEE)]
    assert [application.state for application in sent] == [Application.State.ADMITTED] * 2
    received = {mail.to_email: flat(mail.text) for mail in Message.objects.filter(name="application_received")}
    asked = "on the first day of the mentoring year. For students it costs nothing. Join or renew here: https://nasig"
    assert {email: asked in text for email, text in received.items()} == {mo.email: False, bea.email: True}
    assert (
        "https://nasig.example.org/join/" in Message.objects.get(name="application_received", to_email=bea.email).html
    )
    with on(8, 18):
        runs.suggest(cycle, by=chair)
        proposals.announce(cycle, by=chair)
    evening(date(2025, 8, 25))
    mail = Message.objects.get(name="introduction")
    assert {mail.to_email, mail.also_email} == {mo.email, bea.email}
    assert mo.email in mail.text
    assert bea.email in mail.text
    assert "Mo writes first. Bea, you may write any time too." in mail.text
    assert "The mentoring and student outreach committee, mentoring@nasig.example.org" in flat(mail.text)
    evening(date(2025, 9, 1))
    [told] = Message.objects.filter(name="membership_reminder")
    assert told.to_email == bea.email
    assert "ask about the rate for students: https://nasig.example.org/join/" in flat(told.text)
    sent[1].refresh_from_db()
    assert (sent[1].state, Mentorship.objects.get().state) == ("admitted", "open")


# The year


@pytest.mark.requirement("R-NASIG-13", "R-NASIG-14", "R-NASIG-22", "R-NASIG-27", "R-NASIG-28", "R-NASIG-12")
def test_nine_topics_each_with_the_mentor_on_a_working_day_before_the_month(nasig):
    assert (nasig.topic_recipients, nasig.topic_day, nasig.job_search) == ("mentor_first", 1, True)
    year = CycleTopic.objects.values_list("number", "topic__code", "mentor_on", "mentee_on")
    assert list(year) == [
        (1, "start-well", date(2025, 8, 29), date(2025, 9, 1)),
        (2, "aim-and-map", date(2025, 9, 30), date(2025, 10, 1)),
        (3, "where-to-learn", date(2025, 10, 31), date(2025, 11, 1)),
        (4, "reading-the-workplace", date(2025, 11, 28), date(2025, 12, 1)),
        (5, "feedback-both-ways", date(2025, 12, 31), date(2026, 1, 1)),
        (6, "halfway-look", date(2026, 1, 30), date(2026, 2, 1)),
        (7, "leading-from-any-seat", date(2026, 2, 27), date(2026, 3, 1)),
        (8, "your-association", date(2026, 3, 31), date(2026, 4, 1)),
        (9, "wrap-up", date(2026, 4, 30), date(2026, 5, 1)),
    ]
    assert Topic.objects.filter(program=nasig, code="applying-and-interviewing").exists()
    assert "NASIG" in Topic.objects.get(program=nasig, code="your-association").body
    assert "our program director sends the two of you a few questions" in page(nasig, "about")
    assert "tell each other what you expect and what you need" in page(nasig, "how")
    assert "or about whatever is nearer" in page(nasig, "how")
    mentors, mentees = page(nasig, "guidelines-mentors"), page(nasig, "guidelines-mentees")
    assert "When a month begins, bring up its topic" in mentors
    assert "anything else that your mentee would rather talk about is just as good" in mentors
    assert "Your mentor brings up a topic when a month begins. Reply" in mentees
    assert "anything that interests you will do" in mentees


@pytest.mark.requirement("R-NASIG-12")
def test_what_the_association_offers_is_listed_to_be_edited(nasig):
    opportunities = nasig.pages.get(kind="opportunities")
    assert opportunities.title == "What NASIG has for you"
    for point in ("Webinars", "The conference", "Committees"):
        assert f"**{point}**" in opportunities.body
    assert "a webinar, the conference or a seat on a committee" in page(nasig, "guidelines-mentors")


@pytest.mark.requirement("R-NASIG-10", "R-NASIG-15", "R-NASIG-21", "R-NASIG-25", "R-NASIG-29")
def test_light_by_any_means_and_as_often_as_the_two_like(nasig):
    channels = set(options(nasig, "application", "mentee", "channels"))
    assert {"phone", "email", "video-call", "chat", "text-message"} <= channels
    assert "by phone, by mail, on video, in a chat or by text" in page(nasig, "guidelines-mentors")
    assert "phone, mail, video, chat or text" in page(nasig, "guidelines-mentees")
    for role in BOTH:
        assert "Use the way of talking that is easy for both of you" in page(nasig, f"guidelines-{role}s")
        for code in ("channels", "cadence", "hours"):
            assert not nasig.questions.get(moment="application", code=code).required
    assert "Nobody keeps a log and nobody counts your calls" in page(nasig, "about")
    assert "the two of you decide; no one asks you to account for it" in page(nasig, "how")
    assert nasig.midway_after_months is None
    assert not nasig.questions.filter(moment__in=["check_in", "midway"]).exists()


@pytest.mark.requirement("R-NASIG-04", "R-NASIG-05", "R-NASIG-17", "R-NASIG-23", "R-NASIG-46", "R-NASIG-50")
def test_whoever_cannot_go_on_or_has_a_question_finds_the_committee(nasig):
    assert nasig.reply_to == nasig.association.office_email == "mentoring@nasig.example.org"
    assert nasig.sender().contact == "The mentoring and student outreach committee"
    text = page(nasig, "changes")
    for point in (
        "You can't go on**, as a mentor or as a mentee, for whatever reason?",
        "has a button for it, or write to [mentoring@nasig.example.org]",
        "speak with your partner and arrange something for them",
        "If the committee ends a pair, both of you hear it from us",
        "whoever would like another partner gets one as soon as there is one",
        "A question that your mentor or your mentee can't answer**, or something you need? Ask us",
        "Every other question is welcome there, too",
    ):
        assert point in text
    assert "If you can't go on, tell us: [mentoring@nasig.example.org]" in page(nasig, "guidelines-mentors")
    mentees = page(nasig, "guidelines-mentees")
    assert "If you have to stop, or if you need something that your mentor can't give you, tell us" in mentees
    assert nasig.rematch_min_days == 90


@pytest.mark.requirement("R-NASIG-02", "R-NASIG-03", "R-NASIG-18", "R-NASIG-30", "R-NASIG-31", "R-NASIG-44")
def test_everybody_evaluates_what_was_promised_to_them(nasig):
    shared = {"times", "fit", "network", "topics", "help", "recommend", "change"}
    own = {
        "mentee": {"goals", "feedback", "advice", "career", "association"},
        "mentor": {"leading", "perspectives", "trends", "reflection", "communication"},
    }
    for role in BOTH:
        assert set(labels(nasig, "end", role)) == shared | own[role]
        assert "a few minutes for the evaluation" in page(nasig, f"guidelines-{role}s")
    for point in (
        "You lead",
        "from where it begins",
        "what is new",
        "wonder yourself",
        "find words",
        "did not know before",
    ):
        assert point in page(nasig, "benefits-mentors")
    for point in ("answers what you ask", "about your goals", "ways your career could take", "People to know", "grow"):
        assert point in page(nasig, "benefits-mentees")
    about = page(nasig, "about")
    assert (
        "room to grow: an honest word about what they are working on, courage when it runs low, people to know" in about
    )
    assert "practises leading, sees the profession through newer eyes, and meets colleagues" in about
    assert "We write a good-bye, and ask you both how it was" in page(nasig, "how")
