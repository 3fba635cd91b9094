"""A program's own wording of its mails: subject, heading and text with placeholders from a fixed list.

Two kinds of placeholder stand in braces. A *value* ("{partner}") is a word or a date and may stand anywhere. A *part*
("{answers}") is what makes the mail work: its buttons, addresses, a copy of what was sent. It stands alone on a line, and
is a block of that name in the mail's own template, so that it looks and works as before. What a committee writes is
Markdown and never template code; both bodies are made from it. Why one gets the mail, and whom to write to, stays.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.template import Context, Engine
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mail.models import Text

BRACES = re.compile(r"\{([^{}\n]{1,40})\}")
PART_LINE = re.compile(r"^[ \t]*\{([a-z_]+)\}[ \t]*\r?$", re.MULTILINE)
WORDS = {
    "html": "{% prose %}{{ own_words.NUMBER|markdown }}{% endprose %}",
    "txt": "{{ own_words.NUMBER|markdown_words }}",
}
Words = str | Promise  # what people read, put into their language when it is shown
MARKED = re.compile(r"([\\`*_\[\]<>#])")


@dataclass(frozen=True)
class Value:
    """A word or a date: what it stands for in plain words, and how it is read from what the mail is made of."""

    words: Words
    source: str


@dataclass(frozen=True)
class Mail:
    """A mail that a program may word itself: its name among the templates, in words, its placeholders.

    `parts` are in the order of the mail; what it cannot do without is in `needed`.
    """

    name: str
    title: Words
    values: Mapping[str, Value] = field(default_factory=dict)
    parts: Mapping[str, Words] = field(default_factory=dict)
    needed: tuple[str, ...] = ()

    def all_values(self) -> dict[str, Value]:
        return {**COMMON, **self.values}


COMMON = {
    "name": Value(_("the reader’s first name"), "{% firstof person.get_short_name name to.name %}"),
    "program": Value(_("the program’s name"), "{{ sender.name }}"),
    "address": Value(_("the address for questions"), "{{ sender.reply_to }}"),
}
_MAILS: dict[str, Mail] = {}
_SEASONS: dict[str, int] = {}
_FIXED: dict[str, Words] = {}
_watch: ContextVar[Callable[[str, dict], None] | None] = ContextVar("watch", default=None)


def register(season: int, *mails: Mail) -> None:
    """Say which mails a program may word itself; those of an earlier season come first. Called in an app's `ready`."""
    _MAILS.update({mail.name: mail for mail in mails})
    _SEASONS.update({mail.name: season for mail in mails})


def keep_as_shipped(**reasons: Words) -> None:
    """Say which mails nobody words anew, each with the reason. Called in an app's `ready`."""
    _FIXED.update(reasons)


def fixed() -> dict[str, Words]:
    """Those mails: name → why they go out as they are."""
    return dict(_FIXED)


def mails() -> list[Mail]:
    """Every mail that a program may word itself, in the order of a year."""
    return sorted(_MAILS.values(), key=lambda mail: _SEASONS[mail.name])


def season(mail: Mail) -> int:
    """At which time of the year it leaves: 1, 2, 3 …"""
    return _SEASONS[mail.name]


def mail(name: str) -> Mail | None:
    return _MAILS.get(name)


def own(scope: str, name: str) -> Text | None:
    """A program's own wording of a mail, None where it goes out as the product words it."""
    return Text.objects.filter(scope=scope, name=name).first() if name in _MAILS else None


# ------------------------------------------------------------------------------------------------------------- checking


def wrong(mail: Mail, subject: str, heading: str, body: str) -> dict[str, list[str]]:
    """What keeps a wording from being used, by the field it stands in; empty when it is fine."""
    found: dict[str, list[str]] = {}
    values = mail.all_values()
    for name, text in (("subject", subject), ("heading", heading), ("body", body)):
        known = values.keys() | mail.parts.keys() if name == "body" else values.keys()
        for code in dict.fromkeys(BRACES.findall(text)):
            if code not in known:
                words = _("There is no placeholder {%s} in this mail. Those there are stand below the text.")
                if code in mail.parts:
                    words = _("{%s} is a whole part of the mail: it can stand in the text only.")
                found.setdefault(name, []).append(words % code)
    alone = PART_LINE.findall(body)
    for code in mail.parts:
        count = body.count("{" + code + "}")
        if count > 1:
            found.setdefault("body", []).append(_("{%s} stands in the text twice; once is enough.") % code)
        elif count and code not in alone:
            found.setdefault("body", []).append(_("{%s} must stand alone on a line.") % code)
        elif not count and code in mail.needed:
            words = _("The text needs {%(code)s} on a line of its own (%(words)s): the mail does not work without it.")
            found.setdefault("body", []).append(words % {"code": code, "words": mail.parts[code]})
    return found


