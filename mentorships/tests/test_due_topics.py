"""The month's topic: on its day, to each side on theirs, once to each person, to nobody whose pair is not going."""

from datetime import UTC, date, datetime

import pytest

from mail.models import Message
from members import clock, journal
from mentorships import due as planner
from mentorships import due_topics, requests, terms
from mentorships.models import CycleTopic, Mentorship, Request, Topic
from mentorships.tests.make import add_mentee, do_what_is_due, make_kla, make_pair, make_topics, on
from programs.models import Program, Seat
from programs.tests.make import make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db
BOTH, MENTOR_FIRST = Program.TopicRecipients.BOTH, Program.TopicRecipients.MENTOR_FIRST
ANN, CAL = ("ann@farrow.example.org", "Ann", "Okafor"), ("cal@larkin.example.net", "Cal", "Day")


def program_with_topics(recipients=BOTH, **fields):
    """Pairs introduced on 15 October 2025, a topic each month from 1 November on."""
    program = make_kla(topic_recipients=recipients, **fields)
    cycle = make_cycle(program)
    make_topics(cycle)
    return program, cycle


def sent(name="topic"):
    """Who was promised which topic, in the order of its leaving: (day, key without the rows' numbers, address)."""
    found = Message.objects.filter(name=name).exclude(state=Message.State.CANCELLED).order_by("queued_at", "to_email")
    return [(mail.key.split(":")[1], mail.key.split(":")[3], mail.to_email) for mail in found]


def all_days(begin, end):
    """What beat does, evening by evening; gives (day, count of topics) for the days that had some."""
    found = []
    for number in range((end - begin).days + 1):
        day = date.fromordinal(begin.toordinal() + number)
        count = [what for what, _about in do_what_is_due(day)].count("topic")
        found += [(day, count)] if count else []
    return found


@pytest.mark.requirement("R-NMRT-41", "R-NMRT-44", "R-NASIG-27")
def test_each_month_both_get_the_topic_on_its_day():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    assert all_days(date(2025, 10, 15), date(2026, 2, 3)) == [
        (date(2025, 11, 1), 2),
        (date(2025, 12, 1), 2),
        (date(2026, 1, 1), 2),
        (date(2026, 2, 1), 2),
    ]
    first = [(number, role, email) for number, role, email in sent() if number == "1"]
    assert first == [("1", "mentee", pair.mentee.email), ("1", "mentor", pair.mentor.email)]


@pytest.mark.requirement("R-NASIG-13", "R-NASIG-27")
def test_where_the_mentor_opens_it_they_have_it_on_the_last_working_day_before():
    """1 November 2025 is a Saturday, so the mentor has it on Friday; 1 December a Monday: on the Friday before, too."""
    program, _cycle = program_with_topics(MENTOR_FIRST)
    pair = make_pair(program)
    assert all_days(date(2025, 10, 15), date(2025, 12, 1)) == [
        (date(2025, 10, 31), 1),
        (date(2025, 11, 1), 1),
        (date(2025, 11, 28), 1),
        (date(2025, 12, 1), 1),
    ]
    mo, bea = pair.mentor.email, pair.mentee.email
    assert sent() == [("1", "mentor", mo), ("1", "mentee", bea), ("2", "mentor", mo), ("2", "mentee", bea)]


@pytest.mark.requirement("R-NASIG-13", "R-NASIG-14", "R-NASIG-22", "R-NMRT-42")
def test_the_mentor_reads_that_they_open_the_month_and_the_mentee_that_they_do():
    program, _cycle = program_with_topics(MENTOR_FIRST)
    make_pair(program)
    all_days(date(2025, 10, 31), date(2025, 11, 1))
    to_mentor, to_mentee = Message.objects.filter(name="topic").order_by("queued_at")
    assert {to_mentor.subject, to_mentee.subject} == {"November: Start well"}
    assert (to_mentor.kind, to_mentor.from_name) == ("topic", "KLA Mentoring")
    for mail, line in (
        (to_mentor, "Please open the month with it: write to Bea at the beginning of November"),
        (to_mentee, "Mo has it too and opens November with it. Answer when you hear from them; if you do not, you may"),
    ):
        text, html = " ".join(mail.text.split()), " ".join(mail.html.split())
        assert line in text
        assert line in html
        assert "What would you be glad to have when this is over?" in text
        assert "If something else is on your mind, in your work or in the profession, talk about that" in text
        assert "which sends its pairs something to talk about each month" in text
        assert "mentoring@kla.example.org" in text


