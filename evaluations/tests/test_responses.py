"""Asked once, given once, read by few."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from evaluations import reports, responses
from evaluations.models import Afterwards, Receipt, Response
from evaluations.tests.make import AFTER, HALFWAY, answer_all, do_what_is_due, make_evaluated_kla, make_year
from mail import delivery
from mail.models import Message
from members import clock, journal
from members.journal import NotAllowed
from members.models import Entry
from mentorships import terms
from mentorships.models import Mentorship
from mentorships.tests.make import make_pair
from programs.models import Cycle, Seat
from programs.tests.make import assert_writes_nothing, make_person, make_seat

pytestmark = pytest.mark.django_db
BOTH = ["mentee", "mentor"]


def on(day, hour=18):
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def asked():
    return sorted(Receipt.objects.values_list("moment", "role"))


@pytest.fixture
def pair():
    return make_pair(make_evaluated_kla())


@pytest.fixture
def receipt(pair):
    """Bea's evaluation, asked on the day after the end."""
    do_what_is_due(AFTER)
    return Receipt.objects.get(moment="end", role="mentee")


def link_in(name, email):
    message = Message.objects.get(name=name, to_email=email)
    return re.search(r"https?://[^/\s]+(/evaluation/by-link/\S+)", delivery.signed(message).text)[1]


# Asked


@pytest.mark.requirement("R-KLA-27")
def test_halfway_both_sides_are_asked_once(pair):
    assert do_what_is_due(HALFWAY - timedelta(days=1)) == []
    assert do_what_is_due(HALFWAY) == ["midway", "midway"]
    assert do_what_is_due(HALFWAY) == []
    assert asked() == [("midway", "mentee"), ("midway", "mentor")]
    [mail] = Message.objects.filter(name="midway", to_email=pair.mentee.email)
    assert mail.subject == "Halfway: 2 questions"
    assert "At least once in it the committee hears from each of you" in " ".join(mail.text.split())


@pytest.mark.requirement("R-KLA-20")
def test_on_the_day_after_the_end_all_are_asked_how_it_was(pair):
    assert "evaluation" not in do_what_is_due(AFTER - timedelta(days=1))
    assert do_what_is_due(AFTER) == ["evaluation", "evaluation"]
    assert [one for one in asked() if one[0] == "end"] == [("end", "mentee"), ("end", "mentor")]
    assert Receipt.objects.filter(moment="end").first().closes_on == AFTER + timedelta(days=21)


@pytest.mark.requirement("R-KLA-20")
def test_who_left_a_pair_early_is_asked_with_all_the_others(pair):
    with on(date(2026, 1, 10)):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.TIME)
    assert do_what_is_due(HALFWAY) == []
    assert do_what_is_due(AFTER) == ["evaluation", "evaluation"]


def test_who_had_another_pair_afterwards_is_asked_once(pair):
    with on(date(2026, 1, 10)):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.TIME)
    ann = make_person("ann@example.org", "Ann", "Whitcomb")
    from programs.models import Application, Role
    from programs.tests.make import make_application

    anns = make_application(pair.cycle, ann, Role.MENTOR, Application.State.ADMITTED)
    with on(date(2026, 2, 1)):
        terms.begin(mentor_application=anns, mentee_application=pair.mentee_application, at=clock.now())
    do_what_is_due(AFTER)
    ends = Receipt.objects.filter(moment="end").values_list("user__first_name", flat=True)
    assert sorted(ends) == ["Ann", "Bea", "Mo"]


def test_only_who_has_not_answered_is_reminded_on_days_seven_and_fourteen(pair, receipt):
    with on(AFTER):
        responses.answer(receipt, {"fit": "much"}, by=pair.mentee)
    sent = {n: do_what_is_due(AFTER + timedelta(days=n)) for n in range(1, 25)}
    assert {n: what for n, what in sent.items() if what} == {7: ["evaluation_reminder"], 14: ["evaluation_reminder"]}
    reminded = Message.objects.filter(name="evaluation_reminder")
    assert {mail.to_email for mail in reminded} == {pair.mentor.email}


