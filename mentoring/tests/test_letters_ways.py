"""A way to a letter from every list of people; what of it is seen among what leaves this week."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from evaluations.tests.make import AFTER, do_what_is_due, make_evaluated_kla
from mail.models import Message
from mail.tests.make import make_message
from matching.models import Match
from members import clock
from mentoring import first_page, mailings, promised
from mentoring.tests.letters import LETTER, NOW, apply, page
from mentoring.tests.make import sits
from mentorships.models import Mentorship
from mentorships.tests.make import make_pair
from programs.models import Application, Gate, Listing, Role, Seat
from programs.tests.make import (
    make_cycle,
    make_gate,
    make_person,
    make_program,
    make_seat,
)  # fmt: skip

pytestmark = pytest.mark.django_db
SIGN_IN = "members.backends.SignInBackend"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cycle():
    return make_cycle(make_program(name="KLA Mentoring"))


@pytest.fixture
def sit(cycle, client):
    return lambda role="committee", program=None: sits(client, program or cycle.program, role)


def links_to(client, url):
    """The ways to letters on a page."""
    found = re.findall(r'href="(/admin/write/[^"]+)"', client.get(url).content.decode())
    return [unescape(link) for link in found]


def test_every_list_of_people_has_a_way_that_keeps_its_filter(client, cycle, sit):
    sit("chair")
    lee = make_person("lee@kla.example.org", "Lee", "Brandt")
    make_seat(cycle.program, lee, Seat.Role.LIAISON)
    make_gate(cycle.program, Gate.Kind.TRAINING, stage=Gate.Stage.INTRODUCE)
    cycle.program.mentor_listing = True
    cycle.program.save()
    pair = make_pair(cycle.program, liaison=lee)
    apply(cycle, "Wes", state=Application.State.WAITLISTED, waiting_since=NOW.date())
    Listing.objects.create(program=cycle.program, user=pair.mentor, since=NOW.date())
    mentor = apply(cycle, "Ann", Role.MENTOR)
    Match.objects.create(
        cycle=cycle, mentor_application=mentor, mentee_application=apply(cycle, "Cal"), state="offered", made_at=NOW,
        offered_at=NOW, answer_by=NOW + timedelta(days=7),
    )  # fmt: skip

    def at(name, query="", **kwargs):
        return links_to(client, reverse(f"admin:{name}", **kwargs) + query)

    asked = f"?cycle__id__exact={cycle.pk}&role__exact=mentee&show=areas&page=1"
    pairs = page(cycle, "pairs")
    ways = {
        "applications": at("programs_application_changelist", asked),
        "waiting": at("programs_waiting", f"?cycle={cycle.pk}"),
        "workshop": at("programs_training_missing", f"?cycle={cycle.pk}"),
        "offers": at("matching_offers", args=[cycle.pk]),
        "pairs": at("mentorships_pairs", f"?cycle={cycle.pk}&contact={lee.pk}"),
        "contacts": at("mentorships_contacts", f"?cycle={cycle.pk}"),
        "listed": at("programs_listing_changelist"),
        "seats": at("programs_seat_changelist"),
        "today": at("index"),
    }
    assert ways == {
        "applications": [page(cycle, query="?role__exact=mentee")],
        "waiting": [page(cycle, "waiting")],
        "workshop": [page(cycle, "no-workshop")],
        "offers": [page(cycle, "offers")],
        "pairs": [f"{pairs}?contact={lee.pk}{side}" for side in ("", "&side=mentor", "&side=mentee")],
        "contacts": [f"{pairs}?contact={lee.pk}"],
        "listed": [page(cycle, "listed")],
        "seats": [page(cycle, "us")],
        "today": [page(cycle, "us")],
    }
    for way in {way for found in ways.values() for way in found}:
        assert client.get(way).context["looked"].gets != (), way
    assert reverse("admin:letters") in client.get(reverse("admin:mail_message_changelist")).content.decode()


def test_a_contact_person_has_no_way_to_letters(client, cycle, sit):
    lee = sit("liaison")
    make_pair(cycle.program, liaison=lee)
    for url in (reverse("admin:mentorships_pairs"), reverse("admin:index"), reverse("admin:programs_seat_changelist")):
        assert links_to(client, url) == []


@pytest.mark.parametrize(("mode", "found"), [("confidential", True), ("anonymous", False)])
def test_who_has_not_answered_is_written_to_only_where_answers_are_confidential(client, mode, found):
    program = make_evaluated_kla(evaluation_days=21)
    mim = make_person("mim@kla.example.org", "Mim", "Rowe")
    make_seat(program, mim, Seat.Role.COMMITTEE)
    pair = make_pair(program)
    pair.cycle.evaluation_mode = mode
    pair.cycle.save()
    do_what_is_due(AFTER)
    client.force_login(mim, backend=SIGN_IN)
    way = page(pair.cycle, "not-answered", "?moment=end")
    with clock.at(datetime(2026, 10, 16, 18, tzinfo=UTC)):
        assert links_to(client, reverse("admin:evaluations_report") + f"?cycle={pair.cycle.pk}") == [way] * found
        assert client.get(way).status_code == (200 if found else 404)


# --------------------------------------------------------------------------------------------------------------- this week


def test_this_week_shows_a_letter_as_one_line_with_a_look_and_a_stop(client, cycle, sit):
    chi = sit("committee")
    for name in ("Bea", "Cal"):
        apply(cycle, name)
    mailing = mailings.write("applications", cycle, {}, LETTER, by=chi)
    mailings.write("us", cycle, {}, LETTER, by=chi)
    one, other = promised.lines(chi, cycle, timedelta(days=7))
    assert (one.subject, one.count, one.at, one.stops) == (LETTER.subject, 2, NOW + timedelta(minutes=15), mailing.pk)
    assert (other.count, other.stops == mailing.pk) == (1, False)
    for url in (reverse("admin:index"), reverse("admin:year_ahead", args=[cycle.pk]) + "?month=week"):
        html = client.get(url).content.decode()
        assert one.look in html
        assert ">Mailing<" not in html
        assert f'action="{reverse("admin:letter", args=[mailing.pk])}"' in html
        assert client.get(one.look).status_code == 200
    client.post(reverse("admin:letter", args=[mailing.pk]), {"do": "stop"})
    assert [line.count for line in promised.lines(chi, cycle, timedelta(days=7))] == [1]
    assert first_page.build(chi, cycle, [])["mail"] == promised.lines(chi, cycle, timedelta(days=7))


def test_what_is_ones_own_affair_is_in_no_line(client, cycle, sit):
    chi = sit("chair")
    mia = make_person("mia@x.example.org", "Mia", "Voss")
    pair = make_pair(cycle.program, chi, mia)
    assert Mentorship.objects.get() == pair
    Message.objects.all().delete()

    make_message(1, about=f"mentorship:{pair.pk}", to_email=mia.email, leaves_at=NOW + timedelta(hours=2))
    assert promised.lines(chi, cycle, timedelta(days=7)) == []
