"""The starting point "kla": what it sets up, and that each point of KLA's guideline stands where people read it."""

import csv
import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from matching.models import Criterion
from members.models import Association
from mentoring import presets
from mentorships.models import CheckInPlan
from programs.models import Cycle, Gate, Page, Program, Question

pytestmark = pytest.mark.django_db


@pytest.fixture
def kla():
    return presets.load("kla").program


def page(program, slug):
    return program.pages.get(slug=slug).body


def codes(program, moment, role, code):
    question = program.questions.get(moment=moment, role__in=["", role], code=code)
    return [option["code"] for option in question.options]


def labels(program, moment, role):
    return [question.label for question in program.questions.filter(moment=moment, role__in=["", role])]


def tell(*args):
    out = StringIO()
    call_command("preset", *args, stdout=out)
    return out.getvalue().splitlines()


# Loading


def test_loading_again_changes_nothing_and_says_so(kla):
    counts = [model.objects.count() for model in (Page, Question, Gate, Criterion, CheckInPlan, Cycle)]
    again = presets.load("kla")
    assert (again.program, again.created, again.left_alone) == (kla, [], [])
    assert [model.objects.count() for model in (Page, Question, Gate, Criterion, CheckInPlan, Cycle)] == counts
    assert tell("kla") == ["KLA Mentoring was here already: nothing has changed."]


def test_what_a_committee_has_edited_or_removed_is_left_alone_and_named(kla):
    kla.pages.filter(slug="time").update(body="Two hours.")
    kla.questions.get(code="cadence").delete()
    Program.objects.filter(pk=kla.pk).update(hold_days=30)
    assert tell("kla") == [
        "left alone: program “KLA Mentoring” (edited)",
        "left alone: page “How much time it takes” (edited)",
        "left alone: question “How often, if you could choose?” (application) (removed)",
        "KLA Mentoring was here already: nothing has changed.",
    ]
    assert page(kla, "time") == "Two hours."
    assert not kla.questions.filter(code="cadence").exists()


def test_an_association_that_is_here_already_keeps_what_it_has():
    Association.objects.create(slug="kla", name="Our own name", short_name="KLA", good_statuses=["Paid"])
    loaded = presets.load("kla")
    assert loaded.left_alone == ["association “Kentucky Library Association” (edited)"]
    assert Association.objects.get().good_statuses == ["Paid"]


def test_the_first_cycle_moves_by_whole_months():
    program = presets.load("kla", opens=date(2027, 8, 1)).program
    cycle = program.cycles.get()
    assert (cycle.slug, cycle.name) == ("2027-28", "2027–28")
    assert [cycle.opens_on, cycle.closes_on, cycle.announced_on, cycle.begins_on, cycle.ends_on] == [
        date(2027, 8, 1),
        date(2027, 8, 30),
        date(2027, 9, 15),
        date(2027, 9, 15),
        date(2028, 9, 14),
    ]


@pytest.mark.parametrize(
    "args",
    [
        ["klaa"],
        ["kla", "--association", "xla"],
        ["kla", "--name", "Xenia Library Association"],
        ["kla", "--opens", "soon"],
        ["kla", "--opens", "2025-09-31"],
        ["kla", "--opens", "9999-12-01"],
        ["kla", "--opens", ""],
        ["kla", "--association", "not a slug", "--name", "X"],
    ],
)
def test_an_unknown_name_or_wrong_argument_is_one_line_and_exit_2(args):
    with pytest.raises(CommandError) as caught:
        tell(*args)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)
    assert not Program.objects.exists()


def test_another_association_starts_like_it_and_no_name_of_this_one_is_left():
    tell("kla", "--association", "xla", "--name", "Xenia Library Association")
    program = Program.objects.get()
    assert (program.slug, program.name, program.association.slug) == ("xla", "XLA Mentoring", "xla")
    rows = [program.association, program, *program.pages.all(), *program.questions.all(), *program.gates.all()]
    rows += [*Criterion.objects.all(), *program.cycles.all()]
    told = " ".join(str(value) for row in rows for value in vars(row).values())
    assert "XLA" in told
    assert re.findall(r"(?i)kla|kentucky|bluegrass|louisville|\{[a-z_]+\}", told) == []


