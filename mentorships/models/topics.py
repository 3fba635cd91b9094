"""Something to talk about: the program's library, and which month of a cycle gets which topic."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programs.models import Cycle, Program


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
