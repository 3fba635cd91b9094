"""Stop all mail and start it again; what may not have arrived is sent once more or left; what the first page says of mail."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from mail import delivery, heartbeat, stopping
from mail.models import Message, Stop
from mail.tests.make import make_message
from members import clock, journal
from members.journal import NotAllowed
from members.models import Entry
from mentoring import mail_room
from programs.models import Role, Seat
from programs.tests.make import (
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_person,
    make_program,
    make_seat,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 10, 15, 16, tzinfo=UTC)
SIGN_IN = "members.backends.SignInBackend"
State = Message.State


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def kla():
    return make_program(name="KLA Mentoring")


@pytest.fixture
def sit(kla, client):
    """Sign somebody in who holds this seat in KLA's program or office."""

    def sit(role, program=kla):
        person = make_person(
            f"{role}-{program.slug}@kla.example.org", "Chi", "Harper", is_superuser=role == "site_admin"
        )
        if role in Seat.Role.values:
            make_seat(program, person, role)
        client.force_login(person, backend=SIGN_IN)
        return person

    return sit


def stop_page(slug="kla"):
    return reverse("admin:mail_stop", args=[slug])


def text_of(response):
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def history():
    return list(Entry.objects.order_by("pk").values_list("verb", "about", "role"))


# ------------------------------------------------------------------------------------------------------ stop and start


@pytest.mark.parametrize("role", ["chair", "deputy", "office", "site_admin"])
def test_those_who_may_stop_all_mail_and_it_stands_in_the_history(sit, client, kla, role):
    sit(role)
    make_message()
    assert "Stop all mail of KLA Mentoring?" in text_of(client.get(stop_page()))
    client.post(stop_page(), {"do": "stop", "reason": "A wrong date in it"})
    [stop] = stopping.standing()
    assert (stop.scope, stop.since, stop.by_name, stop.reason) == (
        "program:kla",
        NOW,
        "Chi Harper",
        "A wrong date in it",
    )
    assert history() == [("stopped_mail", f"program:{kla.pk}", role)]
    assert delivery.deliver(NOW) == []


@pytest.mark.parametrize(("role", "status"), [("committee", 403), ("liaison", 403), ("membership_office", 403)])
def test_nobody_else_does(sit, client, role, status):
    person = sit(role)
    for response in (client.get(stop_page()), client.post(stop_page(), {"do": "stop"})):
        assert response.status_code == status
    with pytest.raises(NotAllowed):
        mail_room.stop_mail(Seat.objects.get(user=person).home, by=person)
    assert not Stop.objects.exists()


def test_another_programs_mail_is_not_there_to_be_stopped(sit, client):
    nela = make_program("nela")
    person = sit("chair")
    assert client.get(stop_page("nela")).status_code == 404
    assert client.post(stop_page("nela"), {"do": "stop"}).status_code == 404
    with pytest.raises(NotAllowed):
        mail_room.stop_mail(nela, by=person)
    assert not Stop.objects.exists()


def test_a_second_click_stops_nothing_twice(sit, client):
    sit("chair")
    for _ in range(2):
        response = client.post(stop_page(), {"do": "stop"}, follow=True)
    assert "Mail was stopped already" in text_of(response)
    assert len(history()) == 1


@pytest.mark.parametrize("reason", ["x" * 201, "\x00"])
def test_a_reason_that_cannot_be_kept_is_said_and_stops_nothing(sit, client, reason):
    sit("chair")
    response = client.post(stop_page(), {"do": "stop", "reason": reason})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Stop.objects.exists()


def test_started_again_by_the_chair_each_mail_leaves_once_and_what_leaves_first_is_said_before(sit, client, kla):
    sit("chair")
    make_message(1, leaves_at=NOW - timedelta(hours=7))
    make_message(2, name="check_in")
    make_message(3, leaves_at=NOW + timedelta(days=1))
    stopping.stop(kla.scope, now=NOW)
    page = text_of(assert_writes_nothing(client, stop_page()))
    assert "2 mails are ready to leave, the oldest since Wednesday, 15 October, 05:00 Eastern." in page
    assert "How is it going?" in page
    assert "1 more is promised for the next seven days." in page
    assert "Start again: 2 mails leave" in page
    for _ in range(2):
        response = client.post(stop_page(), {"do": "start"}, follow=True)
    assert "somebody else has started it again already" in text_of(response)
    for _ in range(2):
        delivery.deliver(NOW)
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [
        "<note-1@kla.example.org>", "<note-2@kla.example.org>",
    ]  # fmt: skip
    assert [entry[0] for entry in history()] == ["started_mail"]


@pytest.mark.parametrize("role", ["office", "site_admin"])
def test_the_office_stops_and_does_not_start(sit, client, kla, role):
    person = sit(role)
    stopping.stop(kla.scope, now=NOW)
    page = text_of(client.get(stop_page()))
    assert "The chair or the deputy starts it again." in page
    assert 'value="start"' not in page
    client.post(stop_page(), {"do": "start"})
    with pytest.raises(NotAllowed):
        mail_room.start_mail(kla, by=person)
    assert Stop.objects.exists()


