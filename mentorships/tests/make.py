"""Plain functions that make a pair and what it is asked. Ann and Mo mentor; Bea and Cal are mentees."""

from contextlib import contextmanager
from datetime import UTC, date, datetime

from members import clock
from mentorships import due as planner
from mentorships import terms, topics
from mentorships.models import CheckInPlan, Topic
from programs import places
from programs.models import Application, Question, Role
from programs.tests.make import make_application, make_cycle, make_form, make_person, make_program, make_question

INTRODUCED = datetime(2025, 10, 15, 16, tzinfo=UTC)
PLAN = [
    ("first_contact", 7, None),
    ("check_in", None, 2),
    ("check_in", None, 4),
    ("check_in", None, 8),
    ("check_in", None, 10),
]


def at(day, hour=18):
    """The clock at this hour (UTC; six in the evening unless said) of a day."""
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


@contextmanager
def on(year, month, day, hour=18):
    with clock.at(datetime(year, month, day, hour, tzinfo=UTC)):
        yield


def make_kla(slug="kla", **fields):
    """A program like KLA's: a year long, either may write first, check-ins, midway feedback, evaluation."""
    made = {"midway_after_months": 6, "contact_name": "Wren Halloran", **fields}
    program = make_program(slug, **made)
    make_form(program)
    for moment, after_days, after_months in PLAN:
        CheckInPlan.objects.create(program=program, moment=moment, after_days=after_days, after_months=after_months)
    return program


def make_pair(program=None, mentor=None, mentee=None, *, cycle=None, introduced=INTRODUCED, liaison=None, **fields):
    """Two people introduced to each other, in a program like KLA's: Mo and Bea unless others are named."""
    program = program or make_kla()
    cycle = cycle or program.cycles.first() or make_cycle(program)
    mentor = mentor or make_person("mo@farrow.example.org", "Mo", "Castellanos", phone="(502) 555-0134")
    mentee = mentee or make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    admitted = Application.State.ADMITTED
    mentors = make_application(cycle, mentor, Role.MENTOR, admitted, **fields.pop("mentors", {}))
    mentees = make_application(cycle, mentee, Role.MENTEE, admitted, **fields.pop("mentees", {}))
    with clock.at(introduced):
        places.take(mentors, mentee, at=introduced)
        return terms.begin(
            mentor_application=mentors, mentee_application=mentees, at=introduced, liaison=liaison, **fields
        )


def add_mentee(mentors_application, mentee, introduced=INTRODUCED):
    """One more mentee for a mentor who takes several."""
    cycle = mentors_application.cycle
    mentees = make_application(cycle, mentee, Role.MENTEE, Application.State.ADMITTED)
    with clock.at(introduced):
        places.take(mentors_application, mentee, at=introduced)
        return terms.begin(mentor_application=mentors_application, mentee_application=mentees, at=introduced)


def make_pairs(program, count):
    """So many pairs of one cycle."""
    found = []
    for number in range(count):
        mentor = make_person(f"mentor{number}@example.org", f"Mentor{number}", "Sample")
        mentee = make_person(f"mentee{number}@example.org", f"Mentee{number}", "Sample")
        found.append(make_pair(program, mentor, mentee))
    return found


def make_topics(cycle, *titles):
    """A small library, and its topics month by month over a cycle."""
    titles = titles or ("Start well", "Aim and map", "Where to learn", "Both ways", "A year from now")
    body = "What would you be glad to have when this is over?\n\n- Ask the other, too"
    library = [
        Topic.objects.create(
            program=cycle.program, code=title.lower().replace(" ", "-"), title=title, body=body, order=order
        )
        for order, title in enumerate(titles, start=1)
    ]
    planned = topics.plan(cycle, library)
    for one in planned:
        one.save()
    return planned


def do_what_is_due(day):
    """What beat does on the evening of a day."""
    moment = clock.end_of(day, "America/New_York")
    with clock.at(moment):
        return [(one.what, one.about) for one in planner.due(moment)]


def make_check_in_question(program, moment=Question.Moment.CHECK_IN):
    """Beside the one-tap answer: how often, and anything wished for."""
    options = [{"code": "none", "label": "Not yet"}, {"code": "1", "label": "Once"}]
    return [
        make_question(program, "times", Question.Kind.ONE, moment=moment, options=options, order=1),
        make_question(program, "need", Question.Kind.TEXT, moment=moment, order=2),
    ]


FIRST_CONTACT_DAY = date(2025, 10, 22)
MONTH_TWO = date(2025, 12, 15)
