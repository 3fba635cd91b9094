"""The announcement's page as people read it: what will leave, to whom, who is left out and why, what happens then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import zip_longest

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching import announcing, notices, offers_page, pool
from matching.announcing import HELD_FOR, UNDO_WITHIN, Announcement
from matching.models import Match, Run
from matching.notices_offer import OfferMail
from members import clock
from members.words import day, moment
from programs.models import Cycle, Program, Seat

OFFER = ("offer", gettext_lazy("Would you mentor …? A question to each mentor, with five answers"))
MAILS = (
    (notices.NOT_MATCHED, gettext_lazy("No match yet, and what we do about it")),
    (notices.RESERVE, gettext_lazy("Thank you: may we keep you in reserve?")),
)
SHOWN = 3
"""Names in a line before "and 4 more"."""


@dataclass(frozen=True)
class Kind:
    """One kind of mail: how many, what, to whom in words, when it leaves."""

    count: int
    what: str
    to: str
    leaves: str
    number: int | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sure:
    """One line of what to be sure of before announcing."""

    fine: bool
    text: str


@dataclass(frozen=True)
class Waiting:
    """An announced pair before its introduction."""

    match: Match
    when: str
    why_not: str
    can_now: bool
    own: bool


class Page:
    """Everything that the announcement's page shows."""

    def __init__(self, cycle: Cycle, user, mail: int = 1) -> None:
        self.cycle, self.user, self.number = cycle, user, mail
        self.now = clock.now()
        self.can_announce = user.has_perm("matching.announce", cycle)
        self.held = announcing.held(cycle)
        self.leads = set(
            Seat.objects.filter(program=cycle.program, role__in=[Seat.Role.CHAIR, Seat.Role.DEPUTY])
            .on(cycle.today())
            .values_list("user_id", flat=True)
        )

    @property
    def program(self) -> Program:
        return self.cycle.program

    def _moment(self, value: datetime) -> str:
        return moment(value, self.program.time_zone, self.program.zone_word)

    @cached_property
    def announcement(self) -> Announcement:
        return announcing.announcement(self.cycle, by=self.user if self.can_announce else None)

    @cached_property
    def seen(self) -> str:
        return announcing.fingerprint(self.announcement)

    @cached_property
    def introductions(self) -> str:
        """When the pairs are introduced, in words."""
        if self.program.mentor_confirms:
            return _("when the %s has said yes and both are ready") % self.program.mentor_word
        if self.program.introduce == Program.Introduce.WHEN_READY:
            return _("when both are ready")
        if self.cycle.announced_on < self.cycle.today():
            return _("in 15 minutes")
        return _("on %s") % day(self.cycle.announced_on)

    @cached_property
    def kinds(self) -> list[Kind]:
        """What leaves, each kind in a line."""
        pairs = self.announcement.pairs
        found = [self._first_kind(pairs)] if pairs and not self.program.mentor_confirms else []
        for name, what in (OFFER, *MAILS):
            numbered = [(number, mail) for number, mail in enumerate(self.mails, start=1) if mail.name == name]
            if numbered:
                names = [mail.to.name for _number, mail in numbered]
                at = _("in 15 minutes")
                found.append(Kind(len(names), str(what), _some(names), at, numbered[0][0], tuple(names)))
        return found

    def _first_kind(self, pairs: Sequence[Match]) -> Kind:
        """What the pairs themselves get: an introduction, or first a question to each mentor."""
        if self.program.mentor_confirms:
            to = _some([str(match.mentor_application) for match in pairs])
            return Kind(len(pairs), str(OFFER[1]), to, self.leaves)
        return Kind(len(pairs), _("Introduction: both in one mail"), _both(len(pairs)), self.introductions)

    @cached_property
    def mails(self) -> list[notices.Mail | OfferMail]:
        """Every mail that leaves after the hold and can be looked at now; introductions come later."""
        asked_at = self.now + HELD_FOR
        offers = [OfferMail(match, asked_at) for match in self.announcement.pairs if self.program.mentor_confirms]
        return [*offers, *self.announcement.mails]

    @property
    def by_two(self) -> list[tuple[Match, Match | None]]:
        """The pairs in two columns, read downwards."""
        pairs = self.held or self.announcement.pairs
        half = (len(pairs) + 1) // 2
        return list(zip_longest(pairs[:half], pairs[half:]))

    @cached_property
    def total(self) -> int:
        return sum(kind.count for kind in self.kinds)

    @cached_property
    def people(self) -> int:
        in_pairs = len(self.announcement.pairs) * (1 if self.program.mentor_confirms else 2)
        return in_pairs + len(self.announcement.mails)

    @cached_property
    def preview(self) -> dict | None:
        """One mail as its reader gets it."""
        mails = self.mails
        if not mails:
            return None
        number = min(self.number, len(mails))
        subject, text = mails[number - 1].as_read()
        return {
            "number": number,
            "of": len(mails),
            "next": number + 1 if number < len(mails) else None,
            "before": number - 1 if number > 1 else None,
            "to": mails[number - 1].to.name,
            "subject": subject,
            "text": text,
        }

    @cached_property
    def sure(self) -> list[Sure]:
        """What to be sure of, each fine or not."""
        found = [self._best()]
        open_own = [match for match in self.committees_own if match.confirmed_by_id is None]
        if self.committees_own:
            text = _("Every pair of somebody who announces is confirmed by another member.")
            if open_own:
                text = ngettext(
                    "%d pair of somebody who announces waits for another member's word.",
                    "%d pairs of somebody who announces wait for another member's word.",
                    len(open_own),
                ) % len(open_own)
            found.append(Sure(not open_own, text))
        cycle = self.announcement.cycle
        if cycle.today() > cycle.closes_on:
            found.append(Sure(True, _("Applications are closed since %s.") % day(cycle.closes_on)))
        else:
            words = _("Applications are open until %s: whoever applies from now on is not in this set.")
            found.append(Sure(False, words % day(cycle.closes_on)))
        without = len(self.announcement.not_matched)
        if without:
            found.append(
                Sure(
                    True,
                    ngettext(
                        "%d mentee without a mentor reads why and what comes next.",
                        "%d mentees without a mentor read why and what comes next.",
                        without,
                    )
                    % without,
                )
            )
        return found

    def _best(self) -> Sure:
        run = Run.objects.filter(cycle=self.cycle).first()
        shown = {pool.names(match) for match in self.announcement.pairs}
        if run and {tuple(pair) for pair in run.result["pairs"]} == shown:
            return Sure(
                True, _("The set is the best under your rules, unchanged since %s.") % self._moment(run.made_at)
            )
        if run:
            return Sure(True, _("Changed by hand since the suggestion of %s.") % self._moment(run.made_at))
        return Sure(False, _("No suggestion was asked for; every pair was made by hand."))

    @cached_property
    def committees_own(self) -> list[Match]:
        """Pairs to which somebody belongs who may announce."""
        return [match for match in self.announcement.pairs if self.leads & match.people()]

    @cached_property
    def to_confirm(self) -> list[tuple[Match, bool]]:
        """Those that nobody has confirmed yet, and whether this person may."""
        return [
            (match, self.user.has_perm("matching.edit_match", match))
            for match in self.committees_own
            if match.confirmed_by_id is None
        ]

    # while it is held

    @cached_property
    def leaves_at(self) -> datetime:
        return min(match.leaves_at for match in self.held if match.leaves_at)

    @property
    def introduced_on(self) -> date:
        """The day on which held pairs are introduced."""
        return max(self.cycle.announced_on, clock.day_of(self.leaves_at, self.program.time_zone))

    @property
    def leaves(self) -> str:
        return self._moment(self.leaves_at)

    @property
    def pressed(self) -> str:
        return self._moment(self.leaves_at - HELD_FOR)

    @cached_property
    def minutes_left(self) -> int:
        return max(1, -((self.now - self.leaves_at) // timedelta(minutes=1)))

    @property
    def minutes_gone(self) -> int:
        return 15 - self.minutes_left

    @cached_property
    def held_kinds(self) -> list[Kind]:
        """What is held, each kind in a line."""
        found = [self._first_kind(self.held)]
        named = notices.waiting_to_leave(self.cycle)
        for name, what in MAILS:
            if to := named.get(name):
                found.append(Kind(len(to), str(what), _some(to), self.leaves, names=tuple(to)))
        return found

    @cached_property
    def held_mails(self) -> int:
        first = 0 if self.program.mentor_confirms else 1
        return sum(kind.count for kind in self.held_kinds[first:])

    @cached_property
    def stoppers(self) -> str:
        """Who can stop it, by name."""
        seats = Seat.objects.filter(program=self.program, user__in=self.leads).on(self.cycle.today())
        return _some([str(seat.user) for seat in seats.select_related("user").order_by("role", "pk")])

    @property
    def asked_until(self) -> date:
        """Until when the mentors have time to answer."""
        return clock.day_of(self.leaves_at, self.program.time_zone) + timedelta(days=self.program.offer_days)

    # afterwards

    @cached_property
    def offers(self) -> dict[str, int]:
        """How the offers of this cycle stand; empty where mentors are not asked."""
        return offers_page.figures(offers_page.of(self.cycle, self.user)) if self.program.mentor_confirms else {}

    @cached_property
    def waiting(self) -> list[Waiting]:
        """Announced pairs whose hold is over, until they are introduced."""
        rows = Match.objects.filter(cycle=self.cycle, state__in=[Match.State.ANNOUNCED, Match.State.ACCEPTED])
        found = []
        for match in rows.filter(leaves_at__lte=self.now).select_related(
            "mentor_application__user", "mentee_application__user"
        ):
            match.cycle = self.cycle
            when = announcing.introduced_at(match)
            due = when is not None and when <= self.now
            why_not = "; ".join(announcing.not_ready(match, self.now)) if due else ""
            own = self.user.pk in match.people()
            said = _("when both are ready") if why_not else self._moment(when) if when else ""
            found.append(Waiting(match, said, why_not, due and not why_not, own))
        return found

    @cached_property
    def just_introduced(self) -> list[tuple[Match, bool]]:
        """Pairs introduced within a day, and whether this person may take the introduction back."""
        rows = Match.objects.filter(
            cycle=self.cycle, state=Match.State.INTRODUCED, mentorship__introduced_at__gt=self.now - UNDO_WITHIN
        ).select_related("mentor_application__user", "mentee_application__user", "mentorship")
        found = []
        for match in rows:
            match.cycle = self.cycle
            found.append((match, self.user.has_perm("matching.undo_introduction", match)))
        return found


def _both(pairs: int) -> str:
    return ngettext("%d pair", "%d pairs", pairs) % pairs


def _some(names: list[str]) -> str:
    """ "Ann, Bea, Cal and 4 more"."""
    if len(names) <= SHOWN + 1:
        return ", ".join(names)
    more = len(names) - SHOWN
    return _("%(names)s and %(more)d more") % {"names": ", ".join(names[:SHOWN]), "more": more}
