"""The mail list in plain words: whether mail leaves, what each mail is called, a search that finds nothing, the demo."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from mail import heartbeat, stopping, texts
from mail.models import Message
from mail.tests.make import make_message
from members import clock
from mentoring import mail_room, mail_titles
from mentoring.tests.make import sits, text_of
from programs.tests.make import make_cycle, make_program

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 10, 15, 16, tzinfo=UTC)
MAILS = Path(__file__).parents[2] / "templates" / "mail"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def kla():
    return make_program(name="KLA Mentoring")


@pytest.mark.parametrize(
    ("waits", "heard", "stops", "said"),
    [
        (4, None, False, (True, False)),  # nothing was heard of yet: no alarm
        (16, None, False, (False, True)),
        (4, 20, False, (True, False)),
        (4, 40, False, (False, True)),
        (4, 1, True, (False, False)),
    ],
)
def test_one_plain_sentence_unless_something_is_not_well(client, kla, waits, heard, stops, said):
    sits(client, kla, "committee")
    make_message(leaves_at=NOW - timedelta(minutes=waits))
    if heard:
        heartbeat.note(heartbeat.WORKER, NOW - timedelta(minutes=heard))
    if stops:
        stopping.stop(kla.scope, now=NOW)
    page = text_of(client.get(reverse("admin:mail_message_changelist")))
    assert ("Mail leaves as it should." in page, "How mail goes: " in page) == said


def test_a_search_that_finds_nothing_says_so(client, kla):
    sits(client, kla, "committee")
    make_message()
    page = text_of(client.get(reverse("admin:mail_message_changelist"), {"q": "nobody"}))
    assert "No mail by these words." in page


def test_in_the_demo_nothing_was_taken_by_a_mail_server(settings):
    settings.DEMO = True
    assert mail_room.became(make_message(state=Message.State.SENT)) == "would have left"


def test_every_mail_is_called_by_its_title_and_not_by_its_template(client, kla):
    names = {path.name.removesuffix(".subject.txt") for path in MAILS.glob("*.subject.txt")}
    assert {name for name in names if not texts.mail(name)} == set(mail_titles.OTHERS)
    sits(client, kla, "committee")
    make_message(1, name="check_in")
    make_message(2, name="mailing")
    page = text_of(client.get(reverse("admin:mail_message_changelist")))
    assert [f">{title}</a>" in page for title in ("How is it going?", "Letter to a list")] == [True, True]


@pytest.mark.parametrize("promises", [0, 1])
def test_the_first_page_does_not_say_that_nothing_leaves_but_where_the_calendars_mail_stands(client, kla, promises):
    cycle = make_cycle(kla)
    sits(client, kla, "chair")
    for number in range(promises):
        make_message(number, scope=cycle.scope, leaves_at=NOW + timedelta(days=1))
    page = text_of(client.get(reverse("admin:index")))
    week = f"{reverse('admin:year_ahead', args=[cycle.pk])}?month=week"
    assert f'<a href="{week}">What the calendar adds: this week’s page</a>' in page
    assert ("Nothing waits for its hour yet." in page) == (not promises)
    assert "Nothing is promised" not in page
