"""The chair is also a mentor: what her mentee tells the committee reaches the deputy, never her, not even as a subject."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mail.models import Message
from members import clock
from members.models import Entry
from mentoring import mail_tasks, own_affairs, promised
from mentorships import plans, requests
from mentorships.models import CheckIn, Extension, Mentorship, Request
from mentorships.notices_extension import reminder
from mentorships.tests.make import FIRST_CONTACT_DAY, add_mentee, do_what_is_due, make_kla, make_pair, on
from programs.models import Role, Seat
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db
MAILS = "admin:mail_message_changelist"


@pytest.fixture
def asked():
    """Chi, the chair, mentors Bea, who asks for another mentor."""
    program = make_kla()
    chi, dee = make_person("chi@kla.example.org", "Chi", "Harper"), make_person("dee@kla.example.org", "Dee", "Ruiz")
    make_seat(program, chi, Seat.Role.CHAIR)
    make_seat(program, dee, Seat.Role.DEPUTY)
    pair = make_pair(program, mentor=chi)
    with on(2025, 12, 1):
        requests.ask(pair, Request.Kind.REMATCH, by=pair.mentee, note="We talk past each other.")
    return chi, dee, Message.objects.get(name="message_received")


@pytest.mark.requirement("R-KLA-42")
def test_the_partner_with_a_seat_does_not_find_the_mail_that_tells_of_it(client, asked):
    chi, _dee, message = asked
    client.force_login(chi)
    assert message.subject not in client.get(reverse(MAILS)).content.decode()
    assert client.get(reverse("admin:mail_message_change", args=[message.pk])).status_code in (302, 404)


def test_her_deputy_does(client, asked):
    _chi, dee, message = asked
    client.force_login(dee)
    assert message.subject in client.get(reverse(MAILS)).content.decode()


def test_nor_does_she_read_in_the_history_or_on_the_first_page_that_something_was_asked(client, asked):
    chi, dee, _message = asked
    line = Entry.objects.get(verb="asked")
    seen = {}
    for who in (chi, dee):
        client.force_login(who)
        with on(2025, 12, 2):
            listed = client.get(reverse("admin:members_entry_changelist")).context["cl"].result_list
            first_page = client.get(reverse("admin:index")).context["lately"]
            status = client.get(reverse("admin:members_entry_change", args=[line.pk])).status_code
        seen[who] = (line in listed, "Bea" in " ".join(act.words for act in first_page), status)
    assert seen == {chi: (False, False, 404), dee: (True, True, 200)}


def test_nor_the_words_for_her_partner_when_the_pair_is_ended(client, asked):
    chi, dee, _message = asked
    with on(2025, 12, 3):
        requests.settle(Request.objects.get(), Request.State.DONE, by=dee, answer="We look for somebody calmer.")
    told = Message.objects.get(name="ended_early", to_email="bea@larkin.example.net")
    url, words = reverse("admin:mail_message_change", args=[told.pk]), "somebody calmer"
    client.force_login(chi)
    assert client.get(url).status_code == 404
    client.force_login(dee)
    assert words in client.get(url).content.decode()


def test_nor_in_the_history_of_her_own_pair(client, asked):
    chi, dee, _message = asked
    pair = Mentorship.objects.get()
    with on(2025, 12, 3):
        plans.save(pair, {"rhythm": "monthly"}, [], by=pair.mentee)
    seen = {}
    for who in (chi, dee):
        client.force_login(who)
        lines = client.get(reverse("admin:mentorships_mentorship_history", args=[pair.pk])).context["lines"]
        seen[who] = "plan_changed" in [entry.verb for entry, _name in lines]
    assert seen == {chi: False, dee: True}


def test_nor_in_what_leaves_this_week_on_the_first_page_or_in_the_year(client, asked):
    chi, dee, message = asked
    cycle = Mentorship.objects.get().cycle
    week = reverse("admin:year_ahead", args=[cycle.pk]) + "?month=week"
    seen = {}
    for who in (chi, dee):
        client.force_login(who)
        with clock.at(message.leaves_at):
            lines = promised.lines(who, cycle, timedelta(days=7))
            pages = [client.get(reverse("admin:index")).context["mail"], client.get(week).context["promised"]]
        named = [message.name in {line.name for line in found} for found in (lines, *pages)]
        seen[who] = (named, [message.subject in client.get(week).content.decode()])
    assert seen == {chi: ([False] * 3, [False]), dee: ([True] * 3, [True])}


def test_a_line_comes_of_one_question_so_that_the_worker_cannot_send_its_mail_between_two(asked):
    _chi, dee, message = asked
    cycle = Mentorship.objects.get().cycle
    with clock.at(message.leaves_at), CaptureQueriesContext(connection) as found:
        lines = promised.lines(dee, cycle, timedelta(days=7))
    assert (message.name, message.subject, 1) in [(line.name, line.subject, line.count) for line in lines]
    assert len([one for one in found if 'FROM "mail_message"' in one["sql"]]) == 1


def test_that_her_partner_was_reminded_of_another_year_is_not_hers_to_see(client, asked):
    chi, dee, _message = asked
    pair = Mentorship.objects.get()
    with on(2025, 12, 3):
        silent = Extension.objects.create(
            term=pair.term(), user=pair.mentee, role=Role.MENTEE, asked_at=clock.now(), answer_by=date(2026, 9, 1)
        )
        reminder(silent)
    told = Message.objects.get(name="extend_reminder")
    seen = {}
    for who in (chi, dee):
        client.force_login(who)
        seen[who] = told in client.get(reverse(MAILS)).context["cl"].result_list
    assert seen == {chi: False, dee: True}


@pytest.fixture
def among_others():
    """Mo mentors Bea and then Chi, the chair: one mail asks about both, and it is filed under Bea's pair."""
    program = make_kla(mentor_capacity=2)
    chi, dee = make_person("chi@kla.example.org", "Chi", "Harper"), make_person("dee@kla.example.org", "Dee", "Ruiz")
    make_seat(program, chi, Seat.Role.CHAIR)
    make_seat(program, dee, Seat.Role.DEPUTY)
    first = make_pair(program, mentors={"mentees_wanted": 2})
    add_mentee(first.mentor_application, chi)
    do_what_is_due(FIRST_CONTACT_DAY)
    return chi, dee, Message.objects.get(name="first_contact", to_email=first.mentor.email)