def test_two_associations_start_side_by_side(kla):
    loaded = presets.load("kla", association="xla", name_="Xenia Library Association")
    assert loaded.left_alone == []
    assert Program.objects.count() == 2
    assert presets.load("kla").left_alone == []


def test_the_sample_people_answer_with_options_that_are_offered(kla):
    for role, path in (("mentor", presets.people("kla")["mentors"]), ("mentee", presets.people("kla")["mentees"])):
        questions = kla.questions.filter(moment="application", role__in=["", role])
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
        assert {question.code for question in questions} == set(rows[0]) - {
            "email",
            "first_name",
            "last_name",
            "member_number",
        }
        for question in questions.filter(kind__in=["one", "several"]):
            offered = {option["label"] for option in question.options}
            given = {label for row in rows for label in row[question.code].split("; ") if label}
            assert given <= offered, question.code


def test_forms_come_in_sections_of_three_or_four_questions(kla):
    for role in ("mentor", "mentee"):
        questions = kla.questions.filter(moment="application", role__in=["", role])
        sections = [question.section for question in questions]
        assert sections == sorted(sections, key=sections.index), "a section stands in one piece"
        assert {sections.count(section) for section in sections} <= {3, 4}


# The guideline, point by point


@pytest.mark.requirement("R-KLA-01", "R-KLA-02", "R-KLA-03", "R-KLA-04", "R-KLA-05")
def test_the_page_says_what_mentoring_is_and_what_for(kla):
    about = page(kla, "about")
    for point in (
        "It is informal, and both get something out of it",
        "has been at it longer",
        "Years in the work decide who is which, never age or title",
        "There is always something left to learn",
        "come to know each other and pass their ideas on",
        "find your way around KLA itself",
    ):
        assert point in about
    assert kla.mentor_capacity == 1
    assert "bluegrass" in codes(kla, "application", "mentee", "region")


@pytest.mark.requirement("R-KLA-03", "R-KLA-25", "R-KLA-42")
def test_both_agree_to_courtesy_and_to_keep_what_they_hear(kla):
    gate = kla.gates.get(code="confidential")
    assert (gate.kind, gate.role, gate.stage) == ("agreement", "", "apply")
    assert "courtesy and respect" in gate.text
    assert "keep to myself what I am told" in gate.text
    assert "Be courteous and fair" in page(kla, "guidelines-mentors")
    assert "What you tell us stays with the committee" in page(kla, "committee")


@pytest.mark.requirement("R-KLA-06")
def test_what_it_is_not_is_said_agreed_to_and_kept_out_of_the_forms(kla):
    gate = kla.gates.get(code="scope")
    assert (gate.kind, gate.role) == ("agreement", "")
    assert "will not find anybody a job and will not settle a quarrel" in gate.text
    assert "no way to look for work" in page(kla, "not")
    assert "it takes no side" in page(kla, "not")
    assert kla.job_search is False
    for role in ("mentor", "mentee"):
        assert "prepare-application-materials" not in codes(kla, "application", role, "goals")
    flags = [flag for q in kla.questions.all() for option in q.options for flag in option.get("flags", [])]
    assert "job_search" not in flags
    assert kla.topic_recipients == "none"


@pytest.mark.requirement("R-KLA-07", "R-KLA-08", "R-KLA-10", "R-KLA-21", "R-KLA-30")
def test_membership_is_the_only_requirement_whatever_the_stage(kla):
    assert sorted(kla.gates.exclude(kind="agreement").values_list("kind", "role", "stage", "consequence")) == [
        ("membership", "", "apply", "hold")
    ]
    who = page(kla, "who")
    assert "membership is all we ask: no degree, no number of years" in who
    assert "whatever point of your working life" in who
    assert "Mentors come from every level" in who
    assert "A member of KLA who likes the thought of putting what they have learned" in page(kla, "guidelines-mentors")
    assert "A member of KLA who wants to get further" in page(kla, "guidelines-mentees")


@pytest.mark.requirement("R-KLA-09")
def test_people_find_their_own_situation_in_the_form(kla):
    stages = codes(kla, "application", "mentee", "career_stage")
    for stage in (
        "new-to-the-region",
        "paraprofessional-or-support-staff",
        "library-school-student",
        "considering-library-school",
        "new-manager",
        "new-director",
    ):
        assert stage in stages
    for words in ("just moved to Kentucky", "support staff whose job has grown", "A student who", "now runs"):
        assert words.lower() in page(kla, "who").lower()


