"""What a pair is asked, and what each side answers: how it goes, and whether to go on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members import clock, scopes
from mentorships import health
from mentorships.models.pairs import Mentorship, Term
from programs.models import Program, Role


class CheckInPlan(models.Model):
    """When a program asks its pairs how it goes: so many days after the introduction, or months into the mentoring year."""

    class Moment(models.TextChoices):
        FIRST_CONTACT = "first_contact", _("have you been in touch?")
        CHECK_IN = "check_in", _("how is it going?")

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", verbose_name=_("program"))
    moment = models.CharField(_("what is asked"), max_length=20, choices=Moment)
    after_days = models.PositiveSmallIntegerField(_("days after the introduction"), null=True, blank=True)
    after_months = models.PositiveSmallIntegerField(_("months into the mentoring year"), null=True, blank=True)

    class Meta:
        verbose_name = _("check-in date")
        verbose_name_plural = _("check-in dates")
        ordering = ["program", "after_days", "after_months"]
        constraints = [
            models.CheckConstraint(
                condition=Q(after_days__isnull=False, after_months__isnull=True)
                | Q(after_days__isnull=True, after_months__isnull=False),
                name="a_check_in_counts_days_or_months",
                violation_error_message=_("Give either days after the introduction or months into the year."),
            ),
            # Two constraints, since SQLite takes two rows without a number for different ones.
            models.UniqueConstraint(
                fields=["program", "moment", "after_days"],
                condition=Q(after_months__isnull=True),
                name="one_check_in_per_day",
                violation_error_message=_("This is asked on that day already."),
            ),
            models.UniqueConstraint(
                fields=["program", "moment", "after_months"],
                condition=Q(after_days__isnull=True),
                name="one_check_in_per_month",
                violation_error_message=_("This is asked in that month already."),
            ),
        ]

    def __str__(self):
        return self.get_moment_display()

    @property
    def scope(self):
        return self.program.scope


class CheckInQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own answers; a seat those of the pairs it sees. A partner's answers are never shown to the other."""
        if not user.is_authenticated:
            return self.none()
        whole = scopes.slugs(user.scopes("mentorships.view_all"), "program")
        assigned = scopes.slugs(user.scopes("mentorships.view_assigned"), "program")
        return self.filter(
            Q(user=user)
            | (
                (
                    Q(mentorship__cycle__program__slug__in=whole)
                    | Q(mentorship__cycle__program__slug__in=assigned, mentorship__liaison=user)
                )
                & ~Q(mentorship__mentor=user)
                & ~Q(mentorship__mentee=user)
            )
        )


class CheckIn(models.Model):
    """One side asked once how it goes. The answer is theirs and the committee's, never the partner's."""

    class Word(models.TextChoices):
        YES = "yes", _("yes, we have been in touch")
        WROTE = "wrote", _("I wrote, no answer")
        NOT_YET = "not_yet", _("not yet")
        FINE = "fine", _("going well")
        SLOW = "slow", _("a bit slow")
        STUCK = "stuck", _("we are stuck")

    WORDS = {
        CheckInPlan.Moment.FIRST_CONTACT: (Word.YES, Word.WROTE, Word.NOT_YET),
        CheckInPlan.Moment.CHECK_IN: (Word.FINE, Word.SLOW, Word.STUCK),
    }

    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="check_ins", verbose_name=_("pair"))
    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("as"), max_length=10, choices=Role)
    plan = models.ForeignKey(CheckInPlan, models.SET_NULL, null=True, related_name="+")
    moment = models.CharField(_("what is asked"), max_length=20, choices=CheckInPlan.Moment)
    due_on = models.DateField(_("asked on"))
    asked_at = models.DateTimeField(_("asked"))
    answer_by = models.DateField(_("answer by"))
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    word = models.CharField(_("answer"), max_length=10, choices=Word, blank=True)
    answers = models.JSONField(_("more"), default=dict, blank=True)
    note = models.TextField(_("in their words"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    told_to = models.ForeignKey(
        "members.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("told to")
    )

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentorship", "user", "due_on", "moment"], name="asked_once_per_day_and_person"
            ),
        ]
        indexes = [models.Index(fields=["answered_at", "answer_by"])]

    def __str__(self):
        return f"{self.user}, {self.due_on}"

    def asked(self):
        """The question and its answer, as `health` reads them."""
        day = clock.day_of(self.answered_at, self.mentorship.program.time_zone) if self.answered_at else None
        return health.Asked(str(self.role), self.due_on, self.answer_by, self.reminders, self.word, day)

    @classmethod
    def words_for(cls, moment):
        """The answers that a question offers."""
        return cls.WORDS[CheckInPlan.Moment(moment)]

    @property
    def scope(self):
        return self.mentorship.scope

    def people(self):
        return self.mentorship.people()


class ExtensionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own answer; the committee sees those of its programs, never of a pair of its own. No partner sees it."""
        if not user.is_authenticated:
            return self.none()
        whole = scopes.slugs(user.scopes("mentorships.view_all"), "program")
        return self.filter(
            Q(user=user)
            | (
                Q(term__mentorship__cycle__program__slug__in=whole)
                & ~Q(term__mentorship__mentor=user)
                & ~Q(term__mentorship__mentee=user)
            )
        )


class Extension(models.Model):
    """One side asked, alone and in private, whether the mentoring year shall be followed by another."""

    class Word(models.TextChoices):
        YES = "yes", _("yes, gladly")
        NO = "no", _("no, let it end well")
        TALK = "talk", _("we want to talk about it first")

    term = models.ForeignKey(Term, models.CASCADE, related_name="extensions", verbose_name=_("mentoring year"))
    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("as"), max_length=10, choices=Role)
    asked_at = models.DateTimeField(_("asked"))
    answer_by = models.DateField(_("answer by"))
    word = models.CharField(_("answer"), max_length=10, choices=Word, blank=True)
    note = models.TextField(_("in their words"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about another year")
        verbose_name_plural = _("questions about another year")
        ordering = ["term", "role"]
        constraints = [models.UniqueConstraint(fields=["term", "role"], name="each_side_is_asked_once_a_term")]

    def __str__(self):
        return f"{self.user}, {self.term}"

    @property
    def mentorship(self):
        return self.term.mentorship

    @property
    def scope(self):
        return self.mentorship.scope

    def people(self):
        return self.mentorship.people()
