"""Questions and requirements as rows: the committee edits them, no developer needed."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programs.models.programs import Program, Role

code_validator = RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small letters, figures and _, beginning with a letter."))


class Question(models.Model):
    """One question of one form. Answers are kept by its code and by the codes of its options, so wording may change."""

    class Moment(models.TextChoices):
        APPLICATION = "application", _("application")
        FIRST_CONTACT = "first_contact", _("first contact")
        CHECK_IN = "check_in", _("check-in")
        MIDWAY = "midway", _("midway feedback")
        END = "end", _("evaluation")
        EARLY_END = "early_end", _("early end")
        EXTENSION = "extension", _("extension")
        AFTERWARDS = "afterwards", _("second page of the evaluation")
        LEAVING = "leaving", _("leaving")
        SIX_MONTHS = "six_months", _("six months later")

    class Kind(models.TextChoices):
        LINE = "line", _("one line")
        TEXT = "text", _("several lines")
        NUMBER = "number", _("whole number")
        ONE = "one", _("one of several")
        SEVERAL = "several", _("several of them")
        SCALE = "scale", _("a scale in words")
        YES = "yes", _("yes or no")
        ZONE = "zone", _("time zone")
        MONTH = "month", _("month and year")

    class Audience(models.TextChoices):
        COMMITTEE = "committee", _("the committee only")
        PARTNER = "partner", _("the committee; the partner after the introduction")

    program = models.ForeignKey(Program, models.CASCADE, related_name="questions", verbose_name=_("program"))
    moment = models.CharField(_("form"), max_length=20, choices=Moment)
    role = models.CharField(_("asked of"), max_length=10, choices=Role, blank=True, help_text=_("Empty: both."))
    code = models.CharField(_("code"), max_length=40, validators=[code_validator])
    kind = models.CharField(_("kind of answer"), max_length=10, choices=Kind)
    label = models.CharField(_("question"), max_length=200)
    help = models.CharField(_("help"), max_length=300, blank=True)
    options = models.JSONField(
        _("options"),
        default=list,
        blank=True,
        help_text=_('A list of {"code", "label"}, with "group" and "flags" where wanted.'),
    )
    required = models.BooleanField(_("needs an answer"), default=False)
    at_most = models.PositiveSmallIntegerField(
        _("at most"), null=True, blank=True, help_text=_("Options chosen, or the greatest number.")
    )
    at_least = models.PositiveSmallIntegerField(
        _("at least"), null=True, blank=True, help_text=_("The smallest number.")
    )
    audience = models.CharField(_("who reads it"), max_length=10, choices=Audience, default=Audience.COMMITTEE)
    section = models.CharField(_("section"), max_length=80, blank=True)
    shown_when = models.JSONField(
        _("asked only when"),
        default=dict,
        blank=True,
        help_text=_('{"code": ["option", …]}: another answer is one of these.'),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["program", "moment", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "moment", "role", "code"],
                name="one_question_per_code",
                violation_error_message=_("This form has a question with this code already."),
            )
        ]

    def __str__(self):
        return self.label

    @property
    def scope(self):
        return self.program.scope


class FormVersion(models.Model):
    """The wording that answers were given to, kept once per wording."""

    hash = models.CharField(max_length=64, unique=True)
    questions = models.JSONField()

    def __str__(self):
        return self.hash[:12]


class Gate(models.Model):
    """A requirement: what must be true of an applicant, when it is looked at, and what follows when it is not."""

    class Kind(models.TextChoices):
        MEMBERSHIP = "membership", _("membership")
        EXPERIENCE = "experience", _("years in a professional position")
        TRAINING = "training", _("training")
        AGREEMENT = "agreement", _("agreement")

    class Stage(models.TextChoices):
        APPLY = "apply", _("when applying")
        MATCH = "match", _("at matching")
        INTRODUCE = "introduce", _("before the introduction")
        START = "start", _("when the mentoring year begins")
        THROUGHOUT = "throughout", _("throughout")

    class Consequence(models.TextChoices):
        HOLD = "hold", _("the application is kept until it is met")
        BLOCK = "block", _("it cannot go on")
        EXCEPTION = "exception", _("an exception may be asked for")
        TELL = "tell", _("the person and the committee are told")

    program = models.ForeignKey(Program, models.CASCADE, related_name="gates", verbose_name=_("program"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    code = models.CharField(_("code"), max_length=40, validators=[code_validator])
    role = models.CharField(_("asked of"), max_length=10, choices=Role, blank=True, help_text=_("Empty: both."))
    stage = models.CharField(_("looked at"), max_length=20, choices=Stage)
    consequence = models.CharField(_("if it is not met"), max_length=20, choices=Consequence)
    title = models.CharField(_("title"), max_length=120, blank=True)
    text = models.TextField(_("text to agree to"), blank=True)
    url = models.URLField(_("where it can be read"), blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    years = models.PositiveSmallIntegerField(_("years"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["program", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="one_requirement_per_code"),
            models.CheckConstraint(
                condition=~Q(kind="agreement") | ~Q(text="") | ~Q(url=""),
                name="an_agreement_says_something",
                violation_error_message=_("An agreement needs a text or a link to it."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="experience") | Q(years__isnull=False),
                name="experience_names_its_years",
                violation_error_message=_("How many years are asked for?"),
            ),
        ]

    def __str__(self):
        return self.title or self.get_kind_display()

    @property
    def scope(self):
        return self.program.scope


class Waiver(models.Model):
    """An exception to one requirement for one application: asked for, then granted or not, with a reason."""

    class Answer(models.TextChoices):
        OPEN = "open", _("asked for")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("not granted")

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="waivers", verbose_name=_("requirement"))
    application = models.ForeignKey(
        "programs.Application", models.CASCADE, related_name="waivers", verbose_name=_("application")
    )
    asked = models.TextField(_("why it is asked for"), blank=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.OPEN)
    reason = models.TextField(_("reason"), blank=True)
    decided_on = models.DateField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["gate", "application"], name="one_exception_per_requirement")]

    def __str__(self):
        return f"{self.application}, {self.gate}"

    @property
    def scope(self):
        return self.gate.scope


class Acceptance(models.Model):
    """That an applicant has accepted one agreement, in which version and wording, when, and if on paper who noted it."""

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="acceptances", verbose_name=_("agreement"))
    application = models.ForeignKey(
        "programs.Application", models.CASCADE, related_name="acceptances", verbose_name=_("application")
    )
    version = models.PositiveSmallIntegerField(_("version"))
    wording = models.TextField(_("as it was worded"))
    accepted_on = models.DateField(_("accepted"))
    on_paper = models.BooleanField(_("on paper"), default=False)

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["gate", "application", "version"], name="an_agreement_is_accepted_once")
        ]

    def __str__(self):
        return f"{self.application}, {self.gate}"

    @property
    def scope(self):
        return self.gate.scope
