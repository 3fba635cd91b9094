"""Another address: what waits goes along, what was left stays left, and who reads mail at an address again has mended it."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from mail import addresses
from mail.models import Message, OptOut, Suppression
from mail.tests.make import NOW, make_message
from members import clock, people

pytestmark = pytest.mark.django_db
State = Message.State
OLD, NEW = "bea@larkin.example.net", "bea@home.example"


@pytest.fixture
def bea(client):
    bea = people.welcome(OLD)
    client.force_login(bea)
    return bea


@pytest.fixture
def two(bea):
    return people.welcome(OLD) and EmailAddress.objects.create(user=bea, email=NEW, verified=True)


def fails(email):
    addresses.suppress(email, Suppression.Why.BOUNCED, "550 gone", NOW)


def press(client, action, email=NEW):
    return client.post(reverse("account_email"), {"email": email, f"action_{action}": "1"})


def waiting():
    return list(Message.objects.filter(secret=False).order_by("pk").values_list("to_email", "state"))


def test_where_our_mails_go_is_changed_with_one_press_and_what_waits_goes_along(client, bea, two):
    make_message(1, leaves_at=clock.now())  # what is older than six weeks does not go along
    fails(OLD)
    make_message(2, state=State.SENT)
    OptOut.objects.create(email=OLD, scope="program:kla", kind=Message.Kind.TOPIC, since=NOW)
    assert waiting() == [(OLD, State.PARKED), (OLD, State.SENT)]
    press(client, "primary")
    bea.refresh_from_db()
    assert (bea.email, bea.own_addresses()) == (NEW, [NEW, OLD])
    assert waiting() == [(NEW, State.QUEUED), (OLD, State.SENT)]
    assert sorted(OptOut.objects.values_list("email", flat=True)) == [NEW, OLD]
    assert people.unreachable([bea]) == {}


def test_if_the_mail_cannot_go_along_the_address_is_not_changed(client, bea, two, monkeypatch):
    make_message(1)
    monkeypatch.setattr(people.outbox, "readdress", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        press(client, "primary")
    bea.refresh_from_db()
    primary = EmailAddress.objects.get(user=bea, primary=True)
    assert (bea.email, primary.email, waiting()) == (OLD, OLD, [(OLD, State.QUEUED)])


def test_what_waits_for_an_address_that_is_taken_off_goes_to_the_one_that_our_mails_go_to(client, bea, two):
    make_message(1, to_email=NEW)
    press(client, "remove")
    assert waiting() == [(OLD, State.QUEUED)]
    assert bea.own_addresses() == [OLD]


def test_nobody_draws_mail_to_themselves_by_naming_an_address(client, bea):
    make_message(1, to_email="mo@farrow.example.org")
    EmailAddress.objects.create(user=bea, email="mo@farrow.example.org", verified=False)
    for action in ("primary", "remove"):
        press(client, action, "mo@farrow.example.org")
    bea.refresh_from_db()
    assert (bea.email, waiting()) == (OLD, [("mo@farrow.example.org", State.QUEUED)])


def test_who_signs_in_with_a_code_has_shown_that_mail_arrives(client, bea):
    fails(OLD)
    client.logout()
    client.post(reverse("account_login"), {"email": OLD})
    code = re.search(r"\b(\d{3} \d{3})\b", Message.objects.get(name="sign_in_code").text)[1]
    assert Suppression.objects.count() == 1
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert Suppression.objects.count() == 0


def test_who_proves_a_further_address_has_shown_it_too(client, bea):
    fails(NEW)
    press(client, "add")
    code = re.search(r"Your code: (\S+)", Message.objects.get(name="confirm_address").text)[1]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert Suppression.objects.count() == 0


def test_the_page_says_which_address_fails(client, bea, two):
    fails(OLD)
    page = " ".join(client.get(reverse("account_email")).content.decode().split())
    assert "our mails go here; but mail to it comes back" in page
    assert "also yours</span>" in page


@pytest.mark.parametrize(
    ("failing", "found"), [((), NEW), ((OLD,), NEW), ((NEW,), ""), ((OLD, NEW), "")], ids=["none", "old", "new", "both"]
)
def test_where_else_somebody_is_reached(bea, two, failing, found):
    for email in failing:
        fails(email)
    assert people.also_at(bea) == found


def test_whom_mail_does_not_reach(bea, two):
    mo = people.welcome("mo@farrow.example.org")
    fails(NEW)
    assert people.unreachable([bea, mo]) == {}
    fails(OLD)
    with_reason = people.unreachable([bea, mo])
    assert {pk: row.words for pk, row in with_reason.items()} == {bea.pk: "550 gone"}
    assert with_reason[bea.pk].since == datetime(2025, 10, 15, 12, tzinfo=UTC)
