"""Whom our mail does not reach: whom the committee is asked about, and what the person and their partner read."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mail import addresses, links
from mail.models import Message, Suppression
from mail.tests.make import make_message
from members import clock, people
from mentoring import mail_tasks, planner
from mentoring.tests.make import sits, text_of
from mentoring.tests.test_mail_afterwards import BACK, BEA, MO, NEW, NOW, fails
from mentorships.tests.make import make_kla, make_pair
from programs.models import Role
from programs.tests.make import assert_writes_nothing, make_application, make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db
SIGN_IN = "members.backends.SignInBackend"
State = Message.State


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


# --------------------------------------------------------------------------------------------------------- the first page


def heads(user, cycle, others=()):
    return [(task.head, task.age, task.action, task.url, task.where) for task in mail_tasks.tasks(user, cycle, others)]


def test_an_address_that_fails_makes_one_task_with_one_action(sit, client, pair):
    chi = sit("committee")
    make_message(1)
    fails(since=NOW - timedelta(days=3))
    assert heads(chi, pair.cycle) == [
        (
            "Mail to Bea Lindqvist comes back.",
            3,
            "What they got",
            f"/admin/mail/message/?q={BEA.replace('@', '%40')}",
            "",
        )
    ]
    page = text_of(assert_writes_nothing(client, reverse("admin:index")))
    assert "Mail to Bea Lindqvist comes back." in page
    assert "Ask them to sign in and add it under My addresses; what we kept goes there." in page


def test_a_complaint_says_so(sit, pair):
    fails(why=Suppression.Why.COMPLAINED)
    assert [head for head, *_ in heads(sit("committee"), pair.cycle)] == [
        "Mail to Bea Lindqvist was reported as unwanted."
    ]


def test_somebody_in_two_cycles_is_asked_for_once(sit, pair, kla):
    other = make_cycle(kla, slug="2026", name="2026")
    make_application(other, pair.mentee, Role.MENTEE)
    fails()
    assert len(heads(sit("chair"), pair.cycle, [other])) == 1


def test_it_is_not_shown_to_whose_own_pair_it_is_nor_to_oneself(sit, kla):
    chi = sit("chair")
    pair = make_pair(kla, mentor=chi)
    fails()
    assert heads(chi, pair.cycle) == []
    fails(chi.email)
    assert heads(chi, pair.cycle) == []
    dee = make_person("dee@kla.example.org", "Dee", "Deputy")
    make_seat(kla, dee, "deputy")
    assert sorted(head for head, *_ in heads(dee, pair.cycle)) == [
        "Mail to Bea Lindqvist comes back.",
        "Mail to Chi Harper comes back.",
    ]


def test_who_looks_after_no_mail_is_not_asked(sit, pair):
    fails()
    assert [heads(sit(role), pair.cycle) for role in ("liaison", "office")] == [[], []]


def test_the_next_time_it_fails_is_a_task_of_its_own(sit, client, pair):
    chi = sit("chair")
    fails()
    [task] = mail_tasks.tasks(chi, pair.cycle, [])
    client.post(reverse("admin:put_away"), {"task": task.key})
    assert "comes back" not in text_of(client.get(reverse("admin:index")))
    addresses.lift(BEA)
    fails()
    assert "Mail to Bea Lindqvist comes back." in text_of(client.get(reverse("admin:index")))


def test_mail_that_waits_for_the_address_is_not_counted_besides(sit, pair):
    chi = sit("chair")
    make_message(1)
    make_message(2, **BACK)
    make_message(3, state=State.PARKED, attempts=1, to_email="office@elsewhere.example.org")
    make_message(4, **BACK, to_email="office@elsewhere.example.org")
    make_message(5, **BACK, to_email="office@elsewhere.example.org", left_at=NOW)
    fails()
    assert [head for head, *_ in heads(chi, pair.cycle)] == [
        "Mail to Bea Lindqvist comes back.",
        "1 mail could not be delivered.",
        "1 mail came back.",
    ]


def test_the_tasks_ask_the_same_number_of_questions_for_one_and_for_four(sit, kla, django_assert_num_queries):
    chi = sit("chair")
    pair = make_pair(kla)
    fails()
    heads(chi, pair.cycle)  # the seats are asked once for each person and day
    with CaptureQueriesContext(connection) as one:
        heads(chi, pair.cycle)
    for number in range(3):
        person = make_person(f"p{number}@x.example.org", "P", str(number))
        make_application(pair.cycle, person, Role.MENTEE)
        fails(person.email)
    with django_assert_num_queries(len(one)):
        assert len(heads(chi, pair.cycle)) == 4


# -------------------------------------------------------------------------------------------------- the person, the partner


def asked():
    return list(Message.objects.filter(name="address_fails").values_list("to_email", "state"))


def beat(at=NOW):
    list(planner.due(at))


def test_another_address_of_theirs_is_asked_whether_the_first_is_still_good_once(pair):
    EmailAddress.objects.create(user=pair.mentee, email=NEW, verified=True)
    EmailAddress.objects.create(user=pair.mentor, email="mo@home.example.org", verified=False)
    fails()
    fails(MO)
    for _night in range(3):
        beat()
    assert asked() == [(NEW, State.SENT)]
    message = Message.objects.get(name="address_fails")
    assert message.subject == "Is this still your address?"
    assert BEA in message.text
    assert reverse("account_email") in message.text
    addresses.lift(BEA)
    fails()
    beat()
    assert asked() == [(NEW, State.SENT)] * 2


def test_nobody_is_asked_who_has_no_other_address_or_none_that_works(pair):
    fails()
    beat()
    EmailAddress.objects.create(user=pair.mentee, email=NEW, verified=True)
    fails(NEW)
    beat()
    assert asked() == []


def test_after_the_last_day_nobody_is_asked(pair):
    EmailAddress.objects.create(user=pair.mentee, email=NEW, verified=True)
    fails()
    with clock.at(datetime(2026, 12, 1, 12, tzinfo=UTC)):
        beat(clock.now())
    assert asked() == []


def test_the_partner_reads_kindly_that_mail_may_not_arrive_and_the_person_how_to_mend_it(client, pair):
    fails()
    client.force_login(pair.mentor, backend=SIGN_IN)
    page = text_of(client.get(pair.get_absolute_url()))
    assert "Mail to Bea may not arrive at the moment." in page
    assert "the committee knows" in page
    assert "550" not in page
    client.force_login(pair.mentee, backend=SIGN_IN)
    page = text_of(assert_writes_nothing(client, pair.get_absolute_url()))
    assert "Our mail to you does not arrive." in page
    assert "may not arrive at the moment" not in page
    assert "Our mail to you does not arrive." in text_of(assert_writes_nothing(client, reverse("my")))
    assert "Our mail to you does not arrive." in text_of(assert_writes_nothing(client, reverse("my_mail")))
    addresses.lift(BEA)
    for url in (pair.get_absolute_url(), reverse("my"), reverse("my_mail")):
        assert "does not arrive" not in text_of(client.get(url))


def test_it_stands_on_the_committees_page_of_the_pair(sit, client, pair):
    sit("committee")
    url = reverse("admin:mentorships_pair", args=[pair.pk])
    assert "has not arrived" not in text_of(client.get(url))
    fails()
    page = text_of(client.get(url))
    assert f"Mail to Bea Lindqvist ({BEA}) has not arrived since Thursday, 20 November" in page
    assert "Ask them to sign in and add it under My addresses; what we kept goes there." in page


def test_a_link_in_a_mail_that_has_left_is_still_good_after_a_change_of_address(client, pair):
    message = make_message(state=State.SENT)
    beat()
    check_in = pair.check_ins.filter(user=pair.mentee).first()
    token = links.token("check-in", check_in.pk, message)
    url = reverse("check_in_answer", args=[token])
    EmailAddress.objects.create(user=pair.mentee, email=NEW, verified=True)
    client.force_login(pair.mentee, backend=SIGN_IN)
    client.post(reverse("account_email"), {"email": NEW, "action_primary": "1"})
    client.logout()
    assert people.behind(NEW).email == NEW
    assert client.get(url).status_code == 200
    client.force_login(pair.mentee, backend=SIGN_IN)
    client.post(reverse("account_email"), {"email": BEA, "action_remove": "1"})
    client.logout()
    assert client.get(url).status_code == 404  # the old letter box is no longer theirs
