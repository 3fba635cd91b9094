"""Signing in: one address, a mailed code and link, the same for people we know and people we don't.

Nobody is looked up before the address is proved, so nothing on the way can tell who has an account.
"""

import secrets
from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from mail import outbox
from members import clock, people
from members.models import Association

MINUTES = 20
TRIES = 5
SALT = "members.sign_in"
KEPT = "sign_in"


@dataclass(frozen=True)
class Way:
    """What a mailed link says: whose address, where to go on, and how the account looked when it was sent."""

    email: str
    go_on: str
    seen: str

    @property
    def fresh(self) -> bool:
        """A link works once: whoever has signed in since, by it or otherwise, needs a new one."""
        return self.seen == _seen(self.email)


def send_code(request, email: str, go_on: str) -> None:
    """Mail a code and a link to this address, and remember in this browser that a code is awaited."""
    email = email.lower()
    code = f"{secrets.randbelow(10**6):06d}"
    request.session[KEPT] = {
        "email": email,
        "code": _hash(email, code),
        "until": clock.now().timestamp() + MINUTES * 60,
        "tries": 0,
        "go_on": go_on,
    }
    token = signing.dumps([email, go_on, _seen(email), int(clock.now().timestamp())], salt=SALT)
    outbox.queue(
        key=f"sign-in:{secrets.token_hex(8)}",
        name="sign_in_code",
        to=outbox.Recipient(email),
        sender=sender(),
        about="",
        now=clock.now(),
        secret=True,
        context={
            "code": f"{code[:3]} {code[3:]}",
            "link": settings.SITE_URL + reverse("sign_in_link", args=[token]),
            "minutes": MINUTES,
        },
    )


def awaited(request) -> dict | None:
    """The code that this browser waits for, None when there is none or its time is up."""
    kept = request.session.get(KEPT)
    return kept if kept and kept["until"] > clock.now().timestamp() else None


def matches(request, code: str) -> bool:
    """Whether this is the awaited code. A wrong one counts; after a few the code is worth nothing."""
    kept = awaited(request)
    if kept is None:
        return False
    if constant_time_compare(kept["code"], _hash(kept["email"], "".join(filter(str.isalnum, code)))):
        return True
    kept["tries"] += 1
    if kept["tries"] >= TRIES:
        forget(request)
    else:
        request.session[KEPT] = kept
    return False


def forget(request) -> None:
    """This browser no longer waits for a code."""
    request.session.pop(KEPT, None)


def read_link(token: str) -> Way | None:
    """What a mailed link says, None when it is not ours or its time is up."""
    try:
        email, go_on, seen, sent = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Way(email, go_on, seen) if clock.now().timestamp() - sent <= MINUTES * 60 else None


def let_in(request, email: str, go_on: str):
    """Sign in whoever has proved this address, as a new person if need be; a second step may follow. Gives the response."""
    forget(request)
    user = people.welcome(email)
    record_authentication(request, user, method="code", email=email)
    return perform_login(request, user, email=email, redirect_url=go_on or None)


def sender() -> outbox.Sender:
    """In whose name a sign-in mail leaves: the association's if there is only one, else the site's."""
    found = Association.objects.all()[:2]
    one = found[0] if len(found) == 1 else None
    return outbox.Sender(
        name=_("%(association)s Mentoring") % {"association": one.short_name} if one else _("Library mentoring"),
        reply_to=(one and one.office_email) or settings.DEFAULT_FROM_EMAIL,
        scope="site",
        postal=f"{one.name}, {one.postal}".rstrip(", ") if one else "",
    )


def _hash(email: str, code: str) -> str:
    return salted_hmac(SALT, f"{email}:{code}", algorithm="sha256").hexdigest()


def _seen(email: str) -> str:
    """When the person behind an address last signed in; "" for nobody and for never. Told to nobody but the signature."""
    user = people.behind(email)
    return user.last_login.isoformat() if user and user.last_login else ""
