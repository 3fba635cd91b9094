"""How allauth fits into this site: its mails go through the outbox, and nobody signs up on a page of its own."""

import secrets

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mail import outbox
from members import clock, sign_in

MAILS = {
    "account/email/email_confirmation": "confirm_address",
    "account/email/email_confirmation_signup": "confirm_address",
    "account/email/password_reset_key": "password_reset",
    "account/email/unknown_account": "sign_in_instead",
    "account/email/account_already_exists": "sign_in_instead",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by a code that is mailed; every mail is promised in the outbox and kept secret there."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This address and this password do not belong together."),
        "incorrect_code": _("This is not the code we sent. Look again, or ask for a new one."),
        "too_many_login_attempts": _("Too many tries for now. Please wait a few minutes."),
        "rate_limited": _("That was quick. Please wait a moment before the next one."),
    }

    def is_open_for_signup(self, request):
        """The sign-in page is the way in for new people too."""
        return False

    def send_mail(self, template_prefix, email, context):
        code = context.get("code", "")
        outbox.queue(
            key=f"account:{secrets.token_hex(8)}",
            name=MAILS[template_prefix],
            to=outbox.Recipient(email),
            sender=sign_in.sender(),
            about="",
            now=clock.now(),
            secret=True,
            context={
                "code": code,
                "link": context.get("password_reset_url", ""),
                "sign_in_link": settings.SITE_URL + reverse("account_login"),
                "email": email,
            },
        )

    def get_reset_password_from_key_url(self, key):
        """On our own address, whatever host the request claimed."""
        from allauth.account.internal.flows import password_reset

        path = password_reset.get_reset_password_from_key_url(self.request, key)
        return settings.SITE_URL + "/" + path.split("://", 1)[-1].split("/", 1)[-1]

    def generate_email_verification_code(self):
        code = f"{secrets.randbelow(10**6):06d}"
        return f"{code[:3]}-{code[3:]}"
