"""Accounts: who stands behind an address, and a person's own name."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from members import clock
from members.models import User


def behind(email: str) -> User | None:
    """Whose address this is: the person who proved it, else the one whose account bears it."""
    proved = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    return proved.user if proved else User.objects.filter(email__iexact=email).first()


def welcome(email: str) -> User:
    """The account of somebody who has just proved this address; made now if there was none."""
    email = email.strip().lower()
    with transaction.atomic():
        user = behind(email) or _made(email)
        address = EmailAddress.objects.filter(user=user, email__iexact=email).first()
        if address is None:
            first = not EmailAddress.objects.filter(user=user, primary=True).exists()
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=first)
        elif not address.verified:
            EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    return user


def correct_name(user: User, *, first_name: str, last_name: str, phone: str) -> None:
    """A person's own name and number, as they want to be called and reached."""
    user.first_name, user.last_name, user.phone = first_name, last_name, phone
    user.save(update_fields=["first_name", "last_name", "phone"])


def _made(email: str) -> User:
    """A new account without a password; two at once make one."""
    try:
        with transaction.atomic():
            return User.objects.create_user(email, joined_at=clock.now())
    except IntegrityError:
        return User.objects.get(email__iexact=email)
