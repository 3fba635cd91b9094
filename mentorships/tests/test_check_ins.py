"""Asked once per side, answered with one tap, changed until the last day, never shown to the partner."""

import re
from datetime import date, timedelta

import pytest

from mail import delivery, links
from mail.models import Message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentorships import check_ins
from mentorships.models import CheckIn, Mentorship
from mentorships.tests.make import at, do_what_is_due, make_check_in_question, make_kla, make_pair, on
from programs.models import Seat
from programs.tests.make import assert_writes_nothing, make_person, make_seat

pytestmark = pytest.mark.django_db
Word = CheckIn.Word


def leave(day, program=None):
    """The names of the mails that leave on an evening, with who gets them."""
    before = set(Message.objects.values_list("pk", flat=True))
    do_what_is_due(day)
    new = Message.objects.exclude(pk__in=before).order_by("name", "to_email")
    return list(new.values_list("name", "to_email"))


def both(name):
    return [(name, "bea@larkin.example.net"), (name, "mo@farrow.example.org")]


@pytest.fixture
def pair():
    return make_pair()


def ask(pair, day=date(2025, 10, 22)):
    do_what_is_due(day)
    return CheckIn.objects.get(user=pair.mentee, due_on=day), CheckIn.objects.get(user=pair.mentor, due_on=day)


def url_in(message, answer=""):
    """The address that a mail's link leads to, as it is signed when the mail leaves."""
    found = re.search(
        r"https?://[^/\s]+(/check-in/[^\s?]+)(\?answer=%s)" % (answer or r"\w+"), delivery.signed(message).text
    )
    return found[1] + found[2]


# The year


@pytest.mark.requirement("R-KLA-15")
def test_a_year_asks_on_day_seven_and_in_months_two_four_eight_and_ten(pair):
    day, asked = date(2025, 10, 15), []
    while day < date(2026, 10, 14):
        day += timedelta(days=1)
        for what, _about in do_what_is_due(day):
            if what in ("first_contact", "check_in"):
                asked.append((day, what))
    assert asked == [
        (date(2025, 10, 22), "first_contact"),
        (date(2025, 12, 15), "check_in"),
        (date(2026, 2, 15), "check_in"),
        (date(2026, 6, 15), "check_in"),
        (date(2026, 8, 15), "check_in"),
    ]
    assert CheckIn.objects.count() == 10
    assert Message.objects.filter(name__in=["first_contact", "check_in"]).count() == 10


def test_running_it_twice_asks_nobody_twice(pair):
    assert leave(date(2025, 10, 22)) == both("first_contact")
    assert leave(date(2025, 10, 22)) == []


def test_a_missed_night_heals_and_a_missed_question_is_not_made_up_after_the_next(pair):
    """Nothing ran until February: each is asked once, the question of February."""
    assert leave(date(2026, 2, 20)) == both("check_in")
    assert set(CheckIn.objects.values_list("due_on", flat=True)) == {date(2026, 2, 15)}


def test_a_question_that_a_silent_calendar_missed_is_asked_for_six_weeks_and_then_left_out(pair):
    assert leave(date(2026, 4, 2)) == []
    assert CheckIn.objects.count() == 0
    assert leave(date(2026, 4, 1)) == both("check_in")


def test_nobody_is_written_to_at_midnight(pair):
    with clock.at(clock.start_of(date(2025, 10, 22), "America/New_York") + timedelta(hours=8)):
        from mentorships import due

        assert [one.what for one in due.due(clock.now())] == []
    with clock.at(clock.start_of(date(2025, 10, 22), "America/New_York") + timedelta(hours=9)):
        assert [one.what for one in due.due(clock.now())] == ["first_contact"]


