"""A mentor is asked before an introduction: five answers, a clock, two reminders, and no harm done."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mail.models import Message
from matching import offers, pool, proposals, runs
from matching.models import Match
from matching.tests.make import make_committee
from matching.tests.offers import (
    ANNOUNCED,
    ASKED,
    LAST_MOMENT,
    announce,
    by_mentee,
    evening,
    mails,
    make_nela_cycle,
    mentee,
    mentor,
    train,
)
from members import clock
from members.journal import NotAllowed, Stale
from members.models import Entry
from mentorships.models import Mentorship
from programs.models import Listing, Place, Program

NEXT_DAY = ASKED + timedelta(days=1)


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
def ann(cycle):
    return mentor(cycle, "Ann")


@pytest.fixture
def bea(cycle):
    return mentee(cycle, "Bea")


@pytest.fixture
def match(cycle, chi, ann, bea):
    return announce(cycle, chi)["Bea"]


def say(match, word, at=NEXT_DAY, **more):
    with clock.at(at):
        offers.answer(match, word, by=more.pop("by", match.mentor_application.user), **more)


def again(match):
    return Match.objects.select_related(
        "cycle__program__association", "mentor_application__user", "mentee_application__user"
    ).get(pk=match.pk)


@pytest.mark.requirement("R-NELA-10")
def test_after_the_hold_the_mentor_is_asked_with_a_week_to_answer_and_the_mentee_hears_nothing(match, ann, bea):
    assert (match.state, match.offered_at, match.answer_by) == ("offered", ASKED, LAST_MOMENT)
    assert mails("offer") == [ann.user.email]
    assert mails("offer", to_email=bea.user.email) == []
    mail = Message.objects.get(name="offer")
    assert mail.subject == "Would you mentor Bea? Please answer by Mon, 27\u00a0October"
    assert "Monday, 27\u00a0October, 23:59\u00a0Eastern" in mail.text
    assert mail.text.count("[[link:offer:") == 5
    assert not Message.objects.filter(to_email=bea.user.email).exists()
    assert evening(ASKED) == []


@pytest.mark.requirement("R-NELA-10")
def test_before_the_introduction_no_mail_to_a_mentor_holds_a_way_to_reach_the_mentee(match, bea):
    text = "".join(Message.objects.filter(name__startswith="offer").values_list("text", "html").get())
    assert bea.user.email not in text
    assert "Bea" in text


def test_nobody_is_asked_while_one_stop_still_helps(cycle, chi, ann, bea):
    with clock.at(ANNOUNCED):
        runs.suggest(cycle, by=chi)
        proposals.announce(cycle, by=chi)
    assert evening(ASKED - timedelta(minutes=1)) == []
    match = by_mentee(cycle)["Bea"]
    with pytest.raises(NotAllowed, match="not waiting for its mentor to be asked"):
        offers.offer(match, at=ASKED - timedelta(minutes=1))
    with clock.at(ASKED - timedelta(minutes=1)):
        assert proposals.stop(cycle, by=chi) == 1
    assert evening(ASKED) == []


def test_where_mentors_are_not_asked_there_is_no_offer(cycle, chi, ann, bea):
    Program.objects.update(mentor_confirms=False)
    cycle.program.refresh_from_db()
    train(cycle, ann, bea)
    assert announce(cycle, chi)["Bea"].state == "introduced"
    assert mails("offer") == []


def test_a_look_ahead_asks_nobody(cycle, chi, ann, bea):
    from matching import due

    with clock.at(ANNOUNCED):
        runs.suggest(cycle, by=chi)
        proposals.announce(cycle, by=chi)
    assert [one.what for one in due.due(ASKED, dry=True)] == ["offer"]
    assert by_mentee(cycle)["Bea"].state == "announced"


@pytest.mark.requirement("R-NELA-10")
@pytest.mark.parametrize("word", ["not_this_person", "not_this_cycle", "pause"])
def test_a_no_frees_the_place_and_the_mentee_can_be_proposed_anew(cycle, chi, match, bea, word):
    say(match, word, pause_until=date(2026, 2, 1))
    match = again(match)
    assert (match.state, match.answer, match.place) == ("declined", word, None)
    assert not Place.objects.exists()
    assert pool.read(cycle, date(2025, 10, 22)).mentees == (str(bea.pk),)
    with clock.at(NEXT_DAY):
        mentor(cycle, "Mo")
        runs.suggest(cycle, by=chi)
    assert [row.mentor_application.user.first_name for row in Match.objects.filter(state="draft")] == ["Mo"]


@pytest.mark.requirement("R-NELA-10")
@pytest.mark.parametrize("word", ["not_this_person", "not_this_cycle", "pause"])
def test_the_mentee_hears_nothing_of_a_no_and_the_committee_reads_it_without_the_reason(match, bea, word):
    say(match, word, note="Bea once worked for me.", pause_until=date(2026, 2, 1))
    assert not Message.objects.filter(to_email=bea.user.email).exists()
    mail = Message.objects.get(name="offer_answered")
    assert mail.to_email == match.program.reply_to
    assert mail.subject == "Ann said no: Bea needs another mentor"
    assert "once worked" not in mail.text + mail.html
    assert again(match).answer_note == "Bea once worked for me."


def test_not_this_person_forbids_these_two_for_this_cycle_and_leaves_the_mentor_free(cycle, chi, match, ann, bea):
    say(match, "not_this_person")
    with clock.at(NEXT_DAY):
        found = pool.read(cycle, cycle.today())
        assert found.free == {str(ann.pk): 1}
        with pytest.raises(NotAllowed, match="would rather not"):
            proposals.assign(cycle, bea, ann, by=chi, note="Please.")
        run = runs.suggest(cycle, by=chi)
        assert run.matched == 0
        cal = mentee(cycle, "Cal")
        runs.suggest(cycle, by=chi)
    assert [(row.mentor_application, row.mentee_application) for row in Match.objects.filter(state="draft")] == [
        (ann, cal)
    ]


def test_not_this_cycle_leaves_the_mentor_in_peace_until_the_next(cycle, chi, match, ann, bea):
    say(match, "not_this_cycle")
    with clock.at(NEXT_DAY):
        assert pool.read(cycle, cycle.today()).mentors == ()
        with pytest.raises(NotAllowed, match="not this cycle. They are not asked again until the next"):
            proposals.assign(cycle, bea, ann, by=chi)


def test_a_pause_lasts_until_its_day_and_is_kept_with_a_standing_listing(cycle, match, ann):
    listing = Listing.objects.create(program=cycle.program, user=ann.user, since=date(2025, 1, 1))
    say(match, "pause", pause_until=date(2025, 12, 1))
    listing.refresh_from_db()
    assert listing.paused_until == date(2025, 12, 1)
    assert pool.read(cycle, date(2025, 12, 1)).mentors == ()
    assert pool.read(cycle, date(2025, 12, 2)).mentors == (str(ann.pk),)


def test_a_pause_needs_a_day_that_lies_ahead(match):
    for until in (None, date(2025, 10, 21), date(2035, 1, 1)):
        with pytest.raises(NotAllowed, match="Until when"):
            say(match, "pause", pause_until=until)
    assert again(match).state == "offered"


def test_a_second_answer_and_a_strangers_are_refused(match, people, bea):
    other = again(match)
    for somebody in (people["sam"], people["chi"], bea.user):
        with pytest.raises(NotAllowed, match="for somebody else"):
            say(match, "yes", by=somebody)
    with pytest.raises(NotAllowed, match="choose one of the answers"):
        say(match, "perhaps")
    say(match, "yes")
    with pytest.raises(NotAllowed, match="closed"):
        say(match, "not_this_person")
    with pytest.raises(Stale):  # a page that was opened before
        say(other, "not_this_person")
    assert again(match).state == "accepted"
    assert len(mails("offer_answered")) == 1


@pytest.mark.requirement("R-NELA-10")
def test_what_a_mentor_told_the_committee_counts_and_nobody_notes_it_in_their_own_pair(cycle, people, match, ann):
    mim = people["mim"]
    with pytest.raises(NotAllowed, match="Only the committee notes an answer"):
        say(match, "yes", by=people["sam"], told_to=people["sam"])
    with pytest.raises(NotAllowed, match="Only the committee notes an answer"):
        say(match, "yes", by=ann.user, told_to=ann.user)
    say(match, "yes", by=mim, told_to=mim)
    assert (again(match).state, again(match).told_to) == ("accepted", mim)
    assert Entry.objects.get(verb="accepted").actor == mim.pk


@pytest.mark.requirement("R-NELA-17")
def test_after_a_yes_each_reads_what_is_missing_from_them_alone_and_by_when(cycle, match, ann, bea):
    train(cycle, ann)
    say(match, "yes")
    assert sorted(mails("nearly_there")) == sorted([ann.user.email, bea.user.email])
    hers = Message.objects.get(name="nearly_there", to_email=bea.user.email)
    his = Message.objects.get(name="nearly_there", to_email=ann.user.email)
    assert "Tuesday, 18\u00a0November" in hers.text
    assert "STILL MISSING FROM YOU" in hers.text
    assert "Ann" not in hers.text + hers.html
    assert "From you nothing is missing" in his.text
    assert Message.objects.get(name="offer_answered").subject == "Ann said yes to Bea"


@pytest.mark.requirement("R-NELA-17", "R-NELA-22")
def test_nobody_is_introduced_before_the_yes_and_before_both_are_trained(cycle, match, ann, bea):
    train(cycle, ann)
    assert evening(ASKED + timedelta(hours=2)) == []
    say(match, "yes")
    assert evening(NEXT_DAY + timedelta(days=2)) == []
    train(cycle, bea)
    assert evening(NEXT_DAY + timedelta(days=3)) == [("introduction", f"match:{match.pk}")]
    pair = Mentorship.objects.get()
    assert (pair.mentor, pair.mentee, again(match).state) == (ann.user, bea.user, "introduced")
    assert evening(NEXT_DAY + timedelta(days=3)) == []


def test_training_alone_introduces_nobody(cycle, match, ann, bea):
    train(cycle, ann, bea)
    assert evening(ASKED + timedelta(days=1)) == []
    assert not Mentorship.objects.exists()


def test_when_nothing_is_missing_the_introduction_itself_is_the_mail(cycle, match, ann, bea):
    train(cycle, ann, bea)
    say(match, "yes")
    assert mails("nearly_there") == []
    assert [what for what, _about in evening(NEXT_DAY)] == ["introduction"]


def test_introduced_together_on_the_day_also_where_mentors_are_asked(cycle, match, ann, bea):
    Program.objects.update(introduce="together")
    type(cycle).objects.filter(pk=cycle.pk).update(announced_on=date(2025, 11, 20), begins_on=date(2025, 11, 20))
    train(cycle, ann, bea)
    say(again(match), "yes")
    assert "That happens on Thursday, 20\u00a0November" in Message.objects.filter(name="nearly_there")[0].text
    assert evening(datetime(2025, 11, 20, 13, tzinfo=UTC)) == []
    assert [what for what, _about in evening(datetime(2025, 11, 20, 14, 30, tzinfo=UTC))] == ["introduction"]


@pytest.mark.requirement("R-NELA-27")
def test_a_mentor_who_is_asked_or_has_said_yes_is_not_suggested_a_second_mentee(cycle, chi, match, ann):
    with clock.at(NEXT_DAY):
        mentee(cycle, "Cal")
        assert pool.read(cycle, cycle.today()).mentors == ()
        with pytest.raises(NotAllowed, match="No accepted mentor has a free place"):
            runs.suggest(cycle, by=chi)
    say(match, "yes")
    assert pool.read(cycle, date(2025, 10, 22)).mentors == ()


def test_a_question_stops_the_clock_and_its_answer_lets_it_go_on_by_the_days_it_stood(match, people, ann):
    with pytest.raises(NotAllowed, match="write your question"):
        say(match, "question", note=" ")
    say(match, "question", note="Is evening all right for her?")
    match = again(match)
    assert (match.state, match.stopped_at, match.answer) == ("offered", NEXT_DAY, "question")
    with pytest.raises(NotAllowed, match="have your question already"):
        say(match, "question", note="Hello?")
    mail = Message.objects.get(name="offer_question")
    assert (mail.to_email, mail.subject) == (match.program.reply_to, "Ann has a question first")
    assert "Is evening all right for her?" in mail.text
    assert evening(ASKED + timedelta(days=7)) == []  # no reminder, no end
    with clock.at(NEXT_DAY + timedelta(days=3)):
        for name in ("sam", "lee"):
            with pytest.raises(NotAllowed, match="Only the committee answers"):
                offers.answer_question(match, by=people[name], text="Yes.")
        with pytest.raises(NotAllowed, match="write an answer"):
            offers.answer_question(match, by=people["mim"], text=" ")
        before = again(match)
        offers.answer_question(match, by=people["mim"], text="Yes, after six.")
        with pytest.raises(Stale):
            offers.answer_question(before, by=people["chi"], text="Ask her.")
        with pytest.raises(NotAllowed, match="No question is open"):
            offers.answer_question(again(match), by=people["chi"], text="Ask her.")
    match = again(match)
    assert (match.stopped_at, match.answer, match.answer_by) == (None, "", LAST_MOMENT + timedelta(days=3, hours=0))
    answer = Message.objects.get(name="offer_question_answered")
    assert answer.to_email == ann.user.email
    assert "Yes, after six." in answer.text


def test_a_mentor_who_asked_may_still_say_yes_before_we_answer(match):
    say(match, "question", note="Is evening all right?")
    say(again(match), "yes", at=NEXT_DAY + timedelta(hours=1))
    assert (again(match).state, again(match).stopped_at) == ("accepted", None)


def test_two_reminders_and_then_we_go_on_without_harm(cycle, match, ann):
    happened = [(day, what) for day in range(1, 12) for what, _about in evening(ASKED + timedelta(days=day))]
    ahead = [(3, "offer_reminder"), (6, "offer_reminder")]
    assert happened == [*ahead, (8, "offer_closed"), (8, "not_matched")]
    reminders = Message.objects.filter(name="offer_reminder").values_list("to_email", "kind")
    assert list(reminders) == [(ann.user.email, "nudge")] * 2
    assert (again(match).state, again(match).place) == ("expired", None)
    assert not Place.objects.exists()
    assert mails("offer_closed") == [ann.user.email]


def test_an_answer_takes_back_the_reminder_that_still_waits(match):
    evening(ASKED + timedelta(days=3))
    say(match, "not_this_cycle", at=ASKED + timedelta(days=3, hours=1))
    states = dict(Message.objects.filter(about=f"match:{match.pk}").values_list("name", "state"))
    assert states == {"offer": "cancelled", "offer_reminder": "cancelled"}
    assert evening(ASKED + timedelta(days=6)) == []


def test_a_missed_month_ends_the_offer_reminds_nobody_any_more_and_still_tells_the_mentee(match):
    mentee = f"application:{match.mentee_application_id}"
    owed = [("offer_closed", f"match:{match.pk}"), ("not_matched", mentee)]
    assert evening(ASKED + timedelta(days=30)) == owed
    assert evening(ASKED + timedelta(days=30)) == []


def test_who_comes_after_the_others_were_told_gets_no_mail_about_these_matches(match, cycle):
    evening(ASKED + timedelta(days=8))
    assert mails("not_matched") == [match.mentee_application.user.email]
    mentee(cycle, "Cal")
    assert evening(ASKED + timedelta(days=20)) == []


def test_of_two_reminders_that_were_missed_only_the_last_leaves(match):
    assert [what for what, _about in evening(ASKED + timedelta(days=6, hours=12))] == ["offer_reminder"]
    assert mails("offer_reminder") == [match.mentor_application.user.email]


def test_an_open_offer_does_not_end_before_its_day(match):
    with clock.at(LAST_MOMENT), pytest.raises(NotAllowed, match="still open"):
        offers.expire(match)


def test_a_late_yes_counts_until_the_calendar_has_gone_on(match):
    say(match, "yes", at=LAST_MOMENT + timedelta(minutes=5))
    assert evening(LAST_MOMENT + timedelta(minutes=10)) == []
    assert again(match).state == "accepted"


def test_who_did_not_answer_is_asked_again_only_after_one_tap(cycle, chi, people, match, ann, bea):
    evening(LAST_MOMENT + timedelta(hours=1))
    later = LAST_MOMENT + timedelta(days=1)
    with clock.at(later):
        assert pool.read(cycle, cycle.today()).mentors == ()
        with pytest.raises(NotAllowed, match="did not answer in time"):
            proposals.assign(cycle, bea, ann, by=chi)
        closed = again(match)
        with pytest.raises(NotAllowed, match="somebody else"):
            offers.still_in(closed, by=people["sam"])
        offers.still_in(closed, by=ann.user)
        offers.still_in(again(match), by=ann.user)
        assert Entry.objects.filter(verb="still_in", about=f"match:{match.pk}").count() == 1
        assert pool.read(cycle, cycle.today()).mentors == (str(ann.pk),)
        runs.suggest(cycle, by=chi)
        proposals.announce(cycle, by=chi)
    assert Match.objects.filter(state="announced").count() == 1


@pytest.mark.requirement("R-NELA-10")
def test_a_yes_can_be_taken_back_until_the_introduction(cycle, people, match, ann, bea):
    say(match, "yes")
    with clock.at(NEXT_DAY + timedelta(hours=1)):
        with pytest.raises(NotAllowed, match="somebody else"):
            offers.take_back_yes(again(match), by=people["sam"])
        with pytest.raises(NotAllowed, match="choose one of the answers"):
            offers.take_back_yes(again(match), by=ann.user, answer="yes")
        offers.take_back_yes(again(match), by=ann.user, note="I am ill.")
        with pytest.raises(NotAllowed, match="no yes here"):
            offers.take_back_yes(again(match), by=ann.user)
    assert (again(match).state, again(match).answer) == ("cancelled", "not_this_cycle")
    assert not Place.objects.exists()
    assert [m.subject for m in Message.objects.filter(name="offer_answered").order_by("pk")] == [
        "Ann said yes to Bea", "Ann said no: Bea needs another mentor"
    ]  # fmt: skip
    assert mails("nearly_there") == []
    train(cycle, ann, bea)
    assert evening(NEXT_DAY + timedelta(days=2)) == []


def test_a_pair_called_off_by_the_committee_is_told_to_the_mentor_who_was_asked(match, people, ann):
    with clock.at(NEXT_DAY):
        offers.cancel(match, by=people["mim"])
    assert (again(match).state, Place.objects.count()) == ("cancelled", 0)
    assert Message.objects.get(name="offer_closed").subject == "There was a change on our side"
    assert mails("offer") == []


def test_more_than_three_answers_of_a_day_are_told_together_in_the_evening(cycle, chi, ann, bea):
    for number in range(4):
        mentor(cycle, f"Mentor{number}")
        mentee(cycle, f"Mentee{number}")
    for row in announce(cycle, chi).values():
        say(row, "not_this_cycle", at=datetime(2025, 10, 21, 14, tzinfo=UTC))
    assert len(mails("offer_answered")) == 3
    assert evening(datetime(2025, 10, 21, 20, tzinfo=UTC)) == []
    evening_of = datetime(2025, 10, 21, 21, tzinfo=UTC)
    assert [what for what, _about in evening(evening_of)] == ["offer_answered"]
    assert evening(evening_of + timedelta(hours=1)) == []
    assert [m.subject for m in Message.objects.filter(name="offer_answered").order_by("pk")][3] == (
        "2 answers to your offers today"
    )


def test_the_committees_own_offer_is_named_in_no_shared_mailbox(cycle, people, ann):
    mentee(cycle, "Dee", user=people["dee"])
    match = announce(cycle, people["chi"])["Dee"]
    say(match, "not_this_person")
    mail = Message.objects.get(name="offer_answered")
    assert mail.subject == "An offer is answered"
    assert "Dee" not in mail.text + mail.html
