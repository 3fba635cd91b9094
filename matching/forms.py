"""What the committee's matching pages take in: one small form behind every button, one for what is shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.models import Match
from programs.models import Application, Role


class Shown(forms.Form):
    """Which part of the desk is looked at. Whatever an address says wrongly is as if it were not there."""

    pair = forms.IntegerField(required=False, min_value=1)
    show = forms.ChoiceField(required=False, choices=[(word, word) for word in ("discuss", "open", "kept")])
    q = forms.CharField(required=False, max_length=100, strip=True)
    another = forms.CharField(required=False, max_length=100, strip=True)
    mail = forms.IntegerField(required=False, min_value=1)

    def clean(self):
        for name in list(self.errors):
            del self.errors[name]
            self.cleaned_data[name] = None if name in ("pair", "mail") else ""
        return self.cleaned_data


class Decision(forms.Form):
    """One press at the desk: a mark, or what is to be done with a proposed pair, or another mentor for a mentee.

    `was` and `seen` are what the page showed; if it is no longer so, nothing is done.
    """

    DOES = [(word, word) for word in ("keep", "unkeep", "forbid", "drop", "again", "undo", "room")]

    pair = forms.ModelChoiceField(Match.objects.none(), required=False)
    mentee = forms.ModelChoiceField(Application.objects.none(), required=False)
    give = forms.ModelChoiceField(Application.objects.none(), required=False)
    do = forms.ChoiceField(required=False, choices=DOES)
    mark = forms.ChoiceField(required=False, choices=[(mark, mark) for mark in ("done", "discuss")])
    was = forms.CharField(required=False, max_length=20)
    seen = forms.CharField(required=False, max_length=64)
    note = forms.CharField(required=False, max_length=1000, label=_("Why"))

    def __init__(self, cycle, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = Application.objects.filter(cycle=cycle).select_related("user", "cycle__program")
        rows = Match.objects.filter(cycle=cycle)
        self.fields["pair"].queryset = rows.select_related(
            "cycle__program", "mentor_application__user", "mentee_application__user"
        )
        self.fields["mentee"].queryset = people.filter(role=Role.MENTEE)
        self.fields["give"].queryset = people.filter(role=Role.MENTOR)

    def clean(self):
        found = super().clean()
        about_a_pair = found.get("mark") or found.get("do") in ("keep", "unkeep", "forbid", "drop")
        if about_a_pair and not found.get("pair"):
            raise forms.ValidationError(_("That pair is not at the desk any more."))
        if found.get("give") and not found.get("mentee"):
            raise forms.ValidationError(_("For whom? Choose a mentee first."))
        if not (found.get("mark") or found.get("do") or found.get("give")):
            raise forms.ValidationError(_("Nothing was chosen, so nothing was changed."))
        return found


class Leaving(forms.Form):
    """One press on the announcement's page."""

    DOES = [(word, word) for word in ("announce", "stop", "confirm", "introduce", "cancel", "undo")]

    do = forms.ChoiceField(choices=DOES)
    pair = forms.ModelChoiceField(Match.objects.none(), required=False)
    seen = forms.CharField(required=False, max_length=20_000)
    note = forms.CharField(required=False, max_length=1000, label=_("In your words"))

    def __init__(self, cycle, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pair"].queryset = Match.objects.filter(cycle=cycle).select_related(
            "cycle__program__association", "mentor_application__user", "mentee_application__user", "mentorship"
        )

    def clean(self):
        found = super().clean()
        if found.get("do") in ("confirm", "introduce", "cancel", "undo") and not found.get("pair"):
            raise forms.ValidationError(_("That pair is not there any more."))
        return found
