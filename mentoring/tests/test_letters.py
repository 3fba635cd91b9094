"""The pages of letters to lists: who gets it, the words, the preview, sending, Stop."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from mail import delivery, leaving
from mail.models import Mailing, Message
from members import clock
from mentoring import mailings, promised
from mentoring.tests.letters import LETTER, NOW, apply, page
from mentoring.tests.make import sits
from mentorships.tests.make import make_pair
from programs.models import Application, Seat
from programs.tests.make import (
    assert_writes_nothing,
    make_cycle,
    make_person,
    make_program,
    make_seat,
)  # fmt: skip

pytestmark = pytest.mark.django_db
GIVEN = {"subject": "The library is closed, {name}", "text": "Dear {name},\r\n\r\nuse the **back door**."}
SIGN_IN = "members.backends.SignInBackend"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cycle():
    return make_cycle(make_program(name="KLA Mentoring"))


@pytest.fixture
def sit(cycle, client):
    return lambda role="committee", program=None: sits(client, program or cycle.program, role)


def text_of(response):
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(words).replace("\xa0", " ").split())


def seen_of(response):
    return response.context["preview"]["seen"]


def preview(client, url, **given):
    return client.post(url, {**GIVEN, **given, "do": given.get("do", "preview")})


def send(client, url, **given):
    """Previewed, then sent."""
    seen = seen_of(preview(client, url, **given))
    return client.post(url, {**GIVEN, **given, "do": "send", "seen": seen})


# ------------------------------------------------------------------------------------------------------------- one letter


def test_people_preview_send_stop(client, cycle, sit):
    sit()
    for name in ("Bea", "Cal"):
        apply(cycle, name)
    apply(cycle, "Wes", state=Application.State.WITHDRAWN)
    shown = text_of(assert_writes_nothing(client, page(cycle)))
    assert "Applications of 2025–26: 2 people get it, one mail each. One is left out." in shown
    assert "Bea Sample bea@x.example.org Cal Sample cal@x.example.org" in shown
    assert "Wes Sample has withdrawn" in shown

    looked = preview(client, page(cycle))
    shown = text_of(looked)
    assert "As Bea Sample will read it 1 of 2 · next" in shown
    assert "Subject The library is closed, Bea" in shown
    assert "<strong>back door</strong>" in looked.content.decode()
    assert "Dear Bea, use the back door. -- You get this because you have applied to KLA Mentoring." in shown
    assert "Send to 2 people" in shown
    assert "As Cal Sample will read it 2 of 2 · back" in text_of(preview(client, page(cycle), do="preview:2"))
    assert not Mailing.objects.exists()

    sent = client.post(page(cycle), {**GIVEN, "do": "send", "seen": seen_of(looked)})
    mailing = Mailing.objects.get()
    assert sent.url == reverse("admin:letter", args=[mailing.pk])
    shown = text_of(assert_writes_nothing(client, sent.url))
    assert "2 mails held until Monday, 20 October, 14:15 Eastern, 15 minutes from now" in shown
    assert "Bea Sample bea@x.example.org leaving Cal Sample" in shown
    stopped = client.post(sent.url, {"do": "stop"}, follow=True)
    assert "To 2 people: stopped Monday, 20 October, 14:00 Eastern." in text_of(stopped)
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}
    assert "It was stopped already." in text_of(client.post(sent.url, {"do": "stop"}, follow=True))


def test_a_stopped_letter_is_written_again_changed_to_the_same_list(client, cycle, sit):
    sit()
    for name in ("Bea", "Cal"):
        apply(cycle, name)
    apply(cycle, "Wes", state=Application.State.WAITLISTED)
    letter = send(client, page(cycle, query="?state__exact=admitted"), essential="on").url
    assert "Write it again" not in text_of(client.get(letter))
    stopped = client.post(letter, {"do": "stop"}, follow=True)
    assert "Write it again, changed" in text_of(stopped)
    assert "Where {name} stands, each reader finds their own first name." in text_of(stopped)
    [form] = re.findall(r"<form[^>]*/write/.*?</form>", stopped.content.decode(), re.S)
    [where] = re.findall(r'action="([^"]+)"', form)
    [text] = re.findall(r"<textarea[^>]*>\n(.*)</textarea>", form, re.S)
    given = {**dict(re.findall(r'type="hidden" name="(subject|essential)" value="([^"]*)"', form)), "text": text}
    assert (unescape(where), given) == (
        page(cycle, query="?state__exact=admitted"),
        {"subject": GIVEN["subject"], "essential": "on", "text": GIVEN["text"].replace("\r\n", "\n")},
    )
    again = client.post(where, given)
    assert "2 people get it, one mail each." in text_of(again)
    assert (again.context["form"].errors, again.context["preview"]) == ({}, None)
    assert again.context["form"]["text"].value() == given["text"]
    assert Mailing.objects.count() == 1


def test_a_list_of_nobody_says_so(client, cycle, sit):
    sit()
    assert "Applications of 2025–26: Nobody gets it." in text_of(client.get(page(cycle)))


def test_after_it_has_left_the_page_says_what_became_of_each(client, cycle, sit):
    sit()
    for name in ("Bea", "Cal", "Dov"):
        apply(cycle, name)
    letter = send(client, page(cycle)).url
    with clock.at(NOW + timedelta(minutes=15)):
        delivery.deliver(clock.now())
        Message.objects.filter(to_email="cal@x.example.org").update(state="parked")
        Message.objects.filter(to_email="dov@x.example.org").update(state="uncertain")
        answer = client.post(letter, {"do": "stop"}, follow=True)
    shown = text_of(answer)
    assert "It has left already, so there is nothing to take back." in shown
    assert "To 3 people: left Monday, 20 October, 14:15 Eastern, 2 did not arrive for sure." in shown
    assert "Bea Sample bea@x.example.org sent Cal Sample cal@x.example.org could not be delivered" in shown
    assert "Dov Sample dov@x.example.org not sure it arrived" in shown


def test_the_html_is_shown_as_a_mail_program_does_and_with_no_link_that_opens_anything(client, cycle, sit):
    sit()
    apply(cycle, "Bea")
    answer = preview(client, page(cycle), do="html:1")
    assert answer.content.decode().startswith("<!doctype html>")
    assert "(personal link)" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not Mailing.objects.exists()


def test_a_double_click_makes_one_letter(client, cycle, sit):
    sit()
    apply(cycle, "Bea")
    seen = seen_of(preview(client, page(cycle)))
    urls = {client.post(page(cycle), {**GIVEN, "do": "send", "seen": seen}).url for _click in range(2)}
    assert urls == {reverse("admin:letter", args=[Mailing.objects.get().pk])}
    assert Message.objects.count() == 1


def test_nothing_is_sent_that_was_not_seen(client, cycle, sit):
    sit()
    apply(cycle, "Bea")
    seen = seen_of(preview(client, page(cycle)))
    for given, said in (
        ({"seen": ""}, "Please look at it once more as its readers get it."),
        ({"seen": seen + "x"}, "Please look at it once more as its readers get it."),
        ({"seen": "é:é:é\u202e"}, "Please look at it once more as its readers get it."),
        ({"seen": seen, "text": "Other words."}, "You have changed the words since the preview."),
        ({"seen": seen, "essential": "on"}, "You have changed the words since the preview."),
    ):
        answer = client.post(page(cycle), {**GIVEN, "do": "send", **given})
        assert said in text_of(answer)
        assert "Send to one person" in text_of(answer)
    other = page(cycle, query="?role__exact=mentee")
    assert "Please look at it once more" in text_of(client.post(other, {**GIVEN, "do": "send", "seen": seen}))
    assert not Mailing.objects.exists()


def test_a_list_that_has_changed_since_the_preview_is_shown_again_with_what_changed(client, cycle, sit):
    sit()
    bea = apply(cycle, "Bea")
    apply(cycle, "Cal")
    seen = seen_of(preview(client, page(cycle)))
    bea.state = Application.State.WITHDRAWN
    bea.save()
    apply(cycle, "Dov")
    answer = client.post(page(cycle), {**GIVEN, "do": "send", "seen": seen})
    shown = text_of(answer)
    assert "The list has changed since you looked at it. Nothing was sent; look at it again." in shown
    assert "Now on it: Dov Sample No longer on it: Bea Sample" in shown
    assert "use the **back door**." in unescape(answer.content.decode())
    assert not Mailing.objects.exists()
    again = client.post(page(cycle), {**GIVEN, "do": "send", "seen": seen_of(answer)})
    assert (again.status_code, Mailing.objects.get().count) == (302, 2)


def test_an_unknown_placeholder_is_named_and_no_word_is_lost(client, cycle, sit):
    sit()
    apply(cycle, "Bea")
    for do in ("preview", "send", "html"):
        answer = preview(client, page(cycle), text="The {salary} is high.", do=do)
        assert "There is no placeholder {salary} in this mail." in text_of(answer)
        assert "The {salary} is high." in unescape(answer.content.decode())
    assert "Nothing was sent. Your words are still here" in text_of(preview(client, page(cycle), subject=""))
    assert not Mailing.objects.exists()


def test_the_same_letter_again_names_who_got_it(client, cycle, sit):
    sit()
    apply(cycle, "Bea")
    send(client, page(cycle))
    Message.objects.update(state="sent")
    apply(cycle, "Cal")
    with clock.at(NOW + timedelta(days=1)):
        shown = text_of(preview(client, page(cycle)))
    assert "This letter was written to them before Bea Sample already got it" in shown
    assert "Send to one person" in shown


def test_what_a_place_depends_on_is_a_tick_for_participants_alone(client, cycle, sit):
    sit()
    leaving.leave(apply(cycle, "Bea").user.email, "program:kla", "announcement", NOW)
    assert "Their place depends on this" in text_of(client.get(page(cycle)))
    assert "Nobody on this list can be written to at the moment." in text_of(preview(client, page(cycle)))
    send(client, page(cycle), essential="on")
    assert Message.objects.get().kind == "essential"
    assert "Their place depends on this" not in text_of(client.get(page(cycle, "us")))
    send(client, page(cycle, "us"), essential="on", subject="To us")
    assert Message.objects.get(subject="To us").kind == "announcement"


def test_more_than_fifty_names_are_folded(client, cycle, sit):
    sit()
    for number in range(53):
        apply(cycle, f"Bea{number:02}")
    answer = client.get(page(cycle))
    assert "And 3 more" in text_of(answer)
    assert [len(answer.context[part]) for part in ("shown", "folded")] == [50, 3]


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_the_same_questions_for_one_and_for_three(client, cycle, sit, count, django_assert_num_queries):
    chi = sit()
    for number in range(count):
        apply(cycle, f"Bea{number}")
        mailings.write("applications", cycle, {}, mailings.Letter.of(f"No. {number}", "Words."), by=chi)
    mailing = Mailing.objects.latest("pk")
    for url, most in (
        (page(cycle), 10),
        (reverse("admin:letters"), 10),
        (reverse("admin:letter", args=[mailing.pk]), 12),
    ):
        with django_assert_num_queries(most):
            client.get(url)


# ---------------------------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("committee", 200), ("chair", 200), ("deputy", 200), ("liaison", 403), ("membership_office", 404),
        ("office", 404), ("site_admin", 404),
    ],
)  # fmt: skip
def test_only_the_team_finds_these_pages(client, cycle, sit, role, status):
    apply(cycle, "Bea")
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(cycle.program, chi, Seat.Role.CHAIR)
    mailing = mailings.write("applications", cycle, {}, LETTER, by=chi)
    sit(role)
    letter = reverse("admin:letter", args=[mailing.pk])
    assert [client.get(url).status_code for url in (page(cycle), letter, reverse("admin:letters"))] == [
        status, 200 if status == 200 else 404, 200 if status == 200 else 403,
    ]  # fmt: skip
    for name in ("applications", "us"):
        assert client.post(page(cycle, name), {**GIVEN, "do": "preview"}).status_code == status
    assert client.post(letter, {"do": "stop"}).status_code == (302 if status == 200 else 404)
    assert Message.objects.get().state == ("cancelled" if status == 200 else "queued")


def test_no_forged_part_of_the_address_reaches_the_other_programs_people(client, cycle, sit):
    other = make_cycle(make_program("other"))
    xan = apply(other, "Xan")
    xia = make_person("xia@other.example.org", "Xia", "Other")
    make_seat(other.program, xia, Seat.Role.CHAIR)
    theirs = mailings.write("applications", other, {}, LETTER, by=xia)
    apply(cycle, "Bea")
    sit("chair")
    for name in mailings.LISTS:
        assert client.get(page(other, name)).status_code == 404
        assert client.post(page(other, name), {**GIVEN, "do": "preview"}).status_code == 404
    assert client.get(page(cycle, "everybody")).status_code == 404
    assert client.get(reverse("admin:letter", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("admin:letter", args=[theirs.pk]), {"do": "stop"}).status_code == 404
    assert Message.objects.get().state == "queued"
    queries = (
        f"?cycle={other.pk}", f"?cycle__id__exact={other.pk}", f"?program={other.program.pk}", "?q=Xan",
        f"?contact={xia.pk}", f"?user={xan.user.pk}", "?only=alone&state__exact=admitted", "?q=%00%22'&only=../x",
    )  # fmt: skip
    for query in queries:
        for name in mailings.LISTS:
            answer = client.post(page(cycle, name, query), {**GIVEN, "do": "preview"})
            assert answer.status_code in (200, 404)
            assert "Xan " not in answer.content.decode()
    assert "Xan" not in text_of(client.get(reverse("admin:letters")))


def test_the_copy_to_ones_own_partner_is_named_to_nobody_in_that_pair(client, cycle, sit):
    mim = sit("committee")
    dee = make_person("dee@kla.example.org", "Dee", "Moss")
    make_seat(cycle.program, dee, Seat.Role.CHAIR)
    make_pair(cycle.program)
    mia = make_person("mia@x.example.org", "Mia", "Voss")
    make_pair(cycle.program, mim, mia)
    mailing = mailings.write("pairs", cycle, {"side": "mentee"}, LETTER, by=dee)
    for url in (reverse("admin:letter", args=[mailing.pk]), reverse("admin:mail_message_changelist") + "?name=mailing"):
        shown = text_of(client.get(url))
        assert ("Bea" in shown, "Mia" in shown) == (True, False)
    assert "What goes to a partner of your own is not counted and not named here" in text_of(
        client.get(reverse("admin:letter", args=[mailing.pk]))
    )
    [line] = [one for one in promised.lines(mim, cycle, timedelta(days=7)) if one.name == "mailing"]
    assert line.count == 1
    client.force_login(dee, backend=SIGN_IN)
    assert "Mia" in text_of(client.get(reverse("admin:letter", args=[mailing.pk])))
