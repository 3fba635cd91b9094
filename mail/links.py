"""Links in mails: a stored text holds placeholders, a personal link is signed only at the moment of sending.

So the outbox is no master key: whoever reads a stored mail finds `[[link:check-in:17]]` and nothing that opens a door.
A signed link is good for one purpose, one row and the address that the mail went to, of which a digest is signed too: the
row may be sent to another address later, and what lies in the old mailbox must not open in its name. The page behind a link
must compare the address with the person whose row it is: a text can be made to hold a placeholder, an address cannot.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from html import escape

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from mail.models import Message

PLACEHOLDER = re.compile(
    r"\[\[link:(?P<purpose>[a-z][a-z0-9-]*):(?P<pk>[0-9]{1,18})(?:\?(?P<query>[^\s\[\]<>\"]*))?\]\]"
)
GOOD_FOR = timedelta(days=365)
_URL_NAMES: dict[str, str] = {}


@dataclass(frozen=True)
class Link:
    """What a signed link stands for: the row, the mail that it stood in, and the address that this mail went to."""

    pk: int
    email: str
    message: int


class Why(StrEnum):
    """Why a link opens nothing."""

    OLD = "old"
    OVER = "over"
    NOT_OURS = "not_ours"


def register(purpose: str, url_name: str) -> None:
    """Say which page a purpose opens; it takes the token as its only argument. Called in an app's `ready`."""
    _URL_NAMES[purpose] = url_name


def pages() -> dict[str, str]:
    """Every purpose and the page that it opens."""
    return dict(_URL_NAMES)


def placeholder(purpose: str, pk: int, query: str = "") -> str:
    """What a text holds in place of a personal link; `query` is what is chosen when the page opens ("answer=fine")."""
    if purpose not in _URL_NAMES:
        raise LookupError(f"No page is registered for links of the purpose {purpose!r}.")
    return f"[[link:{purpose}:{pk}?{query}]]" if query else f"[[link:{purpose}:{pk}]]"


def absolute(path: str) -> str:
    """A plain link of ours in full: the host is the site's own setting, never what a request claims."""
    return f"{settings.SITE_URL}/{path.lstrip('/')}"


def sign(message: Message, text: str) -> str:
    """The text with every placeholder turned into a link for the one person whom this mail goes to.

    A mail to two people holds no personal link: theirs lead to the site, where each signs in.
    """

    def link(found: re.Match) -> str:
        purpose, query = found["purpose"], found["query"]
        if purpose not in _URL_NAMES:
            return found[0]
        if message.also_email:
            return absolute("/")
        url = absolute(reverse(_URL_NAMES[purpose], args=[token(purpose, int(found["pk"]), message)]))
        return f"{url}?{query}" if query else url

    return PLACEHOLDER.sub(link, text)


def mask(text: str, shown: str) -> str:
    """The text for a reader who is not its addressee: every placeholder becomes the words `shown`."""
    return PLACEHOLDER.sub(escape(shown), text)


def token(purpose: str, pk: int, message: Message) -> str:
    """The signed part of a link. It names the mail, not the address, so that no log learns who was written to."""
    return _signer(purpose).sign(f"{pk}-{message.pk}-{_digest(message.to_email)}")


def read(token: str, purpose: str) -> Link | None:
    """What a link stands for; None when it is forged, mangled, made for another purpose, too old, or lies in the mailbox of
    an address that its reader no longer has."""
    try:
        value = _signer(purpose).unsign(token, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    pk, message, *digest = value.split("-")
    row = Message.objects.filter(pk=message).only("to_email", "attempts_before").first()
    email = _went_to(row, "".join(digest)) if row else ""
    return Link(int(pk), email, int(message)) if email else None


def _went_to(row: Message, digest: str) -> str:
    """The address that a copy of this mail went to: the row's own, or another one that its reader has; else ""."""
    if not digest:  # left before addresses were signed: good as long as the mail was not sent again, to whomever
        return "" if row.attempts_before else row.to_email
    if digest == _digest(row.to_email):
        return row.to_email
    from mail import leaving

    return next((email for email in leaving.alike(row.to_email) if digest == _digest(email)), "")


def why_not(token: str, purpose: str) -> tuple[Why, str]:
    """Why a link opens nothing, and the scope of the mail that it stood in ("" where that cannot be told).

    Nothing is looked up before the signature has held: whatever is not ours, or was cut short, is told as one thing.
    """
    signer, why = _signer(purpose), Why.OVER
    try:
        value = signer.unsign(token)
        signer.unsign(token, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        why = Why.OLD
    except signing.BadSignature:
        return Why.NOT_OURS, ""
    message = value.split("-")[1]
    return why, Message.objects.filter(pk=message).values_list("scope", flat=True).first() or ""


def _digest(email: str) -> str:
    return salted_hmac("mail.links:address", email.lower()).hexdigest()[:16]


def _signer(purpose: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(sep=".", salt=f"mail.links:{purpose}")
