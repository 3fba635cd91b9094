"""Who was asked and has answered (Receipt), and what was answered (Response), kept apart so that one mode can be anonymous."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members import scopes
from mentorships.models import Mentorship, Term
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


class ServiceLetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; the chair's and the deputy's, who sign, but for a pair of their own."""
        if not user.is_authenticated:
            return self.none()
        seats = scopes.slugs(user.scopes("evaluations.sign_letter"), "program")
        own = Q(mentorship__mentor=user) | Q(mentorship__mentee=user)
        return self.filter(Q(user=user) | (Q(mentorship__cycle__program__slug__in=seats) & ~own))


class ServiceLetter(models.Model):
    """A mentor's letter of thanks, asked for by the mentor, signed by the chair; anybody can check it by its code.

    What stands in it is kept with it when it is signed, so that it says the same for ever.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        SIGNED = "signed", _("signed")
        REFUSED = "refused", _("not possible")
        REVOKED = "revoked", _("taken back")

    MOVES = {
        State.ASKED: {State.SIGNED, State.REFUSED},
        State.SIGNED: {State.REVOKED},
        State.REFUSED: {State.ASKED},
        State.REVOKED: set(),
    }

    mentorship = models.OneToOneField(Mentorship, models.PROTECT, related_name="+", verbose_name=_("pair"))
    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("mentor"))
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.ASKED, editable=False)
    asked_at = models.DateTimeField(_("asked"))
    name_on_it = models.CharField(_("name on the letter"), max_length=150)
    code = models.CharField(_("code"), max_length=20, unique=True, null=True, blank=True)
    begins_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("to"), null=True, blank=True)
    signed_on = models.DateField(_("signed"), null=True, blank=True)
    signed_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed by")
    )
    signature = models.CharField(_("signature, in words"), max_length=200, blank=True)
    note = models.TextField(_("why it was not possible or is taken back"), blank=True)

    objects = ServiceLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter of thanks")
        verbose_name_plural = _("letters of thanks")
        ordering = ["-asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["signed", "revoked"])
                | Q(code__isnull=False, begins_on__isnull=False, ends_on__isnull=False, signed_on__isnull=False),
                name="a_signed_letter_is_whole",
            )
        ]

    def __str__(self):
        return self.name_on_it

    @property
    def program(self):
        return self.mentorship.program

    @property
    def scope(self):
        return self.mentorship.scope

    def people(self):
        return self.mentorship.people()
