"""Whom to write to, on pages that a mail led to and that belong to no program by themselves."""

from django import template

from programs.models import Program

register = template.Library()
MOST = 20


@register.simple_tag
def write_to(scope=""):
    """The program that a mail came from; where that cannot be told, the site's published programs."""
    kind, _, slug = scope.partition(":")
    found = list(Program.objects.filter(slug=slug)) if kind == "program" else []
    return found or list(Program.objects.filter(published=True)[:MOST])
