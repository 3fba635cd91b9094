"""People, their associations, their memberships, and the history."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from members import scopes

hex_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour as # and six figures, like #0b5c6b."))


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        return self.get(email__iexact=username)

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)

    def closed(self, emails):
        """Those of these addresses whose account is closed: no mail is sent to them."""
        return set(self.filter(is_active=False, email__in=emails).values_list("email", flat=True))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Oneself; the site's administrators see every account."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("members.view_user"):
            return self
        return self.filter(pk=user.pk)


class User(AbstractBaseUser):
    """A person with an address of their own: that address is their name here, whatever its case."""

    email = models.EmailField(_("address"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=75, blank=True)
    last_name = models.CharField(_("last name"), max_length=75, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_superuser = models.BooleanField(_("site administrator"), default=False)
    joined_at = models.DateTimeField(_("first seen"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["last_name", "first_name", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_address",
                violation_error_message=_("This address is already in use."),
            ),
        ]

    def __str__(self):
        return self.get_full_name()

    def save(self, *args, **kwargs):
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def get_full_name(self):
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_short_name(self):
        return self.first_name or self.email.split("@")[0]

    def own_addresses(self):
        """Every address that this person has proved to be theirs."""
        from allauth.account.models import EmailAddress

        verified = EmailAddress.objects.filter(user=self, verified=True).values_list("email", flat=True)
        return sorted({email.lower() for email in verified})

    # A superuser is a site administrator, no more: no "yes to everything" before a backend was asked.
    def has_perm(self, perm, obj=None):
        return scopes.allows(self, perm, obj)

    def has_perms(self, perm_list, obj=None):
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label):
        return scopes.allows_any(self, app_label)

    @property
    def is_staff(self):
        """May open the committee's side: a seat of today, or the site's administration."""
        return self.has_perm("mentoring.enter_admin")

    def scopes(self, perm):
        """Where this person may do `perm` today: {"program:kla", "association:kla"}."""
        return scopes.of(self, perm)

    def role_in(self, scope):
        """The seat that this person acts from there, "" for themselves alone."""
        return scopes.role(self, scope)


def usual_other_statuses():
    return ["Lapsed", "Expired", "Resigned"]


class Association(models.Model):
    """A library association that runs programs here."""

    slug = models.SlugField(_("short name in addresses"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=40)
    website = models.URLField(_("website"), blank=True)
    join_url = models.URLField(_("page to join or renew"), blank=True)
    office_email = models.EmailField(_("office"), blank=True)
    membership_email = models.EmailField(_("membership office"), blank=True)
    postal = models.CharField(_("postal address"), max_length=200, blank=True)
    accent = models.CharField(_("colour"), max_length=7, default="#0b5c6b", validators=[hex_colour])
    accent_dark = models.CharField(_("colour on dark"), max_length=7, default="#7cc7d3", validators=[hex_colour])
    good_statuses = models.JSONField(
        _("statuses in good standing"), default=list, help_text=_("As the member list writes them.")
    )
    pending_statuses = models.JSONField(_("statuses still being checked"), default=list, blank=True)
    other_statuses = models.JSONField(
        _("other statuses"),
        default=usual_other_statuses,
        blank=True,
        help_text=_(
            "On the list, but not in good standing. A status in none of the three is asked about when a list comes in."
        ),
    )

    class Meta:
        verbose_name = _("association")
        verbose_name_plural = _("associations")
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def scope(self):
        return f"association:{self.slug}"


class MembershipQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(association__slug__in=scopes.slugs(user.scopes("members.view_membership"), "association"))

    def on(self, day):
        """The rows that say something about this day."""
        return self.filter(Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day)))


class Membership(models.Model):
    """One period of one address on a member list. The past is never rewritten: a change closes a row and opens another."""

    class Source(models.TextChoices):
        LIST = "list", _("member list")
        OFFICE = "office", _("said by the membership office")

    association = models.ForeignKey(
        Association, models.PROTECT, related_name="memberships", verbose_name=_("association")
    )
    email = models.CharField(_("address"), max_length=254, help_text=_("In small letters."))
    first_name = models.CharField(_("first name"), max_length=75, blank=True)
    last_name = models.CharField(_("last name"), max_length=75, blank=True)
    member_number = models.CharField(_("member number"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=40)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    seen_on = models.DateField(_("last on a list"))
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.LIST)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["association", "last_name", "first_name", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "email", "valid_from"], name="one_membership_per_address_and_first_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="membership_ends_after_it_begins",
                violation_error_message=_("A membership cannot end before it begins."),
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="membership_address_in_small_letters"),
        ]
        indexes = [models.Index(fields=["email"]), models.Index(fields=["association", "member_number"])]

    def __str__(self):
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def scope(self):
        return self.association.scope


class EntryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everybody their own acts; a seat what happened where it sits."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(actor=user.pk) | Q(scope__in=user.scopes("members.view_entry")))


class Entry(models.Model):
    """One line of the history: who did what to which row, when. It holds no words of people and no link that would keep them here."""

    actor = models.BigIntegerField(_("who"), null=True)
    role = models.CharField(_("acting as"), max_length=40, blank=True)
    verb = models.CharField(_("did"), max_length=60)
    about = models.CharField(_("to"), max_length=60, db_index=True)
    scope = models.CharField(_("in"), max_length=80, db_index=True)
    came_from = models.CharField(_("from"), max_length=20, blank=True)
    to = models.CharField(_("now"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    at = models.DateTimeField(_("when"), db_index=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of the history")
        verbose_name_plural = _("history")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.verb} {self.about}"


class Dismissal(models.Model):
    """ "Seen, leave it": one person has put away one derived task."""

    user = models.ForeignKey(User, models.CASCADE, related_name="dismissals")
    task = models.CharField(max_length=120, help_text=_("What was put away, for example “silent-pair:mentorship:4”."))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("task put away")
        verbose_name_plural = _("tasks put away")
        constraints = [models.UniqueConstraint(fields=["user", "task"], name="a_task_is_put_away_once")]

    def __str__(self):
        return self.task
