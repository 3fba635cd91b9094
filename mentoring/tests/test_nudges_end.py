"""Whatever ends the reason of a reminder takes it back, though it has waited for its turn. Every reminder stands here."""

import ast
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from evaluations import letters, responses
from evaluations.models import Receipt, ServiceLetter
from evaluations.tests.make import make_evaluated_kla
from mail import delivery
from mail.models import Message
from mail.tests.make import make_message
from matching import offers
from matching.tests import offers as offered
from matching.tests.make import make_committee
from members import clock
from mentoring import planner
from mentorships import check_ins, extension, plans, terms
from mentorships.models import CheckIn, Extension
from mentorships.tests.make import make_kla, make_pair
from programs import applications, cycles, listings, training, waivers
from programs.models import Application, Gate, Listing, Role, Seat, Training
from programs.tests.make import (
    fill_in,
    make_application,
    make_cycle,
    make_form,
    make_gate,
    make_member,
    make_person,
    make_program,
    make_seat,
    send,
)

ROOT = Path(__file__).resolve().parent.parent.parent
State = Message.State


@dataclass
class Scene:
    """Somebody who was reminded at a moment, and what the acts of a test need."""

    at: datetime
    to: Any
    it: Any
    more: dict = field(default_factory=dict)


def hour(year, month, day, hour=18):
    return datetime(year, month, day, hour, tzinfo=UTC)


def chair(program):
    return make_seat(program, make_person("chi@office.example.org", "Chi", "Harper"), Seat.Role.CHAIR).user


# ------------------------------------------------------------------------------------------------- who is reminded of what


def a_draft():
    program = make_program()
    make_form(program)
    cycle = make_cycle(program)
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    with clock.at(hour(2025, 9, 10)):
        draft = fill_in(cycle, bea, Role.MENTEE)
    return Scene(hour(2025, 9, 24), bea, draft, {"chi": chair(program)})


def a_kept_application():
    program = make_program()
    make_form(program)
    make_gate(program)
    cycle = make_cycle(program)
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    with clock.at(hour(2025, 9, 10)):
        kept = send(cycle, bea, Role.MENTEE)
    assert kept.state == Application.State.HELD
    return Scene(hour(2025, 9, 14), bea, kept, {"chi": chair(program)})


def a_workshop(at):
    program = make_program("nela")
    gate = make_gate(program, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE, consequence="block")
    cycle = make_cycle(program, announced_on=date(2025, 10, 20), begins_on=date(2025, 10, 20))
    sessions = [
        Training.objects.create(cycle=cycle, title="Workshop", starts_at=hour(2025, 11, day, 19)) for day in (4, 18)
    ]
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    decided = hour(2025, 9, 30)
    row = make_application(cycle, bea, Role.MENTEE, Application.State.ADMITTED, decided_at=decided)
    return Scene(at, bea, row, {"chi": chair(program), "gate": gate, "session": sessions[0]})


def a_workshop_ahead():
    return a_workshop(hour(2025, 11, 11, 20))


def a_workshop_missed():
    scene = a_workshop(hour(2025, 11, 6, 20))
    with clock.at(hour(2025, 11, 5)):
        training.note(scene.more["session"], [], by=scene.more["chi"])
    return scene


def a_listed_mentor():
    program = make_program("nela", mentor_listing=True)
    make_form(program)
    fall = make_cycle(program, slug="fall")
    days = {"closes_on": date(2026, 3, 31), "hear_by": date(2026, 4, 20), "announced_on": date(2026, 4, 20)}
    spring = make_cycle(
        program, slug="spring", opens_on=date(2026, 3, 1), begins_on=date(2026, 4, 20), ends_on=date(2027, 4, 19), **days
    )  # fmt: skip
    mo = make_person("mo@farrow.example.org", "Mo", "Castellanos")
    make_application(fall, mo, Role.MENTOR, Application.State.ADMITTED)
    with clock.at(hour(2025, 12, 1)):
        listing = listings.join(program, mo, by=mo)
    return Scene(hour(2026, 3, 2), mo, listing, {"spring": spring})


def an_offer():
    with clock.at(offered.ANNOUNCED):
        cycle = offered.make_nela_cycle()
        people = make_committee(cycle.program)
        ann, _bea = offered.mentor(cycle), offered.mentee(cycle)
    match = offered.announce(cycle, people["chi"])["Bea"]
    return Scene(offered.ASKED + timedelta(days=3), ann.user, match, {"chi": people["chi"]})


def a_check_in():
    pair = make_pair(make_kla(first_contact="either"))
    planned(hour(2025, 10, 22))
    asked = CheckIn.objects.get(user=pair.mentee)
    return Scene(hour(2025, 10, 27), pair.mentee, asked, {"pair": pair, "chi": chair(pair.program)})


