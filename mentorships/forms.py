"""The forms of a pair's pages and of the committee's notes about it."""

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from members.fields import Doors, read_by
from mentorships.models import CheckIn, Mentorship, Request
from programs.forms import Line, Text

PAIR_ONLY = _("the two of you. The committee does not read it.")


class WordForm(forms.Form):
    """The one-tap answer."""

    answer = forms.ChoiceField(label=_("Your answer"), widget=Doors)

    def __init__(self, moment, *args, who="", **kwargs):
        super().__init__(*args, **kwargs)
        words = [(str(word), CheckIn.Word(word).label.capitalize()) for word in CheckIn.words_for(moment)]
        self.fields["answer"].choices = words
        read_by(self.fields["answer"], who)


class NoteForm(forms.Form):
    """A line beside the answer, where the program asks nothing more."""

    note = Text(label=_("Anything you would like to add?"), required=False)

    def __init__(self, *args, who="", **kwargs):
        super().__init__(*args, **kwargs)
        read_by(self.fields["note"], who)


class AskForm(forms.Form):
    """What one of a pair asks of the committee."""

    note = Text(label=_("In your words"), required=False, rows=5)
    reason = forms.ChoiceField(
        label=_("Which comes nearest?"),
        required=False,
        choices=[("", _("I would rather not say")), *Mentorship.EndReason.choices],
        widget=forms.RadioSelect,
    )

    def __init__(self, kind, *args, who="", **kwargs):
        super().__init__(*args, **kwargs)
        if kind == Request.Kind.HELP:
            del self.fields["reason"]
        for field in self.fields.values():
            read_by(field, who)


class PlanForm(forms.ModelForm):
    """How the two of them work together."""

    class Meta:
        model = Mentorship
        fields = ["channel", "rhythm", "hours", "replies"]
        field_classes = {"channel": Line, "rhythm": Line, "hours": Line, "replies": Line}
        labels = {
            "channel": _("How do you talk?"),
            "rhythm": _("How often, and when?"),
            "hours": _("How much time a month suits you both?"),
            "replies": _("How soon does one answer the other?"),
        }
        help_texts = {
            "channel": _("Mail, phone, video, in person, social media: whatever suits you both."),
            "rhythm": _("Once a month is a usual start, no rule."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        read_by(self.fields["channel"], PAIR_ONLY)  # said once, at the first question


class GoalForm(forms.Form):
    """One goal with a first step; emptied, it is taken away."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = Line(label=_("Goal"), required=False, max_length=300)
    first_step = Line(label=_("First step"), required=False, max_length=300)
    by = forms.DateField(label=_("By"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reached = forms.BooleanField(label=_("Reached"), required=False)


GoalFormSet = formset_factory(GoalForm, extra=1, max_num=10, absolute_max=12)


class SettleForm(forms.Form):
    """The committee's answer to a request."""

    to = forms.ChoiceField(label=_("What becomes of it?"), widget=forms.RadioSelect)
    answer = Text(label=_("Your answer"), required=False, rows=4)

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        done = {
            Request.Kind.REMATCH: _("The pair ends, without fault; another partner can be looked for"),
            Request.Kind.LEAVE: _("The pair ends, without fault; this person leaves the program"),
            Request.Kind.HELP: _("We have helped"),
        }
        self.fields["to"].choices = [
            (Request.State.DONE, done[Request.Kind(request.kind)]),
            (Request.State.REFUSED, _("Not possible; say why below")),
        ]
        self.fields["answer"].help_text = _("%(name)s reads it; the partner does not.") % {
            "name": request.user.get_short_name()
        }


class EndForm(forms.Form):
    """The committee ends a pair before its last day."""

    reason = forms.ChoiceField(label=_("Why?"), choices=Mentorship.EndReason.choices)
    note = Text(
        label=_("A line for both"), required=False, rows=3, help_text=_("It stands in the mail that each of them gets.")
    )


class ToldForm(forms.Form):
    """What one of them, or both, told the committee by phone or mail."""

    who = forms.ChoiceField(label=_("Who told you?"), widget=forms.RadioSelect)
    word = forms.ChoiceField(label=_("What did they say?"), widget=forms.RadioSelect)
    note = Text(label=_("A line for the committee"), required=False, rows=3)

    def __init__(self, mentorship, moment, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = [
            ("mentor", mentorship.mentor.get_full_name()),
            ("mentee", mentorship.mentee.get_full_name()),
            ("both", _("both together")),
        ]
        words = CheckIn.words_for(moment)
        self.fields["word"].choices = [(str(word), CheckIn.Word(word).label.capitalize()) for word in words]

    def roles(self):
        who = self.cleaned_data["who"]
        return ["mentor", "mentee"] if who == "both" else [who]
