"""A world with people at every stage, made by the starting point and by verbs alone.

Two programs live through the same: KLA's, and one of an association that does not exist, in which every word of a
person is a canary. It is Tuesday, 28 October 2025. Each program has a cycle that is over and asks for its evaluation,
one in which pairs are half way and are being asked how it goes, and one that takes applications.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from evaluations import letters, responses
from evaluations.models import Receipt, Response
from mail import heartbeat, leaving, links
from mail.mailings import Letter
from mail.models import Message
from mail.tests.make import make_message
from matching import proposals, runs
from matching.models import Criterion, Match, Run
from members import clock, member_list
from members.models import Entry, Membership, User
from mentoring import mailings, planner, presets
from mentorships import check_ins, plans, requests
from mentorships.models import CheckIn, CheckInPlan, CycleTopic, Extension, Mentorship, NextStep, Request, Topic
from programs import applications, questions
from programs.models import (
    Application,
    Cycle,
    Gate,
    Listing,
    Page,
    Program,
    Question,
    Role,
    Seat,
    Testimonial,
    Training,
)
from programs.tests.make import (
    make_answers,
    make_cycle,
    make_gate,
    make_member_rows,
    make_page,
    make_person,
    make_question,
    make_seat,
)

NOW = datetime(2025, 10, 28, 16, tzinfo=UTC)
CANARY = "Xanthippe"  # what people of the other program are called and write
SET_UP_CANARY = "Quillfeather"  # what its committee has set up
HOME, OTHER = "kla", "larkmoor"
TEXTS = (Question.Kind.LINE, Question.Kind.TEXT)
SEATS = {
    "lee": Seat.Role.LIAISON,
    "mim": Seat.Role.COMMITTEE,
    "chi": Seat.Role.CHAIR,
    "dee": Seat.Role.DEPUTY,
    "max": Seat.Role.MEMBERSHIP_OFFICE,
    "oda": Seat.Role.OFFICE,
}
MEMBERS = ("ann", "cal", "mo", "bea", "mia", "noa", "ivy", "wes", "una", "tad")
SPRING = {
    "opens_on": date(2025, 3, 1),
    "closes_on": date(2025, 3, 31),
    "hear_by": date(2025, 4, 15),
    "announced_on": date(2025, 4, 15),
    "begins_on": date(2025, 4, 15),
    "ends_on": date(2026, 4, 14),
}
AUTUMN = {
    "opens_on": date(2025, 10, 1),
    "closes_on": date(2025, 10, 30),
    "hear_by": date(2025, 11, 17),
    "announced_on": date(2025, 11, 17),
    "begins_on": date(2025, 11, 17),
    "ends_on": date(2026, 11, 16),
}


LONG_AGO = {name: day.replace(year=day.year - 6) for name, day in AUTUMN.items()}


@dataclass
class Stage:
    """One program of the world: its people by their first names, and the rows that pages are about."""

    program: Program
    word: str
    people: dict[str, User] = field(default_factory=dict)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name):
        for kept in (self.__dict__["people"], self.__dict__["rows"]):
            if name in kept:
                return kept[name]
        raise AttributeError(name)


@dataclass
class World:
    """Both programs, a stranger who is signed in, and the site's administrator."""

    home: Stage
    other: Stage
    sam: User
    root: User


@contextmanager
def on(year: int, month: int, day: int) -> Iterator[None]:
    with clock.at(datetime(year, month, day, 16, tzinfo=UTC)):
        yield


def evening(day: date) -> None:
    """What beat does on the evening of a day."""
    at = clock.end_of(day, "America/New_York")
    with clock.at(at):
        for _ in planner.due(at):
            pass


def make_world() -> World:
    """Everybody at their stage."""
    with on(2024, 7, 1):
        home = _found(HOME, "")
        other = _found(OTHER, CANARY)
        sam = make_person("sam@elsewhere.example.org", "Sam", "Stranger")
        root = make_person("root@site.example.org", "Rae", "Root", is_superuser=True)
    both = (home, other)
    for stage in both:
        _last_year(stage)
    evening(date(2024, 10, 15))
    for stage in both:
        _spring(stage)
    evening(date(2025, 4, 15))
    evening(date(2025, 4, 22))
    for stage in both:
        _autumn(stage)
    evening(date(2025, 10, 15))
    evening(date(2025, 10, 27))
    for stage in both:
        _october(stage)
        _keep_rows(stage)
    for part in (heartbeat.WORKER, heartbeat.BEAT):
        heartbeat.note(part, NOW)
    return World(home, other, sam, root)