def test_looking_ahead_writes_nothing(pair):
    from mentorships import due

    before = (CheckIn.objects.count(), Message.objects.count(), Entry.objects.count())
    moment = clock.end_of(date(2025, 10, 22), "America/New_York")
    assert [one.what for one in due.due(moment, dry=True)] == ["first_contact"]
    assert (CheckIn.objects.count(), Message.objects.count(), Entry.objects.count()) == before


# Reminders and the ladder of the first contact


def test_five_and_ten_days_later_only_who_has_not_answered_is_reminded(pair):
    beas, _mos = ask(pair, date(2025, 12, 15))
    with on(2025, 12, 16):
        check_ins.answer(beas, Word.FINE, by=pair.mentee)
    assert leave(date(2025, 12, 19)) == []
    assert leave(date(2025, 12, 20)) == [("check_in_reminder", "mo@farrow.example.org")]
    assert leave(date(2025, 12, 24)) == []
    assert leave(date(2025, 12, 25)) == [("check_in_reminder", "mo@farrow.example.org")]
    assert [leave(date(2025, 12, 15) + timedelta(days=days)) for days in range(11, 30)] == [[]] * 19


def test_ten_days_on_whoever_may_write_first_is_encouraged(pair):
    leave(date(2025, 10, 22))
    assert leave(date(2025, 10, 24)) == []
    assert leave(date(2025, 10, 25)) == both("write_first")
    assert leave(date(2025, 10, 26)) == []


def test_nobody_is_told_to_write_first_when_one_of_them_has(pair):
    beas, _mos = ask(pair)
    with on(2025, 10, 23):
        check_ins.answer(beas, Word.YES, by=pair.mentee)
    assert leave(date(2025, 10, 25)) == []


@pytest.mark.requirement("R-NMRT-12", "R-NASIG-09", "R-NASIG-20")
@pytest.mark.parametrize(
    ("first_contact", "told"),
    [("mentor", {"mo": "yours to write", "bea": "You may write first"}), ("mentee", {"bea": "yours to write"})],
)
def test_who_should_and_who_may_write_first_is_the_programs_rule(first_contact, told):
    make_pair(make_kla(first_contact=first_contact))
    leave(date(2025, 10, 25))
    mails = Message.objects.filter(name="write_first")
    assert {mail.to_email.split("@")[0] for mail in mails} == set(told)
    assert all(told[mail.to_email.split("@")[0]] in " ".join(mail.text.split()) for mail in mails)


def test_i_wrote_and_had_no_answer_tells_the_other_at_once_and_kindly(pair):
    beas, mos = ask(pair)
    with on(2025, 10, 23):
        check_ins.answer(beas, Word.WROTE, by=pair.mentee, note="He never answers.")
        [mail] = Message.objects.filter(name="partner_wrote")
    assert (mail.to_email, mail.subject) == ("mo@farrow.example.org", "Bea wrote to you")
    assert "He never answers." not in mail.text + mail.html
    assert mos.word == ""


def test_when_both_wrote_nobody_is_told(pair):
    beas, mos = ask(pair)
    with on(2025, 10, 23):
        check_ins.answer(mos, Word.YES, by=pair.mentor)
        check_ins.answer(beas, Word.WROTE, by=pair.mentee)
    assert not Message.objects.filter(name="partner_wrote").exists()


@pytest.mark.requirement("R-KLA-19", "R-KLA-24", "R-KLA-31")
def test_in_the_third_week_both_are_asked_for_a_plan_unless_they_have_one(pair):
    leave(date(2025, 10, 22))
    leave(date(2025, 10, 25))
    assert ("plan", "bea@larkin.example.net") in leave(date(2025, 11, 3))
    other = make_pair(
        pair.program, make_person("ann@example.org", "Ann", "W"), make_person("cal@example.org", "Cal", "F")
    )
    Mentorship.objects.filter(pk=other.pk).update(rhythm="The third Thursday")
    assert not [one for one in leave(date(2025, 11, 4)) if one == ("plan", "cal@example.org")]


