"""What pairs were owed, worked out afterwards from the rows by counting days: nothing here asks the calendar's own code.

Beat came on the `lived` days, in the evening. Everything that is due on a day leaves on the first of them that has come
by then, to a pair that is going at that moment, as long as it still makes sense.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from evaluations.models import Receipt
from mail.models import OptOut
from members.models import Entry
from mentoring.tests.beats import evening
from mentorships.models import CheckIn, CheckInPlan, CycleTopic, Extension, Mentorship
from programs.models import Application, Question

FORTNIGHT, SIX_WEEKS = timedelta(days=14), timedelta(days=45)
SIDES = ("mentor", "mentee")


@dataclass(frozen=True, order=True)
class Owed:
    """One mail: which, to whom, on which day it was due, and on which day it had to leave, beat being what it was."""

    name: str
    email: str
    due: date
    leaves: date
    cycle: int


def plus(day: date, months: int) -> date:
    """The same day so many months on, or that month's last."""
    number = day.year * 12 + day.month - 1 + months
    first = date(number // 12, number % 12 + 1, 1)
    days = [first + timedelta(days=more) for more in range(31)]
    return max(one for one in days if one.month == first.month and one.day <= day.day)


class Pair:
    """A pair as its rows tell: when it was going, from when to when its terms ran."""

    def __init__(self, row: Mentorship, lived: list[date]):
        self.row, self.lived, self.program = row, lived, row.cycle.program
        self.zone = ZoneInfo(self.program.time_zone)
        self.met = self.local(row.introduced_at)
        self.terms = list(row.terms.order_by("number"))
        moves = Entry.objects.filter(about=f"mentorship:{row.pk}").exclude(to="").order_by("at", "pk")
        self.moves = list(moves.values_list("at", "to"))
        self.email = {"mentor": row.mentor.email, "mentee": row.mentee.email}

    def local(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def going(self, beat: date) -> bool:
        """Whether it was neither paused nor over when beat came that evening."""
        state = "open"
        for at, to in self.moves:
            if at < evening(beat):
                state = to
        return self.row.introduced_at <= evening(beat) and state == "open"

    def first(self, due: date, last: date, if_: Callable[[date], bool] = lambda beat: True) -> date | None:
        """The first evening from this day to that on which beat came and the pair was going."""
        for beat in self.lived[bisect_left(self.lived, due) :]:
            if beat > last:
                return None
            if self.going(beat) and if_(beat):
                return beat
        return None

    def owed(self, name: str, side: str, due: date, leaves: date) -> Owed:
        return Owed(name, self.email[side], due, leaves, self.row.cycle_id)

    def both(self, name: str, due: date, last: date, if_: Callable[[date], bool] = lambda beat: True) -> Iterator[Owed]:
        if beat := self.first(due, last, if_):
            for side in SIDES:
                yield self.owed(name, side, due, beat)


def everything(lived: list[date], answered: Mapping[int, date], closed: Mapping[str, date]) -> list[Owed]:
    """Every mail of the calendar to pairs, in these days. `answered`: on which days evaluations were, which no row says
    (nobody is to know); `closed`: whose accounts were closed, and when."""
    rows = Mentorship.objects.select_related("cycle__program", "mentor", "mentee").order_by("pk")
    pairs = [Pair(row, lived) for row in rows]
    found = [one for pair in pairs for part in OF_A_PAIR for one in part(pair)]
    found += [one for pair in pairs for one in again(pair, answered)] + list(topics(pairs, lived))
    # Who has several pairs in a cycle is asked about all of them by one mail.
    asked = {(one.name, one.email, one.leaves, one.cycle): one for one in found if one.name in TOGETHER}
    found = [one for one in found if one.name not in TOGETHER] + list(asked.values())
    left = dict(OptOut.objects.values_list("email", "since"))
    return sorted(
        one
        for one in found
        if one.leaves < closed.get(one.email, date.max)
        and not (one.name == "topic" and one.email in left and left[one.email] < evening(one.leaves))
    )


def check_ins(pair: Pair) -> Iterator[Owed]:
    """By the plan's days; a question that was missed is not put once the next is due."""
    lines = list(CheckInPlan.objects.filter(program=pair.program))
    for number, term in enumerate(pair.terms):
        days = [(plus(term.begins_on, line.after_months), line.moment) for line in lines if line.after_months]
        if number == 0:
            days += [(pair.met + timedelta(days=line.after_days), line.moment) for line in lines if line.after_days]
        days = sorted(day for day in days if day[0] <= term.ends_on)
        ends = [after - timedelta(days=1) for after, _moment in days[1:]] + [term.ends_on]
        for (day, moment), end in zip(days, ends, strict=True):
            yield from pair.both(moment, day, min(end, day + SIX_WEEKS))


def reminders(pair: Pair) -> Iterator[Owed]:
    """Five and ten days after a question, to who has not answered; of two that were missed the last."""
    for asked in CheckIn.objects.filter(mentorship=pair.row, plan__isnull=False).select_related("user"):
        day = pair.local(asked.asked_at)
        open_until = asked.answered_at
        sent = 0
        for beat in pair.lived[bisect_left(pair.lived, day) :]:
            if beat > day + timedelta(days=14) or (open_until and open_until < evening(beat)):
                break
            number = sum(beat >= day + timedelta(days=days) for days in (5, 10))
            if number > sent and pair.going(beat):
                yield pair.owed("check_in_reminder", asked.role, day + timedelta(days=5 * number), beat)
                sent = number


def nudges(pair: Pair) -> Iterator[Owed]:
    """Ten days without a word, and the plan of the third week; after a fortnight nobody is nudged any more."""
    heard = CheckIn.objects.filter(mentorship=pair.row, word__in=["yes", "wrote"]).order_by("answered_at").first()
    heard_at = heard.answered_at if heard else None
    tenth = pair.met + timedelta(days=10)
    quiet = pair.first(tenth, tenth + FORTNIGHT, lambda beat: heard_at is None or evening(beat) <= heard_at)
    sides = {"mentee": ["mentee"]}.get(pair.program.first_contact, SIDES)
    if quiet:
        yield from (pair.owed("write_first", side, tenth, quiet) for side in sides)
    third_week = pair.met + timedelta(days=19)
    yield from pair.both("plan", third_week, third_week + FORTNIGHT)


def closing(pair: Pair) -> Iterator[Owed]:
    """A fortnight before the last day of the last term."""
    ends = pair.terms[-1].ends_on
    if (ends - pair.met).days > 28:
        yield from pair.both("closing", ends - FORTNIGHT, ends - timedelta(days=1))


def another_year(pair: Pair) -> Iterator[Owed]:
    """Asked at forty-five days, reminded at thirty, told at twenty: or at once when both said yes."""
    for term in pair.terms[: pair.program.max_extensions]:
        answers = list(Extension.objects.filter(term=term).select_related("user"))
        last = term.ends_on - timedelta(days=21)
        asked = list(pair.both("extend", term.ends_on - timedelta(days=45), last))
        yield from asked
        agreed = max((one.answered_at for one in answers if one.answered_at), default=None)
        if len(pair.terms) > term.number:
            on = agreed.astimezone(pair.zone).date()
            beat = next(beat for beat in pair.lived if on <= beat)
            yield from (pair.owed("extension_result", side, beat, beat) for side in SIDES)  # an act's own mail
        elif asked:
            told = term.ends_on - timedelta(days=20)
            yield from pair.both("extension_result", told, term.ends_on - timedelta(days=1))
        for one in answers:
            silent = lambda beat, at=one.answered_at: at is None or evening(beat) <= at  # noqa: E731
            thirtieth = term.ends_on - timedelta(days=30)
            if beat := pair.first(max(thirtieth, asked[0].leaves + timedelta(days=1)), last, silent):
                yield pair.owed("extend_reminder", one.role, thirtieth, beat)


def evaluations(pair: Pair) -> Iterator[Owed]:
    """Halfway while the pair is going; on the day after the last one whatever became of it, but not to who has left."""
    asked = set(Question.objects.filter(program=pair.program).values_list("moment", flat=True))
    for term in pair.terms:
        months = pair.program.midway_after_months
        half = plus(term.begins_on, months) if months and "midway" in asked else None
        if half and half <= term.ends_on - timedelta(days=28):
            yield from pair.both("midway", half, term.ends_on)
        after = term.ends_on + timedelta(days=1)
        beat = next((beat for beat in pair.lived if after <= beat <= after + SIX_WEEKS), None)
        if beat and "end" in asked:
            for side in SIDES:
                if not has_another(pair, side) and not has_left(pair, side):
                    yield pair.owed("evaluation", side, after, beat)


def has_another(pair: Pair, side: str) -> bool:
    later = {side: getattr(pair.row, side), "cycle": pair.row.cycle, "introduced_at__gt": pair.row.introduced_at}
    return pair.row.state == "ended" and Mentorship.objects.filter(**later).exists()


def has_left(pair: Pair, side: str) -> bool:
    return getattr(pair.row, f"{side}_application").state == Application.State.WITHDRAWN


def again(pair: Pair, answered: Mapping[int, date]) -> Iterator[Owed]:
    """A week and two after an evaluation was asked for, to who has not answered; of two that were missed the last."""
    for receipt in Receipt.objects.filter(term__mentorship=pair.row).select_related("user"):
        name, asked_on, sent = f"{FULL[receipt.moment]}_reminder", receipt.asked_on, 0
        for beat in pair.lived[bisect_left(pair.lived, asked_on) :]:
            if beat > receipt.closes_on or beat >= answered.get(receipt.pk, date.max):
                break
            number = sum(beat >= asked_on + timedelta(days=days) for days in (7, 14))
            if number > sent and (receipt.moment == "end" or pair.going(beat)):
                yield pair.owed(name, receipt.role, asked_on + timedelta(days=7 * number), beat)
                sent = number


def topics(pairs: list[Pair], lived: list[date]) -> Iterator[Owed]:
    """Each topic once to each person on either side who was in a going pair when beat came: in time, or late when beat
    was away for as long as it could have been in time."""
    by_cycle = defaultdict(list)
    for pair in pairs:
        by_cycle[pair.row.cycle_id].append(pair)
    for cycle, theirs in by_cycle.items():
        planned = list(CycleTopic.objects.filter(cycle=cycle, skipped=False))
        for side in SIDES:
            dated = sorted((getattr(one, f"{side}_on"), one.mentor_on, one.number) for one in planned)
            for place, (due, begun_by, _number) in enumerate(dated):
                following = dated[place + 1][0] if place + 1 < len(dated) else date.max
                in_time = min(due + FORTNIGHT, following - timedelta(days=1))
                away = not any(due <= beat <= in_time for beat in lived)
                last = due + SIX_WEEKS if away else in_time
                begun = [pair for pair in theirs if pair.met <= begun_by]
                if not begun and place == 0:
                    begun = [pair for pair in theirs if pair.met <= due + FORTNIGHT]
                people = defaultdict(list)
                for pair in begun:
                    people[pair.email[side]].append(pair)
                for email, held in people.items():
                    beats = [beat for pair in held if (beat := pair.first(due, last))]
                    if beats:
                        yield Owed("topic", email, due, min(beats), cycle)


TOGETHER = ("first_contact", "check_in", "check_in_reminder", "evaluation", "evaluation_reminder")
FULL = {"midway": "midway", "end": "evaluation"}
OF_A_PAIR = (check_ins, reminders, nudges, closing, another_year, evaluations)
NAMES = (
    "topic", "first_contact", "check_in", "check_in_reminder", "write_first", "plan", "closing", "extend", "extend_reminder",
    "extension_result", "midway", "midway_reminder", "evaluation", "evaluation_reminder",
)  # fmt: skip
