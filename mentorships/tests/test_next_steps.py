"""After an early end: both are asked what they would like now, and what they say is done."""

from datetime import date

import pytest

from mail import links
from mail.models import Message
from members.journal import NotAllowed
from members.models import Entry
from mentorships import next_steps, requests, terms
from mentorships.models import Mentorship, NextStep, Request
from mentorships.tests.make import make_kla, make_pair, on
from programs.models import Application, Place, Seat
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture
def pair():
    return make_pair(make_kla(rematch_min_days=90))


@pytest.fixture
def chi(pair):
    user = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(pair.program, user, Seat.Role.CHAIR)
    return user


def ended(pair, chi, day=(2026, 2, 2)):
    with on(*day):
        terms.end_early(pair, by=chi, reason="time")
    return {step.role: step for step in NextStep.objects.all()}


def say(step, word, day=(2026, 2, 3)):
    with on(*day):
        return next_steps.answer(step, word, by=step.user)


@pytest.mark.requirement("R-NASIG-04", "R-NASIG-05", "R-NASIG-50", "R-KLA-41")
def test_both_are_told_alone_and_asked_what_they_would_like(pair, chi):
    steps = ended(pair, chi)
    assert set(steps) == {"mentor", "mentee"}
    for mail in Message.objects.filter(name="ended_early"):
        assert "nobody’s fault" in mail.text
        assert "[[link:next-step:" in mail.text
        assert mail.also_email == ""
    assert Message.objects.filter(name="ended_early").count() == 2
    assert Mentorship.objects.get().state == "ended"  # the history of the first pair stays


def test_who_leaves_the_program_is_not_asked_and_the_partner_is(pair, chi):
    with on(2026, 2, 1):
        wish = requests.ask(pair, Request.Kind.LEAVE, by=pair.mentee)
    with on(2026, 2, 2):
        requests.settle(wish, Request.State.DONE, by=chi)
    assert [step.role for step in NextStep.objects.all()] == ["mentor"]


@pytest.mark.requirement("R-NASIG-04")
def test_another_partner_now_keeps_the_mentee_in_the_pool_and_asks_the_committee(client, pair, chi):
    step = say(ended(pair, chi)["mentee"], "new")
    assert step.mentorship.mentee_application.state == State.ADMITTED
    assert [one.user for one in next_steps.wanting(pair.cycle_id)] == [pair.mentee]
    client.force_login(chi)
    with on(2026, 2, 4):
        assert "Bea Lindqvist would like another mentor." in " ".join(client.get("/admin/").content.decode().split())


def test_somebody_whose_pair_it_was_is_not_told_on_the_committees_page(client, pair, chi):
    make_seat(pair.program, pair.mentor, Seat.Role.COMMITTEE)
    say(ended(pair, chi)["mentee"], "new")
    client.force_login(pair.mentor)
    with on(2026, 2, 4):
        assert "would like another" not in client.get("/admin/").content.decode()


def test_the_next_cycle_keeps_the_application_and_the_day_of_waiting(pair, chi):
    say(ended(pair, chi)["mentee"], "next_cycle")
    kept = Application.objects.get(pk=pair.mentee_application_id)
    assert (kept.state, kept.keep_for_next) == (State.WAITLISTED, True)


def test_a_mentor_may_wait_for_the_next_cycle_too(pair, chi):
    say(ended(pair, chi)["mentor"], "next_cycle")
    kept = Application.objects.get(pk=pair.mentor_application_id)
    assert (kept.state, kept.keep_for_next) == (State.WAITLISTED, True)


def test_leaving_withdraws_the_application(pair, chi):
    say(ended(pair, chi)["mentor"], "leave")
    assert Application.objects.get(pk=pair.mentor_application_id).state == State.WITHDRAWN


def test_too_late_in_the_year_another_partner_is_not_offered(pair, chi):
    step = ended(pair, chi, (2026, 8, 1))["mentee"]
    assert next_steps.words_for(step, date(2026, 8, 1)) == ["next_cycle", "leave"]
    with pytest.raises(NotAllowed, match="choose one"):
        say(step, "new", (2026, 8, 2))
    assert "Too little of this year" in Message.objects.get(name="ended_early", to_email=pair.mentee.email).text


def test_a_mind_may_be_changed_while_nothing_has_come_of_it_and_not_after(pair, chi):
    step = ended(pair, chi)["mentee"]
    say(step, "new")
    say(step, "next_cycle", (2026, 2, 5))
    with pytest.raises(NotAllowed, match="settled already"):
        say(step, "new", (2026, 2, 6))


def test_whoever_has_another_partner_already_is_not_asked_any_more(pair, chi):
    step = ended(pair, chi)["mentee"]
    ann = make_person("ann@kla.example.org", "Ann", "Lee")
    Place.objects.create(
        program=pair.program, mentor_application=pair.mentor_application, mentor=ann, mentee=pair.mentee,
        slot=1, taken_at=pair.introduced_at,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="settled already"):
        say(step, "leave")
    assert next_steps.wanting(pair.cycle_id) == []


def test_only_the_person_answers(pair, chi):
    step = ended(pair, chi)["mentee"]
    with on(2026, 2, 3), pytest.raises(NotAllowed, match="somebody else"):
        next_steps.answer(step, "leave", by=pair.mentor)
    assert not Entry.objects.filter(about__startswith="nextstep:").exists()


def test_the_page_and_the_link_answer_only_when_sent(client, pair, chi):
    step = ended(pair, chi)["mentee"]
    mail = Message.objects.get(name="ended_early", to_email=pair.mentee.email)
    url = f"/next-step/by-link/{links.token('next-step', step.pk, mail)}/"
    with on(2026, 2, 3):
        assert "What would you like now?" in client.get(f"{url}?answer=new").content.decode()
        assert NextStep.objects.get(pk=step.pk).word == ""
        assert client.post(url, {"answer": "perhaps"}).status_code == 200
        client.post(url, {"answer": "new"})
        assert NextStep.objects.get(pk=step.pk).word == "new"
        assert client.get("/next-step/by-link/9.forged/").status_code == 404
        client.force_login(pair.mentor)
        assert client.get(f"/next-step/{step.pk}/").status_code == 404
        client.force_login(pair.mentee)
        assert "We look for another mentor" in client.get(f"/next-step/{step.pk}/?sent=1").content.decode()
