"""Do other mail servers believe that our mail is ours? SPF, DKIM and DMARC of the sender's domain, with the lines to add.

Nothing here knows the settings or the network: who asks brings the domain, the mail server's name and a resolver.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol

from django.utils.translation import gettext as _
from dns import exception, resolver

ALL = ("SPF", "DKIM", "DMARC")
SECONDS = 3.0  # for one look-up
SILENCES = 2  # so often a server may stay silent before no more is asked: a page must not wait a minute
SELECTORS = (
    "google", "selector1", "selector2", "k1", "k2", "k3", "mail", "default", "s1", "s2", "dkim", "pm", "mandrill",
    "mailjet", "smtp",
)  # fmt: skip
# The end of a mail server's name, the provider's name among django-anymail's backends, what its SPF is called.
NAMED_IN_SPF = (
    ("sendgrid.net", "sendgrid", "sendgrid.net"),
    ("mailgun.org", "mailgun", "mailgun.org"),
    ("postmarkapp.com", "postmark", "spf.mtasv.net"),
    ("amazonaws.com", "amazon_ses", "amazonses.com"),  # email-smtp.REGION.amazonaws.com
    ("gmail.com", "", "_spf.google.com"),
    ("google.com", "", "_spf.google.com"),
    ("office365.com", "", "spf.protection.outlook.com"),
    ("outlook.com", "", "spf.protection.outlook.com"),
    ("brevo.com", "brevo", "spf.brevo.com"),
    ("sendinblue.com", "sendinblue", "spf.brevo.com"),
    ("sparkpostmail.com", "sparkpost", "sparkpostmail.com"),
    ("mailjet.com", "mailjet", "spf.mailjet.com"),
)


class State(StrEnum):
    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Line:
    """One line for whoever looks after the domain: where it stands, of which type, what it says."""

    host: str
    type: str
    value: str


@dataclass(frozen=True)
class Finding:
    """What was found of one of the three, in words; `line` is what to add, or to put in place of what is there."""

    what: str
    state: State
    words: str
    line: Line | None = None


class Resolver(Protocol):
    """What dnspython's resolver does of what is needed here."""

    def resolve(self, qname: str, rdtype: str, /, *, lifetime: float) -> Iterable: ...


class NoSuchName(Exception):
    """The name is not in the internet's directory at all."""


class Silent(Exception):
    """Nobody answered; this says nothing about what is there."""


class Directory:
    """TXT lines by name. After a few silences nothing more is asked."""

    def __init__(self, asked: Resolver):
        self.asked, self.silences = asked, 0

    def texts(self, name: str) -> list[str]:
        """Every TXT line of a name, its pieces joined; none when there is none. Raises NoSuchName and Silent."""
        if self.silences >= SILENCES:
            raise Silent
        try:
            rows = self.asked.resolve(name, "TXT", lifetime=SECONDS)
            return [b"".join(row.strings).decode("utf-8", "replace").strip() for row in rows]
        except resolver.NXDOMAIN:
            raise NoSuchName from None
        except resolver.NoAnswer:
            return []
        except (exception.DNSException, OSError):  # a timeout, a server that fails, no network
            self.silences += 1
            raise Silent from None

    def texts_if_any(self, name: str) -> list[str]:
        """The same, where a name that is not there only means that nothing stands under it."""
        try:
            return self.texts(name)
        except NoSuchName:
            return []


def look_up(domain: str, *, server: str, asked: Resolver, selectors: Iterable[str] = SELECTORS) -> list[Finding]:
    """What stands in the internet's directory about mail of this domain; nothing for a domain that nobody else can see."""
    if not checkable(domain):
        return []
    directory = Directory(asked)
    try:
        return [_spf(domain, server, directory), _dkim(domain, tuple(selectors), directory), _dmarc(domain, directory)]
    except NoSuchName:
        return _not_there(domain, directory)


def checkable(domain: str) -> bool:
    """Whether others can look this domain up: not "localhost", not an address of digits."""
    return "." in domain and not _is_address(domain) and not domain.endswith((".localhost", ".local", ".test"))


def mechanism(server: str) -> str:
    """What SPF must name so that mail through this server (or provider, as django-anymail calls it) is ours."""
    for ending, provider, include in NAMED_IN_SPF:
        if server and (server in (ending, provider) or server.endswith(f".{ending}")):
            return f"include:{include}"
    if _is_address(server):
        return f"ip{ip_address(server).version}:{server}"
    return f"a:{server}" if "." in server else "mx"


def _not_there(domain: str, directory: Directory) -> list[Finding]:
    """The domain was not found: is it missing, or is everything? A machine without the internet finds no name at all."""
    top = domain.rpartition(".")[2]
    try:
        directory.texts(f"{top}.")
    except NoSuchName:
        words = _(
            "This machine cannot see the internet’s directory: it does not even find “.%s”. Nothing is known of the domain."
        )
        return [Finding(what, State.UNKNOWN, words % top) for what in ALL]
    except Silent:
        return [Finding(what, State.UNKNOWN, _silent()) for what in ALL]
    words = _("There is no domain %s in the internet’s directory. Is the address written as it should be?")
    return [Finding(_("The domain"), State.MISSING, words % domain)]


# -------------------------------------------------------------------------------------------------------------------- SPF


def _spf(domain: str, server: str, directory: Directory) -> Finding:
    """Which servers may send for the domain. Raises NoSuchName for a domain that is not there."""
    through = mechanism(server)
    line = Line(domain, "TXT", f"v=spf1 {through} ~all")
    try:
        found = [text for text in directory.texts(domain) if text.lower().split(" ")[0] == "v=spf1"]
    except Silent:
        return Finding("SPF", State.UNKNOWN, _silent())
    if not found:
        words = _("No line says which servers may send mail for %s. Many mail servers then take our mail for spam.")
        return Finding("SPF", State.MISSING, words % domain, line)
    if len(found) > 1:
        words = _(
            "There are %d such lines; only one may stand there, or none of them counts. Put this one in their place."
        )
        return Finding("SPF", State.WRONG, words % len(found), Line(domain, "TXT", _joined(found)))
    return _one_spf(domain, found[0], through)


