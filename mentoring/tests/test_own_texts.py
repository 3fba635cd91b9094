"""A program's own wording of its mails: what is offered as the original is the original, and what is saved is what leaves."""

import re
from datetime import date

import pytest

from evaluations.tests.make import do_what_is_due, make_evaluated_kla
from mail import outbox, texts
from mail.models import Text
from mail.tests.make import NOW
from members import clock
from mentorships.tests.make import make_pair
from programs import notices
from programs.models import Application, Role
from programs.tests.make import make_application, make_person

pytestmark = pytest.mark.django_db

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
