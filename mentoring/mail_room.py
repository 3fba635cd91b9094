"""What the committee may do to mail: stop all of it and start it again, send once more what may not have arrived, or leave it;
say that it came back, and that an address works again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mail import addresses, delivery, events, heartbeat, outbox, stopping
from mail.models import Message
from members import clock, journal, people, words
from members.journal import NotAllowed
from members.models import Entry, User
from mentoring import own_affairs
from programs.models import Program

MAY_STOP, MAY_START, MAY_RESOLVE = "mail.stop", "mail.start", "mail.resolve"
MAY_HAVE_COME_BACK = (Message.State.SENT, Message.State.UNCERTAIN, Message.State.PARKED)


@transaction.atomic
def stop_mail(program: Program, *, by: User, reason: str = "") -> None:
    """Have no more mail of a program leave but sign-in codes; everything waits until it is started again."""
    if not by.has_perm(MAY_STOP, program):
        raise NotAllowed(_("Only the chair, the deputy, the office and the site’s administrators stop mail."))
    if not stopping.stop(program.scope, now=clock.now(), by=by.pk, by_name=str(by), reason=reason):
        raise NotAllowed(_("Mail was stopped already. Nothing leaves."))
    journal.record(program, "stopped_mail", by=by)


@transaction.atomic
def start_mail(program: Program, *, by: User) -> None:
    """Let a program's mail leave again, each once, the oldest first."""
    if not by.has_perm(MAY_START, program):
        raise NotAllowed(_("Only the chair and the deputy start mail again."))
    if not stopping.start(program.scope, now=clock.now()):
        raise NotAllowed(_("Mail is not stopped: somebody else has started it again already."))
    journal.record(program, "started_mail", by=by)


@transaction.atomic
def send_again(message: Message, *, by: User) -> None:
    """Send a mail once more that could not be delivered, came back, or of which nobody is sure: the very same one.

    What came back goes to the address that its reader has now.
    """
    _may_resolve(message, by)
    if message.secret:
        raise NotAllowed(_("This mail held a code that has expired. Its reader asks for a new one."))
    if message.outcome == Message.Outcome.COMPLAINED:
        raise NotAllowed(_("Its reader reported this mail as unwanted: it is not sent again."))
    to, now, came_to = again_to(message), clock.now(), _came_to(message)
    if delivery.is_over(message, now):
        raise NotAllowed(_("This reminder would come too late: what it reminds of has passed. It is not sent again."))
    if not to:
        raise NotAllowed(_("Mail to %s does not arrive. Ask for another address first.") % message.to_email)
    if not delivery.send_again(message, now, to="" if message.also_email else to[0]):
        raise NotAllowed(_changed())
    message.refresh_from_db()
    addresses.keep_back([message], addresses.failing(message.addresses()), now)
    journal.record(message, "sent_again", by=by, reason=came_to)
    outbox.wake_after_commit()


def again_to(message: Message) -> list[str]:
    """Where a mail would go if it were sent again; nowhere while every address of its reader fails that we would write to."""
    asked = message.addresses()
    if len(asked) == 1 and (message.outcome in addresses.FAILED or addresses.failing(asked)):
        person = people.behind(message.to_email)
        asked = [person.email if person else message.to_email]
    fails = addresses.failing(asked)
    return [email for email in asked if email not in fails]


@transaction.atomic
def came_back(message: Message, *, by: User, email: str, words: str = "") -> None:
    """A mail came back to the site's own address: the same as if the mail provider had told it."""
    _may_resolve(message, by)
    known = Message.objects.filter(pk=message.pk, attempts=message.attempts, state__in=MAY_HAVE_COME_BACK).first()
    if known is None or email not in known.addresses():
        raise NotAllowed(_changed())
    words = outbox.line(words)[:300] or _("it came back to us as a mail")
    if not events.tell(known, email, events.Said(Message.Outcome.BOUNCED, words, fails=True), clock.now()):
        raise NotAllowed(_("That is known already."))
    journal.record(message, "came_back", by=by)


@transaction.atomic
def works_again(message: Message, *, by: User, email: str) -> None:
    """Somebody knows that an address works again: mail goes there from now on; what was kept back is sent by hand."""
    _may_resolve(message, by)
    if email not in message.addresses() or not addresses.lift(email):
        raise NotAllowed(_("Nothing stands in the way of mail to this address."))
    journal.record(message, "works_again", by=by)


@transaction.atomic
def leave(message: Message, *, by: User) -> None:
    """Leave a mail as it is: it is no longer asked about."""
    _may_resolve(message, by)
    if not delivery.leave(message, clock.now()):
        raise NotAllowed(_changed())
    journal.record(message, "left_as_it_is", by=by)


def became(message: Message) -> str:
    """What became of a mail after it had left, in words; "" for what has not left."""
    told = message.outcome_words
    if message.outcome == Message.Outcome.BOUNCED:
        return _("came back: %s") % told if told else _("came back")
    if message.outcome:
        return message.get_outcome_display()
    if message.state != Message.State.SENT:
        return ""
    if settings.DEMO:
        return _("would have left")
    if told in message.addresses():
        return _("taken by the mail server; delivered to %s") % told
    return _("taken by the mail server; the other side said: %s") % told if told else _("taken by the mail server")


def _came_to(message: Message) -> str:
    """What a mail came to before it is sent again: a short code for the history."""
    if message.outcome == Message.Outcome.BOUNCED:
        return "came_back"
    return "not_sure" if message.state == Message.State.UNCERTAIN else "not_delivered"


