"""Who opens the links in a mail before its reader does: scanners, previews, prefetching browsers; and whether it left a trace.

A trace is any change of any row: every table is read before and after, not only what was written by statements we know.
"""

import hashlib
from collections.abc import Iterable

from django.db import connection
from django.test import Client

# Nobody signed in, no cookie of ours; half of them only ask for the head.
LOOKS = [
    {},
    {"HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"},
    {"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))", "HTTP_ACCEPT": "*/*"},
    {"HTTP_USER_AGENT": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "HTTP_X_MS_EXCHANGE": "SafeLinks"},
    {"HTTP_USER_AGENT": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "HTTP_RANGE": "bytes=0-32768"},
    {"HTTP_USER_AGENT": "Mozilla/5.0 Firefox/128.0", "HTTP_X_MOZ": "prefetch", "HTTP_PURPOSE": "prefetch"},
    {"HTTP_USER_AGENT": "Mozilla/5.0 Chrome/126.0", "HTTP_SEC_PURPOSE": "prefetch;prerender", "HTTP_PURPOSE": "prefetch"},
    {"HTTP_USER_AGENT": "curl/8.5.0", "HTTP_REFERER": "https://mail.example.com/", "HTTP_COOKIE": "sessionid=nobody"},
    {"HTTP_USER_AGENT": "", "HTTP_ACCEPT_LANGUAGE": "xx"},
    {"HTTP_USER_AGENT": "\u00e9" * 300, "HTTP_HX_REQUEST": "true"},
]  # fmt: skip


def look(client: Client, path: str, number: int = 0) -> int:
    """One look at a page by one of these, who has no cookie; the answer's status."""
    client.cookies.clear()
    ask = client.head if number % 2 else client.get
    return ask(path, **LOOKS[number // 2 % len(LOOKS)]).status_code


def tables() -> dict[str, tuple[int, str]]:
    """Every table of the database with its number of rows and a digest of all that stands in them."""
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[name] = len(rows), hashlib.sha256("\n".join(rows).encode(errors="replace")).hexdigest()
    return found


def traces(before: dict[str, tuple[int, str]]) -> list[str]:
    """The tables that are not as they were."""
    after = tables()
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def traces_of_looking(paths: Iterable[str], times: int) -> list[str]:
    """Every page looked at so often; the tables that this has changed."""
    before, client = tables(), Client(enforce_csrf_checks=True)
    for path in paths:
        for number in range(times):
            status = look(client, path, number)
            assert status in (200, 302), (status, path)
    return traces(before)
