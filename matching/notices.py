"""The mails of an announcement. The page that shows what will leave and the verb that sends both make them here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.template import Context, Engine
from django.utils.translation import gettext as _

from mail import outbox, texts
from mail.links import absolute, mask, placeholder
from mail.models import Message
from mail.outbox import Recipient
from members import clock
from programs.models import Application, Cycle

HEAR_AGAIN = timedelta(days=28)
NOT_MATCHED, RESERVE = "not_matched", "reserve"
ANSWERS = ("stay", "next", "leave")  # what both may say to it; without an answer all stays as it is


@dataclass(frozen=True)
class Mail:
    """One mail that an announcement sends, before it is promised."""

    name: str
    application: Application
    hear_by: date

    @property
    def about(self) -> str:
        return f"application:{self.application.pk}"

    @property
    def to(self) -> Recipient:
        return Recipient(self.application.user.email, self.application.user.get_full_name())

    def context(self) -> dict:
        """What the templates need; no other person is named in them."""
        cycle = self.application.cycle
        return {
            "program": cycle.program,
            "cycle": cycle,
            "first_name": self.application.user.get_short_name(),
            "application_url": absolute(self.application.get_absolute_url()),
            **{f"{word}_link": placeholder("waiting", self.application.pk, f"answer={word}") for word in ANSWERS},
            "hear_by": self.hear_by,
        }

    def rendered(self) -> tuple[str, str, str]:
        """Subject, plain text and HTML as the person will read them."""
        return outbox.render(self.name, self._whole_context())

    def as_read(self) -> tuple[str, str]:
        """Subject and text for a page that folds its lines itself."""
        return as_read(self.name, self._whole_context())

    def _whole_context(self) -> dict:
        sender = self.application.cycle.program.sender()
        return {**self.context(), "to": self.to, "also": None, "sender": sender, "site_url": settings.SITE_URL}


def as_read(name: str, context: dict) -> tuple[str, str]:
    """Subject and text of a mail, its lines not folded, without the links that are for its person alone."""
    if own := texts.own(context["sender"].scope, name):
        subject, text, _html = texts.render(own, context)
        return outbox.line(subject), mask(text.strip(), _("(personal link)"))
    subject, _text, _html = outbox.render(name, context)
    template = Engine.get_default().get_template(f"mail/{name}.txt")
    text = template.render(Context({**context, "subject": subject}, autoescape=False)).strip()
    return subject, mask(text, _("(personal link)"))


def for_announcement(cycle: Cycle, mentees: Iterable[Application], mentors: Iterable[Application]) -> list[Mail]:
    """One mail to everybody without a pair: mentees not matched yet, mentors in reserve. Nobody is told twice."""
    told = _told([*mentees, *mentors])
    hear_by = max(cycle.today(), cycle.announced_on) + HEAR_AGAIN
    found = [Mail(NOT_MATCHED, application, hear_by) for application in mentees]
    found += [Mail(RESERVE, application, hear_by) for application in mentors]
    return [mail for mail in found if (mail.name, mail.about) not in told]


def _told(applications: list[Application]) -> set[tuple[str, str]]:
    """(mail, about) of what was promised already and not taken back."""
    about = [f"application:{application.pk}" for application in applications]
    promised = Message.objects.filter(name__in=[NOT_MATCHED, RESERVE], about__in=about)
    return set(promised.exclude(state=Message.State.CANCELLED).values_list("name", "about"))


def promise(mails: Iterable[Mail], *, leaves_at: datetime) -> None:
    """Put the mails into the outbox; they leave when the hold is over. One taken back may be promised again."""
    mails = list(mails)
    now = clock.now()
    before: dict[tuple[str, str], int] = {}
    gone = Message.objects.filter(name__in=[NOT_MATCHED, RESERVE], about__in=[mail.about for mail in mails])
    for pair in gone.values_list("name", "about"):
        before[pair] = before.get(pair, 0) + 1
    for mail in mails:
        outbox.queue(
            key=f"{mail.about}:{mail.name}:{before.get((mail.name, mail.about), 0) + 1}",
            name=mail.name,
            to=mail.to,
            sender=mail.application.cycle.program.sender(),
            about=mail.about,
            now=now,
            context=mail.context(),
            leaves_at=leaves_at,
        )


def take_back(cycle: Cycle) -> int:
    """Cancel what an announcement promised and what has not left yet; how many."""
    now = clock.now()
    waiting = Message.objects.filter(
        name__in=[NOT_MATCHED, RESERVE], scope=cycle.scope, state=Message.State.QUEUED, leaves_at__gt=now
    )
    mine = {f"application:{pk}" for pk in Application.objects.filter(cycle=cycle).values_list("pk", flat=True)}
    held = [(name, about) for name, about in waiting.values_list("name", "about") if about in mine]
    return sum(outbox.cancel(about=about, name=name, now=now) for name, about in held)


def waiting_to_leave(cycle: Cycle) -> dict[str, list[str]]:
    """The names of those whose mail is held, by mail."""
    mine = {f"application:{pk}" for pk in Application.objects.filter(cycle=cycle).values_list("pk", flat=True)}
    held = Message.objects.filter(
        name__in=[NOT_MATCHED, RESERVE], scope=cycle.scope, state=Message.State.QUEUED, leaves_at__gt=clock.now()
    )
    found: dict[str, list[str]] = {}
    for name, about, to in held.order_by("to_name").values_list("name", "about", "to_name"):
        if about in mine:
            found.setdefault(name, []).append(to)
    return found
