"""What each mail is called where the committee reads of it: as in the list of mails that may be worded, and the others."""

from django.utils.translation import gettext_lazy as _

from mail import texts

OTHERS = {
    "test_mail": _("Test mail"),
    "mailing": _("Letter to a list"),
    "address_fails": _("Asked whether an address is still good"),
    "visitor_question": _("A visitor’s question"),
    "sign_in_code": _("Sign-in code"),
    "sign_in_instead": _("There is an account already: sign in"),
    "password_reset": _("A new password"),
    "confirm_address": _("Is this address yours?"),
}


def title(name: str) -> str:
    """A mail's title by its name among the templates."""
    known = texts.mail(name)
    return str(known.title if known else OTHERS.get(name) or name.replace("_", " ").capitalize())
