"""The forms of the mentors' list: the answer when a cycle opens, and a pause."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import Doors, DoorsWith, read_by
from programs.models import Listing

Answer = Listing.Answer


class DayField(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class AvailableForm(forms.Form):
    """Yes, not this time, or pause until a day."""

    answer = forms.ChoiceField(label=_("Are you available?"), choices=[], widget=Doors)
    until = DayField(label=_("Pause until"), required=False)

    def __init__(self, *args, word="", **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["answer"]
        field.choices = [(str(value), str(label).capitalize()) for value, label in Answer.choices]
        field.widget.notes = {
            str(Answer.YES): _("Your answers of last time are filled in. You look them over, agree and send."),
            str(Answer.NOT_NOW): _("Nothing else happens. We ask again when the next round opens."),
            str(Answer.PAUSE): _("We ask nothing before the day that you choose."),
        }
        field.error_messages["required"] = _("Choose one of the three.")
        read_by(field, _("the committee."))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(DoorsWith("answer", pause=["until"]))

    def clean(self):
        data = super().clean()
        if data.get("answer") == Answer.PAUSE and not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Until when shall we leave you in peace?"))
        return data


class PauseForm(forms.Form):
    """A pause on one's own."""

    until = DayField(label=_("Pause until"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until"].error_messages["required"] = _("Choose the day until which nobody shall ask.")
        read_by(self.fields["until"], _("the committee."))
