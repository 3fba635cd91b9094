"""Where an application stands, in words with a day, and what its owner can still do."""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from mail import links
from mail.models import Message
from members import clock
from members.models import Entry
from programs import applications, mine
from programs.models import Acceptance, Application, Gate, Role, Seat
from programs.tests.make import (
    SEPTEMBER,
    assert_writes_nothing,
    make_application,
    make_cycle,
    make_form,
    make_gate,
    make_person,
    make_program,
    make_seat,
)

pytestmark = pytest.mark.django_db
State = Application.State
AFTER_THE_CLOSE = datetime(2025, 10, 3, 16, tzinfo=UTC)
LATER_STATES = {State.HELD: {"held_until": date(2025, 9, 26)}, State.WAITLISTED: {"waiting_since": date(2025, 9, 5)}}


@pytest.fixture
def cycle():
    program = make_program(contact_name="Lee Abara")
    program.association.join_url = "https://kla.example.org/join"
    program.association.membership_email = "membership@kla.example.org"
    program.association.save()
    make_form(program)
    make_gate(program)
    make_gate(program, Gate.Kind.AGREEMENT, code="confidential")
    return make_cycle(program)


@pytest.fixture
def bea(client):
    person = make_person("bea@larkin.example.net", "Bea", "Lindqvist")
    client.force_login(person)
    return person


@pytest.fixture(autouse=True)
def in_september():
    with clock.at(SEPTEMBER):
        yield


def made(cycle, person, state=State.SUBMITTED, **fields):
    return make_application(cycle, person, Role.MENTEE, state, **{**LATER_STATES.get(state, {}), **fields})


def shown(client, application):
    response = client.get(application.get_absolute_url())
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (State.DRAFT, "Next, by Tuesday, 30 September"),
        (State.SUBMITTED, "Next, by Wednesday, 15 October"),
        (State.HELD, "Next, by Friday, 26 September"),
        (State.WAITLISTED, "On the waiting list since Friday, 5 September. That is 5 days."),
        (State.ADMITTED, "You&#x27;re in."),
        (State.REFUSED, "Not taking part in this round."),
        (State.EXPIRED, "Not kept any longer."),
        (State.WITHDRAWN, "You have withdrawn this application."),
        (State.CARRIED, "Kept for the next round."),
    ],
)
def test_every_state_says_what_is_now(client, cycle, bea, state, says):
    assert says in shown(client, made(cycle, bea, state)).replace("\u00a0", " ")


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.HELD, State.WAITLISTED, State.ADMITTED])
def test_what_goes_on_always_names_a_day_and_a_person_to_ask(client, cycle, bea, state):
    page = shown(client, made(cycle, bea, state))
    assert page.count("If you hear nothing by ") == 1
    assert 'href="mailto:' in page


def test_silence_is_a_mistake_from_the_next_working_day_on(client, cycle, bea):
    page = shown(client, made(cycle, bea, State.HELD))  # until Friday, 26 September
    assert "If you hear nothing by Monday, 29 September" in page
    assert "membership@kla.example.org" in page


@pytest.mark.parametrize("state", State.values)
def test_looking_changes_nothing(client, cycle, bea, state):
    application = made(cycle, bea, state)
    assert_writes_nothing(client, application.get_absolute_url())


def test_somebody_elses_application_is_not_there(client, cycle, bea):
    application = made(cycle, make_person("cal@a.example.org", "Cal", "Ferreira"), State.HELD)
    for name in ("application", "application_change", "application_withdraw"):
        assert client.get(reverse(name, args=[application.pk])).status_code == 404
    for name in (
        "application_claim",
        "application_change",
        "application_withdraw",
        "application_reopen",
        "application_keep",
    ):
        assert client.post(reverse(name, args=[application.pk]), {"number": "KLA-1"}).status_code == 404
    application.refresh_from_db()
    assert (application.state, application.claimed_number) == (State.HELD, "")


def test_a_chair_reads_on_the_committees_side_not_as_its_owner(client, cycle, bea):
    make_seat(cycle.program, bea, Seat.Role.CHAIR)
    application = made(cycle, make_person("cal@a.example.org", "Cal", "Ferreira"))
    assert client.get(application.get_absolute_url()).status_code == 404


def test_who_is_signed_out_signs_in_and_comes_back(client, cycle, bea):
    application = made(cycle, bea)
    client.logout()
    assert (
        client.get(application.get_absolute_url()).headers["Location"].endswith(f"?next=/application/{application.pk}/")
    )


