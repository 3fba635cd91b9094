"""Every link in a mail: looked at by whatever opens mail before its reader does, it changes nothing; sent by its reader, it acts."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mail import links
from mail.models import Message
from mail.tests import scanner
from mail.tests.scale import scale
from mentoring.tests import matrix, stages
from mentoring.tests.matrix import Address
from mentoring.tests.walk import a_world
from mentorships import check_ins
from mentorships.models import CheckIn
from programs import places

pytestmark = [pytest.mark.django_db, pytest.mark.promise("G18")]
LOOKS, LOOKS_IN_MAILS = scale(ci=20, full=500), scale(ci=2, full=20)
# One page stands behind another one's link, and one is a file.
PAGES = sorted({*links.pages().values(), "evaluation_afterwards_by_link"})
ACTS = [page for page in PAGES if page != "workshops_by_link"]
# What sending writes to, beside the history and the mails that follow from it.
WRITES_TO = {
    "application_agree": "programs_acceptance",
    "application_waiting_by_link": "members_entry",
    "check_in_answer": "mentorships_checkin",
    "evaluation_by_link": "evaluations_response",
    "evaluation_afterwards_by_link": "evaluations_afterwards",
    "extension_answer": "mentorships_extension",
    "leave_mail": "mail_optout",
    "listed_answer": "programs_listing",
    "next_step_answer": "mentorships_nextstep",
    "offer_by_link": "matching_match",
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), a_world() as world:
        cache.clear()
        yield world


def path_of(page, world):
    """The page behind the link that somebody of this world was mailed, at a time when there is something to answer."""
    if page == "next_step_answer":
        places.free(world.home.mo, world.home.bea, world.home.program)
    return matrix.url_of(Address(page, ("token",)), world.home)


def personal(message):
    """Every personal link of a mail: purpose, row, what is chosen when it opens."""
    return sorted({one.groups(default="") for one in links.PLACEHOLDER.finditer(f"{message.text} {message.html}")})


def path_in(message, purpose, pk, query):
    path = reverse(links.pages()[purpose], args=[links.token(purpose, int(pk), message)])
    return f"{path}?{unescape(query)}" if query else path


def filled_in(page):
    """The form of a page as a person sends it who takes the first of everything."""
    form = max(re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL), key=len)
    sent = {}
    for tag in re.findall(r"<(?:input|textarea|button)\b[^>]*>", form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        name, kind = said.get("name"), said.get("type", "submit" if tag.startswith("<button") else "text")
        if name and kind != "date":
            sent.setdefault(name, unescape(said.get("value", "on" if kind == "checkbox" else "In plain words.")))
    return sent


def counts():
    """How many rows every table has; a second answer may be one more line of the history."""
    return {name: count for name, (count, _digest) in scanner.tables().items() if name != "members_entry"}


def test_every_purpose_is_walked():
    assert {page for page in PAGES if page not in WRITES_TO} == {"workshops_by_link"}


@pytest.mark.parametrize("page", PAGES)
def test_looking_changes_no_row_however_often(world, figures, page):
    assert scanner.traces_of_looking([path_of(page, world)], LOOKS) == []
    figures.say("G18", f"looking at {page}", looks=LOOKS, changed=0)


@pytest.mark.parametrize("page", ACTS)
def test_sending_acts_once(world, page):
    client, path = Client(enforce_csrf_checks=True), path_of(page, world)
    before = scanner.tables()
    form = filled_in(client.get(path).content.decode())
    assert scanner.traces(before) == []
    assert client.post(path, form).status_code in (200, 302)
    assert WRITES_TO[page] in scanner.traces(before)
    rows = counts()
    assert client.post(path, form).status_code in (200, 302)  # a double click
    assert counts() == rows


@pytest.mark.parametrize("page", sorted(set(ACTS) - {"leave_mail"}))
def test_sending_from_elsewhere_does_nothing(world, page):
    """Only the header of a mail that may be left is pressed without a page of ours."""
    client, path = Client(enforce_csrf_checks=True), path_of(page, world)
    form = filled_in(Client().get(path).content.decode())
    before = scanner.tables()
    assert client.post(path, form).status_code == 403
    assert scanner.traces(before) == []


def test_every_personal_link_in_the_mails_of_two_years(world, figures):
    mails = Message.objects.exclude(state=Message.State.CANCELLED).filter(also_email="")
    paths = [path_in(message, *found) for message in mails.order_by("pk") for found in personal(message)]
    assert len(paths) > 50
    assert scanner.traces_of_looking(paths, LOOKS_IN_MAILS) == []
    figures.say(
        "G18", "the links in the mails of two years", links=len(paths), looks=len(paths) * LOOKS_IN_MAILS, changed=0
    )


def test_the_control_a_page_that_answers_when_looked_at_is_caught(world, monkeypatch, figures):
    asked = world.home.check_in

    def answers_at_once(one, **told):
        CheckIn.objects.filter(pk=one.pk).update(word=CheckIn.Word.FINE)
        return True

    monkeypatch.setattr(check_ins, "may_be_answered", answers_at_once)
    token = stages.token("check-in", asked, world.home.bea)
    changed = scanner.traces_of_looking([reverse("check_in_answer", args=[token])], 1)
    assert changed == ["mentorships_checkin"]
    figures.say("G18", "a page that answers when looked at", looks=1, changed=len(changed))
