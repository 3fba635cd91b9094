"""The line to a mail server: what its answers mean, and whether a mail had gone whole when the line broke.

Until the dot that ends a mail has been handed over, no server may deliver it: it is offered again. From then on only the
server's own word says what became of it, and where that word does not come, nobody is sure.
"""

import logging
import re
import smtplib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend as DjangosBackend
from django.utils.translation import gettext as _

from mail.models import Heartbeat

SERVER = "server"  # its row among the signs of life, while it cannot be reached
DJANGOS = "django.core.mail.backends.smtp.EmailBackend"
AWAY = 421  # "I am closing": about the line, not about this mail
TOO_LARGE = 552
NO_SUCH_READER = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")  # what RFC 3463 and 7505 say of the reader's address alone
SIGN_IN = {530, 534, 535, 538}  # an account that somebody can put right
logger = logging.getLogger(__name__)


class Refused(Exception):
    """The server did not take a mail; `again` when it may be offered once more, `unsure` when it may have left after all.

    With `away` it is the server that fails, or the line to it, and not this mail; with `fails` the reader's address.
    """

    def __init__(
        self, words: str, *, again: bool = False, unsure: bool = False, away: bool = False, fails: bool = False
    ):
        self.words, self.again, self.unsure, self.away = words.replace("\0", " ")[:1000], again, unsure, away
        self.fails = fails or bool(not again and not unsure and NO_SUCH_READER.search(self.words))
        super().__init__(words)


class _Noting:
    """Knows of the last mail whether all of it was handed over, and whom of its readers the server refused."""

    whole = False
    refused: dict[str, tuple[int, bytes]] = {}
    said_ahead = 0

    def sendmail(
        self,
        from_addr: str,
        to_addrs: Any,
        msg: Any,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> dict[str, tuple[int, bytes]]:
        """Hand one mail over. Where the server takes several commands in one go (RFC 2920), two waits for its answer are saved.

        After a refusal answers may be outstanding: the line is good for nothing more, and whoever calls hangs up.
        """
        self.whole, self.refused = False, {}
        if self.has_extn("pipelining") and not (mail_options or rcpt_options):  # type: ignore[attr-defined]
            size = f" size={len(msg)}" if self.has_extn("size") else ""  # type: ignore[attr-defined]
            readers = [f"rcpt TO:{smtplib.quoteaddr(to)}" for to in to_addrs]
            self._say_ahead([f"mail FROM:{smtplib.quoteaddr(from_addr)}{size}", *readers, "data"])
        try:
            self.refused = super().sendmail(from_addr, to_addrs, msg, mail_options, rcpt_options)  # type: ignore[misc]
        finally:
            self.said_ahead = 0
        return self.refused

    def _say_ahead(self, commands: list[str]) -> None:
        """Say all of this at once; smtplib then reads the answers one by one, as if it had said each itself."""
        if any(sign in command for command in commands for sign in "\r\n"):
            return  # smtplib refuses such an address
        self.send("\r\n".join([*commands, ""]))
        self.said_ahead = len(commands)

    def putcmd(self, cmd: str, args: str = "") -> None:
        if self.said_ahead:
            self.said_ahead -= 1
        else:
            super().putcmd(cmd, args)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        super().send(data)  # type: ignore[misc]
        if isinstance(data, bytes) and data.endswith(b"\r\n.\r\n"):  # commands are text
            self.whole = True


class Line(_Noting, smtplib.SMTP):
    pass


class LineOverTLS(_Noting, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangosBackend):
    """Django's own, over such a line. A server that does not answer a greeting has not been reached."""

    @property
    def connection_class(self):
        return LineOverTLS if self.use_ssl else Line

    def open(self):
        new = super().open()
        if new and self.connection is not None:
            self.connection.ehlo_or_helo_if_needed()
        return new


def reached(now: datetime) -> Any:
    """An open line to what mail leaves through; None, and it is written down why, when there is none to be had."""
    line = get_connection(f"{__name__}.EmailBackend" if settings.EMAIL_BACKEND == DJANGOS else None)
    try:
        line.open()
    except OSError as error:  # smtplib's own exceptions among them
        logger.warning("the mail server cannot be reached: %s", error)
        hang_up(line)
        is_away(words_of(error), now)
        return None
    return line


def hang_up(line: Any) -> None:
    try:
        line.close()
    except OSError as error:
        logger.info("the mail server hung up first: %s", error)


def is_away(said: str, now: datetime) -> None:
    """Write down that the mail server cannot be reached, since when, and what was heard last."""
    said = said.replace("\0", " ")[:1000]
    Heartbeat.objects.update_or_create(
        name=SERVER, defaults={"words": said}, create_defaults={"at": now, "words": said}
    )


def is_back() -> None:
    """It has taken a mail, or said something of one."""
    Heartbeat.objects.filter(name=SERVER).delete()


def went_whole(line: Any) -> bool:
    """Whether the last mail was handed over to its end; of a line that does not note it nobody knows, so it may have been."""
    return getattr(getattr(line, "connection", None), "whole", True)


def left_out(line: Any) -> dict[str, Refused]:
    """To whom a server will not bring the mail that it has just taken for somebody else."""
    refused = getattr(getattr(line, "connection", None), "refused", {})
    return {name: Refused(words([said]), again=said[0] < 500) for name, said in refused.items()}


def meaning(error: OSError, whole: bool) -> Refused:
    """What it means that a mail was not taken without more ado."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        hard = any(500 <= code < 600 and code not in SIGN_IN for code, _said in answers)
        away = any(code == AWAY or code in SIGN_IN for code, _said in answers)
        return Refused(words(answers), again=not hard, away=away and not hard)
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code != TOO_LARGE:
        # Every mail of this site has the same sender: what keeps it from leaving is not in this one.
        said = _("The mail server did not take our own address as the sender: %s")
        return Refused(said % words_of(error), again=True, away=True)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused(str(error))
    # smtplib itself raises the bare class, for an answer that it cannot read.
    readable = isinstance(error, smtplib.SMTPResponseException) and type(error) is not smtplib.SMTPResponseException
    if readable and 400 <= (code := getattr(error, "smtp_code", 0)) < 600:
        return Refused(words_of(error), again=code < 500, away=code == AWAY)
    if whole:
        said = _("The mail server had the whole mail and did not say whether it took it: %s")
        return Refused(said % words_of(error), unsure=True)
    said = _("The line to the mail server broke before it had the mail: %s")
    return Refused(said % words_of(error), again=True, away=True)


def words_of(error: OSError) -> str:
    """The other side's own words, or what the machine says of the line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return words([(error.smtp_code, error.smtp_error)])
    return str(error) or type(error).__name__


def words(answers: Iterable[tuple[int, bytes | str]]) -> str:
    """What a server said, with its numbers."""
    return "; ".join(
        (f"{code} " if code > 0 else "") + (said.decode(errors="replace") if isinstance(said, bytes) else said)
        for code, said in answers
    )
