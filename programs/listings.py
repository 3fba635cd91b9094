"""Mentors who stay listed between the cycles: they join, pause and leave as they like, and are asked when a cycle opens."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import clock, journal
from members.journal import NotAllowed
from members.models import User
from programs import applications, notices_listing
from programs.models import Application, Cycle, Listing, Place, Program, Role

State = Application.State
HAS_OFFERED = (State.SUBMITTED, State.HELD, State.WAITLISTED, State.ADMITTED, State.CARRIED)
LONGEST_PAUSE = timedelta(days=3 * 365)


def may_join(program: Program, user: User) -> bool:
    """Whether this program keeps a list, and this person has offered to be a mentor there before."""
    offered = Application.objects.filter(cycle__program=program, user=user, role=Role.MENTOR, state__in=HAS_OFFERED)
    return program.mentor_listing and offered.exists()


def join(program: Program, user: User, *, by: User) -> Listing:
    """Stay on the program's list between cycles; who paused or had left is on it again. Joining twice is joining once."""
    _own(user, by)
    if not program.mentor_listing:
        raise NotAllowed(_("This program keeps no list between its rounds."))
    if not may_join(program, user):
        word = program.mentor_word
        raise NotAllowed(_("Apply as a %s once; from then on you can stay on the list.") % word)
    with transaction.atomic():
        listing = Listing.objects.select_for_update().filter(program=program, user=user).first()
        if listing and listing.available and listing.paused_until is None:
            return listing
        if listing is None:
            since = clock.today(program.time_zone)
            try:
                with transaction.atomic():
                    listing = Listing.objects.create(program=program, user=user, since=since)
            except IntegrityError:
                return Listing.objects.get(program=program, user=user)  # a second click was a moment faster
        else:
            _write(listing, available=True, paused_until=None)
        journal.record(listing, "listed", by=by)
    return listing


def leave(listing: Listing, *, by: User) -> Listing:
    """Off the list: nobody asks any more, until this person joins again. Leaving twice is leaving once."""
    _own_or_told(listing, by)
    with transaction.atomic():
        _lock(listing)
        if listing.available:
            _write(listing, available=False, paused_until=None)
            journal.record(listing, "not listed", by=by)
            notices_listing.answered(listing)
    return listing


def pause(listing: Listing, until: date | None, *, by: User) -> Listing:
    """On the list, but not asked before a day is over; None ends the pause. The committee may note it for somebody."""
    _own_or_told(listing, by)
    today = clock.today(listing.program.time_zone)
    if until is not None and not today < until <= today + LONGEST_PAUSE:
        raise NotAllowed(_("Choose a day between tomorrow and three years from now."))
    with transaction.atomic():
        _lock(listing)
        if not listing.available:
            raise NotAllowed(_("You are not on the list, so there is nothing to pause."))
        if listing.paused_until != until:
            _write(listing, paused_until=until)
            journal.record(listing, "paused" if until else "pause ended", by=by)
            notices_listing.answered(listing)
    return listing


def ask(listing: Listing, cycle: Cycle) -> Listing:
    """The cycle opens: are you available? Once a cycle; not while paused, off the list, in a pair or applied already."""
    with transaction.atomic():
        _lock(listing)
        if listing.asked_for_id == cycle.pk or listing not in to_ask(cycle, clock.today(cycle.zone)):
            raise NotAllowed(_("There is nothing to ask this person now."))
        _write(listing, asked_for=cycle, answer="")
        journal.record(listing, "asked")
        notices_listing.listing_asked(listing)
    return listing


def to_ask(cycle: Cycle, today: date) -> list[Listing]:
    """Who is to be asked for a cycle and has not been: the longest on the list first."""
    program = cycle.program
    if not program.mentor_listing:
        return []
    rows = Listing.objects.filter(program=program, available=True, user__is_active=True)
    rows = rows.exclude(asked_for=cycle).exclude(paused_until__gte=today)
    applied = Application.objects.filter(cycle=cycle, role=Role.MENTOR).values("user")
    in_a_pair = Place.objects.filter(program=program).values("mentor")
    rows = rows.exclude(user__in=applied).exclude(user__in=in_a_pair)
    return list(rows.select_related("user", "program__association").order_by("since", "pk"))


def answer(listing: Listing, cycle: Cycle, said: str, *, by: User, until: date | None = None) -> Application | None:
    """Yes, not now, or pause until a day. A yes gives their application, filled in with what they told us last time.

    It stays a draft until its person has agreed and sent it: nobody mentors on last year's signature.
    """
    _own(listing.user, by)
    if said not in Listing.Answer.values:
        raise NotAllowed(_("Choose one of the answers."))
    if cycle.program_id != listing.program_id:
        raise NotAllowed(_("That is another program's round."))
    application = None
    with transaction.atomic():
        _lock(listing)
        if said == Listing.Answer.PAUSE:
            if until is None:
                raise NotAllowed(_("Until when shall we leave you in peace?"))
            pause(listing, until, by=by)
        if said == Listing.Answer.YES:
            application = _offer_again(listing.user, cycle, by=by)
            _write(listing, available=True, paused_until=None)
        if (listing.asked_for_id, listing.answer) != (cycle.pk, said):
            _write(listing, asked_for=cycle, answer=said)
            journal.record(listing, "answered", by=by, reason=said)
            notices_listing.answered(listing)
    return application


def _offer_again(user: User, cycle: Cycle, *, by: User) -> Application:
    application = applications.start(cycle, user, Role.MENTOR)
    if application.state == State.DRAFT and not application.answers:
        answers, _from = applications.answers_to_start_from(user, cycle, Role.MENTOR)
        if answers:
            applications.save(application, answers, by=by)
    return application


def _own(user: User, by: User) -> None:
    if by.pk != user.pk:
        raise NotAllowed(_("Only the mentor says whether they are on the list."))


def _own_or_told(listing: Listing, by: User) -> None:
    """Leaving and pausing can be told to the committee as well."""
    if not by.has_perm("programs.apply_on_behalf", listing):
        _own(listing.user, by)


def _lock(listing: Listing) -> None:
    """What the database says of this listing now; the row stays ours until the transaction ends."""
    columns = ["available", "paused_until", "asked_for", "answer"]
    listing.refresh_from_db(fields=columns, from_queryset=Listing.objects.select_for_update())


def _write(listing: Listing, **fields) -> None:
    for name, value in fields.items():
        setattr(listing, name, value)
    listing.save(update_fields=list(fields))
