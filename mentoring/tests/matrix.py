"""Walks every address of the site (the URL resolver, the admin's registry included) and knows what a person without any
business there may meet. Who may open what is the table in `matrix_table`."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from members.committee import Guarded, ReadOnlyAdmin
from mentoring.tests import stages
from programs.seats import POLICY
from programs.tests.make import writes

ACTS = ("changelist", "add", "history", "delete", "change")


@dataclass(frozen=True)
class Address:
    """One address: its full name ("admin:matching_desk") and the names of its variable parts."""

    name: str
    parts: tuple[str, ...]


def addresses() -> list[Address]:
    """Every address, in the resolver's order; one without a name is reported by its pattern, a name's second one not."""
    return list({address.name: address for address in reversed(list(_walk(get_resolver().url_patterns)))}.values())[
        ::-1
    ]


def _walk(patterns, namespace="", parts=(), route=""):
    for pattern in patterns:
        found = (*parts, *pattern.pattern.converters, *_groups(pattern.pattern))
        here = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, found, here)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name}" if pattern.name else f"({here})", found)


def _groups(pattern):
    """The named groups of a pattern that is a regular expression."""
    return tuple(pattern.regex.groupindex) if not pattern.converters and "(?P<" in str(pattern) else ()


# ------------------------------------------------------------------------------------------------ the admin's own pages


def model_page(name: str):
    """("admin:programs_cycle_change") → (the admin of cycles, "change"); None for an address of another kind."""
    for model, its_admin in admin.site._registry.items():
        for act in ACTS:
            if name == f"admin:{model._meta.app_label}_{model._meta.model_name}_{act}":
                return its_admin, act
    return None


def is_fallback(name: str) -> bool:
    """The admin's address of a row without its last word ("…/17/"): Django leads on to the row's page."""
    return name.startswith("(admin/") and name.endswith("/<path:object_id>/)")


def by_policy(its_admin, act: str, role: str, here: bool) -> str:
    """What the one table of rights gives this seat on a table's page: GET and POST."""
    table, app = its_admin.opts.model_name, its_admin.opts.app_label
    fixed = isinstance(its_admin, ReadOnlyAdmin)

    def may(word: str) -> bool:
        return role in POLICY.get(f"{app}.{word}_{table}", set()) and not (fixed and word != "view")

    reads = may("view") or may("change")
    if act == "add":
        return "yy" if may("add") else "nn"
    if act == "changelist":
        return "yy" if reads else "nn"
    if not isinstance(its_admin, Guarded):
        return "rr" if act == "history" else "--"
    if not here:
        return ".."
    if act == "history":
        return "yy" if reads else "--"
    if act == "delete":
        return "yy" if may("delete") else "--"
    return ("y" if reads else "-") + ("y" if may("change") else "-")


# --------------------------------------------------------------------------------------------------------- what comes back


def said(response) -> str:
    """One letter for an answer: y(es), r(edirect), s(ign in first), n(ot allowed), . (not there), m(ethod), ! (broken)."""
    code = response.status_code
    if code in (301, 302):
        signs_in = response["Location"].startswith(("/account/login/", "/admin/login/"))
        return "s" if signs_in else "r"
    return {200: "y", 403: "n", 404: ".", 405: "m", 410: "g"}.get(code, f"!{code}")


def agrees(cell: str, answer: str) -> bool:
    """ "-" is a no of either kind: not there, or not allowed."""
    return answer in ".n" if cell == "-" else answer == cell


@dataclass(frozen=True)
class Asked:
    """What came of one request: the answer's letter, the page, what was written, how often the database was asked."""

    answer: str
    response: HttpResponse
    written: tuple[str, ...]
    queries: int


def ask(client, url: str, method: str = "get") -> Asked:
    """One request of somebody; afterwards everything is as it was before, their being signed in too."""
    cookies, asked = client.cookies.copy(), []

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    kept = transaction.savepoint()
    with connection.execute_wrapper(note):
        response = getattr(client, method)(url)
    transaction.savepoint_rollback(kept)
    client.cookies = cookies
    return Asked(said(response), response, tuple(sql for sql in asked if writes(sql)), len(asked))


# -------------------------------------------------------------------------------------------------- which row a page is about

ROWS = {
    "application": "held",
    "cycle": "cycle",
    "mentorship": "pair",
    "checkin": "check_in",
    "checkinplan": "check_in_plan",
    "request": "asked",
    "receipt": "end",
    "serviceletter": "letter",
}


