"""The committee's forms, with what the models alone cannot check: wording in plain lines, zones, caps, who gives which role."""

from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import people
from members.committee import no_broken_characters
from members.models import User
from programs import seats
from programs.models import Cycle, Gate, Page, Program, Question, Role, Seat, Training

LABEL, CODE, GROUP, FLAGS = "label", "code", "group", "flags"


class OptionsField(forms.CharField):
    """Options as lines: "A public library", or "code | label | group | flag, flag". A new line gets its code from its label."""

    widget = forms.Textarea

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "required": False, "max_length": 20000, "strip": True})
        self.widget.attrs["rows"] = 10

    def prepare_value(self, value):
        return "\n".join(line_of(option) for option in value) if isinstance(value, list) else value

    def to_python(self, value):
        lines = [line for line in (super().to_python(value) or "").splitlines() if line.strip()]
        return [option_of(line) for line in lines]

    def validate(self, value):
        no_broken_characters(value)
        codes = [option[CODE] for option in value]
        for code in codes:
            if codes.count(code) > 1:
                raise ValidationError(
                    _("Two options have the code “%(code)s”. Give one of them another.") % {"code": code}
                )

    def run_validators(self, value):
        """The value is a list by now; its characters were looked at in `validate`."""

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


def line_of(option: dict) -> str:
    """An option as one line."""
    parts = [option[CODE], option[LABEL], option.get(GROUP, ""), ", ".join(option.get(FLAGS, []))]
    while not parts[-1]:
        parts.pop()
    return " | ".join(parts)


def option_of(line: str) -> dict:
    """One line as an option: its label alone, or code, label, group and flags between bars."""
    parts = [part.strip() for part in line.split("|")]
    if len(parts) == 1:
        parts = [slugify(parts[0]).replace("-", "_")[:40] or "option", parts[0]]
    code, label, group, flags = [*parts, "", "", ""][:4]
    if not code or not label:
        raise ValidationError(_("This line needs a code and a label: “%(line)s”.") % {"line": line[:80]})
    if len(code) > 60 or len(label) > 200 or len(group) > 80:
        raise ValidationError(_("This line is too long: “%(line)s …”.") % {"line": line[:80]})
    option: dict = {CODE: code, LABEL: label}
    if group:
        option[GROUP] = group
    if flags:
        option[FLAGS] = [flag.strip() for flag in flags.split(",") if flag.strip()]
    return option


class ShownWhenField(forms.CharField):
    """ "code: option, option": the question is asked only where another answer is one of these."""

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "required": False, "max_length": 500})

    def prepare_value(self, value):
        return (
            "; ".join(f"{code}: {', '.join(map(str, options))}" for code, options in value.items())
            if isinstance(value, dict)
            else value
        )

    def to_python(self, value):
        found = {}
        for part in (super().to_python(value) or "").split(";"):
            code, _colon, options = part.partition(":")
            if not code.strip():
                continue
            found[code.strip()] = [option.strip() for option in options.split(",") if option.strip()]
        return found

    def validate(self, value):
        no_broken_characters(value)
        if not all(value.values()):
            raise ValidationError(_("Write it as “code: option, option”."))

    def run_validators(self, value):
        """The value is a mapping by now; its characters were looked at in `validate`."""

    def has_changed(self, initial, data):
        return (initial or {}) != self.to_python(data)


CHOICES = {Question.Kind.ONE, Question.Kind.SEVERAL, Question.Kind.SCALE}


class QuestionForm(forms.ModelForm):
    """A question as the committee writes it. What people have answered already keeps its meaning."""

    options = OptionsField(
        label=gettext_lazy("Options"),
        help_text=gettext_lazy(
            "One on each line. “code | label | group” where you want to choose the code or show groups."
        ),
    )
    shown_when = ShownWhenField(
        label=gettext_lazy("Asked only when"),
        help_text=gettext_lazy(
            "Empty: always. Else the code of another question and the options: “code: option, option”."
        ),
    )

    class Meta:
        model = Question
        fields = [
            "program",
            "moment",
            "role",
            "label",
            "help",
            "kind",
            "options",
            "required",
            "at_least",
            "at_most",
            "audience",
            "section",
            "order",
            "code",
            "shown_when",
        ]

    def clean(self):
        data = super().clean()
        if data.get("kind") in CHOICES and not data.get("options") and "options" not in self.errors:
            self.add_error("options", _("This kind of question needs options to choose from."))
        if self.instance.pk and in_use(self.instance):
            self._keep_what_is_used(data)
        return data

    def _keep_what_is_used(self, data):
        """A code or an option that somebody may have chosen stays; its wording may change."""
        for name in ("code", "kind", "moment"):
            if name in data and data[name] != getattr(self.initial_question(), name):
                self.add_error(name, _("People have answered this question. Its wording may change, this may not."))
        kept = {option[CODE] for option in data.get("options") or []}
        gone = [option[LABEL] for option in self.initial_question().options if option[CODE] not in kept]
        if gone and "options" not in self.errors:
            self.add_error(
                "options", _("Somebody may have chosen these, so they stay: %(labels)s.") % {"labels": ", ".join(gone)}
            )

    def initial_question(self):
        """The question as it is stored."""
        if not hasattr(self, "_stored"):
            self._stored = Question.objects.get(pk=self.instance.pk)
        return self._stored


