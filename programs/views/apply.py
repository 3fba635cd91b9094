"""Applying: short sections saved at each step, a page to look everything over, and Send."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members import clock
from members.journal import NotAllowed
from programs import agreements, applications, pages, questions, sections, waivers
from programs.decisions import in_the_way
from programs.facts import facts, gates_of
from programs.forms import AgreeForm, PersonForm, kindly
from programs.models import Application, Cycle, Gate, Question, Role

REVIEW = "review"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request, program, cycle, role, section="1"):
    """One section of the form, or its last page. A draft is begun by the first answer, never by looking."""
    cycle = _cycle(request.user, program, cycle, role)
    mine = _own(request.user, cycle, role)
    if mine and mine.state != Application.State.DRAFT:
        return redirect(mine)
    where = pages.state_of(cycle, clock.now())
    if where in (pages.SOON, pages.CLOSED):
        return _not_now(request, cycle, role, where, mine)
    asked = questions.of(cycle.program, Question.Moment.APPLICATION, role)
    found = sections.split(asked)
    if section == REVIEW and mine:
        return _review(request, cycle, mine, asked, found)
    if section != "1" and not mine:
        return redirect(cycle.apply_url(role))
    if section not in {str(number + 1) for number in range(len(found))}:
        raise Http404
    return _section(request, cycle, role, mine, found, found[int(section) - 1], where)


def _cycle(user, program, cycle, role):
    if role not in Role.values:
        raise Http404
    cycles = Cycle.objects.visible_to(user).select_related("program__association")
    return get_object_or_404(cycles, program__slug=program, slug=cycle)


def _own(user, cycle, role):
    """This person's application in this cycle and role: the open one, else one that may be written again."""
    mine = Application.objects.filter(user=user, cycle=cycle, role=role)
    chosen = mine.filter(state__in=[*Application.OPEN, Application.State.REFUSED]).order_by("-pk").first()
    if chosen:
        chosen.cycle, chosen.user = cycle, user
    return chosen


def _not_now(request, cycle, role, where, mine):
    context = {"program": cycle.program, "cycle": cycle, "role": role, "state": where, "application": mine}
    return render(request, "programs/not_now.html", context)


def _section(request, cycle, role, mine, found, section, where):
    first = section.number == 1
    kept, source = (mine.answers, "") if mine else (applications.answers_to_start_from(request.user, cycle, role))
    data = request.POST if request.method == "POST" else None
    form = kindly(questions.AnswersForm(section.questions, data, initial=kept, filled_from=source))
    person = PersonForm(data, instance=request.user, partner_word=_partner(cycle, role)) if first else None
    if request.method == "POST":
        right = form.is_valid() and (person is None or person.is_valid())
        try:
            mine = _keep(request.user, cycle, role, mine, form, person)
        except NotAllowed as refused:
            form.add_error(None, refused.reasons)
        else:
            if mine.state != Application.State.DRAFT:
                return redirect(mine)
            if right:
                following = section.number + 1
                return redirect(f"{step_url(cycle, role, following if following <= len(found) else REVIEW)}?saved=1")
    context = {
        **_frame(cycle, role, found, section.number, mine),
        "form": form,
        "person": person,
        "section": section,
        "late": where == pages.LATE,
        "full": cycle.places_left(role) == 0,
        "back": step_url(cycle, role, section.number - 1) if not first else "",
        "saved": request.GET.get("saved") == "1" and request.method != "POST",
    }
    return render(request, "programs/apply.html", context)


def _keep(user, cycle, role, mine, form, person):
    """Save what can be saved, also when something is still missing: nobody types an answer twice."""
    with transaction.atomic():
        mine = mine or applications.start(cycle, user, role)
        if person is not None and person.is_valid():
            person.save()
        applications.save(mine, {**mine.answers, **form.answers()}, by=user)
    return mine


def _partner(cycle, role):
    return cycle.program.word_for(Role.MENTEE if role == Role.MENTOR else Role.MENTOR)


def _frame(cycle, role, found, number, mine):
    """What every step shows: where one stands, and the way back to what is done."""
    done = set(mine.answers) if mine else set()
    steps = [
        (section.title, step_url(cycle, role, section.number) if mine else "", bool(done & section.codes))
        for section in found
    ]
    steps.append((_("Look it over and send"), step_url(cycle, role, REVIEW) if mine else "", False))
    return {
        "program": cycle.program,
        "cycle": cycle,
        "role": role,
        "word": cycle.program.word_for(role),
        "application": mine,
        "steps": steps,
        "step": number,
        "nav": "my",
    }


def step_url(cycle, role, step):
    """The address of one step."""
    return reverse("apply_section", args=[cycle.program.slug, cycle.slug, role, step])


def _review(request, cycle, mine, asked, found):
    open_gates = agreements.open_for(mine)
    data = request.POST if request.method == "POST" else None
    form = AgreeForm(open_gates, data, exceptions=may_be_asked_for(mine))
    _answers, missing = questions.clean(asked, mine.answers)
    if request.method == "POST":
        sent = send(mine, form, missing, by=request.user)
        if sent:
            return redirect(sent)
    context = {
        **_frame(cycle, mine.role, found, len(found) + 1, mine),
        "form": form,
        "agreed": [gate for gate in agreements.asked_of(mine) if gate not in open_gates],
        "parts": _parts(cycle, mine, asked, found),
        "gaps": [
            (next(q for q in asked if q.code == code), step_url(cycle, mine.role, sections.holding(found, code).number))
            for code in missing
        ],
        "late": pages.state_of(cycle, clock.now()) == pages.LATE,
        "full": cycle.places_left(mine.role) == 0,
        "saved": request.GET.get("saved") == "1" and request.method != "POST",
    }
    return render(request, "programs/review.html", context)


def may_be_asked_for(application):
    """The requirements that are not met and of which the program lets one ask for an exception, not asked for yet."""
    gates = [
        gate
        for gate in gates_of(application.program, application.role)
        if gate.consequence == Gate.Consequence.EXCEPTION and gate.kind != Gate.Kind.AGREEMENT
    ]
    if not gates:
        return []
    known = facts(application, application.cycle.today())
    settled = known.asked | known.refused
    unmet = {finding.code for finding in in_the_way(application, application.cycle.today())} - settled
    return [gate for gate in gates if gate.code in unmet]


def _parts(cycle, mine, asked, found):
    """Every answer as it will be read, section by section, with the way to change it."""
    answered = {answer.code: answer for answer in questions.labelled(asked, mine.answers)}
    return [
        (
            section,
            step_url(cycle, mine.role, section.number),
            [answered[question.code] for question in section.questions if question.code in answered],
        )
        for section in found
    ]


def send(application, form, missing, *, by):
    """Accept what is ticked, then send when nothing is missing: the application, or None with the form saying why."""
    complete = form.is_valid()
    try:
        if form.agreed():
            applications.agree(application, by=by, gates=form.agreed())
        for gate, why in form.asked():
            waivers.ask(application, gate, by=by, why=why)
        if complete and not missing:
            return applications.submit(application, by=by)
    except NotAllowed as refused:
        application.refresh_from_db(fields=["state"])
        if application.state != Application.State.DRAFT:
            return application  # a second click: the first one has sent it
        form.add_error(None, refused.reasons)
    return None
