"""A suggestion: read who is there, think outside any transaction, write what the solver proved."""

import hashlib
import json
import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from matching import files, pool, words
from matching.certify import NotCertified
from matching.encode import BreaksARule, TooLarge
from matching.explain import Explanation, Full, Nobody
from matching.models import Match, Run
from matching.pool import Pool
from matching.solve import Solution, solve
from members import clock, journal
from members.journal import NotAllowed, Stale
from programs.models import Cycle

log = logging.getLogger(__name__)


def suggest(cycle: Cycle, *, by) -> Run:
    """Propose the best set of pairs under the committee's rules, around those that are kept together.

    Raises NotAllowed when nobody can be matched or a kept pair breaks a rule, Stale when somebody changed a pair
    while the solver was thinking; nothing is written then.
    """
    if not by.has_perm("matching.edit_match", cycle):
        raise NotAllowed(_("Only the committee of this program suggests matches."))
    found = pool.read(cycle, cycle.today())
    if not found.mentors or not found.mentees:
        raise NotAllowed(words.nobody_to_match(found))
    solution = think(found)
    return _write(found, solution, by)


def think(found: Pool) -> Solution:
    """The certified best set of pairs of a pool. Raises NotAllowed with the reason in words when there is none."""
    try:
        return solve(found.problem())
    except BreaksARule as broken:
        raise NotAllowed([words.refusal(found, refusal) for refusal in broken.refusals])
    except TooLarge:
        raise NotAllowed(_("There are too many people to match at once. Divide the cycle."))
    except NotCertified:
        log.exception("A suggestion for %s could not be proved", found.cycle.path)
        raise NotAllowed(_("The suggestion could not be proved to be the best, so nothing was changed."))


def frozen_input(found: Pool) -> dict[str, Any]:
    """A run's input in the file format, which `python -m matching` solves to the same pairs."""
    document: dict[str, Any] = json.loads(files.write(found.problem()))
    return document


def hash_of(document: dict[str, Any]) -> str:
    """What names an input: the same people, rules and locks give the same hash."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _write(found: Pool, solution: Solution, by) -> Run:
    cycle = found.cycle
    document = frozen_input(found)
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        if fingerprint(cycle) != fingerprint_of(found.drafts):
            raise Stale(_("Somebody changed a pair in the meantime. Nothing was replaced; look again, then suggest."))
        run = Run.objects.create(
            cycle=cycle,
            made_at=clock.now(),
            input=document,
            hash=hash_of(document),
            result=_result(solution),
            matched=len(solution.pairs),
            total=solution.total,
        )
        journal.record(run, "suggested", by=by)
        _replace(found, run, solution, by)
    return run


def fingerprint(cycle: Cycle) -> str:
    """What the proposed pairs of a cycle are at this moment."""
    return fingerprint_of(Match.objects.filter(cycle=cycle, state=Match.State.DRAFT))


def fingerprint_of(drafts: Iterable[Match]) -> str:
    """Proposed pairs as one short text: two pages that saw the same agree."""
    rows = sorted((match.pk, match.mentor_application_id, match.mentee_application_id, match.kept) for match in drafts)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _result(solution: Solution) -> dict[str, Any]:
    explanation = Explanation(solution)
    return {
        **files.answer(solution),
        "unmatched": [{"mentee": mentee, "why": why_not(explanation.reason(mentee))} for mentee in solution.unmatched],
    }


def why_not(reason: Nobody | Full) -> dict[str, Any]:
    """Why somebody is left over, as data: ids and figures that a page puts into words."""
    if isinstance(reason, Nobody):
        rules = {str(veto.name).lower(): count for veto, count in reason.rules}
        return {"kind": "nobody", "mentors": reason.mentors, "rules": rules}
    cheapest = reason.cheapest
    return {
        "kind": "full",
        "mentors": list(reason.mentors),
        "holders": list(reason.mentees),
        "kept": reason.locked,
        "cheapest": cheapest
        and {
            "mentor": cheapest.mentor,
            "changes": [[change.mentee, change.before, change.after] for change in cheapest.changes],
        },
    }


def _replace(found: Pool, run: Run, solution: Solution, by) -> None:
    """Bring the proposed pairs to what was suggested; a pair that stays keeps its marks and notes."""
    wanted = {mentee: mentor for mentor, mentee in solution.pairs}
    stay = {}
    for match in found.drafts:
        mentor, mentee = pool.names(match)
        if wanted.get(mentee) == mentor:
            stay[mentee] = match
        else:
            journal.move(match, Match.State.DROPPED, by=by, verb="replaced", kept=False)
    new = []
    for mentee, mentor in wanted.items():
        pair = found.pair(mentor, mentee)
        match = stay.get(mentee) or Match(
            cycle=found.cycle,
            mentor_application_id=int(mentor),
            mentee_application_id=int(mentee),
            made_at=run.made_at,
        )
        match.run, match.score, match.reasons = run, pair.score, reasons(found, pair)
        if mentee not in stay:
            new.append(match)
    Match.objects.bulk_create(new)
    Match.objects.bulk_update(stay.values(), ["run", "score", "reasons"])


def reasons(found: Pool, pair: pool.Pair) -> list[dict[str, Any]]:
    """Why these two, as data: option codes and figures, no word of theirs. A page puts them into words."""
    rows: list[dict[str, Any]] = [
        {
            "code": row.code if row else pool.OTHER_EMPLOYER,
            "points": round(float(part.points), 1),
            "of": part.of,
            "answered": part.answered,
            "shared": list(part.shared),
            "lacks": list(part.lacks),
            "apart": part.apart,
        }
        for (row, _criterion), part in zip(found.criteria, pair.parts, strict=True)
    ]
    return rows + [{"note": note} for note in pair.notes]
