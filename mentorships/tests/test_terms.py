"""A mentoring year: its days, the introduction that opens it, and both ways to end it."""

from datetime import UTC, date, datetime

import pytest

from mail.models import Message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentorships import check_ins, due, terms
from mentorships.models import CheckIn, Mentorship
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, on
from programs.models import Place, Seat
from programs.tests.make import make_cycle, make_page, make_person, make_seat

pytestmark = pytest.mark.django_db


def mails(name):
    return list(Message.objects.filter(name=name).order_by("to_email").values_list("to_email", flat=True))


@pytest.mark.requirement("R-KLA-36")
def test_a_pair_of_the_day_of_introduction_has_twelve_months():
    term = make_pair().term()
    assert (term.begins_on, term.ends_on) == (date(2025, 10, 15), date(2026, 10, 14))


@pytest.mark.requirement("R-NMRT-16")
def test_who_is_introduced_later_ends_with_the_others_where_the_cycle_sets_the_days():
    term = make_pair(introduced=datetime(2026, 2, 3, 16, tzinfo=UTC)).term()
    assert (term.begins_on, term.ends_on) == (date(2026, 2, 3), date(2026, 10, 14))


@pytest.mark.requirement("R-NELA-23")
def test_a_year_from_the_introduction_is_a_whole_year_where_the_program_counts_so():
    program = make_kla(term_anchor="introduction")
    term = make_pair(program, introduced=datetime(2025, 11, 3, 16, tzinfo=UTC)).term()
    assert (term.begins_on, term.ends_on) == (date(2025, 11, 3), date(2026, 11, 2))


def test_the_day_of_the_introduction_is_the_programs_not_greenwichs():
    """At two in the morning in London it is still the evening before in Kentucky."""
    pair = make_pair(make_kla(term_anchor="introduction"), introduced=datetime(2025, 11, 4, 2, tzinfo=UTC))
    assert pair.introduced_on() == date(2025, 11, 3)


def test_nobody_is_introduced_after_the_end_of_the_cycle():
    with pytest.raises(NotAllowed, match="is over"):
        make_pair(introduced=datetime(2026, 11, 1, 16, tzinfo=UTC))
    assert Mentorship.objects.count() == 0


def test_a_mentee_is_introduced_once_and_no_second_mail_leaves():
    pair = make_pair()
    with on(2025, 10, 16), pytest.raises(NotAllowed, match="Bea Lindqvist has been introduced to a partner already"):
        terms.begin(
            mentor_application=pair.mentor_application,
            mentee_application=pair.mentee_application,
            at=datetime(2025, 10, 16, 16, tzinfo=UTC),
        )
    assert (Mentorship.objects.count(), mails("introduction")) == (1, ["bea@larkin.example.net"])


@pytest.mark.requirement("R-KLA-14")
def test_one_mail_introduces_both_and_an_answer_goes_to_the_two_of_them():
    pair = make_pair(why="You both named outreach.")
    [mail] = Message.objects.all()
    assert (mail.name, mail.to_email, mail.also_email) == ("introduction", pair.mentee.email, pair.mentor.email)
    assert mail.reply_to == "bea@larkin.example.net, mo@farrow.example.org"
    assert mail.subject == "Bea, meet Mo – Mo, meet Bea"
    for text in (mail.text, mail.html):
        assert "bea@larkin.example.net" in text
        assert "mo@farrow.example.org" in text
        assert "(502) 555-0134" in text
        assert "You both named outreach." in text
        assert "mentoring@kla.example.org" in text  # the committee, for what should not go to the partner
        assert "14\xa0October 2026" in text


@pytest.mark.requirement("R-KLA-45", "R-KLA-34")
def test_the_introduction_waits_for_nobody_and_lets_the_mentee_steer():
    make_pair()
    text = " ".join(Message.objects.get().text.split())
    assert "Either of you may write first; nobody is waited for." in text
    assert "Bea, the year is yours to steer" in text


@pytest.mark.requirement("R-NMRT-12", "R-NASIG-09")
def test_where_the_mentor_writes_first_the_introduction_says_so():
    make_pair(make_kla(first_contact="mentor"))
    assert "Mo writes first. Bea, you may write any time too." in " ".join(Message.objects.get().text.split())


def test_answers_for_the_committee_alone_are_not_in_the_introduction():
    make_pair(mentees={"answers": {"goal": "To leave my boss", "employer": "Larkin College", "areas": ["grants"]}})
    mail = Message.objects.get()
    assert "To leave my boss" not in mail.text + mail.html
    assert "Larkin College" in mail.text


@pytest.mark.requirement("R-KLA-17", "R-KLA-37", "R-KLA-38")
def test_the_introduction_suggests_a_month_and_leaves_it_to_the_two():
    make_pair()
    text = " ".join(Message.objects.get().text.split())
    assert "How often you talk is yours to settle. Once a month suits many; more or less is just as good." in text


def test_at_its_last_day_a_pair_is_completed_and_the_place_is_free():
    pair = make_pair()
    assert do_what_is_due(date(2026, 10, 13))[-1:] != [("completed", f"mentorship:{pair.pk}")]
    assert ("completed", f"mentorship:{pair.pk}") in do_what_is_due(date(2026, 10, 14))
    pair.refresh_from_db()
    assert (pair.state, pair.ended_on) == (Mentorship.State.COMPLETED, date(2026, 10, 14))
    assert Place.objects.count() == 0
    assert do_what_is_due(date(2026, 10, 15)) == []


