"""What the committee decides about an application, as forms that call one verb each."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.journal import NotAllowed
from programs import applications, questions
from programs.forms import Line, Text
from programs.models import Application, Gate, Question, Waiver

State = Application.State
ACCEPT, WAIT, NO = "accept", "wait", "no"
LEADS_TO = {ACCEPT: State.ADMITTED, WAIT: State.WAITLISTED, NO: State.REFUSED}


class DecideForm(forms.Form):
    """Accept, on the waiting list, or not this time: only what is possible from where the application stands."""

    decision = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    note = Text(label=gettext_lazy("What we tell them"), required=False, max_length=1000)
    following = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, application, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.application = application
        possible = application.MOVES[State(application.state)]
        words = {ACCEPT: _("Accept"), WAIT: _("On the waiting list"), NO: _("Can’t take part this time")}
        self.fields["decision"].choices = [(code, words[code]) for code, to in LEADS_TO.items() if to in possible]

    @property
    def has_choices(self):
        return bool(self.fields["decision"].choices)

    def clean(self):
        data = super().clean()
        if data.get("decision") == NO and not data.get("note"):
            self.add_error("note", _("Please write a friendly line: it is all that they hear from us."))
        return data

    def clean_following(self):
        """The next letter to read; one that is not there is simply not opened."""
        pk = self.cleaned_data["following"]
        same = Application.objects.filter(cycle=self.application.cycle_id, pk=pk) if pk and pk < 2**63 else None
        return pk if same is not None and same.exists() else None

    def carry_out(self, *, by):
        chosen, note = self.cleaned_data["decision"], self.cleaned_data["note"]
        if chosen == ACCEPT:
            return applications.admit(self.application, by=by)
        if chosen == WAIT:
            return applications.wait_list(self.application, by=by)
        return applications.refuse(self.application, by=by, note=note)


class ExceptionForm(forms.Form):
    """An exception to one requirement, granted or not, always with a reason."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Exception"),
        widget=forms.RadioSelect,
        choices=[
            (Waiver.Answer.GRANTED, gettext_lazy("Grant it")),
            (Waiver.Answer.REFUSED, gettext_lazy("Not this time")),
        ],
    )
    reason = Line(label=gettext_lazy("Why, in a line"), max_length=500)


class OnBehalfForm(questions.AnswersForm):
    """All answers of one application at once, and which agreements lie there on paper."""

    def __init__(self, application, data=None):
        self.application = application
        asked = questions.of(application.program, Question.Moment.APPLICATION, application.role)
        super().__init__(asked, data, initial=application.answers)
        accepted = set(application.acceptances.values_list("gate_id", "version"))
        gates = application.program.gates.filter(kind=Gate.Kind.AGREEMENT, role__in=["", application.role])
        self.gates = [gate for gate in gates if (gate.pk, gate.version) not in accepted]
        for gate in self.gates:
            self.fields[f"paper-{gate.code}"] = forms.BooleanField(
                label=_("Agreed on paper: %(title)s") % {"title": gate.title}, required=False
            )

    def carry_out(self, *, by, send):
        """Save what was typed and note the papers; send it when asked to."""
        applications.save(self.application, {**self.application.answers, **self.answers()}, by=by)
        papers = [gate for gate in self.gates if self.cleaned_data.get(f"paper-{gate.code}")]
        if papers:
            applications.agree(self.application, by=by, gates=papers, on_paper=True)
        if send and self.application.state == State.DRAFT:
            if len(papers) < len(self.gates):
                raise NotAllowed(_("Some agreements are still missing."))
            applications.submit(self.application, by=by)
