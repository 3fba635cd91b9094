"""What the committee does with proposed pairs at the desk. Each verb is one transaction; nobody decides on a pair of
their own, and whoever was a moment later reads so and loses nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from matching import pool, runs, words
from matching.alternatives import Situation
from matching.announcing import announce, announcement, introduce, locked, stop, undo_introduction
from matching.models import Edit, Match
from matching.offers import cancel
from matching.score import Veto
from members import clock, journal
from members.journal import NotAllowed, Stale
from programs.models import Application, Cycle

__all__ = [
    "announce",
    "announcement",
    "assign",
    "cancel",
    "confirm",
    "drop",
    "forbid",
    "introduce",
    "keep",
    "last_edit",
    "let_go",
    "mark",
    "standings",
    "stop",
    "swap",
    "undo",
    "undo_introduction",
]

Standing = dict[str, Any]
"""How one mentee stands at the desk: the mentor's application (or None), kept, mark, note."""
NOBODY: Standing = {"mentor": None, "kept": False, "mark": "", "note": ""}


def keep(match: Match, *, by, note: str = "") -> Match:
    """Keep these two together: a new suggestion goes around them."""
    with transaction.atomic():
        draft = _draft(match, by)
        standing = {**_standing(draft), "kept": True, "note": note or draft.note}
        return _edit(Edit.Verb.KEEP, draft, {draft.mentee_application_id: standing}, by=by)


def let_go(match: Match, *, by) -> Match:
    """No longer keep them together; the pair stays as it is until the next suggestion."""
    with transaction.atomic():
        draft = _draft(match, by)
        standing = {**_standing(draft), "kept": False}
        return _edit(Edit.Verb.LET_GO, draft, {draft.mentee_application_id: standing}, by=by)


def forbid(match: Match, *, by, note: str = "") -> None:
    """Not these two, in this suggestion or a later one of the cycle."""
    with transaction.atomic():
        draft = _draft(match, by)
        _edit(Edit.Verb.FORBID, draft, {draft.mentee_application_id: NOBODY}, by=by, note=note)


def drop(match: Match, *, by) -> None:
    """Take a proposed pair apart; both can be suggested again, to each other too."""
    with transaction.atomic():
        draft = _draft(match, by)
        _edit(Edit.Verb.DROP, draft, {draft.mentee_application_id: NOBODY}, by=by)


def assign(
    cycle: Cycle,
    mentee_application: Application,
    mentor_application: Application,
    *,
    by,
    note: str = "",
    seen: str = "",
) -> Match:
    """Give this mentee this mentor by hand and keep them together; others move as the page said they would.

    A rule that the committee may set aside (the same employer) needs a reason in `note`; a rule that it may not says
    why. `seen` is the desk's fingerprint on the page where it was decided: if pairs changed since, it is Stale.
    """
    with transaction.atomic():
        cycle = locked(cycle)
        if seen and seen != runs.fingerprint(cycle):
            raise Stale(
                _("Somebody changed a pair in the meantime. Look at what it would change now, then decide anew.")
            )
        found = pool.read(cycle, cycle.today())
        mentor, mentee = str(mentor_application.pk), str(mentee_application.pk)
        _may_decide(by, cycle, [mentor_application, mentee_application])
        _can_be(found, mentor, mentee, note)
        option = Situation(found).option(mentee, mentor)
        if option is None:
            raise NotAllowed(
                _("Every place of %s is kept for somebody else. Let one of them go first.") % found.people[mentor]
            )
        before = {int(pool.names(match)[1]): _standing(match) for match in found.drafts}
        moves: dict[int, Standing] = {}
        for change in option.changes:
            _may_decide(
                by, cycle, [found.people[name] for name in (change.mentee, change.before, change.after) if name]
            )
            moves[int(change.mentee)] = {**NOBODY, "mentor": int(change.after) if change.after else None}
        old = before.get(int(mentee), NOBODY)
        moves[int(mentee)] = {**old, "mentor": int(mentor), "kept": True, "note": note or old["note"]}
        match = Match(cycle=cycle, mentor_application=mentor_application, mentee_application=mentee_application)
        return _edit(Edit.Verb.ASSIGN, match, moves, by=by)


