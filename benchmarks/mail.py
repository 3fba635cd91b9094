"""What mail costs: each figure is a ratio of two things done in this one run, on PostgreSQL, on the same mails.

    python benchmarks/mail.py [--people 10000] [--database postgres://postgres@127.0.0.1:5432/postgres]

1. planning a month's topic to so many people, over making the same bodies and inserting them in bulk: at most 2;
2. a bare loop that writes the same mails and sends them over one connection by Django's own backend, without a database,
   over the delivery of them (claimed and settled one by one): at least 0.8. What delivery loses to the database it wins
   back in part, because it offers a mail in one go where the server takes it so;
3. the time of one worker over that of two, for as many mails: at least 1.4.

Everything happens in a scratch database beside the one that is named, and goes to a mail server of its own that takes
everything and counts. Times are those of the clock on the wall, since waiting is what is measured: for each mail delivery
waits once until the database's disk has it. Leave the machine alone meanwhile; the second figure is also given without
that wait, to tell a slow disk from a slow program. Both sides of it take turns. A bound that is missed makes the exit code 1.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from email import message_from_bytes
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

ROOT = str(Path(__file__).resolve().parents[1])
sys.path[0] = ROOT  # this file bears an app's name: find the app, not this file

ON_THE_DAY = datetime(2025, 11, 1, 18, tzinfo=UTC)
ROUNDS = 10
BODY = "\n\n".join(
    [
        "What would you be glad to have when this is over? Each of you says it first, then both of you write it down.",
        *(f"- A question to begin with, number {number}, and why it is **worth** your time" for number in range(1, 6)),
        "Read before, if you like: [a page on this](https://www.example.org/topic). Fifteen minutes are enough.",
    ]
)


# ---------------------------------------------------------------------------------------------------- the scratch house


class Sink:
    """A mail server of two processes, so that who sends over two lines is not waiting for one of them."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory()
        self.lists = [Path(self.folder.name) / name for name in ("one", "two")]
        with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
            self.port = listening.getsockname()[1]
            door = listening.fileno()
            self.processes = [
                subprocess.Popen([sys.executable, __file__, "--sink", str(door), str(taken)], pass_fds=[door])
                for taken in self.lists
            ]

    def counted(self) -> list[int]:
        """How often each mail came since it was asked last, each number once."""
        counts = Counter(line for taken in self.lists if taken.exists() for line in taken.read_text().splitlines())
        for taken in self.lists:
            taken.write_text("")
        return sorted(set(counts.values()))

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.folder.cleanup()


@contextmanager
def scratch(database: str) -> Iterator[tuple[dict[str, str], Sink]]:
    """An empty database and a mail server, and the environment that leads to both; nothing of them stays."""
    import psycopg2

    name = f"benchmark_{os.getpid()}"
    server = psycopg2.connect(database.replace("postgres://", "postgresql://"))
    server.autocommit = True
    server.cursor().execute(f"CREATE DATABASE {name}")
    sink = Sink()
    try:
        environment = {
            "DATABASE_URL": urlsplit(database)._replace(path=f"/{name}").geturl(),
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "DJANGO_SETTINGS_MODULE": "mail.tests.worker_settings",
            "TEST_QUEUE": name,
            "REDIS_URL": "",
            "MAIL_WAKE": "no",
            "MODE": "development",
        }
        yield environment, sink
    finally:
        sink.close()
        server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.close()


def be_a_sink(door: int, taken: str) -> None:
    """A mail server that takes everything that comes through this door and writes down each Message-ID."""
    from aiosmtpd.smtp import SMTP

    class Taker:
        async def handle_EHLO(self, server, session, envelope, hostname, responses):
            session.host_name = hostname
            return [responses[0], "250-PIPELINING", *responses[1:]]  # as the common mail servers do

        async def handle_DATA(self, server, session, envelope):
            print(message_from_bytes(envelope.content)["Message-ID"], file=book, flush=True)
            return "250 taken"

    async def serve() -> None:
        listening, loop = socket.socket(fileno=door), asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Taker()), sock=listening)
        await server.serve_forever()

    with open(taken, "a") as book:
        asyncio.run(serve())


def be_a_worker() -> None:
    """Wait for a word, then deliver until nothing may leave any more."""
    import django

    django.setup()
    from mail import delivery

    list(delivery.waiting(ON_THE_DAY)[:1])  # connected, as a worker is
    print("ready", flush=True)
    sys.stdin.readline()
    while delivery.deliver(ON_THE_DAY):
        continue


def clocked(action: Callable[..., Any], *args: Any) -> float:
    start = time.perf_counter()
    action(*args)
    return time.perf_counter() - start


def in_turn(one: Callable[[int], Any], other: Callable[[int], Any], rounds: int = ROUNDS) -> tuple[float, float]:
    """The seconds of two things that take turns, so that whatever else the machine does falls on both."""
    times = [(clocked(one, number), clocked(other, number)) for number in range(rounds)]
    return sum(pair[0] for pair in times), sum(pair[1] for pair in times)


# ----------------------------------------------------------------------------------------------------------- the people


