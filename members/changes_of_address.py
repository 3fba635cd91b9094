"""What follows when a person changes, takes off or proves an address on allauth's pages."""

from members import people


def changed(sender, from_email_address, to_email_address, **kwargs):
    """Our mails go to another address from now on."""
    if from_email_address:
        people.moved(from_email_address.email, to_email_address.email)


def removed(sender, user, email_address, **kwargs):
    """An address is no longer theirs: what waits for it goes to the one that our mails go to."""
    if email_address.verified:
        people.moved(email_address.email, user.email)


def confirmed(sender, email_address, **kwargs):
    """Somebody typed the code that was mailed there."""
    people.proved(email_address.email)
