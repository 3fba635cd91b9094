"""Who can be matched now, who comes first, and which pairs are out of the question: rows become the engine's values.

Ids in everything the engine sees are application ids as text; no name, no address and no word of anybody goes there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q

from matching import features as engine
from matching.encode import Problem, problem
from matching.models import Criterion, Match
from matching.score import Part, ScoreArray, Veto, VetoArray, parts, scores, vetoes
from mentorships.models import Mentorship
from programs import facts, gates
from programs.models import Application, Cycle, Gate, Place, Program, Question, Role

EMPLOYER = "employer"
OTHER_EMPLOYER = "prefers_another_employer"
FIRST, THEN = ("priority", "undecided"), "undecided"


@dataclass(frozen=True)
class Pair:
    """What is known about one mentor with one mentee: fit, why, and what stands against it."""

    mentor: str
    mentee: str
    score: int
    against: Veto
    parts: tuple[Part, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Pool:
    """Everybody accepted in a cycle, and of them those who can be matched today.

    people    every accepted application by id
    free      mentor id → places free today; mentors without one are not in the engine's pool
    tiers     mentee id → who comes first (1 before 2); mentees who have a mentor already are not in it
    drafts    the proposed pairs of today, `settled` those announced or introduced, `apart` the pairs that shall not be
    away      mentor id → what keeps them from being asked again in this cycle; they have no free place
    refused   pairs of which the mentor said "not this person"
    """

    cycle: Cycle
    people: dict[str, Application]
    free: dict[str, int]
    tiers: dict[str, int]
    rows: tuple[Criterion, ...]
    questions: tuple[Question, ...]
    drafts: tuple[Match, ...]
    settled: tuple[Match, ...]
    apart: frozenset[tuple[str, str]]
    former: dict[tuple[str, str], bool]
    unmet: frozenset[str] = field(default_factory=frozenset)
    away: dict[str, str] = field(default_factory=dict)
    refused: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def program(self) -> Program:
        return self.cycle.program

    @cached_property
    def mentors(self) -> tuple[str, ...]:
        return tuple(name for name in self.people if self.free.get(name))

    @cached_property
    def mentees(self) -> tuple[str, ...]:
        return tuple(name for name in self.people if name in self.tiers)

    @cached_property
    def criteria(self) -> tuple[tuple[Criterion | None, engine.Criterion], ...]:
        """The committee's rows as the engine reads them; None for the program's wish for another employer."""
        by_code = {(question.code, question.role): question for question in self.questions}
        found: list[tuple[Criterion | None, engine.Criterion]] = [
            (row, _criterion(row, by_code)) for row in self.rows if _criterion(row, by_code).points
        ]
        if self.program.other_employer == Program.OtherEmployer.PREFER:
            points = engine.WEIGHTS[Criterion.Weight.COUNTS]
            found.append((None, engine.Criterion("wish", OTHER_EMPLOYER, None, points)))
        return tuple(found)

    @cached_property
    def features(self) -> engine.Features:
        asked = [criterion for _, criterion in self.criteria]
        day = datetime.combine(self.cycle.begins_on, time(12))
        mentees = [_person(self.people[name], asked, day) for name in self.mentees]
        return engine.features(asked, mentees, [_person(self.people[name], asked, day) for name in self.mentors])

    @cached_property
    def scores(self) -> ScoreArray:
        return scores(self.features)

    @cached_property
    def vetoes(self) -> VetoArray:
        """Everything that stands against each pair, mentees × mentors."""
        keep_apart = self.program.other_employer == Program.OtherEmployer.NEVER
        found = vetoes(self.features.mentees, self.features.mentors, employer_question=EMPLOYER if keep_apart else None)
        for row, mentee in enumerate(self.mentees):
            if mentee in self.unmet:
                found[row, :] |= Veto.GATE
            for column, mentor in enumerate(self.mentors):
                if (mentor, mentee) in self.apart or (mentor, mentee) in self.refused:
                    found[row, column] |= Veto.FORBIDDEN
                if self.former.get((mentor, mentee)) is False:
                    found[row, column] |= Veto.NOT_AGAIN
        for column, mentor in enumerate(self.mentors):
            if mentor in self.unmet:
                found[:, column] |= Veto.GATE
        return found

    @cached_property
    def locked(self) -> tuple[tuple[str, str], ...]:
        """Pairs kept together whose two people can both still be matched."""
        return tuple(names(match) for match in self.drafts if match.kept and self.holds(match))

    def holds(self, match: Match) -> bool:
        """Whether both people of a proposed pair can still be matched."""
        mentor, mentee = names(match)
        return bool(self.free.get(mentor)) and mentee in self.tiers

    def problem(self, locked: Iterable[tuple[str, str]] | None = None) -> Problem:
        """What the engine is asked: the best set of pairs around those kept together."""
        return problem(
            [(name, self.tiers[name]) for name in self.mentees],
            [(name, self.free[name]) for name in self.mentors],
            self.scores,
            self.vetoes,
            self.locked if locked is None else locked,
        )

    def pair(self, mentor: str, mentee: str) -> Pair:
        """One mentor with one mentee; both must be in the pool."""
        row, column = self.mentees.index(mentee), self.mentors.index(mentor)
        against = Veto(int(self.vetoes[row, column]))
        found = parts(self.features, row, column)
        return Pair(mentor, mentee, int(self.scores[row, column]), against, found, self._notes(mentor, mentee, against))

    def _notes(self, mentor: str, mentee: str, against: Veto) -> tuple[str, ...]:
        found = []
        if self.former.get((mentor, mentee)):
            found.append("former")
        if against & Veto.SAME_EMPLOYER:
            found.append("employer")
        if self.waited(mentee):
            found.append("waited")
        if self._other_way_round(mentor, mentee):
            found.append("each_other")
        return tuple(found)

    def waited(self, name: str) -> bool:
        """Whether this person waits since before this cycle opened."""
        return _waited(self.people[name], self.cycle)

    def _other_way_round(self, mentor: str, mentee: str) -> bool:
        """Whether the same two people are proposed to each other with the roles exchanged."""
        both = self.people[mentor].user_id, self.people[mentee].user_id
        return any(
            (match.mentee_application.user_id, match.mentor_application.user_id) == both for match in self.drafts
        )


def names(match: Match) -> tuple[str, str]:
    """A proposed pair as the engine names it: (mentor id, mentee id)."""
    return str(match.mentor_application_id), str(match.mentee_application_id)


def read(cycle: Cycle, today: date) -> Pool:
    """Everything that matching in this cycle depends on today, in a fixed number of queries."""
    accepted = Application.objects.filter(cycle=cycle, state=Application.State.ADMITTED).select_related("user")
    people = {str(application.pk): application for application in accepted.order_by("sent_at", "pk")}
    for application in people.values():
        application.cycle = cycle
    matches = list(
        Match.objects.filter(Q(state__in=Match.LIVE) | Q(apart=True) | Q(offered_at__isnull=False), cycle=cycle)
        .select_related("mentor_application__user", "mentee_application__user", "confirmed_by")
        .order_by("pk")
    )
    away = _away(matches, today)
    free, busy = _free(cycle, people.values(), away)
    promised = (Match.State.ANNOUNCED, Match.State.OFFERED, Match.State.ACCEPTED)
    taken = {str(match.mentee_application_id) for match in matches if match.state in promised}
    questions = tuple(cycle.program.questions.filter(moment=Question.Moment.APPLICATION))
    return Pool(
        cycle=cycle,
        people=people,
        free=free,
        tiers=_tiers(cycle, questions, _unplaced(people, busy, taken)),
        rows=tuple(Criterion.objects.filter(program=cycle.program)),
        questions=questions,
        drafts=tuple(match for match in matches if match.state == Match.State.DRAFT),
        settled=tuple(match for match in matches if match.state in (*promised, Match.State.INTRODUCED)),
        apart=frozenset(names(match) for match in matches if match.apart),
        former=_former(cycle.program, people),
        unmet=unmet(cycle, people, today),
        away=away,
        refused=frozenset(names(match) for match in matches if _said_no(match) == Match.Answer.NOT_THIS_PERSON),
    )


def _said_no(match: Match) -> str:
    """What a mentor said who does not want this pair; "" for any other."""
    over = match.state in (Match.State.DECLINED, Match.State.CANCELLED)
    return match.answer if over and match.answer in Match.NO else ""


def _away(matches: Iterable[Match], today: date) -> dict[str, str]:
    """Mentors who are not asked again for now: they said so, or an offer ran out and we have not heard from them."""
    found: dict[str, str] = {}
    for match in matches:
        mentor, said = names(match)[0], _said_no(match)
        pausing = said == Match.Answer.PAUSE and match.paused_until is not None and today <= match.paused_until
        if said == Match.Answer.NOT_THIS_CYCLE or pausing:
            found[mentor] = said
        elif match.state == Match.State.EXPIRED and not match.answer:
            found.setdefault(mentor, "silent")
    return found


def _free(cycle: Cycle, people: Iterable[Application], away: dict[str, str]) -> tuple[dict[str, int], set[int]]:
    """Places free with each mentor who may be asked, and who has a mentor: places count across the program's cycles."""
    held = Place.objects.filter(program=cycle.program).values_list("mentor_id", "mentee_id")
    with_mentor = Counter(mentor for mentor, _ in held)
    most = cycle.program.mentor_capacity
    free = {
        str(application.pk): 0
        if str(application.pk) in away
        else max(0, min(application.mentees_wanted, most) - with_mentor[application.user_id])
        for application in people
        if application.role == Role.MENTOR
    }
    return free, {mentee for _, mentee in held}


