"""`make demo`: a database with people at every stage, then web, worker and beat as real processes."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mentoring.demo import cast, world


class Command(BaseCommand):
    help = "Load the sample programs with people at every stage and start web, worker and beat."

    def add_arguments(self, parser):
        parser.add_argument("--load-only", action="store_true", help="load the data and stop")

    def handle(self, *args, load_only=False, **options):
        if not settings.DEMO:
            raise CommandError(
                "The demo runs with MODE=demo only, so that nobody loads sample people into a real site."
            )
        for folder in ("var/mail", "var/broker/control"):
            Path(settings.BASE_DIR, folder).mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        self.stdout.write("Loading people at every stage …")
        try:
            self.stdout.write(world.load())
        except world.Interrupted as half:
            raise CommandError(str(half)) from half
        if load_only:
            return
        port = os.environ.get("PORT") or str(free_port(8000))
        self.stdout.write(welcome(port))
        self.stdout.flush()
        start(port)


def free_port(wanted: int) -> int:
    """The wanted port, or one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise CommandError("No port is free. Choose one: PORT=8765 make demo")


def welcome(port: str) -> str:
    """Where to look and whom to sign in as."""
    lines = []
    for program, people in cast.by_program():
        lines += ["", f"{program.name}: http://localhost:{port}/{program.slug}/"]
        lines += [f"  {member.name:<22} {member.what}" for member in people]
    return (
        f"\nSign in as anybody: http://localhost:{port}/demo/\n"
        f"The mails:          http://localhost:{port}/demo/mails/\n"
        f"The committee:      http://localhost:{port}/admin/ (as one of the chairs)\n"
        f"Codes you ask for:  the newest file in var/mail/\n" + "\n".join(lines) + "\n\nStop with Ctrl-C.\n"
    )


def start(port: str) -> None:
    """Web, worker and beat by the Procfile; ends when one of them ends or on Ctrl-C."""
    environment = {**os.environ, "PORT": port, "SITE_URL": f"http://localhost:{port}", "DEMO_STARTED": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    honcho = [sys.executable, "-m", "honcho", "-f", "Procfile", "start"]
    os.chdir(settings.BASE_DIR)
    try:
        sys.exit(subprocess.call(honcho, env=environment))
    except KeyboardInterrupt:
        sys.exit(0)