def test_a_pair_that_ended_gets_no_reminder_of_the_midway_feedback(pair):
    do_what_is_due(HALFWAY)
    with on(HALFWAY + timedelta(days=1)):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.TIME)
    assert do_what_is_due(HALFWAY + timedelta(days=8)) == []
    assert set(Message.objects.filter(name="midway").values_list("state", flat=True)) == {"cancelled"}


def test_what_a_silent_calendar_missed_is_asked_for_six_weeks(pair):
    assert do_what_is_due(AFTER + timedelta(days=46)) == []
    assert do_what_is_due(AFTER + timedelta(days=40)) == ["evaluation", "evaluation"]
    assert do_what_is_due(AFTER + timedelta(days=40)) == []


def test_who_has_left_the_program_is_not_asked_how_it_was(pair):
    from programs.models import Application

    with on(date(2026, 1, 10)):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.TIME, leaving=pair.mentee)
        journal.move(pair.mentee_application, Application.State.WITHDRAWN)
    do_what_is_due(AFTER)
    assert list(Receipt.objects.values_list("user", flat=True)) == [pair.mentor.pk]


def test_a_program_without_these_questions_asks_nothing():
    program = make_evaluated_kla()
    program.questions.filter(moment__in=["midway", "end"]).delete()
    make_pair(program)
    assert do_what_is_due(HALFWAY) == do_what_is_due(AFTER) == []


# Given


def test_it_is_given_once_and_the_first_stays(receipt):
    with on(AFTER):
        responses.answer(receipt, {"fit": "much", "forged": "x"}, by=receipt.user)
        with pytest.raises(responses.Already):
            responses.answer(Receipt.objects.get(pk=receipt.pk), {"fit": "hardly"}, by=receipt.user)
    [kept] = Response.objects.all()
    assert (kept.answers, kept.receipt, kept.mode) == ({"fit": "much"}, receipt, "confidential")


def test_until_its_last_day_whatever_became_of_the_pair(receipt):
    with on(receipt.closes_on):
        assert responses.is_open(receipt)
    with on(receipt.closes_on + timedelta(days=1)), pytest.raises(NotAllowed, match="is closed"):
        responses.answer(receipt, {}, by=receipt.user)


def test_nobody_gives_it_for_another(pair, receipt):
    with on(AFTER), pytest.raises(NotAllowed, match="for somebody else"):
        responses.answer(receipt, {}, by=pair.mentor)


def test_anonymous_answers_are_tied_to_nobody(pair, receipt):
    Cycle.objects.update(evaluation_mode=Cycle.EvaluationMode.ANONYMOUS)
    receipt = Receipt.objects.get(pk=receipt.pk)
    before = Entry.objects.count()
    with on(AFTER):
        responses.answer(receipt, {"fit": "much"}, by=receipt.user)
    kept = Response.objects.get()
    assert (kept.receipt, kept.mode) == (None, "anonymous")
    assert Entry.objects.count() == before


