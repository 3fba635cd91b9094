"""A house for tests with real processes: a database, a broker and a mail server of their own, and what runs in them."""

import asyncio
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from contextlib import closing
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path

import psycopg2
import pytest
import redis
from aiosmtpd.controller import Controller
from django.db import connection

from mail.tests.scale import scale

ROOT = Path(__file__).resolve().parent.parent.parent
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
NO_BROKER = "redis://127.0.0.1:1/0"  # nobody listens there
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes a line for every word it hears


class Sink:
    """A mail server that takes everything and counts by itself. It thinks before it takes a mail (`hesitation`) and
    before it says so (`slowness`); `handed` counts what was handed to it, taken or not."""

    def __init__(self, slowness=0.0):
        self.mails, self.slowness = [], slowness
        self.handed, self.hesitation = 0, 0.0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):
        self.handed += 1
        await asyncio.sleep(self.hesitation)
        self.mails.append(message_from_bytes(envelope.content))
        await asyncio.sleep(self.slowness)
        return "250 taken"

    def counts(self):
        return Counter(mail["Message-ID"] for mail in self.mails)

    def readers(self):
        """How often each address got something."""
        return Counter(parseaddr(mail["To"])[1] for mail in self.mails)


def go(crew):
    """The word for which a crew waits."""
    for process in crew:
        process.stdin.write(b"go\n")
        process.stdin.flush()