# Kept for membership: three doors


def test_kept_has_three_doors(client, cycle, bea):
    page = shown(client, made(cycle, bea, State.HELD))
    assert '<a class="door" href="https://kla.example.org/join" target="_blank" rel="noopener">' in page
    assert "I am a member under another address" in page
    assert "We keep your application until Friday, 26 September" in page


def test_another_address_becomes_a_question_to_the_office(client, cycle, bea):
    application = made(cycle, bea, State.HELD)
    url = reverse("application_claim", args=[application.pk])
    response = client.post(url, {"email": "Bea@Work.example.org", "number": "KLA-10234"})
    assert response.headers["Location"] == application.get_absolute_url()
    application.refresh_from_db()
    assert (application.claimed_email, application.claimed_number) == ("bea@work.example.org", "KLA-10234")
    assert application.state == State.HELD
    assert "You gave us bea@work.example.org." in shown(client, application)


@pytest.mark.parametrize("data", [{}, {"email": "no address"}, {"number": "x" * 41}, {"number": "a\x00b"}])
def test_a_bad_claim_is_asked_again(client, cycle, bea, data):
    application = made(cycle, bea, State.HELD)
    response = client.post(reverse("application_claim", args=[application.pk]), data)
    assert response.status_code == 200
    assert 'class="missing"' in response.content.decode()
    application.refresh_from_db()
    assert application.claimed_email == application.claimed_number == ""


def test_a_claim_where_nothing_is_open_is_told_kindly(client, cycle, bea):
    application = made(cycle, bea, State.ADMITTED)
    client.post(reverse("application_claim", args=[application.pk]), {"number": "KLA-1"})
    assert "Nothing is open about your membership." in shown(client, application)


# Change, withdraw, write again


NEW = {"employer": "Harrow", "library_type": "school", "areas": ["grants"], "goal": "Another goal.", "avoid": ""}


def test_answers_change_until_the_close_and_a_copy_is_mailed(client, cycle, bea):
    application = made(cycle, bea)
    url = reverse("application_change", args=[application.pk])
    assert "A sentence in plain words." in client.get(url).content.decode()
    assert client.post(url, NEW).headers["Location"] == application.get_absolute_url()
    application.refresh_from_db()
    assert application.answers["goal"] == "Another goal."
    assert application.library_type == "school"
    assert Message.objects.filter(name="application_changed").count() == 1


def test_a_change_that_leaves_a_gap_is_not_saved(client, cycle, bea):
    application = made(cycle, bea)
    response = client.post(reverse("application_change", args=[application.pk]), {**NEW, "goal": ""})
    assert response.status_code == 200
    assert 'value="Harrow"' in response.content.decode()
    application.refresh_from_db()
    assert application.answers["goal"] == "A sentence in plain words."


def test_after_the_close_the_answers_stay(client, cycle, bea):
    application = made(cycle, bea)
    with clock.at(AFTER_THE_CLOSE):
        assert "Change my answers" not in shown(client, application)
        assert client.post(reverse("application_change", args=[application.pk]), NEW).status_code == 302
    application.refresh_from_db()
    assert application.answers["goal"] == "A sentence in plain words."


def test_withdrawing_asks_first(client, cycle, bea):
    application = made(cycle, bea)
    url = reverse("application_withdraw", args=[application.pk])
    assert_writes_nothing(client, url)
    client.post(url, {"note": "A new job."})
    application.refresh_from_db()
    assert application.state == State.WITHDRAWN
    assert "A new job." not in "".join(Entry.objects.values_list("reason", flat=True))


def test_who_has_withdrawn_reads_it_with_the_others_and_may_apply_again_until_the_close(client, cycle, bea):
    application = made(cycle, bea)
    applications.withdraw(application, by=bea)
    page = shown(client, application)
    assert "You can apply again until Tuesday, 30" in page
    past = mine.part(bea, clock.now(), mine.applications(bea)).past
    assert "You withdrew your application as a mentee." in [line.text for line in past]
    with clock.at(AFTER_THE_CLOSE):
        assert "Apply again" not in shown(client, application)


def test_withdrawing_twice_is_told_kindly(client, cycle, bea):
    application = made(cycle, bea)
    url = reverse("application_withdraw", args=[application.pk])
    assert client.post(url).status_code == 302
    response = client.post(url)
    assert response.status_code == 200
    assert "cannot become" in response.content.decode()


