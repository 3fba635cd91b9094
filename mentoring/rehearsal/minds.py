"""What people make up their minds to do, by seed: when they apply, how they answer, whether they ask for something.

Whom the member list does not show in good standing where the program looks at it, but who has a member's name and
number, asks the membership office, which says yes within a week; of the others two thirds join within two weeks. Of the
mentors who are asked before an introduction one in six declines, and one never answers. A few pairs fall silent, one in
fifteen asks for another partner, half of those who are asked go on for another year, two thirds answer an evaluation, a
third of the mentors ask for a letter. The committee grants every second exception.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from django.db.models import Model
from django.db.models.signals import post_save

from evaluations.models import Receipt, ServiceLetter
from matching.models import Match
from members import clock, member_list, standing
from members.models import Membership
from mentoring.rehearsal import acts, chance, committee
from mentoring.rehearsal.people import Person
from mentorships.models import CheckIn, Extension, Mentorship, NextStep
from programs.models import Application, Cycle, Gate, Listing, Program, Training, Waiver

if TYPE_CHECKING:
    from mentoring.rehearsal.year import Round, Year

MATCHING = 7  # days between the committee's matching evening and an announcement to all together
LOOKS_AGAIN = [7 * week for week in range(1, 9)]  # days after the matches on which the committee goes on matching
WAITERS_ASK, OTHERS_ASK = 5, 70  # days after the matches on which those without a partner ask for the next cycle
CATCH_UP = (6, 20, 48)  # days after the last workshop on which the committee notes who has caught up
JOIN, DECLINE, SILENT, OTHER_PARTNER, EXTEND = 2 / 3, 1 / 6, 1 / 12, 1 / 15, 1 / 2
CHECK_IN, EVALUATE, LETTER, ABSENT = 5 / 6, 2 / 3, 1 / 3, 1 / 5
NOT_YET = (Application.State.WAITLISTED,)
WITHOUT = (Application.State.WAITLISTED, Application.State.ADMITTED)
NOTICED = (CheckIn, Extension, Mentorship, NextStep, Receipt, ServiceLetter, Waiver)
YES, NO = Extension.Word.YES, Extension.Word.NO


class Minds:
    """Everybody's intentions in one program."""

    def __init__(self, year: "Year"):
        self.year, self.seed, self.program = year, year.seed, year.program
        self.lots = chance.Lots(year.seed)
        self.silent: set[int] = set()  # pairs that do not answer us
        self.asked: set[str] = set()  # mentors who were asked for their yes before
        self.exceptions = 0
        self._made: dict[type[Model], list] = {model: [] for model in NOTICED}
        for model in NOTICED:
            post_save.connect(self._note_new, sender=model)
        self._known: set[tuple] = set()

    def begin(self) -> None:
        """The member list comes in, and every cycle has its days."""
        year = self.year
        today = clock.today(year.zone)
        member_list.apply(self.program.association, year.cast.members, seen_on=today, by=year.chair)
        for one in year.rounds:
            year.plan(max(today, one.cycle.opens_on - timedelta(days=1)), 10, self.open, one)

    def open(self, one: "Round") -> None:
        """A cycle is about to open: everybody chooses a day to apply, the committee its evenings."""
        cycle, applying = one.cycle, {}
        days = (cycle.closes_on - cycle.opens_on).days
        for person in one.applicants:
            dice = chance.dice(self.seed, "applies", person.role, person.email)
            applying[person.role, person.email] = cycle.opens_on + timedelta(days=dice.randint(0, days))
            self.year.plan(applying[person.role, person.email], dice.randint(8, 20), acts.apply, cycle, person)
        self._seek_membership(one, applying)
        self._matching_evenings(cycle)
        self._workshops(cycle)
        if len(self.year.rounds) > 1:
            for after, states in ((WAITERS_ASK, NOT_YET), (OTHERS_ASK, WITHOUT)):
                self.year.plan(cycle.announced_on + timedelta(days=after), 20, acts.wish_for_next, cycle, states)

    def _matching_evenings(self, cycle: Cycle) -> None:
        """One evening where all are introduced together; where each pair is when it is ready, the committee goes on."""
        chair, together = self.year.chair, self.program.introduce == Program.Introduce.TOGETHER
        first = cycle.announced_on - timedelta(days=MATCHING) if together else cycle.announced_on
        for after in [0] if together else [0, *LOOKS_AGAIN]:
            self.year.plan(first + timedelta(days=after), 18, committee.match, cycle, chair)

    def _workshops(self, cycle: Cycle) -> None:
        """Attendance is noted on the day after each; who missed the first comes to the next, or catches up."""
        sessions = list(Training.objects.filter(cycle=cycle).order_by("starts_at"))
        for session in sessions:
            day = clock.day_of(session.starts_at, self.year.zone) + timedelta(days=1)
            self.year.plan(day, 10, self._note_attendance, session)
        if sessions:
            last = clock.day_of(sessions[-1].starts_at, self.year.zone)
            for after in CATCH_UP:
                self.year.plan(last + timedelta(days=after), 10, committee.note_made_up, sessions[-1], self.year.deputy)

    def _note_attendance(self, session: Training) -> None:
        people = Application.objects.filter(cycle=session.cycle, state=Application.State.ADMITTED)
        emails = dict(people.values_list("user__email", "user_id"))
        absent = chance.some(self.seed, f"absent {session.pk}", emails, ABSENT)
        committee.note_attendance(session, {emails[email] for email in absent}, self.year.deputy)

    def _seek_membership(self, one: "Round", applying: dict[tuple[str, str], date]) -> None:
        """Who is not in good standing on the day on which the program looks goes to the office, joins, or stays away."""
        stages = set(self.program.gates.filter(kind=Gate.Kind.MEMBERSHIP).values_list("stage", flat=True))
        if not stages:
            return
        at_once = Gate.Stage.APPLY in stages
        association, first = self.program.association, {}
        for person in sorted(one.applicants, key=lambda person: applying[person.role, person.email]):
            day = applying[person.role, person.email] if at_once else one.cycle.begins_on
            if person.email not in first and not standing.of([person.email], association, day).good:
                first[person.email] = person, day
        rows = {email: _member_like(person, association, day) for email, (person, day) in first.items()}
        joining = chance.some(self.seed, "joins", (email for email in first if not rows[email]), JOIN)
        for email, (person, day) in first.items():
            dice = chance.dice(self.seed, "office", email)
            if row := rows[email]:
                self.year.plan(day, 21, acts.claim, one.cycle, person)
                said = _after(day, dice, 1, 6)
                self.year.plan(said, 10, committee.say_yes, association, person, self.year.office, row)
            elif email in joining:
                said = _after(day, dice, 2, 13)
                self.year.plan(said, 10, committee.say_yes, association, person, self.year.office)

    def look_round(self, day: date, done: Collection[str]) -> None:
        """In the evening: whoever was introduced or asked something today makes up their mind. `done`: what the calendar
        did, in its words."""
        self._exceptions(day)
        if "place_free" in done:
            self._places(day)
        if "next_cycle_opens" in done:
            self._carried(day)
        if "listing_asked" in done:
            self._listed(day)
        if "offer" in done:
            self._offers(day)
        self._pairs(day)
        self._check_ins(day)
        if self.program.extension_months:
            self._extensions(day)
        if self.program.service_letters:
            self._letters(day)
        self._evaluations(day)

    def _exceptions(self, day: date) -> None:
        for waiver in self._new(Waiver, "gate", gate__program=self.program):
            self.exceptions += 1
            decided = _after(day, chance.dice(self.seed, "exception", self.exceptions), 1, 3)
            granted = self.exceptions % 2 == 1
            self.year.plan(decided, 19, committee.decide_exception, waiver, granted, self.year.chair)

    def _places(self, day: date) -> None:
        """A free place is taken."""
        rows = self._applications(state=Application.State.WAITLISTED, place_until__gte=day)
        for row in rows:
            if self._first_time("place", row.pk, row.place_until):
                self.year.plan(day + timedelta(days=1), 18, acts.take_place, row)

    def _carried(self, day: date) -> None:
        """Who was kept for this cycle sends the new application."""
        for row in self._applications(state=Application.State.DRAFT, carried_from__isnull=False):
            if self._first_time("carried", row.pk):
                dice = chance.dice(self.seed, "carried", row.user.email, row.role)
                self.year.plan(_after(day, dice, 1, 9), dice.randint(8, 20), acts.send_again, row)

    def _listed(self, day: date) -> None:
        """Who is on the list of mentors is available once more."""
        asked = Listing.objects.filter(program=self.program, asked_for__isnull=False, answer="").order_by("pk")
        for listing in asked.select_related("user", "asked_for__program__association", "program"):
            if self._first_time("listed", listing.pk, listing.asked_for_id):
                dice = chance.dice(self.seed, "listed", listing.user.email)
                self.year.plan(_after(day, dice, 1, 9), 19, acts.offer_again, listing, listing.asked_for)

    def _applications(self, **where: object):
        rows = Application.objects.filter(cycle__program=self.program, **where)
        return rows.select_related("user").order_by("pk")

    def _offers(self, day: date) -> None:
        """Mentors say yes within the week; one in six declines the first they are asked about, one never answers."""
        offered = Match.objects.filter(cycle__program=self.program, state=Match.State.OFFERED)
        fresh = {
            match.mentor_application.user.email: match
            for match in offered.select_related("mentor_application__user").order_by("pk")
            if self._first_time("offer", match.pk)
        }
        new = set(fresh) - self.asked
        self.asked |= new
        silent = self.lots.draw("never answers", new, 1, most=1)
        declining = self.lots.draw("declines", new - silent, DECLINE)
        for email in sorted(set(fresh) - silent):
            dice = chance.dice(self.seed, "offer", email, fresh[email].pk)
            no = dice.choice([Match.Answer.NOT_THIS_PERSON, Match.Answer.NOT_THIS_PERSON, Match.Answer.NOT_THIS_CYCLE])
            answer = no if email in declining else Match.Answer.YES
            self.year.plan(_after(day, dice, 1, 5), dice.randint(8, 20), acts.answer_offer, fresh[email], answer)

    def _pairs(self, day: date) -> None:
        """A few of those introduced will be silent, one in fifteen will ask for another partner; ended ones look on."""
        fresh = {
            pair.mentee.email: pair for pair in self._new(Mentorship, "mentee", "mentor", cycle__program=self.program)
        }
        silent = self.lots.draw("silent", fresh, SILENT)
        self.silent |= {fresh[email].pk for email in silent}
        for email in sorted(self.lots.draw("another", set(fresh) - silent, OTHER_PARTNER)):
            dice = chance.dice(self.seed, "another", email)
            asked = _after(day, dice, 70, 120)
            self.year.plan(asked, 20, acts.ask_for_another, fresh[email])
            self.year.plan(_after(asked, dice, 2, 5), 19, committee.find_another, fresh[email], self.year.chair)
        if self.program.service_letters:
            for email in sorted(self.lots.draw("letter", fresh, LETTER)):
                over = fresh[email].term().ends_on
                asked = _after(over, chance.dice(self.seed, "letter", email), -30, 10)
                self.year.plan(asked, 20, acts.ask_for_letter, fresh[email])
        for step in self._new(NextStep, "user", mentorship__cycle__program=self.program):
            dice = chance.dice(self.seed, "what next", step.user.email, step.role)
            self.year.plan(_after(day, dice, 1, 5), 20, acts.say_what_next, step)

    def _check_ins(self, day: date) -> None:
        for check_in in self._new(CheckIn, "user", mentorship__cycle__program=self.program):
            dice = chance.dice(self.seed, check_in.moment, check_in.due_on, check_in.user.email, check_in.role)
            if check_in.mentorship_id not in self.silent and dice.random() < CHECK_IN:
                self.year.plan(_after(day, dice, 1, 8), dice.randint(8, 20), acts.answer_check_in, check_in, dice)

    def _extensions(self, day: date) -> None:
        """Half of the pairs agree; of the others one of the two says no, and the other may say nothing."""
        by_pair: dict[str, list[Extension]] = defaultdict(list)
        for asked in self._new(
            Extension, "user", "term__mentorship__mentee", term__mentorship__cycle__program=self.program
        ):
            by_pair[asked.term.mentorship.mentee.email].append(asked)
        agreed = self.lots.draw("another year", by_pair, EXTEND)
        for email, both in sorted(by_pair.items()):
            dice = chance.dice(self.seed, "another year", email)
            words = [YES, YES] if email in agreed else dice.choice([[YES, NO], [NO, YES], [NO, NO], [YES, ""]])
            for asked, word in zip(both, words, strict=False):
                if word:
                    self.year.plan(_after(day, dice, 1, 20), dice.randint(8, 20), acts.answer_extension, asked, word)

    def _letters(self, day: date) -> None:
        if self._new(ServiceLetter, mentorship__cycle__program=self.program):
            monday = day + timedelta(days=8 - day.isoweekday())  # the day on which the chair is reminded
            self.year.plan(monday, 19, committee.sign_letters, self.program, self.year.chair)

    def _evaluations(self, day: date) -> None:
        asked = self._new(Receipt, "user", term__mentorship__cycle__program=self.program)
        receipts = {f"{receipt.user.email} {receipt.role} {receipt.term_id}": receipt for receipt in asked}
        for who in sorted(self.lots.draw("evaluates", receipts, EVALUATE)):
            dice = chance.dice(self.seed, "evaluates", day, who)
            self.year.plan(_after(day, dice, 1, 18), dice.randint(8, 20), acts.evaluate, receipts[who], dice)

    def _new(self, model: type[Model], *related: str, **where: object) -> list:
        """Rows made since the last look, with the people they are about."""
        made, self._made[model] = self._made[model], []
        if not made:
            return []
        return list(model._default_manager.filter(pk__in=made, **where).select_related(*related).order_by("pk"))

    def _note_new(self, sender: type[Model], instance: Model, created: bool, **more: object) -> None:
        if created:
            self._made[sender].append(instance.pk)

    def _first_time(self, *what: object) -> bool:
        """Whether somebody comes upon this for the first time."""
        known = what in self._known
        self._known.add(what)
        return not known


def _after(day: date, dice: Random, least: int, most: int) -> date:
    return day + timedelta(days=dice.randint(least, most))


def _member_like(person: Person, association, day: date) -> Membership | None:
    """The good row that has this person's name and number under another address."""
    if not person.number:
        return None
    rows = Membership.objects.on(day).filter(
        association=association,
        member_number=person.number,
        first_name__iexact=person.first_name,
        last_name__iexact=person.last_name,
        status__in=association.good_statuses,
    )
    return rows.first()