def test_the_database_refuses_a_receipt_on_an_anonymous_answer(receipt):
    with on(AFTER):
        kept = responses.answer(receipt, {"fit": "much"}, by=receipt.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.filter(pk=kept.pk).update(mode="anonymous")
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.filter(pk=kept.pk).update(receipt=None)


def test_anonymous_answers_are_counted_only_after_they_were_mixed_and_their_order_says_nothing():
    """Forty answer in turn. After the close the numbers are new, and their order is no longer that of arrival."""
    program = make_evaluated_kla()
    make_year(program, 20)
    Cycle.objects.update(evaluation_mode=Cycle.EvaluationMode.ANONYMOUS)
    cycle = program.cycles.get()
    answer_all("end", lambda number: {"fit": "much", "change": f"{number:02}"})
    arrived = [response.answers["change"] for response in Response.objects.order_by("pk")]
    assert arrived == sorted(arrived)
    with on(AFTER + timedelta(days=21)):
        assert reports.figures(cycle).withheld == ("mentor", "mentee")
    do_what_is_due(AFTER + timedelta(days=22))
    mixed = [response.answers["change"] for response in Response.objects.order_by("pk")]
    assert sorted(mixed) == arrived
    assert mixed != arrived
    numbers = set(Response.objects.values_list("pk", flat=True))
    do_what_is_due(AFTER + timedelta(days=23))
    assert set(Response.objects.values_list("pk", flat=True)) == numbers  # once
    with on(AFTER + timedelta(days=23)):
        assert reports.figures(cycle).answered == {"mentor": 20, "mentee": 20}


# Read


def test_the_chair_reads_it_the_partner_and_the_committee_do_not(pair, receipt):
    people = {}
    for name, role in (("chi", "chair"), ("dee", "deputy"), ("mia", "committee"), ("lee", "liaison")):
        people[name] = make_person(f"{name}@kla.example.org", name.title(), "K")
        make_seat(pair.program, people[name], Seat.Role(role))
    with on(AFTER):
        kept = responses.answer(receipt, {"fit": "hardly"}, by=receipt.user)
        readers = [name for name, user in people.items() if list(Response.objects.visible_to(user)) == [kept]]
        assert readers == ["chi", "dee"]
        assert list(Response.objects.visible_to(pair.mentor)) == []


def test_a_chair_never_reads_the_answers_of_a_pair_of_her_own_nor_a_figure_they_follow_from():
    """Chi mentors Bea. Her deputy reads six answers of each side, Chi five, and her figures are of those five."""
    program = make_evaluated_kla()
    chi, dee = make_person("chi@kla.example.org", "Chi", "H"), make_person("dee@kla.example.org", "Dee", "R")
    make_seat(program, chi, Seat.Role.CHAIR)
    make_seat(program, dee, Seat.Role.DEPUTY)
    make_pair(program, mentor=chi)
    make_year(program, 5)
    answer_all("end", lambda number: {"fit": "hardly" if number < 2 else "much", "recommend": 9})
    cycle = program.cycles.get()
    with on(AFTER + timedelta(days=30)):
        assert (Response.objects.visible_to(dee).count(), Response.objects.visible_to(chi).count()) == (12, 10)
        deputys, hers = reports.figures(cycle, reader=dee), reports.figures(cycle, reader=chi)
    assert deputys.answered == {"mentor": 6, "mentee": 6}
    assert hers.answered == {"mentor": 5, "mentee": 5}
    assert [cell.people for cell in hers.breakdowns[0].cells] == [5, 5]


def test_with_four_pairs_everything_is_withheld():
    program = make_evaluated_kla()
    make_year(program, 4)
    answer_all("end", lambda number: {"fit": "much"})
    with on(AFTER + timedelta(days=30)):
        figures = reports.figures(program.cycles.get())
    assert (figures.breakdowns, figures.withheld) == ((), ("mentor", "mentee"))
    assert figures.rate == 1


@pytest.mark.requirement("R-KLA-27")
def test_who_has_told_the_committee_anything_is_known(pair):
    do_what_is_due(HALFWAY)
    answer_all("midway", lambda number: {"times": "much"}, role="mentor", day=HALFWAY)
    assert reports.has_given_feedback(pair.cycle) == {pair.mentor_id}
    [waiting] = reports.not_answered(pair.cycle, "midway", make_person("chi@kla.example.org", "Chi", "H"))
    assert waiting.user == pair.mentee


# The pages


def test_the_mail_opens_it_without_signing_in_and_looking_changes_nothing(client, pair, receipt):
    url = link_in("evaluation", pair.mentee.email)
    with on(AFTER):
        assert_writes_nothing(client, url)
        page = client.get(url).content.decode()
        assert "the chair and the deputy. Mo reads none of it." in page
        answer = client.post(url, {"fit": "mostly", "recommend": "8", "change": "Less paper."})
        assert (answer.status_code, answer["Location"]) == (302, f"{url}afterwards/")
        assert "with your name" in client.get(answer["Location"]).content.decode()
        assert client.post(answer["Location"], {"quote": "much"})["Location"] == url
        assert "Thank you" in client.get(url).content.decode()
    kept = Response.objects.get()
    assert kept.answers == {"fit": "mostly", "recommend": 8, "change": "Less paper."}
    assert Afterwards.objects.get().answers == {"quote": "much"}


def test_the_second_page_of_a_pair_of_ones_own_is_read_by_the_colleague(pair, receipt):
    dee = make_person("dee@kla.example.org", "Dee", "Ruiz")
    make_seat(pair.program, pair.mentor, Seat.Role.CHAIR)
    make_seat(pair.program, dee, Seat.Role.DEPUTY)
    with on(AFTER):
        responses.answer(receipt, {"fit": "mostly"}, by=pair.mentee)
        kept = responses.answer_afterwards(receipt, {"quote": "much"}, by=pair.mentee)
        readers = [who for who in (pair.mentee, dee, pair.mentor) if kept in Afterwards.objects.visible_to(who)]
        may = [who for who in (dee, pair.mentor) if who.has_perm("evaluations.view_response", kept)]
    assert (readers, may) == ([pair.mentee, dee], [dee])


def test_a_second_time_it_says_that_we_have_it(client, pair, receipt):
    url = link_in("evaluation", pair.mentee.email)
    with on(AFTER):
        client.post(url, {"fit": "mostly"})
        again = client.post(url, {"fit": "hardly"})
    assert again.status_code == 200
    assert "We have it already" in again.content.decode()
    assert Response.objects.get().answers == {"fit": "mostly"}


def test_ones_own_page_says_when_it_was_asked_and_not_when_it_was_answered(client, pair, receipt):
    client.force_login(pair.mentee)
    with on(AFTER + timedelta(days=3)):
        responses.answer(receipt, {"fit": "mostly"}, by=receipt.user)
        page = client.get("/my/").content.decode()
    told = re.search(r'datetime="([\d-]+)">[^<]*</time><span>We asked how it was; you told us.</span>', page)
    assert date.fromisoformat(told[1]) == AFTER


def test_signed_in_only_ones_own(client, pair, receipt):
    with on(AFTER):
        for user, status in ((pair.mentee, 200), (pair.mentor, 404), (make_person("sam@example.org", "Sam", "S"), 404)):
            client.force_login(user)
            assert client.get(f"/evaluation/{receipt.pk}/").status_code == status
        assert "How was your year with Mo?" not in client.get("/my/").content.decode()
        client.force_login(pair.mentee)
        assert "How was your year with Mo?" in client.get("/my/").content.decode()


def test_wrong_input_is_said_and_nothing_is_lost(client, pair, receipt):
    client.force_login(pair.mentee)
    with on(AFTER):
        answer = client.post(
            f"/evaluation/{receipt.pk}/", {"fit": "forged", "recommend": "99", "change": "Less paper."}
        )
    page = answer.content.decode()
    assert (answer.status_code, page.count("invalid-feedback") >= 2, "Less paper." in page) == (200, True, True)
    assert not Response.objects.exists()


def test_after_the_last_day_it_says_so(client, pair, receipt):
    client.force_login(pair.mentee)
    with on(receipt.closes_on + timedelta(days=1)):
        assert "This evaluation is closed" in client.get(f"/evaluation/{receipt.pk}/").content.decode()


def test_the_second_page_waits_for_the_first(client, pair, receipt):
    client.force_login(pair.mentee)
    with on(AFTER):
        answer = client.get(f"/evaluation/{receipt.pk}/afterwards/")
    assert (answer.status_code, answer["Location"]) == (302, f"/evaluation/{receipt.pk}/")


@pytest.mark.parametrize("token", ["nonsense", "1-1.abc.def", "a" * 300])
@pytest.mark.parametrize("end", ["", "afterwards/"])
def test_a_forged_link_says_what_happened(client, token, end):
    assert client.get(f"/evaluation/by-link/{token}/{end}").status_code == 404
