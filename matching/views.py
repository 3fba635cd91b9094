"""The matching desk and the announcement's page. A GET shows; every press is a small form that is answered with a
redirect to the row it was about, so that one stays in place without JavaScript."""

import json

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from matching import announcing, leaving, proposals, runs
from matching import desk as desks
from matching.forms import Decision, Leaving, Shown
from matching.models import Match, Run
from members.journal import NotAllowed, Stale
from members.models import User
from programs.models import Cycle, Seat


def _cycle(request, pk):
    """The cycle, for those who look after its matching; 404 for anybody else."""
    cycles = Cycle.objects.of_seat(request.user, "matching.view_match").select_related("program__association")
    return get_object_or_404(cycles, pk=pk)


def _page(request, template, title, **context):
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request, cycle):
    """The desk of one cycle."""
    cycle = _cycle(request, cycle)
    if request.method == "POST":
        return _decide(request, cycle)
    shown = Shown(request.GET)
    shown.is_valid()
    asked = {name: shown.cleaned_data.get(name) or "" for name in ("show", "q", "another")}
    room = _room(request, cycle)
    looking = desks.Looking(pair=shown.cleaned_data.get("pair"), room=frozenset(room), **asked)
    seats = Seat.objects.filter(program=cycle.program).on(cycle.today()).select_related("user")
    people = sorted({seat.user for seat in seats}, key=lambda user: (str(user), user.pk))
    return _page(
        request,
        "admin/matching/desk.html",
        _("Matching desk"),
        desk=desks.Desk(cycle, request.user, looking),
        cycle=cycle,
        looking=looking,
        people=[(user, user.pk in room) for user in people],
        today=cycle.today(),
        can_edit=request.user.has_perm("matching.edit_match", cycle),
    )


def _room(request, cycle) -> set[int]:
    """Who is on the call, as this person has ticked them; kept with their session, nowhere else."""
    kept = request.session.get("in_the_room", {}).get(str(cycle.pk), [])
    return {pk for pk in kept if isinstance(pk, int)}


def _decide(request, cycle):
    if not request.user.has_perm("matching.edit_match", cycle):
        raise PermissionDenied
    form = Decision(cycle, request.POST)
    anchor = None
    if not form.is_valid():
        for error in form.errors.get("__all__") or [
            _("That choice is not there any more. Look at the desk as it is now.")
        ]:
            messages.error(request, error)
    else:
        anchor = _anchor(form.cleaned_data)
        try:
            _press(request, cycle, form.cleaned_data)
        except NotAllowed as refused:
            for reason in refused.reasons:
                messages.error(request, str(reason))
    return _back(request, cycle, anchor)


def _anchor(asked):
    about = asked["mentee"] or (asked["pair"] and asked["pair"].mentee_application)
    return about and about.pk


def _back(request, cycle, anchor):
    """To the same part of the desk, at the row that was decided about."""
    shown = Shown(request.GET)
    shown.is_valid()
    looking = desks.Looking(show=shown.cleaned_data.get("show") or "", q=shown.cleaned_data.get("q") or "")
    in_hand = anchor or shown.cleaned_data.get("pair")
    url = looking.url(in_hand, f"p{anchor}" if anchor else "desk")
    return redirect(f"{reverse('admin:matching_desk', args=[cycle.pk])}{url}")


def _press(request, cycle, asked):
    """One press, one verb."""
    by, pair = request.user, asked["pair"]
    if asked["do"] == "room":
        _cover(request, cycle)
    elif asked["do"] == "again":
        run = runs.suggest(cycle, by=by)
        text = ngettext(
            "%d pair is suggested. No better set exists under your rules.",
            "%d pairs are suggested. No better set exists under your rules.",
            run.matched,
        )
        messages.success(request, text % run.matched)
    elif asked["do"] == "undo":
        messages.success(request, _("Undone: %s.") % desks.edit_words(proposals.undo(cycle, by=by)))
    elif asked["give"]:
        proposals.assign(cycle, asked["mentee"], asked["give"], by=by, note=asked["note"], seen=asked["seen"])
        messages.success(
            request,
            _("%(mentee)s is given %(mentor)s, and they are kept together.")
            % {"mentee": asked["mentee"], "mentor": asked["give"]},
        )
    else:
        if asked["was"] and asked["was"] != desks.was(pair):
            raise Stale(
                _("Somebody else was a moment faster and has changed this pair. Look at it again, then decide anew.")
            )
        if asked["mark"]:
            proposals.mark(pair, "" if pair.mark == asked["mark"] else asked["mark"], by=by)
        elif asked["do"] == "keep":
            proposals.keep(pair, by=by, note=asked["note"])
        elif asked["do"] == "forbid":
            proposals.forbid(pair, by=by, note=asked["note"])
        else:
            {"unkeep": proposals.let_go, "drop": proposals.drop}[asked["do"]](pair, by=by)


