"""Plain functions that make what a test needs. The cast: Ann and Mo mentors, Bea and Cal mentees, Lee, Chi, Dee, Sam."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress

from members import clock
from members.models import User
from programs.models import Question, Seat


def make_person(email, first_name, last_name, **fields):
    """Somebody with a verified address."""
    user = User.objects.create_user(email, first_name=first_name, last_name=last_name, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_seat(program, user, role, **fields):
    """A seat from long ago and without an end."""
    where = {"association": program.association} if role in Seat.OF_ASSOCIATION else {"program": program}
    return Seat.objects.create(
        user=user, role=role, first_day=fields.pop("first_day", date(2020, 1, 1)), **where, **fields
    )


def make_member_rows(*emails, status="Active", valid_from="2020-01-01", valid_until=""):
    """A member list as it comes: its heading row and one row per address."""
    head = ["email", "first_name", "last_name", "member_number", "kind", "status", "valid_from", "valid_until"]
    rows = [
        [email, email.split("@")[0].title(), "Sample", f"KLA-{number}", "Regular", status, valid_from, valid_until]
        for number, email in enumerate(emails, start=20001)
    ]
    return [head, *rows]


def make_answers(program, role, moment=Question.Moment.APPLICATION, **answers):
    """An answer to every question that needs one: the first option, a word, the smallest number; `answers` on top."""
    given = {}
    for question in program.questions.filter(moment=moment, role__in=["", role], required=True):
        given[question.code] = _answer(question)
    return {**given, **answers}


def _answer(question):
    if question.kind == Question.Kind.SEVERAL:
        return [question.options[0]["code"]]
    if question.kind in (Question.Kind.ONE, Question.Kind.SCALE):
        return question.options[0]["code"]
    return {
        Question.Kind.NUMBER: question.at_least or 1,
        Question.Kind.ZONE: "America/New_York",
        Question.Kind.MONTH: (clock.today("UTC") + timedelta(days=300)).strftime("%Y-%m"),
        Question.Kind.YES: True,
    }.get(question.kind, "A sentence in plain words.")
