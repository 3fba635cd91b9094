"""The starting point "nmrt": what it sets up, and that each point of NMRT's guideline stands where people read it."""

import csv
import re
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.urls import reverse

from evaluations import letters
from mail.models import Message
from matching import proposals, runs
from matching.models import Criterion
from members import clock
from members.journal import NotAllowed
from mentoring import planner, presets
from mentoring.rehearsal import people
from mentorships.models import CheckInPlan, CycleTopic, Mentorship, Topic
from programs import applications, waivers
from programs.models import Application, Page, Program, Question, Role, Seat
from programs.tests.make import fill_in, make_person, make_seat, send

pytestmark = pytest.mark.django_db
BOTH = ("mentor", "mentee")
OTHERS = r"(?i)\bala\b|american library|nmrt|new members|nela|new england|nasig|kla\b|kentucky|\{[a-z_]+\}"


@pytest.fixture
def nmrt():
    return presets.load("nmrt").program


def page(program, slug):
    return " ".join(program.pages.get(slug=slug).body.split())


def asked(program, moment, role):
    return {question.code: question for question in program.questions.filter(moment=moment, role__in=["", role])}


def codes(program, moment, role, code):
    return [option["code"] for option in asked(program, moment, role)[code].options]


def says(text, *points):
    assert [point for point in points if point not in text] == []


def on(month, day):
    return clock.at(datetime(2025, month, day, 17, tzinfo=UTC))


def evening(day):
    at = clock.end_of(day, "America/Chicago")
    with clock.at(at):
        list(planner.due(at))


@pytest.fixture
def chair(nmrt):
    chair = make_person("chi@nmrt.example.org", "Chi", "Harper")
    make_seat(nmrt, chair, Seat.Role.CHAIR)
    return chair


@pytest.fixture
def pair(nmrt, chair):
    """Mo and Bea, introduced on the first day, with Lee as their liaison."""
    make_seat(nmrt, make_person("lee@nmrt.example.org", "Lee", "Brandt"), Seat.Role.LIAISON)
    cycle = nmrt.cycles.get()
    with on(9, 5):
        send(cycle, make_person("mo@farrow.example.org", "Mo", "Castellanos"), Role.MENTOR, years=9)
        send(cycle, make_person("bea@larkin.example.net", "Bea", "Lindqvist"), Role.MENTEE, years=0)
    with on(9, 22):
        runs.suggest(cycle, by=chair)
        proposals.announce(cycle, by=chair)
    evening(cycle.announced_on)
    return Mentorship.objects.get()


# Loading


def test_loading_again_changes_nothing(nmrt):
    again = presets.load("nmrt")
    assert (again.program, again.created, again.left_alone) == (nmrt, [], [])


def test_the_program_is_what_the_table_says(nmrt):
    assert (nmrt.association.slug, nmrt.association.name) == ("ala", "American Library Association")
    assert (nmrt.name, nmrt.reply_to) == ("NMRT Career Mentoring", "mentoring@nmrt.example.org")
    assert (nmrt.time_zone, nmrt.zone_word) == ("America/Chicago", "Central")
    assert not nmrt.gates.filter(kind__in=["membership", "training"]).exists()
    assert (nmrt.admission, nmrt.priority_order, nmrt.other_employer) == ("automatic", "wait", "off")
    assert (nmrt.mentor_confirms, nmrt.mentor_listing, nmrt.max_extensions) == (False, False, 0)
    assert (nmrt.midway_after_months, nmrt.evaluation_days, nmrt.report_minimum) == (None, 21, 5)


def test_another_association_starts_like_it_and_no_name_of_this_one_is_left():
    call_command("preset", "nmrt", "--association", "fifth", "--name", "Fifth Library Circle")
    program = Program.objects.get()
    assert (program.slug, program.name) == ("fifth", "FIFTH Career Mentoring")
    rows = [program.association, program, *program.pages.all(), *program.questions.all(), *program.gates.all()]
    rows += [*Criterion.objects.all(), *program.cycles.all(), *Topic.objects.all(), *CycleTopic.objects.all()]
    told = " ".join(str(value) for row in rows for value in vars(row).values())
    assert re.findall(OTHERS, told) == []
    assert "Fifth Library Circle brings them together" in told
    assert codes(program, "application", "mentor", "divisions")[0] == "a-section"
    assert all("?" in topic.body for topic in Topic.objects.all())
    assert Topic.objects.count() == 13