def make_pairs(people: int) -> None:
    """A program with a topic for each month and so many people in pairs, introduced in October."""
    from members.models import User
    from mentorships.models import Mentorship, Term, Topic
    from mentorships.tests.make import INTRODUCED, make_kla, make_topics
    from programs.models import Application, Program, Role
    from programs.tests.make import make_cycle

    program = make_kla(topic_recipients=Program.TopicRecipients.BOTH)
    cycle = make_cycle(program)
    make_topics(cycle)
    Topic.objects.update(body=BODY)
    made = User.objects.bulk_create(
        User(email=f"person{number}@example.org", first_name=f"Person{number}", last_name="O’Neil-Sample")
        for number in range(people // 2 * 2)
    )
    applied = Application.objects.bulk_create(
        Application(
            cycle=cycle, user=user, role=[Role.MENTOR, Role.MENTEE][number % 2], state="admitted", started_at=INTRODUCED
        )
        for number, user in enumerate(made)
    )
    pairs = Mentorship.objects.bulk_create(
        Mentorship(
            cycle=cycle, mentor=mentor.user, mentee=mentee.user, mentor_application=mentor, mentee_application=mentee,
            introduced_at=INTRODUCED,
        )
        for mentor, mentee in zip(applied[::2], applied[1::2], strict=True)
    )  # fmt: skip
    Term.objects.bulk_create(
        Term(mentorship=pair, begins_on=date(2025, 10, 15), ends_on=date(2026, 10, 14)) for pair in pairs
    )


# --------------------------------------------------------------------------------------------------------- the figures


def planning(people: int, sink: Sink) -> float:
    """The calendar's own way to a month's topic, over making and inserting the same bodies."""
    from django.db import transaction
    from django.urls import reverse

    from mail import outbox, texts
    from mail.models import Message
    from members import clock
    from mentorships import due, due_topics

    made: list[tuple[str, dict]] = []
    pairs = due._pairs(ON_THE_DAY)
    reverse("my")  # a worker that has lived for a while knows its pages

    def plan() -> None:
        found = list(due_topics.due(pairs, ON_THE_DAY, False))
        assert len(found) == people, len(found)

    with clock.at(ON_THE_DAY), texts.watching(lambda name, context: made.append((name, context))):
        ours = clocked(plan)
    messages = list(Message.objects.order_by("pk"))
    Message.objects.all().delete()

    def bare() -> None:
        for message, (name, context) in zip(messages, made, strict=True):
            message.pk, message._state.adding = None, True
            message.subject, message.text, message.html = outbox.shipped(name, context)
        with transaction.atomic():
            Message.objects.bulk_create(messages, batch_size=500)

    return ours / clocked(bare)


def queue_anew() -> None:
    """Everything waits again, as on the day on which it was promised."""
    from django.db import connection

    from mail.models import Message

    Message.objects.update(state=Message.State.QUEUED, attempts=0, settled_at=None)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE mail_message")


def delivering(people: int, sink: Sink, wait: str = "on") -> float:
    """A bare loop over our delivery, both over one connection at a time; `wait` says whether the disk is waited for."""
    from django.core.mail import get_connection
    from django.db import connection

    from mail import delivery
    from mail.models import Message

    share = people // ROUNDS
    messages = list(Message.objects.order_by("leaves_at", "pk"))

    def ours(_number: int) -> None:
        assert len(delivery.deliver(ON_THE_DAY, limit=share)) == share

    def bare(number: int) -> None:
        server = get_connection()
        server.open()
        for message in messages[number * share : (number + 1) * share]:
            server.send_messages([delivery.compose(message, server)])
        server.close()

    queue_anew()
    with connection.cursor() as cursor:
        cursor.execute(f"SET synchronous_commit = {wait}")
    seconds, bare_seconds = in_turn(ours, bare)
    assert sink.counted() == [2]  # once by each
    return bare_seconds / seconds


def not_waiting(people: int, sink: Sink) -> float:
    return delivering(people, sink, "off")


def working_together(people: int, sink: Sink) -> float:
    """One worker over two, as processes of their own, half of the mails for each of two turns."""
    from mail.models import Message

    def work(count: int) -> float:
        queue_anew()
        crew = [
            subprocess.Popen(
                [sys.executable, __file__, "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(count)
        ]
        for process in crew:
            assert process.stdout.readline() == "ready\n"
        start = time.perf_counter()
        for process in crew:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in crew:
            process.communicate()
        seconds = time.perf_counter() - start
        assert set(Message.objects.values_list("state", flat=True)) == {Message.State.SENT}
        assert sink.counted() == [1]
        return seconds

    times = [(work(1), work(2)) for _ in range(2)]
    return sum(one for one, _two in times) / sum(two for _one, two in times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000, help="how many get the topic (a multiple of 20)")
    parser.add_argument(
        "--database",
        default=os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres"),
        help="a PostgreSQL server on which a scratch database may be made",
    )
    parser.add_argument("--sink", nargs=2, metavar=("DOOR", "LIST"), help=argparse.SUPPRESS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.sink:
        be_a_sink(int(given.sink[0]), given.sink[1])
    if given.worker:
        be_a_worker()
        return 0
    with scratch(given.database) as (environment, sink):
        os.environ.update(environment)
        return measure(given.people, sink)


def measure(people: int, sink: Sink) -> int:
    """Print the three figures; 1 when a bound is missed."""
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    make_pairs(people)
    print(f"| {people} mails, in this run | ratio | bound | |\n|---|---|---|---|")
    missed = 0
    for name, figure, bound, fits in (
        ("planning a topic, over making and inserting the same bodies", planning, "≤ 2", lambda ratio: ratio <= 2),
        ("a bare loop over one connection, over delivery", delivering, "≥ 0.8", lambda ratio: ratio >= 0.8),
        ("the same without waiting for the disk", not_waiting, "", lambda ratio: True),
        ("one worker, over two", working_together, "≥ 1.4", lambda ratio: ratio >= 1.4),
    ):
        ratio = figure(people, sink)
        missed += not fits(ratio)
        print(f"| {name} | {ratio:.2f} | {bound} | {'' if fits(ratio) else 'missed'} |", flush=True)
    connections.close_all()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
