"""A program's own wording of its mails: what is offered as the original is the original, and what is saved is what leaves."""

import re
from datetime import date
from html import unescape

import pytest
from django.apps import apps
from django.urls import reverse

from evaluations.tests.make import do_what_is_due, make_evaluated_kla
from mail import outbox, texts
from mail.models import Message, Text
from mail.tests.make import NOW
from members import clock
from members.models import Entry, User
from mentoring import made_up, presets
from mentorships.tests.make import make_pair
from programs import notices
from programs.models import Application, Role, Seat
from programs.tests.make import assert_writes_nothing, make_application, make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db

# What a program never sends as its starting point sets it up.
NEVER = {"nasig": {"check_in"}}
A_YEAR = [(2025, 10, 22), (2025, 11, 5), (2025, 12, 15), (2026, 4, 15), (2026, 10, 1), (2026, 10, 15)]


def flat(text):
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture
def made():
    """Every mail that may be worded, made by its own notice: name → what it is made of."""
    found = {}
    with texts.watching(lambda name, context: found.setdefault(name, context)):
        pair = make_pair(make_evaluated_kla(evaluation_days=21))
        for day in A_YEAR:
            do_what_is_due(date(*day))
        cal = make_person("cal@a.example.org", "Cal", "Ferreira")
        application = make_application(
            pair.cycle, cal, Role.MENTEE, Application.State.ADMITTED, waiting_since=NOW.date()
        )
        application.note_to_applicant = "All places are taken."
        with clock.at(NOW):
            for tell in (notices.application_received, notices.accepted, notices.waiting_list, notices.not_this_time):
                tell(application)
    return found


def words_of(name, context, wording):
    """Keep a wording as the program's own."""
    scope = context["sender"].scope
    return Text(scope=scope, name=name, changed_at=NOW, by=1, by_name="Chi Harper", **vars(wording))


def test_every_mail_that_may_be_worded_is_told_by_some_notice(made):
    assert {mail.name for mail in texts.mails()} <= made.keys()


@pytest.mark.parametrize("name", [mail.name for mail in texts.mails()])
def test_the_original_with_placeholders_says_what_the_product_says_and_passes_its_own_check(made, name):
    context, mail = made[name], texts.mail(name)
    wording = texts.original(mail, context)
    assert texts.wrong(mail, wording.subject, wording.heading, wording.body) == {}
    assert set(re.findall(r"^\{(\w+)\}$", wording.body, re.MULTILINE)) == set(mail.parts)
    assert "name" in texts.BRACES.findall(wording.heading + wording.body)
    subject, text, html = texts.render(words_of(name, context, wording), context)
    shipped = outbox.shipped(name, context)
    assert (subject, flat(text)) == (shipped[0], flat(shipped[1]))
    assert html.count("<h1") == 1
    assert shipped[2].count("href=") == html.count("href=")


MAIL = texts.Mail(
    "plan", "Plan", {"partner": texts.Value("the partner", "{{ partner }}")}, {"page": "the link"}, ("page",)
)
FINE = "Talk, {name}.\n\n{page}\n"


@pytest.mark.parametrize(
    ("subject", "body", "where", "said"),
    [
        ("Hello {nmae}", FINE, "subject", "There is no placeholder {nmae} in this mail."),
        ("Hello {page}", FINE, "subject", "{page} is a whole part of the mail"),
        ("Hello", FINE + "{salary}", "body", "There is no placeholder {salary} in this mail."),
        ("Hello", "Talk.", "body", "The text needs {page} on a line of its own (the link)"),
        ("Hello", "See {page} there.", "body", "{page} must stand alone on a line."),
        ("Hello", FINE + "\n\n{page}", "body", "{page} stands in the text twice"),
    ],
)
def test_what_is_wrong_with_a_wording_is_named(subject, body, where, said):
    found = texts.wrong(MAIL, subject, "Heading", body)
    assert found.keys() == {where}
    assert said in found[where][0]


def test_a_mail_leaves_in_the_programs_own_words_and_only_in_that_program(made):
    context = made["plan"]
    words_of(
        "plan", context, texts.Wording("How, {name}?", "With {partner}", "Do **talk**.\n\n{page}\n\nBye, {name}.")
    ).save()
    for scope, subject in (("program:kla", "How, Mo?"), ("program:other", "Ten minutes: how and how often")):
        sender = outbox.Sender("KLA", "mentoring@kla.example.org", scope)
        to = outbox.Recipient("mo@farrow.example.org", "Mo Castellanos")
        made_of = {**context, "person": context["mentorship"].mentor, "partner": context["mentorship"].mentee}
        mail = outbox.queue(key=f"x:{scope}", name="plan", to=to, sender=sender, about="", now=NOW, context=made_of)
        assert mail.subject == subject
        if scope == "program:kla":
            assert flat(mail.text).startswith("With Bea Do talk. Keep it on your page")
            assert "<b>talk</b>" in mail.html or "<strong>talk</strong>" in mail.html


