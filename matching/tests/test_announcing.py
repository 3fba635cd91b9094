"""Announce, stop, introduce: all or nothing, held for 15 minutes, introduced on the day."""

from datetime import UTC, datetime, timedelta

import pytest

from mail.models import Message
from matching import announcing, due, proposals, runs
from matching.models import Match
from matching.tests.make import MATCHING_DAY, make_mentee, make_mentor
from members import clock
from members.journal import NotAllowed, Stale
from members.models import Entry
from mentorships.models import Mentorship
from programs.models import Application, Place

ON_THE_DAY = datetime(2025, 10, 15, 20, tzinfo=UTC)


@pytest.fixture
def suggested(cycle, chi, ann, mo, bea):
    """Bea with Ann; Mo is left without a mentee."""
    runs.suggest(cycle, by=chi)
    return Match.objects.get()


def state_of(match):
    return Match.objects.values_list("state", flat=True).get(pk=match.pk)


def do_what_is_due(at=ON_THE_DAY):
    with clock.at(at):
        return list(due.due(at))


def test_the_dry_run_says_what_leaves_and_writes_nothing(cycle, chi, suggested, cal, mo):
    runs.suggest(cycle, by=chi)
    before = Entry.objects.count()
    leaving = proposals.announcement(cycle, by=chi)
    assert [
        (pair.mentee_application.user.first_name, pair.mentor_application.user.first_name) for pair in leaving.pairs
    ] == [
        ("Bea", "Ann"),
        ("Cal", "Mo"),
    ]
    assert leaving.mails == leaving.problems == leaving.left_out == ()
    assert Entry.objects.count() == before
    assert not Place.objects.exists()


def test_announced_pairs_take_places_and_mails_wait_fifteen_minutes(cycle, chi, suggested, mo, ann, bea):
    leaving = proposals.announce(cycle, by=chi)
    assert [(mail.name, mail.to.name) for mail in leaving.mails] == [("reserve", "Mo")]
    suggested.refresh_from_db()
    assert suggested.state == "announced"
    assert (suggested.place.mentor, suggested.place.mentee) == (ann.user, bea.user)
    assert suggested.leaves_at == MATCHING_DAY + timedelta(minutes=15)
    mail = Message.objects.get()
    assert (mail.name, mail.to_email, mail.leaves_at) == ("reserve", mo.user.email, suggested.leaves_at)
    assert mail.subject == leaving.mails[0].rendered()[0]
    assert mail.text == leaving.mails[0].rendered()[1]


@pytest.mark.requirement("R-KLA-13")
def test_who_is_not_matched_is_told_so_and_what_happens_next(cycle, chi, ann, bea, cal):
    runs.suggest(cycle, by=chi)
    proposals.announce(cycle, by=chi)
    mail = Message.objects.get(name="not_matched")
    assert mail.to_email == cal.user.email
    assert "Wednesday, 12\u00a0November" in mail.text
    assert "Ann" not in mail.text + mail.html
    assert "Bea" not in mail.text + mail.html


def test_one_stop_takes_everything_back(cycle, chi, suggested, mo):
    proposals.announce(cycle, by=chi)
    with clock.at(MATCHING_DAY + timedelta(minutes=14)):
        assert proposals.stop(cycle, by=chi) == 1
    suggested.refresh_from_db()
    assert (suggested.state, suggested.place, suggested.leaves_at) == ("draft", None, None)
    assert not Place.objects.exists()
    assert [mail.state for mail in Message.objects.all()] == ["cancelled"]


def test_after_a_stop_it_can_be_announced_again_and_the_mail_leaves_once(cycle, chi, suggested, mo):
    proposals.announce(cycle, by=chi)
    proposals.stop(cycle, by=chi)
    proposals.announce(cycle, by=chi)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "queued"]


def test_stop_spares_other_mail_to_the_same_people(cycle, chi, suggested, mo):
    Message.objects.create(
        key="another", name="accepted", kind="essential", about=f"application:{mo.pk}", scope=cycle.scope,
        from_name="KLA", to_email=mo.user.email, subject="You're in", message_id="<1@x>",
        queued_at=MATCHING_DAY, leaves_at=MATCHING_DAY + timedelta(hours=1),
    )  # fmt: skip
    proposals.announce(cycle, by=chi)
    proposals.stop(cycle, by=chi)
    assert Message.objects.get(key="another").state == "queued"


