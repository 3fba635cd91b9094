"""Starting points: whole programs as data, loaded once and never written over."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.utils.text import slugify

from matching.models import Criterion
from members import journal
from members.models import Association
from mentorships import topics
from mentorships.models import CheckInPlan, CycleTopic, Topic
from programs.dates import add_months, working_day_on_or_after
from programs.models import Cycle, Gate, Page, Program, Question, Training

HERE = Path(__file__).parent
SEASONS = ("Winter", "Spring", "Summer", "Fall")  # from December on


class Unknown(LookupError):
    """There is no starting point of this name."""


class Unnamed(ValueError):
    """An association that is not here yet needs a name."""


@dataclass
class Loaded:
    """What a starting point has made, and what it found edited or removed and left alone; in words."""

    program: Program
    created: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One row as the starting point wants it: `key` finds it, `values` are the rest, `words` name it to people."""

    model: type[models.Model]
    key: dict[str, Any]
    values: dict[str, Any]
    words: str


def names() -> list[str]:
    """The starting points there are."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


def people(name: str) -> dict[str, Path]:
    """The sample people of a starting point: {"roster": …, "mentors": …, "mentees": …}."""
    return {kind: HERE / "people" / name / f"{kind}.csv" for kind in ("roster", "mentors", "mentees")}


def months_later(name: str, opens: date | None) -> int:
    """By how many whole months a first cycle that opens then is moved from the starting point's own."""
    return _months(read(name)["cycle"][0]["opens_on"], opens)


@transaction.atomic
def load(name: str, *, association: str | None = None, name_: str | None = None, opens: date | None = None) -> Loaded:
    """Set up a program like `name`, for its own association or for another one (`association` slug and `name_`).

    `opens` moves the first cycle by whole months. Loading again changes nothing: a program that is there is only
    compared, and whatever the committee has edited or removed since is named in `left_alone`.
    """
    data = _worded(read(name), association, name_)
    home, home_made = _find_or_make(_association(data))
    program, program_made = _find_or_make(_program(data, home))
    loaded = Loaded(program)
    for row, made in ((_association(data), home_made), (_program(data, home), program_made)):
        if made:
            loaded.created.append(row.words)
        elif _differs(row.model._default_manager.get(**row.key), row):
            loaded.left_alone.append(f"{row.words} (edited)")
    for part in (_rows, _rows_of_cycles):
        _make_or_compare(list(part(data, program, opens)), program_made, loaded)
    if program_made:
        journal.record(program, "set_up")
    return loaded


def _make_or_compare(rows: list["Row"], new: bool, loaded: Loaded) -> None:
    """Make the rows of a program that is new; of one that is there say what differs."""
    if new:
        _make_all(rows)
        loaded.created += [row.words for row in rows]
        return
    for row in rows:
        if (found := row.model._default_manager.filter(**row.key).first()) is None:
            loaded.left_alone.append(f"{row.words} (removed)")
        elif _differs(found, row):
            loaded.left_alone.append(f"{row.words} (edited)")


@cache
def _file(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def read(name: str) -> dict[str, Any]:
    """A starting point as it stands in its file, its lists of options looked up."""
    if name not in names():
        raise Unknown(name)
    data = tomllib.loads(_file(HERE / f"{name}.toml"))
    data["options"] = {**json.loads(_file(HERE / "options.json")), **data.get("options", {})}
    data["library"] = tomllib.loads(_file(HERE / "library" / "topics.toml"))["topic"]
    return data


def _worded(data: dict[str, Any], slug: str | None, name: str | None) -> dict[str, Any]:
    """The data with the association's own words in place of {association}, {place} and the like."""
    own = data["association"]
    if slug and slug != own["slug"]:
        data["association"] = _another(slug, name)
        data["words"] = data["elsewhere"]
        data["program"] |= {"slug": slug, "reply_to": settings.DEFAULT_FROM_EMAIL}
    elif name:
        own["name"] = name
    lists, words = data["options"], data["words"]
    lists |= {"regions": words["regions"], **words.get("options", {})}
    for name, flags in data.get("flags", {}).items():
        lists[name] = [_flagged(option, flags) for option in lists[name]]
    words = {f"{{{key}}}": word for key, word in words.items() if isinstance(word, str)} | {
        "{association_name}": data["association"]["name"],
        "{association}": data["association"]["short_name"],
        "{email}": data["program"]["reply_to"],
    }
    words["{program}"] = _filled(data["program"]["name"], words)
    return _filled(data, words)


def _flagged(option: dict[str, Any], flags: dict[str, list[str]]) -> dict[str, Any]:
    """An option with the flags that this program gives it."""
    given = [flag for flag, codes in flags.items() if option["code"] in codes]
    return option | {"flags": [*option.get("flags", ()), *given]} if given else option


def _another(slug: str, name: str | None) -> dict[str, str]:
    """Another association's names: those it has here, or the new one."""
    if there := Association.objects.filter(slug=slug).first():
        return {"slug": slug, "name": name or there.name, "short_name": there.short_name}
    if not name:
        raise Unnamed(slug)
    short = slug.upper() if slug.isalnum() and len(slug) <= 6 else name[:40]
    return {"slug": slug, "name": name, "short_name": short}


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        for placeholder, word in words.items():
            value = value.replace(placeholder, word)
        return value
    if isinstance(value, list):
        return [_filled(each, words) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each, words) for key, each in value.items()}
    return value


