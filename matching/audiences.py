"""The offers that wait for an answer, as a list to write to."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from matching import offers_page
from matching.models import Match
from members.audiences import Audience, Listed, ListOfPeople
from members.models import User
from programs.audiences import gone
from programs.models import Cycle


def offers(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """The mentors who were asked and have not answered; none of an offer to which the reader belongs."""
    open_now = offers_page.of(cycle, reader).filter(state=Match.State.OFFERED).order_by("answer_by", "pk")
    return Audience(
        words=_("Offers without an answer, %s") % cycle.name,
        people=[Listed(match.mentor_application.user, _away(match)) for match in open_now],
        why=_("You get this because you were asked to mentor somebody in %s.") % cycle.program.name,
        participants=True,
        back=reverse("admin:matching_offers", args=[cycle.pk]),
    )


def _away(match: Match) -> str:
    if match.stopped_at:
        return _("has asked a question, and waits for your answer")
    return gone(match.mentor_application)


LISTS = {"offers": ListOfPeople("matching.view_match", offers)}
