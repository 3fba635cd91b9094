"""The roof's part of the committee's side: pages over tables that know nothing of programs."""

from django.apps import apps
from django.contrib import admin

PLACES = ("programs", "matching", "mentorships", "evaluations", "members", "mail")


def model_named(name: str):
    """The table that the history and mails call by this name ("application"), None for one that is no more."""
    for app in PLACES:
        try:
            return apps.get_model(app, name)
        except LookupError:
            continue
    return None


def rows_named(abouts) -> dict[str, object]:
    """The rows behind names like "application:17", one question for each table among them."""
    wanted: dict[str, set[int]] = {}
    for about in abouts:
        name, _, pk = about.partition(":")
        if pk.isdecimal():
            wanted.setdefault(name, set()).add(int(pk))
    found: dict[str, object] = {}
    for name, pks in wanted.items():
        if model := model_named(name):
            rows = model._base_manager.select_related().in_bulk(pks)
            found |= {f"{name}:{pk}": row for pk, row in rows.items()}
    return found


class PlainWords(admin.AllValuesFieldListFilter):
    """A filter whose values are names of ours, each shown in its words."""

    def choices(self, changelist):
        known = {str(value) for value in self.lookup_choices}
        for choice in super().choices(changelist):
            shown = str(choice["display"])
            yield {**choice, "display": self.words(shown) if shown in known else shown}

    @staticmethod
    def words(name: str) -> str:
        return name.replace("_", " ")
