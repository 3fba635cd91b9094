"""Accounts: who stands behind an address, a person's own name, and whether mail to them arrives."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from mail import addresses, outbox
from mail.models import Suppression
from members import clock
from members.models import User


def behind(email: str) -> User | None:
    """Whose address this is: the person who proved it, else the one whose account bears it."""
    proved = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    return proved.user if proved else User.objects.filter(email__iexact=email).first()


def addresses_of(email: str) -> list[str]:
    """Every address of the person behind this one; none of nobody."""
    user = behind(email)
    return [user.email, *user.own_addresses()] if user else []


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
        proved(email)
    return user


def proved(email: str) -> None:
    """Somebody has read a mail at this address: if mail to it failed before, it does no more."""
    addresses.lift(email)


def moved(old: str, new: str) -> None:
    """A person's mail goes to another of their addresses from now on, what waits included."""
    outbox.readdress(old, new, clock.now())


def unreachable(people: Iterable[User]) -> dict[int, Suppression]:
    """Those of these people to whose address mail does not arrive, by their number, and why."""
    by_email = {user.email: user.pk for user in people}
    return {by_email[email]: row for email, row in addresses.failing(by_email).items()}


def also_at(user: User) -> str:
    """Another address that this person has proved, and at which mail arrives; "" when there is none."""
    others = [email for email in user.own_addresses() if email != user.email]
    fails = addresses.failing(others)
    return next((email for email in others if email not in fails), "")


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
