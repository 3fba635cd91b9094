"""The matching desk as people read it: rows, the pair in hand, what each change would do, who is left over and why.

Everything here is words and links made from a `Situation`. Who is in the room is covered: no line that would name them,
or whoever is proposed with them, is made at all.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mail.links import absolute
from matching import beside, pool, proposals, runs, words
from matching.alternatives import Option, Situation
from matching.models import Edit, Match, Run
from matching.pool import Pool
from matching.score import Veto
from matching.words import Fit, Why
from programs.models import Application, Cycle, Role

BEST = 3
"""How many other mentors are offered for somebody without one; a pair in hand shows two more."""


@dataclass(frozen=True)
class Row:
    """One proposed pair in the list; a covered one has nothing but that it is covered."""

    anchor: str
    match: Match | None = None
    fit: Fit | None = None
    why: str = ""
    on: bool = False
    own: bool = False
    gone: bool = False
    url: str = ""

    @property
    def change(self) -> str:
        """The same pair in hand, at the choices."""
        return self.url.replace("#pair", "#change")

    @property
    def was(self) -> str:
        """What the page showed of it, so that a later press knows whether it still is so."""
        return was(self.match) if self.match else ""


def was(match: Match) -> str:
    """How a proposed pair stood, as one short text."""
    return f"{match.pk}:{match.kept:d}:{match.mark}"


@dataclass(frozen=True)
class Choice:
    """One mentor instead, and what that would change; `why_not` when it cannot be."""

    mentor: Application
    fit: Fit | None = None
    sentence: str = ""
    costs: str = ""
    why_not: str = ""
    needs_note: bool = False


@dataclass(frozen=True)
class Panel:
    """The pair in hand, or one mentee without a mentor."""

    mentee: Application
    mentor: Application | None
    row: Row | None
    fit: Fit | None
    why: Why | None
    table: list[beside.Line]
    places: str
    choices: list[Choice]
    tried: list[Choice]
    covered: bool
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Left:
    """A person without a pair, and why."""

    application: Application
    why: str
    url: str = ""
    note: str = ""


@dataclass
class Looking:
    """What of the desk is looked at."""

    pair: int | None = None
    show: str = ""
    q: str = ""
    another: str = ""
    room: frozenset[int] = field(default_factory=frozenset)

    def url(self, pair: int | None, anchor: str = "pair") -> str:
        """The desk with another pair in hand, the same rows shown."""
        asked = {"pair": pair, "show": self.show, "q": self.q}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}#{anchor}"


class Desk:
    """Everything that the desk's page shows."""

    def __init__(self, cycle: Cycle, user, looking: Looking) -> None:
        self.cycle, self.user, self.looking = cycle, user, looking
        self.pool: Pool = pool.read(cycle, cycle.today())
        self.situation = Situation(self.pool)
        self.run = Run.objects.filter(cycle=cycle).first()
        self.wording = words.Wording(self.pool.rows, self.pool.questions)
        self.hidden = self._hidden()

    def _hidden(self) -> frozenset[str]:
        """Everybody in the room and whoever is proposed with them, by application."""
        found = {name for name, application in self.pool.people.items() if application.user_id in self.looking.room}
        for match in (*self.pool.drafts, *self.pool.settled):
            if found & set(pool.names(match)):
                found |= set(pool.names(match))
        return frozenset(found)

    def name(self, person: str) -> str:
        return str(self.pool.people[person])

    # the list

    @cached_property
    def drafts(self) -> list[Match]:
        return sorted(self.pool.drafts, key=lambda match: (str(match.mentee_application).casefold(), match.pk))

    @cached_property
    def open_drafts(self) -> list[Match]:
        """The proposed pairs that are not covered."""
        return [match for match in self.drafts if not self.covers(match)]

    def covers(self, match: Match) -> bool:
        return bool(self.hidden & set(pool.names(match)))

    @cached_property
    def rows(self) -> list[Row]:
        """The rows in the order of the mentees' names; covered ones stand where they are only when all rows are shown."""
        everything = not self.looking.show and not self.looking.q
        found = []
        for number, match in enumerate(self.drafts, start=1):
            if self.covers(match):
                found += [Row(anchor=f"covered-{number}")] if everything else []
            elif self._is_shown(match):
                found.append(self.row(match))
        return found

    def _is_shown(self, match: Match) -> bool:
        show, q = self.looking.show, self.looking.q.casefold()
        if q and not any(q in str(row).casefold() for row in (match.mentee_application, match.mentor_application)):
            return False
        return {
            "discuss": match.mark == Match.Mark.DISCUSS,
            "open": match.mark == Match.Mark.NONE,
            "kept": match.kept,
        }.get(show, True)

    def row(self, match: Match) -> Row:
        return Row(
            anchor=f"p{match.mentee_application_id}",
            match=match,
            fit=words.fit(match.score),
            why=self.wording.why(match.reasons).short,
            on=match.mentee_application_id == self.in_hand,
            own=self.user.pk in match.people(),
            gone=not self.pool.holds(match),
            url=self.looking.url(match.mentee_application_id),
        )

    @cached_property
    def in_hand(self) -> int | None:
        """The mentee whose pair is looked at: the one asked for, else the first that is shown."""
        if self.looking.pair is not None:
            return self.looking.pair
        shown = [match for match in self.open_drafts if self._is_shown(match)]
        return shown[0].mentee_application_id if shown else None

    # figures

    @cached_property
    def figures(self) -> dict[str, int]:
        marks = Counter(match.mark for match in self.open_drafts)
        mentees = [row for row in self.pool.people.values() if row.role == Role.MENTEE]
        return {
            "mentees": len(mentees),
            "matched": len(mentees) - len(self.situation.unmatched()),
            "all": len(self.open_drafts),
            "done": marks[Match.Mark.DONE],
            "discuss": marks[Match.Mark.DISCUSS],
            "open": marks[Match.Mark.NONE],
            "kept": sum(match.kept for match in self.open_drafts),
            "covered": len(self.drafts) - len(self.open_drafts),
            "announced": sum(match.state != Match.State.INTRODUCED for match in self.pool.settled),
            "introduced": sum(match.state == Match.State.INTRODUCED for match in self.pool.settled),
        }

    @cached_property
    def chips(self) -> list[tuple[str, str, int]]:
        """Which rows can be shown, with how many; a kind without rows is left out."""
        kinds = [("", _("All")), ("discuss", _("Discuss first")), ("open", _("Not looked at")), ("kept", _("Kept together"))]
        return [(show, label, self.figures[show or "all"]) for show, label in kinds if self.figures[show or "all"] or not show]

    @property
    def kept_query(self) -> str:
        """What of the address a press keeps, so that the same rows are shown afterwards."""
        asked = {"show": self.looking.show, "q": self.looking.q, "pair": self.in_hand}
        return urlencode({name: value for name, value in asked.items() if value})

    @cached_property
    def recruit(self) -> str:
        """A text to find one more mentor, to copy."""
        waiting = len(self.unmatched)
        text = ngettext(
            "One more mentor for %(what)s would help: %(count)d person waits for a mentor in %(program)s. %(hours)s. Who comes to mind? %(url)s",
            "One more mentor for %(what)s would help: %(count)d people wait for a mentor in %(program)s. %(hours)s. Who comes to mind? %(url)s",
            waiting,
        )
        return text % {
            "what": self.short[0][0],
            "count": waiting,
            "program": self.cycle.program.name,
            "hours": self.cycle.program.hours_text.rstrip("."),
            "url": absolute(self.cycle.program.get_absolute_url()),
        }

    @cached_property
    def is_best(self) -> bool:
        """Whether no better set exists around what is kept."""
        return bool(self.run and self.pool.drafts and self.situation.in_step)

    @cached_property
    def empty(self) -> str:
        """Why there is no list, in words; "" when there is one."""
        if self.drafts:
            return ""
        if not self.pool.mentees or not self.pool.mentors:
            return words.nobody_to_match(self.pool)
        if self.run and self.looking.room:
            return ""
        mentors = ngettext("%d mentor", "%d mentors", len(self.pool.mentors)) % len(self.pool.mentors)
        mentees = ngettext("%d mentee", "%d mentees", len(self.pool.mentees)) % len(self.pool.mentees)
        return _(
            "%(mentors)s and %(mentees)s can be matched. A suggestion takes a second; nothing leaves before you announce."
        ) % {
            "mentors": mentors,
            "mentees": mentees,
        }

    @property
    def can_suggest(self) -> bool:
        return bool(self.pool.mentors and self.pool.mentees)

    @cached_property
    def undo(self) -> str:
        """What this person would undo, in words; "" for nothing."""
        edit = proposals.last_edit(self.cycle, self.user)
        if edit is None:
            return ""
        touched = {*edit.before, *edit.after, *pool.names(edit.match)}
        touched |= {str(each["mentor"]) for part in (edit.before, edit.after) for each in part.values()}
        return _("Undo your last change") if touched & self.hidden else undo_words(edit)

    @cached_property
    def seen(self) -> str:
        return runs.fingerprint_of(self.pool.drafts)

    # the pair in hand

    @cached_property
    def panel(self) -> Panel | None:
        """The pair in hand with its alternatives; None when nobody is looked at."""
        mentee = self.pool.people.get(str(self.in_hand))
        if mentee is None or mentee.role != Role.MENTEE or str(mentee.pk) in self.hidden:
            return None
        match = next((match for match in self.drafts if match.mentee_application_id == mentee.pk), None)
        if match is None and str(mentee.pk) not in self.pool.tiers:
            return None
        mentor = self.pool.people.get(str(match.mentor_application_id)) if match else None
        options = self.situation.options(str(mentee.pk))
        named = [option for option in options if not self.hidden & _named(option)]
        before, after = self._neighbours(mentee.pk)
        return Panel(
            mentee=mentee,
            mentor=mentor,
            row=self.row(match) if match else None,
            fit=words.fit(match.score) if match else None,
            why=self.wording.why(match.reasons) if match else None,
            table=beside.lines(self.pool.questions, mentee, mentor),
            places=self._places(mentor),
            choices=[self.choice(option) for option in named[: BEST + 2 * bool(match)]],
            tried=self._tried(str(mentee.pk)),
            covered=len(named) < len(options),
            before=before,
            after=after,
        )

    def _places(self, mentor: Application | None) -> str:
        """How many mentees a mentor can take."""
        if mentor is None:
            return ""
        free = self.pool.free.get(str(mentor.pk), 0)
        return ngettext("%d place", "%d places", free) % free

    def _neighbours(self, mentee: int) -> tuple[str, str]:
        shown = [row.match.mentee_application_id for row in self.rows if row.match]
        if mentee not in shown:
            return "", ""
        here = shown.index(mentee)
        before = self.looking.url(shown[here - 1]) if here else ""
        return before, self.looking.url(shown[here + 1]) if here + 1 < len(shown) else ""

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

    def _tried(self, mentee: str) -> list[Choice]:
        """Mentors of this name, and what would change or why it cannot be."""
        asked = self.looking.another.casefold()
        if not asked:
            return []
        found = [
            name
            for name, row in self.pool.people.items()
            if row.role == Role.MENTOR and asked in str(row).casefold() and name not in self.hidden
        ]
        return [self._try(mentee, mentor) for mentor in found[: BEST + 2]]

    def _try(self, mentee: str, mentor: str) -> Choice:
        application = self.pool.people[mentor]
        if self.situation.at.get(mentee) == mentor:
            return Choice(application, why_not=_("They are proposed together already."))
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

    # who is left over

    @cached_property
    def unmatched(self) -> list[Left]:
        """The mentees without a proposed mentor, who comes first on top, with the reason."""
        return [
            Left(self.pool.people[name], self.why_not(name), self.looking.url(int(name)), self._waits(name))
            for name in self.situation.unmatched()
            if name not in self.hidden
        ]

    def _waits(self, name: str) -> str:
        return _("waits since an earlier cycle") if self.pool.waited(name) else ""

    def why_not(self, name: str) -> str:
        """Why this mentee has no proposed mentor, in a sentence."""
        told: dict = {}
        if self.situation.in_step and self.situation.explanation:
            told = runs.why_not(self.situation.explanation.reason(name))
        elif self.run:
            told = next((row["why"] for row in self.run.result["unmatched"] if row["mentee"] == name), {})
        if not told:
            if self.run:
                return _("Without a mentor since pairs were changed by hand. Suggest again, or find a mentor.")
            return _("Nobody has asked for a suggestion yet.")
        return self._nobody(told) if told["kind"] == "nobody" else self._full(name, told)

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
        return [self._shortage(short, row) for short, row in found[:BEST]]

    def _shortage(self, short, row) -> tuple[str, str]:
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


def undo_words(edit: Edit) -> str:
    """What an undo would take back, by name."""
    names = {
        "mentee": edit.match.mentee_application.user.get_short_name(),
        "mentor": edit.match.mentor_application.user.get_short_name(),
    }
    texts = {
        Edit.Verb.KEEP: _("Undo: kept %(mentee)s with %(mentor)s"),
        Edit.Verb.LET_GO: _("Undo: let %(mentee)s and %(mentor)s go"),
        Edit.Verb.FORBID: _("Undo: not %(mentee)s with %(mentor)s"),
        Edit.Verb.ASSIGN: _("Undo: gave %(mentee)s %(mentor)s"),
        Edit.Verb.DROP: _("Undo: took %(mentee)s and %(mentor)s apart"),
        Edit.Verb.SWAP: _("Undo: exchanged the mentor of %(mentee)s"),
    }
    return texts[Edit.Verb(edit.verb)] % names


def _named(option: Option) -> set[str]:
    """Everybody whom the words about an option would name."""
    moved = {name for change in option.changes for name in (change.mentee, change.before, change.after) if name}
    return {option.mentor, option.mentee} | moved
