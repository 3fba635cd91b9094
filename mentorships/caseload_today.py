"""What the committee's first page says of pairs that nobody looks after."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import User
from members.today import Task
from mentorships import contacts
from mentorships.models import Mentorship
from programs.models import Cycle


def tasks(user: User, cycle: Cycle, today: date) -> list[Task]:
    """Pairs without a contact, in a program where each should have one: one action settles it."""
    if not cycle.program.liaisons or not user.has_perm("mentorships.assign_contact", cycle):
        return []
    pairs = Mentorship.objects.running().filter(cycle=cycle).exclude(Q(mentor=user) | Q(mentee=user))
    alone = contacts.without(cycle.program, pairs, today)
    if not alone:
        return []
    return [
        Task(
            key=f"contacts:{cycle.pk}:{len(alone)}",
            age=0,
            head=ngettext("Nobody looks after %d pair.", "Nobody looks after %d pairs.", len(alone)) % len(alone),
            text=_("Every pair of this program should have somebody to turn to."),
            action=_("Share them out"),
            url=f"{reverse('admin:mentorships_contacts')}?cycle={cycle.pk}",
        )
    ]
