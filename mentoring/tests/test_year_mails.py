"""The mails of a made-up year of the four programs: what their rows ask for, as their readers get it, and all of it to oneself."""

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from mail import delivery, outbox, texts
from mail.models import Message, Text
from mail.tests.make import NOW
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentoring import made_up, presets, samples
from programs.models import Role, Seat
from programs.tests.make import assert_writes_nothing, make_person, make_program, make_seat

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "mail"
EVERYWHERE = {
    "next_cycle_opens", "agreement_needed", "draft_waiting", "application_received", "application_changed",
    "application_withdrawn", "late_application", "accepted", "not_this_time", "waiting_list", "place_free",
    "still_waiting", "not_matched", "reserve", "introduction", "first_contact", "partner_wrote", "write_first", "plan",
    "check_in_reminder", "message_received", "request_for_committee", "request_answered", "ended_early", "closing",
    "evaluation", "evaluation_reminder",
}  # fmt: skip
KEPT = {"checking_membership", "who_has_joined", "membership_reminder", "membership_found"}
ASKED_FIRST = {
    "offer", "offer_reminder", "offer_question", "offer_question_answered", "offer_answered", "offer_closed",
    "nearly_there",
}  # fmt: skip
WORKSHOP = {"workshop_invitation", "workshop_reminder", "workshop_missed"}
ANOTHER_YEAR = {"extend", "extend_reminder", "extension_result"}
LETTERS = {"letters_to_sign", "letter_ready", "letter_not"}
# What each program sends beside that: it follows from its rows.
ALSO = {
    "kla": KEPT | {"check_in", "midway", "midway_reminder"},
    "nasig": {"membership_reminder", "topic"},
    "nela": KEPT | ASKED_FIRST | WORKSHOP | ANOTHER_YEAR | {"check_in", "listing_asked"},
    "nmrt": LETTERS | {"check_in", "topic", "exception_answered", "contact_changed"},
}
TO_THE_COMMITTEE = {"who_has_joined", "offer_question", "offer_answered", "request_for_committee", "letters_to_sign"}
TO_A_MENTOR_ONLY = {"listing_asked", "reserve", "exception_answered", *LETTERS, *ASKED_FIRST} - {
    "nearly_there", *TO_THE_COMMITTEE,
}  # fmt: skip
# Whoever looks after a pair reads what is answered to these.
OF_THE_CONTACT = {
    "first_contact", "partner_wrote", "write_first", "plan", "contact_changed", "check_in", "check_in_reminder", "closing",
}  # fmt: skip
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


@dataclass(frozen=True)
class Original:
    """The product's own wording of a mail with placeholders, and the same mail made anew from it."""

    wording: texts.Wording
    wrong: dict
    shipped: tuple[str, str, str]
    anew: tuple[str, str, str]


@dataclass(frozen=True)
class Year:
    """What one program's made-up year has: its mails in their order, and each mail's original."""

    mails: list[Message]
    originals: list[tuple[str, Original]]
    before: list[int]
    after: list[int]


