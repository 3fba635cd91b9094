"""What a mail provider tells of mail that has left: believed when it is signed, once, and in whatever order it comes."""

import json
from datetime import timedelta

import pytest

from mail import delivery, events
from mail.events import Said
from mail.models import Message, OptOut, Suppression
from mail.tests import post
from mail.tests.make import NOW, make_message
from mail.tests.post import (
    BEA,
    mailgun,
    mailgun_bounce,
    mailgun_event,
    postmark,
    postmark_bounce,
    postmark_complaint,
    postmark_event,
)
from members import clock
from members.models import Entry

pytestmark = pytest.mark.django_db
State, Outcome = Message.State, Message.Outcome
MO = "mo@farrow.example.org"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def at():
    with clock.at(LATER):
        yield


@pytest.fixture
def by_postmark(settings):
    post.use(settings, "postmark")


@pytest.fixture
def by_mailgun(settings):
    post.use(settings, "mailgun")


def left(state=State.SENT, **more):
    """A mail that was handed over once."""
    return make_message(state=state, attempts=1, settled_at=NOW if state == State.SENT else None, **more)


def became(message):
    message.refresh_from_db()
    return (message.state, message.outcome, message.outcome_words)


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Message, Suppression, OptOut)]


# ------------------------------------------------------------------------------------------------- what an event does


@pytest.mark.parametrize("state", [State.SENT, State.UNCERTAIN, State.CLAIMED])
def test_delivered_is_noted_and_ends_a_doubt(client, by_postmark, state):
    message = left(state, refusal="The worker stopped while this was leaving." if state != State.SENT else "")
    assert postmark(client, postmark_event(message)).status_code == 200
    assert became(message) == (State.SENT, Outcome.DELIVERED, "")
    assert (message.outcome_at, message.provider_id, message.refusal) == (LATER, post.THEIRS, "")
    assert message.settled_at == (NOW if state == State.SENT else LATER)
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize(
    ("event", "state"),
    [(postmark_event, State.SENT), (postmark_bounce, State.PARKED), (postmark_complaint, State.SENT)],
)
def test_a_mail_that_was_put_off_and_had_been_taken_all_the_same_is_not_tried_again(client, by_postmark, event, state):
    message = left(State.QUEUED, refusal="500 oops", leaves_at=LATER)
    postmark(client, event(message))
    assert became(message)[0] == state
    assert delivery.deliver(LATER + timedelta(days=1)) == []


def test_what_somebody_sends_again_is_not_ended_by_what_is_told_of_the_try_before(client, by_postmark):
    message = left(State.QUEUED, attempts_before=1)
    postmark(client, {**postmark_event(message), "Metadata": {**events.metadata(message), "attempt": "1"}})
    assert became(message) == (State.QUEUED, "", "")


def test_a_worker_that_comes_back_after_the_event_changes_nothing(client, by_postmark):
    message = left(State.CLAIMED)
    postmark(client, postmark_event(message))
    assert delivery.settle(Message.objects.get(), State.UNCERTAIN, NOW) is False
    assert became(message) == (State.SENT, Outcome.DELIVERED, "")


@pytest.mark.parametrize(
    ("before", "after"), [(State.SENT, State.SENT), (State.UNCERTAIN, State.PARKED), (State.CLAIMED, State.PARKED)]
)
def test_what_came_back_says_so_and_its_address_gets_nothing_more(client, by_postmark, before, after):
    message = left(before)
    waits = make_message(2)
    assert postmark(client, postmark_bounce(message)).status_code == 200
    words = "smtp;550 5.1.1 no such person"
    assert became(message) == (after, Outcome.BOUNCED, words)
    assert message.refusal == ("" if before == State.SENT else words)
    assert list(Suppression.objects.values_list("email", "why", "words", "since")) == [(BEA, "bounced", words, LATER)]
    assert became(waits) == (State.PARKED, "", "")


def test_an_address_that_fails_stands_in_the_history_once_and_without_a_word_of_it(client, by_postmark):
    message, other = left(), make_message(2, state=State.SENT, attempts=1)
    for one in (message, message, other):
        postmark(client, postmark_bounce(one))
    lines = list(Entry.objects.values_list("actor", "role", "verb", "about", "scope", "reason", "at"))
    assert lines == [(None, "system", "address_fails", f"message:{message.pk}", "program:kla", "", LATER)]


def test_what_no_database_takes_is_cleaned(client, by_postmark):
    message = left(State.UNCERTAIN)
    said = postmark_bounce(message, Details="550 gone\0\ud800 for good", MessageID="7\0\udfff8")
    assert postmark(client, said).status_code == 200
    assert became(message) == (State.PARKED, Outcome.BOUNCED, "550 gone for good")
    assert message.provider_id == "7 8"
    assert postmark(client, postmark_event(MessageID="\0\ud800")).status_code == 200


