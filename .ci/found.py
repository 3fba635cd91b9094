"""Which servers and which browser the tests can use here: one line each for what is not there, or shell exports."""

import os
import shutil
import socket
import sys
from urllib.parse import urlsplit

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


def postgresql() -> bool:
    import psycopg2

    try:
        psycopg2.connect(DATABASE_URL.replace("postgres://", "postgresql://"), connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def redis() -> bool:
    parts = urlsplit(REDIS_URL)
    try:
        socket.create_connection((parts.hostname, parts.port or 6379), timeout=3).close()
    except OSError:
        return False
    return True


def browser() -> str:
    return os.environ.get("CHROMIUM", "") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


def main() -> None:
    has_postgresql, has_redis, chromium = postgresql(), redis(), browser()
    if "--exports" in sys.argv:
        marks = [
            mark for mark, there in (("race", has_postgresql), ("kill", has_redis), ("browser", chromium)) if there
        ]
        print(f'export MARKS="{" or ".join(marks)}"')
        if has_postgresql:
            print(f'export DATABASE_URL="{DATABASE_URL}"')
        if has_redis:
            print(f'export TEST_REDIS_URL="{REDIS_URL}"')
        if chromium:
            print(f'export CHROMIUM="{chromium}"')
        return
    if not has_postgresql:
        print(
            "PostgreSQL was not found on 127.0.0.1:5432: the race tests are left out (TEST_DATABASE_URL names another)."
        )
    if not has_redis:
        print(
            "Redis was not found on 127.0.0.1:6379: the tests with killed workers are left out (TEST_REDIS_URL names another)."
        )
    if not chromium:
        print("Chromium was not found: the tests in a browser are left out (CHROMIUM names its program).")


main()
