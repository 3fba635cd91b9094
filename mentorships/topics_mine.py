"""What the topics give to somebody's own page: the day of the next one."""

from django.utils.translation import gettext as _

from members.mine import Line
from members.models import User
from mentorships import topics
from mentorships.models import Mentorship


def ahead(found: list[Mentorship], user: User) -> list[Line]:
    """For each pair that is going, when its next topic comes."""
    going = [pair for pair in found if pair.state == Mentorship.State.OPEN]
    years = topics.years(going, {pair.pk: pair.role_of(user) for pair in going})
    return [
        Line(
            years[pair.pk].next_on,
            _("A topic for you and %s, if you like") % pair.partner_of(user).get_short_name(),
            f"{pair.get_absolute_url()}#topics",
            _("The topics so far"),
        )
        for pair in going
        if pair.pk in years and years[pair.pk].next_on
    ]
