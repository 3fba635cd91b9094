"""A house for tests with real processes: a database, a broker and a mail server of their own, and what runs in them."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


class Sink:
    """A mail server that takes everything and counts by itself, by Message-ID."""

    def __init__(self, slowness=0.0):
        self.mails, self.slowness = [], slowness
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content))
        await asyncio.sleep(self.slowness)
        return "250 taken"

    def counts(self):
        return Counter(mail["Message-ID"] for mail in self.mails)


def go(crew):
    """The word for which a crew waits."""
    for process in crew:
        process.stdin.write(b"go\n")
        process.stdin.flush()


class House:
    """Starts processes that share one environment, and leaves none behind."""

    def __init__(self, folder, sink, broker=""):
        self.folder, self.sink, self.processes = folder, sink, []
        self.scratch = ""
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
            "DATABASE_URL": self._database(),
            "REDIS_URL": broker,
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "SITE_URL": "https://mentoring.example.org",
            "PYTHONPATH": str(ROOT),
        }

    def _database(self):
        """A scratch database beside the tests' own on PostgreSQL, else a file."""
        if connection.vendor != "postgresql":
            return f"sqlite:///{self.folder / 'house.sqlite3'}"
        self.scratch = f"house_{uuid.uuid4().hex[:12]}"
        self._on_server(f"CREATE DATABASE {self.scratch}")
        known = connection.settings_dict
        login = f"{known['USER']}:{known['PASSWORD']}" if known["PASSWORD"] else known["USER"]
        return f"postgres://{login}@{known['HOST']}:{known['PORT'] or 5432}/{self.scratch}"

    def _on_server(self, statement):
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)

    def start(self, *command):
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def stage(self, *command):
        """Let another process do something and wait for it; what it printed."""
        process = self.start("mail.tests.stage", *command)
        printed, _ = process.communicate(timeout=150)
        assert process.returncode == 0, command
        return printed.decode()

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

    def states(self):
        return json.loads(self.stage("states"))

    def wait_for(self, count, seconds=90):
        """Until the sink has so many mails."""
        end = time.monotonic() + seconds
        while len(self.sink.mails) < count and time.monotonic() < end:
            time.sleep(0.05)

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdin.close()
            process.stdout.close()
        if self.scratch:
            self._on_server(f"DROP DATABASE {self.scratch} WITH (FORCE)")
