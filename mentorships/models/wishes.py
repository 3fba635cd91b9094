"""What one of a pair asks of the committee, and what each would like after an early end."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members import scopes
from mentorships.models.pairs import Mentorship
from programs.models import Role


class WishQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; the committee's queue for its programs, but never a wish about a pair of one's own."""
        if not user.is_authenticated:
            return self.none()
        seats = scopes.slugs(user.scopes("mentorships.view_request"), "program")
        return self.filter(
            Q(user=user)
            | (
                Q(mentorship__cycle__program__slug__in=seats)
                & ~Q(mentorship__mentor=user)
                & ~Q(mentorship__mentee=user)
            )
        )


class Request(models.Model):
    """Something that one of a pair asks of the committee. The partner is told nothing unless the person says so."""

    class Kind(models.TextChoices):
        REMATCH = "rematch", _("another partner")
        LEAVE = "leave", _("leave the program")
        HELP = "help", _("we can't reach each other")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        REFUSED = "refused", _("not possible")
        TAKEN_BACK = "taken_back", _("taken back")

    MOVES = {
        State.OPEN: {State.DONE, State.REFUSED, State.TAKEN_BACK},
        State.DONE: set(),
        State.REFUSED: set(),
        State.TAKEN_BACK: set(),
    }

    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="requests", verbose_name=_("pair"))
    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("asks for"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN, editable=False)
    reason = models.CharField(_("reason"), max_length=20, choices=Mentorship.EndReason, blank=True)
    note = models.TextField(_("in their words"), blank=True)
    made_at = models.DateTimeField(_("asked"))
    answer = models.TextField(_("what we answered"), blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentorship", "user", "kind"], condition=Q(state="open"), name="one_open_request_of_a_kind"
            )
        ]

    def __str__(self):
        return f"{self.user}: {self.get_kind_display()}"

    @property
    def is_open(self):
        return self.state == self.State.OPEN

    @property
    def scope(self):
        return self.mentorship.scope

    def people(self):
        return self.mentorship.people()


class NextStep(models.Model):
    """After an early end each of the two is asked, alone, what they would like now."""

    class Word(models.TextChoices):
        NEW = "new", _("another partner now")
        NEXT_CYCLE = "next_cycle", _("another partner in the next cycle")
        LEAVE = "leave", _("that was it for me")

    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="next_steps", verbose_name=_("pair"))
    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("as"), max_length=10, choices=Role)
    asked_at = models.DateTimeField(_("asked"))
    word = models.CharField(_("answer"), max_length=10, choices=Word, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = _("what comes next")
        verbose_name_plural = _("what comes next")
        ordering = ["asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["mentorship", "role"], name="each_is_asked_once_after_an_end")]

    def __str__(self):
        return f"{self.user}, {self.mentorship}"

    @property
    def scope(self):
        return self.mentorship.scope

    def people(self):
        return self.mentorship.people()
