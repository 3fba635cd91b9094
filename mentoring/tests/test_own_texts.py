"""A program's own wording of its mails: what is offered as the original is the original, and what is saved is what leaves."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.template import TemplateSyntaxError
from django.urls import reverse

from evaluations.tests.make import make_evaluated_kla
from mail import links, outbox, texts
from mail.models import Message, Text
from mail.tests.make import NOW, make_message
from matching import notices as of_matching
from members import clock
from members.models import Entry, User
from mentoring import made_up, samples
from mentorships import notices
from mentorships.tests.make import make_pair
from programs.models import Role, Seat
from programs.tests.make import assert_writes_nothing, make_application, make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db


def flat(text):
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture
def made():
    """What the mail about the plan is made of, by its own notice: name → context."""
    found = {}
    with texts.watching(found.setdefault), clock.at(NOW):
        pair = make_pair(make_evaluated_kla(evaluation_days=21))
        notices.plan(pair, to=pair.mentee)
    return found


def words_of(name, context, wording):
    """Keep a wording as the program's own."""
    scope = context["sender"].scope
    return Text(scope=scope, name=name, changed_at=NOW, by=1, by_name="Chi Harper", **vars(wording))


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


def test_the_page_before_an_announcement_shows_the_words_that_will_leave():
    cycle = make_cycle(make_evaluated_kla())
    cal = make_application(cycle, make_person("cal@a.example.org", "Cal", "Ferreira"), Role.MENTEE, "admitted")
    given = {"subject": "Not yet, {name}", "heading": "Dear {name}", "body": "Soon.\n\n{now_next}\n\n{answers}"}
    Text.objects.create(scope="program:kla", name="not_matched", changed_at=NOW, by=1, **given)
    with clock.at(NOW):
        [mail] = of_matching.for_announcement(cycle, [cal], [])
        of_matching.promise([mail], leaves_at=NOW)
        subject, text = mail.as_read()
    left = Message.objects.get(name="not_matched")
    assert (subject, flat(text)) == (left.subject, flat(links.mask(left.text, "(personal link)")))
    assert (subject, text.startswith("Dear Cal\n\nSoon.")) == ("Not yet, Cal", True)


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


def test_a_value_alone_on_a_line_is_a_word_like_any_other_however_often_it_stands_there(made):
    context = made["plan"]
    body = "Hello {name},\n\n{page}\n\nKind regards,\n\n{program}\n{address}\n\nOr write to\n\n{address}\n"
    _subject, text, html = texts.render(words_of("plan", context, texts.Wording("Talk", "Hello", body)), context)
    program, address = context["sender"].name, context["sender"].reply_to
    end = flat(text).partition("Kind regards, ")[2]
    assert end.startswith(f"{program} {address} Or write to {address} -- ")
    regards, _write, rest = html.partition("Kind regards,")[2].partition("Or write to")
    assert (program in regards, address in regards, address in rest) == (True, True, True)


def test_a_value_named_like_a_block_of_every_mail_does_not_take_its_place():
    mail = texts.Mail("plan", "Plan", {"contact": texts.Value("who", "{{ sender.contact }}")}, {"page": "the link"})
    assert texts._pieces(mail, "Ask\n\n{contact}\n\n{page}\n") == ["Ask\n\n{contact}", "page", ""]


# ------------------------------------------------------------------------------------------------------------- the pages


def page(name=""):
    return reverse("admin:own_text", args=["kla", name]) if name else reverse("admin:own_texts", args=["kla"])


def text_of(response):
    return flat(unescape(response.content.decode()).replace("\xa0", " ").replace("<br>", " "))


@pytest.fixture
def chi(client):
    program = make_evaluated_kla()
    make_cycle(program)
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.COMMITTEE)
    client.force_login(chi)
    return program


GIVEN = {"subject": "How often, {name}?", "heading": "You and {partner}", "body": "Talk soon.\n\n{page}"}


def test_looking_writes_nothing_and_one_press_shows_the_original_its_placeholders_and_both_sides(client, chi):
    shown = text_of(assert_writes_nothing(client, page()))
    assert shown.count("the original") == len(texts.mails())
    assert re.findall(r'<h2 id="h-\d">(.*?)</h2>', shown) == [
        "Applying, workshops, waiting",
        "Matching and introductions",
        "The time together",
        "Evaluations and letters of thanks",
    ]
    shown = text_of(assert_writes_nothing(client, page("plan")))
    assert "Show its words and how they read" in shown
    assert "{page}" in shown
    shown = text_of(client.post(page("plan"), {"do": "look"}))
    assert "{name}, how and how often will you and {partner} talk?" in shown
    assert "To Bea Lindqvist (made up)" in shown
    assert "To Mo Castellanos (made up)" in shown
    assert "Mo, how and how often will you and Bea talk?" in shown
    assert "(personal link)" in shown
    assert "http://localhost:8000/mentorship/" not in shown
    assert not Message.objects.exists()
    assert not User.objects.filter(email__endswith=made_up.DOMAIN).exists()