def a_silent_pair():
    scene = a_check_in()
    scene.at = hour(2025, 10, 25)
    return scene


def a_pair_without_a_plan():
    pair = make_pair()
    return Scene(hour(2025, 11, 3), pair.mentee, pair, {"pair": pair, "chi": chair(pair.program)})


def another_year():
    pair = make_pair(make_kla(term_anchor="introduction", extension_months=12, max_extensions=1))
    planned(hour(2026, 8, 30))
    asked = Extension.objects.get(user=pair.mentee)
    return Scene(hour(2026, 9, 14), pair.mentee, asked, {"pair": pair, "chi": chair(pair.program)})


def halfway():
    pair = make_pair(make_evaluated_kla())
    planned(hour(2026, 4, 15))
    receipt = Receipt.objects.get(user=pair.mentee)
    return Scene(hour(2026, 4, 22), pair.mentee, receipt, {"pair": pair, "chi": chair(pair.program)})


def an_evaluation():
    pair = make_pair(make_evaluated_kla())
    planned(hour(2026, 10, 15))
    return Scene(hour(2026, 10, 22), pair.mentee, Receipt.objects.get(user=pair.mentee), {"pair": pair})


def a_letter():
    pair = make_pair(make_kla(service_letters=True, letter_min_months=3))
    chi = chair(pair.program)
    with clock.at(hour(2026, 3, 1)):
        letters.ask(pair, by=pair.mentor)
    return Scene(hour(2026, 3, 2), chi, ServiceLetter.objects.get(), {"chi": chi})


# --------------------------------------------------------------------------------------------------------- what ends it


def withdraws(scene):
    applications.withdraw(scene.it, by=scene.to)


def is_refused(scene):
    applications.refuse(scene.it, by=scene.more["chi"], note="Not this time, we are sorry.")


def waits_again(scene):
    applications.wait_list(scene.it, by=scene.more["chi"])


def has_joined(scene):
    make_member(scene.it.program.association, scene.to.email)
    applications.release(scene.it)


def is_exempt(scene):
    waivers.grant(scene.it, scene.more["gate"], by=scene.more["chi"], reason="Did it last year.")


def caught_up(scene):
    training.mark(scene.more["session"], scene.to, by=scene.more["chi"], made_up=True)


def on_the_list_after_all(scene):
    training.note(scene.more["session"], [scene.to.pk], by=scene.more["chi"])


def says(word, **more):
    return lambda scene: listings.answer(scene.it, scene.more["spring"], word, by=scene.to, **more)


def answers_offer(word, **more):
    return lambda scene: offers.answer(scene.it, word, by=scene.to, **more)


def answers(word):
    return lambda scene: check_ins.answer(scene.it, word, by=scene.to)


def told_the_committee(scene):
    check_ins.told(scene.more["pair"], Role.MENTEE, "yes", by=scene.more["chi"])


def ends(scene):
    terms.end_early(scene.more["pair"], by=scene.more["chi"], reason="time")


def plans_it(scene):
    plans.save(scene.it, {"channel": "video"}, [], by=scene.it.mentor)


def evaluates(scene):
    question = "times" if scene.it.moment == Receipt.Moment.MIDWAY else "fit"
    responses.answer(scene.it, {question: "mostly"}, by=scene.to)


WORKSHOP = {"waiver": is_exempt, "caught up": caught_up, "withdrawn": withdraws, "put on the waiting list": waits_again}
ENDS = {
    "draft_waiting": (
        a_draft,
        {
            "sent": lambda scene: applications.submit(scene.it, by=scene.to),
            "closed by hand": lambda scene: cycles.close_by_hand(scene.it.cycle, by=scene.more["chi"]),
        },
    ),
    "membership_reminder": (
        a_kept_application,
        {"found": has_joined, "withdrawn": withdraws, "refused": is_refused},
    ),
    "workshop_reminder": (a_workshop_ahead, WORKSHOP),
    "workshop_missed": (a_workshop_missed, {**WORKSHOP, "noted": on_the_list_after_all}),
    "listing_asked": (
        a_listed_mentor,
        {
            "yes": says(Listing.Answer.YES),
            "not now": says(Listing.Answer.NOT_NOW),
            "pause": says(Listing.Answer.PAUSE, until=date(2026, 9, 1)),
            "paused by hand": lambda scene: listings.pause(scene.it, date(2026, 9, 1), by=scene.to),
            "left": lambda scene: listings.leave(scene.it, by=scene.to),
            "applies": lambda scene: applications.start(scene.more["spring"], scene.to, Role.MENTOR),
        },
    ),
    "offer_reminder": (
        an_offer,
        {
            "yes": answers_offer("yes"),
            "no": answers_offer("not_this_cycle"),
            "a question": answers_offer("question", note="How often do they want to talk?"),
            "called off": lambda scene: offers.cancel(scene.it, by=scene.more["chi"]),
        },
    ),
    "check_in_reminder": (a_check_in, {"answered": answers("yes"), "told": told_the_committee, "ended": ends}),
    "write_first": (a_silent_pair, {"spoken": answers("yes"), "written": answers("wrote"), "ended": ends}),
    "plan": (a_pair_without_a_plan, {"planned": plans_it, "ended": ends}),
    "extend_reminder": (
        another_year,
        {
            "answered": lambda scene: extension.answer(scene.it, "yes", by=scene.to),
            "ended": ends,
            "decided": lambda scene: extension.decide(scene.it.term),
        },
    ),
    "midway_reminder": (halfway, {"answered": evaluates, "ended": ends}),
    "evaluation_reminder": (an_evaluation, {"answered": evaluates}),
    "letters_to_sign": (
        a_letter,
        {
            "signed": lambda scene: letters.sign(scene.it, by=scene.to),
            "refused": lambda scene: letters.refuse(scene.it, by=scene.to, note="Too short."),
        },
    ),
}
EVERY = [(name, act) for name, (_scene, acts) in ENDS.items() for act in acts]