def test_the_sample_people_are_read_without_a_fault(nmrt):
    cast, errors = people.read(nmrt, None, 0)
    assert errors == []
    for role in BOTH:
        rows = list(csv.DictReader(presets.people("nmrt")[f"{role}s"].open(encoding="utf-8")))
        assert len(rows) == sum(person.role == role for person in cast.applicants)
        assert set(asked(nmrt, "application", role)) == set(rows[0]) - {*people.WHO, "member_number"}


def test_forms_come_in_sections_of_three_or_four_questions(nmrt):
    for role in BOTH:
        sections = [question.section for question in asked(nmrt, "application", role).values()]
        assert sections == sorted(sections, key=sections.index), "a section stands in one piece"
        assert {sections.count(section) for section in sections} <= {3, 4}


# Who can be a mentor, who a mentee


@pytest.mark.requirement("R-NMRT-01", "R-NMRT-06")
def test_five_years_are_asked_of_mentors_and_with_fewer_the_committee_makes_an_exception_or_not(nmrt, chair):
    gate = nmrt.gates.get(kind="experience")
    assert (gate.role, gate.stage, gate.consequence, gate.years) == ("mentor", "apply", "exception", 5)
    years = asked(nmrt, "application", "mentor")["years"]
    assert (years.kind, years.required) == ("number", True)
    assert "We ask mentors for five" in years.help
    says(page(nmrt, "who"), "five years or more in a professional position", "use the box for an exception")
    cycle = nmrt.cycles.get()
    with on(9, 5):
        five = send(cycle, make_person("ann@farrow.example.org", "Ann", "Okafor"), Role.MENTOR, years=5)
        three = fill_in(cycle, make_person("cal@larkin.example.net", "Cal", "Day"), Role.MENTOR, years=3)
        with pytest.raises(NotAllowed, match="at least 5 are asked for. You may ask for an exception"):
            applications.submit(three, by=three.user)
        waivers.ask(three, gate, by=three.user, why="Nine years as a school librarian's assistant.")
        applications.submit(three, by=three.user)
        waivers.grant(three, gate, by=chair, reason="Those years count.")
    assert [five.state, three.state] == [Application.State.ADMITTED] * 2
    assert "Those years count." in Message.objects.get(name="exception_answered").text


@pytest.mark.requirement("R-NMRT-05", "R-NMRT-08", "R-NMRT-22", "R-NMRT-23")
def test_every_library_post_and_part_of_the_association_is_welcome_and_told(nmrt):
    who = page(nmrt, "who")
    says(
        who, "The type of library makes no difference, nor does the post", "You need not belong to NMRT: every division"
    )
    mentor = asked(nmrt, "application", "mentor")
    assert [len(mentor[code].options) for code in ("library_type", "position_type")] == [16, 10]
    assert {"acrl", "pla", "a-round-table", "an-affiliate"} <= set(codes(nmrt, "application", "mentor", "divisions"))
    assert (mentor["divisions"].kind, mentor["divisions"].required) == ("several", False)
    assert "It never decides whether you can be a mentor" in mentor["divisions"].help
    assert mentor["areas"].label == "In which areas can you share what you know?"
    assert mentor["goals"].label == "With what can you help from your own experience?"
    says(page(nmrt, "guidelines-mentors"), "Draw on what you have lived through", "share what you have learned to do")
    weights = {"areas": "most", "library_type": "most", "position_type": "counts", "region": "counts"}
    assert dict(Criterion.objects.values_list("code", "weight")) == weights


@pytest.mark.requirement("R-NMRT-10")
def test_mentees_are_new_or_students_and_mentors_say_why_they_like_to_help_and_whom(nmrt):
    says(page(nmrt, "who"), "new to the profession, or still in library school", "you *like* to help somebody begin")
    stage = asked(nmrt, "application", "mentee")["career_stage"]
    assert stage.required
    assert {"library-school-student", "new-professional-0-2-years"} <= {option["code"] for option in stage.options}
    mentor = asked(nmrt, "application", "mentor")
    assert (mentor["about"].kind, mentor["about"].label) == ("text", "Why would you like to help somebody begin?")
    assert codes(nmrt, "application", "mentor", "prefers")[:2] == ["a-student", "somebody-in-a-first-post"]
    assert mentor["prefers"].audience == "committee"


# What it is