def test_a_preview_keeps_nothing_and_what_is_kept_is_what_was_previewed(client, chi):
    shown = text_of(client.post(page("plan"), {**GIVEN, "do": "preview"}))
    assert "How often, Bea?" in shown
    assert not Text.objects.exists()
    as_browsers_send_it = {**GIVEN, "body": GIVEN["body"].replace("\n", "\r\n")}
    assert client.post(page("plan"), {**as_browsers_send_it, "do": "save"}).status_code == 302
    assert Text.objects.values_list("scope", "name", "subject", "heading", "body", "by_name").get() == (
        "program:kla", "plan", *GIVEN.values(), "Chi Harper",
    )  # fmt: skip
    assert Entry.objects.filter(verb="worded_mail").values_list("reason", "role").get() == ("plan", "committee")
    assert "How often, {name}?" in text_of(assert_writes_nothing(client, page("plan")))
    assert "You and Mo Talk soon." in text_of(client.post(page("plan"), {"do": "look"}))
    client.post(page("plan"), {"do": "original"})
    assert not Text.objects.exists()
    assert Entry.objects.filter(verb="worded_mail_back").count() == 1
    assert "Back to the original" not in text_of(client.get(page("plan")))


def test_ones_own_words_are_dropped_by_a_second_press_only_and_the_preview_stands_before_the_placeholders(client, chi):
    client.post(page("plan"), {**GIVEN, "do": "save"})
    shown = client.post(page("plan"), {**GIVEN, "do": "preview"}).content.decode()
    [asked] = re.findall(r"<details.*?</details>", shown, re.S)
    assert ("<summary>Back to the original</summary>" in asked, "if you may want them again, copy them" in asked) == (
        True,
        True,
    )
    assert (shown.count('value="original"'), asked.count('value="original"')) == (1, 1)
    assert 'value="preview" formaction="#preview"' in shown
    assert shown.index('id="preview"') < shown.index('id="h-ph"')


@pytest.mark.parametrize(
    ("side", "subject"), [("mentee", "[Test · mentee] How often, Bea?"), ("mentor", "[Test · mentor] How often, Mo?")]
)
def test_one_press_sends_the_words_of_the_form_to_oneself_alone_and_keeps_nothing(client, chi, side, subject):
    shown = text_of(client.post(page("plan"), {**GIVEN, "do": f"send:{side}"}))
    assert "It is leaving to chi@kla.example.org" in shown
    assert "Talk soon." in shown
    mail = Message.objects.get()
    assert (mail.to_email, mail.also_email, mail.subject, mail.reply_to, mail.kind, mail.state) == (
        "chi@kla.example.org", "", subject, chi.reply_to, "essential", "queued",
    )  # fmt: skip
    assert "Talk soon.\n\nKeep it on your page, if you like: only the two of you read it:\n(personal link)" in mail.text
    assert mail.html.count("href=") == 1  # the committee's address
    assert "(personal link)" in mail.html
    assert not Text.objects.exists()
    assert not User.objects.filter(email__endswith=made_up.DOMAIN).exists()


def test_sending_oneself_one_mail_again_and_again_comes_to_a_pause(client, chi):
    at = datetime(2025, 10, 1, 12, tzinfo=UTC)
    chair = User.objects.get(email="chi@kla.example.org")
    for number in range(samples.AT_MOST):
        make_message(number, name="sample", about=f"user:{chair.pk}", queued_at=at)
    with clock.at(at + timedelta(minutes=1)):
        answer = client.post(page("plan"), {**GIVEN, "do": "send:mentee"})
    assert "Wait a few minutes" in text_of(answer)
    assert [message.level_tag for message in answer.context["messages"]] == ["info"]
    assert Message.objects.count() == samples.AT_MOST
    with clock.at(at + timedelta(minutes=11)):
        client.post(page("plan"), {**GIVEN, "do": "send:mentee"})
    assert Message.objects.count() == samples.AT_MOST + 1


def test_a_side_that_a_mail_never_goes_to_and_a_wording_that_is_wrong_send_nothing(client, chi):
    assert "this mail is never sent" in text_of(client.post(page("plan"), {**GIVEN, "do": "send:committee"}))
    assert "There is no placeholder {x}" in text_of(
        client.post(page("plan"), {**GIVEN, "subject": "{x}", "do": "send:mentee"})
    )
    assert not Message.objects.exists()


def test_an_unknown_placeholder_is_refused_named_and_nothing_is_lost(client, chi):
    shown = text_of(client.post(page("plan"), {**GIVEN, "subject": "For {nmae}", "do": "save"}))
    assert "There is no placeholder {nmae} in this mail." in shown
    assert "Talk soon." in shown
    assert not Text.objects.exists()


def test_what_could_not_be_mailed_is_not_kept(client, chi, monkeypatch):
    broken = texts.Mail("plan", "Plan", {"partner": texts.Value("who", "{% broken %}")}, texts.mail("plan").parts)
    monkeypatch.setitem(texts._MAILS, "plan", broken)
    with pytest.raises(TemplateSyntaxError):
        client.post(page("plan"), {**GIVEN, "do": "save"})
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
