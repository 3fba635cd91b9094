"""Our own form parts: chips, whole words, doors, and "who reads this". Real inputs each; they work without JavaScript."""

from crispy_forms.layout import LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

NO_ANSWER = "no-answer"


class Chips(forms.CheckboxSelectMultiple):
    """Several of many, in named groups. `up_to` is said beside the count; ChipsField checks it."""

    template_name = "widgets/chips.html"
    laid_out_as = "chips"

    def __init__(self, attrs=None, choices=(), up_to=None):
        super().__init__(attrs, choices)
        self.up_to = up_to

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["up_to"] = self.up_to
        return context


class Words(forms.RadioSelect):
    """A scale in whole words with an equal "No answer" at its end; nothing is chosen beforehand."""

    template_name = "widgets/words.html"
    laid_out_as = "words"
    says_optional = False

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["none"] = str(value) == NO_ANSWER
        return option


class Doors(forms.RadioSelect):
    """One of a few answers, each a line of its own with a sentence: `notes` maps an answer to that sentence."""

    template_name = "widgets/doors.html"
    laid_out_as = "doors"

    def __init__(self, attrs=None, choices=(), notes=None):
        super().__init__(attrs, choices)
        self.notes = notes or {}

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["note"] = self.notes.get(str(value), "")
        return option


class ChipsField(forms.MultipleChoiceField):
    """Up to so many of many."""

    widget = Chips

    def __init__(self, *, up_to=None, **kwargs):
        super().__init__(**kwargs)
        self.up_to = self.widget.up_to = up_to

    def validate(self, value):
        super().validate(value)
        if self.up_to and len(value) > self.up_to:
            raise ValidationError(
                ngettext_lazy(
                    "Please choose one at most; %(chosen)s are chosen.",
                    "Please choose %(up_to)s at most; %(chosen)s are chosen.",
                    self.up_to,
                )
                % {"up_to": self.up_to, "chosen": len(value)},
                code="too_many",
            )


class WordsField(forms.ChoiceField):
    """A question answered on a scale of words. "No answer" is offered by itself and comes back as ""."""

    widget = Words

    def __init__(self, *, choices=(), required=False, **kwargs):
        super().__init__(choices=[*choices, (NO_ANSWER, _("No answer"))], required=required, **kwargs)

    def clean(self, value):
        cleaned = super().clean(value)
        return "" if cleaned == NO_ANSWER else cleaned


class Reads(LayoutObject):
    """Who reads this, for a part of a form that is no single field: Reads(_("the committee; later, your mentor."))."""

    def __init__(self, who):
        self.who = who
        self.fields = []

    def render(self, form, context, **kwargs):
        return render_to_string("_reads.html", {"who": self.who})


class DoorsWith(LayoutObject):
    """Doors of which some open onto more fields: DoorsWith("answer", pause=["until"], question=["question"])."""

    template = "widgets/doors_with.html"

    def __init__(self, name, **inside):
        self.name = name
        self.inside = inside
        self.fields = [name, *(field for fields in inside.values() for field in fields)]

    def render(self, form, context, **kwargs):
        field = form[self.name]
        form.rendered_fields.update(self.fields)
        doors = [(radio, [form[name] for name in self.inside.get(str(radio.data["value"]), ())]) for radio in field]
        return render_to_string(self.template, {"field": field, "doors": doors, "form": form})


def read_by(field, who):
    """Say beside a field who reads the answer; every question has one. Gives the field back."""
    field.reads = who
    return field
