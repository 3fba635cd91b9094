"""Who was asked and has answered (Receipt), and what was answered (Response), kept apart so that one mode can be anonymous."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members import scopes
from mentorships.models import Term
from programs.models import Cycle, FormVersion, Role


class ReceiptQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; whether others have answered (not what) is shown to the seats that remind them."""
        if not user.is_authenticated:
            return self.none()
        seats = scopes.slugs(user.scopes("evaluations.view_receipt"), "program")
        return self.filter(Q(user=user) | Q(term__mentorship__cycle__program__slug__in=seats))


class Receipt(models.Model):
    """One side of one term asked once for one evaluation, and whether the answer came. It keeps no time of the answer."""

    class Moment(models.TextChoices):
        MIDWAY = "midway", _("midway feedback")
        END = "end", _("evaluation")

    term = models.ForeignKey(Term, models.PROTECT, related_name="+", verbose_name=_("mentoring year"))
    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("as"), max_length=10, choices=Role)
    moment = models.CharField(_("what is asked"), max_length=20, choices=Moment)
    asked_on = models.DateField(_("asked"))
    closes_on = models.DateField(_("open until"))
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    answered = models.BooleanField(_("answered"), default=False)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation asked for")
        verbose_name_plural = _("evaluations asked for")
        ordering = ["asked_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["term", "role", "moment"], name="one_evaluation_per_term_side_and_moment")
        ]

    def __str__(self):
        return f"{self.user}, {self.get_moment_display()}"

    @property
    def cycle(self):
        return self.term.mentorship.cycle

    @property
    def scope(self):
        return self.term.mentorship.scope

    def people(self):
        return self.term.mentorship.people()


class ResponseQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The chair's and the deputy's, in confidential mode, and never of a pair of their own."""
        if not user.is_authenticated:
            return self.none()
        seats = scopes.slugs(user.scopes("evaluations.view_response"), "program")
        own = Q(receipt__term__mentorship__mentor=user) | Q(receipt__term__mentorship__mentee=user)
        return self.filter(cycle__program__slug__in=seats, mode=Cycle.EvaluationMode.CONFIDENTIAL).exclude(own)


class Response(models.Model):
    """The answers of one evaluation. Confidential: tied to its receipt. Anonymous: never, the database refuses it."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", verbose_name=_("cycle"))
    role = models.CharField(_("as"), max_length=10, choices=Role)
    moment = models.CharField(_("what was asked"), max_length=20, choices=Receipt.Moment)
    mode = models.CharField(_("mode"), max_length=20, choices=Cycle.EvaluationMode)
    receipt = models.OneToOneField(Receipt, models.PROTECT, null=True, blank=True, related_name="response")
    answers = models.JSONField(_("answers"))
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation answered")
        verbose_name_plural = _("evaluations answered")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="confidential", receipt__isnull=False) | Q(mode="anonymous", receipt__isnull=True),
                name="anonymous_answers_have_no_receipt",
            )
        ]

    def __str__(self):
        return f"{self.cycle}, {self.get_role_display()}, {self.get_moment_display()}"

    @property
    def scope(self):
        return self.cycle.scope

    def people(self):
        return self.receipt.people() if self.receipt_id else set()


class AfterwardsQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; the chair and the deputy, who ask before anything is quoted, but for a pair of their own."""
        if not user.is_authenticated:
            return self.none()
        seats = scopes.slugs(user.scopes("evaluations.view_response"), "program")
        theirs = Q(receipt__term__mentorship__mentor=user) | Q(receipt__term__mentorship__mentee=user)
        return self.filter(
            Q(receipt__user=user) | (Q(receipt__term__mentorship__cycle__program__slug__in=seats) & ~theirs)
        )


class Afterwards(models.Model):
    """The second page of an evaluation, kept with the person on purpose: may we quote you, would you take part again."""

    receipt = models.OneToOneField(Receipt, models.PROTECT, related_name="afterwards")
    answers = models.JSONField(_("answers"))
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")

    objects = AfterwardsQuerySet.as_manager()

    class Meta:
        verbose_name = _("second page")
        verbose_name_plural = _("second pages")
        ordering = ["pk"]

    def __str__(self):
        return str(self.receipt)

    @property
    def scope(self):
        return self.receipt.scope

    def people(self):
        return self.receipt.people()
