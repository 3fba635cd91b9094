"""What another mentor would change, in words: the sentences behind every button that gives somebody a mentor."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching import words
from matching.alternatives import Option, Situation
from matching.score import Veto
from matching.words import Fit
from programs.models import Application, Role

BEST = 3
"""How many other mentors are offered for somebody without one; a pair in hand shows two more."""


@dataclass(frozen=True)
class Choice:
    """One mentor instead, and what that would change; `why_not` when it cannot be."""

    mentor: Application
    fit: Fit | None = None
    sentence: str = ""
    costs: str = ""
    why_not: str = ""
    needs_note: bool = False


class Choices:
    """Says what each other choice would change. Whoever is `hidden` is named on no line."""

    def __init__(self, situation: Situation, hidden: frozenset[str]) -> None:
        self.situation, self.pool, self.hidden = situation, situation.pool, hidden

    def name(self, person: str) -> str:
        return str(self.pool.people[person])

    def best(self, mentee: str, *, has_mentor: bool) -> tuple[list[Choice], bool]:
        """The mentors that would cost least, and whether some are left out because they would name somebody hidden."""
        options = self.situation.options(mentee)
        named = [option for option in options if not self.hidden & _named(option)]
        return [self.choice(option) for option in named[: BEST + 2 * has_mentor]], len(named) < len(options)

    def choice(self, option: Option) -> Choice:
        return Choice(
            self.pool.people[option.mentor],
            words.fit(option.score),
            self.sentence(option),
            self._costs(option),
            "",
            bool(option.against),
        )

    def sentence(self, option: Option) -> str:
        """What giving this mentor would change for others, in words."""
        moves = [change for change in option.changes if change.mentee != option.mentee and change.after]
        found = []
        if moves:
            count = len(moves) + 1
            told = "; ".join(self._move(change.mentee, change.before, change.after) for change in moves)
            lead = ngettext("%d pair changes", "%d pairs change", count) % count
            found.append(f"{lead}: {told}.")
        elif not option.without:
            found.append(_("Nothing else changes."))
        if option.freed:
            freed = words.people(self.name(mentor) for mentor in option.freed)
            found.append(_("%s would be without a mentee.") % freed)
        found += [_("Your rules speak against it: %s.") % why for why in words.against(option.against)]
        return " ".join(found)

    def _move(self, mentee: str, before: str | None, after: str | None) -> str:
        then = words.a_fit(self.situation.score(mentee, after))
        now = words.a_fit(self.situation.score(mentee, before)) if before else ""
        text = _("%(mentee)s would go to %(mentor)s, %(then)s") if now in ("", then) else _(
            "%(mentee)s would go to %(mentor)s, %(then)s instead of %(now)s"
        )  # fmt: skip
        return text % {"mentee": self.name(mentee), "mentor": self.name(after or ""), "then": then, "now": now}

    def _costs(self, option: Option) -> str:
        if not option.without:
            return ""
        return _("Costs %s the place.") % words.people(self.name(mentee) for mentee in option.without)

    def called(self, mentee: str, name: str) -> list[Choice]:
        """Mentors of this name, and what would change or why it cannot be."""
        asked = name.casefold()
        if not asked:
            return []
        found = [
            person
            for person, row in self.pool.people.items()
            if row.role == Role.MENTOR and asked in str(row).casefold() and person not in self.hidden
        ]
        return [self._try(mentee, mentor) for mentor in found[: BEST + 2]]

    def _try(self, mentee: str, mentor: str) -> Choice:
        application = self.pool.people[mentor]
        if self.situation.at.get(mentee) == mentor:
            return Choice(application, why_not=_("They are proposed together already."))
        if mentor in self.pool.away:
            return Choice(application, why_not=words.away(self.pool.away[mentor], str(application)))
        if (mentor, mentee) in self.pool.refused:
            return Choice(application, why_not=_("They were asked in this cycle, and would rather not."))
        if not self.pool.free.get(mentor):
            return Choice(application, why_not=_("Every place is taken by an announced or running pair."))
        if mentee not in self.pool.tiers:
            return Choice(application, why_not=_("%s can no longer be matched.") % self.pool.people[mentee])
        if mentee in self.situation.kept:
            return Choice(application, why_not=_("Let the present pair go first: it is kept together."))
        bits = Veto(int(self.pool.vetoes[self.pool.mentees.index(mentee), self.pool.mentors.index(mentor)]))
        if bits & Veto.hard():
            return Choice(application, why_not=_("Not possible: %s.") % "; ".join(words.against(bits & Veto.hard())))
        option = self.situation.option(mentee, mentor)
        if option is None:
            return Choice(application, why_not=_("Every place is kept for somebody else."))
        if self.hidden & _named(option):
            return Choice(application, why_not=_("Covered while people whom it would move are in the room."))
        return self.choice(option)


def _named(option: Option) -> set[str]:
    """Everybody whom the words about an option would name."""
    moved = {name for change in option.changes for name in (change.mentee, change.before, change.after) if name}
    return {option.mentor, option.mentee} | moved