def test_a_mail_to_her_partner_about_several_is_her_own_affair_whichever_pair_comes_first(client, among_others):
    chi, dee, message = among_others
    assert (message.about in own_affairs.of(chi), message.key.count("+")) == (False, 1)
    Message.objects.filter(pk=message.pk).update(state="parked")
    cycle = Mentorship.objects.first().cycle
    seen = {}
    for who in (chi, dee):
        client.force_login(who)
        with clock.at(message.leaves_at):
            listed = message in client.get(reverse(MAILS)).context["cl"].result_list
            asked_to_look = [one.key for one in mail_tasks.tasks(who, cycle, []) if one.key.startswith("mail:parked")]
        message.refresh_from_db()
        seen[who] = (listed, own_affairs.concerns(who, message), asked_to_look)
    assert seen == {chi: (False, True, []), dee: (True, False, ["mail:parked:1"])}


def test_a_number_within_another_number_is_another_pair(among_others):
    chi, _dee, message = among_others
    own = CheckIn.objects.filter(mentorship__mentee=chi, role=Role.MENTOR).get()
    keys = {f"check-in:{own.pk}1+9{own.pk}:asked": False, f"check-in:999+{own.pk}:asked:alone": True}
    found = {}
    for key in keys:
        Message.objects.filter(pk=message.pk).update(key=key)
        found[key] = Message.objects.filter(own_affairs.mails(chi), pk=message.pk).exists()
    assert found == keys