@pytest.mark.requirement("R-KLA-11", "R-KLA-13", "R-KLA-46")
def test_each_role_has_its_form_and_both_say_how_much_time_they_have(kla):
    for role in ("mentor", "mentee"):
        assert len(labels(kla, "application", role)) >= 15
    hours = kla.questions.get(moment="application", code="hours")
    assert (hours.role, hours.required, hours.at_least, hours.at_most) == ("", True, 1, 8)
    assert "hours that feel right to both" in page(kla, "time")
    assert "not matched at once" in page(kla, "how")


@pytest.mark.requirement("R-KLA-12")
def test_matched_on_library_type_experience_and_goals_by_the_committee(kla):
    assert list(Criterion.objects.values_list("code", "kind", "weight")) == [
        ("library_type", "same", "most"),
        ("years", "gap", "most"),
        ("goals", "overlap", "most"),
        ("hours", "gap", "counts"),
        ("channels", "overlap", "counts"),
    ]
    assert "the type of library, at experience and at what you hope for" in page(kla, "how")
    assert kla.mentor_confirms is False


@pytest.mark.requirement("R-KLA-14", "R-KLA-45")
def test_introduced_together_by_mail_and_nobody_is_waited_for(kla):
    assert (kla.introduce, kla.first_contact) == ("together", "either")
    assert "Either of you may write first; nobody has to wait" in page(kla, "how")


@pytest.mark.requirement("R-KLA-15")
def test_the_committee_asks_during_the_year_how_it_goes(kla):
    assert list(CheckInPlan.objects.values_list("moment", "after_days", "after_months").order_by("pk")) == [
        ("first_contact", 7, None),
        ("check_in", None, 2),
        ("check_in", None, 4),
        ("check_in", None, 8),
        ("check_in", None, 10),
    ]
    assert "a few times and with one tap" in page(kla, "how")


@pytest.mark.requirement("R-KLA-16", "R-KLA-17", "R-KLA-18", "R-KLA-19", "R-KLA-37", "R-KLA-38")
def test_how_and_how_often_is_the_pairs_own_affair(kla):
    channels = codes(kla, "application", "mentor", "channels")
    assert {"email", "phone", "social-media"} <= set(channels)
    how, time = page(kla, "how"), page(kla, "time")
    assert "You settle how you talk**, early on" in how
    assert "what each of you wants from the year" in how
    assert "A mail every month is right for some pairs" in how
    assert "bends to the two of you" in time
    assert "begin with once a month" in time
    assert "neither is a fault" in time
    assert kla.questions.get(code="cadence").required is False


@pytest.mark.requirement("R-KLA-20", "R-KLA-05", "R-KLA-48", "R-KLA-40")
def test_everybody_evaluates_and_is_asked_about_what_was_promised(kla):
    promised = {"times", "fit", "goals", "ideas", "colleagues", "association", "help", "recommend", "change"}
    for role, own in (
        ("mentee", {"experience", "reflection", "problems"}),
        ("mentor", {"coaching", "pride", "changes"}),
    ):
        questions = kla.questions.filter(moment="end", role__in=["", role])
        assert {question.code for question in questions} == promised | own
        assert len(questions) <= 12
    assert "I know more about KLA, and how to take part in it." in labels(kla, "end", "mentee")
    assert "I am better at solving problems, and at saying what I mean." in labels(kla, "end", "mentee")
    assert "I am further with what I came for." in labels(kla, "end", "mentee")
    assert "gather what you thought of it" in page(kla, "committee")
    assert kla.cycles.count() == 1


@pytest.mark.requirement("R-KLA-22", "R-KLA-36")
def test_both_commit_to_one_year_and_it_is_one_year(kla):
    for role in ("mentor", "mentee"):
        gate = kla.gates.get(code=f"commitment_{role}")
        assert (gate.kind, gate.role) == ("agreement", role)
        assert "for the whole year" in gate.text
    cycle = kla.cycles.get()
    assert (kla.term_anchor, kla.term_months, kla.max_extensions) == ("cycle", 12, 0)
    assert (cycle.slug, cycle.begins_on, cycle.ends_on) == ("2025-26", date(2025, 10, 15), date(2026, 10, 14))