def test_the_text_is_as_good_without_html_and_no_markdown_is_left_in_it():
    program, cycle = program_with_topics()
    body = "Swap **three** sources: [a list](https://list.example.org/).\n\n- One\n- Two\n\n<script>alert(1)</script>"
    Topic.objects.filter(program=program, code="start-well").update(body=body)
    make_pair(program)
    do_what_is_due(date(2025, 11, 1))
    mail = Message.objects.filter(name="topic").first()
    assert "Swap three sources: a list: https://list.example.org/." in " ".join(mail.text.split())
    assert "- One\n- Two" in mail.text
    assert "<strong>three</strong>" in mail.html
    assert 'href="https://list.example.org/"' in mail.html
    assert "<script" not in mail.html


@pytest.mark.requirement("R-NMRT-41")
def test_a_mentor_of_two_gets_one_mail_that_names_both():
    program, _cycle = program_with_topics(mentor_capacity=2)
    pair = make_pair(program, mentors={"mentees_wanted": 2})
    add_mentee(pair.mentor_application, make_person(*CAL))
    do_what_is_due(date(2025, 11, 1))
    assert sent() == [
        ("1", "mentee", "bea@larkin.example.net"),
        ("1", "mentee", "cal@larkin.example.net"),
        ("1", "mentor", pair.mentor.email),
    ]
    text = " ".join(Message.objects.get(name="topic", to_email=pair.mentor.email).text.split())
    assert "a topic for you and Bea and Cal" in text
    assert text.count("/my/") == 1


def test_a_second_beat_a_later_day_or_another_process_sends_nothing_more():
    program, cycle = program_with_topics()
    make_pair(program)
    for day in (1, 1, 2, 9):
        do_what_is_due(date(2025, 11, day))
    assert len(sent()) == 2
    running = list(Mentorship.objects.select_related("cycle__program__association", "mentor", "mentee"))
    at = datetime(2025, 11, 1, 15, tzinfo=UTC)
    with clock.at(at):
        lines = due_topics.due(running, at, False)
        Message.objects.filter(name="topic").delete()  # as if nobody had begun …
        first = next(lines)
        second = list(due_topics.due(running, at, False))  # … and another worker does all of it in between
        assert (first.what, [line.what for line in second], list(lines)) == ("topic", ["topic"], [])
    assert len(sent()) == 2


def test_not_before_nine_in_the_morning_where_the_program_lives():
    program, _cycle = program_with_topics()
    make_pair(program)
    early, nine = datetime(2025, 11, 1, 12, 59, tzinfo=UTC), datetime(2025, 11, 1, 13, 0, tzinfo=UTC)
    for at, count in ((early, 0), (nine, 2)):
        with clock.at(at):
            assert [line.what for line in planner.due(at)].count("topic") == count


@pytest.mark.parametrize(
    ("day", "late"), [(date(2025, 11, 2), False), (date(2025, 11, 3), True), (date(2025, 11, 30), True)]
)
def test_a_missed_night_heals_until_the_next_topic_comes_and_the_mail_says_that_it_is_late(day, late):
    program, _cycle = program_with_topics()
    make_pair(program)
    assert [what for what, _about in do_what_is_due(day)].count("topic") == 2
    assert [what for what, _about in do_what_is_due(day)].count("topic") == 0
    mail = Message.objects.filter(name="topic").first()
    assert mail.subject == "November: Start well"
    assert ("It comes later than it should." in " ".join(mail.text.split())) is late


def test_a_month_that_the_calendar_missed_for_all_leaves_before_the_next_one_and_once():
    program, _cycle = program_with_topics()
    make_pair(program)
    assert all_days(date(2025, 12, 9), date(2026, 1, 2)) == [(date(2025, 12, 9), 4), (date(2026, 1, 1), 2)]
    mo = [mail for mail in Message.objects.filter(name="topic").order_by("pk") if mail.to_name.startswith("Mo")]
    said = ["It comes later than it should." in " ".join(mail.text.split()) for mail in mo]
    subjects = ["November: Start well", "December: Aim and map", "January: Where to learn"]
    assert list(zip([mail.subject for mail in mo], said, strict=True)) == list(
        zip(subjects, [True, True, False], strict=True)
    )


def test_what_is_older_than_any_silence_is_not_made_up():
    program, _cycle = program_with_topics()
    make_pair(program)
    assert all_days(date(2025, 12, 17), date(2025, 12, 17)) == [(date(2025, 12, 17), 2)]
    assert {number for number, _role, _email in sent()} == {"2"}


def test_a_calendar_that_dies_while_it_makes_up_what_it_missed_makes_up_the_rest_afterwards():
    program, _cycle = program_with_topics()
    make_pair(program)
    at = datetime(2025, 12, 9, 15, tzinfo=UTC)
    running = list(Mentorship.objects.select_related("cycle__program__association"))
    with clock.at(at):
        next(due_topics.due(running, at, False))
    assert len(sent()) == 1
    do_what_is_due(date(2025, 12, 9))
    assert sorted(number for number, _role, _email in sent()) == ["1", "1", "2", "2"]


