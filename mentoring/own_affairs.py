"""What belongs to a pair of somebody's own: their colleagues on the committee read it, they find it in no list."""

from django.db.models import Model, Q, QuerySet

from evaluations.models import Receipt, ServiceLetter
from evaluations.notices import MARK as ASKED_HOW_IT_WAS
from mail.models import Message
from matching.models import Match
from members.models import User
from mentoring.admin_pages import rows_named
from mentorships import several
from mentorships.models import CheckIn, Extension, Mentorship, NextStep, Request
from mentorships.notices_check_ins import MARK as ASKED_HOW_IT_GOES

# What the two of a pair are asked or ask for, and how it is tied to the pair.
OF_A_PAIR = {
    CheckIn: "mentorship",
    Request: "mentorship",
    NextStep: "mentorship",
    Extension: "term__mentorship",
    Receipt: "term__mentorship",
    ServiceLetter: "mentorship",
}
# What one mail asks about several of at once: how the key of such a mail begins.
SEVERAL = {ASKED_HOW_IT_GOES: CheckIn, ASKED_HOW_IT_WAS: Receipt}


def of(user: User) -> list[str]:
    """How mails and the history name this person's pairs and the offers about them, and what they told us or asked."""
    return _names(user, _told(user))


def mails(user: User) -> Q:
    """The mails that are this person's own affair: about a pair of theirs, alone or among others, or a letter to a list on
    which their own partner stood (of those who have not answered, say)."""
    told = _told(user)
    found = Q(about__in=_names(user, told)) | Q(about__startswith="mailing:", to_email__in=partners(user))
    for mark, model in SEVERAL.items():
        found |= several.about_any(mark, told.get(model, []))
    return found


def readable(user: User) -> Q:
    """The mails that a list may name to this person: none of their own affairs but what they get themselves."""
    own = user.own_addresses()
    return Q(to_email__in=own) | Q(also_email__in=own) | ~mails(user)


def _told(user: User) -> dict[type[Model], list[int]]:
    """The pairs of somebody's own, and what was asked or told in them, kind by kind."""
    pairs = list(Mentorship.objects.filter(Q(mentor=user) | Q(mentee=user)).values_list("pk", flat=True))
    found: dict[type[Model], list[int]] = {Mentorship: pairs}
    for model, path in OF_A_PAIR.items() if pairs else ():
        found[model] = list(model._default_manager.filter(**{f"{path}__in": pairs}).values_list("pk", flat=True))
    return found


def _names(user: User, told: dict[type[Model], list[int]]) -> list[str]:
    asked = Match.objects.filter(
        Q(mentor_application__user=user) | Q(mentee_application__user=user), offered_at__isnull=False
    )
    found = [f"{model._meta.model_name}:{pk}" for model, pks in told.items() for pk in pks]
    found += [f"mentorship:{pk}:end" for pk in told[Mentorship]]
    return found + [
        name for pk in asked.values_list("pk", flat=True) for name in (f"match:{pk}", f"match:{pk}:committee")
    ]


def partners(user: User) -> QuerySet:
    """The addresses of those with whom somebody is or was in a pair, or about whom one of the two was asked.

    To be put into another question.
    """
    pairs = Mentorship.objects.all()
    asked = Match.objects.filter(offered_at__isnull=False)
    others = (
        Q(pk__in=pairs.filter(mentor=user).values("mentee"))
        | Q(pk__in=pairs.filter(mentee=user).values("mentor"))
        | Q(pk__in=asked.filter(mentor_application__user=user).values("mentee_application__user"))
        | Q(pk__in=asked.filter(mentee_application__user=user).values("mentor_application__user"))
    )
    return User.objects.filter(others).exclude(pk=user.pk).values("email")


def concerns(user: User, message: Message) -> bool:
    """Whether a mail is about something that is this person's own affair."""
    named = {":".join(message.about.split(":")[:2])}
    model = SEVERAL.get(message.key.partition(":")[0])
    if model is not None:
        named |= {f"{model._meta.model_name}:{pk}" for pk in several.numbers(message.key)}
    return any(hasattr(row, "people") and user.pk in row.people() for row in rows_named(named).values())
