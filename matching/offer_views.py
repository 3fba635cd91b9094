"""The mentor's page for an offer, signed in or from the mail. Opening it changes nothing; one press answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mail import links
from mail.views import bad_link
from matching import missing, offers
from matching.models import Match
from matching.offer_forms import AnswerForm
from matching.profile import Profile
from members import clock
from members.journal import NotAllowed

PAIR = (
    "cycle__program__association", "mentor_application__user", "mentee_application__user",
    "mentee_application__form_version", "mentorship",
)  # fmt: skip
READ = ("GET", "HEAD", "POST")
Answer, State = Match.Answer, Match.State


@login_required
@never_cache
@require_http_methods(READ)
def offer(request, pk):
    """The offer for a mentor who is signed in; for everybody else, the committee included, there is nothing here."""
    rows = Match.objects.visible_to(request.user).offered_to(request.user)
    return _page(request, get_object_or_404(rows.select_related(*PAIR), pk=pk))


@never_cache
@require_http_methods(READ)
def by_link(request, token):
    """From a mail, without signing in: opening it changes nothing, Send does."""
    link = links.read(token, "offer")
    found = Match.objects.select_related(*PAIR).filter(pk=link.pk).first() if link else None
    mentor = found and found.mentor_application.user
    if mentor is None or link.email not in {mentor.email, *mentor.own_addresses()}:
        return bad_link(request, token, "offer")
    return _page(request, found)


def _page(request, match):
    """What a mentor sees of an offer in its state: the question, their yes, or that it is over."""
    match.mentee_application.cycle = match.mentor_application.cycle = match.cycle
    if request.method == "POST" and match.state == State.EXPIRED:
        return _still_in(request, match)
    form = _form(request, match)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _answer(match, form)
        except NotAllowed as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return redirect(f"{request.path}?sent=1")
    if request.method == "POST" and form is None:
        messages.error(request, _("This question is closed. Write to us if anything has changed."))
        return redirect(request.path)
    context = {
        "program": match.program,
        "match": match,
        "mentor": match.mentor_application.user,
        "mentee": match.mentee_application.user,
        "form": form,
        "sent": "sent" in request.GET and match.answer,
        "nav": "my",
    }
    if match.state == State.OFFERED:
        context |= {"profile": Profile(match), "days_left": _days_left(match)}
        return render(request, "matching/offer.html", context)
    if match.state == State.ACCEPTED:
        open_points = missing.of(match, clock.now())
        context |= {"missing": open_points.by[match.mentor_application_id], "introduced_on": open_points.introduced_on}
    return render(request, "matching/offer_over.html", context)


def _form(request, match):
    """The answers that are possible now; None when there is nothing to answer any more."""
    data = request.POST if request.method == "POST" else None
    chosen = {"answer": request.GET.get("answer", "")}
    if match.state == State.OFFERED:
        asked = match.stopped_at is not None
        return AnswerForm(
            match, [word for word in Answer if not (asked and word == Answer.QUESTION)], data, initial=chosen
        )
    return AnswerForm(match, Match.NO, data) if match.state == State.ACCEPTED else None


def _answer(match, form):
    """One press, one verb."""
    by = match.mentor_application.user
    verb = offers.take_back_yes if match.state == State.ACCEPTED else offers.answer
    verb(match, answer=form.cleaned_data["answer"], by=by, **form.said())


def _still_in(request, match):
    """One tap after an offer has closed."""
    try:
        offers.still_in(match, by=match.mentor_application.user)
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    return redirect(f"{request.path}?sent=1")


def _days_left(match) -> int | None:
    """How many days are left to answer, the last one included; None while the clock stands."""
    if match.stopped_at is not None:
        return None
    zone = match.program.time_zone
    return max(0, (clock.day_of(match.answer_by, zone) - clock.today(zone)).days)