def test_a_pair_that_was_paused_gets_nothing_of_the_months_that_it_missed():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    make_pair(program, make_person(*ANN), make_person(*CAL))
    with on(2025, 10, 20):
        journal.move(pair, Mentorship.State.PAUSED)
    assert all_days(date(2025, 11, 1), date(2025, 12, 1)) == [(date(2025, 11, 1), 2), (date(2025, 12, 1), 2)]
    with on(2025, 12, 20):
        journal.move(pair, Mentorship.State.OPEN)
    assert all_days(date(2025, 12, 20), date(2026, 1, 1)) == [(date(2026, 1, 1), 4)]


def test_what_others_had_in_time_was_missed_by_nobody_though_their_pairs_are_over():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    do_what_is_due(date(2025, 11, 1))
    make_pair(program, make_person(*ANN), make_person(*CAL), introduced=datetime(2025, 11, 10, 16, tzinfo=UTC))
    with on(2025, 11, 20):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.OTHER)
    assert all_days(date(2025, 11, 20), date(2025, 12, 1)) == [(date(2025, 12, 1), 2)]


def test_what_a_committee_plans_for_months_that_are_over_was_missed_by_nobody():
    program = make_kla(topic_recipients=BOTH)
    cycle = make_cycle(program)
    make_pair(program)
    make_topics(cycle)
    with on(2025, 12, 9):
        journal.record(cycle, "topics_planned")
    assert all_days(date(2025, 12, 9), date(2026, 1, 1)) == [(date(2025, 12, 9), 2), (date(2026, 1, 1), 2)]


def test_two_topics_within_a_fortnight_both_leave():
    program, cycle = program_with_topics()
    make_pair(program)
    CycleTopic.objects.filter(cycle=cycle, number=2).update(mentor_on=date(2025, 11, 8), mentee_on=date(2025, 11, 8))
    do_what_is_due(date(2025, 11, 9))
    assert sorted(number for number, _role, _email in sent()) == ["1", "1", "2", "2"]


def test_a_closed_account_gets_none_and_its_partner_does():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    pair.mentor.is_active = False
    pair.mentor.save()
    do_what_is_due(date(2025, 11, 1))
    assert [email for _number, _role, email in sent()] == [pair.mentee.email]
    assert Message.objects.get(name="topic", to_email=pair.mentor.email).refusal == "Its reader’s account is closed."


def test_the_mail_knows_since_when_it_was_owed():
    program, _cycle = program_with_topics()
    make_pair(program)
    do_what_is_due(date(2025, 11, 30))
    nine = datetime(2025, 11, 1, 13, tzinfo=UTC)
    assert set(Message.objects.filter(name="topic").values_list("owed_since", flat=True)) == {nine}
    mail = Message.objects.filter(name="topic").first()
    assert mail.days_late == 0  # it has not left yet
    mail.state, mail.settled_at = "sent", datetime(2025, 11, 30, 13, tzinfo=UTC)
    assert mail.days_late == 29


def test_who_is_introduced_after_its_day_begins_with_the_next():
    program, cycle = program_with_topics()
    make_pair(program)
    all_days(date(2025, 11, 1), date(2025, 12, 1))
    make_pair(program, make_person(*ANN), make_person(*CAL), introduced=datetime(2025, 12, 2, 16, tzinfo=UTC))
    assert all_days(date(2025, 12, 2), date(2026, 1, 1)) == [(date(2026, 1, 1), 4)]


def test_who_is_introduced_between_both_days_begins_with_the_next_on_both_sides():
    """The mentee would be told that the mentor has it, and has not."""
    program, _cycle = program_with_topics(MENTOR_FIRST)
    pair = make_pair(program)
    all_days(date(2025, 10, 31), date(2025, 11, 1))
    Message.objects.filter(name="topic").update(name="before")
    late = datetime(2025, 11, 29, 16, tzinfo=UTC)
    make_pair(program, make_person(*ANN), make_person(*CAL), introduced=late)
    all_days(date(2025, 11, 28), date(2025, 12, 3))
    mo, bea = pair.mentor.email, pair.mentee.email
    assert sent() == [("2", "mentor", mo), ("2", "mentee", bea)]


def test_one_late_pair_does_not_bring_the_first_topic_out_of_step():
    program, _cycle = program_with_topics()
    make_pair(program)
    make_pair(program, make_person(*ANN), make_person(*CAL), introduced=datetime(2025, 11, 3, 16, tzinfo=UTC))
    assert all_days(date(2025, 11, 3), date(2025, 12, 1)) == [(date(2025, 11, 3), 2), (date(2025, 12, 1), 4)]


