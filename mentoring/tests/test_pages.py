"""What every page keeps to, whoever opens it: looking writes nothing, nothing inline, nothing private is stored, lists
ask the database as often for three rows as for one, and a page is light."""

import gzip
import re

import pytest
from django.contrib.staticfiles import finders

from mentoring.tests.walk import LISTS

pytestmark = pytest.mark.django_db
INLINE = re.compile(
    r"""<style|<script(?![^>]*(?:\ssrc=|\stype="application/json"))|<[a-z][^>]*\s(?:style|on[a-z]+)\s*=\s*["']""",
    re.IGNORECASE,
)
PUBLIC_FILES = {"accent"}  # a style sheet says itself how long it may be kept
KILOBYTES = {"home": 50, "program": 50, "apply": 60, "apply_section": 60}
KILOBYTES_OF_A_LIST = 90


def pages(walk):
    """Every page that somebody was shown: the address, the seat, the answer."""
    return [(name, seat, asked.response) for (name, seat), asked in walk.gets.items() if asked.answer == "y"]


def is_html(response):
    return response.headers.get("Content-Type", "").startswith("text/html")


def test_looking_writes_nothing(walk):
    written = [(name, seat, asked.written[0][:80]) for (name, seat), asked in walk.gets.items() if asked.written]
    assert written == []


def test_no_page_breaks(walk):
    seen = [*walk.gets.items(), *walk.posts.items(), *walk.gets_elsewhere.items(), *walk.posts_elsewhere.items()]
    assert [(where, asked.answer) for where, asked in seen if asked.answer.startswith("!")] == []


def test_nothing_is_inline(walk):
    found = {
        (name, match[0][:60])
        for name, seat, response in pages(walk)
        if is_html(response)
        for match in INLINE.finditer(response.content.decode())
    }
    assert found == set()


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: red">',
        "<style>",
        "<script>alert(1)</script>",
        '<a href="#" onclick="go()">',
        "<body ONLOAD='x'>",
    ],
)
def test_what_is_inline_is_found(html):
    assert INLINE.search(html)


def test_what_is_not_inline_is_left_alone():
    assert not INLINE.search(
        '<script src="/static/js/lists.js" defer></script><link rel="stylesheet"><p class="on">style="x"</p>'
    )


def test_every_page_forbids_what_is_inline_and_what_comes_from_elsewhere(walk):
    policies = {
        "; ".join(sorted(response.headers.get("Content-Security-Policy", "").split("; ")))
        for _, _, response in pages(walk)
        if is_html(response)
    }
    assert policies == {
        "base-uri 'self'; default-src 'self'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'"
    }


def test_every_page_says_how_it_may_be_used(walk):
    wanted = {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
              "Cross-Origin-Opener-Policy": "same-origin"}  # fmt: skip
    wrong = {
        (name, header, response.headers.get(header))
        for name, _, response in pages(walk)
        for header, value in wanted.items()
        if response.headers.get(header) != value
    }
    assert wrong == set()


def test_no_private_page_is_stored(walk):
    """Behind the sign-in, and behind a mailed link."""
    stored = {
        (name, seat)
        for name, seat, response in pages(walk)
        if (seat != "vi" or name.endswith(("_link", "_answer", "_agree")))
        and name not in PUBLIC_FILES
        and "no-store" not in response.headers.get("Cache-Control", "")
    }
    assert stored == set()


def test_every_list_asks_the_database_as_often_for_few_rows_as_for_many(walk):
    assert {name: count for name, count in walk.lists.items() if count[0] != count[1]} == {}
    assert walk.lists.keys() >= {
        "admin:programs_application_changelist",
        "admin:matching_desk",
        "admin:mentorships_pairs",
    }


def test_what_the_most_used_pages_ask_of_the_database(walk):
    seats = {"apply": "st", "application": "ap", "my": "me"}
    asked = {name: walk.gets[name, seat].queries for name, seat in seats.items()}
    assert max(asked.values()) <= 14, asked
    assert walk.gets["admin:programs_application_changelist", "ch"].queries <= 20
    assert walk.gets["admin:matching_desk", "ch"].queries <= 32


@pytest.mark.parametrize("name", [*KILOBYTES, "admin:programs_application_changelist", "admin:mentorships_pairs"])
def test_a_page_is_light(walk, name):
    """What travels when somebody opens it for the first time: the page, its style sheets, its scripts, compressed."""
    seat = "ch" if name.startswith("admin:") else "st"
    html = walk.gets[name, seat].response.content
    files = set(re.findall(r'(?:href|src)="/static/([^"?]+\.(?:css|js))', html.decode()))
    size = sum(len(gzip.compress(content)) for content in [html, *(_static(file) for file in files)])
    assert files
    assert size <= 1000 * KILOBYTES.get(name, KILOBYTES_OF_A_LIST)


def _static(path):
    with open(finders.find(path), "rb") as file:
        return file.read()


def test_the_lists_that_are_compared_exist(walk):
    assert set(LISTS) <= {address.name for address in walk.addresses}
