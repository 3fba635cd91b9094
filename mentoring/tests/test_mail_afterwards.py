"""What the committee reads about mail that has left, and what it does about mail that came back."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from mail import addresses, delivery
from mail.models import Message, Suppression
from mail.tests.make import make_message
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentoring import mail_room, mail_tasks
from mentoring.tests.make import sits, text_of
from mentorships.tests.make import make_kla, make_pair
from programs.models import Role, Seat
from programs.tests.make import assert_writes_nothing, make_application, make_cycle

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 11, 20, 17, tzinfo=UTC)
SIGN_IN = "members.backends.SignInBackend"
State, Outcome = Message.State, Message.Outcome
BEA, MO, NEW = "bea@larkin.example.net", "mo@farrow.example.org", "bea@home.example.org"
BACK = {"state": State.SENT, "attempts": 1, "outcome": Outcome.BOUNCED, "outcome_words": "550 no such person"}


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def kla():
    return make_kla()


@pytest.fixture
def pair(kla):
    pair = make_pair(kla)
    Message.objects.all().delete()
    return pair


@pytest.fixture
def sit(kla, client):
    return lambda role, program=kla: sits(client, program, role)


def fails(email=BEA, since=NOW, why=Suppression.Why.BOUNCED):
    addresses.suppress(email, why, "550 no such person", since)


def page_of(message):
    return reverse("admin:mail_message_change", args=[message.pk])


def press(client, message, do, **more):
    given = {"do": do, "attempts": message.attempts, **more}
    return text_of(client.post(reverse("admin:mail_resolve", args=[message.pk]), given, follow=True))


def history():
    return list(Entry.objects.filter(about__startswith="message").order_by("pk").values_list("verb", "role"))


# ------------------------------------------------------------------------------------------------- what became of a mail


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": State.SENT}, "taken by the mail server"),
        ({"state": State.SENT, "outcome_words": BEA}, f"taken by the mail server; delivered to {BEA}"),
        (
            {"state": State.SENT, "outcome_words": "mailbox full"},
            "taken by the mail server; the other side said: mailbox full",
        ),
        ({"state": State.SENT, "outcome": Outcome.DELIVERED}, "delivered"),
        (BACK, "came back: 550 no such person"),
        ({**BACK, "state": State.PARKED, "outcome_words": ""}, "came back"),
        ({"state": State.SENT, "outcome": Outcome.COMPLAINED, "outcome_words": "x"}, "reported as unwanted"),
        ({"state": State.QUEUED}, ""),
        ({"state": State.PARKED, "refusal": "550"}, ""),
    ],
)
def test_what_became_of_a_mail_in_words(fields, words):
    assert mail_room.became(make_message(**fields)) == words


def test_the_list_and_the_page_say_it_and_the_list_is_filtered_by_it(sit, client):
    sit("committee")
    back = make_message(1, **BACK)
    make_message(2, state=State.SENT, outcome=Outcome.DELIVERED, subject="Another word")
    make_message(3, state=State.SENT)
    url = reverse("admin:mail_message_changelist")
    page = text_of(client.get(url))
    for words in ("came back: 550 no such person", ">delivered<", ">taken by the mail server<"):
        assert words in page
    found = client.get(url, {"outcome__exact": "bounced"}).context["cl"].result_list
    assert [message.pk for message in found] == [back.pk]
    assert "came back: 550 no such person" in text_of(assert_writes_nothing(client, page_of(back)))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions(sit, client, count, django_assert_max_num_queries):
    sit("chair")
    for number in range(count):
        make_message(number, **BACK)
    with django_assert_max_num_queries(24):
        client.get(reverse("admin:mail_message_changelist"))


# --------------------------------------------------------------------------------------------------------- it came back


def test_somebody_says_that_a_mail_came_back_and_takes_it_back_again(sit, client):
    sit("chair")
    message, waits = make_message(1, state=State.SENT, attempts=1), make_message(2)
    assert "It came back from Bea Lindqvist" in text_of(assert_writes_nothing(client, page_of(message)))
    page = press(client, message, "came_back", email=BEA, words=" 550 5.1.1\r\nno such person\x00 ")
    assert "Nothing more goes to this address but sign-in codes." in page
    assert f"Nothing goes to {BEA}" in page
    assert "it cannot be sent there again" in page
    message.refresh_from_db()
    assert (message.state, message.outcome, message.outcome_words) == (
        State.SENT,
        "bounced",
        "550 5.1.1 no such person",
    )
    waits.refresh_from_db()
    assert waits.state == State.PARKED
    assert "has moved on since" in press(client, message, "came_back", email=MO)
    assert "That is known already." in press(client, message, "came_back", email=BEA)
    page = press(client, message, "works_again", email=BEA)
    assert "Mail goes to this address again." in page
    assert ">1 mail was kept back</a>; it leaves when you send it again." in page.replace("&amp;", "&")
    assert f"/admin/mail/message/?state__exact=parked&q={BEA.replace('@', '%40')}" in page.replace("&amp;", "&")
    assert "Nothing stands in the way" in press(client, message, "works_again", email=BEA)
    assert Suppression.objects.count() == 0
    assert history() == [("came_back", "chair"), ("works_again", "chair")]
    press(client, waits, "again")
    press(client, message, "again")
    delivery.deliver(NOW)
    assert sorted(sent.extra_headers["Message-ID"] for sent in mail.outbox) == [message.message_id, waits.message_id]


def test_what_came_back_is_sent_again_to_the_address_that_its_reader_has_now(sit, client, pair):
    sit("deputy")
    message = make_message(**BACK, about="application:1")
    fails()
    assert "it cannot be sent there again" in text_of(client.get(page_of(message)))
    with pytest.raises(NotAllowed, match="does not arrive"):
        mail_room.send_again(message, by=Seat.objects.get(role="deputy").user)
    EmailAddress.objects.create(user=pair.mentee, email=NEW, verified=True).set_as_primary()
    assert f"Mail to {BEA} does not arrive. Sent again, it goes to {NEW}." in text_of(client.get(page_of(message)))
    press(client, message, "again")
    press(client, message, "again")
    delivery.deliver(NOW)
    assert [sent.to for sent in mail.outbox] == [[f"Bea Lindqvist <{NEW}>"]]
    message.refresh_from_db()
    assert (message.state, message.outcome, message.attempts) == (State.SENT, "", 2)


def test_a_reminder_whose_day_has_passed_has_no_button_and_says_why(sit, client):
    chi = sit("chair")
    message = make_message(state=State.PARKED, attempts=1, kind="nudge", good_until=NOW - timedelta(seconds=1))
    page = client.get(page_of(message)).content.decode()
    assert "what it reminds of has passed: it is not sent again" in page
    assert ('value="again"' in page, 'value="leave"' in page) == (False, True)
    with pytest.raises(NotAllowed, match="would come too late"):
        mail_room.send_again(message, by=chi)
    assert "would come too late" in press(client, message, "again")
    assert Message.objects.get().state == State.PARKED
    Message.objects.update(good_until=NOW)
    assert 'value="again"' in client.get(page_of(message)).content.decode()


@pytest.mark.parametrize(
    ("fields", "said", "reason"),
    [
        (BACK, "Sent before, and it came back.", "came_back"),
        ({"state": State.PARKED, "refusal": "550"}, "Tried before, and it could not be delivered.", "not_delivered"),
        ({"state": State.UNCERTAIN}, "Sent before, and nobody was sure that it arrived.", "not_sure"),
    ],
)
def test_a_mail_sent_again_says_what_became_of_it_before_and_is_not_called_late(sit, client, fields, said, reason):
    sit("chair")
    message = make_message(**{**fields, "attempts": 1}, owed_since=NOW - timedelta(days=40))
    press(client, message, "again")
    delivery.deliver(NOW)
    message.refresh_from_db()
    assert (message.state, message.days_late) == (State.SENT, 40)
    page = text_of(client.get(page_of(message)))
    assert (said in page, "days late" in page) == (True, False)
    assert "days late" not in text_of(client.get(reverse("admin:mail_message_changelist")))
    assert Entry.objects.get(verb="sent_again").reason == reason


def test_the_page_leaves_out_what_says_nothing_and_the_acts_stand_above_the_text(sit, client):
    sit("chair")
    shown = {}
    parked = {"state": State.PARKED, "attempts": 2, "refusal": "450 later"}
    for number, fields in enumerate([{"state": State.SENT, "attempts": 1}, parked]):
        page = client.get(page_of(make_message(number, **fields))).content.decode()
        shown[number] = [word in page for word in ("What the server said", "Attempts:", "Sent before:", "Left:")]
        assert page.index("It came back from") < page.index("Planned for:") < page.index("Good morning.")
    assert shown == {0: [False, False, False, True], 1: [True, True, False, False]}


def test_until_when_a_reminder_is_of_use_stands_before_the_button(sit, client):
    sit("chair")
    message = make_message(state=State.PARKED, attempts=1, kind="nudge", good_until=NOW + timedelta(days=1))
    page = text_of(client.get(page_of(message)))
    assert "It is of use until Friday, 21 November, 12:00 Eastern; after that it does not leave any more." in page


def test_of_two_readers_only_the_one_from_whom_it_came_back_gets_it_again(sit, client):
    chi = sit("chair")
    message = make_message(state=State.SENT, attempts=1, also_email=MO, also_name="Mo Castellanos")
    page = text_of(client.get(page_of(message)))
    assert ("It came back from Bea Lindqvist" in page, "It came back from Mo Castellanos" in page) == (True, True)
    press(client, message, "came_back", email=MO)
    alone = Message.objects.get(to_email=MO)
    assert (alone.outcome, alone.outcome_words) == ("bounced", "it came back to us as a mail")
    addresses.lift(MO)
    mail_room.send_again(alone, by=chi)
    delivery.deliver(NOW)
    assert [sent.to for sent in mail.outbox] == [[f"Mo Castellanos <{MO}>"]]


def test_of_an_unsure_mail_to_two_the_one_who_cannot_be_reached_is_left_out(sit):
    chi = sit("chair")
    message = make_message(state=State.UNCERTAIN, attempts=1, also_email=MO, also_name="Mo Castellanos")
    fails(MO)
    mail_room.send_again(message, by=chi)
    delivery.deliver(NOW)
    assert [sent.to for sent in mail.outbox] == [[f"Bea Lindqvist <{BEA}>"]]
    assert Message.objects.get(to_email=MO).state == State.PARKED


@pytest.mark.parametrize("verb", [mail_room.came_back, mail_room.works_again])
@pytest.mark.parametrize("role", ["committee", "office"])
def test_who_only_reads_the_list_decides_nothing(sit, client, verb, role):
    person = sit(role)
    message = make_message(state=State.SENT)
    with pytest.raises(NotAllowed):
        verb(message, by=person, email=BEA)
    if role == "committee":
        page = text_of(client.get(page_of(message)))
        assert "It came back from" not in page
        assert client.post(reverse("admin:mail_resolve", args=[message.pk]), {"do": "came_back"}).status_code == 403
    assert Suppression.objects.count() == 0


def test_nobody_says_it_of_mail_about_their_own_affair(sit, client, kla):
    chi = sit("chair")
    own = make_application(make_cycle(kla), chi, Role.MENTOR)
    message = make_message(state=State.SENT, attempts=1, about=f"application:{own.pk}", to_email=chi.email)
    assert "your colleagues decide" in press(client, message, "came_back", email=chi.email)
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("state", [State.QUEUED, State.CLAIMED, State.HELD, State.CANCELLED])
def test_what_has_not_left_cannot_have_come_back(sit, client, state):
    sit("chair")
    message = make_message(state=state, attempts=1)
    assert "It came back from" not in text_of(client.get(page_of(message)))
    assert "has moved on since" in press(client, message, "came_back", email=BEA)
    assert Suppression.objects.count() == 0


def test_what_is_left_is_still_asked_about_while_its_address_fails(sit, client):
    sit("chair")
    message, other = make_message(1, **BACK), make_message(2, **BACK, to_email=MO)
    fails()
    assert "The address is still asked about until it works again." in press(client, message, "leave")
    assert "nobody is asked about it again" in press(client, other, "leave")
    page = press(client, message, "works_again", email=BEA)
    assert ("Mail goes to this address again." in page, "kept back" in page) == (True, False)


# ------------------------------------------------------------------------------------------------- reported as unwanted


def test_what_its_reader_reported_as_unwanted_is_not_sent_again_but_left(sit, client, pair):
    chi = sit("chair")
    message = make_message(**{**BACK, "outcome": Outcome.COMPLAINED})
    [task] = mail_tasks.tasks(chi, pair.cycle, [])
    assert task.head == "1 mail was reported as unwanted."
    assert [one.pk for one in client.get(task.url).context["cl"].result_list] == [message.pk]
    page = text_of(client.get(page_of(message)))
    found = ["This mail was reported as unwanted", "This mail came back", ">Send again<", ">Leave it<"]
    assert [words in page for words in found] == [True, False, False, True]
    assert "it is not sent again" in press(client, message, "again")
    message.refresh_from_db()
    assert (message.state, message.outcome) == (State.SENT, "complained")
    press(client, message, "leave")
    assert mail_tasks.tasks(chi, pair.cycle, []) == []
