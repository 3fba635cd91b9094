"""Forms about oneself: the address to sign in with, the code, one's own name."""

from allauth.account.forms import LoginForm
from allauth.core import ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members import sign_in
from members.fields import read_by
from members.models import User


class AddressForm(forms.Form):
    """One address; we send a code to it."""

    email = forms.EmailField(
        label=_("Your address"),
        max_length=254,
        help_text=_("The one your association knows, if you are a member."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        error_messages={
            "required": _("Please write your address."),
            "invalid": _("This does not look like an address, like bea@library.example."),
        },
    )

    def __init__(self, *args, request, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if not ratelimit.consume(self.request, action="request_login_code", key=email):
            raise ValidationError(
                _("We have just sent codes to this address. Please look there, also under spam, or wait a few minutes.")
            )
        return email


class CodeForm(forms.Form):
    """The code from the mail, with or without its space."""

    code = forms.CharField(
        label=_("The code from the mail"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code", "autofocus": True}
        ),
        error_messages={"required": _("Please type the six figures from the mail.")},
    )

    def __init__(self, *args, request, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_code(self):
        if not sign_in.matches(self.request, self.cleaned_data["code"]):
            raise ValidationError(
                _("This is not the code we sent. Look again, or ask for a new one.")
                if sign_in.awaited(self.request)
                else _("This code is no longer good. Please ask for a new one."),
                code="wrong",
            )
        return self.cleaned_data["code"]


class PasswordForm(LoginForm):
    """An address and its password, for those who have set one."""

    def _setup_password_field(self):
        self.fields["login"].label = _("Your address")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class NameForm(forms.ModelForm):
    """How one is called, and reached."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        read_by(self.fields["phone"], _("the committee; your partner, once you are introduced."))
