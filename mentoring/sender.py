"""From which address mail leaves and through what, as the settings have it; a test mail to oneself."""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core import checks
from django.db import transaction
from django.utils.translation import gettext as _

from mail import outbox, sender_check
from mail.models import Message
from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from programs.models import Program

MAY_CHECK = "mail.check_sender"
TEST_MAIL = "test_mail"
ONE_IN = timedelta(minutes=1)
# Backends by which a mail reaches nobody, and what becomes of it.
FILES, SCREEN, NOWHERE = "filebased", "console", ("dummy", "locmem")


@dataclass(frozen=True)
class Way:
    """How mail leaves: from which address, through which server or provider; `nobody` says why nobody gets it, or ""."""

    address: str
    domain: str
    server: str
    nobody: str


def way() -> Way:
    """As the settings have it now."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    backend = settings.EMAIL_BACKEND
    provider = backend.split(".")[2] if backend.startswith("anymail.backends.") else ""
    server = "" if nobody_gets_it() else provider or settings.EMAIL_HOST.lower()
    return Way(address, address.rpartition("@")[2].lower().rstrip("."), server, nobody_gets_it())


def nobody_gets_it() -> str:
    """In one sentence why no mail reaches anybody; "" where a mail server takes it."""
    kind = settings.EMAIL_BACKEND.removeprefix("django.core.mail.backends.").split(".")[0]
    if kind == FILES:
        return _("Mail goes to files on this machine; nobody gets it.")
    if kind == SCREEN:
        return _("Mail goes to this machine’s screen; nobody gets it.")
    return _("Mail goes nowhere; nobody gets it.") if kind in NOWHERE else ""


def look_up(asked: sender_check.Resolver) -> list[sender_check.Finding]:
    """What the internet's directory says of the address that mail leaves from."""
    here = way()
    names = tuple(settings.MAIL_DKIM_SELECTORS) or sender_check.SELECTORS
    return sender_check.look_up(here.domain, server=here.server, asked=asked, selectors=names)


@transaction.atomic
def send_test(program: Program | None, *, by: User) -> Message:
    """A test mail to oneself, in a program's name; one in a minute."""
    if program is None:
        raise NotAllowed(_("A test mail leaves in the name of a program, and there is none yet."))
    if not by.has_perm(MAY_CHECK, program):
        raise NotAllowed(_("Only the chair, the deputy, the office and the site’s administrators send test mails."))
    now, about = clock.now(), f"user:{by.pk}"
    lately = Message.objects.filter(name=TEST_MAIL, about=about, queued_at__gt=now - ONE_IN).exists()
    message = None if lately else outbox.queue(
        key=f"{TEST_MAIL}:{by.pk}:{now:%Y-%m-%dT%H:%M}",  # two clicks at the same moment are one mail
        name=TEST_MAIL,
        to=outbox.Recipient(by.email, by.get_full_name()),
        sender=program.sender(),
        about=about,
        now=now,
    )  # fmt: skip
    if message is None:
        raise NotAllowed(_("A test mail went to you less than a minute ago. Give it a moment, then try again."))
    journal.record(program, "sent_test_mail", by=by)
    return message


@checks.register(checks.Tags.compatibility, deploy=True)
def somebody_gets_it(app_configs=None, **kwargs):
    """`check --deploy` warns while no mail would reach anybody."""
    words = nobody_gets_it()
    hint = "Set EMAIL_URL to a mail server: smtp+tls://user:password@host:587 (docs/operations.md)."
    return [checks.Warning(words, hint=hint, id="mentoring.W001")] if words else []