def test_two_weeks_before_the_end_both_are_told_once(pair):
    assert "closing" not in [name for name, _to in leave(date(2026, 9, 29))]
    assert [one for one in leave(date(2026, 9, 30)) if one[0] == "closing"] == both("closing")
    assert leave(date(2026, 10, 1)) == []


# The answer


def test_the_link_in_the_mail_needs_no_sign_in_and_opening_it_changes_nothing(client, pair):
    ask(pair, date(2025, 12, 15))
    mail = Message.objects.get(name="check_in", to_email=pair.mentee.email)
    with on(2025, 12, 16):
        url = url_in(mail, "slow")
        assert_writes_nothing(client, url)
        page = client.get(url).content.decode()
        assert re.search(r'value="slow"[^>]*checked', page)
        assert CheckIn.objects.exclude(word="").count() == 0
        answer = client.post(url.split("?")[0], {"answer": "slow", "note": "December."})
        assert answer.status_code == 302
        assert "Thank you, we have it" in client.get(answer["Location"]).content.decode()
    kept = CheckIn.objects.get(user=pair.mentee)
    assert (kept.word, kept.note, kept.told_to) == ("slow", "December.", None)


def test_an_answer_may_be_changed_until_its_last_day_and_then_stays(client, pair):
    ask(pair, date(2025, 12, 15))
    url = url_in(Message.objects.get(name="check_in", to_email=pair.mentee.email)).split("?")[0]
    with on(2025, 12, 16):
        client.post(url, {"answer": "stuck"})
    with at(date(2025, 12, 29)):
        client.post(url, {"answer": "fine"})
    assert CheckIn.objects.get(user=pair.mentee).word == "fine"
    with at(date(2025, 12, 30)):
        assert "This question is closed" in client.post(url, {"answer": "stuck"}).content.decode()
    assert CheckIn.objects.get(user=pair.mentee).word == "fine"


def test_nothing_chosen_is_said_and_nothing_is_lost(client, pair):
    ask(pair, date(2025, 12, 15))
    url = url_in(Message.objects.get(name="check_in", to_email=pair.mentee.email)).split("?")[0]
    with on(2025, 12, 16):
        answer = client.post(url, {"note": "A line I typed."})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "invalid-feedback" in page
    assert "A line I typed." in page


@pytest.mark.parametrize("token", ["nonsense", "1-1.abc.def", "%00", "a" * 300])
def test_a_forged_link_says_what_happened(client, token):
    assert client.get(f"/check-in/{token}/").status_code == 404


def test_a_link_opens_only_for_the_person_whom_the_mail_went_to(client, pair):
    """Somebody puts the placeholder of Bea's question into a mail to Sam: the door stays shut."""
    beas, _mos = ask(pair, date(2025, 12, 15))
    mail = Message.objects.get(name="check_in", to_email=pair.mentor.email)
    token = links.token("check-in", beas.pk, mail)
    with on(2025, 12, 16):
        assert client.get(f"/check-in/{token}/").status_code == 404


def test_what_the_program_asks_beside_the_one_tap_is_kept_with_it(client):
    program = make_kla()
    make_check_in_question(program)
    pair = make_pair(program)
    beas, _mos = ask(pair, date(2025, 12, 15))
    client.force_login(pair.mentee)
    with on(2025, 12, 16):
        client.post(
            f"/mentorship/{pair.pk}/check-in/{beas.pk}/", {"answer": "fine", "more-times": "1", "more-need": "A book."}
        )
    beas.refresh_from_db()
    assert (beas.word, beas.answers) == ("fine", {"times": "1", "need": "A book."})


# Who may


