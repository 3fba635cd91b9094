"""Signing in: one address, a code and a link, the same for people we know and people we don't."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse

from mail.models import Message
from members import clock, people
from members.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


@pytest.fixture
def bea():
    return people.welcome("bea@larkin.example.net")


def ask(client, email="bea@larkin.example.net", **data):
    return client.post(reverse("account_login"), {"email": email, **data})


def mailed():
    """The code and the link of the last mail."""
    text = Message.objects.latest("pk").text
    return re.search(r"Your code: (\d{3} \d{3})", text)[1], re.search(r"https?://\S+(/account/login/link/\S+)", text)[1]


def signed_in(client):
    """Whose session this browser has."""
    return User.objects.filter(pk=client.session.get("_auth_user_id")).values_list("email", flat=True).first()


def test_the_mailed_code_signs_in(client, bea):
    assert ask(client).url == reverse("account_confirm_login_code")
    code, _link = mailed()
    assert client.post(reverse("account_confirm_login_code"), {"code": code}).status_code == 302
    assert signed_in(client) == "bea@larkin.example.net"


def test_the_link_signs_in_another_browser_and_goes_on_where_one_was(client, bea):
    from django.test import Client

    ask(client, next="/who-reads-what/")
    mail_app = Client()
    assert b"bea@larkin.example.net" in mail_app.get(mailed()[1]).content
    assert mail_app.post(mailed()[1]).url == "/who-reads-what/"
    assert signed_in(mail_app) == "bea@larkin.example.net"


def test_opening_the_link_changes_nothing(client, bea, django_assert_num_queries):
    ask(client)
    link = mailed()[1]
    before = User.objects.values_list("last_login", flat=True).get(pk=bea.pk)
    client.get(link)
    client.head(link)
    assert signed_in(client) is None
    assert User.objects.values_list("last_login", flat=True).get(pk=bea.pk) == before


def test_a_link_works_once(client, bea):
    ask(client)
    link = mailed()[1]
    client.post(link)
    client.logout()
    assert client.post(link).status_code == 410
    assert signed_in(client) is None


@pytest.mark.parametrize(("minutes", "status"), [(19, 200), (21, 410)])
def test_a_link_is_good_for_twenty_minutes(client, bea, minutes, status):
    ask(client)
    link = mailed()[1]
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        assert client.get(link).status_code == status


def test_a_code_is_over_after_twenty_minutes(client, bea):
    ask(client)
    code, _link = mailed()
    with clock.at(clock.now() + timedelta(minutes=21)):
        assert client.post(reverse("account_confirm_login_code"), {"code": code}).url == reverse("account_login")
    assert signed_in(client) is None


def test_a_changed_link_is_no_link(client, bea):
    ask(client)
    assert client.post(mailed()[1][:-4] + "xxx/").status_code == 410


def test_a_stranger_reads_the_same_as_a_known_person_and_gets_an_account_by_the_code(client, bea):
    from django.test import Client

    known, unknown = Client(), Client()
    answers = [ask(known, "bea@larkin.example.net"), ask(unknown, "sam@elsewhere.example")]
    assert [(answer.status_code, answer.url, answer.content) for answer in answers] == [
        (302, reverse("account_confirm_login_code"), b"")
    ] * 2
    pages = [browser.get(reverse("account_confirm_login_code")).content.decode() for browser in (known, unknown)]
    same = [re.sub(r'value="\w{64}"|bea@larkin.example.net|sam@elsewhere.example', "", page) for page in pages]
    assert same[0] == same[1]
    assert not User.objects.filter(email="sam@elsewhere.example").exists()
    assert list(Message.objects.values_list("name", "secret").order_by("pk")) == [("sign_in_code", True)] * 2
    unknown.post(reverse("account_confirm_login_code"), {"code": mailed()[0]})
    assert signed_in(unknown) == "sam@elsewhere.example"
    assert EmailAddress.objects.values_list("verified", "primary").get(email="sam@elsewhere.example") == (True, True)


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(client, bea):
    ask(client)
    code, _link = mailed()
    wrong = "000000" if code != "000 000" else "111111"
    for _try in range(5):
        client.post(reverse("account_confirm_login_code"), {"code": wrong})
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert signed_in(client) is None


def test_a_code_is_for_the_browser_that_asked(client, bea):
    from django.test import Client

    ask(client)
    thief = Client()
    ask(thief, "sam@elsewhere.example")
    first = Message.objects.order_by("pk").first()
    thief.post(reverse("account_confirm_login_code"), {"code": re.search(r"(\d{3} \d{3})", first.text)[1]})
    assert signed_in(thief) is None


def test_nobody_is_sent_codes_without_end(client, bea):
    for _try in range(5):
        ask(client)
    assert Message.objects.count() == 3
    assert b"We have just sent codes to this address" in ask(client).content


@pytest.mark.parametrize(
    "email",
    ["", "bea", "bea@", "b\0ea@larkin.example.net", "x" * 300 + "@example.org", "a@b.example\nBcc: c@d.example"],
)
def test_a_bad_address_is_told_and_sends_nothing(client, email):
    answer = ask(client, email)
    assert answer.status_code == 200
    assert b'id="id_email_error"' in answer.content
    assert Message.objects.count() == 0


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client, bea, next_url):
    ask(client, next=next_url)
    assert client.post(mailed()[1]).url == reverse("my")


@pytest.mark.parametrize("next_url", ["elsewhere", "my", "?page=2"])
def test_an_address_that_is_none_leads_to_ones_own_page(client, bea, next_url):
    ask(client, next=next_url)
    assert client.post(mailed()[1]).url == reverse("my")
    assert client.get(reverse("account_login"), {"next": next_url}).url == reverse("my")


def test_a_password_is_a_second_way_in(client, bea):
    bea.set_password("correct horse battery staple")
    bea.save()
    data = {"login": bea.email, "password": "correct horse battery staple"}
    assert client.post(reverse("sign_in_with_password"), data).status_code == 302
    assert signed_in(client) == bea.email


def test_allauths_own_ways_in_lead_to_ours(client):
    for name in ("account_signup", "account_request_login_code"):
        assert client.get(reverse(name)).url == reverse("account_login")
    assert client.post("/account/signup/", {"email": "sam@elsewhere.example"}).status_code in (302, 405)
    assert Message.objects.count() == 0


def test_a_second_address_finds_the_same_person(client, bea):
    EmailAddress.objects.create(user=bea, email="bea@home.example", verified=True)
    assert people.behind("BEA@home.example") == bea
    assert people.welcome("bea@home.example") == bea


def test_an_address_that_somebody_else_merely_claims_is_not_theirs(bea):
    sam = people.welcome("sam@elsewhere.example")
    EmailAddress.objects.create(user=sam, email="cal@harrow.example", verified=False)
    cal = people.welcome("cal@harrow.example")
    assert (cal != sam, cal.email) == (True, "cal@harrow.example")


def test_one_corrects_ones_own_name(client, bea):
    client.force_login(bea)
    client.post(reverse("account"), {"first_name": "Bea", "last_name": "Lindqvist", "phone": ""})
    bea.refresh_from_db()
    assert bea.get_full_name() == "Bea Lindqvist"


def test_another_address_is_proved_by_its_own_code(client, bea):
    client.force_login(bea)
    client.post(reverse("account_email"), {"email": "bea@home.example", "action_add": "1"})
    message = Message.objects.get()
    assert (message.name, message.to_email, message.secret) == ("confirm_address", "bea@home.example", True)
    assert bea.own_addresses() == ["bea@larkin.example.net"]
    code = re.search(r"Your code: (\S+)", message.text)[1]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert bea.own_addresses() == ["bea@home.example", "bea@larkin.example.net"]


def test_a_new_password_comes_by_a_link_on_our_own_address(client, bea):
    bea.set_password("correct horse battery staple")
    bea.save()
    client.post(reverse("account_reset_password"), {"email": bea.email}, headers={"host": "localhost"})
    link = re.search(r"https?://\S+/password/reset/key/\S+", Message.objects.get(name="password_reset").text)[0]
    page = client.get(urlsplit(link).path, follow=True)
    assert "A new password" in page.content.decode()


def test_asking_for_a_password_tells_nobody_who_has_one(client, bea):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email}) for email in (bea.email, "sam@x.example")
    ]
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2


@pytest.mark.parametrize(
    "page", ["account", "account_email", "mfa_index", "usersessions_list", "account_set_password", "account_logout"]
)
def test_the_pages_about_oneself_open_and_a_look_writes_nothing(client, bea, page):
    client.force_login(bea)
    before = User.objects.filter(pk=bea.pk).values().get(), EmailAddress.objects.count(), Message.objects.count()
    assert client.get(reverse(page)).status_code == 200
    assert (
        User.objects.filter(pk=bea.pk).values().get(),
        EmailAddress.objects.count(),
        Message.objects.count(),
    ) == before
