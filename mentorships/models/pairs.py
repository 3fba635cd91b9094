"""A pair and its mentoring years."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import clock, scopes
from members.journal import Stale
from mentorships import health
from programs.models import Application, Cycle, Role


class MentorshipQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; a seat those of its programs, a contact person who is no more than that the assigned ones."""
        if not user.is_authenticated:
            return self.none()
        whole = scopes.slugs(user.scopes("mentorships.view_all"), "program")
        assigned = scopes.slugs(user.scopes("mentorships.view_assigned"), "program")
        return self.filter(
            Q(mentor=user)
            | Q(mentee=user)
            | Q(cycle__program__slug__in=whole)
            | Q(cycle__program__slug__in=assigned, liaison=user)
        )

    def running(self):
        return self.filter(state__in=Mentorship.RUNNING)


class Mentorship(models.Model):
    """One mentor and one mentee, from their introduction to their end."""

    class State(models.TextChoices):
        OPEN = "open", _("going")
        PAUSED = "paused", _("paused")
        COMPLETED = "completed", _("completed")
        ENDED = "ended", _("ended early")

    MOVES = {
        State.OPEN: {State.PAUSED, State.COMPLETED, State.ENDED},
        State.PAUSED: {State.OPEN, State.COMPLETED, State.ENDED},
        State.COMPLETED: set(),
        State.ENDED: set(),
    }
    RUNNING = (State.OPEN, State.PAUSED)

    class EndReason(models.TextChoices):
        TIME = "time", _("no time")
        NO_REPLY = "no_reply", _("no reply")
        FIT = "fit", _("not the right fit")
        JOB = "job", _("a new job or a move")
        REACHED = "reached", _("the goal is reached")
        OTHER = "other", _("something else")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", verbose_name=_("cycle"))
    mentor_application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name=_("mentor's application")
    )
    mentee_application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name=_("mentee's application")
    )
    mentor = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("mentor"))
    mentee = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("mentee"))
    liaison = models.ForeignKey(
        "members.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact person")
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN, editable=False)
    introduced_at = models.DateTimeField(_("introduced"))
    why = models.TextField(_("why these two"), blank=True)
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("reason"), max_length=20, choices=EndReason, blank=True)

    # The plan is the pair's own: the committee does not read it.
    channel = models.CharField(_("how you talk"), max_length=200, blank=True)
    rhythm = models.CharField(_("how often"), max_length=200, blank=True)
    hours = models.CharField(_("how much time a month"), max_length=100, blank=True)
    replies = models.CharField(_("how soon you answer"), max_length=200, blank=True)

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("pair")
        verbose_name_plural = _("pairs")
        ordering = ["-introduced_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(mentor=F("mentee")), name="a_pair_is_two_people"),
            models.UniqueConstraint(
                fields=["mentee_application"],
                condition=Q(state__in=["open", "paused"]),
                name="one_running_mentorship_per_mentee",
            ),
        ]

    def __str__(self):
        return f"{self.mentee.get_short_name()} & {self.mentor.get_short_name()}"

    def get_absolute_url(self):
        return reverse("mentorship", args=[self.pk])

    @property
    def program(self):
        return self.cycle.program

    @property
    def scope(self):
        return self.cycle.scope

    def people(self):
        return {self.mentor_id, self.mentee_id}

    def role_of(self, user):
        """Which side this person is, "" for neither."""
        return {self.mentor_id: Role.MENTOR, self.mentee_id: Role.MENTEE}.get(user.pk, "")

    def partner_of(self, user):
        return self.mentee if user.pk == self.mentor_id else self.mentor

    def term(self):
        """The term that runs now, or the last one."""
        return max(self.terms.all(), key=lambda term: term.number, default=None)

    def introduced_on(self):
        """The day of the introduction, where the program lives."""
        return clock.day_of(self.introduced_at, self.program.time_zone)

    def application_of(self, role):
        return self.mentor_application if role == Role.MENTOR else self.mentee_application

    def person(self, role):
        return self.mentor if role == Role.MENTOR else self.mentee

    def still_going(self):
        """Inside a transaction: nobody pauses or ends this pair before it is over; Stale when somebody just has."""
        row = Mentorship.objects.select_for_update(of=("self",)).filter(pk=self.pk, state=Mentorship.State.OPEN)
        if row.values_list("pk").first() is None:
            raise Stale(_("This pair is not going any more."))

    def facts(self):
        """What is known of how it goes; asks nothing more of the database once check-ins and requests are fetched."""
        return health.Facts(
            names={"mentor": self.mentor.get_short_name(), "mentee": self.mentee.get_short_name()},
            introduced_on=self.introduced_on(),
            running=self.state == Mentorship.State.OPEN,
            paused=self.state == Mentorship.State.PAUSED,
            asked=tuple(sorted((one.asked() for one in self.check_ins.all()), key=lambda one: one.due_on)),
            wishes=tuple(one.kind for one in self.requests.all() if one.is_open),
        )


class Term(models.Model):
    """One mentoring year of a pair; an extension adds another. Both days count."""

    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="terms", verbose_name=_("pair"))
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    begins_on = models.DateField(_("begins"))
    ends_on = models.DateField(_("ends"))

    class Meta:
        verbose_name = _("mentoring year")
        verbose_name_plural = _("mentoring years")
        ordering = ["mentorship", "number"]
        constraints = [
            models.UniqueConstraint(fields=["mentorship", "number"], name="one_term_per_number"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="a_term_runs_forward"),
        ]

    def __str__(self):
        return f"{self.begins_on} – {self.ends_on}"

    @property
    def scope(self):
        return self.mentorship.scope


class GoalQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The pair's alone."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(mentorship__mentor=user) | Q(mentorship__mentee=user))


class Goal(models.Model):
    """Something one of the pair wants to reach, with a first step. Kept by the pair, read by the pair."""

    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="goals", verbose_name=_("pair"))
    owner = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("whose"))
    text = models.CharField(_("goal"), max_length=300)
    first_step = models.CharField(_("first step"), max_length=300, blank=True)
    by = models.DateField(_("by"), null=True, blank=True)
    reached_on = models.DateField(_("reached"), null=True, blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["pk"]

    def __str__(self):
        return self.text
