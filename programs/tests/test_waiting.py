"""Waiting: a freed place goes to whoever waits longest and says yes; nobody is forgotten; the next cycle knows them."""

import random
from contextlib import suppress
from datetime import date

import pytest

from mail.models import Message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from programs import applications, cycles, due, places, waiting
from programs.models import Application, Gate, Program, Role
from programs.tests.make import (
    make_cycle,
    make_gate,
    make_member,
    make_person,
    send,
)
from programs.tests.waiting import SPRING, make_full, night, on, read

pytestmark = pytest.mark.django_db
State = Application.State


@pytest.fixture
def full(kla, chi):
    return make_full(kla)


def mailed(name):
    return list(Message.objects.filter(name=name).order_by("pk").values_list("to_email", flat=True))


def new(cycle, name="fay"):
    return send(cycle, make_person(f"{name}@larkin.example.net", name.title(), "Larkin"), Role.MENTEE)


def states(found):
    return {name: str(read(one).state) for name, one in found.items()}


@pytest.mark.requirement("R-NELA-12", "R-NELA-13")
def test_when_the_cycle_is_full_people_wait_and_a_freed_place_is_offered_to_the_longest_wait(full):
    assert states(full) == {"ann": "admitted", "ben": "admitted", "cal": "waitlisted", "dot": "waitlisted",
                            "eve": "waitlisted"}  # fmt: skip
    assert night(9, 7) == []
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    assert night(9, 8) == [("place_free", f"application:{full['cal'].pk}")]
    cal = read(full["cal"])
    assert (cal.state, cal.place_until) == (State.WAITLISTED, date(2025, 9, 11))
    mail = Message.objects.get(name="place_free")
    assert (mail.to_email, mail.subject) == (cal.user.email, "A place for you until Thursday, 11\xa0September")
    assert "answer=take" in mail.text
    with on(9, 9):
        waiting.take_offered(cal, by=cal.user)
        waiting.take_offered(cal, by=cal.user)  # a second click
        assert (cal.state, cal.place_until, cal.waiting_since) == (State.ADMITTED, None, date(2025, 9, 4))
        assert cycles.drift(cal.cycle) == {"mentor": 0, "mentee": 0}
    assert mailed("accepted") == [cal.user.email]
    assert night(9, 9) == []


def test_who_says_nothing_lets_it_go_to_the_next_and_is_asked_again_later(full):
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    night(9, 8)
    assert night(9, 11) == []
    assert night(9, 12) == [("place_free", f"application:{full['dot'].pk}")]
    with on(9, 13):
        dot = read(full["dot"])
        waiting.not_now(dot, by=dot.user)
        assert dot.place_until == date(2025, 9, 12)
        for one in ("cal", "dot"):
            with pytest.raises(NotAllowed, match="gone to the next"):
                waiting.take_offered(read(full[one]), by=full[one].user)
    assert night(9, 13) == [("place_free", f"application:{full['eve'].pk}")]
    assert night(9, 17) == []  # everybody was asked
    assert night(9, 26) == [("place_free", f"application:{full['cal'].pk}")]  # two weeks after
    assert mailed("place_free") == [full[name].user.email for name in ("cal", "dot", "eve", "cal")]


def test_whoever_comes_new_goes_behind_those_who_wait(full):
    cycle = full["ann"].cycle
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
        fays = new(cycle)  # before the calendar has asked anybody
    assert fays.state == State.WAITLISTED
    with on(9, 8):
        cycles.set_cap(cycle, Role.MENTEE, 6, by=full["ben"].user)  # five places free, four people wait
        gus = send(cycle, make_person("gus@larkin.example.net", "Gus", "Larkin"), Role.MENTEE)
    assert gus.state == State.HELD  # in, but for his membership
    assert [what for what, _about in night(9, 8) if what == "place_free"] == ["place_free"] * 4


def test_when_all_who_wait_have_let_it_go_a_new_one_gets_it(full):
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    for day in (8, 12, 16):
        night(9, day)
    with on(9, 20):
        assert new(full["ann"].cycle).state == State.ADMITTED


def test_a_place_that_is_kept_for_somebody_is_nobody_elses(full, chi):
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    night(9, 8)
    with on(9, 9):
        with pytest.raises(NotAllowed, match="kept for 1 of those who wait"):
            applications.admit(read(full["dot"]), by=chi)
        with pytest.raises(NotAllowed, match="kept for somebody already"):
            waiting.offer_place(read(full["dot"]), by=chi)
        assert applications.admit(read(full["cal"]), by=chi).state == State.ADMITTED
        with pytest.raises(NotAllowed, match=r"All places are taken \(2 of 2\)"):
            applications.admit(read(full["dot"]), by=chi)