def test_after_fifteen_minutes_there_is_no_stop(cycle, chi, suggested):
    proposals.announce(cycle, by=chi)
    with clock.at(MATCHING_DAY + timedelta(minutes=15)), pytest.raises(NotAllowed, match="15 minutes are over"):
        proposals.stop(cycle, by=chi)
    assert state_of(suggested) == "announced"


def test_nobody_is_told_twice_when_more_pairs_are_announced_later(cycle, chi, suggested, mo, cal):
    proposals.keep(suggested, by=chi)
    proposals.announce(cycle, by=chi)
    assert sorted(Message.objects.values_list("name", flat=True)) == ["not_matched", "reserve"]
    make_mentor(cycle, "Nadia")
    runs.suggest(cycle, by=chi)
    leaving = proposals.announce(cycle, by=chi)
    assert [mail.to.name for mail in leaving.mails] == ["Nadia"]
    assert Message.objects.filter(name="not_matched").count() == 1


def test_who_was_told_before_is_named_and_not_told_again(cycle, chi, suggested, mo, cal):
    proposals.announce(cycle, by=chi)
    nadia, dov = make_mentor(cycle, "Nadia"), make_mentee(cycle, "Dov")
    Match.objects.create(cycle=cycle, mentor_application=nadia, mentee_application=dov, made_at=MATCHING_DAY)
    leaving = proposals.announcement(cycle, by=chi)
    assert (leaving.told, leaving.mails) == ((cal, mo), ())
    assert proposals.announce(cycle, by=chi).told == (cal, mo)


def test_only_the_chair_and_the_deputy_announce_and_stop(cycle, committee, suggested):
    for name in ("mim", "lee", "sam"):
        with pytest.raises(NotAllowed, match="Only the chair or the deputy"):
            proposals.announce(cycle, by=committee[name])
    proposals.announce(cycle, by=committee["dee"])
    for name in ("mim", "lee", "sam"):
        with pytest.raises(NotAllowed, match="Only the chair or the deputy"):
            proposals.stop(cycle, by=committee[name])


def test_the_chairs_own_pair_needs_another_members_word_and_then_all_goes(cycle, committee, bea, ann, cal):
    chi = committee["chi"]
    make_mentor(cycle, "Chi", user=chi)
    runs.suggest(cycle, by=committee["dee"])
    own = next(match for match in Match.objects.filter(state="draft") if chi.pk in match.people())
    with pytest.raises(NotAllowed, match="Chi Harper: this is a pair of your own"):
        proposals.announce(cycle, by=chi)
    assert set(Match.objects.values_list("state", flat=True)) == {"draft"}
    assert proposals.announcement(cycle, by=committee["dee"]).problems == ()
    proposals.confirm(own, by=committee["mim"])
    proposals.announce(cycle, by=chi)
    assert set(Match.objects.values_list("state", flat=True)) == {"announced"}


def test_a_page_that_is_out_of_date_announces_nothing(cycle, committee, suggested, mo):
    seen = announcing.fingerprint(proposals.announcement(cycle))
    proposals.assign(cycle, suggested.mentee_application, mo, by=committee["mim"])
    with pytest.raises(Stale, match="Pairs have changed"):
        proposals.announce(cycle, by=committee["chi"], seen=seen)
    assert not Place.objects.exists()


def test_a_pair_of_which_somebody_has_gone_is_left_out_and_named(cycle, chi, suggested, bea):
    Application.objects.filter(pk=bea.pk).update(state="withdrawn")
    leaving = proposals.announcement(cycle, by=chi)
    assert leaving.pairs == ()
    assert [out.why for out in leaving.left_out] == ["Bea no longer takes part."]
    with pytest.raises(NotAllowed, match="no proposed pair"):
        proposals.announce(cycle, by=chi)


def test_if_one_place_is_gone_nothing_is_announced(cycle, chi, suggested, ann, cal, mo):
    runs.suggest(cycle, by=chi)
    Place.objects.create(
        program=cycle.program, mentor_application=ann, mentor=ann.user, mentee=chi, slot=1, taken_at=MATCHING_DAY
    )
    with pytest.raises(NotAllowed):
        proposals.announce(cycle, by=chi)
    assert set(Match.objects.values_list("state", flat=True)) == {"draft"}
    assert Place.objects.count() == 1
    assert not Message.objects.exists()


