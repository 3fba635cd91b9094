"""What a played year comes to: every figure counted from rows, or at the post office that took the mails."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from evaluations.models import Receipt, ServiceLetter
from mail.models import Message
from mail.nudges import WEEK
from matching.models import Match
from members import clock
from members.models import Entry
from mentorships.models import CheckIn, Mentorship, Request, Term
from programs import dates, gates
from programs.facts import facts_of
from programs.models import Application, Cycle, Program, Role

State = Application.State
SETTLED = (Message.State.SENT, Message.State.PARKED, Message.State.CANCELLED)


def of(program: Program, last_day: date, arrived: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """The figures of a program's year; `arrived` is what the post office counted."""
    applications = Application.objects.filter(cycle__program=program)
    pairs = Mentorship.objects.filter(cycle__program=program)
    return {
        "cycles": Cycle.objects.filter(program=program).count(),
        "term_months": _term_months(program),
        **_applied(program, applications),
        "offers": _moved_to(program, Match.State.OFFERED),
        "declined": _moved_to(program, Match.State.DECLINED),
        "introduced": pairs.count(),
        "topics": _mails(program).filter(kind=Message.Kind.TOPIC, state=Message.State.SENT).count(),
        "check_ins": _asked(CheckIn.objects.filter(mentorship__cycle__program=program), ~Q(word="")),
        "nudges": _mails(program).filter(kind=Message.Kind.NUDGE, state=Message.State.SENT).count(),
        "most_nudges_a_week": _most_nudges_a_week(program, arrived),
        "ended_early": pairs.filter(state=Mentorship.State.ENDED).exclude(pk__in=_undone(program)).count(),
        "rematched": _rematched(program),
        "extended": Term.objects.filter(mentorship__cycle__program=program, number=2).count(),
        "evaluations": _asked(Receipt.objects.filter(term__mentorship__cycle__program=program), Q(answered=True)),
        "letters": ServiceLetter.objects.filter(mentorship__cycle__program=program, signed_on__isnull=False).count(),
        "unmatched": _unmatched(program, applications, pairs),
        "committee_acts": Entry.objects.filter(_scope(program), actor__isnull=False).exclude(role="").count(),
        "mails": _counted(program, last_day, arrived),
    }


def timeline(program: Program) -> list[dict[str, Any]]:
    """How many mails left on which day for which occasion."""
    sent = _mails(program).filter(state=Message.State.SENT).values_list("settled_at", "name", "key")
    days = Counter((clock.day_of(at, program.time_zone).isoformat(), _occasion(name, key)) for at, name, key in sent)
    return [
        {"on": on, "program": program.slug, "what": what, "count": count} for (on, what), count in sorted(days.items())
    ]


def _occasion(name: str, key: str) -> str:
    """A mail's name in words; a topic with its number ("topic:3:…")."""
    number = f" {key.split(':')[1]}" if name == "topic" else ""
    return name.replace("_", " ") + number


def _scope(program: Program) -> Q:
    return Q(scope__in=[program.scope, program.association.scope])


def _mails(program: Program):
    return Message.objects.filter(_scope(program))


def _term_months(program: Program) -> int:
    """Whole months of the longest mentoring year that was not extended."""
    terms = Term.objects.filter(mentorship__cycle__program=program, number=1).exclude(mentorship__terms__number=2)
    return max((dates.whole_months(term.begins_on, term.ends_on) for term in terms), default=0)


def _people(applications) -> int:
    """One person counts once per role, a carried application not again."""
    return applications.values("user", "role").distinct().count()


def _applied(program: Program, applications) -> dict[str, Any]:
    sent = applications.filter(sent_at__isnull=False)
    held = sent.filter(pk__in=_ever(program, State.HELD))
    return {
        "applied": {str(role): _people(sent.filter(role=role)) for role in Role},
        "refused": _refused(program, sent.filter(state__in=[State.REFUSED, State.EXPIRED])),
        "awaiting_membership": _people(held),
        "joined_later": _people(held.filter(pk__in=_ever(program, State.ADMITTED))),
        "wait_listed": _people(applications.filter(pk__in=_ever(program, State.WAITLISTED))),
    }


