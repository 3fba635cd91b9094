"""What would you like now? Asked of each of the two after an early end, signed in or from the mail."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from mail import links
from mail.views import bad_link
from members.fields import Doors, read_by
from members.journal import NotAllowed
from mentorships import next_steps
from mentorships.models import NextStep

NEEDED = (
    "user", "mentorship__cycle__program__association", "mentorship__mentor", "mentorship__mentee",
    "mentorship__mentor_application__cycle__program", "mentorship__mentee_application__cycle__program",
)  # fmt: skip


class StepForm(forms.Form):
    """One of what is possible."""

    answer = forms.ChoiceField(label=gettext_lazy("Your answer"), widget=Doors)

    def __init__(self, words, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].choices = [(word, NextStep.Word(word).label.capitalize()) for word in words]
        read_by(self.fields["answer"], _("the committee, and nobody else"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, pk):
    """The question for somebody who is signed in."""
    rows = NextStep.objects.visible_to(request.user).filter(user=request.user)
    return _question(request, get_object_or_404(rows.select_related(*NEEDED), pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request, token):
    """From a mail, without signing in: opening it changes nothing, Send does."""
    link = links.read(token, "next-step")
    found = NextStep.objects.select_related(*NEEDED).filter(pk=link.pk).first() if link else None
    if found is None or link.email not in {found.user.email, *found.user.own_addresses()}:
        return bad_link(request, token, "next-step")
    return _question(request, found)


def _question(request, step):
    pair = step.mentorship
    open_now = next_steps.may_be_answered(step)
    data = request.POST if request.method == "POST" and open_now else None
    words = next_steps.words_for(step, pair.cycle.today())
    form = StepForm(words, data, initial={"answer": request.GET.get("answer", "") or step.word})
    if data is not None and form.is_valid():
        try:
            next_steps.answer(step, form.cleaned_data["answer"], by=step.user)
        except NotAllowed as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return redirect(f"{request.path}?sent=1")
    context = {
        "program": pair.program,
        "mentorship": pair,
        "step": step,
        "form": form,
        "open_now": open_now,
        "sent": "sent" in request.GET and step.word,
        "word": pair.program.word_for("mentee" if step.role == "mentor" else "mentor"),
        "nav": "my",
    }
    return render(request, "mentorships/next_step.html", context)