@pytest.mark.requirement("R-NMRT-02", "R-NMRT-03", "R-NMRT-25", "R-NMRT-37")
def test_it_is_confidential_voluntary_one_on_one_and_goes_both_ways(nmrt):
    says(
        page(nmrt, "about"),
        "**It is one-on-one.** A mentor has one mentee here",
        "**It is voluntary.** Nobody is sent, and either of you may stop",
        "**It is confidential.** What you talk about is yours",
        "Both have something to give, and both take something home",
    )
    gate = nmrt.gates.get(title="Confidential, voluntary, one-on-one")
    assert (gate.kind, gate.role, gate.stage) == ("agreement", "", "apply")
    says(gate.text, "because I want to, with one partner", "I keep to myself, during these months and after them")
    assert nmrt.mentor_capacity == 1
    for role in BOTH:
        assert "tells you stays with you" in page(nmrt, f"guidelines-{role}s")
    says(page(nmrt, "talking"), "Take your time", "Whoever feels safe asks the real question")
    says(page(nmrt, "conduct"), "Be patient with each other", "Keep to yourself what you hear")


@pytest.mark.requirement("R-NMRT-07", "R-NMRT-16", "R-NMRT-19")
def test_both_commit_to_nine_months_and_to_be_in_touch_every_month(nmrt):
    cycle = nmrt.cycles.get()
    assert [cycle.name, cycle.opens_on, cycle.closes_on] == ["2025–26", date(2025, 9, 1), date(2025, 9, 15)]
    assert [cycle.hear_by, cycle.announced_on, cycle.begins_on] == [date(2025, 10, 1)] * 3
    assert (cycle.ends_on, nmrt.term_anchor, nmrt.term_months) == (date(2026, 6, 30), "cycle", 9)
    for role in BOTH:
        gate = nmrt.gates.get(code=f"commitment_{role}")
        assert (gate.kind, gate.role, gate.stage) == ("agreement", role, "apply")
        says(gate.text.lower(), "for all nine months", "at least once in each of them")
        assert "Stay for the whole nine months" in page(nmrt, f"guidelines-{role}s")
        assert {"email", "phone", "video-call", "in-person"} <= set(codes(nmrt, "application", role, "channels"))
        assert codes(nmrt, "check_in", role, "last_contact") == ["two-weeks", "month", "longer", "not-yet"]
    assert "by mail or by phone" in nmrt.gates.get(code="commitment_mentor").text
    assert "Be in touch at least once a month" in page(nmrt, "guidelines-mentors")


# What is asked of mentors


@pytest.mark.requirement(
    "R-NMRT-04", "R-NMRT-11", "R-NMRT-18", "R-NMRT-21", "R-NMRT-22", "R-NMRT-24", "R-NMRT-25", "R-NMRT-26"
)
def test_mentors_read_what_is_asked_of_them(nmrt):
    says(
        page(nmrt, "guidelines-mentors"),
        "Be frank and be kind. Your mentee grows by an honest opinion, and by advice that can be used",
        "A good ear. A counselor who thinks first. And an example",
        "Do not wait to be asked: if it has gone quiet, you be the one who writes",
        "Show how one gets along with people, and talk about it",
        "say what helped your own career and what did not",
        "When you say something critical, say it so that it helps",
        "What your mentee tells you stays with you",
        "Before you promise to look at something with a deadline, look at your own calendar",
    )
    says(
        page(nmrt, "who"), "hears people out, thinks before advising, and works in a way that one would be glad to copy"
    )
    assert "listened, was frank with me" in asked(nmrt, "end", "mentee")["honest"].label


@pytest.mark.requirement("R-NMRT-20", "R-NMRT-34")
def test_both_are_polite_and_know_where_to_turn_if_the_other_is_not(nmrt):
    assert nmrt.pages.filter(slug="conduct", kind="guidelines", role="").exists()
    says(
        page(nmrt, "conduct"),
        "Both of you, mentor and mentee, speak and write as one does among colleagues: politely, with respect",
        "Your page has a button for it, or write to [mentoring@nmrt.example.org](mailto:mentoring@nmrt.example.org)",
    )
    assert "as one professional to another" in nmrt.gates.get(code="confidential").text