def test_an_event_that_cannot_be_written_does_not_keep_the_others_from_it(client, settings, monkeypatch, caplog):
    post.use(settings, "sparkpost")
    first, second = left(), make_message(2, state=State.SENT, attempts=1)
    written = events.tell

    def tell(message, *args, **more):
        if message.pk == first.pk:
            raise ValueError(f"something about {BEA}")
        return written(message, *args, **more)

    monkeypatch.setattr(events, "tell", tell)
    about = {"type": "delivery", "timestamp": "1760529834", "raw_rcpt_to": BEA}
    told = [{"msys": {"message_event": {**about, "rcpt_meta": events.metadata(one)}}} for one in (first, second)]
    assert (
        client.post(post.url("sparkpost"), json.dumps(told), "application/json", headers=post.basic()).status_code
        == 200
    )
    assert [became(one)[1] for one in (first, second)] == ["", Outcome.DELIVERED]
    assert [one.getMessage() for one in caplog.records if one.name == "mail.views"] == [
        "one event of the mail provider could not be written: ValueError"
    ]
    assert BEA not in caplog.text


@pytest.mark.parametrize("how", [{"Type": "SoftBounce", "Inactive": False}, {"Type": "VirusNotification", "Inactive": False}])  # fmt: skip
def test_what_came_back_for_the_moment_leaves_words_alone(client, by_postmark, how):
    message = left(State.UNCERTAIN)
    postmark(client, postmark_bounce(message, **how))
    assert became(message) == (State.SENT, "", "smtp;550 5.1.1 no such person")
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("event", ["Open", "Click"])
@pytest.mark.parametrize("state", [State.SENT, State.UNCERTAIN])
def test_what_was_read_is_not_looked_at(client, by_postmark, event, state):
    message = left(state)
    assert postmark(client, postmark_event(message, event)).status_code == 200
    assert became(message) == (state, "", "")


@pytest.mark.parametrize("state", [State.SENT, State.UNCERTAIN])
def test_what_is_put_off_changes_nothing(client, by_mailgun, by_postmark, settings, state):
    message = left(state)
    postmark(client, postmark_bounce(message, Type="Transient", Inactive=False))
    post.use(settings, "mailgun")
    assert mailgun(client, mailgun_bounce(message, severity="temporary", reason="generic")).status_code == 200
    assert became(message) == (state, "", "")
    assert Suppression.objects.count() == 0


def test_a_complaint_ends_what_may_be_left(client, by_postmark):
    message = left(kind=Message.Kind.TOPIC)
    topic, essential = make_message(2, kind=Message.Kind.TOPIC), make_message(3)
    postmark(client, postmark_complaint(message))
    words = "The subscriber explicitly marked this message as spam."
    assert became(message) == (State.SENT, Outcome.COMPLAINED, words)
    assert [became(one)[0] for one in (topic, essential)] == [State.CANCELLED, State.PARKED]
    assert list(Suppression.objects.values_list("email", "why")) == [(BEA, "complained")]
    assert sorted(OptOut.objects.values_list("email", "scope", "kind")) == [
        (BEA, "program:kla", "announcement"),
        (BEA, "program:kla", "topic"),
    ]


def test_what_the_provider_would_not_send_at_all_says_why_and_blames_no_address_without_a_reason(client, by_postmark):
    message = left()
    postmark(client, postmark_bounce(message, Type="Blocked", Details="ISP block"))
    assert became(message) == (State.SENT, Outcome.BOUNCED, "ISP block")
    assert Suppression.objects.count() == 0


def test_a_code_that_arrived_is_blanked(client, by_postmark):
    message = left(State.UNCERTAIN, secret=True, text="482 913", html="<p>482 913</p>")
    postmark(client, postmark_event(message))
    message.refresh_from_db()
    assert (message.text, message.html) == ("", "")


# --------------------------------------------------------------------------------------------------- twice, late, forged


def test_the_same_event_twice_changes_nothing_more(client, by_postmark):
    message = left(State.UNCERTAIN)
    postmark(client, postmark_bounce(message))
    Suppression.objects.all().delete()  # somebody says that the address works
    before = everything()
    with clock.at(LATER + timedelta(days=1)):
        assert postmark(client, postmark_bounce(message)).status_code == 200
    assert everything() == before


@pytest.mark.parametrize("worse", [postmark_bounce, postmark_complaint])
def test_a_late_delivered_does_not_hide_what_came_back(client, by_postmark, worse):
    message = left()
    postmark(client, worse(message))
    before = everything()
    postmark(client, postmark_event(message))
    assert everything() == before


