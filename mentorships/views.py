"""A pair's pages: each other's contact, the plan, what can be asked of us, and the one-tap answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mail import links
from mail.views import bad_link
from members import clock, people
from members.journal import NotAllowed
from mentorships import calendar_file, check_ins, plans, requests, shared, topics, turn_to
from mentorships.forms import AskForm, GoalFormSet, NoteForm, PlanForm, WordForm
from mentorships.models import CheckIn, Goal, Mentorship, Request
from programs import questions

PAIR = ("cycle__program__association", "mentor", "mentee", "liaison")
READ = ("GET", "HEAD", "POST")


def _own(request, pk, *extra):
    """A pair of one's own; for everybody else, those who look after it included, there is nothing here."""
    rows = Mentorship.objects.visible_to(request.user).filter(Q(mentor=request.user) | Q(mentee=request.user))
    return get_object_or_404(rows.select_related(*PAIR, *extra), pk=pk)


def _unreached(pair, user):
    """Whether our mail does not reach oneself, and whether it does not reach the other."""
    fails = people.unreachable([pair.mentor, pair.mentee]) if pair.state in Mentorship.RUNNING else {}
    return {"me": user.pk in fails, "partner": pair.partner_of(user).pk in fails}


@login_required
@require_safe
def mentorship(request, pk):
    pair = _own(
        request, pk, "mentor_application__form_version", "mentee_application__form_version",
        "mentor_application__cycle__program", "mentee_application__cycle__program",
    )  # fmt: skip
    role = pair.role_of(request.user)
    me, partner = shared.known(pair, role), shared.known(pair, shared.other(role))
    mentor, mentee = (me, partner) if role == "mentor" else (partner, me)
    context = {
        "program": pair.program,
        "mentorship": pair,
        "term": pair.term(),
        "role": role,
        "me": me,
        "partner": partner,
        "partner_word": pair.program.word_for(partner.role),
        "contact_kept": pair.state != Mentorship.State.ENDED,
        "running": pair.state in Mentorship.RUNNING,
        "contact": turn_to.contact_of(pair),
        "openers": shared.three_openers(mentor, mentee),
        "topics": topics.year_of(pair, role),
        "clocks": shared.clocks(
            pair.application_of(role), pair.application_of(partner.role), partner.user.get_short_name(), clock.now()
        ),
        "goals": list(Goal.objects.visible_to(request.user).filter(mentorship=pair).select_related("owner")),
        "asked": list(Request.objects.filter(mentorship=pair, user=request.user)),
        "unreached": _unreached(pair, request.user),
        "nav": "my",
    }
    return render(request, "mentorships/mentorship.html", context)


@login_required
@require_http_methods(READ)
def plan(request, pk):
    """The plan of the two and one's own goals."""
    pair = _own(request, pk)
    if pair.state not in Mentorship.RUNNING:
        messages.error(request, _("This mentoring year is over; the plan stays as it is."))
        return redirect(pair)
    own = Goal.objects.visible_to(request.user).filter(mentorship=pair, owner=request.user)
    kept = [
        {"pk": goal.pk, "text": goal.text, "first_step": goal.first_step, "by": goal.by, "reached": goal.reached_on}
        for goal in own
    ]
    data = request.POST if request.method == "POST" else None
    form, goals = PlanForm(data, instance=pair), GoalFormSet(data, initial=kept, prefix="goal")
    if data is not None and form.is_valid() and goals.is_valid():
        plans.save(pair, form.cleaned_data, [one.cleaned_data for one in goals if one.cleaned_data], by=request.user)
        messages.success(request, _("Your plan is kept. Only the two of you read it."))
        return redirect(pair)
    context = {"program": pair.program, "mentorship": pair, "form": form, "goals": goals, "nav": "my"}
    return render(request, "mentorships/plan.html", context | {"partner": pair.partner_of(request.user)})