def test_the_first_topic_waits_where_all_introductions_are_a_few_days_late():
    program, cycle = program_with_topics()
    make_pair(program, introduced=datetime(2025, 11, 3, 16, tzinfo=UTC))
    assert all_days(date(2025, 11, 3), date(2025, 11, 30)) == [(date(2025, 11, 3), 2)]
    assert "later than it should" not in " ".join(Message.objects.filter(name="topic").first().text.split())


def test_another_partner_brings_nobody_the_same_topic_again():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    do_what_is_due(date(2025, 11, 1))
    with on(2025, 11, 2):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.OTHER)
    add_mentee(pair.mentor_application, make_person(*CAL), datetime(2025, 11, 3, 16, tzinfo=UTC))
    assert all_days(date(2025, 11, 3), date(2025, 11, 20)) == [(date(2025, 11, 3), 1)]
    assert sent()[-1] == ("1", "mentee", "cal@larkin.example.net")


@pytest.mark.parametrize("state", ["paused", "completed", "ended"])
def test_no_topic_to_a_pair_that_is_not_going(state):
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    Mentorship.objects.filter(pk=pair.pk).update(state=state)
    do_what_is_due(date(2025, 11, 1))
    assert sent() == []


def test_no_topic_to_a_pair_that_ended_while_the_calendar_was_at_work_nor_one_that_still_waits():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    at = datetime(2025, 11, 1, 15, tzinfo=UTC)
    running = list(Mentorship.objects.select_related("cycle__program__association", "mentor", "mentee"))
    with clock.at(at):
        lines = due_topics.due(running, at, False)
        next(lines)  # one has it, and it has not left yet
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.OTHER)
        assert list(lines) == []
    assert sent() == []
    assert Message.objects.get(name="topic").state == Message.State.CANCELLED


def test_who_leaves_the_program_gets_no_more_and_nor_does_the_partner():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.CHAIR)
    do_what_is_due(date(2025, 11, 1))
    with on(2025, 11, 10):
        asked = requests.ask(pair, Request.Kind.LEAVE, by=pair.mentee)
        requests.settle(asked, Request.State.DONE, by=chi)
    pair.mentee_application.refresh_from_db()
    assert pair.mentee_application.state == "withdrawn"
    assert all_days(date(2025, 11, 11), date(2025, 12, 3)) == []


def test_a_topic_that_is_left_out_and_a_program_without_topics_send_nothing():
    program, cycle = program_with_topics()
    make_pair(program)
    CycleTopic.objects.filter(cycle=cycle, number=1).update(skipped=True)
    do_what_is_due(date(2025, 11, 1))
    Program.objects.filter(pk=program.pk).update(topic_recipients="none")
    do_what_is_due(date(2025, 12, 1))
    assert sent() == []


def test_a_date_that_is_moved_counts_for_those_who_have_not_got_it():
    program, cycle = program_with_topics()
    make_pair(program)
    CycleTopic.objects.filter(cycle=cycle, number=1).update(mentee_on=date(2025, 11, 5))
    assert all_days(date(2025, 11, 1), date(2025, 11, 8)) == [(date(2025, 11, 1), 1), (date(2025, 11, 5), 1)]


def test_looking_ahead_writes_nothing_and_names_the_same():
    program, _cycle = program_with_topics()
    pair = make_pair(program)
    at = datetime(2025, 11, 1, 15, tzinfo=UTC)
    with clock.at(at):
        lines = [line for line in planner.due(at, dry=True) if line.what == "topic"]
    assert [(line.scope, line.about) for line in lines] == [("program:kla", f"mentorship:{pair.pk}")] * 2
    assert lines[0].at == datetime(2025, 11, 1, 13, tzinfo=UTC)
    assert sent() == []


def test_ten_pairs_ask_the_database_no_more_often_than_two_while_nothing_is_due(django_assert_num_queries):
    program, _cycle = program_with_topics()
    found = []
    for number in range(10):
        mentor = make_person(f"mentor{number}@example.org", f"Mentor{number}", "Sample")
        mentee = make_person(f"mentee{number}@example.org", f"Mentee{number}", "Sample")
        found.append(make_pair(program, mentor, mentee))
    do_what_is_due(date(2025, 11, 1))
    rows = Mentorship.objects.select_related("cycle__program__association")  # as the planner reads them: no people
    for count in (2, 10):
        running = list(rows[:count])
        with django_assert_num_queries(3):  # the year's topics, then what each side has
            assert list(due_topics.due(running, datetime(2025, 11, 2, 15, tzinfo=UTC), False)) == []