def _found(slug: str, word: str) -> Stage:
    """The program as the starting point makes it, its committee, the member list, one more date to ask how it goes."""
    named = {"association": slug, "name_": "Larkmoor Library Association"} if slug == OTHER else {}
    program = presets.load("kla", opens=date(2024, 9, 1), **named).program
    program.service_letters = program.mentor_listing = True
    program.save(update_fields=["service_letters", "mentor_listing"])
    stage = Stage(program, word)
    for name, role in SEATS.items():
        make_seat(program, _person(stage, name), role)
    rows = make_member_rows(*(f"{name}@{slug}.example.org" for name in MEMBERS))
    if word:
        rows[1:] = [[row[0], row[1], word, f"{word}-{row[3]}", *row[4:]] for row in rows[1:]]
        _write_canaries(program)
    found = member_list.read(program.association, rows)
    member_list.apply(program.association, found, seen_on=date(2024, 7, 1), by=stage.chi)
    CheckInPlan.objects.create(program=program, moment=CheckInPlan.Moment.CHECK_IN, after_days=195)
    return stage


def _write_canaries(program: Program) -> None:
    """What the other committee has set up carries a word of its own, too."""
    for model, column in ((Question, "label"), (Gate, "title"), (Criterion, "label"), (Page, "title")):
        for row in model.objects.filter(program=program):
            setattr(row, column, f"{SET_UP_CANARY} {getattr(row, column)}"[:110])
            row.save(update_fields=[column])
    Program.objects.filter(pk=program.pk).update(contact_name=f"{SET_UP_CANARY} committee")
    program.refresh_from_db()


def _person(stage: Stage, name: str) -> User:
    if name not in stage.people:
        email = f"{name}@{stage.program.slug}.example.org"
        stage.people[name] = make_person(email, name.title(), stage.word or "Sample")
    return stage.people[name]


def _answers(stage: Stage, role: str, moment: str) -> dict[str, Any]:
    """What the form needs, and in every free text the word of this program's people."""
    asked = questions.of(stage.program, moment, role)
    words = {question.code: f"{stage.word} said this." for question in asked if question.kind in TEXTS}
    return make_answers(stage.program, role, moment, **{"years": 9 if role == Role.MENTOR else 2, **words})


def _apply(stage: Stage, cycle: str, name: str, role: str) -> Application:
    user = _person(stage, name)
    application = applications.start(stage.cycles[cycle], user, role)
    given = _answers(stage, role, Question.Moment.APPLICATION)
    known = {question.code for question in questions.of(stage.program, Question.Moment.APPLICATION, role)}
    applications.save(application, {code: value for code, value in given.items() if code in known}, by=user)
    applications.agree(application, by=user)
    return applications.submit(application, by=user)


def _pair(stage: Stage, cycle: str, mentor: str, mentee: str, applied: datetime, matched: datetime) -> None:
    """Two people apply, are suggested to the committee, kept and announced."""
    with clock.at(applied):
        _apply(stage, cycle, mentor, Role.MENTOR)
        _apply(stage, cycle, mentee, Role.MENTEE)
    with clock.at(matched):
        runs.suggest(stage.cycles[cycle], by=stage.chi)
        proposals.announce(stage.cycles[cycle], by=stage.chi)


def _last_year(stage: Stage) -> None:
    stage.cycles["last"] = stage.program.cycles.get()
    applied, matched = datetime(2024, 9, 5, 16, tzinfo=UTC), datetime(2024, 10, 8, 16, tzinfo=UTC)
    _pair(stage, "last", "ann", "cal", applied, matched)


def _spring(stage: Stage) -> None:
    stage.cycles["spring"] = make_cycle(stage.program, slug="spring-2025", name="Spring 2025", **SPRING)
    applied, matched = datetime(2025, 3, 5, 16, tzinfo=UTC), datetime(2025, 4, 8, 16, tzinfo=UTC)
    with on(2025, 4, 3):
        stage.rows["late"] = _apply(stage, "spring", "tad", Role.MENTEE)
    _pair(stage, "spring", "mo", "bea", applied, matched)