def _one_spf(domain: str, record: str, through: str) -> Finding:
    terms = record.lower().split()[1:]
    ends = [term for term in terms if term.lstrip("+-~?") == "all"]
    leads_on = any(term.startswith("redirect=") for term in terms)
    # "mx" is a guess for a domain that has no line yet; to one that names its servers nothing is added by guess.
    put = Line(domain, "TXT", _joined([record] if through == "mx" else [record, f"v=spf1 {through}"]))
    if not ends and not leads_on:
        words = _("The line does not say what holds for all other servers: it must end in ~all or -all.")
        return Finding("SPF", State.WRONG, words, put)
    if ends and ends[0] in ("all", "+all"):
        return Finding(
            "SPF", State.WRONG, _("The line lets every server of the world send as you: it ends in +all."), put
        )
    if ends and ends[0] == "?all":
        words = _("The line leaves open what holds for all other servers: it ends in ?all and so protects nothing.")
        return Finding("SPF", State.WRONG, words, put)
    if through.startswith("include:") and through not in terms and not leads_on:
        words = _(
            "There is a line, but as far as we can see it does not name the provider that our mail leaves through. "
            "Unless another entry in it does, put this one in its place."
        )
        return Finding("SPF", State.UNKNOWN, words, put)
    if through in terms:
        return Finding("SPF", State.OK, _("The line is there and names the server that our mail leaves through."))
    return Finding("SPF", State.OK, _("The line is there. Whether it names our mail server we cannot see from here."))


def _joined(records: list[str]) -> str:
    """One line of several: everything they name, once each, in their order, everybody else doubted."""
    named = [term for record in records for term in record.split()[1:] if term.lower().lstrip("+-~?") != "all"]
    named = [term for term in named if not term.lower().startswith("redirect=")]
    strict = any(term.lower() == "-all" for record in records for term in record.split())
    return " ".join(["v=spf1", *dict.fromkeys(named), "-all" if strict else "~all"])


# ------------------------------------------------------------------------------------------------------------------- DKIM


def _dkim(domain: str, selectors: tuple[str, ...], directory: Directory) -> Finding:
    """The public key by which others see that a mail was not changed. It stands under a name that only the provider knows."""
    silent, taken_back = False, ""
    for selector in selectors:
        try:
            texts = directory.texts_if_any(f"{selector}._domainkey.{domain}")
        except Silent:
            silent = True
            continue
        for text in texts:
            key = _tags(text)
            if "p" not in key or key.get("v", "DKIM1") != "DKIM1":
                continue
            if key["p"]:
                words = _("A key is there, under the name “%s”. Whether mail is signed with it, the test mail shows.")
                return Finding("DKIM", State.OK, words % selector)
            taken_back = selector
    if silent:
        return Finding("DKIM", State.UNKNOWN, _silent())
    line = Line(
        f"{taken_back or 'mail'}._domainkey.{domain}", "TXT", _("v=DKIM1; k=rsa; p=THE-KEY-OF-YOUR-MAIL-SERVER")
    )
    if taken_back:
        words = _(
            "The key under the name “%s” has been taken back: it is empty. Your mail server’s provider has the new one."
        )
        return Finding("DKIM", State.WRONG, words % taken_back, line)
    words = _(
        "No key is there under the names that are common. Your mail server’s provider makes one and says under which "
        "name it belongs. If it is there under another name, have that name added to MAIL_DKIM_SELECTORS."
    )
    return Finding("DKIM", State.MISSING, words, line)


# ------------------------------------------------------------------------------------------------------------------ DMARC


def _dmarc(domain: str, directory: Directory) -> Finding:
    """What others shall do with mail that fails both. A line of the domain above holds too."""
    line = Line(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=none")
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        where = ".".join(labels[start:])
        try:
            found = [text for text in directory.texts_if_any(f"_dmarc.{where}") if _tags(text).get("v") == "DMARC1"]
        except Silent:
            return Finding("DMARC", State.UNKNOWN, _silent())
        if found:
            return _one_dmarc(where, found, where != domain, Line(f"_dmarc.{where}", "TXT", "v=DMARC1; p=none"))
    words = _("No line says what shall become of mail that pretends to be yours. Large mailbox providers ask for one.")
    return Finding("DMARC", State.MISSING, words, line)


def _one_dmarc(where: str, found: list[str], above: bool, line: Line) -> Finding:
    if len(found) > 1:
        words = _(
            "There are %d such lines; only one may stand there, or none of them counts. Put this one in their place."
        )
        return Finding("DMARC", State.WRONG, words % len(found), line)
    tags = _tags(found[0])
    policy = (tags.get("sp") if above else None) or tags.get("p", "")
    if policy.lower() not in ("none", "quarantine", "reject"):
        words = _("The line names no rule that others understand: p= must be none, quarantine or reject.")
        return Finding("DMARC", State.WRONG, words, line)
    words = _("The line is there, at %s.") % where
    if policy.lower() == "none":
        words += " " + _("It only watches (p=none): that is enough to begin with; “quarantine” would protect you.")
    return Finding("DMARC", State.OK, words)


# ---------------------------------------------------------------------------------------------------------------- helpers


def _tags(text: str) -> dict[str, str]:
    """ "v=DKIM1; p=MII…" by its letters."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, sign, value in parts if sign}


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _silent() -> str:
    return _("This could not be looked up just now: nobody answered. Try again in a while.")
