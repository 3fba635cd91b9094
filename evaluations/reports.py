"""The chair's figures: rows read here, counted in `figures`."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from evaluations import anonymous
from evaluations import figures as pure
from evaluations.figures import Figures
from evaluations.models import Receipt, Response
from members.models import User
from mentorships.models import CheckIn, Mentorship
from programs import questions
from programs.models import Cycle, Question

Kind, Moment = Question.Kind, Receipt.Moment


def figures(cycle: Cycle, moment: str = Moment.END, *, reader: User | None = None) -> Figures:
    """The figures of one moment of a cycle. A reader's own pair is left out: nothing about it follows from them."""
    receipts, responses = rows(cycle, moment, reader)
    asked = Counter(receipts.values_list("role", flat=True))
    answers: dict[str, list] = {role: [] for role in pure.ROLES}
    for role, given in responses.values_list("role", "answers"):
        answers[role].append(given)
    if cycle.evaluation_mode == Cycle.EvaluationMode.ANONYMOUS:
        # Nothing is read before everybody's last day, and nothing of it is tied to a person.
        answers = {role: [] for role in answers} if not anonymous.is_closed(cycle, moment) else answers
    forms = {role: [_asked(question) for question in questions.of(cycle.program, moment, role)] for role in pure.ROLES}
    return pure.count(forms, answers, asked, cycle.program.report_minimum)


def rows(cycle: Cycle, moment: str, reader: User | None):
    """The receipts and responses of a moment, less those of the reader's own pairs."""
    receipts = Receipt.objects.filter(term__mentorship__cycle=cycle, moment=moment)
    responses = Response.objects.filter(cycle=cycle, moment=moment)
    if reader is not None:
        receipts = receipts.exclude(Q(term__mentorship__mentor=reader) | Q(term__mentorship__mentee=reader))
        responses = responses.exclude(
            Q(receipt__term__mentorship__mentor=reader) | Q(receipt__term__mentorship__mentee=reader)
        )
    return receipts, responses


def _asked(question: Question) -> pure.Asked:
    options: Iterable[tuple[str, str]] = [(option["code"], option["label"]) for option in question.options]
    if question.kind == Kind.NUMBER:
        low, high = question.at_least or 0, question.at_most
        found = pure.bands(low, high) if high is not None else []
        options = [
            (f"{a}-{b}", _("%(low)d to %(high)d") % {"low": a, "high": b} if a != b else str(a)) for a, b in found
        ]
    elif question.kind == Kind.YES:
        options = [("yes", _("Yes")), ("no", _("No"))]
    return pure.Asked(question.code, str(question.kind), question.label, tuple(options))


def has_own_pair(cycle: Cycle, user: User) -> bool:
    """Whether this reader is one of a pair of the cycle."""
    pairs = Mentorship.objects.filter(Q(mentor=user) | Q(mentee=user), cycle=cycle)
    return pairs.exists()


def by_role(program, figures: Figures) -> list[tuple[str, int, int]]:
    """Each side with how many answered of how many asked."""
    words = {"mentor": program.mentor_word, "mentee": program.mentee_word}
    return [(words[role], figures.answered[role], figures.asked[role]) for role in pure.ROLES]


def not_answered(cycle: Cycle, moment: str, reader: User) -> list[Receipt]:
    """Whom one may ask again: asked, not answered, still open or not. None of the reader's own pair."""
    receipts, _responses = rows(cycle, moment, reader)
    found = receipts.filter(answered=False).select_related("user", "term__mentorship")
    return list(found.order_by("closes_on", "user__last_name", "user__first_name"))


def has_given_feedback(cycle: Cycle) -> set[int]:
    """Who has told the committee something at least once during the year: midway feedback or a check-in."""
    midway = Receipt.objects.filter(term__mentorship__cycle=cycle, moment=Moment.MIDWAY, answered=True)
    told = CheckIn.objects.filter(mentorship__cycle=cycle).exclude(word="")
    return set(midway.values_list("user", flat=True)) | set(told.values_list("user", flat=True))