def _autumn(stage: Stage) -> None:
    """The doors are open: every way an application can stand."""
    stage.cycles["autumn"] = make_cycle(stage.program, slug="autumn-2025", name="Autumn 2025", **AUTUMN)
    rows = stage.rows
    with on(2025, 10, 3):
        for name in ("mia", "noa"):
            rows[f"{name}s"] = _apply(stage, "autumn", name, Role.MENTOR)
        for name in ("ivy", "wes", "una"):
            rows[f"{name}s"] = _apply(stage, "autumn", name, Role.MENTEE)
        applications.wait_list(rows["wess"], by=stage.chi)
        applications.withdraw(rows["unas"], by=stage.una, note=f"{stage.word} moves away.")
    with on(2025, 10, 20):
        rows["held"] = _apply(stage, "autumn", "hal", Role.MENTEE)
        applications.claim(rows["held"], number=f"{stage.word or 'KLA'}-7", by=stage.hal)
        rows["draft"] = applications.start(stage.cycles["autumn"], stage.hal, Role.MENTOR)


def _october(stage: Stage) -> None:
    """Answers, a wish, and suggested pairs."""
    pair = Mentorship.objects.get(cycle=stage.cycles["spring"])
    # The contact person is given by the committee; no verb of this year does so yet.
    Mentorship.objects.filter(pk=pair.pk).update(liaison=stage.lee)
    pair.liaison = stage.lee
    with clock.at(NOW):
        goal = {"text": f"{stage.word} reads a budget", "first_step": "Ask", "by": date(2026, 1, 5)}
        plans.save(pair, {"channel": "Video", "rhythm": "Monthly", "hours": "", "replies": ""}, [goal], by=stage.bea)
        mos = CheckIn.objects.filter(mentorship=pair, user=stage.mo).latest("due_on")
        check_ins.answer(mos, CheckIn.Word.FINE, by=stage.mo, note=f"{stage.word} is fine.")
        for user, moment in ((stage.mo, "midway"), (stage.cal, "end")):
            receipt = Receipt.objects.get(user=user, moment=moment)
            responses.answer(receipt, _answers(stage, receipt.role, moment), by=user)
        stage.rows["another_year"] = Extension.objects.create(
            term=pair.term(), user=stage.bea, role=Role.MENTEE, asked_at=NOW, answer_by=date(2026, 3, 1)
        )
        stage.rows["next_step"] = NextStep.objects.create(
            mentorship=pair, user=stage.bea, role=Role.MENTEE, asked_at=NOW
        )
        stage.rows["offer"] = Match.objects.create(
            cycle=stage.cycles["spring"],
            mentor_application=pair.mentor_application,
            mentee_application=stage.late,
            state=Match.State.OFFERED,
            made_at=NOW,
            offered_at=NOW,
            answer_by=datetime(2025, 11, 4, 16, tzinfo=UTC),
        )
        stage.rows["letter"] = letters.sign(letters.ask(pair, by=stage.mo), by=stage.chi)
        stage.rows["asked"] = requests.ask(pair, Request.Kind.HELP, by=stage.bea, note=f"{stage.word} is away.")
        runs.suggest(stage.cycles["autumn"], by=stage.chi)
        proposals.keep(Match.objects.filter(cycle=stage.cycles["autumn"]).earliest("pk"), by=stage.chi)


