"""People who wait: a freed place is offered to whoever waits longest, taken or let go by; nobody waits without a word;
who was not matched says what they would like; who is kept goes into the next cycle.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from mail.models import Message
from members import clock, journal
from members.journal import NotAllowed, about
from members.models import User
from members.words import day as in_words
from programs import applications, cycles, decisions, gates, notices_waiting, places
from programs.agreements import on_behalf
from programs.facts import facts_of
from programs.models import Application, Cycle, Gate, Program, Role

State = Application.State
KEPT_FOR = timedelta(days=3)
TELLS_OF_NO_MATCH = ("not_matched", "reserve")
TELLS = ("waiting_list", "place_free", "still_waiting", *TELLS_OF_NO_MATCH)
TAKE, NOT_NOW, STAY, NEXT, LEAVE = "take", "not_now", "stay", "next", "leave"


def offer_place(application: Application, *, by: User | None = None) -> Application:
    """Keep a free place of the cap for somebody who waits, for three days, and mail them.

    The calendar (`by` None) asks whoever waits longest, where the program accepts by itself; the committee may ask
    anybody on the list, which is its yes. Asking twice is asking once.
    """
    with transaction.atomic():
        decisions.read_again(application)
        decisions.decides(application, by)
        cycle, today = application.cycle, application.cycle.today()
        if application.state != State.WAITLISTED:
            raise NotAllowed(_("%s is not on the waiting list.") % application.user)
        if today >= cycle.announced_on:
            raise NotAllowed(_("The matches of %s are made, so no place is offered any more.") % cycle.name)
        cycles.lock(cycle)
        if has_offer(application, today):
            return application
        left = free(cycle, application.role)
        if left is not None and left <= 0:
            raise NotAllowed(_("No place is free that is not kept for somebody already."))
        if by is None and application not in to_ask(cycle, application.role):
            raise NotAllowed(_("It is not the turn of %s.") % application.user)
        application.place_until = min(today + KEPT_FOR, cycle.announced_on - timedelta(days=1))
        application.save(update_fields=["place_until"])
        entry = journal.record(application, "place offered", by=by)
        notices_waiting.place_free(application, entry, missing=_missing(application))
    return application


def take_offered(application: Application, *, by: User) -> Application:
    """ "Yes, I take it": the place that was kept. Everything that the program asks for must be met by now."""
    on_behalf(application, by)
    with transaction.atomic():
        decisions.read_again(application)
        if application.state == State.ADMITTED:
            return application
        _must_have_offer(application)
        if found := decisions.in_the_way(application, application.cycle.today()):
            raise NotAllowed(found)
        cycles.lock(application.cycle)
        others = cycles.promised(application.cycle, application.role, but=application)
        if not cycles.take_place(application.cycle, application.role, leaving=others):
            raise NotAllowed(
                _("We are sorry: this place is not free any more. You keep your turn, and the next one is yours.")
            )
        taken = {"verb": "place taken", "decided_at": clock.now(), "place_until": None}
        entry = journal.move(application, State.ADMITTED, by=by, **taken)
        notices_waiting.place_taken(application, entry)
    return application


def not_now(application: Application, *, by: User) -> Application:
    """Let the place go to the next; their own waiting goes on, and they are asked again after two weeks."""
    on_behalf(application, by)
    with transaction.atomic():
        decisions.read_again(application)
        _must_have_offer(application)
        application.place_until = application.cycle.today() - timedelta(days=1)
        application.save(update_fields=["place_until"])
        journal.record(application, "place let go", by=by)
    return application


def stay(application: Application, *, by: User) -> Application:
    """ "I stay": on the waiting list, or in reserve after the matches are made. Nothing changes; the committee sees it."""
    on_behalf(application, by)
    with transaction.atomic():
        decisions.read_again(application)
        if application.state not in (State.WAITLISTED, State.ADMITTED):
            raise NotAllowed(_("This application is not waiting any more."))
        journal.record(application, "stays", by=by)
    return application


def keep(application: Application, *, by: User) -> Application:
    """Keep somebody without a partner for the next cycle, with the day since which they wait.

    Who waits goes on waiting until then; who was accepted gives the place of this cycle back.
    """
    on_behalf(application, by)
    with transaction.atomic():
        decisions.read_again(application)
        if application.state == State.WAITLISTED:
            return application if application.keep_for_next else applications.keep_for_next(application, True, by=by)
        if application.state != State.ADMITTED:
            raise NotAllowed(_("Only who waits for a partner can be kept for the next cycle."))
        if places.held_for(application):
            raise NotAllowed(
                _("Somebody counts on you already. Tell us that you have to leave; we take care of the rest.")
            )
        sent = application.sent_at or application.started_at
        since = application.waiting_since or clock.day_of(sent, application.cycle.zone)
        journal.move(
            application,
            State.WAITLISTED,
            by=by,
            reason="next cycle",
            waiting_since=since,
            keep_for_next=True,
            place_until=None,
        )
        cycles.give_back(application.cycle, application.role)
        tell(application)
    return application


def answer(application: Application, word: str, *, by: User) -> Application:
    """What somebody who waits answers to a mail or on their page, one of `choices`."""
    if word not in choices(application):
        raise NotAllowed(_("This answer is not possible any more. Look again at where it stands."))
    acts = {TAKE: take_offered, NOT_NOW: not_now, STAY: stay, NEXT: keep, LEAVE: applications.withdraw}
    return acts[word](application, by=by)


def choices(application: Application) -> list[str]:
    """What somebody who waits can answer today; nothing for whoever does not wait."""
    today = application.cycle.today()
    over = today >= application.cycle.announced_on
    if application.state == State.ADMITTED:
        return [STAY, NEXT, LEAVE] if not_matched(application) else []
    if application.state != State.WAITLISTED:
        return []
    if has_offer(application, today):
        return [TAKE, NOT_NOW, NEXT, LEAVE]
    if application.keep_for_next or not over:
        return [STAY, LEAVE] if application.keep_for_next else [STAY, NEXT, LEAVE]
    return [NEXT, LEAVE]


def wants_an_answer(application: Application) -> bool:
    """Whether there is more to say than that one waits: a place to take, or what shall become of it after the matches."""
    if application.state == State.ADMITTED:
        return not_matched(application)
    today = application.cycle.today()
    return (has_offer(application, today) or today >= application.cycle.announced_on) and bool(choices(application))


def not_matched(application: Application) -> bool:
    """Whether somebody accepted has no partner though the matches are made: by the day, or by the mail that said so.

    Where mentors are asked first, only the mail counts for a mentee: who was asked, and who said no, is not for them.
    """
    asked_first = application.program.mentor_confirms and application.role == Role.MENTEE
    if application.state != State.ADMITTED or (not asked_first and places.held_for(application)):
        return False
    told = Message.objects.filter(about=about(application), name__in=TELLS_OF_NO_MATCH, leaves_at__lte=clock.now())
    made = not asked_first and application.cycle.today() >= application.cycle.announced_on
    return made or told.exclude(state=Message.State.CANCELLED).exists()


def tell(application: Application) -> None:
    """Where an application that waits stands, honestly: every thirty days, and once when the matches are made."""
    over = application.cycle.today() >= application.cycle.announced_on
    notices_waiting.still_waiting(
        application, over=over, before=before(application), following=next_cycle(application.cycle)
    )


def carry_over(application: Application, to: Cycle) -> Application:
    """The next cycle opens: who was kept has a draft there, and is asked for one tap."""
    with transaction.atomic():
        new = decisions.carry(application, to, by=None)
        if new.state == State.DRAFT:
            notices_waiting.next_cycle_opens(new)
    return new


def has_offer(application: Application, today: date) -> bool:
    """Whether a place is kept for this person today."""
    until = application.place_until
    return application.state == State.WAITLISTED and until is not None and until >= today


def free(cycle: Cycle, role: str) -> int | None:
    """How many places are free and kept for nobody; None without a cap."""
    cycle.refresh_from_db(fields=["cap_mentors", "cap_mentees", "taken_mentors", "taken_mentees"])
    cap = cycle.cap(role)
    return None if cap is None else cap - cycle.taken(role) - cycles.promised(cycle, role)


def to_ask(cycle: Cycle, role: str) -> list[Application]:
    """Whom the calendar asks now, one for each free place: the longest wait first.

    Not whom only the committee can let in: an exception that is not granted stands before everything else.
    """
    if cycle.shut or cycle.program.admission != Program.Admission.AUTOMATIC:
        return []
    waiting = list(cycles.in_line(cycle, role).select_related("user"))
    left = free(cycle, role) if waiting else 0
    asked = list(cycle.program.gates.all()) if waiting and left != 0 else []
    for row in waiting:
        row.cycle = cycle
    known = facts_of(waiting, cycle.today()) if waiting and left != 0 else {}
    able = [row for row in waiting if row.pk in known and not _waits_for_us(known[row.pk], asked)]
    return able if left is None else able[: max(0, left)]


def before(application: Application) -> int | None:
    """How many come first when a place becomes free; None for whoever waits for the committee."""
    order = list(cycles.in_line(application.cycle, application.role).values_list("pk", flat=True))
    return order.index(application.pk) if application.pk in order else None


def told_on(rows: Iterable[Application]) -> dict[int, datetime]:
    """When each of these people last had a word from us about their waiting."""
    wanted = {about(row): row.pk for row in rows}
    told = Message.objects.filter(about__in=wanted, name__in=TELLS).exclude(state=Message.State.CANCELLED)
    return {wanted[one]: at for one, at in told.order_by().values_list("about").annotate(Max("leaves_at"))}


def next_cycle(cycle: Cycle) -> Cycle | None:
    """The cycle for which an application of this one can be kept, as soon as there is one."""
    later = Cycle.objects.filter(program=cycle.program_id, opens_on__gt=cycle.opens_on, announced_on__gt=cycle.today())
    found = later.filter(shut=False).order_by("opens_on").first()
    if found:
        found.program = cycle.program
    return found


def _must_have_offer(application: Application) -> None:
    if has_offer(application, application.cycle.today()):
        return
    if application.state == State.WAITLISTED and application.place_until:
        words = _("The place was kept for you until %s, and has gone to the next. You keep your turn.")
        raise NotAllowed(words % in_words(application.place_until))
    raise NotAllowed(_("No place is kept for this application."))


def _missing(application: Application) -> list[str]:
    """What is to be put right before the place can be taken."""
    return [finding.reason for finding in decisions.in_the_way(application, application.cycle.today())]


def _waits_for_us(known: gates.Facts, asked: Iterable[Gate]) -> bool:
    """Whether something is open that only the committee can settle, as in `decisions.in_the_way`."""
    only_us = (Gate.Consequence.EXCEPTION, Gate.Consequence.BLOCK)
    found = gates.unmet(known, asked, Gate.Stage.APPLY)
    return any(finding.consequence in only_us and finding.kind != Gate.Kind.AGREEMENT for finding in found)
