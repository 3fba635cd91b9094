"""Mail servers that misbehave, on real sockets: nothing is lost, nothing goes twice, and the committee reads in words how it is."""

import socket
from datetime import timedelta

import pytest

from mail import addresses, delivery, heartbeat, outbox, server
from mail.models import Heartbeat, Message, Suppression
from mail.tests.make import NOW, make_message
from mail.tests.misbehaving import CLOSE, HANG, KEEP_AND_CLOSE, Server
from members.models import Entry

pytestmark = pytest.mark.django_db
State = Message.State
MINUTE = timedelta(minutes=1)
BROKE = "The line to the mail server broke before it had the mail: "
UNSAID = "The mail server had the whole mail and did not say whether it took it: "
SENDER = "The mail server did not take our own address as the sender: "
GONE = "Connection unexpectedly closed"


@pytest.fixture(params=[False, True], ids=["one by one", "in one go"])
def serve(settings, request):
    """Start a server with these plans, to which mail goes; one that takes a command at a time, and one that takes several."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = server.DJANGOS, "127.0.0.1", 0.3
    started = []

    def serve(*plans):
        started.append(Server(*plans, in_one_go=request.param))
        settings.EMAIL_PORT = started[-1].port
        return started[-1]

    yield serve
    for one in started:
        one.close()


def stand():
    """Every mail as it stands now, in its order: (state, words, minutes until it leaves)."""
    rows = Message.objects.order_by("pk").values_list("state", "refusal", "leaves_at")
    return [(state, words, (leaves_at - NOW) // MINUTE) for state, words, leaves_at in rows]


def away():
    """What was heard last of a server that is away."""
    return Heartbeat.objects.filter(name=server.SERVER).values_list("words", flat=True).first()


def test_a_well_behaved_server_takes_all_over_one_line(serve):
    here = serve()
    for number in range(3):
        make_message(number)
    assert [message.state for message in delivery.deliver(NOW)] == [State.SENT] * 3
    assert (here.numbers(), here.connections) == ([f"<note-{number}@kla.example.org>" for number in range(3)], 1)
    assert stand() == [(State.SENT, "", 0)] * 3
    assert away() is None


def test_a_mail_is_offered_in_one_go_to_a_server_that_takes_it_so(serve, request, monkeypatch):
    said, send = [], server.Line.send
    monkeypatch.setattr(server.Line, "send", lambda line, data: said.append(data) or send(line, data))
    serve()
    make_message(also_email="mo@farrow.example.org")
    delivery.deliver(NOW)
    offered = [data.upper()[:4] for data in said if str(data).upper()[:4] in ("MAIL", "RCPT", "DATA")]
    in_one_go = "in one go" in request.node.name
    assert offered == (["MAIL"] if in_one_go else ["MAIL", "RCPT", "RCPT", "DATA"])
    assert stand() == [(State.SENT, "", 0)]


def test_an_address_that_is_none_is_parked_and_the_next_mail_leaves(serve):
    here = serve()
    for number, email in enumerate(["", "a@b\r\nRCPT TO:<x@example.org>", "bea@larkin.example.net"]):
        make_message(number, to_email=email)
    delivery.deliver(NOW)
    assert [state for state, _words, _minutes in stand()] == [State.PARKED] * 2 + [State.SENT]
    assert here.numbers() == ["<note-2@kla.example.org>"]


# ------------------------------------------------------------------------------------------------ it cannot be reached


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"greeting": "554 go away"}, "554 go away"),
        ({"greeting": CLOSE}, GONE),
        ({"greeting": HANG}, "timed out"),
        ({"greeting": "??? nonsense"}, "nonsense"),
        ({"EHLO": "550 not you"}, "550 not you"),
        ({"EHLO": CLOSE}, GONE),
        ({"EHLO": "421 too many of you"}, "421 too many of you"),
        ({"AUTH": "535 wrong password"}, "535 wrong password"),
    ],
)
def test_a_server_that_turns_everybody_away_costs_a_mail_nothing_and_is_quoted(serve, settings, plan, words):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "kla", "secret"
    here = serve(plan, {})
    make_message()
    assert delivery.deliver(NOW) == []
    assert words in away()
    assert Message.objects.get().attempts == 0
    assert stand() == [(State.QUEUED, "", 0)]
    delivery.deliver(NOW + MINUTE)
    assert (len(here.taken), away()) == (1, None)


def test_a_port_at_which_nobody_listens_is_said_since_when(serve):
    here = serve()
    here.close()
    make_message()
    for minutes in (0, 5, 10):
        assert delivery.deliver(NOW + minutes * MINUTE) == []
    found = heartbeat.look(NOW + 10 * MINUTE).away
    assert (found.since, "refused" in found.words) == (NOW, True)


def test_a_name_that_does_not_exist_is_said_too(serve, settings, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    serve()
    monkeypatch.setattr(socket, "create_connection", unknown)
    make_message()
    assert delivery.deliver(NOW) == []
    assert "Name or service not known" in away()
    monkeypatch.undo()


# ------------------------------------------------------------------------------- the line breaks before it has the mail


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"MAIL": CLOSE}, GONE),
        ({"MAIL": HANG}, f"{GONE}: timed out"),
        ({"RCPT": CLOSE}, GONE),
        ({"RCPT": HANG}, f"{GONE}: timed out"),
        ({"DATA": CLOSE}, GONE),
        ({"DATA": HANG}, f"{GONE}: timed out"),
        ({"MAIL": "x" * 9000}, "500 Line too long."),
        ({"DATA": "??? nonsense"}, "nonsense"),
    ],
)
def test_until_the_last_dot_a_mail_is_offered_again_and_goes_once(serve, plan, words):
    here = serve(plan, {})
    make_message()
    delivery.deliver(NOW)
    assert stand() == [(State.QUEUED, BROKE + words, 5)]
    assert away() == BROKE + words
    delivery.deliver(NOW + 5 * MINUTE)
    assert (len(here.taken), Message.objects.get().state, away()) == (1, State.SENT, None)


def test_a_line_that_breaks_within_a_long_mail_has_not_taken_it(serve):
    here = serve({"body": CLOSE}, {})
    make_message(text=("x" * 75 + "\n") * 60_000)
    delivery.deliver(NOW)
    [(state, words, minutes)] = stand()
    assert (state, words.startswith(BROKE), minutes) == (State.QUEUED, True, 5)
    assert here.taken == []


@pytest.mark.parametrize("last", [CLOSE, "421 enough for now"])
def test_a_line_that_ends_between_two_mails_costs_nobody_a_wait(serve, last):
    here = serve({"MAIL": ["250 go on", "250 go on", last]}, {})
    for number in range(4):
        make_message(number)
    delivery.deliver(NOW)
    assert (here.numbers(), here.connections) == ([f"<note-{number}@kla.example.org>" for number in range(4)], 2)
    assert {state for state, _words, _minutes in stand()} == {State.SENT}
    assert away() is None


def test_a_server_that_says_421_to_every_mail_is_left_alone_for_a_while(serve):
    here = serve({"MAIL": "421 overloaded"})
    for number in range(2):
        make_message(number)
    while delivery.deliver(NOW):
        continue
    assert stand() == [(State.QUEUED, SENDER + "421 overloaded", 5)] * 2
    assert (here.taken, here.connections) == ([], 2)


def test_a_sender_that_is_refused_parks_nothing(serve):
    here = serve({"MAIL": "550 we do not know you"}, {})
    make_message()
    delivery.deliver(NOW)
    assert stand() == [(State.QUEUED, SENDER + "550 we do not know you", 5)]
    assert away() == SENDER + "550 we do not know you"
    delivery.deliver(NOW + 5 * MINUTE)
    assert len(here.taken) == 1


# --------------------------------------------------------------------------------- it has the mail and does not say so


@pytest.mark.parametrize(
    ("dot", "words"),
    [
        (KEEP_AND_CLOSE, GONE),
        (CLOSE, GONE),
        (HANG, f"{GONE}: timed out"),
        ("??? nonsense", "nonsense"),
        ("y" * 9000, "500 Line too long."),
        ("200 perhaps", "200 perhaps"),
    ],
)
def test_after_the_last_dot_nobody_is_sure_and_it_never_goes_again_by_itself(serve, dot, words):
    here = serve({"dot": dot}, {})
    make_message(1)
    make_message(2)
    delivery.deliver(NOW)
    delivery.deliver(NOW + timedelta(days=1))
    assert stand() == [(State.UNCERTAIN, UNSAID + words, 0), (State.SENT, "", 0)]
    assert here.numbers().count("<note-2@kla.example.org>") == 1
    assert here.numbers().count("<note-1@kla.example.org>") <= 1


def test_the_control_that_forgets_what_was_handed_over_sends_twice(serve, monkeypatch):
    here = serve({"dot": KEEP_AND_CLOSE}, {})
    monkeypatch.setattr(server, "went_whole", lambda line: False)
    make_message()
    delivery.deliver(NOW)
    delivery.deliver(NOW + 5 * MINUTE)
    assert here.numbers() == ["<note-1@kla.example.org>"] * 2


def test_a_small_mail_has_gone_whole_when_the_line_breaks_within_it(serve):
    serve({"body": CLOSE}, {})
    make_message()
    delivery.deliver(NOW)
    [(state, words, _minutes)] = stand()
    assert (state, words.startswith(UNSAID)) == (State.UNCERTAIN, True)  # it lay with the machines between us


def test_a_server_that_dies_after_its_yes_has_taken_it(serve):
    here = serve({"dot": "250 taken", "MAIL": ["250 go on", CLOSE]}, {})
    for number in range(3):
        make_message(number)
    delivery.deliver(NOW)
    assert here.numbers() == [f"<note-{number}@kla.example.org>" for number in range(3)]
    assert {state for state, _words, _minutes in stand()} == {State.SENT}


# -------------------------------------------------------------------------------------------------------- it says no


@pytest.mark.parametrize("moment", ["RCPT", "DATA", "dot"])
def test_not_now_for_an_hour_and_then_yes_is_one_mail(serve, moment):
    here = serve({moment: "451 not now"})
    make_message()
    at = []
    for minute in range(61):
        at += [minute for _message in delivery.deliver(NOW + minute * MINUTE)]
    assert at == [0, 5, 15, 35]
    assert stand() == [(State.QUEUED, "451 not now", 75)]
    assert heartbeat.look(NOW + 60 * MINUTE).put_off == 1
    here.plans = [{}]
    for minute in range(61, 121):
        at += [minute for _message in delivery.deliver(NOW + minute * MINUTE)]
    assert (at, len(here.taken)) == ([0, 5, 15, 35, 75], 1)


@pytest.mark.parametrize("moment", ["RCPT", "DATA", "dot"])
def test_no_for_one_mail_parks_it_with_the_servers_words_and_the_next_goes(serve, moment):
    here = serve({moment: "550 5.7.1 not from you"}, {})
    make_message(1)
    make_message(2)
    delivery.deliver(NOW)
    delivery.deliver(NOW + timedelta(days=1))
    assert stand() == [(State.PARKED, "550 5.7.1 not from you", 0), (State.SENT, "", 0)]
    assert here.numbers() == ["<note-2@kla.example.org>"]
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("words", ["550 5.1.1 no such reader", "556 5.1.10 takes no mail", "550 5.1.6 has moved"])
def test_no_such_reader_is_an_address_that_fails_and_what_else_waits_for_it_is_not_tried(serve, words):
    here = serve({"RCPT": words}, {})
    for number in (1, 2):
        make_message(number)
    make_message(3, to_email="mo@farrow.example.org")
    delivery.deliver(NOW)
    kept_back = f"Mail to this address came back: “{words}”"
    assert stand() == [(State.PARKED, words, 0), (State.PARKED, kept_back, 0), (State.SENT, "", 0)]
    assert here.numbers() == ["<note-3@kla.example.org>"]
    assert [(row[0], row[3], row[4]) for row in outcomes()] == [
        ("bea@larkin.example.net", "bounced", words),
        ("bea@larkin.example.net", "", ""),
        ("mo@farrow.example.org", "", ""),
    ]
    assert list(Suppression.objects.values_list("email", "words")) == [("bea@larkin.example.net", words)]
    assert list(Entry.objects.values_list("verb", "scope")) == [("address_fails", "program:kla")]
    outbox.readdress("bea@larkin.example.net", "bea@home.example.org", NOW)
    assert [state for state, _words, _minutes in stand()] == [State.QUEUED, State.QUEUED, State.SENT]


@pytest.mark.parametrize("words", ["550 5.1.8 your own domain", "450 5.1.1 ask me later", "550 5.1.15 what is this"])
def test_other_words_are_not_about_the_reader(serve, words):
    serve({"RCPT": words})
    make_message()
    delivery.deliver(NOW)
    assert Suppression.objects.count() == 0


def test_a_mail_that_is_too_large_is_parked(serve):
    serve({"MAIL": "552 5.3.4 too large"})
    make_message()
    delivery.deliver(NOW)
    assert stand() == [(State.PARKED, "552 5.3.4 too large", 0)]


# ------------------------------------------------------------------------------------------------------- two readers


def introduction():
    return make_message(also_email="mo@farrow.example.org", also_name="Mo Castellanos")


def outcomes():
    rows = Message.objects.order_by("pk").values_list("to_email", "also_email", "state", "outcome", "outcome_words")
    return list(rows)


def test_who_of_two_is_refused_has_a_mail_that_came_back_with_the_servers_words(serve):
    here = serve({"RCPT": ["250 go on", "550 5.1.1 no such reader"]})
    introduction()
    delivery.deliver(NOW)
    assert len(here.taken) == 1
    assert outcomes() == [
        ("bea@larkin.example.net", "", State.SENT, "", ""),
        ("mo@farrow.example.org", "", State.SENT, "bounced", "550 5.1.1 no such reader"),
    ]
    assert [row.email for row in Suppression.objects.all()] == ["mo@farrow.example.org"]


def test_a_worker_that_dies_while_it_writes_down_who_was_put_off_leaves_nobody_with_a_mail_that_was_sent(
    serve, monkeypatch
):
    serve({"RCPT": ["250 go on", "450 greylisted"]})
    introduction()
    parted = addresses.alone

    def parted_and_killed(message, email):
        parted(message, email)
        raise KeyboardInterrupt

    monkeypatch.setattr(addresses, "alone", parted_and_killed)
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver(NOW)
    assert outcomes() == [("bea@larkin.example.net", "mo@farrow.example.org", State.CLAIMED, "", "")]


def test_a_refusal_that_is_not_about_the_address_does_not_close_it(serve):
    serve({"RCPT": ["550 5.7.1 not from you", "250 go on"]})
    introduction()
    delivery.deliver(NOW)
    assert outcomes() == [
        ("mo@farrow.example.org", "", State.SENT, "", ""),
        ("bea@larkin.example.net", "", State.SENT, "bounced", "550 5.7.1 not from you"),
    ]
    assert Suppression.objects.count() == 0


def test_who_of_two_is_put_off_gets_it_later_and_the_other_one_once(serve):
    here = serve({"RCPT": ["250 go on", "450 greylisted"]}, {})
    introduction()
    delivery.deliver(NOW)
    delivery.deliver(NOW + 5 * MINUTE)
    assert outcomes() == [
        ("bea@larkin.example.net", "", State.SENT, "", ""),
        ("mo@farrow.example.org", "", State.SENT, "", ""),
    ]
    assert len(here.taken) == 2
