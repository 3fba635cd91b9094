"""One story over every starting point: the code that lives it asks the program's columns and rows, never its name.

Two people apply, with an exception where one is needed; the committee matches them; the mentor is asked where mentors
are asked; both go to the workshop where there is one; they are introduced, get their topics, are asked how it goes,
take another year where there is one, evaluate, and the mentor's letter is signed where letters are written.
"""

import ast
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from evaluations import letters, responses
from evaluations.models import Receipt, ServiceLetter
from mail.models import Message
from matching import offers, proposals
from matching.models import Match
from members import clock
from members.journal import NotAllowed
from members.models import Entry, User
from mentoring import planner, presets
from mentorships import check_ins, extension
from mentorships.models import CheckIn, CheckInPlan, CycleTopic, Extension, Mentorship
from programs import applications, dates, decisions, training, waivers
from programs.models import Application, Attendance, Cycle, Gate, Program, Role, Seat, Training
from programs.tests.make import make_answers, make_member, make_person, make_seat

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)
SAYS = {CheckInPlan.Moment.FIRST_CONTACT: CheckIn.Word.YES, CheckInPlan.Moment.CHECK_IN: CheckIn.Word.FINE}


@dataclass
class Story:
    """One program's year as it was lived, and what came of it."""

    program: Program
    cycle: Cycle
    chair: User
    people: dict[str, User]
    applications: dict[str, Application] = field(default_factory=dict)

    @property
    def pair(self) -> Mentorship | None:
        """The one pair of the story, once there is one."""
        return Mentorship.objects.filter(cycle=self.cycle).select_related("cycle__program__association").first()


def at(day, hour=16):
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def evening(story, day):
    """What beat does on the evening of a day."""
    moment = clock.end_of(day, story.program.time_zone)
    with clock.at(moment):
        for _line in planner.due(moment):
            pass


def set_up(name):
    """The program with its committee; both people have an account, and neither is on the member list."""
    with at(date(2025, 1, 1)):
        program = presets.load(name).program
        seats = {
            role: make_person(f"{role}@committee.example", str(role).title(), "Harper")
            for role in (Seat.Role.CHAIR, Seat.Role.DEPUTY, *([Seat.Role.LIAISON] if program.liaisons else []))
        }
        for role, user in seats.items():
            make_seat(program, user, role)
    people = {
        Role.MENTOR: make_person("mo@farrow.example.org", "Mo", "Castellanos"),
        Role.MENTEE: make_person("bea@larkin.example.net", "Bea", "Lindqvist"),
    }
    return Story(program, program.cycles.earliest("opens_on"), seats[Seat.Role.CHAIR], people)


def apply(story, role):
    """Fill in the form with two years of work, agree, ask for an exception where a requirement allows one, send."""
    user = story.people[role]
    asked = set(
        story.program.questions.filter(moment="application", role__in=["", role]).values_list("code", flat=True)
    )
    different = {"years": 2, "employer": f"The {role} library"}
    answers = {code: value for code, value in different.items() if code in asked}
    application = applications.start(story.cycle, user, role)
    applications.save(application, make_answers(story.program, role, **answers), by=user)
    applications.agree(application, by=user)
    gates = {gate.code: gate for gate in story.program.gates.all()}
    for finding in decisions.in_the_way(application, story.cycle.today()):
        if finding.consequence == Gate.Consequence.EXCEPTION:
            with pytest.raises(NotAllowed):
                applications.submit(application, by=user)
            waivers.ask(application, gates[finding.code], by=user, why="I have done the work without the title.")
    story.applications[role] = applications.submit(application, by=user)


def come_in(story):
    """September, or June: both apply; an exception is decided; who is kept for a membership becomes a member."""
    day = story.cycle.opens_on + timedelta(days=2)
    with at(day):
        for role in Role:
            apply(story, role)
        for waiver in [waiver for row in story.applications.values() for waiver in row.waivers.all()]:
            waivers.grant(waiver.application, waiver.gate, by=story.chair, reason="The work counts, not the title.")
        for application in story.applications.values():
            application.refresh_from_db()
            if application.state == Application.State.HELD:
                make_member(story.program.association, application.user.email)
    evening(story, day + timedelta(days=1))


def match(story):
    """The committee's evening: a week before all are introduced together, else on the day of the matches."""
    together = story.program.introduce == Program.Introduce.TOGETHER
    day = story.cycle.announced_on - WEEK if together else story.cycle.announced_on
    with at(day):
        rows = {role: Application.objects.get(cycle=story.cycle, role=role) for role in Role}
        proposals.assign(story.cycle, rows[Role.MENTEE], rows[Role.MENTOR], by=story.chair)
        proposals.announce(story.cycle, by=story.chair)
    evening(story, day)
    return day


