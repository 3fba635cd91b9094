"""Questions are rows: a form, its cleaning, and the answers given back with their labels."""

import pytest
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st

from programs import questions
from programs.models import FormVersion, Question, Role
from programs.tests.make import make_program, make_question

pytestmark = pytest.mark.django_db

Kind, Moment = Question.Kind, Question.Moment
TYPES = [
    {"code": "public", "label": "Public library, small or rural"},
    {"code": "school", "label": "School library (K-12)"},
]
GOALS = [
    {"code": "supervise", "label": "Move into supervision", "group": "At work"},
    {"code": "publish", "label": "Publish or present", "group": "Beyond"},
    {"code": "apply", "label": "Prepare application materials", "flags": ["job_search"]},
    {"code": "network", "label": "Widen a network"},
]
SCALE = [{"code": "agree", "label": "I agree"}, {"code": "differ", "label": "I see it differently"}]


@pytest.fixture
def kla():
    return make_program(job_search=False)


def make_every_kind(program):
    make_question(program, "job_title", Kind.LINE, order=1, required=True)
    make_question(program, "about", Kind.TEXT, order=2, section="You")
    make_question(program, "years", Kind.NUMBER, order=3, required=True, at_least=0, at_most=70, section="You")
    make_question(program, "library_type", Kind.ONE, order=4, options=TYPES, required=True, audience="partner")
    make_question(program, "goals", Kind.SEVERAL, order=5, options=GOALS, at_most=2, required=True, audience="partner")
    make_question(program, "useful", Kind.SCALE, order=6, options=SCALE, required=True)
    make_question(program, "first_time", Kind.YES, order=7)
    make_question(program, "time_zone", Kind.ZONE, order=8)
    make_question(program, "graduates", Kind.MONTH, order=9)


def asked(program, role=Role.MENTEE):
    return questions.of(program, Moment.APPLICATION, role)


def post(**data):
    return MultiValueDict({key: value if isinstance(value, list) else [value] for key, value in data.items()})


FULL = {
    "job_title": "Librarian",
    "about": "New here.\nAnd glad.",
    "years": "3",
    "library_type": "public",
    "goals": ["supervise", "network"],
    "useful": "agree",
    "first_time": "yes",
    "time_zone": "America/Chicago",
    "graduates": "2026-07",
}
KEPT = {**FULL, "years": 3, "first_time": True}


def test_a_form_gives_answers_that_can_be_kept_and_shown_again(kla):
    make_every_kind(kla)
    form = questions.AnswersForm(asked(kla), post(**FULL))
    assert form.is_valid(), form.errors
    assert form.answers() == KEPT
    again = questions.AnswersForm(asked(kla), initial=form.answers())
    shown = {name: again[name].value() for name in again.fields}
    assert shown == {**KEPT, "first_time": "yes"}


def test_kept_answers_are_clean_answers(kla):
    make_every_kind(kla)
    assert questions.clean(asked(kla), KEPT) == (KEPT, {})


def test_labels_serve_as_well_as_codes_and_several_are_joined(kla):
    make_every_kind(kla)
    raw = {
        **FULL,
        "library_type": "school library (k-12)",
        "goals": "Move into supervision; network",
        "useful": "I agree",
        "first_time": "no",
    }
    answers, errors = questions.clean(asked(kla), raw)
    assert errors == {}
    assert answers == {**KEPT, "library_type": "school", "first_time": False}


def test_what_is_wrong_is_named_by_question(kla):
    make_every_kind(kla)
    raw = {**FULL, "years": "many", "library_type": "A castle", "goals": "supervise; network; publish", "job_title": ""}
    answers, errors = questions.clean(asked(kla), raw)
    assert set(errors) == {"years", "library_type", "goals", "job_title"}
    assert errors["job_title"] == "This needs an answer."
    assert errors["goals"] == "Please choose 2 at most; 3 are chosen."
    assert "A castle" in errors["library_type"]
    assert set(answers) == set(FULL) - set(errors)


def test_an_unfinished_draft_needs_nothing_yet(kla):
    make_every_kind(kla)
    assert questions.clean(asked(kla), {"years": 3}, partial=True) == ({"years": 3}, {})


