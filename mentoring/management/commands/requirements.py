"""Which test protects which rule of the four programs' guidelines, and which rules nothing protects yet."""

import ast
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

BINDING = "R"  # the kind of a rule that software must keep; the others are data, pages, mails, texts


@dataclass
class Requirement:
    """One rule: its id, its kinds, what it comes to in our words, and the tests that carry its id."""

    id: str
    kinds: frozenset[str]
    rule: str
    tests: list[str] = field(default_factory=list)


def traced(root: Path = settings.BASE_DIR) -> dict[str, Requirement]:
    """The rules of docs/requirements.csv by id, each with the tests that protect it. KeyError for a test's unknown id."""
    with (root / "docs" / "requirements.csv").open(encoding="utf-8", newline="") as file:
        found = {
            row["id"]: Requirement(row["id"], frozenset(row["kind"].split()), row["rule"])
            for row in csv.DictReader(file)
        }
    for path in sorted(root.glob("*/tests/test_*.py")):
        for number, test in marked(path.read_text(encoding="utf-8")):
            found[number].tests.append(f"{path.relative_to(root)}::{test}" if test else str(path.relative_to(root)))
    return found


def marked(source: str) -> Iterator[tuple[str, str]]:
    """Every (id, name of the test) that a test file names by `pytest.mark.requirement`; read, never imported."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for number in dict.fromkeys(number for part in node.decorator_list for number in _ids(part)):
                yield number, node.name
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "pytestmark" for name in node.targets):
            for number in _ids(node.value):
                yield number, ""


def _ids(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "requirement":
            yield from (ast.literal_eval(argument) for argument in call.args)


class Command(BaseCommand):
    help = "Print every rule of the programs' guidelines with the tests that protect it, then those still without."
    requires_system_checks = ()

    def handle(self, *args, **options):
        found = list(traced().values())
        without = [one for one in found if not one.tests]
        lines = [line for one in found for line in (f"{one.id}  {one.rule}", *(f"    {test}" for test in one.tests))]
        lines += ["", _("%(all)d rules, %(without)d without a test") % {"all": len(found), "without": len(without)}]
        lines += [f"{one.id}  {one.rule}" for one in without]
        self.stdout.write("\n".join(lines))
        if binding := [one.id for one in without if BINDING in one.kinds]:
            raise CommandError(_("Rules that must be kept and have no test: %s") % ", ".join(binding))
