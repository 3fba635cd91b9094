"""The letter: asking for it, fetching it, and the page on which anybody checks a code."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from evaluations import letter_pdf, letters
from evaluations.models import ServiceLetter
from mail.links import absolute
from members.journal import NotAllowed
from mentorships.models import Mentorship
from programs.forms import Line


class AskForm(forms.Form):
    """The name as the personnel file has it."""

    name = Line(label=gettext_lazy("Your name as it shall stand in the letter"), max_length=150)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, pk):
    """The mentor asks; who has asked sees where it stands."""
    rows = Mentorship.objects.visible_to(request.user).filter(mentor=request.user, cycle__program__service_letters=True)
    pair = get_object_or_404(
        rows.select_related("cycle__program__association", "mentor", "mentee").prefetch_related("terms"), pk=pk
    )
    letter = ServiceLetter.objects.filter(mentorship=pair).first()
    may_ask = letter is None or letter.state == ServiceLetter.State.REFUSED
    data = request.POST if request.method == "POST" and may_ask else None
    form = AskForm(data, initial={"name": request.user.get_full_name()})
    if data is not None and form.is_valid():
        try:
            letters.ask(pair, by=request.user, name=form.cleaned_data["name"])
        except NotAllowed as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            messages.success(request, _("We have your wish. A mail tells you when the letter is signed."))
            return redirect("letter_ask", pk=pair.pk)
    context = {
        "program": pair.program,
        "mentorship": pair,
        "letter": letter,
        "may_ask": may_ask,
        "form": form,
        "from_day": letters.may_ask_from(pair),
        "today": pair.cycle.today(),
        "partner": pair.mentee,
        "nav": "my",
    }
    return render(request, "evaluations/letter_ask.html", context)


@login_required
@require_safe
def pdf(request, pk):
    """The letter itself, for its mentor and for those who sign."""
    rows = ServiceLetter.objects.visible_to(request.user).filter(state=ServiceLetter.State.SIGNED)
    letter = get_object_or_404(rows.select_related("mentorship__cycle__program__association"), pk=pk)
    program = letter.program
    drawn = letter_pdf.draw(
        letter_pdf.Letter(
            name=letter.name_on_it,
            program=program.name,
            association=program.association.name,
            postal=program.association.postal,
            mentor_word=program.mentor_word,
            begins_on=letter.begins_on,
            ends_on=letter.ends_on,
            signed_on=letter.signed_on,
            signature=letter.signature,
            code=letter.code,
            check=absolute(reverse("letter_check", args=[letter.code])),
        )
    )
    answer = HttpResponse(drawn, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="letter-{letter.code}.pdf"'
    return answer


@require_safe
def look_up(request):
    """Where somebody types the code of a letter that lies before them."""
    code = request.GET.get("code", "").replace("\x00", "").strip()[:40]
    if not code:
        return render(request, "evaluations/letter_check.html", {})
    letter = letters.find(code)
    if letter is None:
        return render(request, "evaluations/letter_check.html", {"code": code, "unknown": True})
    return redirect("letter_check", code=letter.code)


@require_safe
def check(request, code):
    """What the letter of this code says, and whether it still counts."""
    letter = letters.find(code)
    if letter is None:
        raise Http404
    return render(request, "evaluations/letter_check.html", {"letter": letter, "program": letter.program})
