"""Acts that start at the same moment, each in a thread and over a connection of its own. Only a server tells them apart."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection


def at_once(*acts: Callable[[], object]) -> list[Exception]:
    """Everything starts together; what went wrong."""
    if connection.vendor != "postgresql":
        pytest.skip("threads share one connection on SQLite in memory; DATABASE_URL names a PostgreSQL server")
    start, errors = threading.Barrier(len(acts)), []

    def work(act):
        try:
            connection.ensure_connection()
            start.wait()
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
