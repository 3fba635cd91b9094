"""Who has no pair at the desk, why, and where one more mentor would help; in words."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mail.links import absolute
from matching import runs, words
from matching.alternatives import Situation
from matching.explain import Shortage
from matching.models import Criterion, Run
from matching.score import Veto
from programs.models import Application, Role

SHOWN = 3
"""How many shortages are told."""


@dataclass(frozen=True)
class Left:
    """A person without a pair, and why."""

    application: Application
    why: str
    url: str = ""
    note: str = ""


class LeftOver:
    """Tells of everybody without a pair but those who are `hidden`; `url` leads to somebody's place at the desk."""

    def __init__(
        self,
        situation: Situation,
        run: Run | None,
        hidden: frozenset[str],
        wording: words.Wording,
        url: Callable[[int], str],
    ) -> None:
        self.situation, self.pool, self.run = situation, situation.pool, run
        self.hidden, self.wording, self.url = hidden, wording, url

    def name(self, person: str) -> str:
        return str(self.pool.people[person])

    @cached_property
    def unmatched(self) -> list[Left]:
        """The mentees without a proposed mentor, who comes first on top, with the reason."""
        return [
            Left(self.pool.people[name], self.why_not(name), self.url(int(name)), self._waits(name))
            for name in self.situation.unmatched()
            if name not in self.hidden
        ]

    def _waits(self, name: str) -> str:
        return _("waits since an earlier cycle") if self.pool.waited(name) else ""

    def why_not(self, name: str) -> str:
        """Why this mentee has no proposed mentor, in a sentence."""
        if not self.pool.mentors:
            return _("Every mentor's place is taken.")
        told: dict = {}
        if self.situation.in_step and self.situation.explanation:
            told = runs.why_not(self.situation.explanation.reason(name))
        elif spare := self._spare(name):
            text = ngettext(
                "%s has a free place and can be suggested.", "%s have a free place and can be suggested.", len(spare)
            )
            return text % words.people(self.name(mentor) for mentor in spare)
        elif self.run:
            told = next((row["why"] for row in self.run.result["unmatched"] if row["mentee"] == name), {})
        if not told:
            if self.run:
                return _("Without a mentor since pairs were changed by hand. Suggest again, or find a mentor.")
            return _("Nobody has asked for a suggestion yet.")
        return self._nobody(told) if told["kind"] == "nobody" else self._full(name, told)

    def _spare(self, mentee: str) -> list[str]:
        """Mentors who became free by a change by hand and may be suggested to this mentee."""
        row = self.pool.mentees.index(mentee)
        left = [left.mentor for left in self.situation.left_over() if left.mentor not in self.hidden]
        return [mentor for mentor in left if not self.pool.vetoes[row, self.pool.mentors.index(mentor)]][:SHOWN]

    def _nobody(self, told: dict) -> str:
        rules = [
            ngettext("%(count)d mentor: %(why)s", "%(count)d mentors: %(why)s", count)
            % {"count": count, "why": words.AGAINST[Veto[rule.upper()]]}
            for rule, count in told["rules"].items()
        ]
        return _("No mentor can be suggested. %s.") % "; ".join(rules)

    def _full(self, name: str, told: dict) -> str:
        count = len(told["mentors"])
        lead = ngettext(
            "%d mentor could be suggested, and is taken by people who fit better or come first.",
            "%d mentors could be suggested; all are taken by people who fit better or come first.",
            count,
        )
        found = [lead % count]
        cheapest = told["cheapest"]
        known = cheapest and {cheapest["mentor"], *(mentee for mentee, _b, _a in cheapest["changes"])} <= set(
            self.pool.people
        )
        if known and not self.hidden & {cheapest["mentor"], *(mentee for mentee, _b, _a in cheapest["changes"])}:
            lost = [mentee for mentee, _before, after in cheapest["changes"] if after is None]
            if lost:
                found.append(
                    _("%(mentor)s with %(mentee)s would cost %(lost)s the place.")
                    % {
                        "mentor": self.name(cheapest["mentor"]),
                        "mentee": self.name(name),
                        "lost": words.people(self.name(mentee) for mentee in lost),
                    }
                )
        return " ".join(found)

    @cached_property
    def free(self) -> list[Left]:
        """The mentors with a place left, and whom they would fit."""
        found = []
        for left in self.situation.left_over():
            if left.mentor in self.hidden:
                continue
            places = ngettext("%d free place", "%d free places", left.places) % left.places
            found.append(Left(self.pool.people[left.mentor], self._would_fit(left.mentor), note=places))
        return found

    def _would_fit(self, mentor: str) -> str:
        column = self.pool.mentors.index(mentor)
        allowed = [
            (int(self.pool.scores[row, column]), name)
            for row, name in enumerate(self.pool.mentees)
            if not self.pool.vetoes[row, column] and name not in self.hidden and self.situation.at.get(name) != mentor
        ]
        if not allowed:
            return _("Nobody who could be suggested is without a mentor.")
        best = sorted(allowed, key=lambda each: (-each[0], each[1]))[:2]
        who = words.people(self.name(name) for _score, name in best)
        told = (
            _("%(fit)s for %(who)s, who have a mentor.")
            if len(best) > 1
            else _("%(fit)s for %(who)s, who has a mentor.")
        )
        if any(name not in self.situation.at for _score, name in best):
            told = _("%(fit)s for %(who)s.")
        return told % {"fit": words.fit(best[0][0]).word, "who": who}

    @cached_property
    def short(self) -> list[tuple[str, str]]:
        """What those without a mentor hope for, and how many mentors offer it."""
        if not self.unmatched or self.situation.explanation is None:
            return []
        found = []
        for row in self.pool.rows:
            if row.kind not in ("overlap", "same") or row.weight != "most":
                continue
            wants = self._codes(row.mentee_question, Role.MENTEE)
            offers = self._codes(row.mentor_question, Role.MENTOR)
            found += [(short, row) for short in self.situation.explanation.shortage(wants, offers)]
        found.sort(key=lambda each: (-each[0].waiting, each[0].mentors))
        return [self._shortage(short, row) for short, row in found[:SHOWN]]

    def _shortage(self, short: Shortage, row: Criterion) -> tuple[str, str]:
        waiting = ngettext("%d person waits", "%d people wait", short.waiting) % short.waiting
        offered = _("nobody offers it")
        if short.mentors:
            offered = ngettext("%d mentor offers it", "%d mentors offer it", short.mentors) % short.mentors
        return self.wording.labels(row, [short.option])[0], f"{waiting}, {offered}"

    def _codes(self, question: str, role: str) -> dict[str, list[str]]:
        found = {}
        for name, application in self.pool.people.items():
            answer = application.answers.get(question)
            if application.role == role and answer and name not in self.hidden:
                found[name] = [str(code) for code in (answer if isinstance(answer, list) else [answer])]
        return found

    @cached_property
    def recruit(self) -> str:
        """A text to find one more mentor, to copy."""
        waiting = len(self.unmatched)
        text = ngettext(
            "One more mentor for %(what)s would help: %(count)d person waits for a mentor in %(program)s. "
            "%(hours)s. Who comes to mind? %(url)s",
            "One more mentor for %(what)s would help: %(count)d people wait for a mentor in %(program)s. "
            "%(hours)s. Who comes to mind? %(url)s",
            waiting,
        )
        return text % {
            "what": self.short[0][0],
            "count": waiting,
            "program": self.pool.program.name,
            "hours": self.pool.program.hours_text.rstrip("."),
            "url": absolute(self.pool.program.get_absolute_url()),
        }