def answer_what_is_asked(story, day):
    """Everybody says yes, was there, is fine, and has four minutes."""
    with at(day):
        for asked in Match.objects.filter(state=Match.State.OFFERED):
            offers.answer(asked, Match.Answer.YES, by=asked.mentor_application.user)
        for session in Training.objects.filter(cycle=story.cycle, starts_at__lt=clock.now()):
            missing = [one for one in training.missing(story.cycle) if session.role in ("", one.application.role)]
            for one in missing:
                training.mark(session, one.application.user, by=story.chair)
        for asked in CheckIn.objects.filter(word=""):
            check_ins.answer(asked, SAYS[CheckInPlan.Moment(asked.moment)], by=asked.user)
        for asked in Extension.objects.filter(word=""):
            extension.answer(asked, Extension.Word.YES, by=asked.user)
        for asked in Receipt.objects.filter(answered=False):
            answers = make_answers(story.program, asked.role, asked.moment)
            responses.answer(asked, answers, by=asked.user)
        if story.pair and letters.may_ask_from(story.pair) == story.cycle.today():
            letters.sign(letters.ask(story.pair, by=story.pair.mentor), by=story.chair)


def live(name):
    """The whole year of one program."""
    story = set_up(name)
    come_in(story)
    day = match(story)
    while story.pair is None:
        day += timedelta(days=1)
        assert day < story.cycle.ends_on, "nobody is introduced"
        answer_what_is_asked(story, day)
        evening(story, day)
    may_ask = letters.may_ask_from(story.pair)
    while day < story.pair.term().ends_on + 2 * WEEK:
        # The calendar is asked every nine days: a missed night heals. A letter is asked for on the first day for it.
        step = day + timedelta(days=9)
        day = may_ask if may_ask and day < may_ask <= step else step
        answer_what_is_asked(story, day)
        evening(story, day)
    return story


def told(story, name, role=None):
    """How many mails of this name have left to one of them, or to anybody."""
    found = Message.objects.filter(name=name, state=Message.State.SENT)
    return (found.filter(to_email=story.people[role].email) if role else found).count()


def what_came_of_it(story):
    """The year in figures: what design promises of each program, read from rows."""
    program, pair = story.program, story.pair
    terms = list(pair.terms.order_by("number"))
    membership = Gate.objects.filter(program=program, kind=Gate.Kind.MEMBERSHIP)
    letter = ServiceLetter.objects.filter(mentorship=pair).first()
    asked = CheckIn.objects.filter(role=Role.MENTEE).order_by("due_on")
    topics = CycleTopic.objects.filter(cycle=story.cycle).order_by("number")
    return {
        "cycles": program.cycles.count(),
        "membership": sorted(membership.values_list("stage", flat=True)),
        "held": Entry.objects.filter(verb="held", about__startswith="application:").count(),
        "told at the start": told(story, "membership_reminder"),
        "exceptions": sum(row.waivers.filter(answer="granted").count() for row in story.applications.values()),
        "offers": told(story, "offer"),
        "trained": Attendance.objects.count(),
        "introduced": clock.day_of(pair.introduced_at, program.time_zone),
        "first contact": program.first_contact,
        "contact": pair.liaison is not None,
        "terms": [(term.begins_on, term.ends_on, dates.whole_months(term.begins_on, term.ends_on)) for term in terms],
        "topics": {str(role): told(story, "topic", role) for role in Role},
        "first topic": [(one.mentor_on, one.mentee_on) for one in topics[:1]],
        "job search": any(
            "job_search" in option.get("flags", ()) for q in program.questions.all() for option in q.options
        ),
        "check-ins": [one.due_on for one in asked],
        "evaluations": sorted(Receipt.objects.filter(answered=True).values_list("moment", "role")),
        "letter": letter and (letter.begins_on, letter.ends_on),
        "state": str(pair.state),
    }


