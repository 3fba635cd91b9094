"""Two years of the four programs with beat away for forty days in the middle and five at once at the end.

What left is counted where it arrived; what was owed is worked out from the rows by counting days (owed.py).
"""

from collections import Counter
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

import mentorships.due
from mail.models import Message
from mail.tests.scale import scale
from mentoring import presets
from mentoring.tests import beats, owed
from mentoring.tests.beats import SILENT_FROM, SILENT_TO
from mentorships import due_topics
from mentorships.models import Mentorship

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.promise("G6")]
MENTORS, MENTEES = scale(ci=10, full=37), scale(ci=12, full=60)
# Beats at once, on every so manieth evening; five of them when beat is back, and on every evening at the end.
USUAL, EVERY = scale(ci=1, full=2), scale(ci=3, full=1)
# What tells of one's leaving itself, on that day.
OF_LEAVING = {"message_received", "application_withdrawn", "ended_early"}


@pytest.fixture(autouse=True)
def _post(settings):
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")
    settings.EMAIL_BACKEND = "mentoring.tests.beats.Backend"
    beats.POST.arrivals.clear()


@pytest.fixture
def play(tmp_path):
    with beats.crew() as crew:
        years = {name: beats.set_up(name, tmp_path, MENTORS, MENTEES) for name in presets.names()}
        made = beats.Play(years, crew, USUAL, EVERY)
        made.befall()
        made.run()
    return made


def copies(rows):
    """How often each mail arrived at each address, by the occasion that it was promised for."""
    return Counter((rows[one.mail].key, address) for one in beats.POST.arrivals for address in one.to)


def twice():
    """The very same words to the same reader on the same day, whatever our rows call them."""
    by_reader = Counter((one.to, one.subject, one.text, one.day) for one in beats.POST.arrivals)
    return [what for what, count in by_reader.items() if count > 1]


def left(rows):
    """The calendar's mails to pairs as they arrived. Reminders may wait for their turn (two a week): as they were promised."""
    found = Counter()
    for one in beats.POST.arrivals:
        mail = rows[one.mail]
        if mail.name in owed.NAMES and mail.kind != Message.Kind.NUDGE:
            found[mail.name, one.to[0], one.day] += 1
    for mail in rows.values():
        if mail.name in owed.NAMES and mail.kind == Message.Kind.NUDGE and mail.refusal != CLOSED:
            found[mail.name, mail.to_email, beats.day_of(mail.queued_at)] += 1
    return found


CLOSED = "Its reader’s account is closed."


def unsettled(rows):
    """Mails that neither left nor were taken back, but for reminders whose turn has not come."""
    waiting = {Message.State.QUEUED: Message.Kind.NUDGE}
    settled = (Message.State.SENT, Message.State.CANCELLED)
    return [mail.key for mail in rows.values() if mail.state not in settled and waiting.get(mail.state) != mail.kind]


def to_the_departed(play, rows):
    """What reached somebody after they had left the program or closed their account, but for the word about it."""
    gone = {**play.departed, **play.closed}
    return [
        (rows[one.mail].name, address, one.day)
        for one in beats.POST.arrivals
        for address in one.to
        if address in gone
        and one.day >= gone[address]
        and not (rows[one.mail].name in OF_LEAVING and beats.day_of(rows[one.mail].queued_at) == gone[address])
    ]


def days_late(one, zone):
    """How many days after nine in the morning of its day a mail left."""
    return (beats.evening(one.leaves) - datetime.combine(one.due, time(9), ZoneInfo(zone))).days


def test_every_mail_that_was_due_left_once_and_none_went_to_who_had_gone(play, figures):
    rows = {mail.message_id: mail for mail in Message.objects.all()}
    expected = owed.everything(play.lived, play.answered, play.closed)

    assert set(copies(rows).values()) == {1}
    assert twice() == []
    assert {mail.message_id for mail in rows.values() if mail.state == Message.State.SENT} == {
        one.mail for one in beats.POST.arrivals
    }
    assert unsettled(rows) == []
    assert left(rows) == Counter((one.name, one.email, one.leaves) for one in expected)
    assert Message.objects.filter(name="introduction", state="sent").count() == Mentorship.objects.count() > 20
    assert to_the_departed(play, rows) == []

    late = [one for one in expected if one.leaves - one.due >= timedelta(days=EVERY)]
    assert {one.leaves for one in late} == {SILENT_TO}
    assert {one.name for one in late} >= {"topic", "check_in", "closing", "midway"}
    assert all(SILENT_FROM - timedelta(days=EVERY) < one.due < SILENT_TO for one in late)
    marked = Counter(
        (mail.name, mail.to_email, mail.days_late)
        for mail in rows.values()
        if mail.name in owed.NAMES and mail.days_late
    )
    zones = dict(Mentorship.objects.values_list("mentor__email", "cycle__program__time_zone"))
    zones |= dict(Mentorship.objects.values_list("mentee__email", "cycle__program__time_zone"))
    nudges = {mail.name for mail in rows.values() if mail.kind == Message.Kind.NUDGE}
    days = Counter(
        (one.name, one.email, days_late(one, zones[one.email])) for one in expected if one.name not in nudges
    )
    assert marked == Counter({what: count for what, count in days.items() if what[2]})

    figures.say(
        "G6",
        "24 months of the four programs",
        mails=len(beats.POST.arrivals),
        of_pairs=len(expected),
        evenings=len(play.lived),
        silent_days=beats.SILENT_DAYS,
        late=len(late),
        twice=0,
        missing=0,
        to_departed=0,
    )
    assert timedelta(days=40) == SILENT_TO - SILENT_FROM


@pytest.mark.parametrize("keyed", [True, False])
def test_it_is_the_key_of_a_mail_that_keeps_blind_beats_from_sending_it_twice(tmp_path, monkeypatch, figures, keyed):
    """Five beats that do not see what the others have promised, in the weeks after one program's introductions."""
    monkeypatch.setattr(mentorships.due, "_promised", lambda keys: list(keys) and set())
    monkeypatch.setattr(due_topics.notices, "promised_at", lambda keys: list(keys) and {})
    first, met, last = date(2025, 8, 17), date(2025, 10, 1), date(2025, 10, 14)
    with beats.crew() as crew, nullcontext() if keyed else beats.without_the_key():
        years = {"nmrt": beats.set_up("nmrt", tmp_path, MENTORS, MENTEES)}
        beats.Play(years, crew, every=3, first=first, last=last, five_from=met).run()
        Message.objects.all().delete()
    assert Mentorship.objects.count() > 1
    assert bool(twice()) is not keyed
    if not keyed:
        figures.say("G6", "without the unique key of a mail, blind beats", twice=len(twice()))
