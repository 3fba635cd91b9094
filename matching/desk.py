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

from matching import beside, pool, proposals, runs, words
from matching.alternatives import Situation
from matching.choices import Choice, Choices
from matching.leftover import LeftOver
from matching.models import Edit, Match, Run
from matching.pool import Pool
from matching.words import Fit, Why
from programs.models import Application, Cycle, Role


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
        self.choices = Choices(self.situation, self.hidden)
        self.left = LeftOver(self.situation, self.run, self.hidden, self.wording, looking.url)

    def _hidden(self) -> frozenset[str]:
        """Everybody in the room and whoever is proposed with them, by application."""
        found = {name for name, application in self.pool.people.items() if application.user_id in self.looking.room}
        for match in (*self.pool.drafts, *self.pool.settled):
            if found & set(pool.names(match)):
                found |= set(pool.names(match))
        return frozenset(found)

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
        kinds = [
            ("", _("All")),
            ("discuss", _("Discuss first")),
            ("open", _("Not looked at")),
            ("kept", _("Kept together")),
        ]
        return [
            (show, label, self.figures[show or "all"])
            for show, label in kinds
            if self.figures[show or "all"] or not show
        ]

    @property
    def kept_query(self) -> str:
        """What of the address a press keeps, so that the same rows are shown afterwards."""
        asked = {"show": self.looking.show, "q": self.looking.q, "pair": self.in_hand}
        return urlencode({name: value for name, value in asked.items() if value})

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
        if edit is None or proposals.standings(self.pool.drafts, edit.after) != edit.after:
            return ""
        touched = {*edit.before, *edit.after, *pool.names(edit.match)}
        touched |= {str(each["mentor"]) for part in (edit.before, edit.after) for each in part.values()}
        return _("your last change") if touched & self.hidden else edit_words(edit)

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
        choices, covered = self.choices.best(str(mentee.pk), has_mentor=match is not None)
        before, after = self._neighbours(mentee.pk)
        return Panel(
            mentee=mentee,
            mentor=mentor,
            row=self.row(match) if match else None,
            fit=words.fit(match.score) if match else None,
            why=self.wording.why(match.reasons) if match else None,
            table=beside.lines(self.pool.questions, mentee, mentor),
            places=self._places(mentor),
            choices=choices,
            tried=self.choices.called(str(mentee.pk), self.looking.another),
            covered=covered,
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


def edit_words(edit: Edit) -> str:
    """A change by hand, by name: "kept Bea with Ann"."""
    names = {
        "mentee": edit.match.mentee_application.user.get_short_name(),
        "mentor": edit.match.mentor_application.user.get_short_name(),
    }
    texts = {
        Edit.Verb.KEEP: _("kept %(mentee)s with %(mentor)s"),
        Edit.Verb.LET_GO: _("let %(mentee)s and %(mentor)s go"),
        Edit.Verb.FORBID: _("not %(mentee)s with %(mentor)s"),
        Edit.Verb.ASSIGN: _("gave %(mentee)s %(mentor)s"),
        Edit.Verb.DROP: _("took %(mentee)s and %(mentor)s apart"),
        Edit.Verb.SWAP: _("exchanged the mentor of %(mentee)s"),
    }
    return texts[Edit.Verb(edit.verb)] % names
