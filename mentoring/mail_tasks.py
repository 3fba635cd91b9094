"""What mail gives to the committee's first page: people whom it does not reach, and mail that somebody has to look at."""

from collections import Counter
from dataclasses import replace

from django.db.models import Case, Count, F, Q, When
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mail import addresses
from mail.models import Message, Suppression
from members.clock import day_of
from members.models import User
from members.today import Task
from mentoring import own_affairs
from mentorships.models import Mentorship
from programs import unreachable
from programs.models import Cycle
from programs.unreachable import Unreached

LIST = "admin:mail_message_changelist"


def tasks(user: User, cycle: Cycle, others: list[Cycle]) -> list[Task]:
    """Who needs another address, in every cycle; what could not be delivered, and what perhaps was not, one line each."""
    found: list[Task] = []
    asked_for: set[str] = set()
    for one in (cycle, *others):
        if not user.has_perm("mail.view_message", one):
            continue
        for who in _not_ones_own(user, unreachable.of(one)):
            if who.why.email not in asked_for:
                found.append(replace(_another_address(who, one), where="" if one == cycle else str(one.name)))
                asked_for.add(who.why.email)
    if user.has_perm("mail.stop", cycle):
        found += _to_look_at(user, cycle, asked_for)
    return found


def _not_ones_own(user: User, found: list[Unreached]) -> list[Unreached]:
    """Without oneself, and without the other one of a pair of one's own: colleagues ask them."""
    if not found:
        return []
    pairs = Mentorship.objects.filter(Q(mentor=user) | Q(mentee=user)).values_list("mentor", "mentee")
    own = {user.pk}.union(*pairs)
    return [one for one in found if one.application.user_id not in own]


def _another_address(one: Unreached, cycle: Cycle) -> Task:
    person, unwanted = one.application.user, one.why.why == Suppression.Why.COMPLAINED
    head = _("Mail to %s was reported as unwanted.") if unwanted else _("Mail to %s comes back.")
    age = max(0, (cycle.today() - day_of(one.why.since, cycle.zone)).days)
    return Task(
        key=f"address:{one.why.pk}",
        age=age,
        head=head % person,
        text=_(
            "Ask for another address, by phone or through somebody who knows them. Ask them to sign in and add it under "
            "My addresses; what we kept goes there."
        ),
        action=_("What they got"),
        url=f"{reverse(LIST)}?{urlencode({'q': one.why.email})}",
        late=age > 7,
    )


def _to_look_at(user: User, cycle: Cycle, asked_for: set[str]) -> list[Task]:
    """How many mails came to nothing: not those that wait for the address that a task of its own asks for, and nothing
    that is this person's own affair."""
    rows = Message.objects.filter(scope=cycle.scope, left_at=None, secret=False)
    rows = rows.filter(Q(state__in=["parked", "uncertain"]) | addresses.CAME_BACK)
    rows = rows.exclude(own_affairs.mails(user)).exclude(~Q(state="uncertain"), to_email__in=asked_for)
    what = Case(When(state="sent", then=F("outcome")), default=F("state"))
    counts = Counter(dict(rows.order_by().values_list(what).annotate(Count("pk"))))
    heads = {
        "parked": ngettext("%d mail could not be delivered.", "%d mails could not be delivered.", counts["parked"]),
        "uncertain": ngettext(
            "We are not sure that %d mail arrived.", "We are not sure that %d mails arrived.", counts["uncertain"]
        ),
        "bounced": ngettext("%d mail came back.", "%d mails came back.", counts["bounced"]),
        "complained": ngettext(
            "%d mail was reported as unwanted.", "%d mails were reported as unwanted.", counts["complained"]
        ),
    }
    ask = {str(outcome): {"outcome__exact": str(outcome)} for outcome in addresses.FAILED}
    return [
        Task(
            f"mail:{state}:{count}",
            0,
            words % count,
            "",
            _("Look"),
            f"{reverse(LIST)}?{urlencode(ask.get(state, {'state__exact': state}))}",
        )
        for state, words in heads.items()
        if (count := counts[state])
    ]