@pytest.mark.parametrize("worse", [postmark_bounce, postmark_complaint])
def test_what_comes_back_after_it_was_delivered_counts(client, by_postmark, worse):
    message = left()
    postmark(client, postmark_event(message))
    postmark(client, worse(message))
    assert became(message)[1] in (Outcome.BOUNCED, Outcome.COMPLAINED)


def test_what_became_of_an_attempt_is_over_once_it_is_sent_again(client, by_postmark):
    message = left()
    first = postmark_bounce(message)
    postmark(client, first)
    Suppression.objects.all().delete()
    message.refresh_from_db()
    assert delivery.send_again(message, LATER, to="bea@home.example.org") is True
    before = everything()
    for late in (first, postmark_bounce(message), {**first, "Metadata": {}}):
        postmark(client, late)
    assert everything() == before
    message.refresh_from_db()
    assert (message.to_email, message.state, message.outcome, message.provider_id) == (
        "bea@home.example.org", State.QUEUED, "", "",
    )  # fmt: skip


@pytest.mark.parametrize("secret", ["events:wrong", "", "a-long-password"])
def test_a_forged_event_of_postmark_is_refused_and_changes_nothing(client, by_postmark, secret):
    message = left(State.UNCERTAIN)
    before = everything()
    assert postmark(client, postmark_bounce(message), secret).status_code == 400
    assert everything() == before


def test_an_event_without_any_secret_is_refused(client, by_postmark):
    message = left(State.UNCERTAIN)
    said = client.post(post.url("postmark"), json.dumps(postmark_event(message)), "application/json")
    assert (said.status_code, became(message)[0]) == (400, State.UNCERTAIN)


def test_mailgun_is_believed_by_its_signature_alone(client, by_mailgun):
    message = left(State.UNCERTAIN)
    before = everything()
    assert mailgun(client, mailgun_event(message), key="another key").status_code == 400
    assert everything() == before
    assert mailgun(client, mailgun_event(message)).status_code == 200
    assert became(message) == (State.SENT, Outcome.DELIVERED, "")


def test_mailgun_bounce_and_complaint(client, by_mailgun):
    message = left(State.UNCERTAIN)
    mailgun(client, mailgun_bounce(message))
    assert became(message) == (State.PARKED, Outcome.BOUNCED, "5.1.1 no such person")
    assert list(Suppression.objects.values_list("email", "why")) == [(BEA, "bounced")]
    mailgun(client, mailgun_event(message, "complained"))
    assert became(message)[1] == Outcome.COMPLAINED


def test_mailgun_that_gave_up_on_a_server_that_was_away_leaves_words(client, by_mailgun):
    message = left()
    mailgun(client, mailgun_bounce(message, reason="old"))
    assert became(message) == (State.SENT, "", "5.1.1 no such person")


def test_sparkpost_tells_several_things_at_once(client, settings):
    post.use(settings, "sparkpost")
    message = left(State.UNCERTAIN)

    def told(kind, **more):
        about = {"type": kind, "timestamp": "1760529834", "raw_rcpt_to": BEA, "transmission_id": "6557"}
        return {"msys": {"message_event": {**about, "rcpt_meta": events.metadata(message), **more}}}

    both = [told("delivery"), {"msys": {}}, told("bounce", bounce_class="10", raw_reason="550 gone")]
    body = json.dumps(both)
    assert client.post(post.url("sparkpost"), body, "application/json", headers=post.basic()).status_code == 200
    assert became(message) == (State.SENT, Outcome.BOUNCED, "550 gone")
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("provider", ["mailgun", "sparkpost", "sendgrid", "nobody"])
def test_only_the_provider_that_we_send_with_is_listened_to(client, by_postmark, provider):
    message = left(State.UNCERTAIN)
    said = client.post(
        post.url(provider), json.dumps(postmark_event(message)), "application/json", headers=post.basic()
    )
    assert (said.status_code, became(message)[0]) == (404, State.UNCERTAIN)


def test_without_a_provider_nobody_is_listened_to(client, settings):
    settings.MAIL_PROVIDER = ""
    assert postmark(client, postmark_event()).status_code == 404


def test_looking_changes_nothing(client, by_postmark):
    before = everything()
    assert [getattr(client, how)(post.url("postmark")).status_code for how in ("get", "head")] == [405, 200]
    assert everything() == before


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "7", '"x"', "[null]", '{"Metadata": null}', '{"RecordType": "Inbound"}', "\x00",
             '{"RecordType": "Delivery", "DeliveredAt": 7}', '{"RecordType": []}']
)  # fmt: skip
@pytest.mark.parametrize("provider", ["postmark", "mailgun", "sparkpost"])
def test_what_cannot_be_read_is_refused(client, settings, provider, body):
    post.use(settings, provider)
    said = client.post(post.url(provider), body, "application/json", headers=post.basic())
    assert said.status_code in (200, 400)
    assert everything() == [[], [], []]


