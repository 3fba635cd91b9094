"""The desk and the announcement's page, as the committee uses them: without JavaScript, each by its seat."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mail.models import Message
from matching import proposals, runs
from matching.models import Edit, Match, Run
from matching.tests.make import MATCHING_DAY, make_accepted, make_mentee, make_mentor
from matching.tests.test_runs import pairs
from members import clock
from members.models import Entry
from mentoring import presets
from mentorships.models import Mentorship
from programs.models import Application, Place, Program, Role


def desk_of(cycle):
    return reverse("admin:matching_desk", args=[cycle.pk])


def leave_of(cycle):
    return reverse("admin:matching_announce", args=[cycle.pk])


def draft_of(application):
    return Match.objects.get(mentee_application=application, state="draft")


def counts():
    """Every row that these pages could write."""
    return [model.objects.count() for model in (Match, Run, Edit, Entry, Message, Place, Mentorship, Application)]


@pytest.fixture
def signed_in(client, committee):
    """A client signed in as one of the committee: signed_in("chi")."""

    def sign_in(name):
        client.force_login(committee[name])
        return client

    return sign_in


@pytest.mark.parametrize(("name", "status"), [("chi", 200), ("dee", 200), ("mim", 200), ("lee", 404), ("sam", 302)])
def test_who_sees_the_desk_and_the_announcement(signed_in, cycle, ann, bea, name, status):
    page = signed_in(name)
    assert page.get(desk_of(cycle)).status_code == status
    assert page.get(leave_of(cycle)).status_code == status


def test_another_programs_desk_is_not_there(signed_in, cycle, committee):
    other = presets.load("kla", association="ola", name_="Ohio Library Association").program
    page = signed_in("chi")
    for url in (desk_of, leave_of):
        assert page.get(url(other.cycles.get())).status_code == 404
        assert page.post(url(other.cycles.get()), {"do": "again"}).status_code == 404


def test_a_member_of_the_committee_does_not_announce(signed_in, cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("mim")
    for do in ("announce", "stop"):
        assert page.post(leave_of(cycle), {"do": do}).status_code == 403
    assert draft_of(bea).state == "draft"


def test_looking_writes_nothing(signed_in, cycle, committee, ann, mo, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    proposals.keep(draft_of(cal), by=committee["chi"])
    before = counts()
    page = signed_in("chi")
    for query in ("", f"?pair={bea.pk}", f"?pair={bea.pk}&another=mo", "?show=kept", "?q=bea", "?pair=x&show=y&q=%00"):
        assert page.get(desk_of(cycle) + query).status_code == 200
    assert page.get(leave_of(cycle)).status_code == 200
    assert page.get(reverse("admin:matching_export", args=[Run.objects.get().pk])).status_code == 200
    assert counts() == before


def test_suggest_keep_mark_and_undo_each_lead_back_to_the_row(signed_in, cycle, ann, mo, bea, cal):
    page = signed_in("chi")
    assert "Suggest matches" in page.get(desk_of(cycle)).content.decode()
    page.post(desk_of(cycle), {"do": "again"})
    assert pairs(cycle) == {"Bea": "Ann", "Cal": "Mo"}
    answer = page.post(desk_of(cycle), {"pair": draft_of(bea).pk, "do": "keep"})
    assert (answer.status_code, answer.url) == (302, f"{desk_of(cycle)}?pair={bea.pk}#p{bea.pk}")
    assert draft_of(bea).kept
    page.post(desk_of(cycle), {"pair": draft_of(bea).pk, "mark": "done"})
    assert draft_of(bea).mark == "done"
    page.post(desk_of(cycle), {"pair": draft_of(bea).pk, "mark": "done"})
    assert draft_of(bea).mark == ""
    text = page.get(desk_of(cycle)).content.decode()
    assert "Undo: kept Bea with Ann" in text
    page.post(desk_of(cycle), {"do": "undo"})
    assert not draft_of(bea).kept


@pytest.mark.requirement("R-KLA-13")
def test_the_two_applications_stand_side_by_side_with_what_they_share_marked(signed_in, cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["chi"])
    text = signed_in("chi").get(f"{desk_of(cycle)}?pair={bea.pk}").content.decode()
    assert "<mark>University library</mark>" in text
    assert "<mark>Build a skill</mark>" in text
    assert "10 years ahead" in text


def test_an_alternative_says_what_it_changes_and_does_just_that(signed_in, cycle, committee, ann, mo, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("chi")
    text = page.get(f"{desk_of(cycle)}?pair={bea.pk}").content.decode()
    assert "2 pairs change: Cal would go to Ann, a good fit instead of a very good fit." in text
    seen = runs.fingerprint(cycle)
    page.post(desk_of(cycle), {"mentee": bea.pk, "give": mo.pk, "seen": seen})
    assert pairs(cycle) == {"Bea": "Mo", "Cal": "Ann"}


def test_who_would_lose_a_place_is_named(signed_in, cycle, committee, ann, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    text = signed_in("chi").get(f"{desk_of(cycle)}?pair={cal.pk}").content.decode()
    assert "A mentor for Cal" in text
    assert "Costs Bea the place." in text


def test_two_editors_the_second_reads_a_message_and_nothing_is_lost(signed_in, cycle, committee, ann, mo, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("dee")
    old = f"{draft_of(bea).pk}:0:"
    proposals.keep(draft_of(bea), by=committee["chi"])
    answer = page.post(desk_of(cycle), {"pair": draft_of(bea).pk, "do": "forbid", "was": old}, follow=True)
    assert "Somebody else was a moment faster" in answer.content.decode()
    assert draft_of(bea).kept
    seen = "not what it is now"
    answer = page.post(desk_of(cycle), {"mentee": cal.pk, "give": ann.pk, "seen": seen}, follow=True)
    assert "Somebody changed a pair in the meantime" in answer.content.decode()
    assert pairs(cycle) == {"Bea": "Ann", "Cal": "Mo"}


def test_ones_own_pair_is_shown_without_buttons_and_refused_when_forged(signed_in, cycle, committee, bea):
    make_mentor(cycle, "Chi", user=committee["chi"])
    runs.suggest(cycle, by=committee["dee"])
    page = signed_in("chi")
    assert "Your own pair: somebody else decides" in page.get(desk_of(cycle)).content.decode()
    answer = page.post(desk_of(cycle), {"pair": draft_of(bea).pk, "do": "forbid"}, follow=True)
    assert "a pair of your own" in answer.content.decode()
    assert draft_of(bea).state == "draft"


def test_who_is_in_the_room_is_named_on_no_line(signed_in, cycle, committee, ann, bea, cal):
    mim = make_mentor(cycle, "Mim", user=committee["mim"], library_type="school", goals=["publish-or-present"])
    runs.suggest(cycle, by=committee["chi"])
    assert pairs(cycle) == {"Bea": "Ann", "Cal": "Mim"}
    proposals.keep(draft_of(cal), by=committee["chi"])
    proposals.let_go(draft_of(cal), by=committee["chi"])
    page = signed_in("chi")
    assert "Cal" in page.get(desk_of(cycle)).content.decode()
    page.post(desk_of(cycle), {"do": "room", "room": [committee["mim"].pk]})
    for query in ("", f"?pair={bea.pk}", f"?pair={cal.pk}", f"?pair={bea.pk}&another=mim", "?q=cal", "?show=open"):
        text = page.get(desk_of(cycle) + query).content.decode()
        body = text.split('id="room"')[0] + text.split("</details>", 1)[1]
        assert "Cal" not in body.replace("Nobody on the desk is called “cal”", "")
        assert "Mim Harper" not in body
    assert "1</b> covered" in text
    page.post(desk_of(cycle), {"do": "room"})
    assert "Cal" in page.get(desk_of(cycle)).content.decode()
    assert mim.user == committee["mim"]


def test_nobody_from_outside_can_be_ticked_into_the_room(signed_in, cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("chi")
    page.post(desk_of(cycle), {"do": "room", "room": [ann.user.pk, "x", "9" * 30, committee["mim"].pk]})
    assert page.session["in_the_room"] == {str(cycle.pk): [committee["mim"].pk]}


def test_who_is_not_matched_is_listed_with_the_reason(signed_in, cycle, committee, ann, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    text = signed_in("chi").get(desk_of(cycle)).content.decode()
    assert "Find a mentor for Cal" in text
    assert "1 mentor could be suggested, and is taken by people who fit better or come first." in text
    assert "Ann with Cal would cost Bea the place." in text


def test_a_place_that_became_free_by_hand_is_offered_to_who_waits(signed_in, cycle, committee, ann, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    proposals.forbid(draft_of(bea), by=committee["chi"])
    text = signed_in("chi").get(desk_of(cycle)).content.decode()
    assert "Ann has a free place and can be suggested." in text
    assert "Undo: not Bea with Ann" in " ".join(text.split())


def test_an_undo_that_would_lose_something_is_not_offered(signed_in, cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["chi"])
    proposals.keep(draft_of(bea), by=committee["chi"])
    page = signed_in("chi")
    assert 'value="undo"' in page.get(desk_of(cycle)).content.decode()
    proposals.mark(draft_of(bea), "discuss", by=committee["dee"])
    assert 'value="undo"' not in page.get(desk_of(cycle)).content.decode()


def test_a_rule_that_may_be_set_aside_asks_for_a_reason(signed_in, cycle, committee):
    Program.objects.update(other_employer="never")
    cycle.program.refresh_from_db()
    ann = make_mentor(cycle, "Ann", employer="Soto County Library")
    bea = make_mentee(cycle, "Bea", employer="Soto County Library")
    make_mentor(cycle, "Mo", employer="Elsewhere")
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("chi")
    text = page.get(f"{desk_of(cycle)}?pair={bea.pk}&another=ann").content.decode()
    assert "Your rules speak against it: both work for the same employer." in text
    assert "Why these two all the same" in text
    answer = page.post(desk_of(cycle), {"mentee": bea.pk, "give": ann.pk}, follow=True)
    assert "write down why" in answer.content.decode()
    page.post(desk_of(cycle), {"mentee": bea.pk, "give": ann.pk, "note": "They asked for each other."})
    assert pairs(cycle) == {"Bea": "Ann"}
    assert "by hand: They asked for each other." in page.get(desk_of(cycle)).content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"do": "explode"}, {"pair": "999999", "do": "keep"}, {"give": "1"}, {"do": "keep"}, {"mark": "done", "pair": "\x00"}]
)  # fmt: skip
def test_a_choice_that_is_not_there_is_said(signed_in, cycle, committee, ann, bea, data):
    runs.suggest(cycle, by=committee["chi"])
    answer = signed_in("chi").post(desk_of(cycle), data, follow=True)
    assert answer.status_code == 200
    assert answer.context["messages"]
    assert not draft_of(bea).kept


def test_a_match_of_another_cycle_cannot_be_pressed(signed_in, cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["chi"])
    other = cycle.program.cycles.create(
        slug="next", name="Next", opens_on="2026-09-01", closes_on="2026-09-30", hear_by="2026-10-15",
        announced_on="2026-10-15", begins_on="2026-10-15", ends_on="2027-10-14",
    )  # fmt: skip
    signed_in("chi").post(desk_of(other), {"pair": draft_of(bea).pk, "do": "forbid"})
    assert draft_of(bea).state == "draft"


def test_the_empty_desk_says_what_will_be_there(signed_in, cycle):
    text = signed_in("chi").get(desk_of(cycle)).content.decode()
    assert "Nobody has been accepted yet." in text
    assert "Suggest" not in text
    assert "There is nothing to announce yet." in signed_in("chi").get(leave_of(cycle)).content.decode()


def test_when_all_are_matched_the_desk_says_so(signed_in, cycle, committee, ann, bea):
    runs.suggest(cycle, by=committee["chi"])
    proposals.announce(cycle, by=committee["chi"])
    text = signed_in("chi").get(desk_of(cycle)).content.decode()
    assert "Every accepted mentee has a mentor." in text
    assert "One pair is announced and waits for its introduction." in text


@pytest.mark.requirement("R-KLA-14")
def test_announce_hold_stop_from_the_page(signed_in, cycle, committee, ann, bea, cal):
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("chi")
    answer = page.get(leave_of(cycle))
    text = answer.content.decode()
    assert "<strong>2 mails</strong> to 3 people will leave." in text
    assert "As Cal will read it" in text
    assert "introduced on Wednesday, 15\u00a0October" in text
    page.post(leave_of(cycle), {"do": "announce", "seen": answer.context["view"].seen})
    text = page.get(leave_of(cycle)).content.decode()
    assert "One pair and 1 mail held until Wednesday, 8\u00a0October, 15:15\u00a0Eastern, 15 minutes from now" in text
    with clock.at(MATCHING_DAY + timedelta(minutes=3)):
        assert 'value="3"' in page.get(leave_of(cycle)).content.decode()
        page.post(leave_of(cycle), {"do": "stop"})
    assert draft_of(bea).place is None
    assert Message.objects.get().state == "cancelled"


def test_everybody_who_is_written_to_is_named_and_who_got_it_already(signed_in, cycle, committee, ann, bea):
    names = [make_mentor(cycle, f"Spare{number}").user.get_full_name() for number in range(5)]
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("chi")
    spare = [name for name in names if name in page.get(leave_of(cycle)).content.decode()]
    assert spare == names
    page.post(leave_of(cycle), {"do": "announce", "seen": page.get(leave_of(cycle)).context["view"].seen})
    held = page.get(leave_of(cycle)).content.decode()
    assert [name for name in names if name in held] == names
    with clock.at(MATCHING_DAY + timedelta(minutes=20)):
        proposals.assign(cycle, make_mentee(cycle, "Dov"), make_mentor(cycle, "Nadia"), by=committee["chi"])
        again = page.get(leave_of(cycle)).content.decode()
    assert "5 people got it already, and are not told again" in again
    assert ", ".join(sorted(names)) in again


def test_an_old_page_announces_nothing(signed_in, cycle, committee, ann, mo, bea):
    runs.suggest(cycle, by=committee["chi"])
    page = signed_in("chi")
    seen = page.get(leave_of(cycle)).context["view"].seen
    proposals.assign(cycle, bea, mo, by=committee["dee"])
    answer = page.post(leave_of(cycle), {"do": "announce", "seen": seen}, follow=True)
    assert "Pairs have changed since this page was opened" in answer.content.decode()
    assert not Place.objects.exists()


def test_a_colleague_confirms_the_chairs_own_pair_on_the_page(signed_in, cycle, committee, bea):
    make_mentor(cycle, "Chi", user=committee["chi"])
    runs.suggest(cycle, by=committee["dee"])
    text = signed_in("chi").get(leave_of(cycle)).content.decode()
    assert "this is a pair of your own" in text
    assert 'value="announce"' not in text
    page = signed_in("mim")
    assert "Confirm this pair" in page.get(leave_of(cycle)).content.decode()
    page.post(leave_of(cycle), {"do": "confirm", "pair": draft_of(bea).pk})
    assert 'value="announce"' in signed_in("chi").get(leave_of(cycle)).content.decode()


def test_introduced_within_a_day_can_be_taken_back_from_the_page(signed_in, cycle, committee, ann, bea):
    with clock.at(MATCHING_DAY + timedelta(days=7)):
        runs.suggest(cycle, by=committee["chi"])
        proposals.announce(cycle, by=committee["chi"])
    with clock.at(MATCHING_DAY + timedelta(days=7, minutes=20)):
        page = signed_in("chi")
        assert "Introduce now" in page.get(leave_of(cycle)).content.decode()
        match = Match.objects.get()
        page.post(leave_of(cycle), {"do": "introduce", "pair": match.pk})
        assert Mentorship.objects.get().state == "open"
        assert "Introduced within a day" in page.get(leave_of(cycle)).content.decode()
        page.post(leave_of(cycle), {"do": "undo", "pair": match.pk, "note": "We took the wrong line."})
        assert Mentorship.objects.get().state == "ended"


def test_the_export_is_the_runs_input(signed_in, cycle, committee, ann, bea):
    run = runs.suggest(cycle, by=committee["chi"])
    url = reverse("admin:matching_export", args=[run.pk])
    answer = signed_in("mim").get(url)
    assert json.loads(answer.content) == run.input
    assert answer["Content-Disposition"] == 'attachment; filename="suggestion-kla-2025-26-2025-10-08-1900.json"'
    assert signed_in("lee").get(url).status_code == 404


def queries(page, url):
    """How many queries a page asks once it is warm."""
    page.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert page.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize("of", [desk_of, leave_of])
def test_three_rows_ask_no_more_queries_than_one(signed_in, cycle, committee, of):
    def suggest_and_edit():
        runs.suggest(cycle, by=committee["chi"])
        proposals.keep(Match.objects.filter(state="draft", kept=False).first(), by=committee["chi"])

    make_mentor(cycle, "Mentor 1")
    make_mentee(cycle, "Mentee 1")
    make_mentee(cycle, "Left Over")
    suggest_and_edit()
    page = signed_in("chi")
    few = queries(page, of(cycle))
    for number in (2, 3):
        make_mentor(cycle, f"Mentor {number}")
        make_mentee(cycle, f"Mentee {number}")
    make_accepted(cycle, "Both", Role.MENTEE, user=make_mentor(cycle, "Both").user, years=1)
    suggest_and_edit()
    assert Match.objects.filter(state="draft").count() == 4
    assert queries(page, of(cycle)) == few <= 25