def test_what_stands_in_the_way_is_said_in_the_mail_and_when_taking(kla, full):
    with on(9, 6):
        gus = send(full["ann"].cycle, make_person("gus@larkin.example.net", "Gus", "Larkin"), Role.MENTEE)
        cycles.set_cap(gus.cycle, Role.MENTEE, 6, by=gus.user)
    assert gus.state == State.WAITLISTED
    night(9, 6)
    mail = Message.objects.get(name="place_free", to_email=gus.user.email)
    assert "We have not found a membership in good standing." in mail.text.replace("\n", " ")
    with on(9, 7):
        with pytest.raises(NotAllowed, match="not found a membership"):
            waiting.take_offered(read(gus), by=gus.user)
        make_member(kla.association, gus.user.email)
        assert waiting.take_offered(read(gus), by=gus.user).state == State.ADMITTED


def test_the_calendar_passes_over_whom_only_the_committee_can_let_in(kla, full):
    make_gate(kla, Gate.Kind.EXPERIENCE, code="years", years=5, consequence=Gate.Consequence.EXCEPTION)
    Application.objects.filter(pk=full["cal"].pk).update(years=1, answers={**full["cal"].answers, "years": 1})
    Application.objects.filter(pk=full["dot"].pk).update(years=9, answers={**full["dot"].answers, "years": 9})
    Application.objects.filter(pk=full["eve"].pk).update(late=True)
    with on(9, 8):
        cycles.set_cap(full["ann"].cycle, Role.MENTEE, 5, by=full["ann"].user)
    assert night(9, 8) == [("place_free", f"application:{full['dot'].pk}")]


def test_the_committee_asks_whom_it_wishes_and_where_it_decides_the_calendar_asks_nobody(kla, full, chi):
    Program.objects.filter(pk=kla.pk).update(admission=Program.Admission.COMMITTEE)
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
    assert night(9, 8) == []
    with on(9, 9):
        eve = read(full["eve"])
        with pytest.raises(NotAllowed, match="committee decides"):
            waiting.offer_place(eve, by=full["dot"].user)
        waiting.offer_place(eve, by=chi)
        waiting.offer_place(eve, by=chi)
        assert (mailed("place_free"), eve.place_until) == ([eve.user.email], date(2025, 9, 12))
        assert waiting.take_offered(read(eve), by=eve.user).state == State.ADMITTED
        with pytest.raises(NotAllowed, match="not on the waiting list"):
            waiting.offer_place(eve, by=chi)


def test_whom_the_committee_puts_on_the_list_waits_for_the_committee(full, chi):
    with on(9, 8):
        applications.wait_list(read(full["ann"]), by=chi)
    assert night(9, 8) == [("place_free", f"application:{full['cal'].pk}")]


def test_no_place_is_offered_once_the_matches_are_made_or_the_doors_are_closed_by_hand(full, chi):
    with on(10, 13):
        cycles.set_cap(full["ann"].cycle, Role.MENTEE, 3, by=chi)
    cycles.close_by_hand(full["ann"].cycle, by=chi)
    assert "place_free" not in dict(night(10, 13))
    cycles.open_again(full["ann"].cycle, by=chi)
    assert dict(night(10, 13)) == {"place_free": f"application:{full['cal'].pk}"}
    assert read(full["cal"]).place_until == date(2025, 10, 14)  # the day before, not three days
    with on(10, 15), pytest.raises(NotAllowed, match="matches of 2025–26 are made"):
        waiting.offer_place(read(full["dot"]), by=chi)


def test_strangers_and_those_without_an_offer_take_nothing(full):
    sam = make_person("sam@elsewhere.example.org", "Sam", "Stone")
    with on(9, 8):
        for act in (waiting.take_offered, waiting.not_now, waiting.stay, waiting.keep):
            with pytest.raises(NotAllowed, match="somebody else"):
                act(read(full["cal"]), by=sam)
        for act in (waiting.take_offered, waiting.not_now):
            with pytest.raises(NotAllowed, match="No place is kept"):
                act(read(full["cal"]), by=full["cal"].user)
        applications.withdraw(read(full["dot"]), by=full["dot"].user)
        for act in (waiting.stay, waiting.keep):
            with pytest.raises(NotAllowed):
                act(read(full["dot"]), by=full["dot"].user)


# A word about where it stands