def swap(match: Match, other: Match, *, by) -> None:
    """Exchange the mentors of two proposed pairs and keep both. A rule against either pair is told."""
    with transaction.atomic():
        one, two = _draft(match, by), _draft(other, by)
        found = pool.read(one.cycle, one.cycle.today())
        moves = {}
        for mine, theirs in ((one, two), (two, one)):
            _can_be(found, str(theirs.mentor_application_id), str(mine.mentee_application_id), "")
            moves[mine.mentee_application_id] = {
                **_standing(mine),
                "mentor": theirs.mentor_application_id,
                "kept": True,
            }
        _edit(Edit.Verb.SWAP, one, moves, by=by)


def mark(match: Match, mark: str, *, by) -> Match:
    """Mark a pair as done, or to be discussed; "" takes the mark away."""
    if mark not in Match.Mark.values:
        raise NotAllowed(_("There is no such mark."))
    with transaction.atomic():
        draft = _draft(match, by)
        Match.objects.filter(pk=draft.pk).update(mark=mark)
        draft.mark = mark
        journal.record(draft, "marked", by=by, reason=mark)
        return draft


def confirm(match: Match, *, by) -> Match:
    """Stand for a pair to which the person who announces belongs."""
    with transaction.atomic():
        draft = _draft(match, by)
        Match.objects.filter(pk=draft.pk).update(confirmed_by=by)
        draft.confirmed_by = by
        journal.record(draft, "confirmed", by=by)
        return draft


def last_edit(cycle: Cycle, by) -> Edit | None:
    """What this person would undo: their last change by hand since the last suggestion."""
    latest = runs.Run.objects.filter(cycle=cycle).values_list("made_at", flat=True).first()
    mine = Edit.objects.filter(cycle=cycle, by=by, undone=False).select_related(
        "match__mentor_application__user", "match__mentee_application__user"
    )
    edit = mine.first()
    return edit if edit and (latest is None or edit.at >= latest) else None


def undo(cycle: Cycle, *, by) -> Edit:
    """Take back this person's last change by hand. If somebody changed the same people since, it is Stale."""
    with transaction.atomic():
        cycle = locked(cycle)
        edit = last_edit(cycle, by)
        if edit is None:
            raise NotAllowed(_("There is nothing to undo since the last suggestion."))
        if _standings(cycle, edit.after) != edit.after:
            raise Stale(_("Somebody has changed the same people since. Undo would lose that, so nothing was undone."))
        if edit.verb == Edit.Verb.FORBID:
            Match.objects.filter(pk=edit.match_id).update(apart=False)
        _write(cycle, {int(pk): standing for pk, standing in edit.before.items()}, by=by, verb="undone")
        Edit.objects.filter(pk=edit.pk).update(undone=True)
        journal.record(edit.match, "undone", by=by, reason=edit.verb)
        return edit


def _draft(match: Match, by) -> Match:
    """The pair as it is now, if it is still as the person saw it and theirs to decide."""
    cycle = locked(match.cycle)
    _may_decide(by, cycle, [match.mentor_application, match.mentee_application])
    now = Match.objects.select_related("mentor_application__user", "mentee_application__user").get(pk=match.pk)
    now.cycle = cycle
    if now.state != Match.State.DRAFT or (now.kept, now.mark) != (match.kept, match.mark):
        raise Stale(
            _("Somebody else was a moment faster and has changed this pair. Look at it again, then decide anew.")
        )
    return now


def _may_decide(by, cycle: Cycle, applications: Iterable[Application]) -> None:
    """Only the committee, and nobody about a pair of their own."""
    if not by.has_perm("matching.edit_match", cycle):
        raise NotAllowed(_("Only the committee of this program changes proposed pairs."))
    if any(application.user_id == by.pk for application in applications):
        raise NotAllowed(_("This would decide about a pair of your own. Somebody else of the committee has to do it."))


def _can_be(found: pool.Pool, mentor: str, mentee: str, note: str) -> None:
    """Whether this pair may be made by hand; NotAllowed says what stands against it."""
    names = [found.people.get(name) for name in (mentor, mentee)]
    if None in names:
        raise NotAllowed(_("One of the two is no longer accepted in this cycle."))
    if mentee not in found.tiers:
        raise NotAllowed(_("%s has a mentor already.") % names[1])
    if mentor in found.away:
        raise NotAllowed(words.away(found.away[mentor], str(names[0])))
    if (mentor, mentee) in found.refused:
        raise NotAllowed(
            _("%(mentor)s was asked about %(mentee)s in this cycle, and would rather not.")
            % {"mentor": names[0], "mentee": names[1]}
        )
    if not found.free.get(mentor):
        raise NotAllowed(_("Every place of %s is taken.") % names[0])
    against = found.pair(mentor, mentee).against
    if against & Veto.hard():
        raise NotAllowed(
            [_("%(mentor)s and %(mentee)s cannot be a pair: %(why)s.") % {"mentor": names[0], "mentee": names[1], "why": why}
             for why in words.against(against & Veto.hard())]
        )  # fmt: skip
    if against and not note:
        raise NotAllowed(
            [_("Your rules speak against it: %(why)s. If you want these two all the same, write down why.") % {"why": why}
             for why in words.against(against)]
        )  # fmt: skip


