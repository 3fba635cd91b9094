"""A mailed link that opens nothing says which it is: too old, over, or not ours; and whom to write to, of everybody else no word."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from mail import leaving, links
from mail.models import Message
from members import clock
from mentoring.tests import stages
from mentoring.tests.test_mailed_links import PAGES, path_of
from mentoring.tests.walk import a_world
from programs.models import Program

pytestmark = pytest.mark.django_db
TOO_OLD, OVER, NOT_OURS = "This link is too old", "What this link was for is over", "We do not know this link"
GONE = 10**9  # the number of no row
PURPOSES = sorted(links.pages())
METHODS = {purpose: ("get",) if purpose == "workshops" else ("get", "post") for purpose in PURPOSES}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), a_world() as world:
        cache.clear()
        yield world


@pytest.fixture
def mail_of_bea(world):
    """A mail of the one program; the other program stands beside it."""
    kind = Message.Kind.TOPIC
    return stages.make_message(
        "bad-link", kind=kind, scope=world.home.program.scope, to_email=world.home.bea.email, state="sent"
    )


def opened(client, purpose, token, method="get"):
    """The page behind a link: (status, heading, addresses to write to), and nobody's name on it."""
    answer = getattr(client, method)(reverse(links.pages()[purpose], args=[token]))
    page = answer.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert not re.search("Bea|Mo |Hal|Sample|Xanthippe|bea@", page)
    heading = re.search("<h1>(.*?)</h1>", main)[1]
    return answer.status_code, heading, set(re.findall('href="mailto:([^"]+)"', main))


def of(program):
    return {program.reply_to}


def test_every_purpose_of_the_site_is_looked_at():
    assert set(PURPOSES) == {
        "agree", "check-in", "evaluation", "extension", "leave-mail", "listed", "next-step", "offer", "waiting", "workshops",
    }  # fmt: skip


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_link_that_is_too_old_names_its_own_program(world, client, mail_of_bea, purpose):
    with time_machine.travel("2024-10-01"):
        token = links.token(purpose, 1, mail_of_bea)
    for method in METHODS[purpose]:
        assert opened(client, purpose, token, method) == (404, TOO_OLD, of(world.home.program))


@pytest.mark.parametrize("purpose", sorted(set(PURPOSES) - {leaving.PURPOSE}))
def test_a_link_whose_row_is_gone_is_over(world, client, mail_of_bea, purpose):
    token = links.token(purpose, GONE, mail_of_bea)
    for method in METHODS[purpose]:
        assert opened(client, purpose, token, method) == (404, OVER, of(world.home.program))


def test_a_link_to_leave_what_cannot_be_left_is_over(world, client, mail_of_bea):
    Message.objects.filter(pk=mail_of_bea.pk).update(kind=Message.Kind.ESSENTIAL)
    token = links.token(leaving.PURPOSE, 0, mail_of_bea)
    assert opened(client, leaving.PURPOSE, token, "post") == (404, OVER, of(world.home.program))


def test_a_link_mailed_to_somebody_else_is_over(world, client, mail_of_bea):
    token = links.token("check-in", world.other.check_in.pk, mail_of_bea)
    assert opened(client, "check-in", token) == (404, OVER, of(world.home.program))


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_forged_or_mangled_link_names_the_programs_that_everybody_knows(world, client, mail_of_bea, purpose):
    Program.objects.update(published=True)
    public = of(world.home.program) | of(world.other.program)
    good = links.token(purpose, 1, mail_of_bea)
    of_another = links.token("check-in" if purpose != "check-in" else "offer", 1, mail_of_bea)
    for token in ("forged", good[:-1], good + "x", of_another, "1-1.x.y", "ä"):
        assert opened(client, purpose, token) == (404, NOT_OURS, public)
    Program.objects.filter(pk=world.other.program.pk).update(published=False)
    assert opened(client, purpose, "forged") == (404, NOT_OURS, of(world.home.program))


def test_a_link_of_a_mail_that_is_no_longer_kept_is_over_and_names_those_that_everybody_knows(
    world, client, mail_of_bea
):
    token = links.token("check-in", 1, mail_of_bea)
    mail_of_bea.delete()
    Program.objects.update(published=True)
    assert opened(client, "check-in", token) == (404, OVER, of(world.home.program) | of(world.other.program))


def test_no_log_holds_the_link(world, client, mail_of_bea, caplog):
    token = links.token("check-in", GONE, mail_of_bea)
    assert opened(client, "check-in", token)[:2] == (404, OVER)
    assert token not in caplog.text


def test_nothing_is_looked_up_before_the_signature_has_held(django_assert_num_queries, mail_of_bea):
    with django_assert_num_queries(0):
        assert links.why_not(f"1-{mail_of_bea.pk}.x.y", "check-in") == (links.Why.NOT_OURS, "")
    with time_machine.travel("2024-10-01"):
        token = links.token("check-in", 1, mail_of_bea)
    with django_assert_num_queries(1):
        assert links.why_not(token, "check-in") == (links.Why.OLD, mail_of_bea.scope)


@pytest.mark.parametrize("when", [stages.NOW, datetime(2032, 1, 1, tzinfo=UTC)], ids=["in time", "long after"])
@pytest.mark.parametrize("page", sorted(set(PAGES) - {"workshops_by_link"}))
def test_a_page_that_opens_or_says_that_it_is_over_names_its_programs_address(world, client, page, when):
    with clock.at(when):
        answer = client.get(path_of(page, world), follow=True)
    assert answer.status_code == 200
    assert f'href="mailto:{world.home.program.reply_to}"' in answer.content.decode()
