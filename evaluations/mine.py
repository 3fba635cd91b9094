"""What evaluations give to a participant's own page."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import letters, responses
from evaluations.models import Receipt, ServiceLetter
from members import clock
from members.mine import Door, Line, Next, Part
from mentorships.models import Mentorship

NEEDED = ("term__mentorship__cycle__program", "term__mentorship__mentor", "term__mentorship__mentee", "user")


def part(user, at: datetime, pairs: Iterable[Mentorship]) -> Part:
    """What waits for this person's answer and by when, and what was given; the day of an answer is not kept."""
    receipts = list(Receipt.objects.filter(user=user).select_related(*NEEDED))
    waiting = [one for one in receipts if responses.is_open(one)]
    signed, ask = _letters(user, at, pairs)
    return Part(
        next=tuple(_asked(one, user) for one in waiting),
        ahead=tuple(
            Line(one.closes_on, _("Last day for your evaluation"), reverse("evaluation", args=[one.pk]), _("Open it"))
            for one in waiting
        ),
        past=(*(Line(one.asked_on, _given(one.moment)) for one in receipts if one.answered), *signed),
        doors=tuple(ask),
    )


def _letters(user, at: datetime, pairs: Iterable[Mentorship]) -> tuple[list[Line], list[Door]]:
    """A mentor's letters that are signed, and where to ask for one: from when they have served long enough."""
    own = [pair for pair in pairs if pair.mentor_id == user.pk and pair.program.service_letters]
    have = {one.mentorship_id: one for one in ServiceLetter.objects.filter(mentorship__in=own)} if own else {}
    lines = [
        Line(one.signed_on, _("Your letter of thanks was signed."), reverse("letter_pdf", args=[one.pk]), _("Fetch it"))
        for one in have.values()
        if one.state == ServiceLetter.State.SIGNED
    ]
    doors = []
    for pair in own:
        day = letters.may_ask_from(pair)
        if pair.pk not in have and day and day <= clock.day_of(at, pair.program.time_zone):
            title = _("A letter for your files")
            note = _("It says, with true dates, that you were a mentor. The chair signs it.")
            doors.append(Door(title, note, reverse("letter_ask", args=[pair.pk])))
    return lines, doors


def _given(moment: str) -> str:
    halfway = moment == Receipt.Moment.MIDWAY
    return _("Halfway, we asked how it goes; you told us.") if halfway else _("We asked how it was; you told us.")


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
