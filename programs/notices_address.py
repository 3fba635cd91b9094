"""The mail that asks, at another address of a person, whether the one that fails is still theirs."""

from django.urls import reverse

from mail import links, outbox
from mail.models import Suppression
from mail.outbox import Recipient
from members import clock, journal
from programs.models import Application


def key(why: Suppression) -> str:
    """Under which key somebody is asked once for each time that an address fails."""
    return f"address:{why.pk}:fails"


def asked(application: Application, to: str, why: Suppression) -> None:
    """Is this still your address?"""
    program, person = application.program, application.user
    outbox.queue(
        key=key(why),
        name="address_fails",
        to=Recipient(to, person.get_full_name()),
        sender=program.sender(),
        about=journal.about(application),
        now=clock.now(),
        context={
            "person": person,
            "program": program,
            "failing": why.email,
            "unwanted": why.why == Suppression.Why.COMPLAINED,
            "link": links.absolute(reverse("account_email")),
            "sign_in": links.absolute(reverse("account_login")),
        },
    )