BOTH_EVALUATE = [("end", "mentee"), ("end", "mentor")]
EXPECTED = {
    "kla": {
        "cycles": 1,
        "membership": ["apply"],
        "held": 2,
        "told at the start": 0,
        "exceptions": 0,
        "offers": 0,
        "trained": 0,
        "introduced": date(2025, 10, 15),
        "first contact": "either",
        "contact": False,
        "terms": [(date(2025, 10, 15), date(2026, 10, 14), 12)],
        "topics": {"mentor": 0, "mentee": 0},
        "first topic": [],
        "job search": False,
        "check-ins": [
            date(2025, 10, 22), date(2025, 12, 15), date(2026, 2, 15), date(2026, 6, 15), date(2026, 8, 15),
        ],
        "evaluations": [*BOTH_EVALUATE, ("midway", "mentee"), ("midway", "mentor")],
        "letter": None,
        "state": "completed",
    },
    "nasig": {
        "cycles": 1,
        "membership": ["start"],
        "held": 0,
        "told at the start": 2,
        "exceptions": 0,
        "offers": 0,
        "trained": 0,
        "introduced": date(2025, 8, 25),
        "first contact": "mentor",
        "contact": False,
        "terms": [(date(2025, 9, 1), date(2026, 5, 31), 9)],
        "topics": {"mentor": 9, "mentee": 9},
        "first topic": [(date(2025, 8, 29), date(2025, 9, 1))],
        "job search": True,
        "check-ins": [date(2025, 9, 1)],
        "evaluations": BOTH_EVALUATE,
        "letter": None,
        "state": "completed",
    },
    "nela": {
        "cycles": 2,
        "membership": ["apply", "match"],
        "held": 2,
        "told at the start": 0,
        "exceptions": 0,
        "offers": 1,
        "trained": 2,
        "introduced": date(2025, 11, 5),
        "first contact": "either",
        "contact": False,
        "terms": [
            (date(2025, 11, 5), date(2026, 11, 4), 12),
            (date(2026, 11, 5), date(2027, 11, 4), 12),
        ],
        "topics": {"mentor": 0, "mentee": 0},
        "first topic": [],
        "job search": True,
        "check-ins": [
            date(2025, 11, 12), date(2026, 2, 5), date(2026, 5, 5), date(2026, 8, 5),
            date(2027, 2, 5), date(2027, 5, 5), date(2027, 8, 5),
        ],
        "evaluations": sorted(BOTH_EVALUATE * 2),
        "letter": None,
        "state": "completed",
    },
    "nmrt": {
        "cycles": 1,
        "membership": [],
        "held": 0,
        "told at the start": 0,
        "exceptions": 1,
        "offers": 0,
        "trained": 0,
        "introduced": date(2025, 10, 1),
        "first contact": "mentor",
        "contact": True,
        "terms": [(date(2025, 10, 1), date(2026, 6, 30), 9)],
        "topics": {"mentor": 9, "mentee": 9},
        "first topic": [(date(2025, 10, 1), date(2025, 10, 1))],
        "job search": True,
        "check-ins": [date(2025, 10, 8), date(2025, 11, 1), date(2026, 2, 1), date(2026, 5, 1)],
        "evaluations": BOTH_EVALUATE,
        "letter": (date(2025, 10, 1), date(2025, 12, 31)),
        "state": "completed",
    },
}  # fmt: skip


@pytest.mark.requirement(
    "R-NELA-06", "R-NELA-10", "R-NELA-17", "R-NELA-19", "R-NELA-22", "R-NELA-23", "R-NELA-26", "R-NELA-28",
    "R-NMRT-01", "R-NMRT-06", "R-NMRT-12", "R-NMRT-13", "R-NMRT-15", "R-NMRT-16", "R-NMRT-41",
    "R-NASIG-13", "R-NASIG-18", "R-NASIG-33", "R-NASIG-42", "R-NASIG-43", "R-NASIG-44",
    "R-KLA-06", "R-KLA-07", "R-KLA-14", "R-KLA-20", "R-KLA-27", "R-KLA-36",
)  # fmt: skip
@pytest.mark.parametrize("name", presets.names())
def test_a_year_by_the_programs_own_rows(name):
    story = live(name)
    assert what_came_of_it(story) == EXPECTED[name]
    assert Message.objects.count() == Message.objects.values("key").distinct().count()
    assert not Message.objects.filter(state=Message.State.QUEUED, leaves_at__lt=clock.now()).exists()


def test_every_starting_point_is_told_of():
    assert sorted(EXPECTED) == presets.names()


def test_no_code_asks_for_a_program_by_its_name():
    """Only the demo, which shows these four, knows them by name."""
    named = [
        f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for app in ("mail", "members", "programs", "mentorships", "matching", "evaluations", "mentoring")
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py"))
        if not {"tests", "demo", "migrations"} & set(path.parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in presets.names()
    ]
    assert named == []