def _association(data: dict[str, Any]) -> Row:
    status = data["options"]["member_status"]
    good, pending, other = status["good"], status["pending"], status["not"]
    values = {**data["association"], "good_statuses": good, "pending_statuses": pending, "other_statuses": other}
    slug = values.pop("slug")
    return Row(Association, {"slug": slug}, values, f"association “{values['name']}”")


def _program(data: dict[str, Any], home: Association) -> Row:
    values = {**data["program"], "association": home}
    slug = values.pop("slug")
    return Row(Program, {"slug": slug}, values, f"program “{values['name']}”")


def _rows(data: dict[str, Any], program: Program, opens: date | None) -> Iterator[Row]:
    """Everything that stands in a program, in the order in which it is made."""
    months = _months(data["cycle"][0]["opens_on"], opens)
    for number, cycle in enumerate(data["cycle"]):
        yield _cycle(cycle, program, months, opens if number == 0 else None)
    for order, page in enumerate(data["page"], start=1):
        values = {"role": "", **page, "body": page["body"].strip(), "order": order * 10}
        yield _row(Page, program, values, ["slug"], f"page “{page['title']}”")
    for order, question in enumerate(data["question"], start=1):
        values = _question(question, data["options"], program) | {"order": order * 10}
        words = f"question “{question['label']}” ({question['moment']}{', ' * bool(values['role'])}{values['role']})"
        yield _row(Question, program, values, ["moment", "role", "code"], words)
    for order, gate in enumerate(data["gate"], start=1):
        values = {"role": "", **gate, "order": order * 10}
        yield _row(Gate, program, values, ["code"], f"requirement “{gate['title']}”")
    for order, criterion in enumerate(data["criterion"], start=1):
        yield _row(Criterion, program, {**criterion, "order": order * 10}, ["code"], f"look at “{criterion['label']}”")
    for plan in data["check_in"]:
        values = {"after_days": None, "after_months": None, **plan}
        when = f"{values['after_months']} months" if values["after_months"] else f"{values['after_days']} days"
        keys = ["moment", "after_days", "after_months"]
        yield _row(CheckInPlan, program, values, keys, f"{values['moment'].replace('_', ' ')} after {when}")
    for order, topic in enumerate(_topics(data, program), start=1):
        values = {"code": topic["code"], "title": topic["title"], "body": topic["body"].strip(), "order": order * 10}
        yield _row(Topic, program, values, ["code"], f"topic “{topic['title']}”")


def _topics(data: dict[str, Any], program: Program) -> list[dict[str, Any]]:
    """The library of topics for a program that sends some, the planned ones first, those on job search where it belongs."""
    if "topics" not in data:
        return []
    plan = data["topics"]["plan"]
    known = {topic["code"]: topic for topic in data["library"]}
    others = [topic for code, topic in known.items() if code not in plan]
    found = [*(known[code] for code in plan), *others]
    return [topic for topic in found if program.job_search or not topic.get("job_search")]