def _keep_rows(stage: Stage) -> None:
    """The row that each table's page is about."""
    program, association, cycles = stage.program, stage.program.association, stage.cycles
    workshop = Training.objects.create(
        cycle=cycles["autumn"],
        starts_at=datetime(2025, 11, 10, 17, tzinfo=UTC),
        title=f"{stage.word} workshop",
    )
    for code in ("spare", "planned"):
        topic = {"code": code, "title": f"{SET_UP_CANARY if stage.word else ''} {code}", "body": f"{stage.word} asks."}
        stage.rows["topic" if code == "spare" else "planned"] = Topic.objects.create(program=program, **topic)
    stage.rows |= {
        "cycletopic": CycleTopic.objects.create(
            cycle=cycles["autumn"],
            topic=stage.planned,
            number=1,
            mentor_on=date(2025, 12, 1),
            mentee_on=date(2025, 12, 1),
        ),
        "association": association,
        "program": program,
        "cycle": cycles["autumn"],
        "page": program.pages.first(),
        "question": program.questions.filter(moment=Question.Moment.APPLICATION).first(),
        "gate": program.gates.get(code="membership"),
        "criterion": Criterion.objects.filter(program=program).first(),
        "check_in_plan": CheckInPlan.objects.filter(program=program).first(),
        "training": workshop,
        "listing": Listing.objects.create(
            program=program, user=stage.mo, since=date(2025, 9, 1), asked_for=cycles["autumn"]
        ),
        "testimonial": Testimonial.objects.create(program=program, role=Role.MENTEE, text=f"{stage.word} helped me."),
        "seat": Seat.objects.get(program=program, role=Seat.Role.COMMITTEE),
        "pair": Mentorship.objects.get(cycle=cycles["spring"]),
        "check_in": CheckIn.objects.filter(user=stage.bea).latest("due_on"),
        "midway": Receipt.objects.get(user=stage.bea, moment="midway"),
        "end": Receipt.objects.get(user=stage.cal, moment="end"),
        "response": Response.objects.filter(cycle=cycles["spring"]).first(),
        "match": Match.objects.filter(cycle=cycles["autumn"]).earliest("pk"),
        "run": Run.objects.filter(cycle=cycles["autumn"]).latest("pk"),
        "mailing": _letter(stage, "first"),
        "message": Message.objects.filter(about=f"application:{stage.rows['held'].pk}").first(),
        "topic_mail": make_message(
            f"topic-{program.slug}",
            state="sent",
            kind=Message.Kind.TOPIC,
            scope=program.scope,
            to_email=stage.cal.email,
        ),
        "membership": Membership.objects.filter(association=association).first(),
        "entry": Entry.objects.filter(scope=program.scope).first(),
    }


def _letter(stage: Stage, number: str):
    """The chair writes to her own committee."""
    with clock.at(NOW):
        letter = Letter.of(f"{stage.word} {number} letter", f"{stage.word} writes to {{name}}.")
        return mailings.write("us", stage.cycles["autumn"], {}, letter, by=stage.chi)


def make_more(stage: Stage) -> None:
    """Two more of whatever a list shows: applicants, suggested pairs, wishes, answers, set-up, memberships, mails."""
    with clock.at(NOW):
        for number in ("one", "two"):
            _apply(stage, "autumn", f"mentor-{number}", Role.MENTOR)
            _apply(stage, "autumn", f"mentee-{number}", Role.MENTEE)
            make_seat(stage.program, _person(stage, f"seat-{number}"), Seat.Role.COMMITTEE)
            _letter(stage, number)
            Training.objects.create(cycle=stage.cycles["autumn"], title=number, starts_at=NOW)
            listed = _person(stage, f"listed-{number}")
            Listing.objects.create(program=stage.program, user=listed, since=date(2025, 9, 1))
            Testimonial.objects.create(program=stage.program, role=Role.MENTEE, text=number)
            make_cycle(stage.program, slug=number, name=number, **LONG_AGO)
            make_page(stage.program, slug=number)
            make_gate(stage.program, code=number)
            make_question(stage.program, number)
            topic = Topic.objects.create(program=stage.program, code=number, title=number, body="Ask.")
            CycleTopic.objects.create(
                cycle=stage.cycles["autumn"],
                topic=topic,
                number={"one": 2, "two": 3}[number],
                mentor_on=date(2026, 1, 1),
                mentee_on=date(2026, 1, 1),
            )
            CheckInPlan.objects.create(
                program=stage.program, moment="check_in", after_days={"one": 300, "two": 310}[number]
            )
        asked = Request.Kind.REMATCH, Request.Kind.LEAVE
        for kind in asked:
            requests.ask(stage.pair, kind, by=stage.mo, note="Another wish.")
        for user, moment in ((stage.bea, "midway"), (stage.ann, "end")):
            receipt = Receipt.objects.get(user=user, moment=moment)
            responses.answer(receipt, _answers(stage, receipt.role, moment), by=user)


def token(purpose: str, row, user: User) -> str:
    """The signed part of the link that this person was mailed."""
    message = Message.objects.filter(to_email=user.email, also_email="").earliest("pk")
    return links.token(purpose, row.pk, message)


def leaving_token(stage) -> str:
    """The signed part of the link with which somebody leaves a program's topics."""
    return links.token(leaving.PURPOSE, 0, stage.topic_mail)