# -------------------------------------------------------------------------------------------------------- which mail is meant


def test_an_event_finds_its_mail_by_the_providers_number_too(client, by_postmark):
    message = left(provider_id=post.THEIRS)
    postmark(client, postmark_event())
    assert became(message)[1] == Outcome.DELIVERED


def test_an_event_finds_its_mail_by_the_message_id_too(client, by_mailgun):
    message = left()
    mailgun(client, mailgun_event(message_id=message.message_id.strip("<>")))
    assert became(message)[1] == Outcome.DELIVERED


@pytest.mark.parametrize(
    "theirs",
    [
        {"site": "another.example.org"},
        {"mail": "999999"},
        {"mail": "9" * 40},
        {"attempt": "0"},
        {"mail": "1' or '1'='1"},
        {"mail": "", "attempt": ""},
    ],
)
def test_an_event_about_no_mail_of_ours_is_passed_over_with_one_line(client, by_postmark, caplog, theirs):
    message = left(State.UNCERTAIN)
    before = everything()
    with caplog.at_level("INFO", "mail"):
        said = postmark(client, postmark_bounce(Metadata={**events.metadata(message), **theirs}))
    assert (said.status_code, everything()) == (200, before)
    [line] = [one.getMessage() for one in caplog.records if one.name.startswith("mail")]
    assert line == "an event (bounced) of the mail provider is about no mail of this site"


def test_an_event_about_an_address_that_the_mail_does_not_go_to_is_passed_over(client, by_postmark):
    message = left(State.UNCERTAIN)
    postmark(client, postmark_bounce(message, email="canary@example.org"))
    assert (became(message)[0], Suppression.objects.count()) == (State.UNCERTAIN, 0)


# --------------------------------------------------------------------------------------------------------------- two readers


def two(state=State.SENT):
    return left(state, also_email=MO, also_name="Mo Castellanos")


def split():
    found = Message.objects.order_by("pk").values_list("key", "to_email", "also_email", "state", "outcome")
    return [(key, to, also, State(state), outcome) for key, to, also, state, outcome in found]


def test_a_mail_to_two_is_delivered_when_both_have_it(client, by_postmark):
    message = two(State.UNCERTAIN)
    postmark(client, postmark_event(message))
    postmark(client, postmark_event(message))
    assert became(message) == (State.SENT, "", BEA)
    postmark(client, postmark_event(message, email=MO))
    assert became(message) == (State.SENT, Outcome.DELIVERED, "")
    before = everything()
    postmark(client, postmark_event(message, email=MO))
    assert everything() == before


@pytest.mark.parametrize("first", ["delivered", "bounced"])
@pytest.mark.parametrize("state", [State.SENT, State.UNCERTAIN])
def test_of_a_mail_to_two_only_the_side_that_failed_counts(client, by_postmark, first, state):
    message = two(state)
    told = [postmark_event(message), postmark_bounce(message, email=MO)]
    for event in told if first == "delivered" else reversed(told):
        postmark(client, event)
    # Once one of the two has it, the mail has left for both.
    back = State.PARKED if (state, first) == (State.UNCERTAIN, "bounced") else State.SENT
    assert split() == [
        ("note:1", BEA, "", State.SENT, Outcome.DELIVERED),
        ("note:1:alone", MO, "", back, Outcome.BOUNCED),
    ]
    assert list(Suppression.objects.values_list("email", flat=True)) == [MO]
    before = everything()
    for event in told:
        postmark(client, event)
    assert everything() == before


def test_that_both_had_it_is_not_forgotten_of_the_other_when_one_of_them_complains(client, by_postmark):
    message = two()
    for event in (postmark_event(message), postmark_event(message, email=MO), postmark_complaint(message)):
        postmark(client, event)
    assert split() == [
        ("note:1", MO, "", State.SENT, Outcome.DELIVERED),
        ("note:1:alone", BEA, "", State.SENT, Outcome.COMPLAINED),
    ]


def test_both_sides_may_come_back(client, by_postmark):
    message = two()
    postmark(client, postmark_bounce(message))
    postmark(client, postmark_bounce(message, email=MO))
    assert sorted(split()) == [
        ("note:1", MO, "", State.SENT, Outcome.BOUNCED),
        ("note:1:alone", BEA, "", State.SENT, Outcome.BOUNCED),
    ]


def test_somebodys_word_has_the_same_effect(client):
    message = two()
    assert events.tell(message, MO, Said(Outcome.BOUNCED, "It came back.", fails=True), LATER) is True
    assert events.tell(message, MO, Said(Outcome.BOUNCED, "It came back.", fails=True), LATER) is False
    assert split() == [("note:1", BEA, "", State.SENT, ""), ("note:1:alone", MO, "", State.SENT, Outcome.BOUNCED)]
