"""Writing to a list of people: what would leave and to whom, doing it, stopping it. One code looks and sends.

Every letter is held for a while, even one to a single person: whatever was written, one Stop takes it back.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import evaluations.audiences
import matching.audiences
import mentorships.audiences
import programs.audiences
from mail import mailings, outbox
from mail.mailings import Letter
from mail.models import Mailing, Message
from mail.outbox import Recipient, Sender
from members import clock, journal
from members.audiences import Audience
from members.journal import NotAllowed, Stale
from members.models import User
from mentoring import own_affairs
from programs.models import Cycle, Program

MAY_WRITE = "mail.write"
HELD_FOR = timedelta(minutes=15)
SECOND_CLICK = timedelta(minutes=15)
LISTS = {
    **programs.audiences.LISTS,
    **mentorships.audiences.LISTS,
    **matching.audiences.LISTS,
    **evaluations.audiences.LISTS,
}
"""Every list that can be written to, by its name in addresses."""

State = Message.State
BEFORE = {
    State.SENT: gettext_lazy("already got it"),
    State.PARKED: gettext_lazy("was written to before; that mail could not be delivered and can be sent again"),
    State.UNCERTAIN: gettext_lazy("was written to before; we are not sure that mail arrived"),
}


@dataclass(frozen=True)
class Left:
    """Somebody on the list who gets no mail of this letter, and why in plain words."""

    user: User
    why: str


@dataclass(frozen=True)
class Look:
    """What a letter would do at this moment: who gets it, who got it already, who is left out and why.

    `twice` stand on the list more than once and get one mail.
    """

    audience: Audience
    gets: tuple[User, ...]
    already: tuple[Left, ...]
    left_out: tuple[Left, ...]
    twice: tuple[User, ...]

    @property
    def not_reached(self) -> int:
        """How many of the list get no mail of this letter."""
        return len(self.already) + len(self.left_out)

    @property
    def who(self) -> frozenset[int]:
        return frozenset(user.pk for user in self.gets)


class Changed(Stale):
    """The list is another one than the writer has seen: `come` and `gone` since. Nothing was sent."""

    def __init__(self, come: Collection[int], gone: Collection[int]):
        self.come, self.gone = come, gone
        super().__init__(_("The list has changed since you looked at it. Nothing was sent; look at it again."))


def audience(name: str, cycle: Cycle, asked: Mapping[str, str], *, by: User) -> Audience:
    """Who stands on a list now, as this person may see it; LookupError when there is no such list."""
    chosen = LISTS[name]
    if not by.has_perm(MAY_WRITE, cycle) or not by.has_perm(chosen.right, cycle):
        raise NotAllowed(_("Only the program’s committee writes to its people."))
    return chosen.choose(by, cycle, asked)


def look(name: str, cycle: Cycle, asked: Mapping[str, str], letter: Letter | None, *, by: User) -> Look:
    """Exactly what `write` would do now, by the code that does it. Without a letter yet: as if it were an announcement."""
    found = audience(name, cycle, asked, by=by)
    counted: dict[int, int] = {}
    people: dict[int, User] = {}
    gone: dict[int, str] = {}
    for one in found.people:
        counted[one.user.pk] = counted.get(one.user.pk, 0) + 1
        people[one.user.pk] = one.user
        # Who has gone in one role and is there in the other is there.
        gone[one.user.pk] = one.gone if one.user.pk not in gone else gone[one.user.pk] and one.gone
    users = sorted(people.values(), key=lambda user: (user.last_name, user.first_name, user.pk))
    reasons = _reasons(users, gone, cycle.program, letter)
    before = _before(cycle.scope, letter, found, by) if letter else {}
    left_out = tuple(Left(user, reasons[user.pk]) for user in users if user.pk in reasons)
    reached = [user for user in users if user.pk not in reasons]
    already = tuple(Left(user, before[user.pk]) for user in reached if user.pk in before)
    gets = tuple(user for user in reached if user.pk not in before)
    return Look(found, gets, already, left_out, tuple(user for user in gets if counted[user.pk] > 1))


def _before(scope: str, letter: Letter, found: Audience, by: User) -> dict[int, str]:
    """Who was written this very letter before, and how that mail stands.

    Of the writer's own partner it counts only when it went to this same list: that they stood on another one (of those
    who have not answered, say) shall not be learned from it.
    """
    before = mailings.written_before(scope, letter)
    partners = set(own_affairs.partners(by).values_list("pk", flat=True)) if before else set()
    said: dict[int, str] = {}
    for pk, mails in before.items():
        counted = [one for one in mails if pk not in partners or one.to_whom == _kept(found.words)]
        if counted:
            waits = _("is written to already; that mail has not left yet")
            said[pk] = str(BEFORE.get(State(counted[0].state), waits))
    return said


def _reasons(users: list[User], gone: Mapping[int, str], program: Program, letter: Letter | None) -> dict[int, str]:
    """Who gets nothing, and why; the same few questions to the database for any number of people."""
    kind = letter.kind if letter else str(Message.Kind.ANNOUNCEMENT)
    emails = [user.email for user in users]
    proved = set(EmailAddress.objects.filter(user__in=users, verified=True).values_list("user_id", "email"))
    known = {(user, email.lower()) for user, email in proved}
    failing = mailings.failing(emails)
    left = mailings.left(emails, program.scope, kind)
    found: dict[int, str] = {}
    for user in users:
        email = user.email
        if gone[user.pk]:
            found[user.pk] = gone[user.pk]
        elif not user.is_active:
            found[user.pk] = _("may not sign in any more")
        elif (user.pk, email) not in known:
            found[user.pk] = _("has not confirmed the address yet")
        elif email in failing:
            found[user.pk] = _("the address fails: %s") % failing[email]
        elif email in left:
            found[user.pk] = _("wants no more announcements of this program")
    return found


def as_read(letter: Letter, user: User, found: Audience, program: Program) -> tuple[str, str, str]:
    """Subject, plain text and HTML as one reader will get them, by the code that makes every mail."""
    sender = program.sender()
    context = {
        **_made_of(letter, user, found, sender),
        "may_be_left": letter.kind in Message.MAY_BE_LEFT,
        "to": _to(user),
        "also": None,
        "sender": sender,
        "site_url": settings.SITE_URL,
    }
    return outbox.render(mailings.NAME, context)


def write(
    name: str, cycle: Cycle, asked: Mapping[str, str], letter: Letter, *, by: User, seen: Collection[int] | None = None
) -> Mailing:
    """Write to everybody on a list, one mail each, all or none; held for 15 minutes, then it leaves by itself.

    `seen` are the people whom the writer was shown: when others would get it now, Changed is raised and nothing is
    sent. A second click gives the letter of the first.
    """
    if reasons := [reason for found in mailings.wrong(letter).values() for reason in found]:
        raise NotAllowed(reasons)
    if not letter.subject or not letter.text:
        raise NotAllowed(_("A letter needs a subject and a text."))
    with transaction.atomic():
        program = _locked(cycle)
        found = look(name, cycle, asked, letter, by=by)
        if letter.essential and not found.audience.participants:
            raise NotAllowed(_("Nobody’s place depends on a letter to this list: it goes as an announcement."))
        if not found.gets:
            return _first_click(letter, found, cycle, by)
        if seen is not None and found.who != frozenset(seen):
            raise Changed(found.who - frozenset(seen), frozenset(seen) - found.who)
        return _write(letter, found, program, f"{cycle.pk}/{name}?{found.audience.query}", by)


def _locked(cycle: Cycle) -> Program:
    """The program, for one letter after the other: two clicks at once would else both find that nobody got it yet."""
    rows = Program.objects.select_for_update(no_key=True, of=("self",)).select_related("association")
    return rows.get(pk=cycle.program_id)


def _write(letter: Letter, found: Look, program: Program, of_list: str, by: User) -> Mailing:
    now, sender = clock.now(), program.sender()
    mailing = Mailing.objects.create(
        scope=program.scope,
        subject=letter.subject,
        text=letter.text,
        to_whom=_kept(found.audience.words),
        of_list=of_list,
        by=by.pk,
        by_name=str(by)[:160],
        at=now,
        leaves_at=now + HELD_FOR,
        count=len(found.gets),
    )
    outbox.queue_many(
        [
            mailings.promise(
                mailing, letter, user.pk, _to(user), _made_of(letter, user, found.audience, sender), sender
            )
            for user in found.gets
        ]
    )
    journal.record(mailing, "wrote_letter", by=by, reason=letter.kind)
    return mailing


def _first_click(letter: Letter, found: Look, cycle: Cycle, by: User) -> Mailing:
    """The letter that this very click's first half wrote a moment ago; there is nobody left to write to."""
    mine = Mailing.objects.filter(
        scope=cycle.scope, subject=letter.subject, text=letter.text, by=by.pk, stopped_at=None,
        to_whom=_kept(found.audience.words), at__gt=clock.now() - SECOND_CLICK,
    )  # fmt: skip
    if found.already and (first := mine.first()):
        return first
    if found.already:
        raise NotAllowed(_("Everybody on this list has got this letter already. Nothing was sent."))
    raise NotAllowed(_("Nobody on this list can be written to. Nothing was sent."))


def stop(mailing: Mailing, *, by: User) -> int:
    """Take back whatever has not left of a letter; how many mails. Stopping what is stopped changes nothing."""
    if not by.has_perm(MAY_WRITE, mailing):
        raise NotAllowed(_("Only the program’s committee stops its letters."))
    with transaction.atomic():
        kept = Mailing.objects.select_for_update().get(pk=mailing.pk)
        if kept.stopped_at:
            return 0
        count = mailings.stop(kept, clock.now())
        if not count:
            raise NotAllowed(
                _("It has left already, so there is nothing to take back. A second letter can put it right.")
            )
        journal.record(kept, "stopped_letter", by=by)
    return count


def names(numbers: Iterable[int]) -> list[str]:
    """People by their numbers, for saying who has come and gone."""
    return [str(user) for user in User.objects.filter(pk__in=list(numbers)).order_by("last_name", "first_name", "pk")]


def _made_of(letter: Letter, user: User, found: Audience, sender: Sender) -> dict:
    return mailings.context(letter, user.get_short_name(), sender, found.why)


def _to(user: User) -> Recipient:
    return Recipient(user.email, user.get_full_name())


def _kept(words: str) -> str:
    """The list in words, as a letter keeps it."""
    return outbox.line(words)[:200]
