"""The list of mentors between the cycles: one's own page, and the answer to "Are you available?" from a mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mail import links
from mail.views import bad_link
from members import clock
from members.journal import NotAllowed
from programs import agreements, listings, questions
from programs.forms import AgreeForm
from programs.listing_forms import AvailableForm, PauseForm
from programs.models import Application, Listing, Program, Question, Role
from programs.views.apply import send

State = Application.State


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request, program):
    """Stay on the list, pause, or leave it: for those who have offered to be a mentor here."""
    found = get_object_or_404(Program.objects.visible_to(request.user).select_related("association"), slug=program)
    listing = Listing.objects.filter(program=found, user=request.user).first()
    if not found.mentor_listing or not (listing or listings.may_join(found, request.user)):
        raise Http404
    form = PauseForm(request.POST if request.POST.get("act") == "pause" else None)
    if request.method == "POST" and _done(request, found, listing, form):
        return redirect(request.path)
    context = {
        "program": found,
        "listing": listing,
        "on_it": bool(listing and listing.available),
        "pauses": bool(listing and listing.paused_until and listing.paused_until >= clock.today(found.time_zone)),
        "word": found.mentor_word,
        "form": form,
        "nav": "my",
    }
    return render(request, "programs/listed.html", context)


def _done(request, program, listing, form):
    """What the button says, done; False when the form is to be shown again with what is wrong."""
    act = request.POST.get("act")
    try:
        if act == "join":
            listings.join(program, request.user, by=request.user)
            messages.success(request, _("You are on the list. We ask you when the next round opens."))
        elif act == "leave" and listing:
            listings.leave(listing, by=request.user)
            messages.success(request, _("You are off the list. Nobody asks any more."))
        elif act == "go_on" and listing:
            listings.pause(listing, None, by=request.user)
            messages.success(request, _("The pause is over. We ask you when the next round opens."))
        elif act == "pause" and listing:
            if not form.is_valid():
                return False
            listings.pause(listing, form.cleaned_data["until"], by=request.user)
            messages.success(request, _("Noted. Nobody asks before that day."))
    except NotAllowed as refused:
        if act == "pause":
            form.add_error("until", [str(reason) for reason in refused.reasons])
            return False
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, token):
    """From a mail, without signing in: choose, Send; after a yes the filled-in application to agree to. Looking changes
    nothing."""
    link = links.read(token, "listed")
    listing = _rows().filter(pk=link.pk).first() if link else None
    if listing is None or link.email not in {listing.user.email, *listing.user.own_addresses()}:
        return bad_link(request, token, "listed")
    return _answer(request, listing)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def round_(request, program):
    """The same for somebody who is signed in."""
    return _answer(request, get_object_or_404(_rows().filter(user=request.user), program__slug=program))


def _rows():
    return Listing.objects.select_related("program__association", "user", "asked_for__program")


def _answer(request, listing):
    cycle = listing.asked_for
    if cycle is None or not cycle.is_open(clock.now()):
        context = {"program": listing.program, "cycle": cycle, "listing": listing, "nav": "my"}
        return render(request, "programs/listed_closed.html", context)
    offered = Application.objects.filter(cycle=cycle, user=listing.user, role=Role.MENTOR).open()
    mine = offered.select_related("cycle__program__association", "user").first()
    if mine and mine.state != State.DRAFT:
        return render(request, "programs/agreed.html", {"program": mine.program, "application": mine, "nav": "my"})
    if mine and listing.answer == Listing.Answer.YES and "again" not in request.GET:
        return _agree(request, mine)
    return _question(request, listing, cycle)


def _question(request, listing, cycle):
    given = request.POST if request.method == "POST" else None
    form = AvailableForm(given, initial={"answer": request.GET.get("answer") or listing.answer})
    if given is not None and form.is_valid():
        data = form.cleaned_data
        try:
            listings.answer(listing, cycle, data["answer"], by=listing.user, until=data["until"])
        except NotAllowed as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return redirect(f"{request.path}?sent=1")
    context = {
        "program": listing.program,
        "cycle": cycle,
        "listing": listing,
        "word": listing.program.mentor_word,
        "sent": "sent" in request.GET and listing.answer,
        "form": form,
        "nav": "my",
    }
    return render(request, "programs/listed_answer.html", context)


def _agree(request, mine):
    """The filled-in application, what we agree on, and one Send: as for what the committee has typed in."""
    asked = questions.of(mine.program, Question.Moment.APPLICATION, mine.role)
    _answers, missing = questions.clean(asked, mine.answers)
    posted = request.method == "POST"
    form = AgreeForm(agreements.open_for(mine), request.POST if posted else None)
    if posted and send(mine, form, missing, by=mine.user):
        return redirect(request.path)
    context = {
        "program": mine.program,
        "cycle": mine.cycle,
        "application": mine,
        "word": mine.program.word_for(mine.role),
        "answers": questions.labelled(asked, mine.answers),
        "missing": [question for question in asked if question.code in missing],
        "form": form,
        "own_answers": True,
        "not_now_url": f"{request.path}?again=1&answer=not_now",
        "nav": "my",
    }
    return render(request, "programs/agree.html", context)