def _refused(program: Program, applications) -> list[dict[str, Any]]:
    """Who could not take part, by the requirement that was not met."""
    asked, reasons = list(program.gates.all()), Counter[str]()
    titles, stages = {gate.code: str(gate) for gate in asked}, dict.fromkeys(gate.stage for gate in asked)
    for application in applications:
        day = clock.day_of(application.decided_at or application.sent_at, program.time_zone)
        facts = facts_of([application], day)[application.pk]
        unmet = [finding.code for stage in stages for finding in gates.unmet(facts, asked, stage)]
        reasons[titles[unmet[0]] if unmet else "the committee's decision"] += 1
    return [{"reason": reason, "count": count} for reason, count in sorted(reasons.items())]


def _ever(program: Program, to: str) -> list[int]:
    """Applications that were in this state at any time."""
    found = Entry.objects.filter(scope=program.scope, to=to, about__startswith="application:")
    return [int(about.split(":")[1]) for about in found.values_list("about", flat=True)]


def _moved_to(program: Program, to: str) -> int:
    return Entry.objects.filter(scope=program.scope, to=to, about__startswith="match:").count()


def _asked(rows, answered: Q) -> dict[str, int]:
    return {"asked": rows.count(), "answered": rows.filter(answered).count()}


def _undone(program: Program):
    """Introductions that were made in error and taken back."""
    return Match.objects.filter(
        cycle__program=program, state=Match.State.CANCELLED, mentorship__isnull=False
    ).values_list("mentorship", flat=True)


def _rematched(program: Program) -> int:
    """Pairs that began after one of the two had asked for another partner."""
    wishes = Request.objects.filter(
        mentorship__cycle__program=program, kind=Request.Kind.REMATCH, state=Request.State.DONE
    ).select_related("mentorship")
    found = set()
    for wish in wishes:
        theirs = Mentorship.objects.filter(
            cycle=wish.mentorship.cycle_id,
            introduced_at__gt=wish.made_at,
            **{wish.mentorship.role_of(wish.user): wish.user_id},
        )
        found |= set(theirs.values_list("pk", flat=True))
    return len(found)


def _unmatched(program: Program, applications, pairs) -> int:
    """Mentees who were accepted at any time and never introduced."""
    accepted = applications.filter(role=Role.MENTEE, pk__in=_ever(program, State.ADMITTED))
    return _people(accepted.exclude(user__in=pairs.values("mentee")))


def _most_nudges_a_week(program: Program, arrived: Mapping[tuple[str, str], int]) -> int:
    """Of the reminders that the post office took for one person, the most within any seven days."""
    nudges = _mails(program).filter(kind=Message.Kind.NUDGE, settled_at__isnull=False)
    handed_over = dict(nudges.values_list("message_id", "settled_at"))
    hours: dict[str, list[datetime]] = defaultdict(list)
    for (mail, address), copies in arrived.items():
        if mail in handed_over:
            hours[address] += [handed_over[mail]] * copies
    return max(
        (sum(first <= at < first + WEEK for at in theirs) for theirs in hours.values() for first in theirs), default=0
    )


def _counted(program: Program, last_day: date, arrived: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """The mails by our own rows beside what the post office took."""
    end = clock.end_of(last_day, program.time_zone)
    messages = list(_mails(program))
    copies = Counter[tuple[str, str]]()  # by occasion and address, whatever the mail was called on its way
    for message in messages:
        for address in filter(None, (message.to_email, message.also_email)):
            copies[message.key, address] += arrived.get((message.message_id, address), 0)
    due = [message for message in messages if message.leaves_at <= end]
    never_settled = [message for message in due if message.state not in SETTLED]
    never_arrived = [
        message
        for message in messages
        if message.state == Message.State.SENT
        and any(not copies[message.key, address] for address in filter(None, (message.to_email, message.also_email)))
    ]
    return {
        "queued": len(messages),
        "sent": len({name for name, _ in arrived} & {message.message_id for message in messages}),
        "twice": sum(count > 1 for count in copies.values()),
        "lost": len(never_settled) + len(never_arrived),
    }
