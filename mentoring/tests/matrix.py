"""Walks every address of the site: the URL resolver, the admin's registry included."""

from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One address: its full name ("admin:matching_desk") and the names of its variable parts."""

    name: str
    parts: tuple[str, ...]


def addresses() -> list[Address]:
    """Every named address, in the resolver's order; an address without a name is reported by its pattern."""
    return list(_walk(get_resolver().url_patterns, "", (), ""))


def _walk(patterns, namespace, parts, route):
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
    return tuple(pattern.regex.groupindex) if not pattern.converters and hasattr(pattern, "_regex") and "(?P<" in str(pattern) else ()
