"""What a mail provider's answer means when it did not take a mail."""

from dataclasses import dataclass

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from urllib3.exceptions import MaxRetryError, NewConnectionError

# What says nothing about the mail: too much at once, or an account that somebody can put right.
OF_THE_MOMENT = {401, 402, 403, 429}
# What stands in front of the provider lost its answer. After a 500 a try anew is what the providers ask for; should it
# have been taken all the same, the event that says so ends the tries.
PERHAPS_TAKEN = {408, 502, 504}


@dataclass(frozen=True)
class Answer:
    """Why a provider did not take a mail, in words; whether to offer it again, whether it may have been taken after all, and
    whether it was its reader's address that the provider will not write to."""

    words: str
    again: bool = False
    unsure: bool = False
    fails: bool = False


@dataclass(frozen=True)
class Taken:
    """What a provider said when it took a mail: its own number for it, and to whom it will not send it."""

    number: str = ""
    left_out: tuple[str, ...] = ()
    sure: bool = True


def taken(mail: EmailMessage) -> Taken:
    """What was said of a mail that was handed over; plain SMTP says nothing."""
    status = getattr(mail, "anymail_status", None)
    if status is None:
        return Taken()
    said = {email.lower(): one for email, one in status.recipients.items()}
    numbers = [one.message_id for one in said.values() if one.message_id]
    left_out = tuple(email for email, one in said.items() if one.status in ("rejected", "invalid", "failed"))
    return Taken(
        str(numbers[0])[:255] if numbers else "",
        left_out,
        any(one.status in ("sent", "queued") for one in said.values()),
    )


def answer(error: AnymailError) -> Answer:
    """What a failed handing over means."""
    status = error.status_code
    if isinstance(error, AnymailRecipientsRefused):
        return Answer(_refused(error), fails=True)
    if isinstance(error, requests.RequestException) and status is None:
        if _never_reached(error.__cause__):
            return Answer(_("The mail provider could not be reached."), again=True)
        return Answer(_("The line to the mail provider broke: %s") % type(error.__cause__).__name__, unsure=True)
    if status is None:
        return Answer(f"{type(error).__name__}: {error.args[0] if error.args else ''}")
    if status < 300 or status in PERHAPS_TAKEN:
        return Answer(f"{status} {_said(error)}", unsure=True)
    return Answer(f"{status} {_said(error)}", again=status >= 500 or status in OF_THE_MOMENT)


def _never_reached(cause: BaseException | None) -> bool:
    """Whether no connection ever stood, so that nothing can have been taken."""
    if isinstance(cause, requests.ConnectTimeout):
        return True
    inner = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)


def _said(error: AnymailError) -> str:
    """The provider's own words, as far as it has any."""
    try:
        told = error.response.json()
    except (AttributeError, ValueError):
        return str(getattr(error.response, "text", ""))[:500]
    if isinstance(told, dict):
        for name in ("Message", "message", "errors", "error"):
            if told.get(name):
                return str(told[name])
    return str(told)[:500]


def _refused(error: AnymailRecipientsRefused) -> str:
    """In which words every recipient was refused."""
    said = _said(error) if error.response is not None else ""
    return said or str(error.args[0])
