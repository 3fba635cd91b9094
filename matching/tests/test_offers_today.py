"""What offers give to the committee's first page, and to the page on which it looks after them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching import offers, proposals, runs, today
from matching.models import Match
from matching.tests.make import make_committee
from matching.tests.offers import ANNOUNCED, ASKED, announce, evening, make_nela_cycle, mentee, mentor
from members import clock
from programs.models import Place
from programs.tests.make import assert_writes_nothing

DAY = ASKED + timedelta(days=1)


@pytest.fixture
def cycle(db):
    with clock.at(ANNOUNCED):
        yield make_nela_cycle()


@pytest.fixture
def people(cycle):
    return make_committee(cycle.program)


@pytest.fixture
def chi(people):
    return people["chi"]


@pytest.fixture
def match(cycle, chi):
    mentor(cycle, "Ann")
    mentee(cycle, "Bea")
    return announce(cycle, chi)["Bea"]


def heads(user, cycle, at):
    with clock.at(at):
        return [(task.head, task.late) for task in today.tasks(user, cycle, cycle.today())]


def test_an_offer_with_time_left_is_nobodys_task_and_the_last_days_are_for_the_phone(cycle, chi, match):
    assert heads(chi, cycle, DAY) == []
    assert heads(chi, cycle, ASKED + timedelta(days=6)) == [("Ann has not answered about Bea.", False)]


def test_a_question_is_a_task_until_it_is_answered(cycle, chi, people, match):
    with clock.at(DAY):
        offers.answer(match, "question", by=match.mentor_application.user, note="When?")
    assert heads(chi, cycle, DAY) == [("Ann has a question about Bea.", False)]
    assert heads(chi, cycle, DAY + timedelta(days=4)) == [("Ann has a question about Bea.", True)]
    assert heads(people["lee"], cycle, DAY) == []
    with clock.at(DAY):
        offers.answer_question(Match.objects.get(), by=chi, text="Evenings.")
    assert heads(chi, cycle, DAY) == []


@pytest.mark.requirement("R-NELA-10")
def test_after_a_no_the_committee_is_asked_for_another_mentor(cycle, chi, match):
    with clock.at(DAY):
        offers.answer(match, "not_this_cycle", by=match.mentor_application.user)
    assert heads(chi, cycle, DAY) == [("Bea needs another mentor.", False)]
    assert heads(chi, cycle, DAY + timedelta(days=8)) == [("Bea needs another mentor.", True)]
    with clock.at(DAY):
        mentor(cycle, "Mo")
    announce(cycle, chi)
    assert heads(chi, cycle, DAY) == []


def test_nobody_gets_a_task_about_an_offer_of_their_own(cycle, people):
    mentor(cycle, "Ann")
    mentee(cycle, "Mim", user=people["mim"])
    match = announce(cycle, people["chi"])["Mim"]
    with clock.at(DAY):
        offers.answer(match, "question", by=match.mentor_application.user, note="When?")
    assert heads(people["mim"], cycle, DAY) == []
    assert len(heads(people["chi"], cycle, DAY)) == 1
    with clock.at(DAY):
        offers.answer(
            Match.objects.select_related("mentor_application__user").get(),
            "not_this_person",
            by=match.mentor_application.user,
        )
    assert heads(people["mim"], cycle, DAY) == []
    assert heads(people["chi"], cycle, DAY) == [("Mim Harper needs another mentor.", False)]


def test_the_line_tells_who_was_asked_and_who_said_yes(cycle, chi, match):
    mentor(cycle, "Mo")
    mentee(cycle, "Cal")
    announce(cycle, chi)
    with clock.at(DAY):
        offers.answer(match, "yes", by=match.mentor_application.user)
        line = {stage.label: (stage.mentors, stage.mentees) for stage in today.line(cycle)}
    assert line == {
        "Proposed": (2, 2),
        "Announced": (2, 2),
        "Asked": (2, 2),
        "Yes": (1, 1),
        "Trained": (0, 0),
        "Introduced": (0, 0),
    }


# the committee's pages


def page(client, user, name, pk, at=DAY):
    client.force_login(user)
    with clock.at(at):
        return client.get(reverse(f"admin:{name}", args=[pk]))


def press(client, user, match, at=DAY, **data):
    client.force_login(user)
    with clock.at(at):
        return client.post(reverse("admin:matching_offer", args=[match.pk]), data, follow=True)


def test_the_list_says_how_each_offer_stands_and_looking_writes_nothing(client, cycle, chi, match):
    mentor(cycle, "Mo")
    mentee(cycle, "Cal")
    announce(cycle, chi)
    with clock.at(DAY):
        offers.answer(match, "not_this_person", by=match.mentor_application.user, note="I know her mother.")
    html = page(client, chi, "matching_offers", cycle.pk).content.decode()
    assert "Said: not this person" in html
    assert "needs another mentor" in html
    assert "I know her mother" not in html
    with clock.at(DAY):
        assert_writes_nothing(client, reverse("admin:matching_offers", args=[cycle.pk]))
        one = assert_writes_nothing(client, reverse("admin:matching_offer", args=[match.pk]))
    assert "I know her mother" in one.content.decode()


def test_the_list_asks_the_same_number_of_queries_for_one_and_three(client, cycle, chi, match):
    page(client, chi, "matching_offers", cycle.pk)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("admin:matching_offers", args=[cycle.pk]))
        counts.append(len(asked))
        for name in ("x", "y"):
            mentor(cycle, f"Mentor{number}{name}")
            mentee(cycle, f"Mentee{number}{name}")
        announce(cycle, chi)
    assert counts[0] == counts[1]


def test_they_told_me_counts_as_an_answer(client, cycle, people, match):
    mim = people["mim"]
    said = press(client, mim, match, do="told", answer="pause", until="", note="")
    assert "Please choose a day that lies ahead" in said.content.decode()
    said = press(client, mim, match, do="told", answer="yes", note="She rang.")
    assert "Noted, as if Ann had answered themselves." in said.content.decode()
    found = Match.objects.get()
    assert (found.state, found.told_to, found.answer_note) == ("accepted", mim, "She rang.")
    press(client, mim, match, do="told", answer="not_this_cycle", note="She is ill.")
    assert Match.objects.get().state == "cancelled"


def test_a_question_is_answered_on_its_page(client, cycle, chi, match):
    with clock.at(DAY):
        offers.answer(match, "question", by=match.mentor_application.user, note="Is she new?")
    assert "Is she new?" in page(client, chi, "matching_offer", match.pk).content.decode()
    said = press(client, chi, match, do="question", text="")
    assert "This field is required" in said.content.decode()
    said = press(client, chi, match, do="question", text="Four years in.")
    assert "Your answer is on its way to Ann" in said.content.decode()
    assert Match.objects.get().stopped_at is None


def test_an_offer_is_called_off_once(client, cycle, chi, match):
    press(client, chi, match, do="cancel", note="Bea has moved.")
    found = Match.objects.get()
    assert (found.state, found.note, Place.objects.count()) == ("cancelled", "Bea has moved.", 0)
    said = press(client, chi, match, do="cancel")
    assert "cannot become" in said.content.decode()


def test_who_belongs_to_an_offer_finds_no_page_for_it_and_a_contact_person_neither(client, cycle, people):
    mentor(cycle, "Odile")
    mentee(cycle, "Mim", user=people["mim"])
    match = announce(cycle, people["chi"])["Mim"]
    for name in ("mim", "lee"):
        assert page(client, people[name], "matching_offer", match.pk).status_code == 404
        assert press(client, people[name], match, do="told", answer="yes").status_code == 404
    assert "Odile" not in page(client, people["mim"], "matching_offers", cycle.pk).content.decode()
    assert page(client, people["lee"], "matching_offers", cycle.pk).status_code == 404
    assert evening(DAY) == []


# the announcement


def announcing(client, user, cycle, at):
    client.force_login(user)
    with clock.at(at):
        return " ".join(client.get(reverse("admin:matching_announce", args=[cycle.pk])).content.decode().split())


def test_the_announcements_page_shows_the_offers_as_they_will_leave(client, cycle, chi):
    mentor(cycle, "Ann")
    mentee(cycle, "Bea")
    with clock.at(ANNOUNCED):
        runs.suggest(cycle, by=chi)
    page = announcing(client, chi, cycle, ANNOUNCED)
    assert "<strong>1 mail</strong> to 1 person will leave." in page
    assert "Would you mentor …?" in page
    assert "is introduced when the mentor has said yes and both are ready" in page
    assert "As Ann will read it" in page
    assert "Please answer by Mon, 27 October" in page
    assert "[[link:" not in page
    with clock.at(ANNOUNCED):
        proposals.announce(cycle, by=chi)
    held = announcing(client, chi, cycle, ANNOUNCED)
    assert "Until then the mentors have time to answer" in held
    assert "Both of each pair are introduced" not in held
    evening(ASKED)
    with clock.at(DAY):
        assert "0 yes, 0 no, 0 without an answer, 1 still open." in announcing(client, chi, cycle, DAY)
        client.force_login(chi)
        desk = client.get(reverse("admin:matching_desk", args=[cycle.pk])).content.decode()
    assert "the mentors are asked first" in desk or "its mentor is asked first" in desk
