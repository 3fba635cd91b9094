"""Agreements: accepted in their present wording, which is kept; on paper only when the committee notes it."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import journal
from members.journal import NotAllowed
from members.models import User
from programs.facts import gates_of
from programs.models import Acceptance, Application, Gate


def asked_of(application: Application) -> list[Gate]:
    """The agreements that this applicant is asked to accept when applying."""
    stages = (Gate.Stage.APPLY, Gate.Stage.THROUGHOUT)
    return [
        gate
        for gate in gates_of(application.program, application.role)
        if gate.kind == Gate.Kind.AGREEMENT and gate.stage in stages
    ]


def open_for(application: Application) -> list[Gate]:
    """Those of them that are not accepted yet in their present version."""
    accepted = set(application.acceptances.values_list("gate_id", "version"))
    return [gate for gate in asked_of(application) if (gate.pk, gate.version) not in accepted]


def agree(
    application: Application,
    *,
    by: User,
    gates: Iterable[Gate] | None = None,
    accepted_on: date | None = None,
    on_paper: bool = False,
) -> list[Acceptance]:
    """Note that the applicant accepts these agreements (all of them by default), each in its present wording.

    Nobody agrees for somebody else: the committee can only note what was signed on paper, and on which day.
    """
    on_behalf(application, by)
    if by.pk != application.user_id and not on_paper:
        raise NotAllowed(_("Only the person can agree. If they signed on paper, note it as such."))
    today = application.cycle.today()
    if accepted_on and accepted_on > today:
        raise NotAllowed(_("Nobody can have agreed on a day that has not come yet."))
    with transaction.atomic():
        wanted = asked_of(application) if gates is None else gates
        new = [made for gate in wanted if (made := _accept(application, gate, accepted_on or today, on_paper))]
        if new:
            journal.record(application, "agreed", by=by, reason="on paper" if on_paper else "")
    return new


def on_behalf(application: Application, by: User) -> None:
    """Its own person, or somebody whose seat may act for applicants (which the history shows)."""
    if by.pk != application.user_id and not by.has_perm("programs.apply_on_behalf", application):
        raise NotAllowed(_("This is somebody else's application."))


def _accept(application: Application, gate: Gate, day: date, on_paper: bool) -> Acceptance | None:
    """The acceptance, None when it was there already."""
    kept = Acceptance.objects.filter(gate=gate, application=application, version=gate.version)
    if kept.exists():
        return None
    wording = "\n".join(filter(None, [gate.text, gate.url]))
    try:
        with transaction.atomic():
            return Acceptance.objects.create(
                gate=gate,
                application=application,
                version=gate.version,
                wording=wording,
                accepted_on=day,
                on_paper=on_paper,
            )
    except IntegrityError:
        if kept.exists():
            return None
        raise
