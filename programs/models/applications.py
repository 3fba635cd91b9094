"""Applications with their states, mentors' standing listings, and the places that mentees take."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import scopes
from programs.models.cycles import Cycle
from programs.models.programs import Program, Role
from programs.models.questions import FormVersion


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and those of the programs in which a seat of today reads applications."""
        if not user.is_authenticated:
            return self.none()
        seats = scopes.slugs(user.scopes("programs.view_application"), "program")
        return self.filter(Q(user=user) | Q(cycle__program__slug__in=seats))

    def open(self):
        return self.filter(state__in=Application.OPEN)

    def role(self, role):
        return self.filter(role=role)


class Application(models.Model):
    """One person's wish to be a mentor or a mentee in one cycle."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        SUBMITTED = "submitted", _("sent")
        HELD = "held", _("kept, one thing is open")
        WAITLISTED = "waitlisted", _("on the waiting list")
        ADMITTED = "admitted", _("accepted")
        REFUSED = "refused", _("can't take part this time")
        EXPIRED = "expired", _("not kept any longer")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CARRIED = "carried", _("kept for the next cycle")

    MOVES = {
        State.DRAFT: {State.SUBMITTED, State.HELD, State.WAITLISTED},
        State.HELD: {State.SUBMITTED, State.REFUSED, State.EXPIRED, State.WITHDRAWN},
        State.SUBMITTED: {State.ADMITTED, State.WAITLISTED, State.REFUSED, State.WITHDRAWN},
        State.WAITLISTED: {State.ADMITTED, State.CARRIED, State.REFUSED, State.WITHDRAWN},
        State.ADMITTED: {State.WAITLISTED, State.WITHDRAWN},
        State.REFUSED: {State.DRAFT},
        State.EXPIRED: set(),
        State.WITHDRAWN: set(),
        State.CARRIED: set(),
    }
    OPEN = (State.DRAFT, State.SUBMITTED, State.HELD, State.WAITLISTED, State.ADMITTED)
    HOLDS_A_PLACE = (State.SUBMITTED, State.HELD, State.ADMITTED)  # a place of the cycle's cap

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="applications", verbose_name=_("cycle"))
    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("as"), max_length=10, choices=Role)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT, editable=False)
    answers = models.JSONField(_("answers"), default=dict)
    form_version = models.ForeignKey(FormVersion, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(_("begun"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    held_until = models.DateField(_("kept until"), null=True, blank=True)
    waiting_since = models.DateField(_("waiting since"), null=True, blank=True)
    place_until = models.DateField(
        _("a place is kept until"),
        null=True,
        blank=True,
        help_text=_("A place was free and offered to somebody who waits; after this day it goes to the next."),
    )
    late = models.BooleanField(_("late"), default=False)
    keep_for_next = models.BooleanField(_("keep for the next cycle"), default=False)
    carried_from = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="carried_to")
    claimed_email = models.EmailField(_("member under this address"), max_length=254, blank=True)
    claimed_number = models.CharField(_("member number given"), max_length=40, blank=True)
    claim_vouched = models.BooleanField(
        _("address vouched for by the committee"),
        default=False,
        editable=False,
        help_text=_("The committee brought this application in under that address."),
    )
    refusal = models.TextField(_("what the applicant was told"), blank=True)
    withdrawal = models.TextField(_("why it was withdrawn, in the applicant's words"), blank=True)

    # What lists filter by, copied from the answers when they are sent.
    years = models.PositiveSmallIntegerField(_("years"), null=True, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    library_type = models.CharField(_("library type"), max_length=60, blank=True)
    employer = models.CharField(_("employer"), max_length=200, blank=True)
    employer_group = models.CharField(_("employer, spellings joined"), max_length=200, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    mentees_wanted = models.PositiveSmallIntegerField(_("mentees wanted"), default=1)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["cycle", "role", "sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "user", "role"],
                condition=Q(state__in=["draft", "submitted", "held", "waitlisted", "admitted"]),
                name="one_open_application_per_person_and_role",
                violation_error_message=_("We have an application of yours already."),
            )
        ]
        indexes = [models.Index(fields=["cycle", "role", "state"])]

    def __str__(self):
        return str(self.user)

    def get_absolute_url(self):
        return reverse("application", args=[self.pk])

    @property
    def program(self):
        return self.cycle.program

    @property
    def scope(self):
        return self.cycle.scope

    def people(self):
        """Whose own affair this is: they decide nothing about it from a seat."""
        return {self.user_id}


class ListingQuerySet(models.QuerySet):
    def visible_to(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(user=user) | Q(program__slug__in=scopes.slugs(user.scopes("programs.view_application"), "program"))
        )


class Listing(models.Model):
    """A mentor's standing offer between cycles."""

    class Answer(models.TextChoices):
        YES = "yes", _("yes, this time")
        NOT_NOW = "not_now", _("not this time")
        PAUSE = "pause", _("pause")

    program = models.ForeignKey(Program, models.CASCADE, related_name="listings", verbose_name=_("program"))
    user = models.ForeignKey("members.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    available = models.BooleanField(_("available"), default=True)
    paused_until = models.DateField(_("paused until"), null=True, blank=True)
    since = models.DateField(_("since"))
    asked_for = models.ForeignKey(
        Cycle, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("last asked for")
    )
    answer = models.CharField(_("last answer"), max_length=10, choices=Answer, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listed mentor")
        verbose_name_plural = _("listed mentors")
        ordering = ["program", "since"]
        constraints = [models.UniqueConstraint(fields=["program", "user"], name="a_mentor_is_listed_once")]

    def __str__(self):
        return str(self.user)

    @property
    def scope(self):
        return self.program.scope

    def people(self):
        return {self.user_id}


class Place(models.Model):
    """A mentor's place, taken by a mentee, from the announcement to the end, across cycles. The row is the occupation."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="places", verbose_name=_("program"))
    mentor_application = models.ForeignKey(
        Application, models.PROTECT, related_name="places_given", verbose_name=_("mentor's application")
    )
    mentor = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("mentor"))
    mentee = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("mentee"))
    slot = models.PositiveSmallIntegerField(_("place"))
    taken_at = models.DateTimeField(_("taken"))

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["program", "mentor", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["program", "mentor", "slot"], name="a_place_is_taken_once"),
            models.UniqueConstraint(fields=["program", "mentee"], name="a_mentee_has_one_place"),
            models.CheckConstraint(condition=~Q(mentor=F("mentee")), name="nobody_mentors_themselves"),
            models.CheckConstraint(condition=Q(slot__gte=1), name="places_count_from_one"),
        ]

    def __str__(self):
        return f"{self.mentor}, {self.mentee}"

    @property
    def scope(self):
        return self.program.scope
