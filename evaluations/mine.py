"""What evaluations give to a participant's own page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import letters, responses
from evaluations.models import Receipt, ServiceLetter
from members import clock
from members.mine import Door, Line, Next, Part
from mentorships.models import Mentorship

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
        past=(*(Line(one.asked_on, _given(one.moment)) for one in receipts if one.answered), *_letters(user)),
        doors=tuple(_letter_doors(user, at)),
    )


def _letters(user) -> list[Line]:
    """Letters that are signed, with the way to them."""
    rows = ServiceLetter.objects.filter(user=user, state=ServiceLetter.State.SIGNED)
    return [
        Line(one.signed_on, _("Your letter of thanks was signed."), reverse("letter_pdf", args=[one.pk]), _("Fetch it"))
        for one in rows
    ]


def _letter_doors(user, at: datetime) -> list[Door]:
    """Where a mentor asks for a letter: as soon as they have served long enough, until they have it."""
    pairs = Mentorship.objects.filter(mentor=user, cycle__program__service_letters=True)
    rows = pairs.select_related("cycle__program", "mentee").prefetch_related("terms")
    have = set(ServiceLetter.objects.filter(user=user).values_list("mentorship_id", flat=True))
    found = []
    for pair in rows:
        day = letters.may_ask_from(pair)
        if pair.pk not in have and day and day <= clock.day_of(at, pair.program.time_zone):
            title = _("A letter for your files")
            note = _("It says, with true dates, that you were a mentor. The chair signs it.")
            found.append(Door(title, note, reverse("letter_ask", args=[pair.pk])))
    return found


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
