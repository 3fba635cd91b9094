"""What a made-up pair is asked about its year, and the mentor's letter; taken back by `mentoring.made_up`."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from evaluations import notices_letters, receipts
from evaluations.models import Receipt, ServiceLetter
from members import clock
from mentorships.models import Mentorship, Term
from programs.made_up import Two, person
from programs.models import Question, Role


def mails(two: Two, pair: Mentorship) -> None:
    """Halfway and at the end, as far as the program asks anything then; letters where mentors may have one."""
    term = pair.term()
    halfway = receipts.halfway(two.program, term)
    if halfway:
        _asked(two, term, Receipt.Moment.MIDWAY, halfway)
    _asked(two, term, Receipt.Moment.END, term.ends_on + timedelta(days=1))
    if two.program.service_letters:
        _letter(two, pair, term)


def _asked(two: Two, term: Term, moment: str, day: date) -> None:
    if not Question.objects.filter(program=two.program, moment=moment).exists():
        return
    for role in (Role.MENTEE, Role.MENTOR):
        with clock.at(two.morning(day)):
            receipt = receipts.ask(term, role, moment, at=clock.now())
        if receipt:
            with clock.at(two.morning(day + timedelta(days=receipts.REMINDERS[0]))):
                receipts.remind(receipt, 1)


def _letter(two: Two, pair: Mentorship, term: Term) -> None:
    """Asked for, told to those who sign, signed; or not."""
    asked = two.morning(term.ends_on - timedelta(days=21))
    served = {"begins_on": term.begins_on, "ends_on": term.ends_on}
    with clock.at(asked):
        made = {"user": pair.mentor, "name_on_it": str(pair.mentor), "asked_at": asked}
        letter = ServiceLetter.objects.create(mentorship=pair, **made, **served)
        signer = person("Chi", "Harper")
        notices_letters.letters_to_sign(two.program, [signer], 1, two.cycle.today())
    with clock.at(asked + timedelta(days=2)):
        letter.state, letter.code = ServiceLetter.State.SIGNED, "MADE-UP"
        notices_letters.letter_ready(letter)
        letter.state, letter.note = ServiceLetter.State.REFUSED, _("(the committee’s reason)")
        notices_letters.letter_not(letter)