def in_use(question: Question) -> bool:
    """Whether anybody can have answered it: some cycle of its program has opened."""
    return any(cycle.opens_on <= cycle.today() for cycle in question.program.cycles.select_related("program"))


class ProgramForm(forms.ModelForm):
    class Meta:
        model = Program
        fields = [
            "name", "published", "headline", "lede", "hours_text", "rhythm_text",
            "association", "slug", "time_zone", "zone_word", "reply_to", "contact_name",
            "mentor_word", "mentee_word", "contact_word",
            "term_anchor", "term_months", "introduce", "first_contact", "midway_after_months",
            "admission", "hold_days", "mentor_capacity", "other_employer", "priority_order",
            "extension_months", "max_extensions", "rematch_min_days", "mentor_confirms", "offer_days", "mentor_listing",
            "liaisons", "topic_recipients", "topic_day", "job_search", "service_letters", "letter_min_months", "evaluation_days",
            "report_minimum",
        ]  # fmt: skip

    def clean_time_zone(self):
        zone = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise ValidationError(_("There is no time zone of this name. Write it like America/New_York."))
        return zone


class CycleForm(forms.ModelForm):
    class Meta:
        model = Cycle
        fields = [
            "program", "name", "slug", "opens_on", "closes_on", "hear_by", "announced_on", "begins_on", "ends_on",
            "shut", "cap_mentees", "cap_mentors", "evaluation_mode",
        ]  # fmt: skip

    def clean(self):
        data = super().clean()
        for name, role in (("cap_mentees", Role.MENTEE), ("cap_mentors", Role.MENTOR)):
            cap, taken = data.get(name), self.instance.taken(role)
            if cap is not None and cap < taken:
                self.add_error(
                    name, _("%(taken)d have a place already, so it cannot be %(cap)d.") % {"taken": taken, "cap": cap}
                )
        return data


class PageForm(forms.ModelForm):
    class Meta:
        model = Page
        fields = ["program", "kind", "role", "title", "slug", "body", "order"]


class GateForm(forms.ModelForm):
    class Meta:
        model = Gate
        fields = ["program", "kind", "role", "title", "stage", "consequence", "text", "url", "years", "order", "code"]


class TrainingForm(forms.ModelForm):
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Starts"),
        help_text=gettext_lazy("In the program's own time zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    class Meta:
        model = Training
        fields = ["cycle", "role", "title", "starts_at", "minutes", "join_url", "recording_url"]


class SeatForm(forms.ModelForm):
    """A role for somebody, named by their address; who is new here gets an account that they open by signing in."""

    email = forms.EmailField(label=gettext_lazy("Their address"), max_length=254)
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=75, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=75, required=False)

    class Meta:
        model = Seat
        fields = ["program", "association", "role", "first_day", "last_day", "does", "name_shown"]

    giver: User  # set by the admin for each request

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:  # who somebody is does not change with their role
            for name in ("email", "first_name", "last_name"):
                self.fields.pop(name, None)

    def clean(self):
        data = super().clean()
        last_day = data.get("last_day")
        first_day = data.get("first_day") or (self.instance.first_day if self.instance.pk else None)
        if last_day and first_day and last_day < first_day:
            self.add_error("last_day", _("A role cannot end before it begins."))
        if self.instance.pk:
            return data
        where, role = data.get("program") or data.get("association"), data.get("role")
        if people.behind(data.get("email", "")) == self.giver:
            raise ValidationError(_("Nobody gives a role to themselves. Ask a colleague or the office."))
        if not where and "program" not in self.errors:
            self.add_error("program", _("Say where this role is."))
        if not where or not role or not first_day:
            return data
        if role not in seats.may_give(self.giver, where):
            raise ValidationError(_("This role is not yours to give there. Ask the chair or the office."))
        if role == Seat.Role.CHAIR and not self._may_begin_at_once(where) and first_day <= self._today(where):
            raise ValidationError(_("A successor begins on a day that is still to come."))
        return data

    def _today(self, where):
        return Cycle(program=where).today()

    def _may_begin_at_once(self, program):
        """The office and the site's administration name a chair from today; a chair names who comes after."""
        held = {seat.role for seat in seats.of(self.giver) if seat.association_id == program.association_id}
        return self.giver.is_superuser or Seat.Role.OFFICE in held

    def save(self, commit=True):
        if not self.instance.pk:
            email = self.cleaned_data["email"].lower()
            names = {"first_name": self.cleaned_data["first_name"], "last_name": self.cleaned_data["last_name"]}
            self.instance.user = people.behind(email) or User.objects.create_user(email, **names)
        return super().save(commit)
