"""Forms are rendered by the same templates as pages, so that our own widgets are found."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    pass