def _standing(match: Match) -> Standing:
    return {"mentor": match.mentor_application_id, "kept": match.kept, "mark": match.mark, "note": match.note}


def standings(drafts: Iterable[Match], mentees: Iterable[str | int]) -> dict[str, Standing]:
    """How these mentees stand among the proposed pairs, as it is kept with a change."""
    found = {str(match.mentee_application_id): _standing(match) for match in drafts}
    return {str(pk): found.get(str(pk), NOBODY) for pk in mentees}


def _standings(cycle: Cycle, mentees: Iterable[str | int]) -> dict[str, Standing]:
    """The same, as it is at this moment."""
    asked = [int(pk) for pk in mentees]
    drafts = Match.objects.filter(cycle=cycle, state=Match.State.DRAFT, mentee_application__in=asked)
    return standings(drafts, asked)


def _edit(verb: Edit.Verb, about: Match, moves: Mapping[int, Standing], *, by, note: str = "") -> Match:
    """Bring mentees from how they stand to `moves`, and keep what is needed to undo it; the pair it is about."""
    cycle = about.cycle
    before = _standings(cycle, moves)
    apart = about.pk if verb == Edit.Verb.FORBID else None
    made = _write(cycle, moves, by=by, verb=str(verb), apart=apart, note=note)
    match = made.get(about.mentee_application_id) or about
    after = _standings(cycle, moves)
    Edit.objects.create(cycle=cycle, by=by, at=clock.now(), verb=verb, match=match, before=before, after=after)
    return match


def _write(
    cycle: Cycle, moves: Mapping[int, Standing], *, by, verb: str, apart: int | None = None, note: str = ""
) -> dict[int, Match]:
    """Make the desk so: first everything that goes, then everything that comes, so that no mentee stands twice."""
    drafts = Match.objects.filter(cycle=cycle, state=Match.State.DRAFT, mentee_application__in=moves)
    stay = {}
    for match in drafts:
        match.cycle = cycle
        if match.mentor_application_id == moves[match.mentee_application_id]["mentor"]:
            stay[match.mentee_application_id] = match
        else:
            forbidden = {"apart": True, "note": note} if match.pk == apart else {}
            journal.move(match, Match.State.DROPPED, by=by, verb=verb, kept=False, **forbidden)
    for mentee, match in stay.items():
        _stay(match, moves[mentee], by, verb)
    come = {mentee: wanted for mentee, wanted in moves.items() if wanted["mentor"] and mentee not in stay}
    return stay | (_come(cycle, come, by, verb) if come else {})


def _stay(match: Match, wanted: Standing, by, verb: str) -> None:
    """A pair that stays takes its new marks."""
    fields = {name: wanted[name] for name in ("kept", "mark", "note")}
    Match.objects.filter(pk=match.pk, state=Match.State.DRAFT).update(**fields)
    for name, value in fields.items():
        setattr(match, name, value)
    journal.record(match, verb, by=by)


def _come(cycle: Cycle, come: Mapping[int, Standing], by, verb: str) -> dict[int, Match]:
    """New pairs by hand, with their fit and reasons as of now; Stale when somebody is no longer free."""
    found = pool.read(cycle, cycle.today())
    held = Counter(pool.names(match)[0] for match in found.drafts)
    held.update(str(wanted["mentor"]) for wanted in come.values())
    made = {}
    for mentee, wanted in come.items():
        mentor = str(wanted["mentor"])
        if held[mentor] > found.free.get(mentor, 0) or str(mentee) not in found.tiers:
            raise Stale(_("One of the two can no longer be matched, so nothing was changed."))
        pair = found.pair(mentor, str(mentee))
        made[mentee] = Match.objects.create(
            cycle=cycle,
            mentor_application=found.people[mentor],
            mentee_application=found.people[str(mentee)],
            score=pair.score,
            reasons=runs.reasons(found, pair),
            made_at=clock.now(),
            **{name: wanted[name] for name in ("kept", "mark", "note")},
        )
        journal.record(made[mentee], verb, by=by)
    return made
