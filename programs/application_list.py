"""The committee's list of applications: filters with their counts, one chosen question beside each name, findings in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from members.models import User
from programs import facts, gates, questions
from programs.models import Application, Cycle, Gate, Place, Question, Role, Waiver

State = Application.State
PER_PAGE = 25
PLACED = Place.objects.filter(
    Q(mentor_application=OuterRef("pk")) | Q(mentee=OuterRef("user"), program=OuterRef("cycle__program"))
)
ALONE = "alone"
FILTERS: dict[str, Q] = {
    "decide": Q(state=State.SUBMITTED),
    "held": Q(state=State.HELD),
    "waiting": Q(state=State.WAITLISTED),
    "late": Q(late=True),
    "exceptions": Q(Exists(Waiver.objects.filter(application=OuterRef("pk"), answer=Waiver.Answer.OPEN))),
    ALONE: Q(state=State.ADMITTED) & ~Q(Exists(PLACED)),
    "drafts": Q(state=State.DRAFT),
}


@dataclass(frozen=True)
class Asked:
    """What the address of the list asks for, each part checked."""

    role: str = ""
    state: str = ""
    only: str = ""
    q: str = ""
    show: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Asked":
        def one_of(name: str, known) -> str:
            value = given.get(name, "")
            return value if value in known else ""

        q = "".join(char for char in given.get("q", "")[:80] if char.isprintable()).strip()
        return cls(
            role=one_of("role__exact", Role.values),
            state=one_of("state__exact", State.values),
            only=one_of("only", FILTERS),
            q=q,
            show=given.get("show", "")[:40],
        )

    def query(self, cycle: Cycle, **changes: str) -> str:
        """This list's address with some parts changed."""
        parts = {
            "cycle__id__exact": str(cycle.pk),
            "role__exact": self.role,
            "state__exact": self.state,
            "only": self.only,
            "q": self.q,
            "show": self.show,
            **changes,
        }
        return urlencode({name: value for name, value in parts.items() if value})


@dataclass(frozen=True)
class Chip:
    label: str
    count: int
    query: str
    current: bool


@dataclass(frozen=True)
class Row:
    """One application as the list shows it."""

    application: Application
    membership: gates.Finding | None
    unmet: list[gates.Finding]
    said: str


def rows_of(cycle: Cycle, asked: Asked, reader: User | None = None) -> QuerySet:
    """The applications that the list shows, who was sent last on top.

    Whether a partner is in sight for a reader's own application is not for them to see before they are introduced.
    """
    found = cycle.applications.select_related("user").order_by("-sent_at", "-pk")
    if asked.only == ALONE and reader is not None:
        found = found.exclude(user=reader)
    if asked.role:
        found = found.filter(role=asked.role)
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.only:
        found = found.filter(FILTERS[asked.only])
    for word in asked.q.split():
        found = found.filter(
            Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
            | Q(user__email__icontains=word)
            | Q(employer__icontains=word)
        )
    return found


def page_of(
    cycle: Cycle, asked: Asked, number: str, shown: Question | None, today: date, reader: User | None = None
) -> tuple[Page, list[Row]]:
    """One page of the list, with the same few questions to the database however many rows it has."""
    page = Paginator(rows_of(cycle, asked, reader), PER_PAGE).get_page(number)
    applications = list(page.object_list)
    for application in applications:
        application.cycle = cycle
    known = facts.facts_of(applications, today) if applications else {}
    required = list(cycle.program.gates.all())
    return page, [_row(application, known[application.pk], required, shown) for application in applications]


def _row(application: Application, known: gates.Facts, required: Sequence[Gate], shown: Question | None) -> Row:
    found = gates.findings(known, required, Gate.Stage.APPLY)
    member = next((finding for finding in found if finding.kind == Gate.Kind.MEMBERSHIP), None)
    said = questions.labelled([shown], application.answers) if shown and application.state != State.DRAFT else []
    return Row(application, member, [finding for finding in found if not finding.met], said[0].text if said else "")


def labels() -> dict[str, str]:
    """The filters in words."""
    return {
        "decide": _("To decide"),
        "held": _("Membership open"),
        "exceptions": _("Exceptions"),
        "late": _("Late"),
        "waiting": _("On the waiting list"),
        ALONE: _("Without a partner"),
        "drafts": _("Not sent yet"),
    }


def chips(cycle: Cycle, asked: Asked, reader: User | None = None) -> list[Chip]:
    """The filters with their counts; what is nobody's is left out, but for the two roles."""
    own = {ALONE: ~Q(user=reader)} if reader else {}
    counted = cycle.applications.aggregate(
        all=Count("pk"),
        mentor=Count("pk", filter=Q(role=Role.MENTOR)),
        mentee=Count("pk", filter=Q(role=Role.MENTEE)),
        **{name: Count("pk", filter=rule & own.get(name, Q())) for name, rule in FILTERS.items()},
    )
    nothing = {"role__exact": "", "state__exact": "", "only": ""}
    found = [
        Chip(_("All"), counted["all"], asked.query(cycle, **nothing), not (asked.role or asked.only or asked.state))
    ]
    for role in (Role.MENTEE, Role.MENTOR):
        word = cycle.program.word_for(role).capitalize()
        query = asked.query(cycle, **{**nothing, "role__exact": str(role)})
        found.append(Chip(_("%(word)ss") % {"word": word}, counted[str(role)], query, asked.role == role))
    return found + [
        Chip(label, counted[name], asked.query(cycle, **{**nothing, "only": name}), asked.only == name)
        for name, label in labels().items()
        if counted[name] or asked.only == name
    ]


def columns(cycle: Cycle) -> list[Question]:
    """The questions that may stand beside the names, one for each code."""
    asked = cycle.program.questions.filter(moment=Question.Moment.APPLICATION).order_by("order", "pk")
    return list({question.code: question for question in reversed(asked)}.values())[::-1]


def shown_of(found: Sequence[Question], asked: Asked) -> Question | None:
    """The question that stands beside the names: the chosen one, else one that all answer at length or in choices."""
    telling = [question for question in found if question.kind in (Question.Kind.SEVERAL, Question.Kind.TEXT)]
    telling.sort(key=lambda question: not question.required)
    chosen = [question for question in found if question.code == asked.show]
    return next(iter([*chosen, *telling]), None)
