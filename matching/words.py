"""How matching is told to people: fits, reasons, what a change would cost. The only place with thresholds in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching.beside import SHORT
from matching.models import Criterion
from matching.score import Veto
from programs.models import Question, Role

VERY_GOOD, GOOD = 650, 450
"""Points of 1000 from which a fit is called very good, and good; under that it is fair."""

YEARS = "years"  # the question whose answer is a number of years, also kept as a column of an application


@dataclass(frozen=True)
class Fit:
    """A fit as people read it: three bars and a word."""

    level: int
    word: str


def fit(score: int) -> Fit:
    """Very good, good or fair."""
    if score >= VERY_GOOD:
        return Fit(3, _("Very good fit"))
    return Fit(2, _("Good fit")) if score >= GOOD else Fit(1, _("Fair fit"))


def a_fit(score: int) -> str:
    """The same inside a sentence: "a very good fit"."""
    if score >= VERY_GOOD:
        return _("a very good fit")
    return _("a good fit") if score >= GOOD else _("a fair fit")


@dataclass(frozen=True)
class Why:
    """What speaks for a pair and what does not, in a few words each; the rows behind it for whoever asks for points.

    plain: how many of `speaks_for` say something of these two in particular; they come first.
    """

    speaks_for: tuple[str, ...]
    does_not: tuple[str, ...]
    rows: tuple[tuple[str, float, int], ...]
    plain: int = 0

    @property
    def short(self) -> str:
        """One line: what says most about these two, then the one thing that speaks most against it."""
        return " · ".join((*(self.speaks_for[: min(self.plain, 3)] or self.speaks_for[:1]), *self.does_not[:1]))


class Wording:
    """Puts stored reasons into words with the labels of a program's questions."""

    def __init__(self, criteria: Iterable[Criterion], questions: Iterable[Question]) -> None:
        self.criteria = {row.code: row for row in criteria}
        self.questions = {(question.code, question.role): question for question in questions}

    def question(self, code: str, role: str) -> Question | None:
        return self.questions.get((code, role)) or self.questions.get((code, ""))

    def labels(self, row: Criterion, codes: Sequence[str]) -> list[str]:
        """The options' labels as the committee wrote them, inside a line too: "New England" is a name, and who knows which."""
        found: dict[str, str] = {}
        for code, role in ((row.mentor_question, Role.MENTOR), (row.mentee_question, Role.MENTEE)):
            if question := self.question(code, role):
                found |= {option["code"]: option["label"] for option in question.options}
        return [found.get(code, code) for code in codes]

    def why(self, reasons: Sequence[dict[str, Any]]) -> Why:
        """What stands in a match's `reasons`, for the committee."""
        plain: list[str] = []
        general: list[str] = []
        minus: list[str] = []
        rows: list[tuple[str, float, int]] = []
        for reason in sorted(reasons, key=lambda reason: -reason.get("of", 0)):
            if "note" in reason:
                plain += [str(note) for note in [GOOD_NOTES.get(reason["note"])] if note]
                minus += [str(note) for note in [OTHER_NOTES.get(reason["note"])] if note]
                continue
            row = self.criteria.get(reason["code"])
            if row is None:
                continue
            rows.append((row.label, reason["points"], reason["of"]))
            if not reason["answered"]:
                continue
            line = self._line(row, reason)
            plain += line.plain
            general += line.general
            minus += line.minus
        return Why((*plain, *general), tuple(minus), tuple(rows), len(plain))

    def for_both(self, reasons: Sequence[dict[str, Any]], mentor: str) -> str:
        """Why these two, as both of them read it: only from answers that each may see of the other; may be empty."""
        common: list[str] = []
        years = 0
        for row, reason in self._for_the_two(reasons):
            common += self.labels(row, reason["shared"])
            if row.kind == Criterion.Kind.GAP and row.mentee_question == YEARS:
                years = max(0, round(reason["apart"]))
        told = [_("Both of you named: %s.") % people(common)] if common else []
        if years:
            more = ngettext(
                "%(mentor)s has %(years)d more year in the work.",
                "%(mentor)s has %(years)d more years in the work.",
                years,
            )
            told.append(more % {"mentor": mentor, "years": years})
        return " ".join(told)

    def shared_lines(self, reasons: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
        """What these two have in common, each thing we look at in a line: only what each may see of the other."""
        found = []
        for row, reason in self._for_the_two(reasons):
            label = str(SHORT.get(row.mentee_question) or row.label)
            if row.kind == Criterion.Kind.GAP and row.mentee_question == YEARS and round(reason["apart"]) > 0:
                found.append((label, _years(round(reason["apart"]))))
            elif reason["shared"]:
                found.append((label, ", ".join(self.labels(row, reason["shared"]))))
        return found

    def not_shared(self, reasons: Sequence[dict[str, Any]]) -> str:
        """What one side hopes for in an overlap and the other did not name."""
        rows = [found for found in self._for_the_two(reasons) if found[0].kind == Criterion.Kind.OVERLAP]
        return ", ".join(label for row, reason in rows for label in self.labels(row, reason["lacks"]))

    def _for_the_two(self, reasons: Sequence[dict[str, Any]]) -> list[tuple[Criterion, dict[str, Any]]]:
        """The reasons that both of a pair may read, those that weigh most first."""
        found = []
        for reason in sorted(reasons, key=lambda reason: -reason.get("of", 0)):
            row = self.criteria.get(reason.get("code", ""))
            if row is not None and reason["answered"] and self._both_may_read(row):
                found.append((row, reason))
        return found

    def _both_may_read(self, row: Criterion) -> bool:
        asked = (
            self.question(row.mentee_question, Role.MENTEE),
            self.question(row.mentor_question, Role.MENTOR),
        )
        partner = Question.Audience.PARTNER
        return row.kind != Criterion.Kind.WISH and all(q.audience == partner for q in asked if q)

    def _line(self, row: Criterion, reason: dict[str, Any]) -> "Line":
        """What one thing that we look at says about these two."""
        if reason["apart"] is not None:
            return self._measured(row, reason)
        shared, lacks = self.labels(row, reason["shared"]), self.labels(row, reason["lacks"])
        if row.kind == Criterion.Kind.WISH:
            return Line(
                [_("as wished for: %s") % ", ".join(shared)] if shared else [],
                minus=[_("wished for and not so: %s") % ", ".join(lacks)] if lacks else [],
            )
        if shared and self._is_several(row):
            missing = len(lacks) > len(shared)
            return Line([", ".join(shared)], minus=[_("missing: %s") % ", ".join(lacks)] if missing else [])
        if shared:
            return Line([_("both: %s") % ", ".join(shared)])
        return Line(minus=[str(NOTHING_SHARED.get(row.mentee_question) or _("not so: %s") % _small(row.label))])

    def _measured(self, row: Criterion, reason: dict[str, Any]) -> "Line":
        """The same for a difference: of years, of clocks, of hours a month."""
        apart, good = round(reason["apart"]), reason["points"] * 2 > reason["of"]
        if row.kind == Criterion.Kind.GAP and row.mentee_question == YEARS:
            return Line([_years(apart)]) if good else Line(minus=[_years(apart, row.low)])
        if row.kind == Criterion.Kind.NEAR and self._is_zone(row):
            text = ngettext("%d hour time difference", "%d hours time difference", apart) % apart
            return Line(general=[_("same time zone") if apart == 0 else text]) if good else Line(minus=[text])
        yes, no = MEASURED.get(row.mentee_question, (_small(row.label), _("not quite: %s") % _small(row.label)))
        return Line(general=[str(yes)]) if good else Line(minus=[str(no)])

    def _is_several(self, row: Criterion) -> bool:
        question = self.question(row.mentee_question, Role.MENTEE)
        return question is not None and question.kind == Question.Kind.SEVERAL

    def _is_zone(self, row: Criterion) -> bool:
        question = self.question(row.mentee_question, Role.MENTEE)
        return question is None or question.kind == Question.Kind.ZONE


@dataclass(frozen=True)
class Line:
    """What one thing says: of these two in particular, in general, and against them."""

    plain: Sequence[str] = ()
    general: Sequence[str] = ()
    minus: Sequence[str] = ()


def _years(apart: int, low: int | None = None) -> str:
    if apart < 0:
        return ngettext("%d year behind", "%d years behind", -apart) % -apart
    if apart == 0:
        return _("as many years in the work")
    if low is not None and apart < low:
        return ngettext("only %d year ahead", "only %d years ahead", apart) % apart
    return ngettext("%d year ahead", "%d years ahead", apart) % apart


NOTHING_SHARED = {
    "library_type": gettext_lazy("another type of library"),
    "region": gettext_lazy("another region"),
    "position_type": gettext_lazy("another kind of position"),
    "areas": gettext_lazy("no area in common"),
    "goals": gettext_lazy("no goal in common"),
    "channels": gettext_lazy("no common way to talk"),
}
MEASURED = {"hours": (gettext_lazy("enough hours"), gettext_lazy("fewer hours than wished for"))}
"""Questions that every program asks, in words of their own; any other is told by the label of what we look at."""

GOOD_NOTES = {"former": gettext_lazy("were a pair before"), "waited": gettext_lazy("waits since an earlier cycle")}
OTHER_NOTES = {"employer": gettext_lazy("same employer"), "each_other": gettext_lazy("would mentor each other")}


def _small(text: str) -> str:
    """A label inside a line: a capital first letter goes, unless the word is an abbreviation or a lone name."""
    return text[:1].lower() + text[1:] if len(text) > 1 and text[1:2].islower() else text


AGAINST = {
    Veto.GATE: gettext_lazy("one of them does not meet a requirement"),
    Veto.SAME_PERSON: gettext_lazy("they are the same person"),
    Veto.NO_PLACE: gettext_lazy("there is no place left"),
    Veto.NOT_AGAIN: gettext_lazy("they parted as not the right fit"),
    Veto.NO_SCORE: gettext_lazy("the pair is not allowed"),
    Veto.FORBIDDEN: gettext_lazy("not these two: the committee or the mentor said so"),
    Veto.SAME_EMPLOYER: gettext_lazy("both work for the same employer"),
    Veto.UNDER_MINIMUM: gettext_lazy("they fit too little"),
    Veto.STEPPED_ASIDE: gettext_lazy("somebody of the committee has stepped aside from them"),
}


def against(found: Veto) -> list[str]:
    """What stands against a pair, a line for each rule."""
    return [str(words) for veto, words in AGAINST.items() if found & veto]


AWAY = {
    "not_this_cycle": gettext_lazy("%s said: not this cycle. They are not asked again until the next."),
    "pause": gettext_lazy("%s pauses for now, and is not asked until then."),
    "silent": gettext_lazy(
        "%s was asked and did not answer in time. As soon as they say that they are still in, they can be asked again."
    ),
}


def away(why: str, name: str) -> str:
    """Why a mentor is not asked again for now."""
    return str(AWAY[why]) % name


def people(names: Iterable[str]) -> str:
    """ "Ann, Bea and Cal"."""
    return get_text_list(list(names), _("and"))


def nobody_to_match(found) -> str:
    """Why there is nothing to suggest."""
    if not found.people:
        return _("Nobody has been accepted yet. As soon as there are mentors and mentees, a suggestion takes a second.")
    if not found.mentees:
        return _("Every accepted mentee has a mentor. There is nobody left to match.")
    return _("No accepted mentor has a free place. Ask for one more mentor, then suggest again.")


def refusal(found, refused) -> str:
    """Why a pair that is kept together cannot be, by name."""
    return _("%(mentor)s with %(mentee)s cannot stay kept together: %(why)s.") % {
        "mentor": found.people[refused.mentor],
        "mentee": found.people[refused.mentee],
        "why": refused.why,
    }