@login_required
@require_safe
def dates(request, pk):
    """The dates of the year for one's calendar."""
    pair = _own(request, pk)
    answer = HttpResponse(calendar_file.of(pair), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="mentoring.ics"'
    return answer


@login_required
@require_http_methods(READ)
def ask(request, pk, kind):
    """One of the doors behind "something isn't right"."""
    pair = _own(request, pk)
    if kind not in Request.Kind.values:
        raise Http404
    if pair.state not in Mentorship.RUNNING:
        messages.error(request, _("This mentoring year is over. Write to us instead."))
        return redirect(pair)
    partner = pair.partner_of(request.user).get_short_name()
    who = _("the committee. %(partner)s is told nothing of it.") % {"partner": partner}
    form = AskForm(kind, request.POST if request.method == "POST" else None, who=who)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        requests.ask(pair, kind, by=request.user, note=given["note"], reason=given.get("reason", ""))
        messages.success(request, _("Thank you for telling us. A person reads it, and a mail to you says by when."))
        return redirect(f"{pair.get_absolute_url()}#wrong")
    context = {"program": pair.program, "mentorship": pair, "kind": kind, "form": form, "nav": "my"}
    words = pair.program.word_for(shared.other(pair.role_of(request.user)))
    return render(request, "mentorships/ask.html", context | {"partner": partner, "partner_word": words})


@login_required
@require_POST
def take_back(request, pk, request_pk):
    pair = _own(request, pk)
    asked = get_object_or_404(Request, pk=request_pk, mentorship=pair, user=request.user)
    try:
        requests.take_back(asked, by=request.user)
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    else:
        messages.success(request, _("Taken back. Nothing follows from it."))
    return redirect(f"{pair.get_absolute_url()}#wrong")


@login_required
@require_http_methods(READ)
def check_in(request, pk, check_in):
    """The same question for somebody who is signed in."""
    pair = _own(request, pk)
    rows = CheckIn.objects.visible_to(request.user).filter(user=request.user, mentorship=pair)
    return _question(
        request, get_object_or_404(rows.select_related("user", *(f"mentorship__{n}" for n in PAIR)), pk=check_in)
    )


@require_http_methods(READ)
def check_in_by_link(request, token):
    """From a mail, without signing in: opening it changes nothing, Send does."""
    link = links.read(token, "check-in")
    rows = CheckIn.objects.select_related("user", *(f"mentorship__{name}" for name in PAIR))
    found = rows.filter(pk=link.pk).first() if link else None
    if found is None or link.email not in {found.user.email, *found.user.own_addresses()}:
        return bad_link(request, token, "check-in")
    return _question(request, found)


def _question(request, asked):
    """One question, one big Send; it may be changed until its last day."""
    pair = asked.mentorship
    partner = pair.partner_of(asked.user)
    context = {"program": pair.program, "mentorship": pair, "check_in": asked, "partner": partner, "nav": "my"}
    if not check_ins.may_be_answered(asked):
        return render(request, "mentorships/check_in_closed.html", context)
    who = _("the committee. %(partner)s does not see it.") % {"partner": partner.get_short_name()}
    data = request.POST if request.method == "POST" else None
    chosen = request.GET.get("answer", "") or asked.word
    form = WordForm(asked.moment, data, initial={"answer": chosen}, who=who)
    more_asked = questions.of(pair.program, asked.moment, asked.role)
    more = questions.AnswersForm(more_asked, data, initial=asked.answers, prefix="more", reads=who)
    writes = any(question.kind == "text" for question in more_asked)
    note = None if writes else NoteForm(data, initial={"note": asked.note}, who=who)
    forms = [form, more, *([note] if note else [])]
    if data is not None and all([one.is_valid() for one in forms]):
        try:
            check_ins.answer(
                asked,
                form.cleaned_data["answer"],
                by=asked.user,
                note=note.cleaned_data["note"] if note else "",
                answers={code: given for code, given in more.answers().items() if given is not None},
            )
        except NotAllowed as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return redirect(f"{request.path}?sent=1")
    context |= {"form": form, "more": more, "note": note, "sent": "sent" in request.GET and asked.word}
    return render(request, "mentorships/check_in.html", context)
