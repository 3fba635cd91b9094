"""One kind of question, one kind of form field: how it is asked, how an answer is kept, how it reads afterwards."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.fields import NO_ANSWER, ChipsField, WordsField
from programs.models import Question

Kind = Question.Kind
LINE_LENGTH, TEXT_LENGTH, GREATEST = 200, 4000, 9999
FEW = 6  # so many answers are shown one below the other, more of them in a list to choose from
YES, NO = "yes", "no"
# What a North American library is likely to live by, before the rest of the world.
NEAR = [
    ("America/New_York", gettext_lazy("Eastern (New York)")),
    ("America/Chicago", gettext_lazy("Central (Chicago)")),
    ("America/Denver", gettext_lazy("Mountain (Denver)")),
    ("America/Phoenix", gettext_lazy("Mountain without summer time (Phoenix)")),
    ("America/Los_Angeles", gettext_lazy("Pacific (Los Angeles)")),
    ("America/Anchorage", gettext_lazy("Alaska (Anchorage)")),
    ("Pacific/Honolulu", gettext_lazy("Hawaii (Honolulu)")),
    ("America/Halifax", gettext_lazy("Atlantic (Halifax)")),
    ("America/Puerto_Rico", gettext_lazy("Puerto Rico")),
    ("Pacific/Guam", gettext_lazy("Guam")),
]


def no_halves(value: str) -> None:
    """Refuse half of a character: no database can keep it."""
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValidationError(_("This holds a character that cannot be read. Please type it again."), code="broken")


def field_for(question: Question) -> forms.Field:
    """The form field of a question."""
    common = {"label": question.label, "help_text": question.help, "required": question.required}
    return _FIELDS[Kind(question.kind)](question, common)


def _line(question, common):
    return forms.CharField(max_length=LINE_LENGTH, validators=[no_halves], **common)


def _text(question, common):
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(max_length=TEXT_LENGTH, widget=area, validators=[no_halves], **common)


def _number(question, common):
    least = question.at_least or 0
    most = GREATEST if question.at_most is None else question.at_most
    return forms.IntegerField(min_value=least, max_value=most, **common)


def _one(question, common):
    choices = _grouped(question.options)
    if len(question.options) <= FEW:
        nothing = [] if question.required else [("", _("No answer"))]
        return forms.ChoiceField(choices=[*choices, *nothing], widget=forms.RadioSelect, **common)
    return forms.ChoiceField(choices=[("", _("Please choose")), *choices], **common)


def _several(question, common):
    return ChipsField(choices=_grouped(question.options), up_to=question.at_most, **common)


def _scale(question, common):
    return WordsField(choices=[(option["code"], option["label"]) for option in question.options], **common)


def _yes(question, common):
    nothing = [] if question.required else [("", _("No answer"))]
    choices = [(YES, _("Yes")), (NO, _("No")), *nothing]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def _zone(question, common):
    near = {name for name, _label in NEAR}
    rest = [(name, name.replace("_", " ").replace("/", ", ")) for name in zones() if name not in near]
    choices = [("", _("Please choose")), (_("North America"), NEAR), (_("Elsewhere"), rest)]
    return forms.ChoiceField(choices=choices, **common)


def _month(question, common):
    right = RegexValidator(r"^(19|20)\d\d-(0[1-9]|1[0-2])$", _("Write the year and the month like 2026-07."))
    widget = forms.TextInput(attrs={"type": "month", "placeholder": _("like 2026-07")})
    return forms.CharField(max_length=7, widget=widget, validators=[right], **common)


_FIELDS = {
    Kind.LINE: _line,
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.ONE: _one,
    Kind.SEVERAL: _several,
    Kind.SCALE: _scale,
    Kind.YES: _yes,
    Kind.ZONE: _zone,
    Kind.MONTH: _month,
}


@cache
def zones() -> tuple[str, ...]:
    """Every zone that names a place."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def _grouped(options):
    """Choices under the headings that options name; those without one stand first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in options:
        groups.setdefault(option.get("group", ""), []).append((option["code"], option["label"]))
    return [*groups.pop("", []), *groups.items()]


def from_text(question: Question, raw: Any) -> Any:
    """What a file says, as the form field wants it: labels become codes, several are taken apart."""
    kind = Kind(question.kind)
    if kind == Kind.SEVERAL:
        parts = raw if isinstance(raw, list) else str(raw).split(";")
        return [_code(question, str(part)) for part in parts if str(part).strip()]
    if kind in (Kind.ONE, Kind.SCALE):
        return _code(question, str(raw))
    if kind == Kind.YES:
        said = str(raw).strip().lower()
        return {"true": YES, "1": YES, "y": YES, "false": NO, "0": NO, "n": NO}.get(said, said)
    return raw


def _code(question: Question, said: str) -> str:
    said = said.strip()
    codes = {option["code"] for option in question.options}
    labels = {option["label"].lower(): option["code"] for option in question.options}
    return said if said in codes else labels.get(said.lower(), said)


def to_answer(question: Question, cleaned: Any) -> Any:
    """What the field gave, as it is kept; None for no answer."""
    if cleaned in (None, "", [], NO_ANSWER):
        return None
    if question.kind == Kind.YES:
        return cleaned == YES
    return list(dict.fromkeys(cleaned)) if question.kind == Kind.SEVERAL else cleaned


def to_initial(question: Question, answer: Any) -> Any:
    """A kept answer, as its field shows it."""
    if question.kind == Kind.YES and isinstance(answer, bool):
        return YES if answer else NO
    return answer


def in_words(row: Mapping[str, Any], answer: Any) -> tuple[str, ...]:
    """A kept answer as people read it, one by one, in the wording it was given to."""
    labels = {option["code"]: option["label"] for option in row["options"] or ()}
    if isinstance(answer, list):
        return tuple(labels.get(code, str(code)) for code in answer)
    if isinstance(answer, bool):
        return (_("Yes") if answer else _("No"),)
    if row["kind"] == Kind.MONTH:
        year, month = answer.split("-")
        return (formats.date_format(date(int(year), int(month), 1), "F Y"),)
    if row["kind"] == Kind.ZONE:
        return (str(dict(NEAR).get(answer, answer.replace("_", " "))),)
    return (labels.get(answer, str(answer)),)