def _cover(request, cycle):
    """Remember who is on the call; only people of this committee can be ticked."""
    ticked = {int(pk) for pk in request.POST.getlist("room") if pk.isdecimal() and len(pk) < 19}
    seats = Seat.objects.filter(program=cycle.program, user__in=ticked).on(cycle.today())
    kept = request.session.get("in_the_room", {})
    kept[str(cycle.pk)] = sorted(set(seats.values_list("user_id", flat=True)))
    request.session["in_the_room"] = kept


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def announce(request, cycle):
    """What would leave, leaving it, stopping it; then the introductions."""
    cycle = _cycle(request, cycle)
    if request.method == "POST":
        return _leave(request, cycle)
    shown = Shown(request.GET)
    shown.is_valid()
    view = leaving.Page(cycle, request.user, shown.cleaned_data.get("mail") or 1)
    template = "admin/matching/held.html" if view.held else "admin/matching/announce.html"
    return _page(request, template, _("Announce the matches"), view=view, cycle=cycle, today=cycle.today())


def _leave(request, cycle):
    form = Leaving(cycle, request.POST)
    if not form.is_valid():
        for error in form.errors.get("__all__") or [
            _("That choice is not there any more. Look at the page as it is now.")
        ]:
            messages.error(request, error)
        return redirect("admin:matching_announce", cycle.pk)
    asked = form.cleaned_data
    right = "matching.edit_match" if asked["do"] in ("confirm", "cancel") else "matching.announce"
    if not request.user.has_perm(right, cycle):
        raise PermissionDenied
    try:
        messages.success(request, _send(cycle, asked, request.user))
    except NotAllowed as refused:
        for reason in refused.reasons:
            messages.error(request, str(reason))
    return redirect("admin:matching_announce", cycle.pk)


def _send(cycle, asked, by) -> str:
    """One press, one verb, one sentence about what was done."""
    pair = asked["pair"]
    if asked["do"] == "announce":
        done = announcing.announce(cycle, by=by, seen=asked["seen"])
        return ngettext(
            "%d pair is announced and held for 15 minutes.",
            "%d pairs are announced and held for 15 minutes.",
            len(done.pairs),
        ) % len(done.pairs)
    if asked["do"] == "stop":
        announcing.stop(cycle, by=by)
        return _("Stopped. Everything is as it was before you pressed, and nothing has left.")
    if asked["do"] == "confirm":
        proposals.confirm(pair, by=by)
        return _("Confirmed: %(mentee)s with %(mentor)s.") % _names(pair)
    if asked["do"] == "introduce":
        announcing.introduce(pair, by=by)
        return _("%(mentee)s and %(mentor)s are introduced to each other.") % _names(pair)
    if asked["do"] == "cancel":
        proposals.cancel(pair, by=by, note=asked["note"])
        return _("%(mentee)s with %(mentor)s is given up; the place is free again.") % _names(pair)
    announcing.undo_introduction(pair, by=by, note=asked["note"])
    return _("The introduction of %(mentee)s and %(mentor)s is taken back; both read so.") % _names(pair)


def _names(pair: Match) -> dict[str, User]:
    return {"mentee": pair.mentee_application.user, "mentor": pair.mentor_application.user}


@require_GET
def export(request, pk):
    """A suggestion's frozen input as a file: ids and figures, no names."""
    run = get_object_or_404(Run.objects.visible_to(request.user).select_related("cycle__program"), pk=pk)
    answer = HttpResponse(json.dumps(run.input, indent=1), content_type="application/json")
    name = f"suggestion-{run.cycle.program.slug}-{run.cycle.slug}-{run.made_at:%Y-%m-%d-%H%M}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
