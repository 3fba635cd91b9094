"""The mails about applications: each says what is now, what comes next and by when, in plain text as well as in HTML."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from mail.models import Message
from members import clock
from programs import notices, questions
from programs.models import Application, Gate, Question, Role, Waiver
from programs.tests.make import make_application, make_cycle, make_form, make_gate, make_person, make_program

pytestmark = pytest.mark.django_db
State = Application.State
NAMES = {
    "accepted",
    "agreement_needed",
    "application_changed",
    "application_received",
    "application_withdrawn",
    "checking_membership",
    "draft_waiting",
    "exception_answered",
    "late_application",
    "membership_found",
    "membership_reminder",
    "not_this_time",
    "waiting_list",
    "who_has_joined",
}


@pytest.fixture(autouse=True)
def september():
    with clock.at(datetime(2025, 9, 10, 16, tzinfo=UTC)):
        yield


@pytest.fixture
def bea():
    return make_person("bea@larkin.example.net", "Bea <b>", "Lindqvist & Co")


@pytest.fixture
def mine(bea):
    program = make_program(name="KLA Mentoring & more", contact_name="The mentoring committee")
    program.association.membership_email = "membership@kla.example.org"
    program.association.join_url = "https://kla.example.org/join/"
    program.association.save()
    make_form(program)
    cycle = make_cycle(program)
    asked = questions.of(program, Question.Moment.APPLICATION, Role.MENTEE)
    return make_application(
        cycle,
        bea,
        Role.MENTEE,
        State.HELD,
        answers={"library_type": "public", "areas": ["outreach"], "goal": "Breathe <now> & then."},
        form_version=questions.version(asked),
        held_until=date(2025, 9, 26),
        waiting_since=date(2025, 9, 5),
        refusal="We have no mentor for <law> & order.",
    )


def every_mail(mine):
    """Each mail of this room once, in the words for each of its cases where it has several."""
    gate = make_gate(mine.program, Gate.Kind.EXPERIENCE, years=5)
    program, day = mine.program, date(2025, 9, 10)
    notices.application_received(mine)
    notices.late_application(mine)
    notices.checking_membership(mine)
    notices.membership_reminder([mine], 1)
    notices.membership_reminder([mine], 2, last=True)
    notices.told_at_start(mine, gate, "The membership ended.")
    notices.membership_found(mine)
    notices.application_changed(mine, mine)
    notices.application_withdrawn(mine)
    notices.accepted(mine)
    notices.not_this_time(mine)
    notices.not_kept(mine)
    notices.waiting_list(mine)
    notices.draft_waiting(mine, 1)
    notices.draft_waiting(mine, 2)
    notices.agreement_needed(mine)
    for answer in (Waiver.Answer.GRANTED, Waiver.Answer.REFUSED):
        gate = make_gate(program, Gate.Kind.EXPERIENCE, code=answer, years=5)
        notices.exception_answered(Waiver(gate=gate, application=mine, answer=answer, reason="Because <so> & so."))
    notices.who_has_joined(program, [mine], day, clock.now())
    return list(Message.objects.order_by("pk"))


def words_of(html):
    """What an HTML mail says, without its tags."""
    body = re.sub(r"(?s)<(style|title)>.*?</\1>", "", html)
    return re.sub(r"[\s\xa0]+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_every_mail_of_this_room_is_here_and_to_one_person(mine):
    mails = every_mail(mine)
    assert {mail.name for mail in mails} == NAMES
    assert len(mails) == 19
    assert {(mail.name == "who_has_joined", mail.to_email) for mail in mails} == {
        (False, "bea@larkin.example.net"),
        (True, "membership@kla.example.org"),
    }
    assert {mail.scope for mail in mails} == {"program:kla"}


def test_the_plain_text_says_what_the_html_says(mine):
    for mail in every_mail(mine):
        said = words_of(mail.html)
        text = re.sub(r"[\s\xa0]+", " ", mail.text)
        for paragraph in mail.text.split("\n--\n")[0].split("\n\n"):
            line = re.sub(r"[\s\xa0]+", " ", re.sub(r"^(Now|Next|If you hear nothing): ", "", paragraph)).strip()
            if "://" not in line and "[[" not in line and not line.isupper():
                assert line in said, (mail.name, line)
        assert "mentoring@kla.example.org" in text
        assert "You get this because" in text
        assert "KLA Mentoring & more" in text  # nothing is escaped in plain text
        assert "&amp;" not in mail.text + mail.subject


def test_what_people_write_cannot_become_markup(mine):
    for mail in every_mail(mine):
        for raw in ("<now>", "<law>", "<so>", "<b>"):
            assert raw not in mail.html, mail.name
    copy = Message.objects.get(name="application_received")
    assert "Breathe &lt;now&gt; &amp; then." in copy.html
    assert "Breathe <now> & then." in copy.text


def test_what_was_received_says_now_next_and_when_silence_is_our_mistake(mine):
    notices.application_received(mine)
    text = re.sub(r"[\s\xa0]+", " ", Message.objects.get().text)
    assert "Now: Your application is complete. The committee reads it." in text
    assert "Next: We tell you whether you take part, by Wednesday, 15 October." in text
    assert "If you hear nothing: by Thursday, 16 October, write to mentoring@kla.example.org." in text
    assert "until Tuesday, 30 September, 23:59 Eastern" in text
    assert f"/application/{mine.pk}/" in text


def test_a_link_that_acts_is_no_link_yet_in_the_stored_mail(mine):
    notices.agreement_needed(mine)
    mail = Message.objects.get()
    assert f"[[link:agree:{mine.pk}]]" in mail.text
    assert f"[[link:agree:{mine.pk}]]" in mail.html


def test_a_mail_is_promised_once(mine):
    notices.checking_membership(mine)
    notices.checking_membership(mine)
    assert list(Message.objects.values_list("key", flat=True)) == [f"application:{mine.pk}:checking_membership"]
