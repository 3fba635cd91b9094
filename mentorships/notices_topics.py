"""The mail with a month's topic: one to each person, however many pairs they have."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from mail import outbox
from mail.links import absolute
from mail.models import Message
from members import clock, journal
from mentorships.models import CycleTopic, Mentorship
from mentorships.notices import recipient
from programs.models import Program, Role


def topic_key(cycle_topic: CycleTopic, role: str, person: int) -> str:
    """One topic, one person, one side: whatever the number of pairs, it is promised once."""
    return f"topic:{cycle_topic.number}:{cycle_topic.pk}:{role}:{person}"


def topic(cycle_topic: CycleTopic, role: str, pairs: list[Mentorship], *, late: bool = False) -> outbox.Promise:
    """The topic of the month to the person who holds this side of all these pairs."""
    user = pairs[0].person(role)
    page = pairs[0].get_absolute_url() if len(pairs) == 1 else reverse("my")
    partners = [pair.partner_of(user).get_short_name() for pair in pairs]
    return outbox.Promise(
        key=topic_key(cycle_topic, role, user.pk),
        name="topic",
        kind=Message.Kind.TOPIC,
        to=recipient(user),
        sender=pairs[0].program.sender(),
        about=journal.about(pairs[0]),
        now=clock.now(),
        context={**words(cycle_topic, role, user.get_short_name(), partners, late=late), "page": absolute(page)},
    )


def words(cycle_topic: CycleTopic, role: str, name: str, partners: list[str], *, late: bool = False) -> dict:
    """What the mail's text is made of; the preview uses it with names that stand for everybody."""
    program = cycle_topic.cycle.program
    return {
        "cycle_topic": cycle_topic,
        "topic": cycle_topic.topic,
        "program": program,
        "month": cycle_topic.mentee_on.replace(day=1),
        "name": name,
        "partners": get_text_list(partners, _("and")),
        "several": len(partners) > 1,
        "is_mentor": role == Role.MENTOR,
        "mentor_opens": program.topic_recipients == Program.TopicRecipients.MENTOR_FIRST,
        "late": late,
    }


def promised_at(keys: Iterable[str]) -> dict[str, datetime]:
    """Which of these mails were promised already, and when."""
    keys = list(keys)
    return dict(Message.objects.filter(key__in=keys).values_list("key", "queued_at")) if keys else {}


def had_by(cycle_topic: CycleTopic, role: str, moment: datetime) -> bool:
    """Whether this topic had been promised to anybody on this side by then."""
    start = topic_key(cycle_topic, role, 0).removesuffix("0")
    return Message.objects.filter(name="topic", key__startswith=start, queued_at__lte=moment).exists()


def has_left(cycle_topic: CycleTopic) -> bool:
    """Whether this topic was promised to anybody."""
    return bool(leaving_to([cycle_topic]))


def leaving_to(cycle_topics: Iterable[CycleTopic]) -> Counter[tuple[int, str]]:
    """To how many people of each side these topics were promised: (row, side) → count. Taken back ones do not count."""
    starts = Q(pk=None)
    for one in cycle_topics:
        starts |= Q(key__startswith=f"topic:{one.number}:{one.pk}:")
    keys = Message.objects.filter(starts, name="topic").exclude(state=Message.State.CANCELLED)
    parts = (key.split(":") for key in keys.values_list("key", flat=True))
    return Counter((int(pk), role) for _name, _number, pk, role, _person in parts)


def day_of(cycle_topic: CycleTopic, role: str) -> date:
    """The day on which one side gets it."""
    return cycle_topic.mentor_on if role == Role.MENTOR else cycle_topic.mentee_on