def planned(at):
    """What every app owes by a moment; nothing leaves."""
    with clock.at(at):
        for app in planner.APPS[:-1]:
            list(app.due(at))


def reminded(name):
    """The scene, and its reminder as it waits: two others have left to the same person."""
    scene = ENDS[name][0]()
    planned(scene.at)
    waiting = Message.objects.get(name=name, to_email=scene.to.email, state=State.QUEUED)
    for number in range(2):
        make_message(f"other{number}", kind=Message.Kind.NUDGE, to_email=scene.to.email, state=State.SENT,
                     leaves_at=scene.at, about="")  # fmt: skip
    delivery.deliver(scene.at)
    waiting.refresh_from_db()
    return scene, waiting


def left(message):
    return message.message_id in [sent.extra_headers["Message-ID"] for sent in mail.outbox]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "act"), EVERY)
def test_what_ends_the_reason_takes_the_reminder_back(name, act):
    scene, message = reminded(name)
    assert (message.state, message.leaves_at, left(message)) == (State.QUEUED, scene.at + timedelta(days=7), False)
    with clock.at(scene.at + timedelta(hours=1)):
        ENDS[name][1][act](scene)
    message.refresh_from_db()
    assert (message.state, message.settled_at) == (State.CANCELLED, scene.at + timedelta(hours=1))
    delivery.deliver(scene.at + timedelta(days=8))
    assert not left(message)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ENDS)
def test_a_reminder_knows_until_when_it_is_of_use(name):
    scene, message = reminded(name)
    assert scene.at < message.good_until < scene.at + timedelta(days=35)
    later = max(scene.at + timedelta(days=7), message.good_until + timedelta(seconds=1))
    delivery.deliver(later)
    message.refresh_from_db()
    in_time = message.good_until >= later
    assert (message.state, left(message)) == ((State.SENT, True) if in_time else (State.CANCELLED, False))


def nudging_functions():
    """Every function of the apps that promises a reminder, by module."""
    found = set()
    for app in ("members", "programs", "mentorships", "matching", "evaluations", "mentoring"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "tests" in path.parts or "migrations" in path.parts or "rehearsal" in path.parts:
                continue
            for function in ast.walk(ast.parse(path.read_text())):
                if isinstance(function, ast.FunctionDef) and any(
                    isinstance(node, ast.Attribute) and node.attr == "NUDGE" for node in ast.walk(function)
                ):
                    found.add(f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{function.name}")
    return found


PROMISED_BY = {
    "programs.notices._nudge": {"draft_waiting", "membership_reminder"},
    "programs.notices_training.workshop_reminder": {"workshop_reminder"},
    "programs.notices_training.workshop_missed": {"workshop_missed"},
    "programs.notices_listing.listing_asked": {"listing_asked"},
    "matching.notices_offer.reminder": {"offer_reminder"},
    "mentorships.notices_check_ins.reminder": {"check_in_reminder"},
    "mentorships.notices.write_first": {"write_first"},
    "mentorships.notices.plan": {"plan"},
    "mentorships.notices_extension.reminder": {"extend_reminder"},
    "evaluations.notices.reminder": {"midway_reminder", "evaluation_reminder"},
    "evaluations.notices_letters.letters_to_sign": {"letters_to_sign"},
}


def test_whoever_adds_a_reminder_says_here_what_ends_it():
    assert nudging_functions() == set(PROMISED_BY)
    assert set().union(*PROMISED_BY.values()) == set(ENDS)
    callers = {
        node.args[2].value
        for node in ast.walk(ast.parse((ROOT / "programs/notices.py").read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_nudge"
    }
    assert callers == PROMISED_BY["programs.notices._nudge"]
