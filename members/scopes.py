"""Scopes: "program:kla", "association:kla". Rows of the two lowest floors carry one; a backend above says who reaches which."""

from django.contrib import auth


def of(user, perm: str) -> set[str]:
    """Where this person may do `perm` today, as the authentication backends answer it."""
    if not user.is_active:
        return set()
    found: set[str] = set()
    for backend in auth.get_backends():
        if hasattr(backend, "scopes"):
            found |= backend.scopes(user, perm)
    return found


def allows(user, perm: str, obj=None) -> bool:
    """Whether a backend says yes: no "yes to everything" for a superuser before one was asked."""
    return user.is_active and any(backend.has_perm(user, perm, obj) for backend in auth.get_backends())


def allows_any(user, app_label: str) -> bool:
    """Whether this person has any right in an app."""
    backends = [backend for backend in auth.get_backends() if hasattr(backend, "has_module_perms")]
    return user.is_active and any(backend.has_module_perms(user, app_label) for backend in backends)


def role(user, scope: str) -> str:
    """The seat from which this person acts in a scope, "" when they have none there."""
    for backend in auth.get_backends():
        if hasattr(backend, "role_in") and (found := backend.role_in(user, scope)):
            return found
    return ""


def slugs(scopes: set[str], kind: str) -> set[str]:
    """The slugs of one kind of scope: {"program:kla"} → {"kla"} for "program"."""
    return {scope.split(":", 1)[1] for scope in scopes if scope.startswith(f"{kind}:")}