@pytest.mark.requirement("R-KLA-42")
def test_the_partner_never_sees_an_answer_anywhere(client, pair):
    beas, _mos = ask(pair, date(2025, 12, 15))
    with on(2025, 12, 16):
        check_ins.answer(beas, Word.STUCK, by=pair.mentee, note="We talk past each other.")
        client.force_login(pair.mentor)
        for url in ("/my/", f"/mentorship/{pair.pk}/"):
            page = client.get(url).content.decode()
            assert "talk past each other" not in page
        assert client.get(f"/mentorship/{pair.pk}/check-in/{beas.pk}/").status_code == 404
    assert list(CheckIn.objects.visible_to(pair.mentor)) == list(CheckIn.objects.filter(user=pair.mentor))
    for mail in Message.objects.filter(to_email=pair.mentor.email):
        assert "talk past each other" not in mail.text + mail.html


def test_nobody_answers_for_somebody_else(pair):
    beas, _mos = ask(pair)
    with on(2025, 10, 23), pytest.raises(NotAllowed, match="for somebody else"):
        check_ins.answer(beas, Word.YES, by=pair.mentor)


def test_an_answer_of_another_question_is_none(pair):
    beas, _mos = ask(pair)
    with on(2025, 10, 23), pytest.raises(NotAllowed, match="choose one"):
        check_ins.answer(beas, Word.FINE, by=pair.mentee)


# They told me


@pytest.fixture
def chi(pair):
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(pair.program, chi, Seat.Role.CHAIR)
    return chi


@pytest.mark.requirement("R-KLA-15")
def test_what_somebody_said_on_the_phone_counts_and_stops_the_reminder(pair, chi):
    ask(pair, date(2025, 12, 15))
    with on(2025, 12, 17):
        check_ins.told(pair, "mentor", Word.FINE, by=chi, note="Talks again from Friday.")
    kept = CheckIn.objects.get(user=pair.mentor)
    assert (kept.word, kept.told_to, kept.note) == ("fine", chi, "Talks again from Friday.")
    assert leave(date(2025, 12, 20)) == [("check_in_reminder", "bea@larkin.example.net")]


def test_told_without_a_question_it_stands_by_itself(pair, chi):
    with on(2025, 11, 20):
        first = check_ins.told(pair, "mentee", Word.SLOW, by=chi)
        again = check_ins.told(pair, "mentee", Word.FINE, by=chi)
    assert first.pk == again.pk
    assert [(one.plan, one.word) for one in CheckIn.objects.all()] == [(None, "fine")]


def test_what_somebody_wrote_themselves_is_not_written_over(pair, chi):
    beas, _mos = ask(pair, date(2025, 12, 15))
    with on(2025, 12, 16):
        check_ins.answer(beas, Word.STUCK, by=pair.mentee)
    with on(2025, 12, 18):
        check_ins.told(pair, "mentee", Word.FINE, by=chi)
    beas.refresh_from_db()
    assert beas.word == "stuck"
    assert pair.facts().asked[-1].word == "fine"


def test_nobody_notes_an_answer_in_a_pair_of_their_own(pair):
    make_seat(pair.program, pair.mentor, Seat.Role.CHAIR)
    ask(pair, date(2025, 12, 15))
    with on(2025, 12, 17), pytest.raises(NotAllowed, match="pair of their own"):
        check_ins.told(pair, "mentee", Word.FINE, by=pair.mentor)


def test_a_stranger_notes_nothing(pair):
    sam = make_person("sam@example.org", "Sam", "Stranger")
    ask(pair, date(2025, 12, 15))
    with on(2025, 12, 17), pytest.raises(NotAllowed, match="Only the committee"):
        check_ins.told(pair, "mentee", Word.FINE, by=sam)


def test_a_liaison_notes_an_answer_of_a_pair_of_the_program(pair):
    lee = make_person("lee@kla.example.org", "Lee", "Abara")
    make_seat(pair.program, lee, Seat.Role.LIAISON)
    ask(pair, date(2025, 12, 15))
    with on(2025, 12, 17):
        check_ins.told(pair, "mentee", Word.FINE, by=lee)
    assert CheckIn.objects.get(user=pair.mentee).told_to == lee