# ------------------------------------------------------------------------------------------------------------- the banner


@pytest.mark.parametrize("role", ["liaison", "committee", "chair", "membership_office", "office", "site_admin"])
def test_while_mail_is_stopped_every_page_of_the_committee_says_so(sit, client, kla, role):
    sit(role)
    make_cycle(kla)
    stopping.stop(kla.scope, now=NOW, by_name="Dee Park", reason="A wrong <date>")
    page = text_of(client.get(reverse("admin:set_up")))
    assert "All mail of KLA Mentoring is stopped since Wednesday, 15 October, 12:00 Eastern." in page
    assert "Dee Park stopped it. “A wrong &lt;date&gt;”" in page
    assert ("What waits, and how it starts again" in page) is (role in ("chair", "office", "site_admin"))


def test_the_banner_is_on_lists_forms_and_the_first_page(sit, client, kla):
    sit("chair")
    make_cycle(kla)
    stopping.stop(kla.scope, now=NOW)
    pages = [
        "admin:index",
        "admin:mail_message_changelist",
        "admin:programs_program_changelist",
        "admin:programs_page_add",
    ]
    for name in pages:
        assert "All mail of KLA Mentoring is stopped" in text_of(client.get(reverse(name))), name
    stopping.start(kla.scope, now=NOW)
    for name in pages:
        assert "is stopped" not in text_of(client.get(reverse(name))), name


def test_another_programs_stop_is_nobodys_business(sit, client):
    make_program("nela", name="NELA Mentoring")
    sit("chair")
    stopping.stop("program:nela", now=NOW, reason="Canary")
    page = text_of(client.get(reverse("admin:set_up")))
    assert "NELA" not in page
    assert "Canary" not in page


def test_a_hold_of_the_whole_site_is_said_to_everybody(sit, client):
    sit("liaison")
    stopping.stop(stopping.WHOLE_SITE, now=NOW)
    page = text_of(client.get(reverse("admin:set_up")))
    assert "All mail of this site is held since Wednesday, 15 October, 16:00 UTC." in page


def test_the_ways_to_stop_mail_stand_on_the_first_page_the_mail_list_and_the_set_up(sit, client, kla):
    sit("chair")
    make_cycle(kla)
    for name in ("admin:index", "admin:mail_message_changelist", "admin:set_up"):
        assert stop_page() in text_of(client.get(reverse(name))), name
    sit("committee")
    for name in ("admin:index", "admin:mail_message_changelist", "admin:set_up"):
        assert stop_page() not in text_of(client.get(reverse(name))), name


# ------------------------------------------------------------------------------------------------- send again, or leave it


def resolve(client, message, do, attempts=None):
    seen = message.attempts if attempts is None else attempts
    return client.post(reverse("admin:mail_resolve", args=[message.pk]), {"do": do, "attempts": seen}, follow=True)


@pytest.mark.parametrize("state", [State.PARKED, State.UNCERTAIN])
def test_the_chair_sends_again_what_may_not_have_arrived_and_a_double_click_sends_it_once(sit, client, state):
    sit("chair")
    message = make_message(state=state, attempts=1)
    page = text_of(assert_writes_nothing(client, reverse("admin:mail_message_change", args=[message.pk])))
    assert "Send again" in page
    resolve(client, message, "again")
    assert "has moved on since you looked" in text_of(resolve(client, message, "again"))
    delivery.deliver(NOW)
    resolve(client, message, "again")
    delivery.deliver(NOW)
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [message.message_id]
    assert history() == [("sent_again", f"message:{message.pk}", "chair")]


def test_what_is_left_is_not_asked_about_again_and_may_still_be_sent(sit, client, kla):
    sit("chair")
    make_cycle(kla)
    message = make_message(state=State.UNCERTAIN, attempts=1)
    assert "We are not sure that 1 mail arrived." in text_of(client.get(reverse("admin:index")))
    resolve(client, message, "leave")
    assert "We are not sure" not in text_of(client.get(reverse("admin:index")))
    page = text_of(client.get(reverse("admin:mail_message_change", args=[message.pk])))
    assert "not sure it arrived; looked at and left" in page
    assert "Leave it" not in page
    resolve(client, message, "again")
    assert [entry[0] for entry in history()] == ["left_as_it_is", "sent_again"]
    message.refresh_from_db()
    assert (message.state, message.left_at) == (State.QUEUED, None)


@pytest.mark.parametrize("role", ["committee", "site_admin"])
def test_who_reads_the_list_does_not_decide(sit, client, role):
    person = sit(role)
    message = make_message(state=State.UNCERTAIN)
    assert "Send again" not in text_of(client.get(reverse("admin:mail_message_change", args=[message.pk])))
    assert resolve(client, message, "again").status_code == 403
    for verb in (mail_room.send_again, mail_room.leave):
        with pytest.raises(NotAllowed):
            verb(message, by=person)
    assert Message.objects.get().state == State.UNCERTAIN


def test_another_programs_mail_is_not_there_to_be_sent(sit, client):
    sit("chair")
    message = make_message(state=State.PARKED, scope="program:nela")
    assert resolve(client, message, "again").status_code == 404
    assert Message.objects.get().state == State.PARKED


