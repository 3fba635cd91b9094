"""Plain functions that make evaluations: their questions, and pairs that have come so far."""

from datetime import UTC, date, datetime

from evaluations import due as planner
from evaluations import responses
from evaluations.models import Receipt
from members import clock
from mentorships import due as pairs_planner
from mentorships.tests.make import make_kla, make_pair
from programs.models import Question
from programs.tests.make import make_person, make_question

Kind, Moment = Question.Kind, Question.Moment
SCALE = [{"code": code, "label": code.title()} for code in ("much", "mostly", "partly", "hardly")]
HALFWAY = date(2026, 4, 15)
AFTER = date(2026, 10, 15)


def make_questions(program):
    """Two questions halfway, three at the end, one with the person's name."""
    make_question(program, "times", Kind.ONE, moment=Moment.MIDWAY, options=SCALE, required=True, order=1)
    make_question(program, "better", Kind.TEXT, moment=Moment.MIDWAY, order=2)
    make_question(program, "fit", Kind.SCALE, moment=Moment.END, options=SCALE, order=1)
    make_question(program, "recommend", Kind.NUMBER, moment=Moment.END, at_least=0, at_most=10, order=2)
    make_question(program, "change", Kind.TEXT, moment=Moment.END, order=3)
    make_question(program, "quote", Kind.ONE, moment=Moment.AFTERWARDS, options=SCALE[:2], order=1)


def make_evaluated_kla(slug="kla", **fields):
    program = make_kla(slug, **fields)
    make_questions(program)
    return program


def do_what_is_due(day):
    """What beat does on the evening of a day, with pairs first."""
    moment = clock.end_of(day, "America/New_York")
    with clock.at(moment):
        done = [*pairs_planner.due(moment), *planner.due(moment)]
        return [one.what for one in done if one.what.startswith(("midway", "evaluation"))]


def answer_all(moment, answers, *, role=None, day=AFTER):
    """Everybody who was asked gives these answers (a function of their number)."""
    waiting = Receipt.objects.filter(moment=moment, answered=False).order_by("pk")
    with clock.at(datetime(day.year, day.month, day.day, 20, tzinfo=UTC)):
        for number, receipt in enumerate(waiting.filter(role=role) if role else waiting):
            responses.answer(receipt, answers(number), by=receipt.user)


def make_year(program, count):
    """So many pairs of one cycle, whose year is over and who were asked how it was."""
    for number in range(count):
        mentor = make_person(f"mentor{number}@example.org", f"Ann{number}", "Sample")
        make_pair(program, mentor, make_person(f"mentee{number}@example.org", f"Cal{number}", "Sample"))
    do_what_is_due(AFTER)