@pytest.mark.requirement("R-NELA-33")
def test_who_waits_hears_every_thirty_days_and_on_the_day_of_the_matches(full):
    said = {day: night(10, day) for day in range(1, 20)}
    assert {day: [about for _what, about in found] for day, found in said.items() if found} == {
        4: [f"application:{full['cal'].pk}"],
        5: [f"application:{full['dot'].pk}"],
        6: [f"application:{full['eve'].pk}"],
        15: [f"application:{full[name].pk}" for name in ("cal", "dot", "eve")],
    }
    first, *_others, over = Message.objects.filter(name="still_waiting", to_email=full["cal"].user.email).order_by("pk")
    text = first.text.replace("\n", " ")
    assert "since Thursday, 4\xa0September, that is 30 days. You are the next." in text
    assert "On Wednesday, 15\xa0October you hear either way." in text
    assert "The matches of 2025–26 are made, and no place has come free for you" in over.text.replace("\n", " ")
    dots = Message.objects.filter(name="still_waiting", to_email=full["dot"].user.email).earliest("pk")
    assert "1 person comes before you." in dots.text.replace("\n", " ")
    assert night(11, 30) == []  # without an answer nothing more is said


def test_a_missed_month_is_one_word_and_an_old_cycle_none(full):
    assert [what for what, _about in night(10, 14)] == ["still_waiting"] * 3
    assert night(12, 31) == []


# Kept for the next cycle


@pytest.mark.requirement("R-NELA-13")
def test_who_is_kept_has_a_draft_when_the_next_cycle_opens_and_sends_it_by_one_tap(kla, full):
    spring = make_cycle(kla, **SPRING, cap_mentees=2)
    with on(9, 20):
        cal = waiting.keep(read(full["cal"]), by=full["cal"].user)
        waiting.keep(cal, by=cal.user)
    assert (cal.state, cal.keep_for_next) == (State.WAITLISTED, True)
    year = [line for month in (10, 11, 12) for day in range(1, 31) for line in night(month, day)]
    cals = [what for what, about in year if about == f"application:{cal.pk}"]
    assert cals == ["still_waiting"] * 4  # 4 and 15 October, then every thirty days
    kept = Message.objects.filter(name="still_waiting", to_email=cal.user.email).latest("pk")
    assert kept.subject == "Your application is kept for the next round"
    assert "Spring 2026 opens on Sunday, 1\xa0March 2026" in kept.text.replace("\n", " ")
    night(2, 28, year=2026)
    assert [what for what, _about in night(3, 1, year=2026)] == ["next_cycle_opens"]
    draft = Application.objects.get(cycle=spring)
    assert (read(cal).state, draft.state, draft.carried_from, draft.waiting_since, draft.answers) == (
        State.CARRIED, State.DRAFT, read(cal), date(2025, 9, 4), cal.answers,
    )  # fmt: skip
    mail = Message.objects.get(name="next_cycle_opens")
    assert (mail.to_email, mail.subject) == (cal.user.email, "You asked us to tell you: Spring 2026 is open")
    assert f"[[link:agree:{draft.pk}]]" in mail.text
    with on(3, 2, year=2026):
        applications.agree(draft, by=cal.user)
        assert applications.submit(draft, by=cal.user).state == State.ADMITTED


def test_an_application_begun_in_the_next_cycle_takes_the_waiting_time_over(kla, full):
    spring = make_cycle(kla, **SPRING)
    with on(9, 20):
        cal = waiting.keep(read(full["cal"]), by=full["cal"].user)
    with on(3, 1, year=2026):
        begun = send(spring, cal.user, Role.MENTEE)
    night(3, 1, year=2026)
    begun = read(begun)
    assert (begun.waiting_since, begun.carried_from, read(cal).state) == (date(2025, 9, 4), cal, State.CARRIED)
    assert mailed("next_cycle_opens") == []


@pytest.mark.requirement("R-NELA-13", "R-NELA-33")
def test_who_was_not_matched_is_kept_with_the_day_they_applied_and_gives_the_place_back(full):
    with on(10, 16):
        ann = read(full["ann"])
        assert waiting.choices(ann) == ["stay", "next", "leave"]
        waiting.answer(ann, "next", by=ann.user)
        assert (ann.state, ann.keep_for_next, ann.waiting_since) == (State.WAITLISTED, True, date(2025, 9, 2))
        assert cycles.drift(ann.cycle) == {"mentor": 0, "mentee": 0}
        assert waiting.choices(ann) == ["stay", "leave"]
    [mail] = Message.objects.filter(name="still_waiting")
    assert "The day of the next round is not set yet." in mail.text.replace("\n", " ")


