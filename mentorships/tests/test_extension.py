"""Another year: asked of each alone, begun by two yeses, and never said who wanted what."""

from datetime import date

import pytest
from django.urls import reverse

from mail import links
from mail.models import Message
from members.journal import NotAllowed
from members.models import Entry
from mentorships import extension, terms
from mentorships.models import Extension, Mentorship
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, on
from programs.models import Place, Seat
from programs.tests.make import make_person, make_question, make_seat

pytestmark = pytest.mark.django_db

# A year from 15 October 2025: asked on 30 August, reminded on 14 September, decided after 23 September.
ASKED, REMINDED, LAST, DECIDED = (
    date(2026, 8, 30),
    date(2026, 9, 14),
    date(2026, 9, 23),
    date(2026, 9, 24),
)


def make_extensible(**fields):
    made = {"term_anchor": "introduction", "extension_months": 12, "max_extensions": 1, **fields}
    return make_pair(make_kla(**made))


def mails(name):
    return sorted(Message.objects.filter(name=name).values_list("to_email", flat=True))


def say(pair, role, word, day=(2026, 9, 1)):
    asked = Extension.objects.get(term=pair.term(), role=role)
    with on(*day):
        return extension.answer(asked, word, by=asked.user)


@pytest.fixture
def pair():
    found = make_extensible()
    do_what_is_due(ASKED)
    return Mentorship.objects.get(pk=found.pk)


BOTH = ["bea@larkin.example.net", "mo@farrow.example.org"]


@pytest.mark.requirement("R-NELA-26", "R-NELA-35")
def test_each_is_asked_alone_forty_five_days_before_the_end_and_once(pair):
    assert mails("extend") == BOTH
    do_what_is_due(ASKED)
    do_what_is_due(date(2026, 9, 2))
    assert mails("extend") == BOTH
    for mail in Message.objects.filter(name="extend"):
        assert mail.also_email == ""
        assert "does not see what you say" in mail.text.replace("\n", " ")


def test_nobody_is_asked_a_day_too_early():
    make_extensible()
    do_what_is_due(date(2026, 8, 29))
    assert mails("extend") == []


def test_where_the_program_knows_no_extension_nobody_is_asked():
    make_pair(make_kla(term_anchor="introduction"))
    do_what_is_due(ASKED)
    assert mails("extend") == []


@pytest.mark.requirement("R-NELA-26", "R-NELA-27")
def test_two_yeses_begin_another_year_the_day_after_and_the_mentors_place_stays_taken(pair):
    say(pair, "mentee", "yes")
    assert (pair.terms.count(), mails("extension_result")) == (1, [])
    say(pair, "mentor", "yes")
    more = pair.terms.get(number=2)
    assert (more.begins_on, more.ends_on) == (date(2026, 10, 15), date(2027, 10, 14))
    assert mails("extension_result") == BOTH
    assert Place.objects.filter(mentor=pair.mentor, mentee=pair.mentee).exists()
    do_what_is_due(date(2026, 10, 15))
    assert Mentorship.objects.get().state == "open"
    do_what_is_due(date(2027, 10, 14))
    assert Mentorship.objects.get().state == "completed"
    assert not Place.objects.exists()


@pytest.mark.requirement("R-NELA-26", "R-NELA-35")
@pytest.mark.parametrize(
    ("mentor", "mentee"), [("no", "yes"), ("yes", "no"), ("", "yes"), ("talk", "yes"), ("no", "no"), ("", "")]
)
def test_anything_but_two_yeses_ends_it_as_planned_and_says_so_in_the_same_words(pair, mentor, mentee):
    for role, word in (("mentor", mentor), ("mentee", mentee)):
        if word:
            say(pair, role, word)
    do_what_is_due(LAST)
    assert mails("extension_result") == []  # a no is not told at once: it would say who
    do_what_is_due(DECIDED)
    do_what_is_due(date(2026, 9, 26))
    assert mails("extension_result") == BOTH
    for mail in Message.objects.filter(name="extension_result"):
        assert "ends on Wednesday, 14\xa0October, the day it was always going to end" in mail.text.replace("\n", " ")
    assert pair.terms.count() == 1
    do_what_is_due(date(2026, 10, 14))
    assert Mentorship.objects.get().state == "completed"


def test_whoever_is_silent_is_reminded_once_and_who_has_answered_is_not(pair):
    say(pair, "mentor", "yes")
    do_what_is_due(REMINDED)
    do_what_is_due(date(2026, 9, 16))
    assert mails("extend_reminder") == ["bea@larkin.example.net"]


def test_an_answer_may_be_changed_until_the_last_day_and_not_after(pair):
    say(pair, "mentor", "yes")
    assert say(pair, "mentor", "no", (2026, 9, 23)).word == "no"
    with pytest.raises(NotAllowed, match="closed"):
        say(pair, "mentor", "yes", (2026, 9, 24))


def test_once_both_have_agreed_nobody_changes_it_any_more(pair):
    say(pair, "mentor", "yes")
    say(pair, "mentee", "yes")
    first = Extension.objects.get(term__number=1, role="mentor")
    with on(2026, 9, 2), pytest.raises(NotAllowed, match="closed"):
        extension.answer(first, "no", by=first.user)
    assert pair.terms.count() == 2


