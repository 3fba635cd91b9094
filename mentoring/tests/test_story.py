"""The whole year of one mentor and one mentee, from application to the chair's figures, through verbs alone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from evaluations import reports, responses
from evaluations.models import Receipt
from mail.models import Message
from matching import proposals, runs
from matching.models import Match
from members import clock, member_list
from members.models import Association, Entry
from mentoring import planner, presets
from mentorships import check_ins, health, requests
from mentorships.models import CheckIn, Mentorship
from mentorships.models import Request as Asking
from programs import applications
from programs.models import Application, Program, Role, Seat
from programs.tests.make import make_answers, make_member_rows, make_person, make_seat

pytestmark = pytest.mark.django_db


def on(day, hour=12):
    """The clock at this hour (UTC) of a day."""
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def do_what_is_due(day):
    """What beat does on the evening of a day."""
    at = clock.end_of(day, "America/New_York")
    with clock.at(at):
        return list(planner.due(at))


def apply(cycle, user, role):
    """Fill in the form, agree, and send it."""
    application = applications.start(cycle, user, role)
    applications.save(application, make_answers(cycle.program, role), by=user)
    applications.agree(application, by=user)
    return applications.submit(application, by=user)


@pytest.mark.requirement(
    "R-KLA-07", "R-KLA-11", "R-KLA-12", "R-KLA-14", "R-KLA-15", "R-KLA-20", "R-KLA-27", "R-KLA-36", "R-KLA-40"
)
def test_one_pair_one_year():
    # July: the program stands, with a chair and her deputy, and the member list is in.
    opens = date(2025, 9, 1)
    with on(date(2025, 7, 1)):
        presets.load("kla", opens=opens)
        program = Program.objects.get(slug="kla")
        cycle = program.cycles.get()
        chair = make_person("chi@kla.example.org", "Chi", "Harper")
        deputy = make_person("dee@kla.example.org", "Dee", "Ruiz")
        make_seat(program, chair, Seat.Role.CHAIR)
        make_seat(program, deputy, Seat.Role.DEPUTY)
        kla = Association.objects.get(slug="kla")
        found = member_list.read(kla, make_member_rows("mo@farrow.example.org"))
        assert found.errors == []
        member_list.apply(kla, found, seen_on=date(2025, 7, 1), by=chair)

    # September: both apply. Mo is on the member list and in at once; Bea is kept until her membership is found.
    mo = make_person("mo@farrow.example.org", "Mo", "Castellanos")
    bea = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    with on(date(2025, 9, 5)):
        mos = apply(cycle, mo, Role.MENTOR)
        beas = apply(cycle, bea, Role.MENTEE)
    assert mos.state == Application.State.ADMITTED
    assert beas.state == Application.State.HELD
    with on(date(2025, 9, 10)):
        found = member_list.read(kla, make_member_rows("mo@farrow.example.org", "bea@larkin.example.net"))
        member_list.apply(kla, found, seen_on=date(2025, 9, 10), by=chair)
    do_what_is_due(date(2025, 9, 10))
    beas.refresh_from_db()
    assert beas.state == Application.State.ADMITTED

    # October: the committee matches, announces, and both are introduced to each other by one mail.
    with on(date(2025, 10, 8)):
        run = runs.suggest(cycle, by=chair)
        assert run.result["certified"] is True
        [match] = Match.objects.filter(cycle=cycle, state=Match.State.DRAFT)
        assert (match.mentor_application, match.mentee_application) == (mos, beas)
        assert match.reasons
        proposals.keep(match, by=chair)
        leaving = proposals.announcement(cycle)  # the dry run: counted by what sends
        assert [(pair.mentor_application, pair.mentee_application) for pair in leaving.pairs] == [(mos, beas)]
        proposals.announce(cycle, by=chair)
    do_what_is_due(cycle.announced_on)
    pair = Mentorship.objects.get()
    assert (pair.mentor, pair.mentee, pair.state) == (mo, bea, Mentorship.State.OPEN)
    term = pair.term()
    assert (term.begins_on, term.ends_on) == (date(2025, 10, 15), date(2026, 10, 14))
    introduction = Message.objects.get(name="introduction")
    assert {introduction.to_email, introduction.also_email} == {mo.email, bea.email}

    # The committee asks how it goes; Bea answers, and would like another mentor, which only the committee learns.
    day = cycle.announced_on
    while not CheckIn.objects.filter(user=bea).exists():
        day += timedelta(days=1)
        do_what_is_due(day)
    with on(day + timedelta(days=1)):
        check_ins.answer(CheckIn.objects.filter(user=bea).earliest("due_on"), CheckIn.Word.YES, by=bea)
        wish = requests.ask(pair, Asking.Kind.REMATCH, by=bea, note="We talk past each other.")
        assert list(Asking.objects.visible_to(chair)) == [wish]
        assert list(Asking.objects.visible_to(mo)) == []
        assert health.of(pair.facts(), today=clock.today("America/New_York")).colour == "red"
        requests.take_back(wish, by=bea)

    # The months go by: check-ins, the midway feedback, the end, the evaluation.
    # (The calendar is asked once a week here: a missed night heals. The rehearsal asks it every night.)
    while day < date(2026, 10, 16):
        day += timedelta(days=7)
        do_what_is_due(day)
        for receipt in Receipt.objects.filter(answered=False):
            with on(day + timedelta(days=1)):
                responses.answer(receipt, make_answers(program, receipt.role, receipt.moment), by=receipt.user)
    pair.refresh_from_db()
    assert pair.state == Mentorship.State.COMPLETED
    assert sorted(Receipt.objects.values_list("moment", "role", "answered")) == [
        ("end", "mentee", True),
        ("end", "mentor", True),
        ("midway", "mentee", True),
        ("midway", "mentor", True),
    ]

    # The chair's figures: one pair is under the minimum, so every breakdown is withheld, and says so.
    with on(date(2026, 11, 10)):
        figures = reports.figures(cycle)
    assert figures.asked == {"mentor": 1, "mentee": 1}
    assert figures.answered == {"mentor": 1, "mentee": 1}
    assert figures.withheld
    assert figures.minimum == program.report_minimum == 5

    # Nothing was mailed twice, and the history names every step.
    assert Message.objects.count() == Message.objects.values("key").distinct().count()
    verbs = set(Entry.objects.values_list("verb", flat=True))
    assert {"submitted", "held", "admitted", "announced", "introduced", "completed"} <= verbs
