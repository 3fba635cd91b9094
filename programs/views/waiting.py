"""What somebody who waits would like: the page behind the mails, signed in or by the link, one tap and one Send."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from mail import links
from mail.views import bad_link
from members import clock
from members.fields import Doors
from members.journal import NotAllowed
from members.words import day as in_words
from programs import status, waiting
from programs.models import Application

ROWS = ("cycle__program__association", "user")


class WaitingForm(forms.Form):
    """The answers that are possible today, each with what follows from it."""

    answer = forms.ChoiceField(label=gettext_lazy("What would you like?"))

    def __init__(self, application, words, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said = _answers(application)
        notes = {word: said[word][1] for word in words}
        self.fields["answer"].widget = Doors(notes=notes)
        self.fields["answer"].choices = [(word, said[word][0]) for word in words]
        self.fields["answer"].error_messages["required"] = _("Please choose one.")


def _answers(application):
    """Each answer in words, and what follows from it."""
    following = waiting.next_cycle(application.cycle)
    accepted = application.state == Application.State.ADMITTED
    opens = _("%(cycle)s opens on %(day)s. We write to you that day; one tap sends it again.")
    soon = _("We write to you when the next round opens; one tap sends it again.")
    return {
        waiting.TAKE: (_("Yes, I take the place"), _("You are in from that moment on.")),
        waiting.NOT_NOW: (_("Not now, I go on waiting"), _("It goes to the next. You keep your turn for a later one.")),
        waiting.STAY: (
            _("Keep me in reserve") if accepted else _("I go on waiting"),
            _("Nothing changes. As soon as something turns up, we write to you."),
        ),
        waiting.NEXT: (
            _("Keep mine for the next round"),
            opens % {"cycle": following.name, "day": in_words(following.opens_on)} if following else soon,
        ),
        waiting.LEAVE: (_("I would rather leave"), _("Your application is withdrawn, and we stop writing about it.")),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def signed_in(request, pk):
    """For the person themselves; another's is not there."""
    rows = Application.objects.visible_to(request.user).filter(user=request.user)
    return _page(request, get_object_or_404(rows.select_related(*ROWS), pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request, token):
    """From a mail, without signing in: opening it changes nothing, Send does."""
    link = links.read(token, "waiting")
    mine = Application.objects.select_related(*ROWS).filter(pk=link.pk).first() if link else None
    if mine is None or link.email not in {mine.user.email, *mine.user.own_addresses()}:
        return bad_link(request, token, "waiting")
    return _page(request, mine)


def _page(request, mine):
    words = [] if status.pairs_of(mine) else waiting.choices(mine)
    data = request.POST if request.method == "POST" and words else None
    form = WaitingForm(mine, words, data, initial={"answer": request.GET.get("answer", "")})
    if data is not None and form.is_valid():
        try:
            waiting.answer(mine, form.cleaned_data["answer"], by=mine.user)
        except NotAllowed as refused:
            mine.refresh_from_db(fields=["state", "place_until", "keep_for_next"])
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return redirect(f"{request.path}?sent={form.cleaned_data['answer']}")
    today = clock.today(mine.cycle.zone)
    context = {
        "program": mine.program,
        "cycle": mine.cycle,
        "application": mine,
        "word": mine.program.word_for(mine.role),
        "form": form,
        "words": words,
        "offered": waiting.has_offer(mine, today),
        "over": today >= mine.cycle.announced_on,
        "before": waiting.before(mine),
        "said": status.say(mine, today),
        "sent": request.GET.get("sent", ""),
        "nav": "my",
    }
    return render(request, "programs/waiting.html", context)
