"""Who has not answered an evaluation, as a list to write to: only where answers are confidential, never where they are anonymous."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import reports
from evaluations.models import Receipt
from members.audiences import Audience, Listed, ListOfPeople, in_words
from members.models import User
from programs.models import Cycle


def may_be_written_to(cycle: Cycle) -> bool:
    """Whether there is such a list: a letter to those who are silent would say of the others that they answered."""
    return cycle.evaluation_mode == Cycle.EvaluationMode.CONFIDENTIAL


def not_answered(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """Who was asked and has not answered; nobody of a pair of the reader's own."""
    moment = asked.get("moment", "")
    if moment not in Receipt.Moment.values or not may_be_written_to(cycle):
        raise LookupError(moment)
    today = cycle.today()
    found = reports.not_answered(cycle, moment, reader)
    return Audience(
        words=in_words(_("Not answered yet, %s") % cycle.name, str(Receipt.Moment(moment).label)),
        people=[Listed(one.user, _("their time to answer is over") if one.closes_on < today else "") for one in found],
        why=_("You get this because you take part in %s.") % cycle.program.name,
        back=f"{reverse('admin:evaluations_report')}?{urlencode({'cycle': cycle.pk})}",
        query=urlencode({"moment": moment}),
    )


LISTS = {"not-answered": ListOfPeople("evaluations.view_receipt", not_answered)}
