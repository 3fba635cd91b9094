"""A guard taken away, for the controls: every process of a house whose environment says TEST_SPOILED=… loads this."""

import os


def without_claims():
    """Deliverers take what waits without a word to the others, and write down only what they have sent."""
    from mail import delivery
    from mail.models import Message

    settle = delivery.settle

    def spoiled(message, to, now, **fields):
        Message.objects.filter(pk=message.pk).update(state=Message.State.CLAIMED)
        return settle(message, to, now, **fields)

    def claim(now, lease_until, sent=None):
        if sent:
            delivery.settle(sent, Message.State.SENT, now)
        return delivery.waiting(now).first()

    delivery.claim = claim
    delivery.settle = spoiled


def marked_before_it_is_sent():
    """A mail counts as sent from the moment it is handed over."""
    from mail import delivery
    from mail.models import Message

    send = delivery.send

    def spoiled(message, server):
        Message.objects.filter(pk=message.pk).update(state=Message.State.SENT)
        return send(message, server)

    delivery.send = spoiled


def sent_again_after_its_lease():
    """A mail whose worker never came back is simply sent once more."""
    from mail import delivery
    from mail.models import Message

    def spoiled(now):
        lost = Message.objects.filter(state=Message.State.CLAIMED, lease_until__lt=now)
        return lost.update(state=Message.State.QUEUED, lease_until=None)

    delivery.expire = spoiled


def sent_in_the_act():
    """A mail leaves while its act goes on, not after the commit."""
    from django.core.mail import get_connection

    from mail import delivery, outbox

    queue = outbox.queue

    def spoiled(**promise):
        message = queue(**promise)
        delivery.send(message, get_connection())
        return message

    outbox.queue = spoiled


GUARDS = {
    guard.__name__: guard
    for guard in (without_claims, marked_before_it_is_sent, sent_again_after_its_lease, sent_in_the_act)
}
if taken_away := os.environ.get("TEST_SPOILED"):
    GUARDS[taken_away]()