def _rows_of_cycles(data: dict[str, Any], program: Program, opens: date | None) -> Iterator[Row]:
    """What stands in the first cycles, once these are there: workshops and the topics of the year with their days."""
    months = _months(data["cycle"][0]["opens_on"], opens)
    known = {topic.code: topic for topic in Topic.objects.filter(program=program)}
    for number, given in enumerate(data["cycle"]):
        slug = _cycle(given, program, months, opens if number == 0 else None).key["slug"]
        cycle = Cycle.objects.filter(program=program, slug=slug).first()
        if cycle is None:  # the committee has removed it, and that has been said
            continue
        for training in given.get("training", ()):
            values = _training(training, program, months)
            key = {"cycle": cycle, "starts_at": values.pop("starts_at")}
            yield Row(Training, key, values, f"workshop “{values['title']}”")
        planned = [known[code] for code in data.get("topics", {}).get("plan", ()) if code in known]
        for one in topics.plan(cycle, planned):
            values = {"topic": one.topic, "mentor_on": one.mentor_on, "mentee_on": one.mentee_on}
            yield Row(CycleTopic, {"cycle": cycle, "number": one.number}, values, f"topic {one.number}: {one.topic}")


def _training(given: dict[str, Any], program: Program, months: int) -> dict[str, Any]:
    """A workshop, moved by whole months to a working day, at its hour in the program's zone."""
    values = dict(given)
    day = working_day_on_or_after(add_months(values.pop("on"), months))
    hour = time.fromisoformat(values.pop("at"))
    return {**values, "starts_at": datetime.combine(day, hour, ZoneInfo(program.time_zone))}


def _row(model: type[models.Model], program: Program, values: dict[str, Any], keys: list[str], words: str) -> Row:
    key = {"program": program} | {name: values.pop(name) for name in keys}
    return Row(model, key, values, words)


def _question(question: dict[str, Any], lists: dict[str, list[dict[str, Any]]], program: Program) -> dict[str, Any]:
    """A question with its options spelt out, without those on job search where the program leaves job search out."""
    options = lists[question["options"]] if "options" in question else []
    offered = [option for option in options if program.job_search or "job_search" not in option.get("flags", ())]
    return {"role": "", "help": "", "section": "", **question, "options": offered}


def _cycle(given: dict[str, Any], program: Program, months: int, opens: date | None) -> Row:
    """A cycle, moved by whole months; the first one opens on the very day that was asked for."""
    values = {key: add_months(value, months) if isinstance(value, date) else value for key, value in given.items()}
    values.pop("training", None)
    if opens:
        values["opens_on"] = opens
    values["name"] = name_of_cycle(values.get("name", ""), values["opens_on"], values["begins_on"], values["ends_on"])
    return Row(Cycle, {"program": program, "slug": slug_of_cycle(values["name"])}, values, f"cycle “{values['name']}”")


def name_of_cycle(pattern: str, opens: date, begins: date, ends: date) -> str:
    """ "Fall 2025" by the pattern "{season} {year}", else "2025–26" by its mentoring's years, or "2025" in one year."""
    if pattern:
        return pattern.replace("{season}", SEASONS[opens.month % 12 // 3]).replace("{year}", str(opens.year))
    return f"{begins.year}–{ends.year % 100:02}" if ends.year > begins.year else str(begins.year)


def slug_of_cycle(name: str) -> str:
    """A cycle's name as it stands in addresses: "2026-27"."""
    return slugify(name.replace("–", "-"))


def _months(own: date, opens: date | None) -> int:
    return (opens.year - own.year) * 12 + opens.month - own.month if opens else 0


def _find_or_make(row: Row) -> tuple[Any, bool]:
    found = row.model._default_manager.filter(**row.key).first()
    return (found, False) if found else (_make(row), True)


def _make(row: Row) -> models.Model:
    made = row.model(**row.key, **row.values)
    made.full_clean()
    made.save(force_insert=True)
    return made


def _make_all(rows: list[Row]) -> None:
    """The rows of a program that is new, so that nothing can be there twice: each looked at alone, saved by table."""
    tables: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        made = row.model(**row.key, **row.values)
        made.full_clean(validate_unique=False, validate_constraints=row.model is Cycle)
        tables.setdefault(row.model, []).append(made)
    for model, new in tables.items():
        model._default_manager.bulk_create(new)


def _differs(found: models.Model, row: Row) -> bool:
    return any(getattr(found, name) != value for name, value in row.values.items())
