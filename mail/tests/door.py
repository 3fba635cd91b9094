"""A mail provider's web door in a test: it takes mail as Postmark does, counts by itself, and tells afterwards.

As a command (python -m mail.tests.door FILE) it posts what a provider tells to the site of the house, through its own address.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "events:a-long-password"


class Door:
    """Takes every mail, and answers after a while: whoever dies meanwhile does not know that it was taken."""

    def __init__(self, slowness=0.0):
        self.mails, self.slowness = [], slowness
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                door.mails.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                number = f"theirs-{len(door.mails)}"
                door.mails[-1]["MessageID"] = number
                time.sleep(door.slowness)
                said = {"To": door.mails[-1]["To"], "ErrorCode": 0, "Message": "OK", "MessageID": number}
                self.send_response(200)
                self.end_headers()
                try:
                    self.wfile.write(json.dumps(said).encode())
                except BrokenPipeError:
                    return  # the worker was killed meanwhile

            def log_message(self, *said):
                """Nothing of it goes to the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *problem):
        self.server.shutdown()
        self.server.server_close()

    def settings(self):
        """What a house needs in its environment to send through here."""
        given = {"MAIL_PROVIDER": "postmark", "MAIL_PROVIDER_KEY": "the-key", "MAIL_PROVIDER_SECRET": SECRET}
        return {**given, "MAIL_PROVIDER_API": self.url}

    def events(self):
        """That every mail was delivered, as Postmark tells it."""
        return [
            {
                "RecordType": "Delivery",
                "MessageID": mail["MessageID"],
                "Recipient": mail["To"].split("<")[-1].rstrip(">"),
                "DeliveredAt": "2025-10-15T12:03:54Z",
                "Metadata": mail["Metadata"],
            }
            for mail in self.mails
        ]


def tell(path):
    """Post these events one after the other; print how each was answered."""
    import django

    django.setup()
    from django.test import Client

    from mail.tests.post import basic

    with open(path) as told:
        for event in json.load(told):
            answer = Client().post(
                "/mail/events/postmark/", json.dumps(event), "application/json", headers=basic(SECRET)
            )
            print(answer.status_code)


if __name__ == "__main__":
    tell(*sys.argv[1:])
