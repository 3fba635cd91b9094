"""What is known of applicants: their memberships, years, workshops, agreements and exceptions, read from rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from allauth.account.models import EmailAddress

from members import standing
from members.models import Association
from programs.gates import Facts
from programs.models import Acceptance, Application, Attendance, Cycle, Gate, Program, Waiver

Answer = Waiver.Answer


def facts(application: Application, day: date) -> Facts:
    """What is known of one applicant on a day, for `gates.findings`."""
    return facts_of([application], day)[application.pk]


def facts_of(applications: Iterable[Application], day: date) -> dict[int, Facts]:
    """The same for many at once: a handful of queries, however many there are. By the application's id."""
    rows = list(applications)
    standings = _standings(rows, day)
    trained = _trained(rows)
    accepted, waivers = _accepted(rows), _waivers(rows)
    found = {}
    for row in rows:
        said = standings[row.pk]
        found[row.pk] = Facts(
            role=str(row.role),
            day=day,
            member=said.good,
            membership_pending=said.pending,
            member_until=said.until,
            years=row.answers.get("years", row.years),
            trained=bool(trained[row.user_id, row.cycle_id] & {"", row.role}),
            accepted=frozenset(accepted[row.pk]),
            waived=frozenset(waivers[row.pk, Answer.GRANTED]),
            asked=frozenset(waivers[row.pk, Answer.OPEN]),
            refused=frozenset(waivers[row.pk, Answer.REFUSED]),
        )
    return found


def gates_of(program: Program, role: str) -> list[Gate]:
    """The requirements of a program that this role is asked."""
    return list(program.gates.filter(role__in=["", role]))


def addresses_of(applications: Iterable[Application]) -> dict[int, set[str]]:
    """The addresses that count for each applicant's membership: those they have proved, and one that the committee
    has vouched for by bringing the application in. An address that is only claimed proves nothing."""
    rows = list(applications)
    proved: dict[int, set[str]] = defaultdict(set)
    verified = EmailAddress.objects.filter(user__in={row.user_id for row in rows}, verified=True)
    for user, email in verified.values_list("user_id", "email"):
        proved[user].add(email.lower())
    return {
        row.pk: proved[row.user_id]
        | ({row.claimed_email.lower()} if row.claim_vouched and row.claimed_email else set())
        for row in rows
    }


def _standings(rows: list[Application], day: date) -> dict[int, standing.Standing]:
    addresses = addresses_of(rows)
    by_association: dict[Association, dict[int, set[str]]] = defaultdict(dict)
    cycles = Cycle.objects.select_related("program__association").in_bulk({row.cycle_id for row in rows})
    for row in rows:
        by_association[cycles[row.cycle_id].program.association][row.pk] = addresses[row.pk]
    found: dict[int, standing.Standing] = {}
    for association, people in by_association.items():
        found |= standing.of_each(people, association, day)
    return found


def _trained(rows: list[Application]) -> dict[tuple[int, int], set[str]]:
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    there = Attendance.objects.filter(
        user__in={row.user_id for row in rows}, training__cycle__in={row.cycle_id for row in rows}
    )
    for user, cycle, role in there.values_list("user_id", "training__cycle_id", "training__role"):
        found[user, cycle].add(role)
    return found


def _accepted(rows: list[Application]) -> dict[int, set[tuple[str, int]]]:
    found: dict[int, set[tuple[str, int]]] = defaultdict(set)
    accepted = Acceptance.objects.filter(application__in=[row.pk for row in rows])
    for application, code, version in accepted.values_list("application_id", "gate__code", "version"):
        found[application].add((code, version))
    return found


def _waivers(rows: list[Application]) -> dict[tuple[int, str], set[str]]:
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    asked = Waiver.objects.filter(application__in=[row.pk for row in rows])
    for application, code, answer in asked.values_list("application_id", "gate__code", "answer"):
        found[application, answer].add(code)
    return found