def test_who_has_a_partner_is_not_kept_for_the_next_cycle(full, mo):
    with on(10, 16):
        mos = send_as_mentor(full["ann"].cycle, mo)
        places.take(mos, full["ann"].user, at=clock.now())
        assert waiting.choices(read(full["ann"])) == []
        with pytest.raises(NotAllowed, match="Somebody counts on you already"):
            waiting.keep(read(full["ann"]), by=full["ann"].user)


def send_as_mentor(cycle, person):
    with on(9, 9):
        return send(cycle, person, Role.MENTOR)


def test_each_answer_is_possible_only_when_it_is_true(full):
    cal = read(full["cal"])
    with on(9, 8):
        assert waiting.choices(cal) == ["stay", "next", "leave"]
        with pytest.raises(NotAllowed, match="not possible any more"):
            waiting.answer(cal, "take", by=cal.user)
        waiting.answer(cal, "stay", by=cal.user)
        applications.withdraw(full["ann"], by=full["ann"].user)
    night(9, 8)
    with on(9, 9):
        assert waiting.choices(read(cal)) == ["take", "not_now", "next", "leave"]
    with on(10, 16):
        assert waiting.choices(read(cal)) == ["next", "leave"]
        assert waiting.answer(read(cal), "leave", by=cal.user).state == State.WITHDRAWN
        assert waiting.choices(read(cal)) == []
    assert Entry.objects.filter(verb="stays", about=f"application:{cal.pk}").count() == 1


# The counted places


def test_a_miscount_is_noted_once_a_night_and_put_right_by_the_committee(full, chi):
    cycle = full["ann"].cycle
    type(cycle).objects.filter(pk=cycle.pk).update(taken_mentors=3)
    assert night(9, 7) == [("places_miscounted", f"cycle:{cycle.pk}")]
    with on(9, 8):
        with pytest.raises(NotAllowed, match="Only the program's committee"):
            cycles.count_again(cycle, by=full["ann"].user)
        assert cycles.count_again(cycle, by=chi) == {"mentor": 3, "mentee": 0}
        assert cycles.count_again(cycle, by=chi) == {"mentor": 0, "mentee": 0}
    assert (cycle.taken_mentors, cycle.taken_mentees) == (0, 2)
    assert night(9, 8) == []


def test_who_takes_a_place_a_second_time_is_told_a_second_time(full, chi):
    with on(9, 8):
        applications.withdraw(full["ann"], by=full["ann"].user)
        cal = read(full["cal"])
        applications.admit(cal, by=chi)
        applications.wait_list(cal, by=chi)
        waiting.offer_place(cal, by=chi)
        waiting.take_offered(cal, by=cal.user)
    assert mailed("accepted") == [cal.user.email, cal.user.email]
    verbs = Entry.objects.filter(about=f"application:{cal.pk}", actor=cal.user.pk).values_list("verb", flat=True)
    assert "place taken" in verbs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_people_do_the_cap_holds_and_the_count_is_right(full, chi, seed):
    """Everybody does what they like, day after day; the calendar does its part every evening."""
    chance, cycle = random.Random(seed), full["ann"].cycle
    everybody = list(full.values())
    acts = [
        lambda one: applications.withdraw(one, by=one.user),
        lambda one: waiting.take_offered(one, by=one.user),
        lambda one: waiting.not_now(one, by=one.user),
        lambda one: waiting.keep(one, by=one.user),
        lambda one: applications.wait_list(one, by=chi),
        lambda one: applications.admit(one, by=chi),
        lambda one: waiting.offer_place(one, by=chi),
        lambda one: applications.start(cycle, one.user, one.role),
        lambda one: applications.submit(one, by=one.user),
        lambda one: cycles.set_cap(cycle, Role.MENTEE, chance.choice([1, 2, 3]), by=chi),
    ]
    done = 0
    for day in range(7, 29):
        for _ in range(6):
            with on(9, day), suppress(NotAllowed):
                chance.choice(acts)(read(chance.choice(everybody)))
                done += 1
            everybody = list(Application.objects.filter(cycle=cycle))
            cycle.refresh_from_db()
            assert cycles.drift(cycle) == {"mentor": 0, "mentee": 0}
            assert cycle.taken_mentees <= cycle.cap_mentees
        list(due.due(clock.end_of(date(2025, 9, day), cycle.zone)))
    assert done > 20
