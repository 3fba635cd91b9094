"""A pair's time together: the mentorship, its terms, how it is going, and what the two of them ask for."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import clock, scopes
from mentorships import health
from programs.models import Application, Cycle, Program, Role


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

    def facts(self):
        """What is known of how it goes; asks nothing more of the database once check-ins and requests are fetched."""
        return health.Facts(
            names={"mentor": self.mentor.get_short_name(), "mentee": self.mentee.get_short_name()},
            introduced_on=self.introduced_on(),
            running=self.state == Mentorship.State.OPEN,
            paused=self.state == Mentorship.State.PAUSED,
            asked=tuple(sorted((one.asked() for one in self.check_ins.all()), key=lambda one: one.due_on)),
            wishes=tuple(one.kind for one in self.requests.all() if one.state == Request.State.OPEN),
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


class TopicQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(program__in=Program.objects.visible_to(user))


class Topic(models.Model):
    """Something to talk about for a month, in the program's own library. Written in Markdown."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", verbose_name=_("program"))
    code = models.SlugField(_("short name"))
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["program", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="one_topic_per_code")]

    def __str__(self):
        return self.title

    @property
    def scope(self):
        return self.program.scope


class CycleTopicQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(cycle__in=Cycle.objects.visible_to(user))


class CycleTopic(models.Model):
    """A topic of one month of a cycle, with the day on which mentors get it and the day on which mentees do."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", verbose_name=_("cycle"))
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name=_("topic"))
    number = models.PositiveSmallIntegerField(_("number"))
    mentor_on = models.DateField(_("to mentors on"))
    mentee_on = models.DateField(_("to mentees on"))
    skipped = models.BooleanField(_("left out"), default=False, help_text=_("Nothing is sent for this month."))

    objects = CycleTopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic of a month")
        verbose_name_plural = _("topics of the year")
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_topic_per_number"),
            models.CheckConstraint(
                condition=Q(mentor_on__lte=F("mentee_on")),
                name="mentors_have_the_topic_first",
                violation_error_message=_("Mentors get the topic on the mentees' day or before."),
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.topic}"

    @property
    def scope(self):
        return self.cycle.scope


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


class RequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; the committee's queue for its programs, but never a request about a pair of one's own."""
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

    objects = RequestQuerySet.as_manager()

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
    def scope(self):
        return self.mentorship.scope

    def people(self):
        return self.mentorship.people()


class NextStepQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; the committee's for its programs, never of a pair of its own."""
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

    objects = NextStepQuerySet.as_manager()

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