@pytest.mark.requirement("R-KLA-23", "R-KLA-24", "R-KLA-26", "R-KLA-28", "R-KLA-47")
def test_mentors_read_what_is_asked_of_them_and_what_they_can_be(kla):
    text = page(kla, "guidelines-mentors")
    for point in (
        "no long silences",
        "find goals for their working life, and a plan",
        "Listen, explain, and say what you would try",
        "Show your mentee doors in KLA",
        "at least once in the year",
        "A guide who has walked the path, and at times a coach",
        "A wall to bounce thoughts off",
        "Somebody who cheers",
        "knows where things are to be found",
        "and what if not?",
        "An ear that listens to the end",
        "And a learner",
    ):
        assert point in text
    assert "the guidelines for mentors" in kla.gates.get(code="commitment_mentor").text


@pytest.mark.requirement("R-KLA-27")
def test_halfway_both_are_asked_four_short_questions(kla):
    assert kla.midway_after_months == 6
    for role in ("mentor", "mentee"):
        assert len(labels(kla, "midway", role)) == 4
        assert "at least once in the year. Halfway we ask you" in page(kla, f"guidelines-{role}s")
        assert "tell the committee at least once" in kla.gates.get(code=f"commitment_{role}").text


@pytest.mark.requirement("R-KLA-29", "R-KLA-35")
def test_the_six_benefits_of_each_role_are_told(kla):
    for role in ("mentor", "mentee"):
        assert page(kla, f"benefits-{role}s").count("\n- ") + 1 == 6
    for point in ("better at coaching", "A little pride in your profession", "practices and ideas", "work changes"):
        assert point in page(kla, "benefits-mentors")
    for point in (
        "knowledge and experience, seen from close by",
        "look at your work and at yourself",
        "solving problems",
    ):
        assert point in page(kla, "benefits-mentees")


@pytest.mark.requirement("R-KLA-31")
def test_a_mentee_names_one_to_three_goals(kla):
    goals = kla.questions.get(moment="application", role="mentee", code="goals")
    assert (goals.required, goals.at_most) == (True, 3)
    assert "Name what you want to reach in your working life" in page(kla, "guidelines-mentees")


@pytest.mark.requirement("R-KLA-32", "R-KLA-33", "R-KLA-34", "R-KLA-47")
def test_mentees_read_what_is_asked_of_them_and_that_they_steer(kla):
    text = page(kla, "guidelines-mentees")
    for point in (
        "sees a thing in another way than you",
        "more ways to take part than one sees from outside",
        "Ask for advice, hear it out, and learn from it",
        "Keep in touch with your mentor",
        "The one who steers: you choose what to talk about and bring the questions",
        "acts on what was said",
        "looks at themselves with honest eyes",
    ):
        assert point in text


@pytest.mark.requirement("R-KLA-26", "R-KLA-33")
def test_ways_into_the_association_are_listed(kla):
    opportunities = kla.pages.get(kind="opportunities")
    assert opportunities.title == "Ways into KLA"
    for point in ("committee or a round table", "conference", "Workshops and courses", "newsletter"):
        assert point in opportunities.body


@pytest.mark.requirement("R-KLA-39")
def test_questions_pages_and_requirements_are_rows_that_a_committee_edits(kla):
    question = kla.questions.get(moment="application", code="hours")
    question.label = "Hours in a month?"
    question.full_clean()
    question.save()
    assert "Hours in a month?" in labels(kla, "application", "mentee")
    assert "write and improve the forms, these guidelines and every other page" in page(kla, "committee")


@pytest.mark.requirement("R-KLA-41", "R-KLA-42")
def test_whoever_wants_another_mentor_reads_whom_to_tell(kla):
    text = page(kla, "committee")
    assert "Would you rather have a different mentor? Tell any of us, at mentoring@kla.example.org" in text
    assert "nobody's fault" in text
    assert "your partner does not read it" in text


@pytest.mark.requirement("R-KLA-43", "R-KLA-44")
def test_the_four_resources_are_there_with_their_links(kla):
    text = page(kla, "resources")
    for author in (
        "Crumpton, Michael A. 2011",
        "Freedman, Shin. 2009",
        "Garvin, David A.",
        "American Library Association",
    ):
        assert author in text
    assert text.count("](http") == 4
