"""The committee's pages about offers: all of a cycle, and one of them with "they told me" and the open question."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from matching import announcing, offers, offers_page
from matching.models import Match
from matching.offer_forms import QuestionForm, ToldForm
from matching.profile import Profile
from members import clock
from members.journal import NotAllowed
from programs.models import Cycle

PER_PAGE = 50
State, Answer = Match.State, Match.Answer
READ = ("GET", "HEAD", "POST")


@never_cache
@require_http_methods(["GET", "HEAD"])
def offers_of(request, cycle):
    """Who was asked in this cycle, what they said, and what to do."""
    cycles = Cycle.objects.of_seat(request.user, "matching.view_match").select_related("program__association")
    cycle = get_object_or_404(cycles, pk=cycle)
    found = offers_page.of(cycle, request.user).order_by("-offered_at", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = offers_page.rows(page.object_list, clock.now(), offers_page.needing(cycle))
    context = {"cycle": cycle, "program": cycle.program, "page": page, "figures": offers_page.figures(found)}
    return _render(request, "admin/matching/offers.html", _("Offers"), context)


@never_cache
@require_http_methods(READ)
def offer(request, pk):
    """One offer: what the mentor said, and what the committee may do about it."""
    rows = Match.objects.visible_to(request.user).filter(offered_at__isnull=False)
    rows = rows.filter(cycle__in=Cycle.objects.of_seat(request.user, "matching.view_match"))
    rows = rows.exclude(mentor_application__user=request.user).exclude(mentee_application__user=request.user)
    match = get_object_or_404(
        rows.select_related(
            "cycle__program__association", "mentor_application__user", "mentee_application__user",
            "mentee_application__form_version", "mentorship", "told_to",
        ),
        pk=pk,
    )  # fmt: skip
    match.mentor_application.cycle = match.mentee_application.cycle = match.cycle
    do = request.POST.get("do", "") if request.method == "POST" else ""
    told, question = _told_form(request, match, do), _question_form(request, match, do)
    if request.method == "POST":
        if not request.user.has_perm("matching.note_answer", match):
            raise PermissionDenied
        if done := _press(request, match, do, told, question):
            messages.success(request, done)
            return redirect("admin:matching_offer", match.pk)
    needing = offers_page.needing(match.cycle)
    row = offers_page.rows([match], clock.now(), needing)[0]
    context = {
        "cycle": match.cycle,
        "program": match.program,
        "match": match,
        "row": row,
        "profile": Profile(match),
        "told": told,
        "question": question,
        "waits_for": announcing.not_ready(match, clock.now()) if match.state == State.ACCEPTED else [],
        "may_cancel": match.state in (State.OFFERED, State.ACCEPTED),
    }
    return _render(request, "admin/matching/offer.html", str(match), context)


def _told_form(request, match, do):
    """ "They told me": the five answers while it is open, the three kinds of no after a yes, else None."""
    if match.state not in (State.OFFERED, State.ACCEPTED):
        return None
    asked = match.stopped_at is not None
    answers = Match.NO if match.state == State.ACCEPTED else [a for a in Answer if not (asked and a == Answer.QUESTION)]
    return ToldForm(match, answers, request.POST if do == "told" else None)


def _question_form(request, match, do):
    if match.state != State.OFFERED or match.stopped_at is None:
        return None
    return QuestionForm(match, request.POST if do == "question" else None)


def _press(request, match, do, told, question) -> str:
    """One press, one verb, one sentence about what was done; "" when the page has something to say first."""
    by = request.user
    try:
        if do == "told" and told is not None and told.is_valid():
            verb = offers.take_back_yes if match.state == State.ACCEPTED else offers.answer
            verb(match, answer=told.cleaned_data["answer"], by=by, told_to=by, **told.said())
            return _("Noted, as if %s had answered themselves.") % match.mentor_application
        if do == "question" and question is not None and question.is_valid():
            offers.answer_question(match, by=by, text=question.cleaned_data["text"])
            return _("Your answer is on its way to %s, and the clock goes on.") % match.mentor_application
        if do == "cancel":
            offers.cancel(match, by=by, note=request.POST.get("note", "")[:1000])
            return _("Called off. The place is free, and %s is told so.") % match.mentor_application
    except NotAllowed as refused:
        for reason in refused.reasons:
            messages.error(request, str(reason))
    else:
        if (do, told) == ("told", None) or (do, question) == ("question", None) or do not in ("told", "question"):
            messages.error(request, _("That choice is not there any more. Look at the page as it is now."))
    return ""


def _render(request, template, title, context):
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})
