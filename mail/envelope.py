"""A mail as it goes over the wire: headers that are one word stay on one line.

Python folds a line of more than 78 letters, if need be right after the header's name. That is legal, and yet many mail
programs then find neither the Message-ID nor the address behind their button "Unsubscribe".
"""

from email.header import Header

from django.core.mail import EmailMultiAlternatives

KEPT_WHOLE = ("Message-ID", "List-Unsubscribe")


class _OneLine(Header):
    """A header that is written as it is."""

    def encode(self, splitchars=";, \t", maxlinelen=None, linesep="\n"):
        return str(self)


class Mail(EmailMultiAlternatives):
    """Plain text and HTML, with such headers kept whole. `metadata` is for a provider: it comes back with its events."""

    metadata: dict[str, str]

    def message(self, **given):
        found = super().message(**given)
        for name in KEPT_WHOLE:
            if name in found:
                found.replace_header(name, _OneLine(found[name]))
        return found