def url_of(address: Address, stage: "stages.Stage") -> str:
    """The address with this program's rows in its variable parts."""
    args = arguments(address, stage)
    if address.name.startswith("("):
        return "/" + address.name.strip("()").removesuffix("$").replace(
            "<path:object_id>", str(args.get("object_id"))
        ).replace("(?P<url>.*)", "no-such-page")
    return reverse(address.name, kwargs=args)


def arguments(address: Address, stage: "stages.Stage") -> dict[str, object]:
    known = {**_of_program(stage), **_of_row(address, stage), **_of_link(address, stage)}
    return {part: known[part] for part in address.parts}


def _of_program(stage) -> dict[str, object]:
    """Parts that mean the same wherever they stand."""
    from django.contrib.contenttypes.models import ContentType

    return {
        "program": stage.program.slug,
        "role": "mentor",
        "section": "1",
        "moment": "application",
        "name": "plan",
        "slug": stage.program.association.slug,
        "app_label": "programs",
        "audience": "applications",
        "url": "no-such-page",
        "kind": "help",
        "gate": stage.gate.pk,
        "check_in": stage.check_in.pk,
        "request_pk": stage.asked.pk,
        "code": stage.letter.code,
        "uidb36": "1",
        "key": "none",
        "token": "forged",
        "provider": "postmark",
        "content_type_id": ContentType.objects.get_for_model(stage.held).pk,
        "object_id": stage.held.pk,
        "cycle": stage.cycles["autumn"].slug,
    }


def _of_row(address, stage) -> dict[str, object]:
    """The row that the address names by its number."""
    name = address.name
    if page := model_page(name):
        return {"object_id": _row_of(page[0].model, stage)}
    if is_fallback(name):
        app, table = name.strip("()").split("/")[1:3]
        return {
            "object_id": next(
                _row_of(m, stage) for m in admin.site._registry if m._meta.label_lower == f"{app}.{table}"
            )
        }
    found = {"cycle": stage.cycles["autumn"].pk} if name.startswith("admin:") else {}
    starts = {
        "admin:mail_resolve": stage.message,
        "admin:letter": stage.mailing,
        "admin:matching_export": stage.run,
        "admin:matching_offer": stage.offer,
        "offer": stage.offer,
        "admin:mentorships_request": stage.asked,
        "admin:mentorships_check": stage.check_in,
        "admin:mentorships_topic_preview": stage.cycletopic,
        "admin:mentorships": stage.pair,
        "admin:evaluations_letter": stage.letter,
        "letter_ask": stage.pair,
        "letter": stage.letter,
        "admin:evaluations": stage.response,
        "admin:programs_attendance": stage.training,
        "admin:programs_places_count": stage.cycles["autumn"],
        "admin:programs": stage.held,
        "workshops": stage.held,
        "evaluation_afterwards": stage.end,
        "evaluation": stage.midway,
        "mentorship": stage.pair,
        "check_in": stage.pair,
        "extension": stage.another_year,
        "next_step": stage.next_step,
        "application": stage.held,
        "mfa": None,
    }
    for start, row in starts.items():
        if name.startswith(start):
            return found | {"pk": row.pk if row else 1}
    return found | {"pk": 1}


def _row_of(model, stage) -> object:
    key = ROWS.get(model._meta.model_name, model._meta.model_name)
    if model._meta.model_name == "user":
        return stage.hal.pk
    return stage.rows[key].pk if key in stage.rows else 0


def _of_link(address, stage) -> dict[str, object]:
    """The signed part of links that were mailed."""
    links = {
        "next_step_answer": ("next-step", stage.next_step, stage.bea),
        "extension_answer": ("extension", stage.another_year, stage.bea),
        "offer_by_link": ("offer", stage.offer, stage.mo),
        "check_in_answer": ("check-in", stage.check_in, stage.bea),
        "evaluation_by_link": ("evaluation", stage.midway, stage.bea),
        "evaluation_afterwards_by_link": ("evaluation", stage.end, stage.cal),
        "application_agree": ("agree", stage.draft, stage.hal),
        "listed_answer": ("listed", stage.listing, stage.mo),
        "workshops_by_link": ("workshops", stage.held, stage.hal),
        "application_waiting_by_link": ("waiting", stage.wess, stage.wes),
    }
    if address.name == "leave_mail":
        return {"token": stages.leaving_token(stage)}
    return {"token": stages.token(*links[address.name])} if address.name in links else {}


def names(found: Iterable[Address]) -> set[str]:
    return {address.name for address in found}
