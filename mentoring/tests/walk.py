"""One walk over every address by every seat, in a world that is made for it and forgotten afterwards.

What the walk saw is kept as plain data, so that many tests can look at it and none of them costs a request.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse

from members import clock
from members.committee import Guarded
from mentoring.tests import matrix, stages
from mentoring.tests.matrix import Address, Asked
from mentoring.tests.matrix_table import SEATS, table

TABLE = table()
SIGN_IN = "members.backends.SignInBackend"
OF_HOME = ("li", "co", "ch", "de", "mb", "of")  # seats whose rights end where KLA does
# Where rights are a table's, one seat of each kind walks; where all who are signed in are alike, some of them do.
OF_TABLES = ("vi", "st", "li", "co", "ch", "mb", "sa", "xc")
OF_HISTORIES = ("vi", "st", "co", "ch", "xc")
NOBODYS = ("vi", "ch", "sa")
ALIKE = ("vi", "st", "me", "ch")
# Pages that show one cycle, asked for by a number that anybody can type.
BY_CYCLE = {
    "admin:index": "cycle",
    "admin:mentorships_pairs": "cycle",
    "admin:mentorships_contacts": "cycle",
    "admin:mentorships_cycletopic_changelist": "cycle",
    "admin:evaluations_report": "cycle",
    "admin:evaluations_response_changelist": "cycle",
    "admin:programs_is_this_a_member": "cycle",
    "admin:programs_waiting": "cycle",
    "admin:programs_application_changelist": "cycle__id__exact",
    "admin:matching_match_changelist": "cycle__id__exact",
}


class Browser(Client):
    """A test client that keeps no copies of what templates were given: a walk has thousands of pages."""

    def request(self, **request):
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return response


@dataclass
class Walk:
    """What was seen: by address and seat, at home and at the other program's rows; GETs and POSTs."""

    addresses: list[Address]
    gets: dict[tuple[str, str], Asked] = field(default_factory=dict)
    posts: dict[tuple[str, str], Asked] = field(default_factory=dict)
    gets_elsewhere: dict[tuple[str, str], Asked] = field(default_factory=dict)
    posts_elsewhere: dict[tuple[str, str], Asked] = field(default_factory=dict)
    by_cycle: dict[tuple[str, str], Asked] = field(default_factory=dict)
    lists: dict[str, tuple[int, int]] = field(default_factory=dict)


@contextmanager
def a_world() -> Iterator["stages.World"]:
    """The world of all stages for as long as it is looked at."""
    atomics = TestCase._enter_atomics()  # what delivers mail insists on a transaction of its own, or a test's
    try:
        world = stages.make_world()
        with clock.at(stages.NOW):
            yield world
    finally:
        TestCase._rollback_atomics(atomics)


def everywhere() -> Walk:
    """Every address, every seat."""
    cache.clear()
    logging.disable(logging.CRITICAL)
    try:
        with a_world() as world:
            return _walked(world)
    finally:
        logging.disable(logging.NOTSET)
        cache.clear()


def _walked(world) -> Walk:
    clients = sign_in(world)
    seen = Walk(matrix.addresses())
    for address in seen.addresses:
        seats, sends = who_walks(address)
        url, elsewhere = matrix.url_of(address, world.home), matrix.url_of(address, world.other)
        _open(seats, address, url, clients, seen.gets, seen.posts if sends else None)
        if address.parts and seats is not NOBODYS and not matrix.is_fallback(address.name):
            theirs = [seat for seat in OF_HOME if seat in seats and (seat in ("ch", "of") or address.name in TABLE)]
            _open(theirs, address, elsewhere, clients, seen.gets_elsewhere, seen.posts_elsewhere if sends else None)
    for name, asked in BY_CYCLE.items():
        for seat in (*OF_HOME, "xc"):
            url = f"{reverse(name)}?{asked}={world.other.cycles['spring'].pk}"
            seen.by_cycle[name, seat] = matrix.ask(clients[seat], url)
    _lists(seen, world, clients["ch"])
    return seen


def who_walks(address: Address) -> tuple[tuple[str, ...], bool]:
    """Which seats open an address, and whether they send something, too."""
    cells = TABLE.get(address.name)
    if cells:
        alike = len(set(list(cells.values())[1:])) == 1 and not address.name.startswith("admin:")
        return (ALIKE if alike else SEATS), True
    if page := matrix.model_page(address.name):
        if not isinstance(page[0], Guarded):
            return NOBODYS, False
        return (OF_HISTORIES if page[1] == "history" else OF_TABLES), page[1] in ("change", "delete")
    return ("vi", "st", "ch"), False


def _open(seats, address, url, clients, gets, posts) -> None:
    for seat in seats:
        gets[address.name, seat] = matrix.ask(clients[seat], url)
        if posts is not None:
            posts[address.name, seat] = matrix.ask(clients[seat], url, "post")


def sign_in(world) -> dict[str, Client]:
    """A browser for each seat."""
    home = world.home
    people = (
        None, world.sam, home.hal, home.mo, home.bea, home.lee, home.mim, home.chi, home.dee, home.max, home.oda,
        world.root, world.other.chi,
    )  # fmt: skip
    clients = {}
    for seat, person in zip(SEATS, people, strict=True):
        clients[seat] = Browser(raise_request_exception=False)
        if person:
            clients[seat].force_login(person, backend=SIGN_IN)
    return clients


def _lists(seen, world, chair) -> None:
    """How often each list asks the database, and how often when twice as much is on it."""
    urls = {
        address.name: matrix.url_of(address, world.home)
        for address in seen.addresses
        if address.name.endswith("_changelist") or address.name in LISTS
    }
    few = {name: matrix.ask(chair, url) for name, url in urls.items()}
    stages.make_more(world.home)
    for name, url in urls.items():
        if few[name].answer == "y":
            seen.lists[name] = (few[name].queries, matrix.ask(chair, url).queries)


LISTS = ("home", "program", "admin:index", "admin:set_up", "admin:programs_is_this_a_member", "admin:matching_desk",
         "admin:programs_waiting", "admin:matching_announce", "admin:mentorships_pairs", "admin:evaluations_report",
         "admin:letters", "admin:write_to")  # fmt: skip
