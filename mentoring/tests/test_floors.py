"""The floors: an import, a foreign key and a reverse name only ever go down."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

FLOORS = {"mail": 0, "members": 1, "programs": 2, "mentorships": 3, "matching": 4, "evaluations": 4, "mentoring": 5}


def goes_up(importer: str, imported: str) -> bool:
    """Whether this import climbs: to a higher floor, or sideways to a sibling."""
    return importer != imported and FLOORS[imported] >= FLOORS[importer]


def imports_of(source: str) -> set[str]:
    """The apps that a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.split(".")[0])
    return found & FLOORS.keys()


def modules(app: str):
    """Every module of an app but its tests, which may look at whatever they need."""
    return [path for path in (Path(settings.BASE_DIR) / app).rglob("*.py") if "tests" not in path.parts]


@pytest.mark.parametrize("app", FLOORS)
def test_imports_go_down(app):
    climbing = [
        f"{path.relative_to(settings.BASE_DIR)} imports {imported}"
        for path in modules(app)
        for imported in imports_of(path.read_text())
        if goes_up(app, imported)
    ]
    assert climbing == []


def test_the_check_sees_an_import_that_climbs():
    assert goes_up("mail", "members")
    assert goes_up("matching", "evaluations")
    assert not goes_up("matching", "programs")
    assert imports_of("def f():\n    from matching.models import Match") == {"matching"}


def relations():
    """Every foreign key between two of our apps: (field, from app, to app)."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.concrete and field.is_relation and field.related_model:
                here, there = model._meta.app_label, field.related_model._meta.app_label
                if here in FLOORS and there in FLOORS and here != there:
                    yield field, here, there


def test_foreign_keys_go_down():
    assert [str(field) for field, here, there in relations() if goes_up(here, there)] == []
    assert len(list(relations())) > 20


def test_a_foreign_key_to_a_lower_floor_leaves_no_name_there():
    assert [str(field) for field, _, _ in relations() if not field.remote_field.hidden] == []


def test_django_lists_the_apps_from_the_roof_down():
    order = [config.label for config in apps.get_app_configs() if config.label in FLOORS]
    assert [FLOORS[label] for label in order] == sorted(FLOORS.values(), reverse=True)


def test_no_room_for_everything_and_nothing():
    names = {path.name for path in Path(settings.BASE_DIR).iterdir() if (path / "__init__.py").exists()}
    assert names == set(FLOORS)
