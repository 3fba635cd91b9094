"""What one of a pair asks of the committee: private, answered, and never a fault of the other."""

from datetime import date

import pytest

from mail.models import Message
from members.journal import NotAllowed
from members.models import Entry
from mentorships import health, requests
from mentorships.models import Mentorship, Request
from mentorships.tests.make import make_kla, make_pair, on
from programs.models import Application, Place, Seat
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db
Kind, State = Request.Kind, Request.State


@pytest.fixture
def pair():
    return make_pair()


@pytest.fixture
def chi(pair):
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(pair.program, chi, Seat.Role.CHAIR)
    return chi


def mails(**fields):
    return list(Message.objects.filter(**fields).exclude(name="introduction").order_by("pk"))


def ask(pair, kind=Kind.REMATCH, by=None, note="We talk past each other.", reason="fit"):
    with on(2026, 1, 10):
        return requests.ask(pair, kind, by=by or pair.mentee, note=note, reason=reason)


@pytest.mark.requirement("R-KLA-41", "R-KLA-42")
def test_the_person_is_answered_at_once_the_committee_gets_a_link_and_the_partner_nothing(pair):
    ask(pair)
    received, for_committee = mails()
    assert (received.name, received.to_email) == ("message_received", pair.mentee.email)
    assert "Tuesday, 13 January" in " ".join(received.text.split())
    assert (for_committee.name, for_committee.to_email) == ("request_for_committee", "mentoring@kla.example.org")
    for mail in (received, for_committee):
        assert "past each other" not in mail.subject + mail.text + mail.html
    assert "Bea" not in for_committee.subject + for_committee.text + for_committee.html
    assert f"/admin/mentorships/request/{Request.objects.get().pk}/change/" in for_committee.text
    assert mails(to_email=pair.mentor.email) == []


@pytest.mark.requirement("R-KLA-42")
def test_only_the_person_and_the_committee_see_it(pair, chi):
    wish = ask(pair)
    assert list(Request.objects.visible_to(pair.mentee)) == [wish]
    assert list(Request.objects.visible_to(chi)) == [wish]
    for nobody in (pair.mentor, make_person("sam@example.org", "Sam", "Stranger")):
        assert list(Request.objects.visible_to(nobody)) == []


@pytest.mark.requirement("R-KLA-42")
def test_a_chair_who_is_of_the_pair_never_sees_it(pair):
    make_seat(pair.program, pair.mentor, Seat.Role.CHAIR)
    wish = ask(pair)
    assert list(Request.objects.visible_to(pair.mentor)) == []
    with on(2026, 1, 11), pytest.raises(NotAllowed, match="Somebody else"):
        requests.settle(wish, State.DONE, by=pair.mentor)


def test_asking_twice_is_asking_once(pair):
    assert ask(pair).pk == ask(pair, note="Again.").pk
    assert Request.objects.count() == 1
    assert len(mails()) == 2


def test_an_open_request_shows_the_pair_as_in_need_of_us_until_taken_back(pair):
    wish = ask(pair, Kind.HELP)
    assert health.of(pair.facts(), date(2026, 1, 11)).colour == "red"
    with on(2026, 1, 11):
        requests.take_back(wish, by=pair.mentee)
    pair = Mentorship.objects.get()
    assert health.of(pair.facts(), date(2026, 1, 11)).colour == "green"
    assert wish.state == State.TAKEN_BACK


def test_nobody_takes_back_what_another_asked(pair):
    wish = ask(pair)
    with pytest.raises(NotAllowed, match="Only the person who asked"):
        requests.take_back(wish, by=pair.mentor)


def test_a_stranger_asks_nothing(pair):
    with pytest.raises(NotAllowed, match="Only the two"):
        ask(pair, by=make_person("sam@example.org", "Sam", "Stranger"))


