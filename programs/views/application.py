"""Where an application stands, and what its owner can still do with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mail import links
from mail.views import bad_link
from members import clock
from members.journal import NotAllowed
from programs import agreements, applications, questions, status, training, waiting
from programs.forms import AgreeForm, ClaimForm, WithdrawForm, kindly
from programs.models import Application, Question
from programs.views.apply import send

State = Application.State


def _own(request, pk):
    """One's own application; another's is not there, even for those who may read it on the committee's side."""
    rows = Application.objects.visible_to(request.user).filter(user=request.user)
    return get_object_or_404(rows.select_related("cycle__program__association", "user", "form_version"), pk=pk)


@login_required
@require_safe
def application(request, pk):
    return _page(request, _own(request, pk), ClaimForm())


def _page(request, mine, form):
    cycle = mine.cycle
    pairs = status.pairs_of(mine)
    context = {
        "program": mine.program,
        "cycle": cycle,
        "application": mine,
        "word": mine.program.word_for(mine.role),
        "said": status.say_introduced() if pairs else status.say(mine, clock.today(cycle.zone)),
        "pairs": pairs,
        "answers": questions.labelled(mine.form_version or _asked(mine), mine.answers),
        "agreed": list(mine.acceptances.select_related("gate")),
        "may_change": status.still_open(mine),
        "may_reopen": mine.state == State.REFUSED and clock.now() <= cycle.closes_at(),
        "may_withdraw": State.WITHDRAWN in mine.MOVES[mine.state] and not pairs,
        "may_apply_again": mine.state == State.WITHDRAWN and cycle.is_open(clock.now()),
        "workshop": training.people([mine])[0] if mine.state == State.ADMITTED else None,
        "at": clock.now(),
        "form": form,
        "membership_address": status.membership_address(mine),
        "answers_wanted": not pairs and waiting.wants_an_answer(mine),
        "nav": "my",
    }
    return render(request, "programs/application.html", context)


def _asked(mine):
    return questions.of(mine.program, Question.Moment.APPLICATION, mine.role)


@login_required
@require_POST
def claim(request, pk):
    """ "I am a member under another address or number": a question to the membership office, no proof."""
    mine = _own(request, pk)
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            applications.claim(
                mine, email=form.cleaned_data["email"], number=form.cleaned_data["number"], by=request.user
            )
        except NotAllowed as refused:
            messages.error(request, " ".join(str(reason) for reason in refused.reasons))
        else:
            messages.success(request, _("Thank you. The membership office looks again and we write to you."))
        return redirect(mine)
    return _page(request, mine, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, pk):
    """Change the answers of an application that is sent, until the close."""
    mine = _own(request, pk)
    if not status.still_open(mine):
        messages.error(request, _("The close is past, so the answers stay as they are. Write to us if one is wrong."))
        return redirect(mine)
    asked = _asked(mine)
    form = kindly(
        questions.AnswersForm(asked, request.POST if request.method == "POST" else None, initial=mine.answers)
    )
    if request.method == "POST" and form.is_valid():
        try:
            applications.save(mine, {**mine.answers, **form.answers()}, by=request.user)
        except NotAllowed as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, _("Your answers are changed. A copy is on its way to your mailbox."))
            return redirect(mine)
    context = {"program": mine.program, "cycle": mine.cycle, "application": mine, "form": form, "nav": "my"}
    return render(request, "programs/change.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, pk):
    mine = _own(request, pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            applications.withdraw(mine, by=request.user, note=form.cleaned_data["note"])
        except NotAllowed as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, _("Your application is withdrawn."))
            return redirect(mine)
    context = {"program": mine.program, "application": mine, "form": form, "nav": "my"}
    return render(request, "programs/withdraw.html", context)


@login_required
@require_POST
def reopen(request, pk):
    """After a "not this time", write it again: until the close."""
    mine = _own(request, pk)
    try:
        applications.reopen(mine, by=request.user)
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
        return redirect(mine)
    return redirect(mine.cycle.apply_url(mine.role))


@login_required
@require_POST
def keep(request, pk):
    """Somebody who waits says whether to be kept for the next round."""
    mine = _own(request, pk)
    try:
        applications.keep_for_next(mine, request.POST.get("keep") == "yes", by=request.user)
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    else:
        messages.success(request, _("Noted."))
    return redirect(mine)


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request, token):
    """From a mail: what was brought in for somebody, the agreements, and one Send. Needs no sign-in; looking changes nothing."""
    link = links.read(token, "agree")
    rows = Application.objects.select_related("cycle__program__association", "user", "form_version")
    mine = rows.filter(pk=link.pk).first() if link else None
    if mine is None or link.email not in {mine.user.email, *mine.user.own_addresses()}:
        return bad_link(request, token, "agree")
    if mine.state != State.DRAFT:
        return render(request, "programs/agreed.html", {"program": mine.program, "application": mine, "nav": "my"})
    asked = _asked(mine)
    _answers, missing = questions.clean(asked, mine.answers)
    open_gates = agreements.open_for(mine)
    form = AgreeForm(open_gates, request.POST if request.method == "POST" else None)
    if request.method == "POST" and send(mine, form, missing, by=mine.user):
        return redirect(request.path)
    context = {
        "program": mine.program,
        "cycle": mine.cycle,
        "application": mine,
        "word": mine.program.word_for(mine.role),
        "answers": questions.labelled(asked, mine.answers),
        "missing": [question for question in asked if question.code in missing],
        "form": form,
        "own_answers": mine.carried_from_id is not None,
        "nav": "my",
    }
    return render(request, "programs/agree.html", context)
