"""A cycle of a program with its dates and caps, and its training sessions."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import clock, scopes
from programs.models.programs import Program, Role


class CycleQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(program__in=Program.objects.visible_to(user))

    def of_seat(self, user, perm="programs.view_cycle"):
        """Cycles of the programs in which this person's seat of today lets them do `perm`."""
        return self.filter(program__slug__in=scopes.slugs(user.scopes(perm), "program"))


class Cycle(models.Model):
    """One round of a program: from the day it opens to the day its mentoring year ends. Days count in the program's zone."""

    class EvaluationMode(models.TextChoices):
        CONFIDENTIAL = "confidential", _("confidential: the chair and the deputy read the answers")
        ANONYMOUS = "anonymous", _("anonymous: nobody can tell who answered what")

    program = models.ForeignKey(Program, models.PROTECT, related_name="cycles", verbose_name=_("program"))
    slug = models.SlugField(_("short name in addresses"))
    name = models.CharField(_("name"), max_length=60)
    opens_on = models.DateField(_("applications open"))
    closes_on = models.DateField(_("applications close"))
    hear_by = models.DateField(_("applicants hear by"))
    announced_on = models.DateField(_("matches announced"))
    begins_on = models.DateField(_("mentoring year begins"))
    ends_on = models.DateField(_("mentoring year ends"))
    shut = models.BooleanField(
        _("closed by hand"), default=False, help_text=_("Nobody can apply, whatever the dates say.")
    )
    cap_mentees = models.PositiveIntegerField(_("mentees at most"), null=True, blank=True)
    cap_mentors = models.PositiveIntegerField(_("mentors at most"), null=True, blank=True)
    taken_mentees = models.PositiveIntegerField(default=0, editable=False)
    taken_mentors = models.PositiveIntegerField(default=0, editable=False)
    evaluation_mode = models.CharField(
        _("evaluations are"), max_length=20, choices=EvaluationMode, default=EvaluationMode.CONFIDENTIAL
    )

    objects = CycleQuerySet.as_manager()
    claims: dict[str, int]  # by role, where `programs.cycles.count_claims` has counted them

    class Meta:
        verbose_name = _("cycle")
        verbose_name_plural = _("cycles")
        ordering = ["program", "-opens_on"]
        constraints = [
            models.UniqueConstraint(fields=["program", "slug"], name="one_cycle_per_program_and_slug"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on"), announced_on__gte=F("closes_on"), ends_on__gt=F("begins_on")),
                name="a_cycle_runs_forward",
                violation_error_message=_("The dates must follow each other: open, close, announce; begin, end."),
            ),
            models.CheckConstraint(
                condition=Q(cap_mentees__isnull=True) | Q(taken_mentees__lte=F("cap_mentees")),
                name="mentee_cap_is_kept",
                violation_error_message=_("More mentees have a place already than this cap would allow."),
            ),
            models.CheckConstraint(
                condition=Q(cap_mentors__isnull=True) | Q(taken_mentors__lte=F("cap_mentors")),
                name="mentor_cap_is_kept",
                violation_error_message=_("More mentors have a place already than this cap would allow."),
            ),
        ]

    def __str__(self):
        return f"{self.program} {self.name}"

    def get_absolute_url(self):
        return self.program.get_absolute_url()

    @property
    def path(self):
        """How commands name it: "kla/2025-26"."""
        return f"{self.program.slug}/{self.slug}"

    @property
    def scope(self):
        return self.program.scope

    @property
    def zone(self):
        return self.program.time_zone

    def today(self):
        return clock.today(self.zone)

    def opens_at(self):
        return clock.start_of(self.opens_on, self.zone)

    def closes_at(self):
        return clock.end_of(self.closes_on, self.zone)

    def announced_at(self):
        """From this moment on nobody applies any more, late or not."""
        return clock.start_of(self.announced_on, self.zone)

    @property
    def told_on(self):
        """By when everybody who is accepted hears about a match: a mentor who is asked first has some days to answer."""
        days = self.program.offer_days + 1 if self.program.mentor_confirms else 0
        return self.announced_on + timedelta(days=days)

    def is_open(self, at):
        """Whether applications can be sent in time at this moment."""
        return not self.shut and self.opens_at() <= at <= self.closes_at()

    def cap(self, role):
        return self.cap_mentors if role == Role.MENTOR else self.cap_mentees

    def taken(self, role):
        return self.taken_mentors if role == Role.MENTOR else self.taken_mentees

    def places_left(self, role):
        """How many may still come in, None without a cap; less those who wait, where somebody has counted them."""
        cap, waiting = self.cap(role), getattr(self, "claims", {}).get(str(role), 0)
        return None if cap is None else max(0, cap - self.taken(role) - waiting)

    def apply_url(self, role):
        return reverse("apply", args=[self.program.slug, self.slug, role])


class Training(models.Model):
    """One dated session of a cycle's training."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="trainings", verbose_name=_("cycle"))
    role = models.CharField(_("for"), max_length=10, choices=Role, blank=True, help_text=_("Empty: for both."))
    title = models.CharField(_("title"), max_length=120)
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=60)
    join_url = models.URLField(_("link"), blank=True)
    recording_url = models.URLField(_("recording"), blank=True)

    class Meta:
        verbose_name = _("workshop")
        verbose_name_plural = _("workshops")
        ordering = ["starts_at"]

    def __str__(self):
        return self.title

    @property
    def scope(self):
        return self.cycle.scope


class Attendance(models.Model):
    """That a person has taken part in (or made up for) a training, and who said so."""

    training = models.ForeignKey(Training, models.PROTECT, related_name="attendances", verbose_name=_("workshop"))
    user = models.ForeignKey("members.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    attended_on = models.DateField(_("on"))
    made_up = models.BooleanField(_("caught up afterwards"), default=False)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["training", "user"]
        constraints = [models.UniqueConstraint(fields=["training", "user"], name="one_attendance_per_person")]

    def __str__(self):
        return f"{self.user}, {self.training}"

    @property
    def scope(self):
        return self.training.scope