@pytest.mark.requirement("R-NMRT-27", "R-NMRT-28", "R-NMRT-29")
def test_mentors_read_what_they_gain_and_are_asked_about_it_at_the_end(nmrt):
    says(
        page(nmrt, "benefits-mentors"),
        "some of those who will lead it one day start out talking with you",
        "You practise leading, and saying things so that they arrive",
        "You hear from your mentee what is new, in method and machine, and learn some of it",
        "A letter for your files",
    )
    end = asked(nmrt, "end", "mentor")
    assert end["learned"].label == "What did you learn from your mentee?"
    assert {"beginning", "leading"} <= set(end)


@pytest.mark.requirement("R-NMRT-09")
def test_mentees_are_shown_the_many_ways_into_the_association(nmrt):
    ways = nmrt.pages.get(kind=Page.Kind.OPPORTUNITIES)
    assert ways.title == "Ways into ALA"
    says(ways.body, "**NMRT itself**", "Divisions, sections and round tables", "The conference", "Awards", "Writing")
    assert "the more ways into ALA a mentee gets to see" in page(nmrt, "who")
    planned = CycleTopic.objects.get(topic__code="your-association").topic
    says(planned.body, "ALA is larger than it looks", "Committees, conferences, awards")
    assert "take-part-in-the-association" in codes(nmrt, "application", "mentee", "goals")
    assert "how to take part in it" in asked(nmrt, "end", "mentee")["association"].label


# How to talk, how to give feedback


@pytest.mark.requirement("R-NMRT-30", "R-NMRT-31", "R-NMRT-32", "R-NMRT-33", "R-NMRT-35", "R-NMRT-36", "R-NMRT-37")
def test_the_handbook_says_how_to_talk_with_each_other(nmrt):
    says(
        page(nmrt, "talking"),
        "say what each of you expects from the other",
        "*how* you talk (mail, phone, video, a table at a conference), *how often*, and *how soon* an answer should come",
        "**At least once a month; twice is better.**",
        "say so a day ahead, or two if you can",
        "say back what you have understood before you answer",
        "Ask some questions that want a story (“how did it come to that?”) and some that want a yes or a no",
        "**It is about the mentee.**",
    )
    assert nmrt.hours_text == "One or two talks a month, for nine months"
    cadence = asked(nmrt, "application", "mentor")["cadence"]
    assert cadence.help == "Once a month is what we ask at the least; twice is what we recommend."
    assert [option["code"] for option in cadence.options][:2] == ["twice-a-month", "monthly"]


@pytest.mark.requirement("R-NMRT-38", "R-NMRT-39", "R-NMRT-40", "R-NMRT-45")
def test_the_handbook_has_a_page_on_giving_feedback_with_five_points(nmrt):
    text = page(nmrt, "feedback")
    says(
        text,
        "few of us enjoy it, on either end",
        "a mentee may hand over a project, a paper, a talk",
        "A true “in two weeks” is worth more than a hopeful “tomorrow”",
        "1. **Open with what is good**",
        "2. **Be exact.**",
        "the sentence, and say what makes you think so. Has the same thing happened to you? Tell it",
        "3. **Say how it could be better**",
        "4. **Look for the way out together.** Ask what your mentee would try, and leave them with a plan",
        "5. **Start from what they asked.** And when a great deal is wrong, take the thing that matters most",
    )
    assert re.findall(r" (\d)\. ", text) == ["1", "2", "3", "4", "5"]
    for role in BOTH:
        assert "feedback-on-a-project" in codes(nmrt, "application", role, "goals")
    assert "Ask for a look at your papers, projects or slides" in page(nmrt, "guidelines-mentees")
    assert "Criticism is hard to give" in Topic.objects.get(program=nmrt, code="feedback-both-ways").body


# The year


@pytest.mark.requirement("R-NMRT-12", "R-NMRT-13", "R-NMRT-17")
def test_the_mentor_writes_first_and_every_pair_has_a_liaison_who_asks_now_and_then(nmrt, pair):
    assert (nmrt.introduce, nmrt.first_contact) == ("together", "mentor")
    assert (nmrt.liaisons, nmrt.contact_word) == (True, "liaison")
    says(page(nmrt, "guidelines-mentors"), "**Write first.**", "ask them whatever has to do with the program itself")
    says(page(nmrt, "liaison"), "one person from the NMRT mentoring committee", "mails that can be answered at once")
    assert "I write first" in nmrt.gates.get(code="commitment_mentor").text
    assert (pair.introduced_on(), pair.liaison.get_full_name()) == (date(2025, 10, 1), "Lee Brandt")
    mail = Message.objects.get(name="introduction")
    says(mail.text, "Mo writes first.", "Lee Brandt", "lee@nmrt.example.org")
    asks = list(CheckInPlan.objects.values_list("moment", "after_days", "after_months").order_by("pk"))
    assert asks == [("first_contact", 7, None), *(("check_in", None, months) for months in (1, 4, 7))]
    evening(date(2025, 10, 8))
    both = sorted(user.email for user in (pair.mentor, pair.mentee))
    told = Message.objects.filter(name="first_contact").order_by("to_email")
    answers_go_to = "lee@nmrt.example.org, mentoring@nmrt.example.org"
    assert [(mail.to_email, mail.reply_to) for mail in told] == [(email, answers_go_to) for email in both]