def test_no_answer_on_a_scale_is_an_answer_and_is_not_kept(kla):
    make_every_kind(kla)
    form = questions.AnswersForm(asked(kla), post(**{**FULL, "useful": "no-answer"}))
    assert form.is_valid(), form.errors
    assert form.answers()["useful"] is None
    silent = questions.AnswersForm(asked(kla), post(**{key: FULL[key] for key in FULL if key != "useful"}))
    assert list(silent.errors) == ["useful"]


def test_what_is_cleared_comes_back_as_none_and_what_is_wrong_is_left_out(kla):
    make_every_kind(kla)
    form = questions.AnswersForm(asked(kla), post(**{**FULL, "about": "", "years": "many"}))
    assert not form.is_valid()
    assert form.answers() == {key: (None if key == "about" else KEPT[key]) for key in KEPT if key != "years"}


@pytest.mark.requirement("R-KLA-06")
def test_a_program_that_is_no_job_search_offers_no_job_search(kla):
    make_question(kla, "goals", Kind.SEVERAL, options=GOALS)
    [question] = asked(kla)
    assert [option["code"] for option in question.options] == ["supervise", "publish", "network"]
    assert "goals" in questions.clean([question], {"goals": "apply"})[1]
    assert Question.objects.get().options == GOALS  # the row itself is untouched

    other = make_program("nela", job_search=True)
    make_question(other, "goals", Kind.SEVERAL, options=GOALS)
    assert len(asked(other)[0].options) == 4


@pytest.mark.requirement("R-KLA-11")
def test_mentors_and_mentees_have_a_form_each(kla):
    make_question(kla, "employer", order=1)
    make_question(kla, "goals", order=3, role=Role.MENTEE, label="What do you hope for?")
    make_question(kla, "goals", order=3, role=Role.MENTOR, label="What do you like to help with?")
    make_question(kla, "mentees_wanted", Kind.NUMBER, order=2, role=Role.MENTOR)
    assert [question.label for question in asked(kla, Role.MENTEE)] == [
        "Tell us about employer",
        "What do you hope for?",
    ]
    assert [question.code for question in asked(kla, Role.MENTOR)] == ["employer", "mentees_wanted", "goals"]


def test_the_question_for_a_role_takes_the_place_of_the_one_for_both(kla):
    make_question(kla, "about", label="For both")
    make_question(kla, "about", role=Role.MENTOR, label="For mentors")
    assert [question.label for question in asked(kla, Role.MENTOR)] == ["For mentors"]
    assert [question.label for question in asked(kla, Role.MENTEE)] == ["For both"]


def make_conditional(program):
    make_question(program, "student", Kind.YES, order=1)
    make_question(program, "graduates", Kind.MONTH, order=2, required=True, shown_when={"student": ["yes"]})


def test_a_question_that_hangs_on_another_is_needed_only_when_it_is_asked(kla):
    make_conditional(kla)
    no = questions.AnswersForm(asked(kla), post(student="no", graduates="2026-07"))
    assert no.is_valid()
    assert no.answers() == {"student": False, "graduates": None}
    yes = questions.AnswersForm(asked(kla), post(student="yes"))
    assert yes.errors == {"graduates": ["This needs an answer."]}
    assert questions.clean(asked(kla), {"student": "yes"})[1] == {"graduates": "This needs an answer."}
    assert questions.clean(asked(kla), {"student": "no"}) == ({"student": False}, {})


def test_it_may_hang_on_an_answer_of_an_earlier_page(kla):
    make_conditional(kla)
    second = [question for question in asked(kla) if question.code == "graduates"]
    assert questions.AnswersForm(second, post(), initial={"student": True}).errors
    assert questions.AnswersForm(second, post(), initial={"student": False}).is_valid()


