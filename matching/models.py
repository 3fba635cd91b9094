"""What the committee looks at when it matches, each run of the solver, and each proposed pair."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members import scopes
from mentorships.models import Mentorship
from programs.models import Application, Cycle, Place, Program


class Criterion(models.Model):
    """One thing we look at: a mentee's answer beside a mentor's, and how much it weighs."""

    class Kind(models.TextChoices):
        OVERLAP = "overlap", _("what the mentee wants and the mentor has")
        SAME = "same", _("the same answer on both sides")
        GAP = "gap", _("a difference in years")
        NEAR = "near", _("near in place or time")
        WISH = "wish", _("wishes about the partner")

    class Weight(models.TextChoices):
        MOST = "most", _("most important")
        COUNTS = "counts", _("counts")
        NICE = "nice", _("nice to have")

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", verbose_name=_("program"))
    code = models.SlugField(_("short name"))
    label = models.CharField(_("in words"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    mentee_question = models.CharField(_("mentee's question"), max_length=40, blank=True)
    mentor_question = models.CharField(_("mentor's question"), max_length=40, blank=True)
    weight = models.CharField(_("how important"), max_length=10, choices=Weight, default=Weight.COUNTS)
    points = models.PositiveSmallIntegerField(_("points (fine-tune)"), null=True, blank=True)
    low = models.SmallIntegerField(_("from years"), null=True, blank=True)
    high = models.SmallIntegerField(_("to years"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("thing we look at")
        verbose_name_plural = _("what we look at")
        ordering = ["program", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "code"],
                name="one_criterion_per_code",
                violation_error_message=_("This program looks at something of this short name already."),
            ),
            models.CheckConstraint(
                condition=Q(kind="wish", mentee_question="") & ~Q(mentor_question="")
                | Q(kind="wish", mentor_question="") & ~Q(mentee_question="")
                | ~Q(kind="wish") & ~Q(mentee_question="") & ~Q(mentor_question=""),
                name="a_criterion_compares_two_questions",
                violation_error_message=_(
                    "Name the mentee's and the mentor's question; for wishes only the one in which they are told."
                ),
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="a_range_runs_upward",
                violation_error_message=_("The range must end after it begins."),
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def scope(self):
        return self.program.scope


class RunQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(cycle__program__slug__in=scopes.slugs(user.scopes("matching.view_match"), "program"))


class Run(models.Model):
    """One suggestion of the solver: its frozen input, its certified answer. Never a state, never edited."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", verbose_name=_("cycle"))
    made_at = models.DateTimeField(_("made"))
    input = models.JSONField(_("input"), help_text=_("Can be solved again anywhere: python -m matching FILE.json"))
    hash = models.CharField(max_length=64)
    result = models.JSONField(_("result"))
    matched = models.PositiveIntegerField(_("matched"))
    total = models.PositiveIntegerField(_("points together"))

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.cycle}, {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def scope(self):
        return self.cycle.scope


class MatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The committee's; a mentor sees an offer made to them."""
        if not user.is_authenticated:
            return self.none()
        seats = scopes.slugs(user.scopes("matching.view_match"), "program")
        return self.filter(Q(cycle__program__slug__in=seats) | Q(pk__in=Match.objects.offered_to(user).values("pk")))

    def offered_to(self, user):
        """What this person was asked to answer as a mentor."""
        return self.filter(mentor_application__user=user, offered_at__isnull=False)

    def live(self):
        return self.filter(state__in=Match.LIVE)


class Match(models.Model):
    """A proposed pair, from the first suggestion to the introduction."""

    class State(models.TextChoices):
        DRAFT = "draft", _("proposed")
        ANNOUNCED = "announced", _("announced")
        OFFERED = "offered", _("offered to the mentor")
        ACCEPTED = "accepted", _("the mentor said yes")
        INTRODUCED = "introduced", _("introduced")
        DECLINED = "declined", _("the mentor said no")
        EXPIRED = "expired", _("no answer in time")
        CANCELLED = "cancelled", _("cancelled")
        DROPPED = "dropped", _("dropped")

    MOVES = {
        State.DRAFT: {State.ANNOUNCED, State.DROPPED},
        State.ANNOUNCED: {State.DRAFT, State.OFFERED, State.INTRODUCED, State.CANCELLED},
        State.OFFERED: {State.ACCEPTED, State.DECLINED, State.EXPIRED, State.CANCELLED},
        State.ACCEPTED: {State.INTRODUCED, State.CANCELLED},
        State.INTRODUCED: {State.CANCELLED},
        State.DECLINED: set(),
        State.EXPIRED: set(),
        State.CANCELLED: set(),
        State.DROPPED: set(),
    }
    LIVE = (State.DRAFT, State.ANNOUNCED, State.OFFERED, State.ACCEPTED, State.INTRODUCED)

    class Mark(models.TextChoices):
        NONE = "", _("not looked at")
        DONE = "done", _("done")
        DISCUSS = "discuss", _("discuss")

    class Answer(models.TextChoices):
        YES = "yes", _("Yes, gladly")
        NOT_THIS_PERSON = "not_this_person", _("Not this person")
        NOT_THIS_CYCLE = "not_this_cycle", _("Not this cycle")
        PAUSE = "pause", _("Pause me for a while")
        QUESTION = "question", _("I have a question first")

    NO = (Answer.NOT_THIS_PERSON, Answer.NOT_THIS_CYCLE, Answer.PAUSE)

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", verbose_name=_("cycle"))
    run = models.ForeignKey(
        Run, models.SET_NULL, null=True, blank=True, related_name="matches", verbose_name=_("suggestion")
    )
    mentor_application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name=_("mentor's application")
    )
    mentee_application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name=_("mentee's application")
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT, editable=False)
    score = models.PositiveSmallIntegerField(_("points"), default=0)
    reasons = models.JSONField(_("why"), default=list)
    kept = models.BooleanField(_("kept together"), default=False)
    apart = models.BooleanField(_("not these two"), default=False)
    mark = models.CharField(_("mark"), max_length=10, choices=Mark, default=Mark.NONE, blank=True)
    note = models.TextField(_("why by hand"), blank=True)
    confirmed_by = models.ForeignKey(
        "members.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="+")
    mentorship = models.OneToOneField(
        Mentorship, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("pair")
    )
    made_at = models.DateTimeField(_("proposed"))
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True)
    leaves_at = models.DateTimeField(
        _("leaves"), null=True, blank=True, help_text=_("Until then one Stop takes it back.")
    )
    # The offer, where mentors are asked before an introduction.
    offered_at = models.DateTimeField(_("offered"), null=True, blank=True)
    answer_by = models.DateTimeField(_("answer by"), null=True, blank=True)
    stopped_at = models.DateTimeField(
        _("the clock stands since"), null=True, blank=True, help_text=_("While a question of the mentor is open.")
    )
    answer = models.CharField(_("answer"), max_length=20, choices=Answer, blank=True)
    answer_note = models.TextField(_("in the mentor's words"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    paused_until = models.DateField(_("the mentor pauses until"), null=True, blank=True)
    told_to = models.ForeignKey(
        "members.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("told to")
    )

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["cycle", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentee_application"],
                condition=Q(state__in=["draft", "announced", "offered", "accepted"]),
                name="one_open_match_per_mentee",
                violation_error_message=_("This mentee has a proposed mentor already."),
            ),
            models.CheckConstraint(
                condition=~Q(mentor_application=F("mentee_application")), name="a_match_is_two_applications"
            ),
            models.CheckConstraint(condition=~Q(apart=True) | Q(state="dropped"), name="not_these_two_is_no_proposal"),
        ]
        indexes = [models.Index(fields=["cycle", "state"])]

    def __str__(self):
        return f"{self.mentee_application} → {self.mentor_application}"

    @property
    def program(self):
        return self.cycle.program

    @property
    def scope(self):
        return self.cycle.scope

    def people(self):
        return {self.mentor_application.user_id, self.mentee_application.user_id}


class Edit(models.Model):
    """One change by hand at the desk: how the mentees concerned stood before and after, so that it can be undone."""

    class Verb(models.TextChoices):
        KEEP = "keep", _("kept together")
        LET_GO = "let_go", _("let go")
        FORBID = "forbid", _("not these two")
        ASSIGN = "assign", _("given a mentor")
        DROP = "drop", _("taken apart")
        SWAP = "swap", _("exchanged")

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", verbose_name=_("cycle"))
    by = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"))
    verb = models.CharField(_("what"), max_length=10, choices=Verb)
    match = models.ForeignKey(Match, models.CASCADE, related_name="+", verbose_name=_("match"))
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undone = models.BooleanField(_("undone"), default=False)

    class Meta:
        verbose_name = _("change by hand")
        verbose_name_plural = _("changes by hand")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["cycle", "by", "-at"])]

    def __str__(self):
        return f"{self.get_verb_display()}: {self.match}"

    @property
    def scope(self):
        return self.cycle.scope
