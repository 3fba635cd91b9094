"""Plain functions that make what a test needs. The cast: Ann and Mo mentors, Bea and Cal mentees, Lee, Chi, Dee, Sam."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import clock
from members.models import Membership, User
from members.tests.make import make_association
from programs import applications, cycles
from programs.models import Application, Cycle, Gate, Page, Program, Question, Seat

SEPTEMBER = datetime(2025, 9, 10, 16, tzinfo=UTC)  # the cycle is open
BOOKKEEPING = ("django_session", "usersessions_usersession")


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


def make_program(slug="kla", association=None, **fields):
    """A program that everybody sees, of an association that is made for it."""
    made = {
        "name": f"{slug.upper()} Mentoring",
        "published": True,
        "reply_to": f"mentoring@{slug}.example.org",
        **fields,
    }
    return Program.objects.create(association=association or make_association(slug), slug=slug, **made)


def make_cycle(program, **fields):
    """Open in September 2025, introduced on 15 October, a year long."""
    dates = {
        "opens_on": date(2025, 9, 1),
        "closes_on": date(2025, 9, 30),
        "hear_by": date(2025, 10, 15),
        "announced_on": date(2025, 10, 15),
        "begins_on": date(2025, 10, 15),
        "ends_on": date(2026, 10, 14),
    }
    return Cycle.objects.create(program=program, **{"slug": "2025-26", "name": "2025–26", **dates, **fields})


def make_question(program, code, kind=Question.Kind.LINE, **fields):
    """A question of the application, for both roles unless one is named."""
    made = {"moment": Question.Moment.APPLICATION, "label": f"Tell us about {code}", **fields}
    return Question.objects.create(program=program, code=code, kind=kind, **made)


def make_form(program):
    """A short application in two sections: where one works, and what one hopes for."""
    kinds = [{"code": "public", "label": "A public library"}, {"code": "school", "label": "A school library"}]
    areas = [{"code": "outreach", "label": "Outreach", "group": "People"}, {"code": "grants", "label": "Grants"}]
    Kind, partner = Question.Kind, Question.Audience.PARTNER
    return [
        make_question(program, "employer", section="About you", order=1, audience=partner, label="Where do you work?"),
        make_question(
            program, "library_type", Kind.ONE, section="About you", order=2, options=kinds, required=True,
            label="What kind of library?",
        ),
        make_question(
            program, "areas", Kind.SEVERAL, section="What you hope for", order=3, options=areas, at_most=2, required=True,
            audience=partner, label="What would you like to talk about?",
        ),
        make_question(
            program, "goal", Kind.TEXT, section="What you hope for", order=4, required=True,
            label="What would make the year worth it?",
        ),
        make_question(program, "avoid", section="What you hope for", order=5, label="Whom should we not suggest?"),
    ]  # fmt: skip


def make_gate(program, kind=Gate.Kind.MEMBERSHIP, **fields):
    """A requirement that is looked at when applying. An agreement says something and blocks; a membership holds."""
    blocks = kind == Gate.Kind.AGREEMENT
    made = {
        "code": fields.get("code", str(kind)),
        "stage": Gate.Stage.APPLY,
        "consequence": Gate.Consequence.BLOCK if blocks else Gate.Consequence.HOLD,
        "title": "What we hear stays with us" if blocks else "",
        "text": "I keep to myself what I am told." if blocks else "",
        **fields,
    }
    return Gate.objects.create(program=program, kind=kind, **made)


def make_page(program, kind=Page.Kind.ABOUT, role="", **fields):
    made = {"title": "What it is", "body": "Two people talk for a year.", "slug": f"{kind}-{role or 'all'}", **fields}
    return Page.objects.create(program=program, kind=kind, role=role, **made)


def make_application(cycle, user, role, state=Application.State.SUBMITTED, **fields):
    """An application as it lies there in a state, its place counted, sent on 5 September unless it is a draft."""
    sent = None if state == Application.State.DRAFT else datetime(2025, 9, 5, 16, tzinfo=UTC)
    made = {
        "answers": make_answers(cycle.program, role),
        "started_at": datetime(2025, 9, 4, 16, tzinfo=UTC),
        "sent_at": sent,
        **fields,
    }
    if state in Application.HOLDS_A_PLACE:
        cycles.take_place(cycle, role)
    return Application.objects.create(cycle=cycle, user=user, role=role, state=state, **made)


@contextmanager
def writes_nothing():
    """Inside, nothing is written to the database but what signing in keeps for itself."""
    with CaptureQueriesContext(connection) as asked:
        yield
    written = [query["sql"] for query in asked if writes(query["sql"])]
    assert written == []


def assert_writes_nothing(client, url, status=200):
    """A GET changes nothing: not a row, whatever it shows."""
    with writes_nothing():
        response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response


def writes(sql):
    """Whether a statement changes a row of ours; what signing in keeps for itself is none."""
    act = sql.lstrip().split(" ", 1)[0].upper()
    return act in ("INSERT", "UPDATE", "DELETE", "REPLACE") and not any(table in sql for table in BOOKKEEPING)


def make_member(association, *emails, status="Active", valid_from=date(2020, 1, 1), valid_until=None):
    """Addresses on the member list."""
    for email in emails:
        Membership.objects.create(
            association=association,
            email=email.lower(),
            status=status,
            valid_from=valid_from,
            valid_until=valid_until,
            seen_on=valid_from,
        )


def fill_in(cycle, user, role, **answers):
    """An application that is begun, filled in and agreed to: ready to be sent."""
    application = applications.start(cycle, user, role)
    applications.save(application, make_answers(cycle.program, role, **answers), by=user)
    applications.agree(application, by=user)
    return application


def send(cycle, user, role, **answers):
    """The same, sent."""
    return applications.submit(fill_in(cycle, user, role, **answers), by=user)
