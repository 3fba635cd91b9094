"""Where one is and how one gets back: the committee's menu, a refusal, the demo's line."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.views.defaults import permission_denied

from mail.tests.make import make_message
from mentoring.tests.make import sits
from programs.tests.make import make_cycle, make_person, make_program, make_seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return make_cycle(make_program(name="KLA Mentoring"))


def open_in_the_menu(response):
    return [str(label) for label, _url, current in response.context["committee_nav"] if current]


def test_mail_is_open_in_the_menu_on_every_page_about_mail(client, cycle):
    sits(client, cycle.program, "chair")
    slug, message = cycle.program.slug, make_message(1)
    pages = [
        reverse("admin:mail_message_changelist"),
        reverse("admin:mail_message_change", args=[message.pk]),
        reverse("admin:mail_stop", args=[slug]),
        reverse("admin:letters"),
        reverse("admin:write_to", args=[cycle.pk, "us"]),
        reverse("admin:sender"),
        reverse("admin:own_texts", args=[slug]),
        reverse("admin:own_text", args=[slug, "check_in"]),
        reverse("admin:year_mails", args=[slug]),
    ]
    assert {page: open_in_the_menu(client.get(page)) for page in pages} == {page: ["Mail"] for page in pages}
    elsewhere = {"admin:index": ["Today"], "admin:set_up": ["Set up"], "admin:members_entry_changelist": []}
    assert {page: open_in_the_menu(client.get(reverse(page))) for page in elsewhere} == elsewhere


@pytest.mark.parametrize(("role", "leads"), [("liaison", True), ("", False)])
def test_who_has_a_role_finds_back_to_today_from_a_refusal(cycle, rf, role, leads):
    person = make_person("bea@x.example.org", "Bea", "Sample")
    if role:
        make_seat(cycle.program, person, role)
    request = rf.get("/")
    request.user = person
    refused = permission_denied(request, PermissionDenied()).content.decode()
    assert (f'href="{reverse("my")}"' in refused, f'href="{reverse("admin:index")}">Back to Today' in refused) == (
        True, leads,
    )  # fmt: skip


def test_in_the_demo_the_committees_pages_lead_to_the_other_sides_and_to_the_mails(client, cycle, settings):
    sits(client, cycle.program, "chair")
    assert "demo-line" not in client.get(reverse("admin:index")).content.decode()
    settings.ROOT_URLCONF, settings.DEMO = "mentoring.demo.urls", True
    page = client.get(reverse("admin:index")).content.decode()
    assert [f'href="{reverse(name)}"' in page for name in ("demo", "demo_mails")] == [True, True]
