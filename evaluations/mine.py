"""What evaluations give to a participant's own page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import responses
from evaluations.models import Receipt
from members.mine import Line, Next

NEEDED = ("term__mentorship__cycle__program", "term__mentorship__mentor", "term__mentorship__mentee", "user")


def ahead(user, at: datetime) -> list[Line]:
    """The last days of evaluations that are still open."""
    return [
        Line(one.closes_on, _("Last day for your evaluation"), reverse("evaluation", args=[one.pk]), _("Open it"))
        for one in _open(user)
    ]


def past(user, at: datetime) -> list[Line]:
    """That one was asked and has answered; the day of the answer is not kept."""
    given = Receipt.objects.filter(user=user, answered=True)
    words = {
        Receipt.Moment.MIDWAY: _("Halfway: you told us how it goes."),
        Receipt.Moment.END: _("You told us how it was."),
    }
    return [Line(one.asked_on, words[one.moment]) for one in given]


def next(user, at: datetime) -> list[Next]:
    """Evaluations that wait for this person."""
    return [_asked(one, user) for one in _open(user)]


def _open(user) -> list[Receipt]:
    waiting = Receipt.objects.filter(user=user, answered=False).select_related(*NEEDED)
    return [one for one in waiting if responses.is_open(one)]


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
