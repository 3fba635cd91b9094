"""The outbox that people can read: one row is one mail, from the moment it was promised."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Mail to this person's own addresses, and mail of the programs they look after today."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(to_email__in=user.own_addresses())
            | Q(also_email__in=user.own_addresses())
            | Q(scope__in=user.scopes("mail.view_message"))
        )


class Message(models.Model):
    """One mail to one person (an introduction is addressed to two). Written by `outbox.queue`, moved by `mail`'s own modules alone."""

    class State(models.TextChoices):
        QUEUED = "queued", _("leaving")
        CLAIMED = "claimed", _("leaving now")
        SENT = "sent", _("sent")
        HELD = "held", _("held")
        CANCELLED = "cancelled", _("taken back")
        PARKED = "parked", _("could not be delivered")
        UNCERTAIN = "uncertain", _("not sure it arrived")

    MOVES = {
        # Sent: it was put off, and the provider's event says that it had been taken.
        State.QUEUED: {State.CLAIMED, State.CANCELLED, State.HELD, State.PARKED, State.SENT},
        State.CLAIMED: {State.SENT, State.QUEUED, State.PARKED, State.UNCERTAIN},
        State.HELD: {State.QUEUED, State.CANCELLED, State.PARKED},
        State.UNCERTAIN: {State.QUEUED, State.SENT, State.PARKED},
        State.SENT: {State.QUEUED},  # only what came back
        State.CANCELLED: {State.QUEUED},  # a reminder whose reason had not gone after all
        State.PARKED: {State.QUEUED, State.CANCELLED},
    }

    class Kind(models.TextChoices):
        ESSENTIAL = "essential", _("essential")
        NUDGE = "nudge", _("reminder")
        TOPIC = "topic", _("topic")
        ANNOUNCEMENT = "announcement", _("announcement")

    class Outcome(models.TextChoices):
        """What the mail provider told of a mail after it had taken it."""

        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("came back")
        COMPLAINED = "complained", _("reported as unwanted")

    MAY_BE_LEFT = (Kind.TOPIC, Kind.ANNOUNCEMENT)
    # What leaves first: codes, then what one's place depends on, then the rest.
    RANKS = {Kind.ESSENTIAL: 1, Kind.NUDGE: 2, Kind.TOPIC: 3, Kind.ANNOUNCEMENT: 4}

    key = models.CharField(_("occasion"), max_length=200, unique=True, help_text=_("One mail per person and occasion."))
    name = models.CharField(_("mail"), max_length=60, help_text=_("Which of the program's mails this is."))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.QUEUED, editable=False)
    rank = models.PositiveSmallIntegerField(
        default=1, editable=False, help_text=_("What leaves first has the smallest.")
    )
    about = models.CharField(_("about"), max_length=60, blank=True)
    scope = models.CharField(_("belongs to"), max_length=80)
    secret = models.BooleanField(
        _("holds a code"), default=False, help_text=_("Sent first; its text is blanked once it has left.")
    )

    from_name = models.CharField(_("from"), max_length=120)
    reply_to = models.CharField(_("answers go to"), max_length=600, blank=True)
    to_email = models.EmailField(_("to"), max_length=254)
    to_name = models.CharField(_("name"), max_length=150, blank=True)
    also_email = models.EmailField(_("and to"), max_length=254, blank=True)
    also_name = models.CharField(_("name of the second"), max_length=150, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("html"), blank=True)
    message_id = models.CharField(max_length=120, editable=False)

    queued_at = models.DateTimeField(_("promised"))
    leaves_at = models.DateTimeField(_("leaves"), help_text=_("Not before this moment."))
    owed_since = models.DateTimeField(
        _("due"), null=True, editable=False, help_text=_("When the calendar owed it; a silent calendar makes it late.")
    )
    good_until = models.DateTimeField(
        _("of use until"),
        null=True,
        editable=False,
        help_text=_("A reminder that has not left by then is taken back: its reason has gone."),
    )
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    attempts_before = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("Attempts made before somebody sent it again by hand.")
    )
    left_at = models.DateTimeField(
        _("looked at"),
        null=True,
        editable=False,
        help_text=_("Somebody saw that it may not have arrived, and left it."),
    )
    settled_at = models.DateTimeField(_("left"), null=True, editable=False)
    refusal = models.TextField(_("what the server said"), blank=True, editable=False)
    provider_id = models.CharField(
        max_length=255, blank=True, editable=False, help_text=_("How the mail provider names it, where it does.")
    )
    outcome = models.CharField(_("what became of it"), max_length=20, choices=Outcome, blank=True, editable=False)
    outcome_at = models.DateTimeField(_("known since"), null=True, editable=False)
    outcome_words = models.TextField(_("what the other side said"), blank=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-leaves_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["message_id"], name="one_mail_per_message_id")]
        # Each costs something for every mail that is claimed and settled: only what is looked for by these columns.
        indexes = [
            models.Index(
                fields=["state", "leaves_at"],
                name="mail_not_settled",
                condition=Q(state__in=["queued", "claimed", "held", "parked", "uncertain"]),
            ),
            models.Index(fields=["rank", "leaves_at", "id"], name="mail_next_to_leave", condition=Q(state="queued")),
            models.Index(fields=["leaves_at"], name="mail_nudges", condition=Q(kind="nudge")),
            models.Index(fields=["provider_id"], name="mail_provider_id", condition=~Q(provider_id="")),
            models.Index(
                fields=["good_until"],
                name="mail_of_use_until",
                condition=Q(state__in=["queued", "held"], good_until__isnull=False),
            ),
            models.Index(fields=["about"]),
            models.Index(fields=["to_email"]),
            models.Index(fields=["scope", "-leaves_at"]),
        ]

    def __str__(self):
        return f"{self.subject} → {self.to_name or self.to_email}"

    @property
    def days_late(self) -> int:
        """How many days after it was due it left. A reminder that waited for its turn is not late."""
        if self.state != self.State.SENT or self.kind == self.Kind.NUDGE or not (self.owed_since and self.settled_at):
            return 0
        return max(0, (self.settled_at - self.owed_since).days)

    def addresses(self):
        """Where it goes: one address, or two."""
        return [email for email in (self.to_email, self.also_email) if email]


