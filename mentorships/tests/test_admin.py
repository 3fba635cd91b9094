"""The committee's list of pairs, one pair, what they were told, and the queue of requests."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentorships import check_ins, requests
from mentorships.models import CheckIn, CheckInPlan, Mentorship, Request
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, make_pairs, on
from programs.models import Seat
from programs.tests.make import assert_writes_nothing, make_person, make_seat

pytestmark = pytest.mark.django_db
PAIRS = "/admin/mentorships/mentorship/pairs/"
REQUESTS = "/admin/mentorships/request/"


def words(response):
    return " ".join(response.content.decode().split())


def seat(program, name, role):
    user = make_person(f"{name}@kla.example.org", name.title(), "Harper")
    make_seat(program, user, role)
    return user


@pytest.fixture
def program():
    return make_kla()


@pytest.fixture
def chi(program):
    return seat(program, "chi", Seat.Role.CHAIR)


def get(client, user, url, day=(2025, 12, 20)):
    client.force_login(user)
    with on(*day):
        return client.get(url)


def post(client, user, url, **data):
    client.force_login(user)
    with on(2025, 12, 20):
        return client.post(url, data)


def pair_url(pair, end="pair"):
    return f"/admin/mentorships/mentorship/{pair.pk}/{end}/"


def answer(pair, role, word):
    with on(2025, 12, 16):
        check_ins.answer(
            CheckIn.objects.get(mentorship=pair, role=role, due_on=date(2025, 12, 15)), word, by=pair.person(role)
        )


@pytest.fixture
def three(program):
    """Three pairs in December: one stuck, one slow, one fine."""
    pairs = make_pairs(program, 3)
    do_what_is_due(date(2025, 12, 15))
    for pair, word in zip(pairs, ("fine", "slow", "stuck"), strict=True):
        answer(pair, "mentor", "fine")
        answer(pair, "mentee", word)
    return pairs


@pytest.mark.requirement("R-KLA-15")
def test_those_that_need_us_come_first_with_sign_word_and_reason(client, chi, three):
    page = words(get(client, chi, PAIRS))
    at = [page.index(f"{pair.mentor} – {pair.mentee}") for pair in reversed(three)]
    assert at == sorted(at)
    for expected in (
        "Needs us</span>",
        "Mentee2 says: stuck",
        "Worth a look</span>",
        "Mentee1 says: a bit slow",
        "Fine</span>",
    ):
        assert expected in page
    assert "going well · we are stuck" in page
    assert "All 3" in page
    assert "</svg> Needs us 1" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("only=red", [2]), ("only=amber", [1]), ("only=green", [0]), ("q=mentee1", [1]), ("q=nobody", []), ("only=over", []),
        ("only=x%00", [0, 1, 2]), ("contact=99", []), ("page=999", [0, 1, 2]), ("page=x", [0, 1, 2]),
    ],
)  # fmt: skip
def test_the_list_can_be_narrowed(client, chi, three, query, shown):
    page = words(get(client, chi, f"{PAIRS}?{query}"))
    assert [n for n, pair in enumerate(three) if f"{pair.mentor} – {pair.mentee}" in page] == shown


def test_silence_of_a_month_is_a_filter_and_no_blame(client, chi, program):
    make_pair(program)
    assert "Not heard from in 30 days 1" in words(get(client, chi, PAIRS))
    page = words(get(client, chi, f"{PAIRS}?only=silent"))
    assert "Fine</span>" in page


def test_a_liaison_sees_the_assigned_pairs_alone(client, program):
    lee = seat(program, "lee", Seat.Role.LIAISON)
    ann, cal = make_person("ann@example.org", "Ann", "W"), make_person("cal@example.org", "Cal", "F")
    hers = make_pair(program, ann, cal, liaison=lee)
    other = make_pair(program)
    page = words(get(client, lee, PAIRS))
    assert "Ann W – Cal F" in page
    assert "Mo Castellanos" not in page
    assert get(client, lee, pair_url(hers)).status_code == 200
    assert get(client, lee, pair_url(other)).status_code == 404
    assert post(client, lee, pair_url(other, "told"), who="mentee", word="yes").status_code == 404
    assert post(client, lee, pair_url(hers, "end"), reason="time").status_code == 403


@pytest.mark.requirement("R-KLA-42")
def test_a_pair_of_ones_own_is_not_on_the_list(client, program):
    mo = seat(program, "mo", Seat.Role.CHAIR)
    pair = make_pair(program, mentor=mo)
    page = words(get(client, mo, PAIRS))
    assert "Bea Lindqvist" not in page
    assert "others of the committee look after it" in page
    for end in ("pair", "told", "end"):
        call = get if end == "pair" else post
        assert call(client, mo, pair_url(pair, end)).status_code == 404


def test_another_programs_committee_finds_nothing(client, program, three):
    eve = make_person("eve@nela.example.org", "Eve", "Tan")
    make_seat(make_kla("nela"), eve, Seat.Role.CHAIR)
    assert "Mentee1" not in words(get(client, eve, PAIRS))
    assert get(client, eve, f"{PAIRS}?cycle={three[0].cycle_id}").status_code == 404
    assert get(client, eve, pair_url(three[0])).status_code == 404


@pytest.mark.parametrize("cycle", ["x", "0", "9" * 30, "-1"])
def test_a_mangled_cycle_is_not_found(client, chi, cycle):
    assert get(client, chi, f"{PAIRS}?cycle={cycle}").status_code == 404


def test_one_pair_shows_the_committee_what_each_said(client, chi, program):
    pair = make_pair(program)
    do_what_is_due(date(2025, 12, 15))
    with on(2025, 12, 16):
        check_ins.answer(
            CheckIn.objects.get(user=pair.mentee), "stuck", by=pair.mentee, note="We talk past each other."
        )
    page = words(get(client, chi, pair_url(pair)))
    for expected in ("We talk past each other.", "bea@larkin.example.net", "Bea says: stuck", "They told me"):
        assert expected in page


def test_what_was_said_on_the_phone_is_noted(client, chi, program):
    pair = make_pair(program)
    do_what_is_due(date(2025, 12, 15))
    assert post(client, chi, pair_url(pair, "told"), who="both", word="fine", note="Called both.").status_code == 302
    kept = CheckIn.objects.filter(mentorship=pair).order_by("role")
    assert [(one.role, one.word, one.told_to, one.note) for one in kept] == [
        ("mentee", "fine", chi, "Called both."),
        ("mentor", "fine", chi, "Called both."),
    ]


def test_a_form_that_is_not_filled_in_says_so(client, chi, program):
    pair = make_pair(program)
    for end in ("told", "end"):
        answer = post(client, chi, pair_url(pair, end), note="Something")
        assert answer.status_code == 200
        assert "Not saved yet." in words(answer)
        assert "Something" in words(answer)


def test_the_chair_ends_a_pair_before_its_last_day(client, chi, program):
    pair = make_pair(program)
    assert post(client, chi, pair_url(pair, "end"), reason="job", note="Good luck, Mo.").status_code == 302
    pair.refresh_from_db()
    assert (pair.state, pair.end_reason) == (Mentorship.State.ENDED, "job")
    assert "Over 1" in words(get(client, chi, PAIRS))
    assert post(client, chi, pair_url(pair, "end"), reason="job").status_code == 302  # once more: refused in words


@pytest.mark.requirement("R-KLA-41")
def test_the_queue_shows_what_is_open_and_it_is_settled_there(client, chi, program):
    pair = make_pair(program)
    with on(2025, 12, 18):
        wish = requests.ask(pair, "rematch", by=pair.mentee, note="We talk past each other.")
    assert "1 request waits" in words(get(client, chi, PAIRS))
    assert "To answer" in words(get(client, chi, REQUESTS))
    url = f"{REQUESTS}{wish.pk}/change/"
    assert "We talk past each other." in words(get(client, chi, url))
    assert "say why" in words(post(client, chi, url, to="refused", answer=""))
    assert post(client, chi, url, to="done", answer="We look.").status_code == 302
    wish.refresh_from_db()
    assert (wish.state, wish.answer) == (Request.State.DONE, "We look.")
    assert Mentorship.objects.get().state == Mentorship.State.ENDED


@pytest.mark.requirement("R-KLA-42")
def test_who_is_of_the_pair_and_who_holds_no_seat_finds_no_request(client, program):
    mo = seat(program, "mo", Seat.Role.CHAIR)
    lee = seat(program, "lee", Seat.Role.LIAISON)
    pair = make_pair(program, mentor=mo, liaison=lee)
    with on(2025, 12, 18):
        wish = requests.ask(pair, "rematch", by=pair.mentee, note="We talk past each other.")
    url = f"{REQUESTS}{wish.pk}/change/"
    assert get(client, mo, url).status_code == 404
    assert "Bea" not in words(get(client, mo, REQUESTS))
    assert get(client, lee, url).status_code in (403, 404)
    assert get(client, lee, REQUESTS).status_code == 403
    assert get(client, pair.mentee, url).status_code == 302  # not of the committee: to the sign-in


@pytest.mark.parametrize("pk", ["x", "0", "9" * 30])
def test_a_mangled_number_is_not_found(client, chi, pk):
    for url in (f"{REQUESTS}{pk}/change/", f"/admin/mentorships/mentorship/{pk}/change/"):
        assert get(client, chi, url).status_code in (302, 404)


def test_looking_writes_nothing(client, chi, three):
    with on(2025, 12, 18):
        wish = requests.ask(three[0], "help", by=three[0].mentee)
    client.force_login(chi)
    with on(2025, 12, 20):
        for url in (PAIRS, pair_url(three[0]), REQUESTS, f"{REQUESTS}{wish.pk}/change/"):
            assert_writes_nothing(client, url)


def queries(client, user, url):
    get(client, user, url)
    with CaptureQueriesContext(connection) as asked:
        get(client, user, url)
    return len(asked)


def test_the_list_asks_the_same_number_of_queries_with_one_pair_and_with_four(client, chi, program):
    make_pair(program)
    do_what_is_due(date(2025, 12, 15))
    one = queries(client, chi, PAIRS)
    make_pairs(program, 3)
    do_what_is_due(date(2025, 12, 15))
    assert queries(client, chi, PAIRS) == one


@pytest.mark.requirement("R-KLA-15")
def test_the_committee_sets_the_dates_of_its_check_ins(client, chi, program):
    url = "/admin/mentorships/checkinplan/add/"
    answer = post(client, chi, url, program=program.pk, moment="check_in", after_days="", after_months="6")
    assert answer.status_code == 302
    assert CheckInPlan.objects.filter(program=program, after_months=6).exists()
    both = post(client, chi, url, program=program.pk, moment="check_in", after_days="9", after_months="6")
    assert "Give either days after the introduction or months into the year." in words(both)
