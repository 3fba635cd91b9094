"""The mentor's page for an offer, signed in and from the mail; what each of the two reads on their own pages."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mail import links
from mail.models import Message
from matching import mine, offers
from matching.models import Match
from matching.tests.make import make_committee
from matching.tests.offers import (
    ANNOUNCED,
    ASKED,
    LAST_MOMENT,
    announce,
    evening,
    make_nela_cycle,
    mentee,
    mentor,
    train,
)
from members import clock
from members.models import Entry
from mentorships.models import Mentorship
from programs.tests.make import assert_writes_nothing

DAY = ASKED + timedelta(days=2)


@pytest.fixture
def cycle(db):
    with clock.at(ANNOUNCED):
        yield make_nela_cycle()


@pytest.fixture
def people(cycle):
    return make_committee(cycle.program)


@pytest.fixture
def ann(cycle):
    return mentor(cycle, "Ann Whitcomb")


@pytest.fixture
def bea(cycle):
    return mentee(cycle, "Bea Lindqvist", about="I want to stop dreading staff meetings.", needs="A quiet room.")


@pytest.fixture
def match(cycle, people, ann, bea):
    return announce(cycle, people["chi"])["Bea"]


def words(response):
    return " ".join(response.content.decode().split())


def see(client, url, user=None, at=DAY):
    if user:
        client.force_login(user)
    with clock.at(at):
        return client.get(url)


def send(client, url, at=DAY, **data):
    with clock.at(at):
        return client.post(url, data, follow=True)


def by_link(match):
    mail = Message.objects.get(name="offer", about=f"match:{match.pk}")
    return reverse("offer_by_link", args=[links.token("offer", match.pk, mail)])


def url_of(match):
    return reverse("offer", args=[match.pk])


@pytest.mark.requirement("R-NELA-10", "R-NELA-25")
def test_the_page_tells_who_and_why_and_gives_no_way_to_reach_them(client, match, ann, bea):
    page = words(see(client, url_of(match), ann.user))
    for said in (
        "Would you mentor Bea?",
        "Bea Lindqvist",
        "please answer by Monday, 27 October, 23:59 Eastern",
        "5 days left",
        "I want to stop dreading staff meetings.",
        "When is a good time, and when is none?" if bea.answers.get("availability") else "Why you two",
        "All five are good answers.",
    ):
        assert said in page.replace("\u00a0", " ")
    assert bea.user.email not in page
    assert "A quiet room." not in page  # for the committee only


def test_it_is_the_mentors_alone(client, match, people, bea):
    for somebody in (people["chi"], people["mim"], people["sam"], bea.user):
        assert see(client, url_of(match), somebody).status_code == 404
        assert send(client, url_of(match), answer="yes").status_code == 404
    client.logout()
    assert see(client, url_of(match)).status_code == 302
    assert Match.objects.get().state == "offered"


def test_opening_it_changes_nothing_signed_in_or_from_the_mail(client, match, ann):
    client.force_login(ann.user)
    with clock.at(DAY):
        assert_writes_nothing(client, url_of(match))
        client.logout()
        page = assert_writes_nothing(client, f"{by_link(match)}?answer=pause")
    assert 'value="pause"' in words(page)
    assert Match.objects.get().state == "offered"


def test_a_forged_link_and_one_for_another_address_open_nothing(client, match, ann, bea):
    assert client.get(reverse("offer_by_link", args=["forged"])).status_code == 404
    hers = Message.objects.create(
        key="x", name="offer", kind="essential", scope="x", from_name="x", to_email=bea.user.email, subject="x",
        message_id="<1@x>", queued_at=ASKED, leaves_at=ASKED,
    )  # fmt: skip
    assert client.get(reverse("offer_by_link", args=[links.token("offer", match.pk, hers)])).status_code == 404
    wrong_purpose = links.token("check-in", match.pk, Message.objects.get(key=f"match:{match.pk}:offer"))
    assert client.get(reverse("offer_by_link", args=[wrong_purpose])).status_code == 404


@pytest.mark.requirement("R-NELA-10")
def test_a_yes_by_one_tap_and_send(client, match, ann, bea):
    page = words(send(client, by_link(match), answer="yes", note="Looking forward."))
    assert "You said yes to Bea." in page
    assert "Take part in the workshop" in page
    assert bea.user.email not in page
    assert (Match.objects.get().state, Match.objects.get().answer_note) == ("accepted", "Looking forward.")
    assert Entry.objects.get(verb="accepted").actor == ann.user.pk


def test_a_pause_needs_a_day_and_a_question_a_text_and_nothing_is_lost(client, match):
    page = words(send(client, by_link(match), answer="pause", note="I move house."))
    assert "Until when? Please choose a day that lies ahead." in page
    assert "I move house." in page
    page = words(send(client, by_link(match), answer="pause", until="2025-10-01"))
    assert "Please choose a day between tomorrow and three years from now." in page
    page = words(send(client, by_link(match), answer="question", question="  "))
    assert "Please write your question" in page
    assert "Please choose" not in words(send(client, by_link(match), answer="pause", until="2026-02-01"))
    assert Match.objects.get().paused_until == date(2026, 2, 1)


def test_nonsense_is_refused_in_words(client, match):
    for answer in ("", "perhaps", "yes\x00"):
        assert send(client, by_link(match), answer=answer).status_code == 200
    assert Match.objects.get().state == "offered"


@pytest.mark.requirement("R-NELA-10")
def test_a_no_is_thanked_for_and_the_page_shows_the_mentee_no_more(client, match, bea):
    page = words(send(client, by_link(match), answer="not_this_person", note="We are cousins."))
    assert "Thank you for telling us" in page
    assert "Nobody hears of it but the committee." in page
    assert "staff meetings" not in words(see(client, by_link(match)))
    page = words(send(client, by_link(match), answer="yes"))
    assert "This question is closed." in page
    assert Match.objects.get().state == "declined"


def test_a_question_keeps_the_page_open_for_the_other_answers(client, match):
    page = words(send(client, by_link(match), answer="question", question="Is she new?"))
    assert "Thank you, we have your question" in page
    assert "the clock stands still" in page
    assert 'value="question"' not in page
    send(client, by_link(match), answer="yes")
    assert Match.objects.get().state == "accepted"


def test_a_yes_is_taken_back_on_the_same_page(client, match):
    send(client, by_link(match), answer="yes")
    page = words(send(client, by_link(match), answer="not_this_cycle"))
    assert "Thank you for telling us" in page
    assert Match.objects.get().state == "cancelled"


def test_still_in_by_one_tap_and_a_second_tap_does_nothing(client, match):
    evening(LAST_MOMENT + timedelta(hours=1))
    later = LAST_MOMENT + timedelta(days=1)
    url = by_link(match)
    assert "Yes, I am still in" in words(see(client, url, at=later))
    assert Match.objects.get().answer == ""
    for _tap in range(2):
        assert "You are in again." in words(send(client, url, at=later))
    assert Entry.objects.filter(verb="still_in").count() == 1


def test_once_introduced_it_leads_to_the_page_of_the_two(client, cycle, match, ann, bea):
    train(cycle, ann, bea)
    send(client, by_link(match), answer="yes")
    evening(DAY + timedelta(hours=1))
    page = words(see(client, url_of(match), ann.user))
    assert "You have been introduced" in page
    assert Mentorship.objects.get().get_absolute_url() in page


def test_called_off_by_the_committee_it_is_nobodys_fault(client, match, people):
    with clock.at(DAY):
        offers.cancel(match, by=people["chi"])
    assert "It is nothing that you said or did" in words(see(client, by_link(match)))


# My mentoring and the application's page


def test_my_mentoring_shows_the_offer_on_top_and_then_what_was_said(client, match, ann):
    page = words(see(client, "/my/", ann.user))
    assert "Would you mentor Bea?" in page
    assert url_of(match) in page
    send(client, url_of(match), answer="not_this_person")
    page = words(see(client, "/my/", ann.user))
    assert "You told us: Not this person." in page
    assert "Look, and answer" not in page


def test_who_let_it_pass_is_asked_whether_they_are_still_in(client, match, ann):
    evening(LAST_MOMENT + timedelta(hours=1))
    assert "Are you still in for Fall 2025?" in words(see(client, "/my/", ann.user, LAST_MOMENT + timedelta(days=1)))
    assert "Are you still in" not in words(see(client, "/my/", ann.user, LAST_MOMENT + timedelta(days=40)))


def mentee_reads(client, bea, at):
    """Both pages of the mentee, without what changes with every request."""
    pages = [words(see(client, url, bea.user, at)) for url in (bea.get_absolute_url(), "/my/")]
    return [page.split("<main", 1)[1].split("</main", 1)[0].split("csrfmiddlewaretoken")[0] for page in pages]


@pytest.mark.requirement("R-NELA-10")
def test_a_no_leaves_no_trace_on_any_page_of_the_mentee(client, match, bea, people, cycle):
    """Asked, declined, without anybody in view, asked anew: the same words."""
    asked = mentee_reads(client, bea, DAY)
    assert "we are asking mentors" in asked[0]
    with clock.at(DAY):
        offers.answer(match, "not_this_person", by=match.mentor_application.user)
    assert mentee_reads(client, bea, DAY) == asked
    mentor(cycle, "Mo")
    announce(cycle, people["chi"])
    assert Match.objects.filter(state="offered").count() == 1
    assert mentee_reads(client, bea, DAY) == asked
    assert not Message.objects.filter(to_email=bea.user.email).exists()


@pytest.mark.requirement("R-NELA-17")
def test_after_the_yes_the_mentee_reads_what_is_missing_and_not_who_it_is(client, cycle, match, ann, bea):
    send(client, by_link(match), answer="yes")
    page = words(see(client, bea.get_absolute_url(), bea.user))
    assert "Nearly there." in page
    assert "Take part in the workshop" in page
    assert "Ann" not in page
    train(cycle, bea)
    page = words(see(client, bea.get_absolute_url(), bea.user))
    assert "From you nothing is missing." in page
    assert "Nearly there." in words(see(client, ann.get_absolute_url(), ann.user))


def test_the_mentors_application_says_that_we_wait_for_them(client, match, ann):
    page = words(see(client, ann.get_absolute_url(), ann.user))
    assert "We have a match for you." in page
    assert "Would you mentor Bea?" in page
    with clock.at(DAY):
        offers.answer(match, "question", by=ann.user, note="Is she new?")
    page = words(see(client, ann.get_absolute_url(), ann.user))
    assert "your time to answer stands still" in page
    assert "Saturday, 25 October" in page.replace("\u00a0", " ")


def test_before_the_announcement_nothing_is_said_of_offers(client, cycle, people, bea):
    assert mine.said(bea, date(2025, 10, 20)) is None
    assert mine.said(bea, date(2025, 10, 21)) is not None


def test_my_mentoring_asks_the_same_number_of_queries_for_one_and_three_offers(client, cycle, people, match, ann):
    client.force_login(ann.user)
    with clock.at(DAY):
        client.get("/my/")
        counts = []
        for turn in range(2):
            with CaptureQueriesContext(connection) as asked:
                client.get("/my/")
            counts.append(len(asked))
            for number in range(2):
                other = mentee(cycle, f"Other{turn}{number}")
                Match.objects.create(
                    cycle=cycle, mentor_application=ann, mentee_application=other, state="declined",
                    made_at=ASKED, offered_at=ASKED, answer_by=LAST_MOMENT, answer="not_this_person",
                    answered_at=datetime(2025, 10, 21, tzinfo=UTC),
                )  # fmt: skip
    assert counts[0] == counts[1]


@pytest.mark.requirement("R-NELA-10", "R-NELA-07")
def test_who_has_nobody_by_the_promised_day_reads_the_same_whether_or_not_somebody_was_asked(
    client, cycle, people, match, bea
):
    """Bea's mentor said no, Cal's has a question, nobody was found for Dot: one mail, word for word the same."""
    mentor(cycle, "Mo")
    mentee(cycle, "Cal")
    asked = announce(cycle, people["chi"])
    mentee(cycle, "Dot")
    with clock.at(DAY):
        offers.answer(match, "not_this_cycle", by=match.mentor_application.user)
        offers.answer(asked["Cal"], "question", by=asked["Cal"].mentor_application.user, note="When?")
    assert cycle.told_on == date(2025, 10, 28)
    assert [what for what, _about in evening(datetime(2025, 10, 28, 12, tzinfo=UTC))] == []
    told = [what for what, _about in evening(datetime(2025, 10, 28, 13, 5, tzinfo=UTC))]
    assert told == ["not_matched"] * 3
    assert evening(datetime(2025, 10, 29, 13, tzinfo=UTC)) == []
    texts = {
        re.sub(r"\d+(\?|\]|/)", "1/", mail.text.replace(mail.to_name.split()[0], "X"))
        for mail in Message.objects.filter(name="not_matched")
    }
    assert len(texts) == 1
    assert "Tell us what you would like" in words(
        see(client, bea.get_absolute_url(), bea.user, datetime(2025, 10, 28, 14, tzinfo=UTC))
    )


def test_who_has_a_yes_is_not_told_that_there_is_nobody(cycle, match):
    with clock.at(DAY):
        offers.answer(match, "yes", by=match.mentor_application.user)
    assert evening(datetime(2025, 10, 28, 14, tzinfo=UTC)) == []
