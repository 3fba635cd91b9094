"""A program with all of its rules as columns, who holds a seat in it, and its pages."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mail.outbox import Sender
from members import scopes


class Role(models.TextChoices):
    """The two sides of a pair."""

    MENTOR = "mentor", _("mentor")
    MENTEE = "mentee", _("mentee")


class ProgramQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Published programs are for everybody; others for those who hold a seat there today."""
        if not user.is_authenticated:
            return self.filter(published=True)
        return self.filter(
            Q(published=True) | Q(slug__in=scopes.slugs(user.scopes("programs.view_program"), "program"))
        )

    def of_seat(self, user, perm="programs.view_program"):
        """Programs in which this person's seat of today lets them do `perm`."""
        return self.filter(slug__in=scopes.slugs(user.scopes(perm), "program"))


class Program(models.Model):
    """One mentoring program. Programs differ by these columns and by rows, never by code."""

    class Anchor(models.TextChoices):
        CYCLE = "cycle", _("with the cycle, the same day for all")
        INTRODUCTION = "introduction", _("on the day that a pair is introduced")

    class Introduce(models.TextChoices):
        TOGETHER = "together", _("all together on the day")
        WHEN_READY = "when_ready", _("each pair when both are ready")

    class FirstContact(models.TextChoices):
        MENTOR = "mentor", _("the mentor writes first")
        MENTEE = "mentee", _("the mentee writes first")
        EITHER = "either", _("either may write first")

    class Admission(models.TextChoices):
        AUTOMATIC = "automatic", _("by itself when the requirements are met")
        COMMITTEE = "committee", _("the committee decides on each")

    class OtherEmployer(models.TextChoices):
        NEVER = "never", _("never suggest two people of one employer")
        PREFER = "prefer", _("prefer another employer")
        OFF = "off", _("does not matter")

    class PriorityOrder(models.TextChoices):
        WAIT = "wait", _("the longest wait first")
        FLAGGED = "flagged", _("priority answers, then the longest wait")

    class TopicRecipients(models.TextChoices):
        NONE = "none", _("no monthly topics")
        BOTH = "both", _("both on the same day")
        MENTOR_FIRST = "mentor_first", _("the mentor first, then the mentee")

    association = models.ForeignKey(
        "members.Association", models.PROTECT, related_name="+", verbose_name=_("association")
    )
    slug = models.SlugField(_("short name in addresses"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    published = models.BooleanField(_("shown to everybody"), default=False)
    headline = models.CharField(_("headline"), max_length=120, blank=True)
    lede = models.TextField(_("what it is, in two sentences"), blank=True)
    hours_text = models.CharField(_("time it takes, in words"), max_length=120, blank=True)
    rhythm_text = models.CharField(
        _("how often a pair talks, in words"),
        max_length=200,
        blank=True,
        help_text=_("Said at the introduction. Empty: as the two of them settle it."),
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="America/New_York")
    zone_word = models.CharField(_("the zone in words"), max_length=40, default="Eastern")
    reply_to = models.EmailField(_("the committee's address"))
    contact_name = models.CharField(_("who reads it, in words"), max_length=120, blank=True)
    mentor_word = models.CharField(_("word for a mentor"), max_length=40, default="mentor")
    mentee_word = models.CharField(_("word for a mentee"), max_length=40, default="mentee")
    contact_word = models.CharField(_("word for a committee contact"), max_length=40, default="committee contact")

    term_anchor = models.CharField(_("a mentoring year begins"), max_length=20, choices=Anchor, default=Anchor.CYCLE)
    term_months = models.PositiveSmallIntegerField(_("months"), default=12, validators=[MinValueValidator(1)])
    extension_months = models.PositiveSmallIntegerField(_("months of an extension"), default=0)
    max_extensions = models.PositiveSmallIntegerField(_("extensions at most"), default=0)
    rematch_min_days = models.PositiveSmallIntegerField(_("days that must remain for another partner"), default=90)
    introduce = models.CharField(_("introductions"), max_length=20, choices=Introduce, default=Introduce.TOGETHER)
    first_contact = models.CharField(
        _("first contact"), max_length=20, choices=FirstContact, default=FirstContact.EITHER
    )
    admission = models.CharField(_("acceptance"), max_length=20, choices=Admission, default=Admission.AUTOMATIC)
    hold_days = models.PositiveSmallIntegerField(_("days an application is kept for membership"), default=21)
    priority_order = models.CharField(
        _("who comes first"), max_length=20, choices=PriorityOrder, default=PriorityOrder.WAIT
    )
    other_employer = models.CharField(
        _("same employer"), max_length=20, choices=OtherEmployer, default=OtherEmployer.OFF
    )
    mentor_capacity = models.PositiveSmallIntegerField(
        _("mentees per mentor at most"), default=1, validators=[MinValueValidator(1)]
    )
    mentor_confirms = models.BooleanField(_("mentors are asked before an introduction"), default=False)
    offer_days = models.PositiveSmallIntegerField(_("days to answer"), default=7)
    mentor_listing = models.BooleanField(_("mentors may stay listed between cycles"), default=False)
    liaisons = models.BooleanField(_("every pair has a contact person"), default=False)
    topic_recipients = models.CharField(
        _("monthly topics"), max_length=20, choices=TopicRecipients, default=TopicRecipients.NONE
    )
    topic_day = models.PositiveSmallIntegerField(
        _("day of the month for the topic"), default=1, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    job_search = models.BooleanField(_("job search belongs to it"), default=True)
    service_letters = models.BooleanField(_("mentors may ask for a letter"), default=False)
    letter_min_months = models.PositiveSmallIntegerField(_("months served for a letter"), default=3)
    midway_after_months = models.PositiveSmallIntegerField(_("months until the midway feedback"), null=True, blank=True)
    evaluation_days = models.PositiveSmallIntegerField(_("days that an evaluation stays open"), default=21)
    report_minimum = models.PositiveSmallIntegerField(_("answers needed before figures are shown"), default=5)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("program", args=[self.slug])

    @property
    def scope(self):
        return f"program:{self.slug}"

    def word_for(self, role):
        """What this program calls a mentor or a mentee."""
        return self.mentor_word if role == Role.MENTOR else self.mentee_word

    def sender(self):
        """In whose name this program's mails leave."""
        return Sender(
            name=self.name,
            reply_to=self.reply_to,
            scope=self.scope,
            postal=f"{self.association.name}, {self.association.postal}".rstrip(", "),
            contact=self.contact_name or self.name,
        )


class SeatQuerySet(models.QuerySet):
    def visible_to(self, user):
        programs = scopes.slugs(user.scopes("programs.view_seat"), "program")
        associations = scopes.slugs(user.scopes("programs.view_seat"), "association")
        return self.filter(Q(program__slug__in=programs) | Q(association__slug__in=associations))

    def on(self, day):
        return self.filter(Q(first_day__lte=day) & (Q(last_day__isnull=True) | Q(last_day__gte=day)))


class Seat(models.Model):
    """A person's role in a program, or in an association's office, with its first and its last day."""

    class Role(models.TextChoices):
        LIAISON = "liaison", _("contact person")
        COMMITTEE = "committee", _("committee")
        CHAIR = "chair", _("chair")
        DEPUTY = "deputy", _("deputy")
        MEMBERSHIP_OFFICE = "membership_office", _("membership office")
        OFFICE = "office", _("office")

    OF_ASSOCIATION = (Role.MEMBERSHIP_OFFICE, Role.OFFICE)

    user = models.ForeignKey("members.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    program = models.ForeignKey(
        Program, models.CASCADE, null=True, blank=True, related_name="seats", verbose_name=_("program")
    )
    association = models.ForeignKey(
        "members.Association", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("association")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"), null=True, blank=True)
    name_shown = models.BooleanField(_("agreed to be named on the program's page"), default=False)
    does = models.CharField(_("what they look after"), max_length=120, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("committee role")
        verbose_name_plural = _("committee roles")
        ordering = ["program", "role", "first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    program__isnull=False,
                    association__isnull=True,
                    role__in=["liaison", "committee", "chair", "deputy"],
                )
                | Q(program__isnull=True, association__isnull=False, role__in=["membership_office", "office"]),
                name="a_seat_stands_in_a_program_or_an_office",
                violation_error_message=_("A committee role belongs to a program, an office role to an association."),
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="a_seat_ends_after_it_begins",
                violation_error_message=_("A role cannot end before it begins."),
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_role_display()}"

    @property
    def scope(self):
        return self.program.scope if self.program_id else self.association.scope

    @property
    def home(self):
        """The association that this seat stands in, by itself or through its program."""
        return self.program.association if self.program_id else self.association

    @property
    def zone(self):
        """In which zone its days count."""
        return self.program.time_zone if self.program_id else "UTC"

    def is_of(self, day):
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


class PageQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(program__in=Program.objects.visible_to(user))


class Page(models.Model):
    """A text of the program that the committee edits: guidelines, benefits, resources. Written in Markdown."""

    class Kind(models.TextChoices):
        ABOUT = "about", _("what it is")
        GUIDELINES = "guidelines", _("guidelines")
        BENEFITS = "benefits", _("what you gain")
        RESOURCES = "resources", _("worth reading")
        OPPORTUNITIES = "opportunities", _("ways into the association")

    program = models.ForeignKey(Program, models.CASCADE, related_name="pages", verbose_name=_("program"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    slug = models.SlugField(_("short name"))
    role = models.CharField(_("for"), max_length=10, choices=Role, blank=True, help_text=_("Empty: for everybody."))
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["program", "order", "slug"]
        constraints = [models.UniqueConstraint(fields=["program", "slug"], name="one_page_per_program_and_slug")]

    def __str__(self):
        return self.title

    @property
    def scope(self):
        return self.program.scope


class TestimonialQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(program__in=Program.objects.visible_to(user))

    def shown(self):
        """Those that everybody may read: agreed to by the person, put on the page by the committee."""
        return self.filter(agreed=True, published=True)


class Testimonial(models.Model):
    """What somebody who took part says about it. Without a name unless they wish for it, never without their yes."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="testimonials", verbose_name=_("program"))
    text = models.TextField(_("in their words"))
    role = models.CharField(_("took part as"), max_length=10, choices=Role)
    name = models.CharField(_("name, if it shall be shown"), max_length=120, blank=True)
    agreed = models.BooleanField(_("they have agreed that it is shown"), default=False)
    published = models.BooleanField(_("on the program's page"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = TestimonialQuerySet.as_manager()

    class Meta:
        verbose_name = _("voice")
        verbose_name_plural = _("voices")
        ordering = ["program", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published=False) | Q(agreed=True),
                name="nobody_is_quoted_unasked",
                violation_error_message=_("It can only stand on the page once the person has agreed."),
            )
        ]

    def __str__(self):
        return self.text[:60]

    @property
    def scope(self):
        return self.program.scope
