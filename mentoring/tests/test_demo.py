"""What only the demo has: signing in with one click, and reading the mails that would have left."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from mail import outbox
from mail.models import Message
from members import clock
from mentoring import presets
from mentoring.demo import cast
from mentorships.models import CycleTopic
from mentorships.tests.make import make_pair
from programs.models import Program
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings):
    settings.ROOT_URLCONF, settings.DEMO = "mentoring.demo.urls", True
    return presets.load("kla", opens=date(2025, 9, 1)).program


def make_message(program, **fields):
    given = {
        "key": "sample:1",
        "name": "visitor_question",
        "to": outbox.Recipient("bea@larkin.example.net", "Bea Lindqvist"),
        "sender": program.sender(),
        "about": "program:1",
        "now": clock.now(),
        "context": {"program": program, "writer": "sam@else.example.org", "question": "Is it open?"},
    }
    return outbox.queue(**{**given, **fields})


def test_one_click_signs_in_a_member_of_the_cast_and_leads_to_their_page(client, demo):
    chair = cast.find("kla-chair")
    make_seat(demo, make_person(chair.email, "Lee", "Abara"), "chair")
    answer = client.post("/demo/sign-in/", {"as": "kla-chair"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("key", ["", "sam", "kla-chair\x00"])
def test_nobody_else_is_signed_in(client, key):
    assert client.post("/demo/sign-in/", {"as": key}).status_code == 404
    assert client.get("/demo/sign-in/").status_code == 405


def test_the_mails_are_found_by_name_and_read_as_they_leave(client, demo):
    message = make_message(demo)
    assert message.subject in client.get("/demo/mails/", {"q": "Lindqvist"}).content.decode()
    assert "No mail by these words" in client.get("/demo/mails/", {"q": "Castellanos"}).content.decode()
    assert client.get(f"/demo/mails/{message.pk}/").status_code == 200
    page = client.get(f"/demo/mails/{message.pk}/as-it-looks/")
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert message.html[:40] in page.content.decode()


def test_a_mail_with_a_code_is_shown_to_nobody(client, demo):
    message = make_message(demo, secret=True)
    assert client.get(f"/demo/mails/{message.pk}/").status_code == 404
    assert client.get(f"/demo/mails/{message.pk}/as-it-looks/").status_code == 404
    assert Message.objects.count() == 1


def test_the_demo_is_not_loaded_into_a_real_site(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="MODE=demo"):
        call_command("demo", "--load-only")


def test_half_a_load_is_said(demo):
    from mentoring.demo import world

    with pytest.raises(world.Interrupted, match="make clean"):
        world.load()


def test_every_program_that_is_there_has_its_people_on_the_demos_page(client, demo):
    page = client.get("/demo/").content.decode()
    assert [program.slug for program, _people in cast.by_program()] == ["kla"]
    assert "Lee Abara" in page
    assert "Noor Whitfield" not in page


def test_a_pair_that_is_going_well_stands_for_its_program(client, demo):
    assert [member.key for member in cast.members() if member.program == "kla" and not member.seat] == []
    make_pair(demo, cycle=demo.cycles.get())
    with clock.at(datetime(2025, 10, 20, 16, tzinfo=UTC)):
        found = [member for member in cast.members() if member.program == "kla" and not member.seat]
    assert [(member.key, member.name, member.what) for member in found] == [
        ("kla-mentee", "Bea Lindqvist", "mentee: in a mentoring year with Mo"),
        ("kla-mentor", "Mo Castellanos", "mentor: in a mentoring year with Bea"),
    ]


def test_each_program_stands_where_the_demo_shows_it(demo):
    """Loading itself takes half a minute, so only the days are looked at here: weekdays stay, names and topics follow."""
    from mentoring.demo import world

    today = date(2026, 11, 18)
    first = {}
    for name, (of, after) in world.STAGES.items():
        if name != "kla":
            presets.load(name)
        cycle = Program.objects.get(slug=name).cycles.earliest("opens_on")
        stands = getattr(cycle, of) + timedelta(days=after)
        weekday, count = cycle.announced_on.weekday(), CycleTopic.objects.filter(cycle=cycle).count()
        world.move(cycle, world.weeks_until(stands, today))
        cycle.refresh_from_db()
        first[name] = (cycle.name, today - getattr(cycle, of))
        assert cycle.announced_on.weekday() == weekday
        topics = CycleTopic.objects.filter(cycle=cycle)
        assert abs(topics.count() - count) <= 1
        assert all(cycle.begins_on <= one.mentee_on <= cycle.ends_on for one in topics)
    assert {
        name: abs(since.days - world.STAGES[name][1]) <= 3 for name, (_name, since) in first.items()
    } == dict.fromkeys(world.STAGES, True)
    assert first["nela"][0] == "Fall 2026"


def test_the_real_site_has_none_of_these_addresses(client, settings):
    settings.ROOT_URLCONF = "mentoring.urls"
    assert client.get("/demo/").status_code == 404
