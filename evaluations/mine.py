"""What evaluations give to a participant's own page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import responses
from evaluations.models import Receipt
from members.mine import Line, Next, Part

NEEDED = ("term__mentorship__cycle__program", "term__mentorship__mentor", "term__mentorship__mentee", "user")


def part(user, at: datetime) -> Part:
    """What waits for this person's answer and by when, and what was given; the day of an answer is not kept."""
    receipts = list(Receipt.objects.filter(user=user).select_related(*NEEDED))
    waiting = [one for one in receipts if responses.is_open(one)]
    return Part(
        next=tuple(_asked(one, user) for one in waiting),
        ahead=tuple(
            Line(one.closes_on, _("Last day for your evaluation"), reverse("evaluation", args=[one.pk]), _("Open it"))
            for one in waiting
        ),
        past=tuple(Line(one.asked_on, _given(one.moment)) for one in receipts if one.answered),
    )


def _given(moment: str) -> str:
    halfway = moment == Receipt.Moment.MIDWAY
    return _("Halfway: you told us how it goes.") if halfway else _("You told us how it was.")


def _asked(receipt: Receipt, user) -> Next:
    partner = receipt.term.mentorship.partner_of(user).get_short_name()
    halfway = receipt.moment == Receipt.Moment.MIDWAY
    return Next(
        by=receipt.closes_on,
        kicker=_("two minutes") if halfway else _("four minutes"),
        heading=_("Halfway with %s: how is it?") % partner if halfway else _("How was your year with %s?") % partner,
        text=_("The chair and the deputy read it. %s reads none of it.") % partner
        if receipt.cycle.evaluation_mode == "confidential"
        else _("Nobody can tell who wrote what. %s reads none of it.") % partner,
        url=reverse("evaluation", args=[receipt.pk]),
        action=_("Answer now"),
    )
