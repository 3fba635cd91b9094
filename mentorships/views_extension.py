"""One more year together: the page on which one side answers, alone, signed in or from the mail."""

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
from mentorships import extension
from mentorships.models import Extension
from programs import dates, questions
from programs.forms import Text
from programs.models import Question

PAIR = ("user", *(f"term__mentorship__{name}" for name in ("cycle__program__association", "mentor", "mentee")))


class ExtensionForm(forms.Form):
    """Yes, no, or talk first; and a line to the committee, asked in the program's own words where it has some."""

    answer = forms.ChoiceField(label=gettext_lazy("Your answer"), widget=Doors)
    note = Text(label=gettext_lazy("Anything we should know?"), required=False)

    def __init__(self, *args, who="", own=None, **kwargs):
        super().__init__(*args, **kwargs)
        if own:
            self.fields["note"].label, self.fields["note"].help_text = own.label, own.help
        self.fields["answer"].choices = [(str(word), word.label.capitalize()) for word in Extension.Word]
        for field in self.fields.values():
            read_by(field, who)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, pk):
    """The question for somebody who is signed in."""
    rows = Extension.objects.visible_to(request.user).filter(user=request.user)
    return _question(request, get_object_or_404(rows.select_related(*PAIR), pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request, token):
    """From a mail, without signing in: opening it changes nothing, Send does."""
    link = links.read(token, "extension")
    found = Extension.objects.select_related(*PAIR).filter(pk=link.pk).first() if link else None
    if found is None or link.email not in {found.user.email, *found.user.own_addresses()}:
        return bad_link(request, token, "extension")
    return _question(request, found)


def _question(request, asked):
    pair, partner = asked.mentorship, asked.mentorship.partner_of(asked.user)
    who = _("the committee. %(partner)s does not see it.") % {"partner": partner.get_short_name()}
    open_now = extension.may_be_answered(asked)
    data = request.POST if request.method == "POST" and open_now else None
    chosen = {"answer": request.GET.get("answer", "") or asked.word, "note": asked.note}
    own = next(
        (one for one in questions.of(pair.program, Question.Moment.EXTENSION, asked.role) if one.kind == "text"), None
    )
    form = ExtensionForm(data, initial=chosen, who=who, own=own)
    if data is not None and form.is_valid():
        try:
            extension.answer(asked, form.cleaned_data["answer"], by=asked.user, note=form.cleaned_data["note"])
        except NotAllowed as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return redirect(f"{request.path}?sent=1")
    last = pair.terms.order_by("number").last()
    context = {
        "program": pair.program,
        "mentorship": pair,
        "extension": asked,
        "partner": partner,
        "form": form,
        "open_now": open_now,
        "goes_on": last if last.number > asked.term.number else None,
        "would_end": dates.last_day(asked.term.ends_on, pair.program.extension_months),
        "sent": "sent" in request.GET and asked.word,
        "nav": "my",
    }
    return render(request, "mentorships/extension.html", context)