def test_what_a_committee_writes_is_never_template_code_and_a_value_is_never_a_placeholder(made):
    context = made["plan"]
    context["mentorship"].mentee.first_name = "{program} <b>*x*"
    made_of = {**context, "person": context["mentorship"].mentee, "sender": context["sender"]}
    body = "{% load i18n %}{{ settings.SECRET_KEY }} {name}\n\n{page}"
    own = words_of("plan", context, texts.Wording("{name}", "Hello", body))
    subject, text, html = texts.render(own, made_of)
    assert subject == "{program} <b>*x*"
    assert "{% load i18n %}{{ settings.SECRET_KEY }} {program} <b>*x*" in text
    assert "&lt;b&gt;*x*" in html
    assert "<b>*x*" not in html


# ------------------------------------------------------------------------------------------------------------- the pages


def page(name=""):
    return reverse("admin:own_text", args=["kla", name]) if name else reverse("admin:own_texts", args=["kla"])


def text_of(response):
    return flat(unescape(response.content.decode()).replace("\xa0", " "))


@pytest.fixture
def chi(client):
    program = make_evaluated_kla()
    make_cycle(program)
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.COMMITTEE)
    client.force_login(chi)
    return program


GIVEN = {"subject": "How often, {name}?", "heading": "You and {partner}", "body": "Talk soon.\n\n{page}"}


@pytest.mark.parametrize("preset", presets.names())
def test_the_made_up_year_has_every_mail_that_may_be_worded_and_leaves_nothing_behind(preset):
    program = presets.load(preset).program
    before = [model._base_manager.count() for model in apps.get_models()]
    found = {message.name for message in made_up.play(program)}
    assert [model._base_manager.count() for model in apps.get_models()] == before
    never = {"midway"} if not program.midway_after_months else set()
    assert found >= {mail.name for mail in texts.mails()} - never - NEVER.get(preset, set())


def test_the_list_and_the_page_write_nothing_and_show_original_placeholders_and_both_sides(client, chi):
    shown = text_of(assert_writes_nothing(client, page()))
    assert shown.count("the original") == len(texts.mails())
    shown = text_of(client.get(page("plan")))
    assert "{name}, how and how often will you and {partner} talk?" in shown
    assert "{page}" in shown
    assert "To Bea Lindqvist (made up)" in shown
    assert "Mo, how and how often will you and Bea talk?" in shown
    assert not Message.objects.exists()
    assert not User.objects.filter(email__endswith=made_up.DOMAIN).exists()


def test_a_preview_keeps_nothing_and_what_is_kept_is_what_was_previewed(client, chi):
    shown = text_of(client.post(page("plan"), {**GIVEN, "do": "preview"}))
    assert "How often, Bea?" in shown
    assert not Text.objects.exists()
    assert client.post(page("plan"), {**GIVEN, "do": "save"}).status_code == 302
    assert Text.objects.values_list("scope", "name", "subject", "heading", "body", "by_name").get() == (
        "program:kla", "plan", *GIVEN.values(), "Chi Harper",
    )  # fmt: skip
    assert Entry.objects.filter(verb="worded_mail").values_list("reason", "role").get() == ("plan", "committee")
    assert "You and Mo Talk soon." in text_of(client.get(page("plan")))
    client.post(page("plan"), {"do": "original"})
    assert not Text.objects.exists()
    assert "Back to the original" not in text_of(client.get(page("plan")))


def test_an_unknown_placeholder_is_refused_named_and_nothing_is_lost(client, chi):
    shown = text_of(client.post(page("plan"), {**GIVEN, "subject": "For {nmae}", "do": "save"}))
    assert "There is no placeholder {nmae} in this mail." in shown
    assert "Talk soon." in shown
    assert not Text.objects.exists()


def test_another_programs_committee_finds_nothing_and_a_contact_person_changes_nothing(client, chi):
    lee = make_person("lee@kla.example.org", "Lee", "Brandt")
    make_seat(chi, lee, Seat.Role.LIAISON)
    sam = make_person("sam@x.example.org", "Sam", "Else")
    make_seat(make_evaluated_kla("other"), sam, Seat.Role.CHAIR)
    for person, status in ((lee, 403), (sam, 404)):
        client.force_login(person)
        assert client.get(page()).status_code == status
        assert client.post(page("plan"), {**GIVEN, "do": "save"}).status_code == status
    assert not Text.objects.exists()
