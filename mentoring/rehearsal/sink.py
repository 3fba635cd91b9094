"""A post office of its own for a rehearsed year: it takes every mail over SMTP and counts by itself what arrived where.

`python -m mentoring.rehearsal.sink` says its port, takes mail until its input ends, then tells what it has counted.
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from email import message_from_bytes

from aiosmtpd.smtp import SMTP


class Post:
    """What has arrived: how many copies of which mail (its Message-ID) at which address."""

    def __init__(self) -> None:
        self.copies: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, server, session, envelope) -> str:
        head = envelope.content.partition(b"\r\n\r\n")[0]  # the mail itself is nobody's business here
        mail = str(message_from_bytes(head)["Message-ID"]).strip()
        for address in envelope.rcpt_tos:
            self.copies[mail, address.lower()] += 1
        return "250 OK"


class Sink:
    """The post office as a process beside ours: `port` to send to, `close()` to be told what has arrived."""

    def __enter__(self) -> "Sink":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mentoring.rehearsal.sink"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *error) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self) -> dict[tuple[str, str], int]:
        """End it: {(Message-ID, address): copies}."""
        told, _ = self.process.communicate()
        return {(mail, address): copies for mail, address, copies in json.loads(told)}


async def serve() -> None:
    post, loop = Post(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(post), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    print(json.dumps([[mail, address, copies] for (mail, address), copies in post.copies.items()]), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
