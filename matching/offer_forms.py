"""The forms of an offer: the mentor's five answers, taking a yes back, and what the committee notes or answers."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import Match
from members.fields import Doors, DoorsWith, read_by
from members.words import day as in_words
from programs.forms import Text
from programs.models import Program

Answer = Match.Answer


class AnswerForm(forms.Form):
    """What a mentor answers: yes, one of three kinds of no, or a question first."""

    answer = forms.ChoiceField(label=gettext_lazy("Your answer"), widget=Doors)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    question = Text(label=gettext_lazy("Your question"), required=False, rows=3, max_length=2000)
    note = Text(label=gettext_lazy("Anything we should know?"), required=False, rows=3, max_length=2000)

    def __init__(self, match: Match, answers, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = dict(Answer.choices)
        self.fields["answer"].choices = [(str(word), labels[word]) for word in answers]
        self.fields["answer"].widget.notes = notes(match)
        if match.state == Match.State.ACCEPTED:
            self.fields["answer"].label = _("What is it now?")
        if Answer.QUESTION not in answers:
            del self.fields["question"]
        for name in {"until", "question"} & set(self.fields):  # they belong to one answer, and are needed there
            self.fields[name].widget.says_optional = False
        mentee = match.mentee_application.user.get_short_name()
        read_by(self.fields["note"], _("the committee. %(mentee)s does not hear of it.") % {"mentee": mentee})
        inside = {"pause": ["until"]} | ({"question": ["question"]} if "question" in self.fields else {})
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(DoorsWith("answer", **inside), "note")

    def clean(self):
        found = super().clean()
        if found.get("answer") == Answer.PAUSE and not found.get("until") and "until" not in self.errors:
            self.add_error("until", _("Until when? Please choose a day that lies ahead."))
        if found.get("answer") == Answer.QUESTION and not found.get("question"):
            self.add_error("question", _("Please write your question, so that we can answer it."))
        return found

    def said(self) -> dict:
        """What the verb takes: the question is the note of an answer that asks."""
        given = self.cleaned_data
        asks = given["answer"] == Answer.QUESTION
        return {"note": given.get("question", "") if asks else given["note"], "pause_until": given["until"]}


def notes(match: Match) -> dict[str, str]:
    """What follows from each answer, in a sentence."""
    program, mentee = match.program, match.mentee_application.user.get_short_name()
    if program.introduce == Program.Introduce.TOGETHER:
        yes = _("We introduce you on %s. Until then you need not do anything.") % in_words(match.cycle.announced_on)
    else:
        yes = _("We introduce you as soon as both of you are ready, and tell you what is still missing.")
    return {
        str(Answer.YES): yes,
        str(Answer.NOT_THIS_PERSON): _("We look for somebody else for you. %s does not hear of it.") % mentee,
        str(Answer.NOT_THIS_CYCLE): _("We ask you again the next time."),
        str(Answer.PAUSE): _("We leave you in peace until the day you choose."),
        str(Answer.QUESTION): _("The clock stops until we have answered."),
    }


class ToldForm(AnswerForm):
    """ "They told me": the same answers, noted by the committee."""

    def __init__(self, match: Match, answers, *args, **kwargs):
        super().__init__(match, answers, *args, **kwargs)
        self.fields["answer"].label = _("What did they say?")
        self.fields["note"].label = _("In their words")
        self.fields["until"].label = _("Until when, for a pause")
        if "question" in self.fields:
            self.fields["question"].label = _("What they would like to know, for a question")


class QuestionForm(forms.Form):
    """The committee's answer to a mentor's question."""

    text = Text(label=gettext_lazy("Your answer"), rows=5, max_length=4000)

    def __init__(self, match: Match, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = match.mentor_application.user.get_short_name()
        self.fields["text"].help_text = _("It goes to %s by mail, and the clock goes on.") % name