@pytest.mark.requirement("R-NMRT-41", "R-NMRT-42", "R-NMRT-43", "R-NMRT-44", "R-NMRT-09", "R-NMRT-45")
def test_nine_topics_reach_both_on_the_first_of_the_month_and_are_an_offer(nmrt, pair):
    assert (nmrt.topic_recipients, nmrt.topic_day, nmrt.job_search) == ("both", 1, True)
    plan = "start-well aim-and-map where-to-learn reading-the-workplace feedback-both-ways applying-and-interviewing"
    plan += " halfway-look your-association wrap-up"
    first = [date(2025 + (month > 12), (month - 1) % 12 + 1, 1) for month in range(10, 19)]
    sent = list(CycleTopic.objects.values_list("topic__code", "mentor_on", "mentee_on"))
    assert sent == list(zip(plan.split(), first, first, strict=True))
    says(page(nmrt, "topics"), "Those who coordinate the program write to both of you", "**They are an offer.**")
    for code, point in (
        ("where-to-learn", "journals, lists, newsletters, courses"),
        ("reading-the-workplace", "another way in which things get decided"),
        ("aim-and-map", "Take one hope, however vague, and make it a goal"),
        ("applying-and-interviewing", "What does a search committee really look for?"),
    ):
        assert point in Topic.objects.get(program=nmrt, code=code).body
    evening(date(2025, 11, 1))
    mails = Message.objects.filter(name="topic", key__contains=":2:").order_by("to_email")
    assert [mail.to_email for mail in mails] == sorted([pair.mentor.email, pair.mentee.email])
    says(" ".join(mails[0].text.split()), "Take one hope", "The topic is an offer, not homework")


@pytest.mark.requirement("R-NMRT-14", "R-NMRT-04", "R-NMRT-29")
def test_at_the_end_both_are_asked_how_it_was(nmrt):
    shared = {"times", "fit", "topics", "help", "recommend", "change"}
    own = {
        "mentee": {"honest", "goals", "confidence", "network", "came_of_it", "association"},
        "mentor": {"time", "beginning", "leading", "learned", "handbook"},
    }
    for role in BOTH:
        assert set(asked(nmrt, Question.Moment.END, role)) == shared | own[role]
        assert "at the end I say how it was" in nmrt.gates.get(code=f"commitment_{role}").text
    assert "tell us how it was and what we should change" in page(nmrt, "guidelines-mentors")
    assert "The next pairs have it easier for that" in page(nmrt, "how")


@pytest.mark.requirement("R-NMRT-15")
def test_a_mentor_who_would_like_a_letter_may_ask_for_it_after_three_months(nmrt, pair):
    assert (nmrt.service_letters, nmrt.letter_min_months) == (True, 3)
    assert letters.may_ask_from(pair) == date(2025, 12, 31)
    says(
        page(nmrt, "letter"), "served in NMRT Career Mentoring", "three months of service or more", "dates as they were"
    )


def test_the_page_shows_all_of_it_to_everybody(nmrt, client):
    with on(9, 5):
        html = client.get(nmrt.get_absolute_url()).content.decode()
    ways = [reverse("apply", args=["nmrt", "2025-26", role]) for role in BOTH]
    says(html, nmrt.headline, "Giving feedback", "Your liaison", *ways)
    assert re.findall(r"\{[a-z_]+\}", html) == []


@pytest.mark.requirement("R-NMRT-07", "R-NMRT-32")
def test_the_introduction_names_the_least_and_the_better_rhythm(nmrt):
    assert nmrt.rhythm_text == "Talk at least once a month; twice is better. Agree how soon each answers the other."
