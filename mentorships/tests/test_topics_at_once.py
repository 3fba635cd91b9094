"""A month's topic to many people: as few questions as to a few, and one who fails takes nobody along."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mail.failures import Failed
from mail.models import Message
from members import clock
from mentorships import due_topics, notices_topics
from mentorships.models import Mentorship
from mentorships.tests.make import make_kla, make_pairs, make_topics
from programs.models import Program
from programs.tests.make import make_cycle

pytestmark = pytest.mark.django_db
AT = datetime(2025, 11, 1, 18, tzinfo=UTC)


def running(count):
    program = make_kla(topic_recipients=Program.TopicRecipients.BOTH)
    make_topics(make_cycle(program))
    make_pairs(program, count)
    pairs = Mentorship.objects.select_related("cycle__program__association")
    return list(pairs.order_by("pk").prefetch_related("terms"))


def send(pairs):
    with clock.at(AT):
        return [line.about for line in due_topics.due(pairs, AT, False)]


def test_twenty_people_cost_the_database_no_more_than_two():
    pairs = running(10)
    with CaptureQueriesContext(connection) as few:
        assert len(send(pairs[:1])) == 2
    with CaptureQueriesContext(connection) as many:
        assert len(send(pairs[1:])) == 18
    assert len(many) == len(few)


def test_who_cannot_be_written_to_keeps_nobody_else_from_the_topic(monkeypatch):
    pairs = running(3)
    topic, broken = notices_topics.topic, pairs[1].mentee.email

    def spoiled(cycle_topic, role, held, *, late=False):
        if held[0].person(role).email == broken:
            raise ValueError("nobody thought of this")
        return topic(cycle_topic, role, held, late=late)

    monkeypatch.setattr(notices_topics, "topic", spoiled)
    with pytest.raises(Failed):
        send(pairs)
    people = {person.email for pair in pairs for person in (pair.mentor, pair.mentee)}
    assert set(Message.objects.filter(name="topic").values_list("to_email", flat=True)) == people - {broken}
    monkeypatch.setattr(notices_topics, "topic", topic)
    assert send(pairs) == [f"mentorship:{pairs[1].pk}"]


def test_two_calendars_at_work_promise_each_once():
    pairs = running(3)
    assert (len(send(pairs)), len(send(pairs)), Message.objects.filter(name="topic").count()) == (6, 0, 6)