@pytest.mark.requirement("R-KLA-41")
def test_another_partner_ends_the_pair_without_fault_and_the_mentee_can_be_matched_again(pair, chi):
    wish = ask(pair)
    with on(2026, 1, 12):
        requests.settle(wish, State.DONE, by=chi, answer="We look for somebody for you.")
    pair.refresh_from_db()
    assert (pair.state, pair.end_reason) == (Mentorship.State.ENDED, "fit")
    assert wish.state == State.DONE
    assert Place.objects.count() == 0
    assert pair.mentee_application.state == Application.State.ADMITTED
    to_mentor = " ".join(mails(name="ended_early", to_email=pair.mentor.email)[0].text.split())
    to_mentee = " ".join(mails(name="ended_early", to_email=pair.mentee.email)[0].text.split())
    assert "nobody’s fault" in to_mentor
    assert "asked" not in to_mentor  # not who, not why
    assert "We look for somebody for you." not in to_mentor
    assert "We look for somebody for you." in to_mentee
    assert "Another partner now" in to_mentee


def test_near_the_end_no_new_mentor_is_promised(pair, chi):
    with on(2026, 9, 1):
        wish = requests.ask(pair, Kind.REMATCH, by=pair.mentee)
        requests.settle(wish, State.DONE, by=chi)
    text = " ".join(mails(name="ended_early", to_email=pair.mentee.email)[0].text.split())
    assert "Too little of this year is left" in text


@pytest.mark.requirement("R-NMRT-03", "R-NASIG-04")
def test_who_leaves_leaves_the_program_and_the_other_hears_of_no_fault(pair, chi):
    wish = ask(pair, Kind.LEAVE, by=pair.mentor, reason="time")
    with on(2026, 1, 12):
        requests.settle(wish, State.DONE, by=chi)
    pair.refresh_from_db()
    pair.mentor_application.refresh_from_db()
    assert pair.state == Mentorship.State.ENDED
    assert pair.mentor_application.state == Application.State.WITHDRAWN
    assert [mail.to_email for mail in mails(name="ended_early")] == [pair.mentee.email]
    assert [mail.to_email for mail in mails(name="application_withdrawn")] == [pair.mentor.email]


def test_not_possible_needs_a_reason_that_the_person_reads(pair, chi):
    wish = ask(pair)
    with on(2026, 1, 12):
        with pytest.raises(NotAllowed, match="say why"):
            requests.settle(wish, State.REFUSED, by=chi, answer=" ")
        requests.settle(wish, State.REFUSED, by=chi, answer="No mentor is free until March.")
    [mail] = mails(name="request_answered")
    assert mail.to_email == pair.mentee.email
    assert "No mentor is free until March." in mail.text
    assert Mentorship.objects.get().state == Mentorship.State.OPEN


def test_the_committee_reads_and_helps_but_only_the_chair_ends_a_pair(pair):
    mia = make_person("mia@kla.example.org", "Mia", "Osei")
    make_seat(pair.program, mia, Seat.Role.COMMITTEE)
    wish, help_ = ask(pair), ask(pair, Kind.HELP)
    with on(2026, 1, 12):
        with pytest.raises(NotAllowed, match="the chair's or the deputy's"):
            requests.settle(wish, State.DONE, by=mia)
        requests.settle(help_, State.DONE, by=mia, answer="Mo has a new address.")
    assert help_.state == State.DONE


def test_what_was_open_is_closed_with_the_pair(pair, chi):
    ask(pair, Kind.HELP, by=pair.mentor)
    with on(2026, 1, 12):
        requests.settle(ask(pair), State.DONE, by=chi)
    assert set(Request.objects.values_list("state", flat=True)) == {State.DONE}


def test_after_the_end_nothing_is_asked_any_more(pair, chi):
    with on(2026, 1, 12):
        requests.settle(ask(pair), State.DONE, by=chi)
        pair.refresh_from_db()
        with pytest.raises(NotAllowed, match="is over"):
            requests.ask(pair, Kind.HELP, by=pair.mentor)


def test_the_history_holds_no_word_of_it(pair):
    ask(pair)
    line = Entry.objects.get(verb="asked")
    assert (line.about, line.reason, line.actor) == (f"request:{Request.objects.get().pk}", "rematch", pair.mentee.pk)


def test_a_program_of_another_association_sees_nothing(pair):
    other = make_kla("nela")
    chair = make_person("eve@nela.example.org", "Eve", "Tan")
    make_seat(other, chair, Seat.Role.CHAIR)
    ask(pair)
    assert list(Request.objects.visible_to(chair)) == []