# ------------------------------------------------------------------------------------------------------------ rendering


def render(text: Text, context: dict) -> tuple[str, str, str]:
    """Subject, plain text and HTML in a program's own words."""
    mail = _MAILS[text.name]
    values = _values(mail, context)
    subject = fill(text.subject, values)
    pieces = _pieces(mail, text.body)
    context = {**context, "subject": subject, "own_heading": fill(text.heading, values)}
    plain = _made(text.name, "txt", pieces, {**context, "own_words": [fill(piece, values) for piece in pieces]})
    safe = {code: MARKED.sub(r"\\\1", value) for code, value in values.items()}
    html = _made(text.name, "html", pieces, {**context, "own_words": [fill(piece, safe) for piece in pieces]})
    return subject, plain, html


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values put in, in one go: what a value holds is never read as a placeholder."""
    return BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def _values(mail: Mail, context: dict) -> dict[str, str]:
    engine, plain = Engine.get_default(), Context(context, autoescape=False)
    return {
        code: engine.from_string("{% load i18n look %}" + value.source).render(plain).strip()
        for code, value in mail.all_values().items()
    }


def _pieces(mail: Mail, body: str) -> list[str]:
    """The text cut at its parts: words, part, words, part, … words. A value alone on a line is a word like any other."""
    pieces, words = [], ""
    for line in body.splitlines(keepends=True):
        alone = PART_LINE.fullmatch(line.rstrip("\r\n"))
        if alone and alone[1] in mail.parts:
            pieces += [words.strip(), alone[1]]
            words = ""
        else:
            words += line
    return [*pieces, words.strip()]


def _made(name: str, kind: str, pieces: list[str], context: dict) -> str:
    """One body: the mail's own template, with these words and its parts in this order in place of its text."""
    body = []
    for number, piece in enumerate(pieces):
        if number % 2:
            body.append(_block(piece, "{{ block.super }}"))
        elif piece:
            body.append(WORDS[kind].replace("NUMBER", str(number)))
    source = _extending(name, kind) + _block("preheader") + _block("heading", "{{ own_heading }}")
    source += _block("body", ("\n\n" if kind == "txt" else "").join(body))
    return Engine.get_default().from_string(source).render(Context(context, autoescape=kind == "html"))


def _extending(name: str, kind: str) -> str:
    return "{% extends 'mail/" + name + "." + kind + "' %}{% load parts markdown %}"


def _block(name: str, inside: str = "") -> str:
    return "{% block " + name + " %}" + inside + "{% endblock %}"


# ----------------------------------------------------------------------------------------------------------- the original


@dataclass(frozen=True)
class Wording:
    """Subject, heading and text with their placeholders."""

    subject: str
    heading: str
    body: str


@contextmanager
def watching(seen: Callable[[str, dict], None]) -> Iterator[None]:
    """Be told, for every mail that is made meanwhile, its name and what it is made of."""
    token = _watch.set(seen)
    try:
        yield
    finally:
        _watch.reset(token)


def tell(name: str, context: dict) -> None:
    """Called by the outbox for each mail that it makes."""
    if (seen := _watch.get()) is not None:
        seen(name, context)


def original(mail: Mail, context: dict) -> Wording:
    """The product's own wording with placeholders, as one reader gets it: what a committee starts from."""
    engine = Engine.get_default()
    subject = engine.get_template(f"mail/{mail.name}.subject.txt").render(Context(context, autoescape=False)).strip()
    plain = Context({**context, "subject": subject}, autoescape=False)
    # A block that stands inside the text's own block is replaced where it stands.
    marks = "".join(_block(part, "\n\n{" + part + "}\n\n") for part in mail.parts)
    text = engine.from_string(_extending(mail.name, "txt") + marks).render(plain)
    heading, _line, rest = text.strip().partition("\n")
    body = rest.rsplit("\n--\n", 1)[0]
    values = _values(mail, context)
    return Wording(
        " ".join(_unfilled(subject, values).split()),
        _unfilled(heading, values).strip(),
        re.sub(r"\n{3,}", "\n\n", _unfilled(body, values)).strip() + "\n",
    )


def _unfilled(text: str, values: Mapping[str, str]) -> str:
    """The text with placeholders where these values stand in it as whole words, the longest first."""
    by_length = sorted(((value, code) for code, value in values.items() if value), key=lambda one: -len(one[0]))
    for value, code in by_length:
        text = re.sub(rf"(?<![\w{{]){re.escape(value)}(?![\w}}])", "{" + code + "}", text)
    return text
