"""Somebody writes to a program's committee from its page."""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from mail import outbox
from mail.models import Message
from members import clock
from members.journal import NotAllowed
from programs.models import Program

NAME = "visitor_question"
A_DAY_FROM_ONE, AN_HOUR_FROM_ALL = 5, 40


def write(program: Program, *, email: str, text: str) -> Message | None:
    """Hand a visitor's question to the committee; its answer goes straight to them. The same question twice is one mail."""
    now = clock.now()
    about = f"program:{program.pk}"
    with transaction.atomic():
        asked = Message.objects.filter(name=NAME, about=about)
        from_one = asked.filter(reply_to=email, queued_at__gt=now - timedelta(days=1)).count()
        from_all = asked.filter(queued_at__gt=now - timedelta(hours=1)).count()
        if from_one >= A_DAY_FROM_ONE or from_all >= AN_HOUR_FROM_ALL:
            raise NotAllowed(
                _("That is a lot of mail at once. Please write to %(address)s directly.")
                % {"address": program.reply_to}
            )
        digest = hashlib.sha256(f"{email}\n{text}".encode()).hexdigest()[:20]
        return outbox.queue(
            key=f"{about}:question:{clock.today(program.time_zone)}:{digest}",
            name=NAME,
            to=outbox.Recipient(program.reply_to, program.contact_name),
            sender=program.sender(),
            about=about,
            now=now,
            reply_to=email,
            context={"program": program, "writer": email, "text": text},
        )
