"""The forms of the public pages: who one is, writing to the committee, and the short ones of an application."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.committee import no_broken_characters
from members.fields import read_by
from members.models import User


class Line(forms.CharField):
    """One line of somebody's words."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.validators.append(no_broken_characters)


class Text(Line):
    """Several lines of somebody's words."""

    widget = forms.Textarea

    def __init__(self, *, rows=3, **kwargs):
        kwargs.setdefault("max_length", 4000)
        super().__init__(**kwargs)
        self.widget.attrs["rows"] = rows


def kindly(form):
    """Say of an empty answer that it is empty, not that a field is required. Gives the form back."""
    for field in form.fields.values():
        field.error_messages["required"] = _("This is still empty, and we need it.")
    return form


class WriteForm(forms.Form):
    """A question to the committee from anybody."""

    email = forms.EmailField(
        label=_("Your address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    text = Text(label=_("Your question"))

    def __init__(self, *args, who="", **kwargs):
        super().__init__(*args, **kwargs)
        kindly(self)
        read_by(self.fields["text"], who or _("the committee."))


class PersonForm(forms.ModelForm):
    """Who is applying: kept with the person, not with the application."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone"]
        field_classes = {"first_name": Line, "last_name": Line, "phone": Line}
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        }

    def __init__(self, *args, partner_word="", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = self.fields["last_name"].required = True
        kindly(self)
        names = _("the committee; your %(partner)s after the introduction.") % {"partner": partner_word}
        for name in self.fields:
            read_by(self.fields[name], names)


class AgreeForm(forms.Form):
    """One box for each agreement, none ticked beforehand; and a reason for each exception that may be asked for."""

    def __init__(self, gates, *args, exceptions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.gates, self.exceptions = list(gates), list(exceptions)
        for gate in self.gates:
            self.fields[self.name_of(gate)] = forms.BooleanField(
                label=gate.title or _("I agree"), error_messages={"required": _("We need your yes to this one.")}
            )
        for gate in self.exceptions:
            why = Text(label=_("Why should the committee make an exception?"), required=False, max_length=1000)
            self.fields[f"why-{gate.code}"] = read_by(why, _("the committee."))

    @staticmethod
    def name_of(gate):
        return f"agree-{gate.code}"

    def rows(self):
        """Each agreement with its box."""
        return [(gate, self[self.name_of(gate)]) for gate in self.gates]

    def exception_rows(self):
        """Each requirement of which an exception may be asked for, with its reason."""
        return [(gate, self[f"why-{gate.code}"]) for gate in self.exceptions]

    def agreed(self):
        """The agreements that were ticked, also where another one is still missing."""
        return [gate for gate in self.gates if getattr(self, "cleaned_data", {}).get(self.name_of(gate))]

    def asked(self):
        """The exceptions that are asked for, each with its reason."""
        given = getattr(self, "cleaned_data", {})
        return [(gate, given[f"why-{gate.code}"]) for gate in self.exceptions if given.get(f"why-{gate.code}")]


class ClaimForm(forms.Form):
    """A member under another address or by number; only the membership office reads it."""

    email = forms.EmailField(
        label=_("The other address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    number = Line(
        label=_("or your member number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self):
        data = super().clean()
        if not self.errors and not (data.get("email") or data.get("number")):
            raise ValidationError(_("Give us the other address or your number, whichever you have."), code="empty")
        return data


class WithdrawForm(forms.Form):
    """Taking an application back."""

    note = Text(label=_("Would you tell us why?"), required=False, max_length=1000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        read_by(self.fields["note"], _("the committee."))
