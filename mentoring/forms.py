"""Forms are rendered by the same templates as pages, so that our own widgets are found."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Widgets from templates/ first, then from the apps, then Django's own (django.forms is an installed app for that)."""