@pytest.mark.requirement("R-KLA-14")
def test_pairs_are_introduced_together_on_the_day_by_the_calendar(cycle, chi, suggested, ann, bea):
    proposals.announce(cycle, by=chi)
    assert do_what_is_due(MATCHING_DAY + timedelta(days=1)) == []
    assert state_of(suggested) == "announced"
    [done] = do_what_is_due()
    assert (done.what, done.about, done.scope) == ("introduction", f"match:{suggested.pk}", "program:kla")
    assert done.at == datetime(2025, 10, 15, 13, tzinfo=UTC)  # nine in the morning, Eastern
    suggested.refresh_from_db()
    pair = Mentorship.objects.get()
    assert (suggested.state, suggested.mentorship) == ("introduced", pair)
    assert (pair.mentor, pair.mentee) == (ann.user, bea.user)
    assert (
        pair.why == "Both of you named: University library, Build a skill and Email. Ann has 10 more years in the work."
    )
    assert do_what_is_due() == []
    assert Mentorship.objects.count() == 1


def test_a_missed_day_heals_and_a_look_ahead_writes_nothing(cycle, chi, suggested):
    proposals.announce(cycle, by=chi)
    late = ON_THE_DAY + timedelta(days=40)
    assert [row.about for row in due.due(late, dry=True)] == [f"match:{suggested.pk}"]
    assert state_of(suggested) == "announced"
    do_what_is_due(late)
    assert state_of(suggested) == "introduced"


def test_nobody_is_introduced_while_one_stop_still_helps(cycle, chi, suggested):
    with clock.at(ON_THE_DAY):
        proposals.announce(cycle, by=chi)
        suggested.refresh_from_db()
        with pytest.raises(NotAllowed, match="introduced on Wednesday, 15\u00a0October, 16:15"):
            proposals.introduce(suggested, by=chi)
    assert do_what_is_due(ON_THE_DAY + timedelta(minutes=14)) == []
    assert len(do_what_is_due(ON_THE_DAY + timedelta(minutes=15))) == 1


def test_an_introduction_made_in_error_is_undone_within_a_day(cycle, committee, suggested):
    proposals.announce(cycle, by=committee["chi"])
    do_what_is_due()
    suggested.refresh_from_db()
    with clock.at(ON_THE_DAY + timedelta(hours=2)):
        with pytest.raises(NotAllowed, match="Only the chair"):
            proposals.undo_introduction(suggested, by=committee["mim"])
        proposals.undo_introduction(suggested, by=committee["chi"])
    assert state_of(suggested) == "cancelled"
    assert Mentorship.objects.get().state == "ended"
    assert not Place.objects.exists()


def test_a_day_later_the_pair_is_ended_instead(cycle, chi, suggested):
    proposals.announce(cycle, by=chi)
    do_what_is_due()
    suggested.refresh_from_db()
    with clock.at(ON_THE_DAY + timedelta(hours=25)), pytest.raises(NotAllowed, match="more than a day ago"):
        proposals.undo_introduction(suggested, by=chi)
    assert state_of(suggested) == "introduced"


def test_an_announced_pair_can_be_given_up_before_the_introduction(cycle, chi, suggested):
    proposals.announce(cycle, by=chi)
    suggested.refresh_from_db()
    proposals.cancel(suggested, by=chi, note="Ann has moved away.")
    assert state_of(suggested) == "cancelled"
    assert not Place.objects.exists()
    assert do_what_is_due() == []


def test_an_introduced_pair_is_not_given_up_behind_its_back(cycle, committee, suggested):
    proposals.announce(cycle, by=committee["chi"])
    do_what_is_due()
    suggested.refresh_from_db()
    with clock.at(ON_THE_DAY + timedelta(days=30)), pytest.raises(NotAllowed, match="have been introduced"):
        proposals.cancel(suggested, by=committee["mim"])
    assert state_of(suggested) == "introduced"
    assert Mentorship.objects.get().state == "open"
    assert Place.objects.exists()  # her mentor's place is not free for a second mentee


def test_nobody_introduces_themselves_by_hand(cycle, committee, bea):
    chi = committee["chi"]
    make_mentor(cycle, "Chi", user=chi)
    runs.suggest(cycle, by=committee["dee"])
    proposals.announce(cycle, by=committee["dee"])
    own = Match.objects.get(state="announced")
    with clock.at(ON_THE_DAY):
        with pytest.raises(NotAllowed, match="a pair of your own"):
            proposals.introduce(own, by=chi)
        proposals.introduce(own, by=committee["dee"])
    assert state_of(own) == "introduced"