def test_nobody_decides_about_mail_of_their_own_affair(sit, client, kla):
    chi = sit("chair")
    own = make_application(make_cycle(kla), chi, Role.MENTOR)
    message = make_message(state=State.PARKED, about=journal.about(own))
    assert "your colleagues decide" in text_of(resolve(client, message, "again"))
    assert Message.objects.get().state == State.PARKED


def test_a_code_is_not_sent_again(sit, client, kla):
    chi = sit("chair")
    message = make_message(state=State.PARKED, secret=True, text="", html="")
    with pytest.raises(NotAllowed, match="a code that has expired"):
        mail_room.send_again(message, by=chi)
    assert "Send again" not in text_of(client.get(reverse("admin:mail_message_change", args=[message.pk])))


@pytest.mark.parametrize(
    ("do", "attempts"), [("again", "x"), ("again", ""), ("again", "9" * 30), ("burn", "1"), ("", "1")]
)
def test_a_forged_click_changes_nothing(sit, client, do, attempts):
    sit("chair")
    message = make_message(state=State.PARKED, attempts=1)
    assert resolve(client, message, do, attempts).status_code == 200
    assert Message.objects.get().state == State.PARKED


def test_what_a_person_got_and_when_is_one_click_away(sit, client):
    sit("chair")
    sent = make_message(1, state=State.SENT, settled_at=NOW)
    make_message(2, to_email="mo@farrow.example.org")
    page = text_of(client.get(reverse("admin:mail_message_change", args=[sent.pk])))
    assert "?q=bea%40larkin.example.net" in page
    found = client.get(reverse("admin:mail_message_changelist"), {"q": sent.to_email})
    assert found.context["cl"].result_count == 1
    assert "Wednesday, 15 October, 12:00 Eastern" in text_of(found)


# ------------------------------------------------------------------------------------------------------------ stuck mail


def test_mail_that_does_not_leave_is_said_on_the_first_page(sit, client, kla):
    sit("chair")
    make_cycle(kla)
    make_message(1, state=State.SENT, settled_at=NOW - timedelta(hours=3))
    make_message(2, leaves_at=NOW - timedelta(minutes=14))
    assert "No mail has left" not in text_of(client.get(reverse("admin:index")))
    Message.objects.filter(state=State.QUEUED).update(leaves_at=NOW - timedelta(minutes=16))
    page = text_of(client.get(reverse("admin:index")))
    assert "No mail has left since Wednesday, 15 October, 09:00 Eastern." in page


def test_stuck_in_words(kla):
    assert mail_room.stuck(kla, NOW) == ""
    make_message(1, leaves_at=NOW - timedelta(hours=1))
    never = "Mail has been waiting since Wednesday, 15 October, 11:00 Eastern and does not leave."
    assert mail_room.stuck(kla, NOW).replace("\xa0", " ") == never
    make_message(2, state=State.SENT, settled_at=NOW - timedelta(minutes=2))
    assert mail_room.stuck(kla, NOW) == ""  # a long queue that moves is not stuck
    stopping.stop(kla.scope, now=NOW)
    assert mail_room.stuck(kla, NOW + timedelta(days=1)) == ""  # nor is what was stopped on purpose
    heartbeat.note(heartbeat.WORKER, NOW - timedelta(minutes=40))
    silent = "The part of the site that sends mail has been silent since Wednesday, 15 October, 11:20 Eastern."
    assert mail_room.stuck(kla, NOW).replace("\xa0", " ") == silent


def test_the_mail_list_says_how_mail_goes(sit, client):
    sit("committee")
    heartbeat.note(heartbeat.WORKER, NOW - timedelta(seconds=90))
    make_message(leaves_at=NOW - timedelta(minutes=4))
    page = text_of(client.get(reverse("admin:mail_message_changelist")))
    assert "<summary>How mail goes</summary>" in page
    assert "Mail leaves as it should." in page
    assert mail_room.how_it_goes(NOW) == (
        "the oldest mail that may leave has waited for 4 minutes; the worker that sends was at work 90 seconds ago; "
        "the clock that wakes it has not been heard of yet"
    )


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(), "0 seconds"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_a_span_in_words(length, words):
    assert mail_room.span(length) == words


# --------------------------------------------------------------------------------------------------------------- late


@pytest.mark.parametrize(
    ("owed", "kind", "says"),
    [
        (timedelta(days=29), "topic", "29 days late"),
        (timedelta(days=1), "essential", "1 day late"),
        (timedelta(hours=23), "essential", None),
        (None, "essential", None),
        (timedelta(days=5), "nudge", None),  # it waited for its turn
    ],
)
def test_a_mail_that_a_silent_calendar_owed_says_how_many_days_late_it_left(sit, client, owed, kind, says):
    sit(Seat.Role.CHAIR)
    make_message(state=State.SENT, settled_at=NOW, kind=kind, owed_since=owed and NOW - owed)
    said = text_of(client.get(reverse("admin:mail_message_changelist")))
    assert (says in said) if says else (" late" not in said)