def test_who_is_refused_reads_why_and_may_write_again_until_the_close(client, cycle, bea):
    application = made(cycle, bea, State.REFUSED, refusal="We ask you to come back <b>next</b> year.")
    page = shown(client, application)
    assert "We ask you to come back &lt;b&gt;next&lt;/b&gt; year." in page
    assert "Write it again" in page
    response = client.post(reverse("application_reopen", args=[application.pk]))
    assert response.headers["Location"] == cycle.apply_url(Role.MENTEE)
    application.refresh_from_db()
    assert application.state == State.DRAFT


def test_after_the_close_a_refusal_stands(client, cycle, bea):
    application = made(cycle, bea, State.REFUSED, refusal="Next year, please.")
    with clock.at(AFTER_THE_CLOSE):
        assert "Write it again" not in shown(client, application)
        client.post(reverse("application_reopen", args=[application.pk]))
    application.refresh_from_db()
    assert application.state == State.REFUSED


def test_who_waits_says_whether_to_be_kept_for_the_next_round(client, cycle, bea):
    application = made(cycle, bea, State.WAITLISTED)
    url = reverse("application_keep", args=[application.pk])
    for said, kept in (("yes", True), ("no", False)):
        client.post(url, {"keep": said})
        application.refresh_from_db()
        assert application.keep_for_next is kept
    assert client.get(url).status_code == 405


def test_only_who_waits_is_kept_for_the_next_round(client, cycle, bea):
    application = made(cycle, bea, State.ADMITTED)
    client.post(reverse("application_keep", args=[application.pk]), {"keep": "yes"})
    assert "Only an application on the waiting list" in shown(client, application)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_few_queries(client, cycle, bea, count, django_assert_num_queries):
    application = made(cycle, bea)
    for number in range(count):
        make_gate(cycle.program, Gate.Kind.AGREEMENT, code=f"also_{number}")
    applications.agree(application, by=bea)
    with django_assert_num_queries(6):
        client.get(application.get_absolute_url())


# Brought in by the committee: agree by a link from a mail


@pytest.fixture
def mailed(cycle):
    """An application that was brought in, and the link that its person got."""
    cal = make_person("cal@a.example.org", "Cal", "Ferreira")
    application = made(cycle, cal, State.DRAFT)
    message = Message(to_email=cal.email, message_id="m", key="k", leaves_at=SEPTEMBER, queued_at=SEPTEMBER)
    message.save()
    return application, reverse("application_agree", args=[links.token("agree", application.pk, message)])


def test_a_mailed_link_shows_the_answers_and_asks_for_the_yes(client, mailed):
    application, url = mailed
    page = assert_writes_nothing(client, url).content.decode()
    assert "A sentence in plain words." in page
    assert "I keep to myself what I am told." in page


def test_one_send_agrees_and_sends(client, mailed):
    application, url = mailed
    assert client.post(url, {"agree-confidential": "on"}).headers["Location"] == url
    application.refresh_from_db()
    assert application.state == State.HELD  # no membership is found yet
    assert Acceptance.objects.filter(application=application, on_paper=False).count() == 1
    assert "We have your application." in client.get(url).content.decode()
    assert client.post(url, {"agree-confidential": "on"}).status_code == 200


def test_without_the_yes_nothing_is_sent(client, mailed):
    application, url = mailed
    assert "We need your yes to this one." in client.post(url, {}).content.decode()
    application.refresh_from_db()
    assert application.state == State.DRAFT


def test_a_gap_is_named_and_leads_to_the_form(client, mailed):
    application, url = mailed
    del application.answers["goal"]
    application.save()
    page = client.post(url, {"agree-confidential": "on"}).content.decode()
    assert "These answers are still empty:" in page
    assert application.cycle.apply_url(Role.MENTEE) in page


def test_a_forged_or_strange_link_says_what_happened(client, mailed, cycle):
    application, url = mailed
    other = Message(to_email="sam@else.example.org", message_id="o", key="o", leaves_at=SEPTEMBER, queued_at=SEPTEMBER)
    other.save()
    strange = reverse("application_agree", args=[links.token("agree", application.pk, other)])
    purpose = reverse("application_agree", args=[links.token("check-in", application.pk, other)])
    for bad in (strange, purpose, url[:-3] + "x/", "/application/agree/1/", "/application/agree/%00/"):
        assert client.get(bad).status_code == 404
        assert client.post(bad, {"agree-confidential": "on"}).status_code == 404
    application.refresh_from_db()
    assert application.state == State.DRAFT


def test_the_link_of_the_mail_opens_this_page():
    assert links.placeholder("agree", 17) == "[[link:agree:17]]"