def test_who_reads_an_answer_is_said_beside_every_question(kla):
    make_question(kla, "wish", order=1)
    make_question(kla, "about", order=2, role=Role.MENTEE, audience="partner")
    make_question(kla, "areas", order=3, audience="partner")
    form = questions.AnswersForm(asked(kla))
    assert [form.fields[name].reads for name in form.fields] == [
        "the committee only.",
        "the committee; later, your mentor.",
        "the committee; later, the person you are matched with.",
    ]
    other = questions.AnswersForm(asked(kla), reads={"wish": "the chair and the deputy."})
    assert other.fields["wish"].reads == "the chair and the deputy."
    assert questions.AnswersForm(asked(kla), reads="Chi.").fields["areas"].reads == "Chi."


def test_the_partner_is_shown_what_is_for_the_partner(kla):
    make_every_kind(kla)
    shared = questions.labelled(asked(kla), KEPT, audience=Question.Audience.PARTNER)
    assert [(answer.label, answer.text) for answer in shared] == [
        ("Tell us about library_type", "Public library, small or rural"),
        ("Tell us about goals", "Move into supervision, Widen a network"),
    ]


def test_answers_are_read_in_words(kla):
    make_every_kind(kla)
    texts = {answer.code: answer.text for answer in questions.labelled(asked(kla), KEPT)}
    assert texts == {
        "job_title": "Librarian",
        "about": "New here.\nAnd glad.",
        "years": "3",
        "library_type": "Public library, small or rural",
        "goals": "Move into supervision, Widen a network",
        "useful": "I agree",
        "first_time": "Yes",
        "time_zone": "Central (Chicago)",
        "graduates": "July 2026",
    }


def test_answers_keep_the_wording_they_were_given_to(kla):
    question = make_question(kla, "library_type", Kind.ONE, options=TYPES, label="What kind of library?")
    first = questions.version(asked(kla))
    assert questions.version(asked(kla)) == first
    question.label, question.options = "Where do you work?", [{"code": "public", "label": "Public"}]
    question.save()
    second = questions.version(asked(kla))
    assert second != first
    assert FormVersion.objects.count() == 2
    then, now = (questions.labelled(form, {"library_type": "school"})[0] for form in (first, second))
    assert (then.label, then.text) == ("What kind of library?", "School library (K-12)")
    assert (now.label, now.text) == ("Where do you work?", "school")


def test_two_programs_with_the_same_wording_share_its_version(kla):
    other = make_program("nmrt")
    for program in (kla, other):
        make_question(program, "about", label="A few words")
    assert questions.version(asked(kla)) == questions.version(asked(other))


def test_the_form_is_cut_into_sections(kla):
    make_every_kind(kla)
    sections = questions.AnswersForm(asked(kla)).sections()
    assert [(section.name, [field.name for field in section.fields]) for section in sections] == [
        ("", ["job_title", "library_type", "goals", "useful", "first_time", "time_zone", "graduates"]),
        ("You", ["about", "years"]),
    ]


def test_broken_characters_are_refused_in_words(kla):
    make_every_kind(kla)
    for broken in ("a\x00b", "a\ud800b"):
        errors = questions.clean(asked(kla), {**FULL, "job_title": broken, "about": broken})[1]
        assert set(errors) == {"job_title", "about"}


TEXTS = st.text(alphabet="ab é€=<'\";,-0127{}\x00\x1f\u202e\ud800\n", max_size=30)
NASTY = TEXTS | st.sampled_from(list(KEPT.values()))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.one_of(NASTY, st.integers(), st.lists(TEXTS))))
def test_whatever_is_posted_a_form_answers_with_words(raw):
    every = [
        Question(code=code, kind=kind, label=code, options=TYPES, required=True, program_id=1, audience="committee")
        for code, kind in zip(
            FULL,
            (Kind.LINE, Kind.TEXT, Kind.NUMBER, Kind.ONE, Kind.SEVERAL, Kind.SCALE, Kind.YES, Kind.ZONE, Kind.MONTH),
            strict=True,
        )
    ]
    answers, errors = questions.clean(every, raw)
    assert set(answers).isdisjoint(errors)
    assert set(answers) | set(errors) | {"useful"} == set(FULL) | {"useful"}
    data = MultiValueDict({code: value if isinstance(value, list) else [str(value)] for code, value in raw.items()})
    form = questions.AnswersForm(every, data)
    form.is_valid()
    assert set(form.answers()).isdisjoint(form.errors)