def test_a_pair_that_is_completed_by_another_beat_a_moment_earlier_stops_nothing_else():
    program = make_kla()
    make_pair(program)
    second = make_pair(
        program, make_person("ann@a.example.org", "Ann", "Ro"), make_person("cal@c.example.org", "Cal", "Day")
    )
    with on(2026, 10, 15):
        at = clock.now()
        lines = due.due(at)
        next(lines)  # the first pair is done, the second is in hand
        terms.complete(Mentorship.objects.get(pk=second.pk))
        assert [line.what for line in lines if line.what == "completed"] == []
    assert set(Mentorship.objects.values_list("state", flat=True)) == {"completed"}


@pytest.mark.requirement("R-NASIG-05")
def test_ending_early_tells_both_without_fault_and_frees_the_place():
    pair = make_pair()
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(pair.program, chi, Seat.Role.CHAIR)
    with on(2026, 1, 10):
        terms.end_early(
            pair, by=chi, reason=Mentorship.EndReason.TIME, note="Thank you both.", words={pair.mentee_id: "We look."}
        )
    assert (pair.state, pair.ended_on, pair.end_reason) == ("ended", date(2026, 1, 10), "time")
    assert Place.objects.count() == 0
    to_mentee, to_mentor = Message.objects.filter(name="ended_early").order_by("to_email")
    assert (to_mentee.to_email, to_mentor.to_email) == (pair.mentee.email, pair.mentor.email)
    assert "nobody’s fault" in to_mentor.text
    assert "Thank you both." in to_mentor.text
    assert "Thank you both." in to_mentee.text
    assert "We look." in to_mentee.text
    assert "We look." not in to_mentor.text + to_mentor.html
    assert "no time" not in to_mentor.text + to_mentee.text  # the reason is the committee's


def test_mail_that_waits_is_taken_back_when_the_pair_ends():
    pair = make_pair()
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(pair.program, chi, Seat.Role.CHAIR)
    do_what_is_due(date(2025, 10, 22))
    assert mails("first_contact") == [pair.mentee.email, pair.mentor.email]
    with on(2025, 10, 23):
        terms.end_early(pair, by=chi, reason=Mentorship.EndReason.OTHER)
    waiting = Message.objects.filter(state=Message.State.QUEUED).values_list("name", flat=True)
    assert set(waiting) == {"ended_early"}
    assert do_what_is_due(date(2025, 12, 31)) == []


@pytest.mark.requirement("R-KLA-42")
def test_nobody_ends_a_pair_of_their_own_from_the_committees_side():
    program = make_kla()
    make_cycle(program)
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.CHAIR)
    pair = make_pair(program, mentor=chi)
    for nobody in (chi, make_person("sam@example.org", "Sam", "Stranger")):
        with pytest.raises(NotAllowed, match="nobody a pair of their own"):
            terms.end_early(pair, by=nobody, reason=Mentorship.EndReason.TIME)
    assert pair.state == Mentorship.State.OPEN


def test_the_history_names_each_step():
    pair = make_pair()
    do_what_is_due(date(2026, 10, 14))
    about = Entry.objects.filter(about=f"mentorship:{pair.pk}").order_by("pk")
    assert list(about.values_list("verb", "role")) == [("begun", "system"), ("completed", "system")]


def test_a_paused_pair_is_asked_nothing():
    pair = make_pair()
    Mentorship.objects.filter(pk=pair.pk).update(state=Mentorship.State.PAUSED)
    assert do_what_is_due(date(2025, 12, 20)) == []
    assert CheckIn.objects.count() == 0


def test_what_is_over_takes_no_answer():
    pair = make_pair()
    do_what_is_due(date(2025, 10, 22))
    question = CheckIn.objects.get(user=pair.mentee)
    with on(2025, 10, 23):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.OTHER)
        question.refresh_from_db()
        with pytest.raises(NotAllowed, match="closed"):
            check_ins.answer(question, CheckIn.Word.YES, by=pair.mentee)


@pytest.mark.requirement("R-NELA-24", "R-NMRT-07", "R-KLA-38")
def test_the_introduction_says_how_often_as_the_program_wants_it_else_as_the_pair_settles_it():
    make_pair(make_kla(rhythm_text="Talk at least once a month; twice is better."))
    make_pair(make_kla("other"), make_person("ann@x.example", "Ann", "Lee"), make_person("cal@x.example", "Cal", "Day"))
    strict, soft = Message.objects.filter(name="introduction").order_by("pk")
    for text in (strict.text, strict.html):
        assert "Talk at least once a month; twice is better." in " ".join(text.split())
    assert "is yours to settle" in " ".join(soft.text.split())


@pytest.mark.requirement("R-NASIG-12", "R-KLA-26")
def test_the_introduction_leads_to_the_ways_into_the_association():
    program = make_kla()
    make_page(program, slug="opportunities", kind="opportunities", title="Ways into KLA")
    make_pair(program)
    [mail] = Message.objects.filter(name="introduction")
    for text in (mail.text, mail.html):
        assert "Ways into KLA" in text
        assert "/kla/#way-opportunities" in text
