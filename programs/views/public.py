"""The pages that anybody may read: the programs, one program, and the form to write to its committee."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members import clock
from members.journal import NotAllowed
from programs import contact, cycles, pages
from programs.forms import WriteForm
from programs.models import Application, Page, Program, Role


@require_safe
def home(request):
    """The programs that this person may see; a single one needs no list."""
    programs = list(Program.objects.visible_to(request.user).select_related("association").prefetch_related("cycles"))
    if len(programs) == 1:
        return redirect(programs[0])
    at = clock.now()
    their = [_with_program(program) for program in programs]
    cycles.count_claims([cycle for found in their for cycle in found])
    rows = [(program, pages.banner(found, at)) for program, found in zip(programs, their, strict=True)]
    return render(request, "programs/home.html", {"rows": rows, "nav": "program"})


@require_safe
def program(request, program):
    """One program: what it is, where it stands, how the year goes, and who looks after it."""
    return _page(request, _get(request, program), WriteForm(initial=_own_address(request.user)))


@require_POST
def write(request, program):
    """A question to the committee, mailed to it."""
    found = _get(request, program)
    form = WriteForm(request.POST)
    if form.is_valid():
        try:
            contact.write(found, email=form.cleaned_data["email"], text=form.cleaned_data["text"])
        except NotAllowed as refused:
            form.add_error(None, refused.reasons[0])
        else:
            messages.success(request, _("Your question is on its way. The answer comes to your mailbox."))
            return redirect(found)  # to the top, where the thanks stand
    return _page(request, found, form)


def _get(request, slug):
    return get_object_or_404(Program.objects.visible_to(request.user).select_related("association"), slug=slug)


def _own_address(user):
    return {"email": user.email} if user.is_authenticated else {}


def _with_program(program):
    """A program's cycles that need not ask for it again."""
    found = list(program.cycles.all())
    for cycle in found:
        cycle.program = program
    return found


def _page(request, found, form):
    theirs = _with_program(found)
    cycles.count_claims(theirs)
    where = pages.banner(theirs, clock.now())
    texts = list(found.pages.all())
    named = pages.committee(found, clock.today(found.time_zone))
    form.fields["text"].reads = (
        _("the people named here, and the office.") if named else _("the committee, and the office.")
    )
    context = {
        "program": found,
        "nav": "program",
        "where": where,
        "cycle": where.cycle,
        "stops": pages.stops(where.cycle) if where.cycle else [],
        "today": clock.today(found.time_zone),
        "sides": pages.sides(found, texts, list(found.gates.all()), where),
        "about": pages.of(texts, Page.Kind.ABOUT, ""),
        "guidelines": pages.of(texts, Page.Kind.GUIDELINES),
        "opportunities": pages.of(texts, Page.Kind.OPPORTUNITIES),
        "resources": pages.of(texts, Page.Kind.RESOURCES),
        "named": named,
        "voices": list(found.testimonials.shown()[:6]),
        "form": form,
        **(_counts(where) if where.may_apply else {}),
    }
    return render(request, "programs/program.html", context)


def _counts(where):
    """How many wait, and whether mentors are short: in one question to the database."""
    State = Application.State
    counted = where.cycle.applications.aggregate(
        waiting=Count("pk", filter=Q(state=State.WAITLISTED, role=Role.MENTEE)),
        mentors=Count("pk", filter=Q(state__in=Application.HOLDS_A_PLACE, role=Role.MENTOR)),
        mentees=Count("pk", filter=Q(state__in=[*Application.HOLDS_A_PLACE, State.WAITLISTED], role=Role.MENTEE)),
    )
    return {"waiting": counted["waiting"], "mentors_short": counted["mentees"] > counted["mentors"]}