def sent_before(message: Message) -> str:
    """What became of a mail before it was sent again, in words; "" for one that was not."""
    if not message.attempts_before:
        return ""
    entry = Entry.objects.filter(about=journal.about(message), verb="sent_again").order_by("at", "pk").last()
    told = {
        "came_back": _("Sent before, and it came back."),
        "not_sure": _("Sent before, and nobody was sure that it arrived."),
        "not_delivered": _("Tried before, and it could not be delivered."),
    }
    return told.get(entry.reason if entry else "", _("Sent or tried before."))


def _may_resolve(message: Message, by: User) -> None:
    if not by.has_perm(MAY_RESOLVE, message):
        raise NotAllowed(_("Only the chair and the deputy decide whether a mail is sent again."))
    if own_affairs.concerns(by, message):
        raise NotAllowed(_("This is about a pair or an application of your own: your colleagues decide."))


def _changed() -> str:
    return _("This mail has moved on since you looked; nothing was done. Here is how it stands now.")


@dataclass(frozen=True)
class Stopped:
    """A stop in words: whose mail, since when, by whom, why; `program` is None for the whole site."""

    program: Program | None
    since: str
    by: str
    reason: str
    may_open: bool


def stopped_for(user: User, shown_in: Program | None = None) -> list[Stopped]:
    """The stops that this person's programs are under today, for the banner on every page."""
    stops = stopping.standing()
    if not stops:
        return []
    scopes = {stop.scope for stop in stops} & user.scopes("mentoring.enter_admin")
    programs = {program.scope: program for program in Program.objects.of_seat(user) if program.scope in scopes}
    found = []
    for stop in stops:
        program = programs.get(stop.scope)
        if program or stop.scope == stopping.WHOLE_SITE:
            may_open = program is not None and user.has_perm(MAY_STOP, program)
            found.append(
                Stopped(program, in_zone(stop.since, program or shown_in), stop.by_name, stop.reason, may_open)
            )
    return found


def may_stop(user: User) -> list[Program]:
    """The programs whose mail this person may stop."""
    return list(Program.objects.of_seat(user, MAY_STOP).order_by("name"))


def may_word(user: User) -> list[Program]:
    """The programs whose mails this person may put in their own words."""
    return list(Program.objects.of_seat(user, "programs.change_program").order_by("name"))


def in_zone(moment: datetime, program: Program | None) -> str:
    """A moment in a program's zone, in UTC where there is no program."""
    zone, word = (program.time_zone, program.zone_word) if program else ("UTC", "UTC")
    return words.moment(moment, zone, word)


def stuck(program: Program, now: datetime) -> str:
    """What is wrong with mail leaving, in words; "" while all is well. What is stopped on purpose is not stuck."""
    health = heartbeat.look(now)
    if health.away and now - health.away.since > heartbeat.LONGEST_WAIT:
        return _away(health.away, program)
    oldest = delivery.waiting(now).filter(scope=program.scope).aggregate(oldest=Min("leaves_at"))["oldest"]
    if oldest is not None and now - oldest > heartbeat.LONGEST_WAIT:
        sent = Message.objects.filter(scope=program.scope, state=Message.State.SENT)
        last = sent.aggregate(last=Max("settled_at"))["last"]
        if last is None:
            return _("Mail has been waiting since %s and does not leave.") % in_zone(oldest, program)
        if now - last > heartbeat.LONGEST_WAIT:
            return _("No mail has left since %s.") % in_zone(last, program)
    if health.silent:
        since = now - max(health.ages[name] for name in health.silent)
        return _("The part of the site that sends mail has been silent since %s.") % in_zone(since, program)
    return ""


def _away(found: heartbeat.Away, program: Program | None) -> str:
    words = _("Since %(when)s the mail server takes nothing. What was heard last: “%(words)s”.")
    return words % {"when": in_zone(found.since, program), "words": found.words.rstrip(".")}


def is_well(now: datetime, health: heartbeat.Health) -> bool:
    """Whether there is nothing to say about the machinery. A part that was not heard of yet alarms once mail is late."""
    away = health.away is not None and now - health.away.since > heartbeat.LONGEST_WAIT
    return not (health.is_late or health.silent or away)


def how_it_goes(now: datetime, health: heartbeat.Health | None = None) -> str:
    """One line about the machinery: how long the oldest mail has waited, when its parts were last at work."""
    health = health or heartbeat.look(now)
    parts = {heartbeat.WORKER: _("the worker that sends"), heartbeat.BEAT: _("the clock that wakes it")}
    told = [_("the oldest mail that may leave has waited for %s") % span(health.waiting) if health.waiting is not None
            else _("no mail that may leave is waiting")]  # fmt: skip
    for name, word in parts.items():
        age = health.ages.get(name)
        told.append(
            _("%(what)s was at work %(age)s ago") % {"what": word, "age": span(age)}
            if age is not None
            else _("%s has not been heard of yet") % word
        )
    if health.put_off:
        words = ngettext("the mail server put off %d mail", "the mail server put off %d mails", health.put_off)
        told.append(words % health.put_off + _(", tried again by itself"))
    if health.away:
        words = _("the mail server has taken nothing for %(age)s (%(words)s)")
        told.append(words % {"age": span(now - health.away.since), "words": health.away.words})
    return "; ".join(told)


def span(length: timedelta) -> str:
    """A length of time as people say it: seconds, minutes, hours, days."""
    seconds = int(length.total_seconds())
    if seconds < 120:
        return ngettext("%d second", "%d seconds", seconds) % seconds
    if seconds < 7200:
        return ngettext("%d minute", "%d minutes", seconds // 60) % (seconds // 60)
    if seconds < 172800:
        return ngettext("%d hour", "%d hours", seconds // 3600) % (seconds // 3600)
    return ngettext("%d day", "%d days", seconds // 86400) % (seconds // 86400)
