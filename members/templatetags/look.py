"""What every page draws with: icons, the strands, dates in words, and a field's control with everything tied to it."""

from datetime import datetime

from django import template
from django.utils.html import format_html

from members import clock, strands, words

register = template.Library()

ICONS = {
    "arrow": "M5 12h14M13 6l6 6-6 6",
    "away": "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
    "open": "M9 5l7 7-7 7",
    "check": "M4.5 12.5l5 5 10-11",
    "error": "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7.5v5.5M12 16.4v.1",
    "eye": "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z",
    "mail": "M3.5 6h17v12h-17zM4 6.5l8 6.5 8-6.5",
    "calendar": "M4.5 6h15v13.5h-15zM4.5 10.5h15M8.5 3.5V8M15.5 3.5V8",
}
SPRITE = {"ok", "eye", "bang", "to", "talk", "pin", "ring", "no", "hide", "hand"}


@register.simple_tag
def icon(name):
    """A drawing beside words on a public page; never alone, so it is hidden from screen readers."""
    return format_html(
        '<svg class="ico" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>', ICONS[name]
    )


@register.simple_tag
def c_icon(name):
    """The same on the committee's pages, from the sprite at the end of admin/base_site.html."""
    if name not in SPRITE:
        raise KeyError(name)
    return format_html('<svg class="c-i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.inclusion_tag("_fit.html")
def fit(level, word):
    """How well two people fit: three bars and the word. `level` is 3 very good, 2 good, 1 fair."""
    return {"bars": [(0, 8, 4, level < 1), (6, 4, 8, level < 2), (12, 0, 12, level < 3)], "word": word}


@register.inclusion_tag("_strands.html", name="strands")
def strands_of_year(stops, today):
    """The year as two strands, with the list that says the same in words. `stops` are `members.strands.Stop`."""
    drawing = strands.draw(list(stops), today)
    return {
        "drawing": drawing,
        "rows": [(mark, words.day(mark.stop.day, this_year=today.year, short=True)) for mark in drawing.marks],
    }


@register.inclusion_tag("_year_strip.html")
def year_strip(months, done):
    """A small strip of a mentoring year: so many months, so many of them behind us."""
    months, done = max(int(months), 1), int(done)
    last = 19 + 28 * (months - 1)
    return {
        "bars": [(19 + 28 * i, i < done) for i in range(months)],
        "side": last + 5,
        "bend": last + 17,
        "part": last + 25,
        "end": last + 38,
        "width": last + 39,
    }


@register.filter
def when(value, program=None):
    """A date or a moment in words. A moment needs the program, whose zone it is told in: {{ at|when:program }}."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        if program is None:
            raise template.TemplateSyntaxError("A moment needs a program, in whose zone it is told.")
        return words.moment(value, program.time_zone, program.zone_word)
    return words.day(value)


@register.filter
def when_short(value, program=None):
    """The same with a short weekday: "Tue, 30 September"."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = clock.day_of(value, program.time_zone)
    return words.day(value, short=True)


@register.filter
def moment(value, program):
    """A moment on the committee's pages, where the zone is said once: "Tue, 21 October, 17:00"."""
    return words.moment(value, program.time_zone, "", short=True) if value else ""


@register.filter
def until(value, program):
    """The last minute of a day in the program's zone: "Tuesday, 30 September, 23:59 Eastern"."""
    return words.last_minute(value, program.time_zone, program.zone_word) if value else ""


@register.simple_tag
def control(field, css_class="form-control"):
    """A field's widget, tied to its help, to who reads it and to its error."""
    attrs = {"class": " ".join(filter(None, [field.field.widget.attrs.get("class"), css_class]))}
    if field.errors:
        attrs["class"] += " is-invalid"
    if tied := described_by(field):
        attrs["aria-describedby"] = tied
    label, placeholder = str(field.label).lower(), str(field.field.widget.attrs.get("placeholder", "")).lower()
    if placeholder and (placeholder in label or label in placeholder):
        attrs["placeholder"] = False  # it would only repeat the label
    return field.as_widget(attrs=attrs)


@register.filter
def device(user_agent):
    """A browser's own words, shortened to what a person would say."""
    return words.device(user_agent or "")


@register.filter
def described_by(field):
    """The ids of everything that is said about a field, in the order in which it is read."""
    ids = []
    if field.help_text:
        ids.append(f"{field.auto_id}_helptext")
    if reads(field):
        ids.append(f"{field.auto_id}_reads")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


@register.filter
def reads(field):
    """Who reads the answer, in words; a field or its widget carries it."""
    return getattr(field.field, "reads", "") or getattr(field.field.widget, "reads", "")


@register.filter
def filled_from(field):
    """Where an answer was filled in from, in words; empty when the person wrote it here."""
    return getattr(field.field, "filled_from", "")


@register.filter
def kind(field):
    """How a field is laid out: "chips", "words", "doors", or "" for an ordinary one."""
    return getattr(field.field.widget, "laid_out_as", "")


@register.filter
def says_optional(field):
    """Whether "optional" stands beside the label: not where "No answer" is one of the answers already."""
    return not field.field.required and getattr(field.field.widget, "says_optional", True)