def _unplaced(people: dict[str, Application], busy: set[int], taken: set[str]) -> list[Application]:
    return [
        application
        for name, application in people.items()
        if application.role == Role.MENTEE and application.user_id not in busy and name not in taken
    ]


def _waited(application: Application, cycle: Cycle) -> bool:
    since = application.waiting_since
    return application.carried_from_id is not None or (since is not None and since < cycle.opens_on)


def _tiers(cycle: Cycle, questions: Sequence[Question], mentees: Sequence[Application]) -> dict[str, int]:
    """Who comes first, 1 before 2: a priority answer where the program asks for it, then a wait from an earlier cycle."""
    flagged = {
        (question.code, option["code"])
        for question in questions
        for option in question.options
        if cycle.program.priority_order == Program.PriorityOrder.FLAGGED and set(FIRST) & set(option.get("flags", ()))
    }
    keys = {
        str(application.pk): (not _gave(application, flagged), not _waited(application, cycle))
        for application in mentees
    }
    rank = {key: place for place, key in enumerate(sorted(set(keys.values())), start=1)}
    return {name: rank[key] for name, key in keys.items()}


def _gave(application: Application, options: set[tuple[str, str]]) -> bool:
    return any(
        (code, choice) in options
        for code, answer in application.answers.items()
        for choice in (answer if isinstance(answer, list) else [answer])
        if isinstance(choice, str)
    )


