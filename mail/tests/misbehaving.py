"""A mail server of a real socket that does what a test told it to, however badly.

    Server({"MAIL": CLOSE}, {})     breaks the first connection off when a mail is offered; the second is well-behaved

A plan names the moments ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "body", "dot") at which a connection answers
otherwise than usual: by a line, by CLOSE or HANG, or by a list of these, one for each time that the moment comes. What
comes after the last plan is as the last. `taken` are the mails that were received to their end and kept. With `in_one_go`
it says that it takes several commands at once (RFC 2920).
"""

import contextlib
import socket
import threading
from email import message_from_bytes

CLOSE, HANG, KEEP_AND_CLOSE = "close", "hang", "keep and close"
USUAL = {
    "greeting": "220 here",
    "EHLO": "250-here\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 welcome",
    "MAIL": "250 go on",
    "RCPT": "250 go on",
    "DATA": "354 go on",
    "dot": "250 taken",
    "body": "",
}


class Broken(Exception):
    """This connection is over."""


class Server:
    def __init__(self, *plans, in_one_go=False):
        self.plans, self.taken, self.connections, self.over = list(plans) or [{}], [], 0, threading.Event()
        self.usual = (
            {**USUAL, "EHLO": USUAL["EHLO"].replace("250-8", "250-PIPELINING\r\n250-8")} if in_one_go else USUAL
        )
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what was not read, is seen to be missing
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.over.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join()
        self.listening.close()

    def numbers(self):
        """The Message-IDs of what was taken, in its order."""
        return [message_from_bytes(one)["Message-ID"] for one in self.taken]

    def _serve(self):
        while not self.over.is_set():
            connection, _address = self.listening.accept()
            plan = self.plans[min(self.connections, len(self.plans) - 1)]
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection, plan), daemon=True).start()

    def _talk(self, connection, plan):
        with connection, contextlib.suppress(Broken, OSError):
            Talk(self, connection, {key: iter(_many(plan.get(key, usual))) for key, usual in self.usual.items()}).talk()


class Talk:
    """One connection from its greeting to its end."""

    def __init__(self, server, connection, plan):
        self.server, self.connection, self.plan = server, connection, plan
        self.file = connection.makefile("rb")

    def talk(self):
        self.answer("greeting")
        while command := self.file.readline():
            verb = command[:4].decode("ascii", "replace").upper().strip()
            if verb == "QUIT":
                return self.say("221 bye")
            if verb in ("RSET", "NOOP"):
                self.say("250 go on")
            elif verb in ("EHLO", "HELO"):
                self.answer("EHLO")
            elif self.answer(verb) == "354":
                self.body()
        return None

    def body(self):
        self.answer("body", read=10)
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise Broken
            lines.append(line)
        done = next(self.plan["dot"])
        if done == KEEP_AND_CLOSE or done.startswith("250") or not done[:1].isdigit() and done not in (CLOSE, HANG):
            self.server.taken.append(b"".join(lines))
        self.do(CLOSE if done == KEEP_AND_CLOSE else done)

    def answer(self, moment, read=0):
        planned = next(self.plan[moment])
        if planned in (CLOSE, HANG) and read:
            self.file.read(read)
        return self.do(planned)

    def do(self, planned):
        if planned == HANG:
            self.server.over.wait()
            raise Broken
        if planned == CLOSE:
            raise Broken
        if planned:
            self.say(planned)
        return planned[:3]

    def say(self, line):
        self.connection.sendall(line.encode("latin-1") + b"\r\n")


def _many(planned):
    """One answer for each time; the last one for ever."""
    planned = planned if isinstance(planned, list) else [planned]
    yield from planned
    while True:
        yield planned[-1]
