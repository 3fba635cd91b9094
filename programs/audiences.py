"""The lists of people that applications, workshops, the mentors' list and the committee's roles give to letters."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.audiences import Audience, Listed, ListOfPeople, in_words
from members.models import User
from members.words import day
from programs import application_list, training, waiting_list
from programs.models import Application, Cycle, Listing, Role, Seat

State = Application.State
# Who stands on the list of applications and is no longer part of the round.
GONE = {
    State.WITHDRAWN: gettext_lazy("has withdrawn"),
    State.REFUSED: gettext_lazy("was told: not this time"),
    State.EXPIRED: gettext_lazy("did not become a member in time"),
    State.CARRIED: gettext_lazy("is kept for the next round"),
}


def applications(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """The list of applications with its filters. Who has gone is left out, unless just these were asked for."""
    chosen = application_list.Asked.of(asked)
    rows = application_list.rows_of(cycle, chosen, reader)
    labels = application_list.labels()
    return Audience(
        words=in_words(
            _("Applications of %s") % cycle.name,
            _many(cycle, chosen.role) if chosen.role else "",
            str(State(chosen.state).label) if chosen.state else "",
            labels.get(chosen.only, ""),
            f"“{chosen.q}”" if chosen.q else "",
        ),
        people=[Listed(row.user, gone(row, chosen.state)) for row in rows],
        why=_("You get this because you have applied to %s.") % cycle.program.name,
        participants=True,
        back=_address("programs_application_changelist", chosen.query(cycle, show="")),
        query=chosen.query(cycle, show="", cycle__id__exact=""),
    )


def gone(application: Application, asked_for: str = "") -> str:
    """Why nothing is sent to an applicant; nobody who has withdrawn is written to, whatever is asked for."""
    state = State(application.state)
    if state == asked_for and state != State.WITHDRAWN:
        return ""
    return str(GONE.get(state, ""))


def waiting(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """Everybody on the waiting list."""
    return Audience(
        words=_("The waiting list of %s") % cycle.name,
        people=[Listed(row.user) for row in waiting_list.of(cycle)],
        why=_("You get this because you are on the waiting list of %s.") % cycle.program.name,
        participants=True,
        back=_address("programs_waiting", urlencode({"cycle": cycle.pk})),
    )


def no_workshop(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """Everybody accepted who still needs the workshop."""
    return Audience(
        words=_("Who still needs the workshop, %s") % cycle.name,
        people=[Listed(one.application.user) for one in training.missing(cycle)],
        why=_("You get this because you take part in %s.") % cycle.program.name,
        participants=True,
        back=_address("programs_training_missing", urlencode({"cycle": cycle.pk})),
    )


def listed(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """The mentors who stay on the program's list between its rounds."""
    program, today = cycle.program, cycle.today()
    people = []
    for row in Listing.objects.filter(program=program).select_related("user"):
        away = ""
        if not row.available:
            away = _("has left the list")
        elif row.paused_until and row.paused_until >= today:
            away = _("wants to be left in peace until %s") % day(row.paused_until)
        people.append(Listed(row.user, away))
    return Audience(
        words=_("%(mentors)s on the list of %(program)s")
        % {"mentors": _many(cycle, Role.MENTOR).capitalize(), "program": program.name},
        people=people,
        why=_("You get this because you are on the list of %s between its rounds.") % program.name,
        back=_address("programs_listing_changelist", ""),
    )


def us(reader: User, cycle: Cycle, asked: Mapping[str, str]) -> Audience:
    """Everybody with a role in the program today."""
    seats = Seat.objects.filter(program=cycle.program_id).on(cycle.today()).select_related("user")
    people = {seat.user_id: Listed(seat.user) for seat in seats}
    return Audience(
        words=_("Us: everybody with a role in %s") % cycle.program.name,
        people=list(people.values()),
        why=_("You get this because you have a role on the committee of %s.") % cycle.program.name,
        back=_address("programs_seat_changelist", ""),
    )


LISTS = {
    "applications": ListOfPeople("programs.view_application", applications),
    "waiting": ListOfPeople("programs.view_application", waiting),
    "no-workshop": ListOfPeople("programs.mark_attendance", no_workshop),
    "listed": ListOfPeople("programs.view_listing", listed),
    "us": ListOfPeople("programs.view_seat", us),
}


def _many(cycle: Cycle, role: str) -> str:
    """ "mentees", in the program's own word."""
    return _("%(word)ss") % {"word": cycle.program.word_for(role)}


def _address(page: str, query: str) -> str:
    return f"{reverse(f'admin:{page}')}?{query}" if query else reverse(f"admin:{page}")
