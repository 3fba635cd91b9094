"""What the mail tests with real processes live in."""

from mail.tests.house import build, server, sink

__all__ = ["build", "server", "sink"]
