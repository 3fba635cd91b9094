"""From proposed pairs to introduced ones: what an announcement would do, doing it, stopping it, introducing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from matching import notices, pool, words
from matching.models import Criterion, Match
from members import clock, journal
from members import words as dates
from members.journal import NotAllowed, Stale
from mentorships import terms
from mentorships.models import Mentorship
from programs import facts, gates, places
from programs.models import Application, Cycle, Gate, Place, Program, Question, Role

HELD_FOR = timedelta(minutes=15)
UNDO_WITHIN = timedelta(hours=24)
MORNING = time(9)
"""When pairs are introduced on their day, in the program's zone."""

State = Match.State


@dataclass(frozen=True)
class LeftOut:
    """A proposed pair that is not announced, and why."""

    match: Match
    why: str


@dataclass(frozen=True)
class Announcement:
    """What an announcement would do at this moment.

    problems: what has to be settled first; while there are any, nothing can be announced.
    told: who has no pair and was written to about it before; nobody is told twice.
    """

    cycle: Cycle
    pairs: tuple[Match, ...]
    mails: tuple[notices.Mail, ...]
    not_matched: tuple[Application, ...]
    reserve: tuple[Application, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[str, ...]
    to_confirm: tuple[Match, ...]
    told: tuple[Application, ...] = ()


def announcement(cycle: Cycle, *, by=None) -> Announcement:
    """Exactly what `announce` would do now, by the code that does it. With `by`, also what stands in that person's way."""
    people = list(Application.objects.filter(cycle=cycle, state=Application.State.ADMITTED).select_related("user"))
    for application in people:
        application.cycle = cycle
    placed = list(Place.objects.filter(program=cycle.program).values_list("mentor_id", "mentee_id"))
    unmet = pool.unmet(cycle, {str(row.pk): row for row in people}, cycle.today())
    pairs, left_out = _sorted_out(_drafts(cycle), placed, unmet)
    busy = {mentee for _mentor, mentee in placed} | {match.mentee_application.user_id for match in pairs}
    helping = {mentor for mentor, _mentee in placed} | {match.mentor_application.user_id for match in pairs}
    without = [row for row in people if row.role == Role.MENTEE and row.user_id not in busy]
    spare = [row for row in people if row.role == Role.MENTOR and row.user_id not in helping]
    own = [match for match in pairs if by is not None and by.pk in match.people() and match.confirmed_by_id is None]
    problems = [
        _("%s: this is a pair of your own. Somebody else of the committee has to confirm it first.") % _both(match)
        for match in own
    ]
    if not pairs:
        problems.append(_("There is no proposed pair to announce yet."))
    mails = notices.for_announcement(cycle, without, spare) if pairs else []
    now_told = {mail.application.pk for mail in mails}
    told = [row for row in (*without, *spare) if row.pk not in now_told] if pairs else []
    return Announcement(
        cycle,
        tuple(pairs),
        tuple(mails),
        tuple(without),
        tuple(spare),
        tuple(left_out),
        tuple(problems),
        tuple(own),
        tuple(told),
    )  # fmt: skip


def _drafts(cycle: Cycle) -> list[Match]:
    drafts = Match.objects.filter(cycle=cycle, state=State.DRAFT).select_related(
        "mentor_application__user", "mentee_application__user", "confirmed_by"
    )
    found = sorted(drafts, key=lambda match: (str(match.mentee_application), match.pk))
    for match in found:
        match.cycle = cycle
    return found


def _sorted_out(
    drafts: Iterable[Match], placed: Iterable[tuple[int, int]], unmet: frozenset[str]
) -> tuple[list[Match], list[LeftOut]]:
    """The pairs that can be announced, and those of which somebody has gone or no longer meets a requirement."""
    busy = {mentee for _mentor, mentee in placed}
    go, stay = [], []
    for match in drafts:
        gone = [
            application
            for application in (match.mentee_application, match.mentor_application)
            if application.state != Application.State.ADMITTED
        ]
        if gone:
            stay.append(LeftOut(match, _("%s no longer takes part.") % words.people(str(row) for row in gone)))
        elif match.mentee_application.user_id in busy:
            stay.append(LeftOut(match, _("%s has a mentor already.") % match.mentee_application))
        elif without := [row for row in (match.mentee_application, match.mentor_application) if str(row.pk) in unmet]:
            why = _("A requirement is not met any more: %s.") % words.people(str(row) for row in without)
            stay.append(LeftOut(match, why))
        else:
            go.append(match)
    return go, stay


def announce(cycle: Cycle, *, by, seen: str = "") -> Announcement:
    """Announce every proposed pair, all or none: places are taken, mails promised, everything held for 15 minutes.

    `seen` is the fingerprint of what the person was shown; when pairs changed since, it is Stale and nothing happens.
    """
    if not by.has_perm("matching.announce", cycle):
        raise NotAllowed(_("Only the chair or the deputy announces the matches."))
    with transaction.atomic():
        cycle = locked(cycle)
        leaving = announcement(cycle, by=by)
        if seen and seen != fingerprint(leaving):
            raise Stale(_("Pairs have changed since this page was opened. Nothing was announced; look at it again."))
        if leaving.problems:
            raise NotAllowed(leaving.problems)
        now = clock.now()
        # In one order for all cycles: two that want the same mentors at once would else wait for each other for ever.
        for match in sorted(leaving.pairs, key=lambda match: (match.mentor_application.user_id, match.pk)):
            place = places.take(match.mentor_application, match.mentee_application.user, at=now)
            journal.move(match, State.ANNOUNCED, by=by, place=place, announced_at=now, leaves_at=now + HELD_FOR)
        notices.promise(leaving.mails, leaves_at=now + HELD_FOR)
        return leaving


def fingerprint(leaving: Announcement) -> str:
    """What a dry run showed, as one short text."""
    pairs = [f"{match.pk}" for match in leaving.pairs]
    return "-".join([*pairs, *(f"{mail.name[0]}{mail.application.pk}" for mail in leaving.mails)])


def held(cycle: Cycle) -> list[Match]:
    """The announced pairs that one Stop still takes back."""
    found = Match.objects.filter(cycle=cycle, state=State.ANNOUNCED, leaves_at__gt=clock.now())
    return list(
        found.select_related("mentor_application__user", "mentee_application__user").order_by("pk")
    )  # fmt: skip


def stop(cycle: Cycle, *, by) -> int:
    """Take everything back while it is held, as if nobody had pressed; how many pairs."""
    if not by.has_perm("matching.announce", cycle):
        raise NotAllowed(_("Only the chair or the deputy stops an announcement."))
    with transaction.atomic():
        cycle = locked(cycle)
        found = held(cycle)
        if not found:
            raise NotAllowed(_("The 15 minutes are over, so there is nothing left to stop."))
        for match in found:
            match.cycle = cycle
            _free(match)
            journal.move(match, State.DRAFT, by=by, verb="stopped", place=None, announced_at=None, leaves_at=None)
        notices.take_back(cycle)
        return len(found)


def introduced_at(match: Match) -> datetime | None:
    """When a pair may be introduced: after the hold, and on the day where the program introduces all together.

    None for a pair that somebody still has to say yes to.
    """
    program = match.cycle.program
    waits_for_mentor = program.mentor_confirms and match.state != State.ACCEPTED
    if match.state not in (State.ANNOUNCED, State.ACCEPTED) or waits_for_mentor or match.leaves_at is None:
        return None
    if program.introduce == Program.Introduce.WHEN_READY:
        return match.leaves_at
    day = datetime.combine(match.cycle.announced_on, MORNING, ZoneInfo(program.time_zone))
    return max(match.leaves_at, day)


def not_ready(match: Match, at: datetime) -> list[str]:
    """What still stands before the introduction, in words; empty when the pair can be introduced at this moment."""
    moment = introduced_at(match)
    program = match.cycle.program
    if moment is None:
        return [_("This pair is not waiting for an introduction.")]
    if moment > at:
        return [_("They are introduced on %s.") % dates.moment(moment, program.time_zone, program.zone_word)]
    asked = list(Gate.objects.filter(program=program, stage=Gate.Stage.INTRODUCE))
    if not asked:
        return []
    both = (match.mentor_application, match.mentee_application)
    known = facts.facts_of(both, clock.day_of(at, program.time_zone))
    return [
        f"{application}: {finding.reason}"
        for application in both
        for finding in gates.unmet(known[application.pk], asked, Gate.Stage.INTRODUCE)
    ]


def introduce(match: Match, *, by=None, at: datetime | None = None) -> Mentorship:
    """Introduce an announced pair to each other: their mentoring begins, and one mail tells them both.

    Raises NotAllowed with what still stands in the way, Stale when somebody else was first.
    """
    at = at or clock.now()
    if by is not None and not by.has_perm("matching.announce", match.cycle):
        raise NotAllowed(_("Only the chair or the deputy introduces a pair by hand."))
    if by is not None and by.pk in match.people():
        raise NotAllowed(_("This is a pair of your own. Somebody else of the committee introduces the two of you."))
    with transaction.atomic():
        if reasons := not_ready(match, at):
            raise NotAllowed(reasons)
        if not Match.objects.select_for_update(of=("self",)).filter(pk=match.pk, state=match.state).exists():
            raise Stale(_("Somebody else has introduced them, or taken them back, a moment ago."))
        mentorship = terms.begin(
            mentor_application=match.mentor_application,
            mentee_application=match.mentee_application,
            at=at,
            why=why(match),
            by=by,
        )
        journal.move(match, State.INTRODUCED, by=by, mentorship=mentorship)
        return mentorship


def why(match: Match) -> str:
    """Why these two, in a sentence that both read: only from answers that both may see."""
    program = match.cycle.program
    wording = words.Wording(
        Criterion.objects.filter(program=program),
        program.questions.filter(moment=Question.Moment.APPLICATION),
    )
    return wording.for_both(match.reasons, match.mentor_application.user.get_short_name())


def undo_introduction(match: Match, *, by, note: str = "") -> None:
    """Take an introduction made in error back within a day: the pair ends, both are told, both can be matched again."""
    if not by.has_perm("matching.undo_introduction", match):
        raise NotAllowed(_("Only the chair or the deputy takes an introduction back, and never their own."))
    if match.state != State.INTRODUCED or match.mentorship is None:
        raise NotAllowed(_("These two have not been introduced."))
    if clock.now() > match.mentorship.introduced_at + UNDO_WITHIN:
        raise NotAllowed(_("They were introduced more than a day ago. End the pair instead."))
    with transaction.atomic():
        terms.end_early(match.mentorship, by=by, reason=Mentorship.EndReason.OTHER, note=note, asks=False)
        journal.move(match, State.CANCELLED, by=by, verb="introduction_undone", place=None)


def cancel(match: Match, *, by, note: str = "") -> None:
    """Give an announced pair up before it is introduced; the mentor's place is free again."""
    if not by.has_perm("matching.edit_match", match):
        raise NotAllowed(_("Only the committee gives a pair up, and nobody one of their own."))
    if match.state == State.INTRODUCED:
        raise NotAllowed(_("These two have been introduced. Take the introduction back, or end the pair."))
    with transaction.atomic():
        journal.move(match, State.CANCELLED, by=by, place=None, note=note or match.note)
        _free(match)


def _free(match: Match) -> None:
    """Give the mentor's place back."""
    places.free(match.mentor_application.user, match.mentee_application.user, match.cycle.program)


def locked(cycle: Cycle) -> Cycle:
    """The cycle, held until the end of the transaction: what changes its pairs comes one after the other."""
    return Cycle.objects.select_for_update(of=("self",)).select_related("program__association").get(pk=cycle.pk)


def _both(match: Match) -> str:
    return _("%(mentee)s with %(mentor)s") % {"mentee": match.mentee_application, "mentor": match.mentor_application}