def _former(program: Program, people: dict[str, Application]) -> dict[tuple[str, str], bool]:
    """Pairs that have been one before: True when it ended well, False when they parted as not the right fit."""
    users = {application.user_id for application in people.values()}
    by_user: dict[tuple[int, str], str] = {(row.user_id, row.role): name for name, row in people.items()}
    found: dict[tuple[str, str], bool] = {}
    before = Mentorship.objects.filter(cycle__program=program, mentor__in=users, mentee__in=users)
    for mentor, mentee, reason in before.values_list("mentor_id", "mentee_id", "end_reason"):
        pair = by_user.get((mentor, Role.MENTOR)), by_user.get((mentee, Role.MENTEE))
        if pair[0] and pair[1]:
            parted = reason == Mentorship.EndReason.FIT
            found[pair[0], pair[1]] = found.get((pair[0], pair[1]), True) and not parted
    return found


def unmet(cycle: Cycle, people: dict[str, Application], today: date) -> frozenset[str]:
    """Who does not meet a requirement that is looked at when matching."""
    asked = list(Gate.objects.filter(program=cycle.program, stage=Gate.Stage.MATCH))
    if not asked:
        return frozenset()
    known = facts.facts_of(people.values(), today)
    return frozenset(
        name for name, application in people.items() if gates.unmet(known[application.pk], asked, Gate.Stage.MATCH)
    )


def _criterion(row: Criterion, questions: dict[tuple[str, str], Question]) -> engine.Criterion:
    """One row as the engine reads it. Answers of which several may be ticked are compared as an overlap."""
    asked = [
        questions.get((code, role)) or questions.get((code, ""))
        for code, role in ((row.mentee_question, Role.MENTEE), (row.mentor_question, Role.MENTOR))
    ]
    kind = str(row.kind)
    if kind == "same" and any(question and question.kind == Question.Kind.SEVERAL for question in asked):
        kind = "overlap"
    points = engine.WEIGHTS[row.weight] if row.points is None else row.points
    undecided = frozenset(
        option["code"]
        for question in asked
        if question
        for option in question.options
        if THEN in option.get("flags", ())
    )
    by_mentee = kind == "wish" and bool(row.mentee_question)
    return engine.Criterion(
        kind,
        (row.mentee_question or None) if kind != "wish" or by_mentee else None,
        (row.mentor_question or None) if kind != "wish" or not by_mentee else None,
        points,
        row.low if kind in ("gap", "near") else None,
        row.high if kind in ("gap", "near") else None,
        undecided,
    )


def _person(application: Application, criteria: Iterable[engine.Criterion], day: datetime) -> engine.Person:
    """An application as the engine reads it: codes, numbers, and clocks as hours from UTC on the cycle's first day."""
    answers: dict[str, engine.Value] = {
        "library_type": application.library_type or None,
        "region": application.region or None,
        "position_type": _one(application.answers.get("position_type")),
        EMPLOYER: (application.employer_group or application.employer).casefold() or None,
        OTHER_EMPLOYER: ["another-institution-than-mine"],
    }
    for criterion in criteria:
        for code in (criterion.mentee_question, criterion.mentor_question):
            if code and code not in answers:
                answers[code] = _value(application.answers.get(code), criterion.kind, day)
    return engine.Person(str(application.pk), answers, f"user:{application.user_id}")


def _one(answer: object) -> str | None:
    return answer if isinstance(answer, str) and answer else None


def _value(answer: object, kind: str, day: datetime) -> engine.Value:
    """An answer in the shape that a kind of criterion compares; anything else counts as not answered."""
    if isinstance(answer, list):
        return [str(choice) for choice in answer]
    if kind in ("gap", "near") and isinstance(answer, int | float) and not isinstance(answer, bool):
        return answer
    if kind == "near" and isinstance(answer, str) and "/" in answer:
        return hours_from_utc(answer, day)
    if kind == "gap" or answer in (None, ""):
        return None
    return str(answer)


def hours_from_utc(zone: str, day: datetime) -> float | None:
    """How far a zone's clocks stand from UTC on a day; None for a zone nobody knows."""
    try:
        offset = ZoneInfo(zone).utcoffset(day)
    except (ZoneInfoNotFoundError, ValueError):
        return None
    return None if offset is None else offset.total_seconds() / 3600
