"""What belongs to a pair of somebody's own: their colleagues on the committee read it, they find it in no list."""

from django.db.models import Q, QuerySet

from evaluations.models import Receipt
from mail.models import Message
from matching.models import Match
from members.models import User
from mentoring.admin_pages import rows_named
from mentorships.models import CheckIn, Mentorship, Request


def of(user: User) -> list[str]:
    """How mails and the history name this person's pairs and the offers about them, and what they told us or asked."""
    pairs = list(Mentorship.objects.filter(Q(mentor=user) | Q(mentee=user)).values_list("pk", flat=True))
    found = [name for pk in pairs for name in (f"mentorship:{pk}", f"mentorship:{pk}:end")]
    asked = Match.objects.filter(
        Q(mentor_application__user=user) | Q(mentee_application__user=user), offered_at__isnull=False
    )
    for pk in asked.values_list("pk", flat=True):
        found += [f"match:{pk}", f"match:{pk}:committee"]
    for model, path in ((CheckIn, "mentorship"), (Request, "mentorship"), (Receipt, "term__mentorship")):
        rows = model.objects.filter(**{f"{path}__in": pairs}).values_list("pk", flat=True) if pairs else ()
        found += [f"{model._meta.model_name}:{pk}" for pk in rows]
    return found


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
    about = ":".join(message.about.split(":")[:2])
    row = rows_named([about]).get(about)
    return hasattr(row, "people") and user.pk in row.people()
