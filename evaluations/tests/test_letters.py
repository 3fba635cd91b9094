"""The letter: asked for by the mentor, with true dates, signed by somebody else, checked by anybody."""

from datetime import UTC, date, datetime

import pytest

from evaluations import due, letters
from evaluations.letter_pdf import Letter, draw
from evaluations.models import ServiceLetter
from mail.models import Message
from members import clock
from members.journal import NotAllowed, Stale
from members.models import Entry
from mentorships import terms
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, make_pairs, on
from programs.models import Seat
from programs.tests.make import assert_writes_nothing, make_person, make_seat

pytestmark = pytest.mark.django_db
WAITING = "/admin/evaluations/serviceletter/"


def words(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def program():
    return make_kla(service_letters=True, letter_min_months=3)


@pytest.fixture
def pair(program):
    """Mo and Bea, introduced on 15 October 2025."""
    return make_pair(program)


def make_chair(program, name="chi", role=Seat.Role.CHAIR):
    user = make_person(f"{name}@kla.example.org", name.title(), "Harper")
    make_seat(program, user, role)
    return user


@pytest.fixture
def chi(program):
    return make_chair(program)


def asked(pair, day=(2026, 3, 1), **given):
    with on(*day):
        return letters.ask(pair, by=pair.mentor, **given)


# Who may ask, and when


@pytest.mark.requirement("R-NMRT-15")
def test_a_mentor_asks_after_three_whole_months_and_not_a_day_before(pair):
    with on(2026, 1, 13), pytest.raises(NotAllowed, match="from Wednesday, 14\xa0January on"):
        letters.ask(pair, by=pair.mentor)
    letter = asked(pair, (2026, 1, 14))
    assert (letter.state, letter.name_on_it) == ("asked", "Mo Castellanos")


@pytest.mark.requirement("R-NMRT-15")
def test_asking_twice_is_asking_once(pair):
    assert asked(pair) == asked(pair, (2026, 3, 2))
    assert Entry.objects.filter(about__startswith="serviceletter:", verb="asked").count() == 1


def test_neither_the_mentee_nor_anybody_else_asks(pair, chi):
    for person in (pair.mentee, chi):
        with on(2026, 3, 1), pytest.raises(NotAllowed, match="for the mentor"):
            letters.ask(pair, by=person)


def test_where_the_program_writes_no_letters_none_is_asked_for():
    pair = make_pair(make_kla("other"))
    with on(2026, 3, 1), pytest.raises(NotAllowed, match="writes no such letters"):
        letters.ask(pair, by=pair.mentor)


@pytest.mark.requirement("R-NMRT-15")
def test_a_time_that_ended_too_soon_gives_no_letter(pair, chi):
    with on(2025, 12, 1):
        terms.end_early(pair, by=chi, reason="time")
    with on(2026, 3, 1), pytest.raises(NotAllowed, match="for 3 months or more"):
        letters.ask(pair, by=pair.mentor)


# Signing


@pytest.mark.requirement("R-NMRT-15")
def test_signed_it_keeps_the_true_days_and_the_mentor_is_told_once(pair, chi):
    letter = asked(pair, name="Maurice Castellanos")
    with on(2026, 3, 2):
        letters.sign(letter, by=chi)
    letter = ServiceLetter.objects.get()
    assert (letter.state, letter.name_on_it, letter.signed_on) == ("signed", "Maurice Castellanos", date(2026, 3, 2))
    assert (letter.begins_on, letter.ends_on) == (date(2025, 10, 15), date(2026, 3, 2))
    [mail] = Message.objects.filter(name="letter_ready")
    assert mail.to_email == pair.mentor.email
    assert letter.code in mail.text


@pytest.mark.requirement("R-NMRT-15")
def test_after_an_early_end_the_last_day_is_the_day_of_the_end(pair, chi):
    with on(2026, 2, 20):
        terms.end_early(pair, by=chi, reason="time")
    pair.refresh_from_db()
    with on(2026, 6, 1):
        letter = letters.sign(letters.ask(pair, by=pair.mentor), by=chi)
    assert (letter.begins_on, letter.ends_on) == (date(2025, 10, 15), date(2026, 2, 20))


def test_after_the_whole_year_the_last_day_is_the_last_day_of_the_year(pair, chi):
    do_what_is_due(date(2026, 10, 15))
    pair.refresh_from_db()
    with on(2027, 1, 5):
        letter = letters.sign(letters.ask(pair, by=pair.mentor), by=chi)
    assert (letter.begins_on, letter.ends_on) == (date(2025, 10, 15), date(2026, 10, 14))


def test_nobody_signs_twice_and_only_chair_and_deputy_sign(pair, chi, program):
    letter = asked(pair)
    member = make_chair(program, "kim", Seat.Role.COMMITTEE)
    for person in (pair.mentor, pair.mentee, member):
        with on(2026, 3, 2), pytest.raises(NotAllowed, match="chair or the deputy"):
            letters.sign(letter, by=person)
    again = ServiceLetter.objects.get()
    with on(2026, 3, 2):
        letters.sign(letter, by=chi)
        with pytest.raises(Stale):
            letters.sign(again, by=chi)
    assert Message.objects.filter(name="letter_ready").count() == 1


def test_a_chair_who_mentors_does_not_sign_their_own(pair, program):
    make_seat(program, pair.mentor, Seat.Role.CHAIR)
    letter = asked(pair)
    with on(2026, 3, 2), pytest.raises(NotAllowed, match="pair of their own"):
        letters.sign(letter, by=pair.mentor)


def test_a_refusal_and_a_taking_back_say_why(pair, chi):
    letter = asked(pair)
    with on(2026, 3, 2):
        with pytest.raises(NotAllowed, match="say why"):
            letters.refuse(letter, by=chi, note="  ")
        letters.refuse(letter, by=chi, note="Your name is spelt differently in our books.")
    [mail] = Message.objects.filter(name="letter_not")
    assert "spelt differently" in mail.text


def test_after_a_no_the_mentor_may_ask_anew_and_a_second_no_is_told_too(client, pair, chi):
    letter = asked(pair)
    with on(2026, 3, 2):
        letters.refuse(letter, by=chi, note="Which name shall it be?")
    client.force_login(pair.mentor)
    with on(2026, 3, 3):
        page = words(client.get(f"/letter/ask/{pair.pk}/"))
        assert "Which name shall it be?" in page
        assert "Ask again" in page
        client.post(f"/letter/ask/{pair.pk}/", {"name": "Maurice Castellanos"})
        again = ServiceLetter.objects.get()
        assert (again.state, again.name_on_it, again.note) == ("asked", "Maurice Castellanos", "")
        letters.refuse(again, by=chi, note="Please write to us.")
    assert Message.objects.filter(name="letter_not").count() == 2


# Checking


def test_anybody_checks_a_code_however_it_is_typed(client, pair, chi):
    letter = asked(pair)
    with on(2026, 3, 2):
        letters.sign(letter, by=chi)
        code = letter.code
        assert client.get("/letter/", {"code": f" {code.lower().replace('-', ' ')} "})["Location"] == f"/letter/{code}/"
        page = words(client.get(f"/letter/{code}/"))
    for said in ("This letter is ours", "Mo Castellanos", "KLA Mentoring", "15 October 2025", "2 March"):
        assert said in page
    assert "Bea" not in page


def test_a_letter_taken_back_says_so_and_nothing_more(client, pair, chi):
    letter = asked(pair)
    with on(2026, 3, 2):
        letters.sign(letter, by=chi)
        letters.revoke(letter, by=chi, note="Signed in error.")
        page = words(client.get(f"/letter/{letter.code}/"))
    assert "no longer counts" in page
    assert "Mo Castellanos" not in page
    client.force_login(pair.mentor)
    assert client.get(f"/letter/{letter.pk}.pdf").status_code == 404


def test_an_unknown_code_is_told_kindly_and_its_page_is_not_there(client, db):
    assert "We know no letter" in words(client.get("/letter/", {"code": "AAAA-BBBB"}))
    assert client.get("/letter/AAAA-BBBB/").status_code == 404
    assert client.get("/letter/", {"code": "<script>\x00"}).status_code == 200


# The paper


@pytest.mark.requirement("R-NMRT-15")
def test_the_pdf_is_one_page_that_says_the_days_and_the_code(client, pair, chi):
    letter = asked(pair)
    with on(2026, 3, 2):
        letters.sign(letter, by=chi)
        client.force_login(pair.mentor)
        answer = client.get(f"/letter/{letter.pk}.pdf")
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        assert answer.content.count(b"/Type /Page\n") == 1
        client.force_login(pair.mentee)
        assert client.get(f"/letter/{letter.pk}.pdf").status_code == 404


def test_names_of_many_scripts_can_be_printed():
    for name in ("Zoë Łukasiewicz", "Nguyễn Thị Ánh", "Ελένη Παπαδοπούλου", "Олена Шевченко"):
        drawn = draw(
            Letter(
                name, "A program", "An association", "A street", "mentor",
                date(2025, 10, 1), date(2026, 6, 30), date(2026, 7, 1), "Chi Harper", "K7QF-2MXP", "https://x.example/",
            )
        )  # fmt: skip
        assert drawn.startswith(b"%PDF-")


# The pages


def test_the_mentor_asks_on_a_page_and_sees_where_it_stands(client, pair, chi):
    url = f"/letter/ask/{pair.pk}/"
    client.force_login(pair.mentor)
    with on(2025, 12, 1):
        assert "You can ask for it from" in words(client.get(url))
    with on(2026, 3, 1):
        assert "A letter for your files" in words(client.get("/my/"))
        assert_writes_nothing(client, url)
        assert client.post(url, {"name": ""}).status_code == 200
        assert not ServiceLetter.objects.exists()
        client.post(url, {"name": "Maurice Castellanos"})
        assert "about once a week" in words(client.get(url))
        letters.sign(ServiceLetter.objects.get(), by=chi)
        assert "Fetch the letter" in words(client.get(url))
        assert "Your letter of thanks was signed" in words(client.get("/my/"))
    client.force_login(pair.mentee)
    assert client.get(url).status_code == 404


def test_the_chair_signs_what_is_ticked_and_leaves_the_rest(client, program, chi):
    pairs = make_pairs(program, 3)
    rows = [asked(pair) for pair in pairs]
    client.force_login(chi)
    with on(2026, 3, 2):
        assert_writes_nothing(client, WAITING)
        assert "3 letters wait to be signed" in words(client.get("/admin/"))
        client.post(f"{WAITING}sign/", {"letter": [rows[0].pk, rows[1].pk]})
        states = list(ServiceLetter.objects.order_by("pk").values_list("state", flat=True))
        assert states == ["signed", "signed", "asked"]
        client.post(f"{WAITING}{rows[2].pk}/refuse/", {"note": "Please write to us."})
        client.post(f"{WAITING}{rows[0].pk}/revoke/", {"note": ""})
    states = list(ServiceLetter.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["signed", "signed", "refused"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(client, program, chi, count, django_assert_max_num_queries):
    for pair in make_pairs(program, count):
        asked(pair)
    client.force_login(chi)
    with on(2026, 3, 2), django_assert_max_num_queries(22):
        client.get(WAITING)


def test_once_a_week_whoever_signs_is_told_while_somebody_waits(pair, chi):
    asked(pair, (2026, 3, 4))  # a Wednesday

    def run(day):
        moment = clock.end_of(day, "America/New_York")
        with clock.at(moment):
            return [one.what for one in due.due(moment) if one.what == "letters_to_sign"]

    assert [run(date(2026, 3, day)) for day in (5, 9, 10, 16)] == [[], ["letters_to_sign"], [], ["letters_to_sign"]]
    with on(2026, 3, 17):
        letters.sign(ServiceLetter.objects.get(), by=chi)
    assert run(date(2026, 3, 23)) == []
    assert set(Message.objects.filter(name="letters_to_sign").values_list("to_email", flat=True)) == {chi.email}


def test_a_letter_whose_code_is_taken_gets_another(pair, chi, monkeypatch):
    given = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(letters, "_drawn", lambda: next(given))
    first = asked(pair)
    other = make_pair(
        pair.program, make_person("ann@x.example", "Ann", "Lee"), make_person("cal@x.example", "Cal", "Day")
    )
    second = asked(other)
    with clock.at(datetime(2026, 3, 2, 18, tzinfo=UTC)):
        letters.sign(first, by=chi)
        letters.sign(second, by=chi)
    assert sorted(ServiceLetter.objects.values_list("code", flat=True)) == ["AAAA-AAAA", "BBBB-BBBB"]
