"""Names and subjects that nobody would write: none adds a header, none turns another round, none holds up the next mail."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail import delivery, outbox
from mail.models import Message
from mail.tests.make import NOW, make_message

PIECES = [
    *'\r\n\0\x0b\x85\u2028\u2029\u202a\u202e\u2066\u2069\u200f\ud800\udfff,;:<>@"\\()=?_ \t',
    *["\r\nBcc: all@example.org", "\r\n\r\n", "=?utf-8?q?=0D=0ABcc:_x?=", "\u05d0\u05d1\u05d2", "é", "x" * 99],
]
NASTY = st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=12).map("".join)
FIELDS = ["from_name", "to_name", "also_name", "reply_to", "to_email", "subject", "text"]
HEADERS = {
    "Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted",
}  # fmt: skip
POISON = [
    {"subject": "two\nlines"},
    {"from_name": "a\r\nBcc: x@example.org"},
    {"reply_to": "x@example.org\nBcc: y@example.org"},
]


class Wire:
    """Takes every mail as it goes over the line."""

    def __init__(self):
        self.mails = []

    def send_messages(self, mails):
        self.mails += [mail.message().as_bytes(linesep="\r\n") for mail in mails]


def made(**fields):
    """A mail to Bea, not saved."""
    given = {"subject": "A word", "text": "Good morning.\n", "html": "<p>Good morning.</p>", "from_name": "KLA"}
    to = {"reply_to": "mentoring@kla.example.org", "to_email": "bea@larkin.example.net", "to_name": "Bea"}
    return Message(**{"pk": 1, "kind": "essential", "message_id": "<note-1@kla.example.org>", **given, **to, **fields})


@given(NASTY, NASTY, NASTY)
@settings(max_examples=200, deadline=None)
def test_whatever_a_name_holds_a_mail_has_its_own_headers_and_no_other(sender, reader, subject):
    wire = Wire()
    fields = {"from_name": outbox.line(sender)[:120], "to_name": outbox.line(reader)[:150]}
    delivery.send(made(**fields, subject=outbox.line(subject)[:200]), wire)
    [sent] = wire.mails
    arrived = message_from_bytes(sent, policy=policy.default)
    assert sorted(arrived.keys()) == sorted(HEADERS)
    assert [one.addr_spec for one in arrived["To"].addresses] == ["bea@larkin.example.net"]
    assert not outbox.TURNING.search("".join(str(arrived[name]) for name in ("From", "To", "Subject")))


@given(st.sampled_from(FIELDS), NASTY)
@settings(max_examples=200, deadline=None)
def test_a_row_that_was_not_cleaned_goes_as_it_should_or_is_refused_and_nothing_else(field, value):
    wire, refused = Wire(), []
    fields = {"also_email": "mo@farrow.example.org"} if field == "also_name" else {}
    try:
        delivery.send(made(**{**fields, field: value}), wire)
    except delivery.Refused as said:
        refused = [said]
    assert [(one.again, one.unsure) for one in refused] == [(False, False)] * (1 - len(wire.mails))
    assert all(set(message_from_bytes(sent).keys()) <= HEADERS for sent in wire.mails)


@pytest.mark.django_db
@pytest.mark.parametrize("poison", POISON)
def test_poison_is_parked_and_the_next_mail_leaves(poison, mailoutbox):
    bad = make_message(1, **poison)
    make_message(2)
    delivery.deliver(NOW)
    bad.refresh_from_db()
    assert (bad.state, bad.refusal.startswith("This mail cannot be written"), len(mailoutbox)) == ("parked", True, 1)


def test_a_right_to_left_name_stays_what_it_is_and_turns_nothing_round():
    assert outbox.line("\u05d3\u05d5\u05d3 \u05db\u05d4\u05df") == "\u05d3\u05d5\u05d3 \u05db\u05d4\u05df"
    assert outbox.line("Bea \u202egro.elpmaxe@live\u202c \u2066x\u2069") == "Bea gro.elpmaxe@live x"
    assert outbox.line("a\u2028b\u0085c\x00d") == "a b c d"


def test_a_name_is_never_read_as_an_encoding_of_another():
    assert outbox.line("=?utf-8?q?=0D=0ABcc:_x?=") == "= ?utf-8?q?=0D=0ABcc:_x?="
