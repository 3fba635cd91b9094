"""A pair's pages: what each reads of the other, the plan that is theirs alone, and what strangers find: nothing."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.journal import NotAllowed
from mentorships import plans, terms
from mentorships.models import Goal, Mentorship, Request
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, on
from programs.models import Application, Role, Seat
from programs.tests.make import assert_writes_nothing, make_application, make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db


def words(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def pair():
    shared = {"answers": {"employer": "Farrow County Library", "areas": ["outreach"], "goal": "Only for the committee"}}
    return make_pair(mentors=shared, why="You both named outreach.")


@pytest.fixture
def sam():
    return make_person("sam@example.org", "Sam", "Stranger")


def get(client, pair, user, path=""):
    client.force_login(user)
    with on(2025, 11, 3):
        return client.get(f"/mentorship/{pair.pk}/{path}")


def post(client, pair, user, path, **data):
    client.force_login(user)
    with on(2025, 11, 3):
        return client.post(f"/mentorship/{pair.pk}/{path}", data)


def test_each_reads_the_others_contact_and_shared_answers(client, pair):
    page = words(get(client, pair, pair.mentee))
    for expected in (
        "mo@farrow.example.org",
        "(502) 555-0134",
        "Farrow County Library",
        "Outreach",
        "You both named outreach.",
    ):
        assert expected in page
    assert "Only for the committee" not in page


@pytest.mark.requirement("R-KLA-34", "R-KLA-45")
def test_the_page_waits_for_nobody_and_tells_the_mentee_that_she_steers(client, pair):
    assert "Either of you may write first; nobody is waited for. The year is yours to steer" in words(
        get(client, pair, pair.mentee)
    )
    assert "The year is yours to steer" not in words(get(client, pair, pair.mentor))


@pytest.mark.requirement("R-KLA-18", "R-KLA-37", "R-KLA-38")
def test_how_often_is_theirs_to_settle(client, pair):
    expected = "As the two of you settle it. Once a month suits many; more or less is just as good, and may change."
    assert expected in words(get(client, pair, pair.mentor))


@pytest.mark.parametrize("path", ["", "plan/", "dates.ics", "ask/rematch/"])
def test_strangers_and_the_committee_find_no_such_page(client, pair, sam, path):
    make_seat(pair.program, chi := make_person("chi@kla.example.org", "Chi", "Harper"), Seat.Role.CHAIR)
    assert get(client, pair, sam, path).status_code == 404
    assert get(client, pair, chi, path).status_code == 404
    client.logout()
    assert client.get(f"/mentorship/{pair.pk}/{path}").status_code == 302


@pytest.mark.parametrize("path", ["", "plan/", "dates.ics", "ask/rematch/", "ask/help/", "ask/leave/"])
def test_looking_writes_nothing(client, pair, path):
    client.force_login(pair.mentee)
    with on(2025, 11, 3):
        assert_writes_nothing(client, f"/mentorship/{pair.pk}/{path}")


@pytest.mark.requirement("R-KLA-16", "R-KLA-19", "R-KLA-24", "R-KLA-46")
def test_the_two_keep_a_plan_and_goals_and_each_reads_the_others(client, pair):
    given = {
        "channel": "Video call, social media", "rhythm": "The third Thursday", "hours": "Two hours", "replies": "A week",
        "goal-TOTAL_FORMS": "1", "goal-INITIAL_FORMS": "0", "goal-0-text": "Lead a meeting people come to gladly",
        "goal-0-first_step": "Send an agenda", "goal-0-by": "2026-03-01",
    }  # fmt: skip
    assert post(client, pair, pair.mentee, "plan/", **given).status_code == 302
    page = words(get(client, pair, pair.mentor))
    for expected in (
        "Video call, social media",
        "The third Thursday",
        "Two hours",
        "A week",
        "Lead a meeting",
        "Send an agenda",
    ):
        assert expected in page
    goal = Goal.objects.get()
    assert (goal.owner, goal.by) == (pair.mentee, date(2026, 3, 1))


def test_a_goal_is_reached_and_another_taken_away(pair):
    with on(2025, 11, 3):
        plans.save(pair, {}, [{"text": "One"}, {"text": "Two"}], by=pair.mentee)
    one, two = Goal.objects.all()
    with on(2025, 12, 3):
        plans.save(
            pair, {}, [{"pk": one.pk, "text": "One", "reached": True}, {"pk": two.pk, "text": ""}], by=pair.mentee
        )
    assert [(goal.text, goal.reached_on) for goal in Goal.objects.all()] == [("One", date(2025, 12, 3))]


def test_the_others_goal_is_not_mine_to_change(pair):
    with on(2025, 11, 3):
        plans.save(pair, {}, [{"text": "Mine"}], by=pair.mentee)
        plans.save(pair, {}, [{"pk": Goal.objects.get().pk, "text": "Changed"}], by=pair.mentor)
    assert sorted(Goal.objects.values_list("owner__first_name", "text")) == [("Bea", "Mine"), ("Mo", "Changed")]


@pytest.mark.requirement("R-KLA-24", "R-KLA-42", "R-NMRT-03")
def test_the_committee_never_reads_plan_or_goals(client, pair):
    make_seat(pair.program, chi := make_person("chi@kla.example.org", "Chi", "Harper"), Seat.Role.CHAIR)
    with on(2025, 11, 3):
        plans.save(pair, {"rhythm": "The third Thursday"}, [{"text": "Find another post"}], by=pair.mentee)
        client.force_login(chi)
        page = words(client.get(f"/admin/mentorships/mentorship/{pair.pk}/pair/"))
    assert "Their plan and goals are the pair’s own" in page
    assert "third Thursday" not in page
    assert "Find another post" not in page
    assert list(Goal.objects.visible_to(chi)) == []


def test_a_stranger_changes_no_plan(pair, sam):
    with pytest.raises(NotAllowed, match="belongs to the two"):
        plans.save(pair, {}, [], by=sam)


def test_wrong_input_is_said_and_what_was_typed_stays(client, pair):
    given = {
        "channel": "Mail\x00", "rhythm": "Fridays", "goal-TOTAL_FORMS": "1", "goal-INITIAL_FORMS": "0",
        "goal-0-text": "A goal", "goal-0-by": "tomorrow",
    }  # fmt: skip
    answer = post(client, pair, pair.mentee, "plan/", **given)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.count("invalid-feedback") >= 2
    assert "Fridays" in page
    assert "tomorrow" in page
    assert Goal.objects.count() == 0


@pytest.mark.parametrize("total", ["x", "-1", "99999999999", ""])
def test_a_mangled_form_is_no_error_page(client, pair, total):
    assert post(client, pair, pair.mentee, "plan/", **{"goal-TOTAL_FORMS": total}).status_code == 200


def test_the_dates_come_as_a_calendar_file_without_a_name(client, pair):
    answer = get(client, pair, pair.mentee, "dates.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("BEGIN:VCALENDAR")
    assert "DTSTART;VALUE=DATE:20261014" in text
    assert text.count("BEGIN:VEVENT") == 6  # five questions and the end
    assert "Mo" not in text.replace("Mentoring", "").replace("month", "")


@pytest.mark.requirement("R-KLA-41")
def test_another_mentor_is_asked_for_on_the_page_and_taken_back_there(client, pair):
    page = words(get(client, pair, pair.mentee))
    assert "I would like a different mentor" in page
    assert "Mo is told nothing unless you say so." in page
    answer = post(client, pair, pair.mentee, "ask/rematch/", note="We talk past each other.", reason="fit")
    assert answer.status_code == 302
    wish = Request.objects.get()
    assert (wish.user, wish.kind, wish.note, wish.reason) == (pair.mentee, "rematch", "We talk past each other.", "fit")
    assert "past each other" in words(get(client, pair, pair.mentee))
    assert "past each other" not in words(get(client, pair, pair.mentor))
    assert post(client, pair, pair.mentor, f"take-back/{wish.pk}/").status_code == 404
    assert post(client, pair, pair.mentee, f"take-back/{wish.pk}/").status_code == 302
    wish.refresh_from_db()
    assert wish.state == Request.State.TAKEN_BACK


def test_there_is_no_door_of_another_name(client, pair):
    assert get(client, pair, pair.mentee, "ask/money/").status_code == 404


def test_a_pair_that_ended_early_shows_no_contact_any_more(client, pair):
    with on(2026, 1, 10):
        terms.end_early(pair, by=None, reason=Mentorship.EndReason.TIME)
    page = words(get(client, pair, pair.mentee))
    assert "Your time together ended on" in page
    assert "mo@farrow.example.org" not in page
    assert "I would like a different mentor" not in page


def test_a_completed_pair_may_stay_in_touch(client, pair):
    do_what_is_due(date(2026, 10, 14))
    assert "mo@farrow.example.org" in words(get(client, pair, pair.mentee))


def test_the_page_asks_few_questions_of_the_database(client, pair):
    with on(2025, 11, 3):
        plans.save(pair, {}, [{"text": "One"}], by=pair.mentee)
    one = queries(client, pair)
    with on(2025, 11, 3):
        plans.save(pair, {}, [{"text": "Two"}, {"text": "Three"}], by=pair.mentor)
    assert queries(client, pair) == one <= 14


def queries(client, pair):
    client.force_login(pair.mentee)
    with on(2025, 11, 3), CaptureQueriesContext(connection) as asked:
        client.get(f"/mentorship/{pair.pk}/")
    return len(asked)


@pytest.mark.requirement("R-NASIG-08")
def test_contact_is_nowhere_before_the_introduction(client):
    """Both are accepted and not introduced yet: neither page shows the other."""
    cycle = make_cycle(make_kla())
    bea, mo = make_person("bea@larkin.example.net", "Bea", "L"), make_person("mo@farrow.example.org", "Mo", "C")
    mine = make_application(cycle, bea, Role.MENTEE, Application.State.ADMITTED)
    make_application(cycle, mo, Role.MENTOR, Application.State.ADMITTED)
    client.force_login(bea)
    with on(2025, 10, 10):
        for url in ("/my/", mine.get_absolute_url()):
            answer = client.get(url)
            assert answer.status_code == 200
            assert "mo@farrow.example.org" not in answer.content.decode()


def test_once_introduced_the_application_leads_to_the_page_of_the_two_and_promises_nothing_more(client, pair):
    client.force_login(pair.mentee)
    url = pair.mentee_application.get_absolute_url()
    with on(2025, 11, 3):
        page = words(client.get(url))
    assert "You and Mo Castellanos" in page
    assert pair.get_absolute_url() in page
    assert "We look for your" not in page
    assert "Withdraw it" not in page
    Mentorship.objects.filter(pk=pair.pk).delete()
    with on(2025, 11, 3):
        assert "We look for your" in words(client.get(url))