class Server:
    """A database beside the tests' own, emptied for each house (to make and drop one each time takes longer), and copies."""

    def __init__(self):
        known = connection.settings_dict
        login = f"{known['USER']}:{known['PASSWORD']}" if known["PASSWORD"] else known["USER"]
        self.address = f"postgres://{login}@{known['HOST']}:{known['PORT'] or 5432}/"
        self.databases = []

    def another(self):
        """A new database, empty."""
        name = f"house_{uuid.uuid4().hex[:12]}"
        self.run(self.address + "postgres", f"CREATE DATABASE {name}")
        self.databases.append(name)
        return self.address + name

    def emptied(self):
        """The first database without a row in it and without anybody in it; None before there is one."""
        if not self.databases:
            return None
        name = self.databases[0]
        address = self.address + name
        self.run(
            self.address + "postgres",
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        [[tables]] = self.run(
            address,
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename NOT IN ('django_migrations', 'django_content_type')",
        )
        self.run(address, f"TRUNCATE {tables} RESTART IDENTITY")
        return address

    def close(self):
        for name in self.databases:
            self.run(self.address + "postgres", f"DROP DATABASE {name} WITH (FORCE)")

    @staticmethod
    def run(address, statement):
        with closing(psycopg2.connect(address)) as there, there.cursor() as cursor:
            there.autocommit = True
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


class House:
    """Starts processes that share one environment, and leaves none behind."""

    def __init__(self, folder, sink, broker="", server=None):
        self.folder, self.sink, self.broker, self.server, self.processes = folder, sink, broker, server, []
        self.log = (folder / "processes.log").open("ab")
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in ("REDIS_URL", "MODE", "PYTEST_CURRENT_TEST")
            },
            "DJANGO_SETTINGS_MODULE": "mail.tests.worker_settings",
            "TEST_QUEUE": f"test-{uuid.uuid4().hex}",
            "VAR_DIR": str(folder),
            "BROKER_DIR": str(folder / "broker"),
            "DATABASE_URL": f"sqlite:///{folder / 'house.sqlite3'}",
            "REDIS_URL": broker,
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "SITE_URL": "https://mentoring.example.org",
            "PYTHONPATH": str(ROOT),
        }

    def start(self, *command):
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def stage(self, *command):
        """Let another process do something and wait for it; what it printed."""
        process = self.start("mail.tests.stage", *command)
        return self._printed(process, command)

    def crew(self, count, *command):
        """So many deliverers, started and waiting for their word."""
        crew = [self.start("mail.tests.stage", "deliver", *command) for _ in range(count)]
        for process in crew:
            assert process.stdout.readline() == b"ready\n"
        return crew

    def worker(self):
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return self.start("celery", "-A", "mentoring", "worker", "--pool", "solo", "--loglevel", "WARNING", *quiet)

    def beat(self):
        return self.start("celery", "-A", "mentoring", "beat", "--loglevel", "WARNING", "--pidfile=")

    def manage(self, *command):
        """Run `manage.py COMMAND` on this house and wait for it; what it printed."""
        return self._printed(self.start("django", *command), command)

    def _printed(self, process, command):
        printed, _ = process.communicate(timeout=scale(ci=300, full=1_800))
        assert process.returncode == 0, f"{command}: {(self.folder / 'processes.log').read_text()[-2000:]}"
        return printed.decode()

    def states(self):
        """The state of every mail by its Message-ID."""
        return dict(self.rows("SELECT message_id, state FROM mail_message"))

    def readers(self):
        """The state of the one mail that each address was promised."""
        return dict(self.rows("SELECT to_email, state FROM mail_message"))

    def reckon(self, mails):
        """What became of so many mails: by the addresses that the mail server saw, and what the outbox says of the rest."""
        arrived, states = self.sink.readers(), self.readers()
        expected = {f"reader{number}@example.org" for number in range(mails)}
        unsure = {reader for reader, state in states.items() if state == "uncertain"}
        return {
            "mails": len(states),
            "arrived": len(arrived),
            "lost": len(expected - arrived.keys() - unsure),
            "twice": max(sum(count > 1 for count in counts.values()) for counts in (arrived, self.sink.counts())),
            "not promised": len(arrived.keys() - expected),
            "unsettled": sum(state not in ("sent", "uncertain") for state in states.values()),
            "uncertain": len(unsure),
        }

    def signs(self):
        """Which parts of the site have given a sign of life."""
        return sorted(name for (name,) in self.rows("SELECT name FROM mail_heartbeat"))

    def rows(self, question):
        """What the house's database answers."""
        address = self.environment["DATABASE_URL"]
        if self.server:
            return self.server.run(address, question)
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as there:
            return there.execute(question).fetchall()

    def wait_for(self, count, seconds=90):
        """Until the sink has so many mails."""
        self.wait_until(lambda: len(self.sink.mails) >= count, seconds)

    @staticmethod
    def wait_until(it_is_so, seconds=90):
        end = time.monotonic() + seconds
        while not it_is_so() and time.monotonic() < end:
            time.sleep(0.02)

    def wait_until_nothing_waits(self, seconds=90):
        """Until no mail waits to leave: first until the mail server has had a quiet second, then by the outbox itself."""
        seen = -1
        while seen != len(self.sink.mails):
            seen = len(self.sink.mails)
            time.sleep(1)
        self.wait_until(lambda: "queued" not in self.readers().values(), seconds)

    def done(self, task):
        """How many tasks of this name the workers have finished."""
        count = self.folder / f"{task}.count"
        return count.stat().st_size if count.exists() else 0

    def wipe(self):
        """Take from the broker everything that is this house's: queues, what nobody has acknowledged, bindings; how many
        messages were lost with it."""
        prefix, server = self.environment["TEST_QUEUE"] + ":", redis.Redis.from_url(self.broker)
        lost = server.llen(prefix + self.environment["TEST_QUEUE"]) + server.hlen(prefix + "unacked")
        if keys := list(server.scan_iter(prefix + "*", count=1000)):
            server.delete(*keys)
        server.close()
        return lost

    def move_to_a_restored_copy(self):
        """Dump the database, restore the dump into another one, and live there from now on."""
        dump = self.folder / "yesterday.dump"
        subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", self.environment["DATABASE_URL"]], check=True)
        self.environment["DATABASE_URL"] = self.server.another()
        subprocess.run(
            ["pg_restore", "--exit-on-error", f"--dbname={self.environment['DATABASE_URL']}", dump], check=True
        )

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdin.close()
            process.stdout.close()
        self.log.close()
        if self.broker == REDIS:
            self.wipe()


@pytest.fixture
def sink():
    sink = Sink()
    sink.controller.start()
    yield sink
    sink.controller.stop()


@pytest.fixture(scope="session")
def server():
    """Where the houses' databases are: None when the tests run on SQLite."""
    if connection.vendor != "postgresql":
        yield None
        return
    server = Server()
    yield server
    server.close()


@pytest.fixture
def build(tmp_path, sink, server):
    """Builds a house; its tables are made and empty."""
    houses = []

    def build(broker=REDIS):
        house = House(tmp_path, sink, broker, server)
        houses.append(house)
        known = server and server.emptied()
        if server:
            house.environment["DATABASE_URL"] = known or server.another()
        if not known:
            house.stage("tables")
        return house

    yield build
    for house in houses:
        house.close()