@pytest.mark.requirement("R-NELA-26")
def test_it_is_extended_once_and_not_asked_again(pair):
    say(pair, "mentor", "yes")
    say(pair, "mentee", "yes")
    Message.objects.all().delete()
    do_what_is_due(date(2027, 8, 30))
    do_what_is_due(date(2027, 9, 24))
    assert (mails("extend"), mails("extension_result")) == ([], [])


def test_only_the_person_answers_and_only_with_one_of_the_answers(pair):
    asked = Extension.objects.get(role="mentor")
    with on(2026, 9, 1):
        with pytest.raises(NotAllowed, match="somebody else"):
            extension.answer(asked, "yes", by=pair.mentee)
        with pytest.raises(NotAllowed, match="choose one"):
            extension.answer(asked, "perhaps", by=pair.mentor)
    assert Extension.objects.get(role="mentor").word == ""


def test_a_pair_that_ends_early_is_asked_nothing_and_told_nothing_of_it(pair):
    chi = make_person("chi@example.org", "Chi", "Harper")
    make_seat(pair.program, chi, Seat.Role.CHAIR)
    with on(2026, 9, 1):
        terms.end_early(pair, by=chi, reason="time")
    do_what_is_due(REMINDED)
    do_what_is_due(DECIDED)
    assert (mails("extend_reminder"), mails("extension_result")) == ([], [])


def test_a_yes_that_comes_a_moment_after_an_early_end_extends_nothing(pair):
    say(pair, "mentee", "yes")
    asked = Extension.objects.select_related("term__mentorship").get(role="mentor")
    assert asked.mentorship.state == "open"
    chi = make_person("chi@example.org", "Chi", "Harper")
    make_seat(pair.program, chi, Seat.Role.CHAIR)
    with on(2026, 9, 2):
        terms.end_early(pair, by=chi, reason="time")
        with pytest.raises(NotAllowed, match="closed"):
            extension.answer(asked, "yes", by=asked.user)
    assert pair.terms.count() == 1


def test_the_history_tells_that_somebody_answered_and_never_what(pair):
    say(pair, "mentor", "no")
    entry = Entry.objects.filter(about__startswith="extension:").get()
    assert (entry.verb, entry.reason) == ("answered", "")


def test_the_page_is_ones_own_and_the_partner_finds_nothing(client, pair):
    asked = Extension.objects.get(role="mentor")
    url = f"/another-year/{asked.pk}/"
    with on(2026, 9, 1):
        client.force_login(pair.mentee)
        assert client.get(url).status_code == 404
        client.force_login(pair.mentor)
        page = client.get(f"{url}?answer=yes")
        assert "One more year with Bea?" in page.content.decode()
        assert Extension.objects.get(pk=asked.pk).word == ""  # looking is not answering
        assert client.post(url, {"answer": "yes"}).status_code == 302
        assert Extension.objects.get(pk=asked.pk).word == "yes"
        refused = client.post(url, {"answer": "perhaps"})
        assert (refused.status_code, Extension.objects.get(pk=asked.pk).word) == (200, "yes")


def test_the_link_in_the_mail_needs_no_signing_in_and_a_forged_one_opens_nothing(client, pair):
    asked = Extension.objects.get(role="mentee")
    mail = Message.objects.get(name="extend", to_email=asked.user.email)
    url = f"/another-year/by-link/{links.token('extension', asked.pk, mail)}/"
    with on(2026, 9, 1):
        assert client.get(f"{url}?answer=no").status_code == 200
        assert Extension.objects.get(pk=asked.pk).word == ""
        client.post(url, {"answer": "no", "note": "A new job."})
        assert Extension.objects.get(pk=asked.pk).word == "no"
        assert client.get("/another-year/by-link/17.forged/").status_code == 404
    theirs = Message.objects.get(name="extend", to_email=pair.mentor.email)
    with on(2026, 9, 1):
        foreign = f"/another-year/by-link/{links.token('extension', asked.pk, theirs)}/"
        assert client.get(foreign).status_code == 404


def test_the_committee_reads_what_each_said_and_nobody_of_the_pair_does_there(client, pair):
    asked = Extension.objects.get(role="mentee")
    chi = make_person("chi@example.org", "Chi", "Harper")
    make_seat(pair.program, chi, Seat.Role.CHAIR)
    make_seat(pair.program, pair.mentor, Seat.Role.COMMITTEE)
    with on(2026, 9, 1):
        extension.answer(asked, "talk", by=asked.user, note="I move in spring.")
        client.force_login(chi)
        page = client.get(reverse("admin:mentorships_pair", args=[pair.pk])).content.decode()
        assert "I move in spring." in page
        assert "we want to talk about it first" in page
        client.force_login(pair.mentor)
        assert "I move in spring." not in client.get(reverse("admin:mentorships_pair", args=[pair.pk])).content.decode()


def test_the_line_to_the_committee_is_asked_in_the_programs_own_words(client, pair):
    make_question(
        pair.program,
        "note",
        "text",
        moment="extension",
        label="What would the second year be for?",
        help="No reason is needed.",
    )
    asked = Extension.objects.get(role="mentor")
    client.force_login(pair.mentor)
    with on(2026, 9, 1):
        page = client.get(f"/another-year/{asked.pk}/").content.decode()
    assert "What would the second year be for?" in page
    assert "No reason is needed." in page