@pytest.fixture(scope="module")
def years(django_db_setup, django_db_blocker):
    """The four made-up years, played once; nothing of them is in the database afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = {preset: _year(presets.load(preset).program) for preset in presets.names()}
        transaction.set_rollback(True)
    return found


def _year(program):
    originals = []

    def seen(name, context):
        if mail := texts.mail(name):
            wording = texts.original(mail, context)
            own = Text(scope=program.scope, name=name, changed_at=NOW, by=1, by_name="Chi Harper", **vars(wording))
            anew = texts.render(own, context)
            wrong = texts.wrong(mail, wording.subject, wording.heading, wording.body)
            originals.append((name, Original(wording, wrong, outbox.shipped(name, context), anew)))

    before = rows()
    with texts.watching(seen):
        mails = made_up.play(program)
    return Year(mails, originals, before, rows())


def rows():
    return [model._base_manager.count() for model in apps.get_models()]


def flat(text):
    return re.sub(r"\s+", " ", text).strip()


# --------------------------------------------------------------------------------------------------------- what there is


def test_every_mail_can_be_worded_or_stands_on_the_short_list_of_those_that_cannot():
    files = {path.name.removesuffix(".subject.txt") for path in TEMPLATES.glob("*.subject.txt")}
    worded, fixed = {mail.name for mail in texts.mails()}, set(texts.fixed())
    assert worded & fixed == set()
    assert worded | fixed == files
    assert all(str(reason) for reason in texts.fixed().values())
    # Each that can be worded is in the made-up year of one of the four programs at least, so it can be looked at.
    assert worded == EVERYWHERE.union(*ALSO.values())


@pytest.mark.parametrize("preset", presets.names())
def test_a_made_up_year_has_what_the_programs_rows_ask_for_and_leaves_nothing_behind(years, preset):
    year = years[preset]
    assert {mail.name for mail in year.mails} == EVERYWHERE | ALSO[preset]
    assert year.after == year.before
    assert [mail.leaves_at for mail in year.mails] == sorted(mail.leaves_at for mail in year.mails)


@pytest.mark.parametrize("preset", presets.names())
def test_each_side_gets_its_own(years, preset):
    sides = {}
    for mail in years[preset].mails:
        sides.setdefault(mail.name, set()).add(made_up.side(mail))
    both = {str(Role.MENTOR), str(Role.MENTEE)}
    expected = dict.fromkeys(sides, both) | {"introduction": {made_up.BOTH}, "not_matched": {str(Role.MENTEE)}}
    expected |= dict.fromkeys(TO_THE_COMMITTEE & sides.keys(), {made_up.COMMITTEE})
    expected |= dict.fromkeys(TO_A_MENTOR_ONLY & sides.keys(), {str(Role.MENTOR)})
    if preset == "nmrt":  # five years of experience are asked of mentors
        assert sides["exception_answered"] == {str(Role.MENTOR)}
    assert sides == expected


@pytest.mark.parametrize("preset", presets.names())
def test_answers_go_to_the_partner_the_contact_person_or_the_committee(years, preset):
    committee = {"kla": "mentoring@kla.example.org", "nasig": "mentoring@nasig.example.org",
                 "nela": "mentoring@nela.example.org", "nmrt": "mentoring@nmrt.example.org"}[preset]  # fmt: skip
    office = f"membership@{committee.partition('@')[2]}"
    found = {mail.name: mail.reply_to for mail in years[preset].mails}
    expected = dict.fromkeys(found, committee)
    expected |= dict.fromkeys({"checking_membership", "membership_reminder"} & found.keys(), office)
    if preset == "nmrt":  # the one with a contact person for every pair
        expected |= dict.fromkeys(OF_THE_CONTACT, f"lee@{made_up.DOMAIN}, {committee}")
    expected["introduction"] = f"bea@{made_up.DOMAIN}, mo@{made_up.DOMAIN}"
    assert found == expected


def links_of_text(mail):
    return set(re.findall(r"https?://\S*[^\s.,;:)]|\[\[link:[^\]]*\]\]", mail.text)) | set(
        re.findall(r"[\w.+-]+@[\w.-]+\w", mail.text)
    )


def links_of_html(mail):
    found = {unescape(url) for url in re.findall(r'href="([^"]+)"', mail.html)}
    shown = unescape(re.sub(r"<(style|title).*?</\1>|<[^>]+>", " ", mail.html, flags=re.DOTALL))
    bare = set(re.findall(r"https?://\S*[^\s.,;:)]", shown)) | set(re.findall(r"[\w.+-]+@[\w.-]+\w", shown))
    return {url.removeprefix("mailto:").partition("?subject=")[0] for url in found} | bare


@pytest.mark.parametrize("preset", presets.names())
def test_the_plain_text_has_every_link_that_the_html_has(years, preset):
    mails = years[preset].mails
    assert all(mail.text.strip() and mail.html.strip() for mail in mails)
    assert {mail.name: links_of_html(mail) ^ links_of_text(mail) for mail in mails} == {
        mail.name: set() for mail in mails
    }


@pytest.mark.parametrize("preset", presets.names())
def test_subjects_fit_into_one_line(years, preset):
    assert [mail.subject for mail in years[preset].mails if not 0 < len(mail.subject) <= 78] == []


# ---------------------------------------------------------------------------------------------------------- the originals


@pytest.mark.parametrize("preset", presets.names())
def test_the_original_with_placeholders_says_what_the_product_says_and_passes_its_own_check(years, preset):
    for name, found in years[preset].originals:
        wording, mail = found.wording, texts.mail(name)
        assert (name, found.wrong) == (name, {})
        parts = set(re.findall(r"^\{(\w+)\}$", wording.body, re.MULTILINE))
        assert (name, parts) == (name, set(mail.parts))
        assert (name, found.anew[0], flat(found.anew[1])) == (name, found.shipped[0], flat(found.shipped[1]))
        assert (name, found.anew[2].count("<h1")) == (name, 1)
        assert (name, found.anew[2].count("href=")) == (name, found.shipped[2].count("href="))


@pytest.mark.parametrize("preset", presets.names())
def test_every_reader_of_a_mail_would_give_the_committee_the_same_original(years, preset):
    found = {}
    for name, one in years[preset].originals:
        found.setdefault(name, set()).add(one.wording)
    assert {name: len(wordings) for name, wordings in found.items()} == dict.fromkeys(found, 1)


@pytest.mark.parametrize("preset", presets.names())
def test_an_original_names_nobody_and_no_day_of_the_made_up_year(years, preset):
    told = re.compile(rf"Bea|Lindqvist|\bMo\b|Castellanos|Brandt|{made_up.DOMAIN}|\d ({MONTHS})|20\d\d")
    for name, found in years[preset].originals:
        said = " ".join((found.wording.subject, found.wording.heading, found.wording.body))
        assert (name, told.findall(said)) == (name, [])
        if name not in {*TO_THE_COMMITTEE, "offer_closed"}:  # which greets its reader within its part
            assert (name, "name" in texts.BRACES.findall(said)) == (name, True)


# ----------------------------------------------------------------------------------------------------- all of it to oneself


@pytest.fixture
def nela(client):
    """A program that asks mentors first, and somebody of its committee, signed in."""
    program = presets.load("nela").program
    chi = make_person("chi@nela.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.COMMITTEE)
    client.force_login(chi)
    return program


def address(program):
    return reverse("admin:year_mails", args=[program.slug])


def said(response):
    return flat(unescape(response.content.decode()).replace("\xa0", " "))


@pytest.mark.parametrize(("reader", "sides"), [("mentor", {"mentor", "both"}), ("committee", {"committee"})])
def test_first_the_list_then_all_of_it_to_oneself_numbered_and_to_nobody_else(client, nela, years, reader, sides):
    assert "Show what would leave" in said(assert_writes_nothing(client, address(nela)))
    before = rows()
    shown = said(client.post(address(nela), {"reader": reader, "do": "list"}))
    assert rows() == before
    expected = [mail for mail in years["nela"].mails if made_up.side(mail) in sides]
    assert f"Send these {len(expected)} mails to me now" in shown
    with clock.at(NOW):
        shown = said(client.post(address(nela), {"reader": reader, "do": "send"}, follow=True))
    assert f"{len(expected)} mails leave now, to chi@nela.example.org and to nobody else." in shown
    sent = list(Message.objects.order_by("pk"))
    width = len(str(len(expected)))
    assert [mail.subject for mail in sent] == [
        f"[{number:0{width}}/{len(expected)} · {made_up.side(mail)}] {mail.subject}"
        for number, mail in enumerate(expected, start=1)
    ]
    assert {(mail.to_email, mail.also_email, mail.reply_to) for mail in sent} == {
        ("chi@nela.example.org", "", nela.reply_to)
    }
    assert Entry.objects.filter(verb="sent_year_mails").values_list("about", "reason").get() == (
        f"program:{nela.pk}", str(len(expected)),
    )  # fmt: skip
    # What is new is the mails, their line in the history, and nothing of the made-up people.
    models = [model.__name__ for model in apps.get_models()]
    grown = {name: new - old for name, old, new in zip(models, before, rows(), strict=True) if new != old}
    assert grown.pop("Session", 0) >= 0
    assert grown == {"Message": len(expected), "Entry": 1}


def test_no_link_of_the_made_up_people_works_and_each_says_what_it_was(client, nela):
    with clock.at(NOW):
        client.post(address(nela), {"reader": "both", "do": "send"})
    site, page = settings.SITE_URL, f"{settings.SITE_URL}{nela.get_absolute_url()}"
    for mail in Message.objects.all():
        found = links_of_text(mail) | links_of_html(mail)
        assert [url for url in found if url.startswith((site, "[[")) and not url.startswith(page)] == []
    offer = Message.objects.get(subject__contains="Would you mentor Bea?")
    assert offer.text.count("(personal link)") == offer.html.count("(personal link)") == 5
    assert "Yes, gladly (personal link)</a>" in offer.html


def test_a_second_press_within_a_minute_says_so_and_sends_nothing(client, nela):
    with clock.at(NOW):
        client.post(address(nela), {"reader": "committee", "do": "send"})
    count = Message.objects.count()
    with clock.at(NOW + timedelta(seconds=59)):
        answer = client.post(address(nela), {"reader": "mentee", "do": "send"}, follow=True)
    assert "They went to you less than a minute ago." in said(answer)
    assert [message.level_tag for message in answer.context["messages"]][-1] == "info"
    assert Message.objects.count() == count
    with clock.at(NOW + timedelta(seconds=61)):
        client.post(address(nela), {"reader": "committee", "do": "send"})
    assert Message.objects.count() == 2 * count


def test_the_page_says_how_many_have_left(client, nela):
    client.post(address(nela), {"reader": "committee", "do": "send"})  # at no set hour: a year takes its time
    assert "0 of 4 mails have left." in said(client.get(address(nela)))
    delivery.deliver(clock.now())
    assert "4 of 4 mails have left." in said(client.get(address(nela)))


def test_a_program_without_a_cycle_says_that_no_year_can_be_played(client):
    program = make_program("new")
    make_seat(program, dee := make_person("dee@new.example.org", "Dee", "Park"), Seat.Role.DEPUTY)
    client.force_login(dee)
    assert "the program has no cycle" in said(client.post(address(program), {"do": "list"}))
    shown = said(client.post(reverse("admin:own_text", args=["new", "plan"]), {"do": "look"}))
    assert "there is nothing to word" in shown
    assert not Message.objects.exists()


def test_whoever_may_not_word_mails_sends_none(client, nela):
    lee = make_person("lee@nela.example.org", "Lee", "Brandt")
    make_seat(nela, lee, Seat.Role.LIAISON)
    sam = make_person("sam@x.example.org", "Sam", "Else")
    make_seat(make_program("other"), sam, Seat.Role.CHAIR)
    for person, status in ((lee, 403), (sam, 404)):
        client.force_login(person)
        assert client.post(address(nela), {"do": "send"}).status_code == status
        with pytest.raises(NotAllowed):
            samples.send_year(nela, "both", by=person)
    assert not Message.objects.exists()