class Stop(models.Model):
    """While this row is there, no mail of its scope leaves but sign-in codes. An empty scope is the whole site."""

    scope = models.CharField(_("belongs to"), max_length=80, blank=True, unique=True)
    since = models.DateTimeField(_("since"))
    by = models.BigIntegerField(_("who"), null=True, help_text=_("The person’s number; empty when it was the server."))
    by_name = models.CharField(_("name"), max_length=160, blank=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")

    def __str__(self):
        return self.scope or str(_("the whole site"))


class Heartbeat(models.Model):
    """When a part of the site's machinery was last at work: "worker", which sends, and "beat", which wakes it.

    And "server" while the mail server cannot be reached: since when, and what it said.
    """

    name = models.CharField(_("what"), max_length=20, unique=True)
    at = models.DateTimeField(_("last at work"))
    words = models.TextField(_("what it said"), blank=True)

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self):
        return self.name


class OptOut(models.Model):
    """Somebody at this address wants no more mail of one kind from one program: its topics, or its announcements."""

    email = models.EmailField(_("address"), max_length=254)
    scope = models.CharField(_("belongs to"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Message.Kind)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("mail that somebody has left")
        verbose_name_plural = _("mail that people have left")
        constraints = [
            models.UniqueConstraint(fields=["email", "scope", "kind"], name="left_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["topic", "announcement"]), name="only_topics_and_announcements_are_left"
            ),
        ]

    def __str__(self):
        return f"{self.email}: {self.get_kind_display()}"


class Suppression(models.Model):
    """An address to which nothing is sent any more but sign-in codes: mail to it came back, or was reported as unwanted."""

    class Why(models.TextChoices):
        BOUNCED = "bounced", _("mail to it came back")
        COMPLAINED = "complained", _("mail to it was reported as unwanted")

    email = models.EmailField(_("address"), max_length=254, unique=True)
    why = models.CharField(_("why"), max_length=20, choices=Why)
    words = models.TextField(_("what the other side said"), blank=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("address that fails")
        verbose_name_plural = _("addresses that fail")

    def __str__(self):
        return self.email


class MailingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The letters of the programs in whose name this person may write today."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(scope__in=user.scopes("mail.write"))


class Mailing(models.Model):
    """What the committee wrote to a list of people: one text, one mail each, held for a while so that it can be stopped."""

    scope = models.CharField(_("belongs to"), max_length=80)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"))
    to_whom = models.CharField(_("to whom"), max_length=200, help_text=_("The list in words, as it was chosen."))
    of_list = models.TextField(
        _("list"), blank=True, help_text=_("Where that list stands: its cycle, name and filter.")
    )
    by = models.BigIntegerField(_("who"), help_text=_("The person’s number."))
    by_name = models.CharField(_("name"), max_length=160)
    at = models.DateTimeField(_("written"))
    leaves_at = models.DateTimeField(_("leaves"))
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    count = models.PositiveIntegerField(_("people"))

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter to a list")
        verbose_name_plural = _("letters to lists")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.subject


class Text(models.Model):
    """A program's own wording of one mail. Without a row the mail goes out as the product words it."""

    scope = models.CharField(_("belongs to"), max_length=80)
    name = models.CharField(_("mail"), max_length=60)
    subject = models.CharField(_("subject"), max_length=150)
    heading = models.CharField(_("heading"), max_length=200)
    body = models.TextField(_("text"))
    changed_at = models.DateTimeField(_("changed"))
    by = models.BigIntegerField(_("who"), help_text=_("The person’s number."))
    by_name = models.CharField(_("name"), max_length=160)

    class Meta:
        verbose_name = _("own wording of a mail")
        verbose_name_plural = _("own wordings of mails")
        constraints = [models.UniqueConstraint(fields=["scope", "name"], name="one_wording_per_mail")]

    def __str__(self):
        return self.name
